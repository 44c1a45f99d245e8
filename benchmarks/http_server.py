"""One server process for `benchmarks.http`: the real one, or the same one that answers without the log.

    python -m benchmarks.http_server DATA_DIR DATABASE_URL SOCKET_FD [--without-log]

Both are `app.server.serve` on the same rooms and settings: uvicorn with uvloop and httptools. Without the log, everything
happens but the commit: signing in, counting the call, parsing, deciding, building the change, shaping the answer. The
answer is that of one adjustment which was committed before the first request.
"""

from __future__ import annotations

import argparse
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from api.services import Services
from app.server import build_services, serve
from app.settings import Settings, load_settings
from app.wiring import House, open_house
from benchmarks.ground import clock
from benchmarks.shop import sale
from policies.model import Role
from storage import Change, Committed

T = TypeVar("T")


def settings_of(data_dir: Path, database_url: str) -> Settings:
    """How both servers are set: by default, but for where they keep things."""
    return load_settings({"CHOPBOOK_DATA_DIR": str(data_dir), "CHOPBOOK_DATABASE_URL": database_url})


def without_log(house: House, services: Services) -> Services:
    """The same services, whose every commit is answered at once with one and the same receipt."""
    till = house.policies.local_principal(Role.API_CLIENT)
    committed: Committed[Any] = house.storage.log.commit(house.stock.adjust(till, sale(0), now=clock()))

    async def commit(change: Change[T]) -> Committed[T]:
        return committed

    return replace(services, commit=commit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("database_url")
    parser.add_argument("socket_fd", type=int)
    parser.add_argument("--without-log", action="store_true")
    asked = parser.parse_args()
    with open_house(settings_of(asked.data_dir, asked.database_url)) as house:
        services = build_services(house)
        if asked.without_log:
            services = without_log(house, services)
        serve(house, socket.socket(fileno=asked.socket_fd), services)


if __name__ == "__main__":
    main()
