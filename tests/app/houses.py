"""The house as the commands have it, on a world of the tests; and `chopbook` as a shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.cases import cases_of
from app.documents import Children
from app.endpoints import gate_of
from app.opening import set_up
from app.retention import retention_of
from app.settings import load_settings
from app.telling import notices_of, search_index_of
from app.wiring import House, open_house
from documents.certificates import CertificatePrinter
from documents.parts import picturing_sandbox
from documents.retaining.sources import DocumentRecords
from documents.service import Means
from policies.model import Role, ScopeKind
from policies.rules import scopes_of
from retention.disposal.service import Disposals
from retention.locks.modes import ModeMeans
from retention.locks.service import Locks
from storage.objects import Spool, Vault
from tests.documents.archive import room_of
from tests.forks import run_command
from tests.objects import MemoryStore
from tests.stock.shop import Shop
from workflow.schedules.service import Schedules
from workflow.service import Queue

if TYPE_CHECKING:
    from app.settings import Settings

ROOT = Path(__file__).parents[2]


def house_of(shop: Shop, directory: Path) -> House:
    """Every room of the shop's world, as `open_house` gives them."""
    world = shop.world
    settings = load_settings({"CHOPBOOK_DATA_DIR": str(directory / "data")})
    storage = world.storage
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    vault = Vault(MemoryStore(world.clock), storage.keys, world.entropy)
    spool = Spool(settings.data_dir / "spool", storage.keys, world.entropy)
    queue = Queue(storage.database)
    means = Means(storage.database, storage.log, shop.policies, shop.stock, queue, vault, world.clock, world.entropy)
    search = search_index_of(settings)
    retention = retention_of(storage, shop.policies, queue, grace_days=settings.retention_grace_days)
    gate = gate_of(settings, shop.policies, clock=world.clock)
    documents = room_of(means, spool)
    return House(
        settings=settings,
        storage=storage,
        policies=shop.policies,
        stock=shop.stock,
        queue=queue,
        schedules=Schedules(storage.database, storage.log, queue),
        retention=retention,
        vault=vault,
        spool=spool,
        documents=documents,
        children=Children.of(settings),
        cases=cases_of(means, documents, retention, storage.keys, search),
        search=search,
        notices=notices_of(settings, storage, shop.policies, gate, clock=world.clock, entropy=world.entropy),
        gate=gate,
        disposals=Disposals(
            storage.database, storage.log, shop.policies, queue, retention, documents, clock=world.clock
        ),
        printer=CertificatePrinter(picturing_sandbox(1)),
        locks=Locks(
            ModeMeans(storage.database, storage.log, shop.policies, queue, retention, DocumentRecords(), world.clock),
            vault.store,
            entropy=world.entropy,
        ),
        clock=world.clock,
        entropy=world.entropy,
    )


def key_of_a_scanner(settings: Settings) -> str:
    """Sets a log up with the standard classes of documents; the key of a client of the whole organisation."""
    set_up(settings)
    with open_house(settings) as house:
        commit, policies = house.storage.log.commit, house.policies
        operator = policies.local_principal(Role.OPERATOR)
        commit(house.documents.create_standard_classes(operator, event_id=uuid4()))
        client = commit(policies.create_api_client(operator, label="scanner", event_id=uuid4())).result
        assert client is not None
        commit(policies.assign(operator, client.id, ScopeKind.ALL, "", event_id=uuid4()))
        scopes = sorted(scopes_of(Role.API_CLIENT))
        issued = commit(
            policies.issue_key(operator, client.id, scopes=scopes, rate_per_minute=100_000, event_id=uuid4())
        ).result
        assert issued is not None
        return issued.secret


class Shell:
    """Runs commands in processes of their own, on a data folder of their own."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.data_dir = data_dir
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHOPBOOK_")}
        self.environ = {**kept, "CHOPBOOK_DATA_DIR": str(data_dir), "LC_ALL": "C.UTF-8", **environ}

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of a process."""
        program = "import sys; from app.cli import main; main()"
        return [sys.executable, "-c", program, *map(str, arguments)]

    def run(self, *arguments: str | Path, exit_code: int = 0, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, which must be as expected."""
        done = run_command([*map(str, arguments)], environ=self.environ, directory=ROOT, stdin=stdin)
        assert done.returncode == exit_code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str | Path, exit_code: int = 0) -> Any:
        """Runs a command with --json and reads its answer."""
        return json.loads(self.run(*arguments, "--json", exit_code=exit_code).stdout)

    def start(self, *arguments: str | Path, **pipes: Any) -> subprocess.Popen[str]:
        """Starts a command that stays."""
        return subprocess.Popen(self.command(*arguments), cwd=ROOT, env=self.environ, text=True, **pipes)


def lines_of(rows: Sequence[Sequence[object]]) -> str:
    """Rows without a comma as CSV."""
    return "".join(",".join(str(value) for value in row) + "\n" for row in rows)
