"""`chopbook`: the command line.

Commands are loaded when they are asked for: the log is verified without a web framework, and nothing but an import
pays for reading workbooks.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import rich_click as click

from app.commands.base import common
from app.version import chopbook_version

if TYPE_CHECKING:
    from collections.abc import Mapping

click.rich_click.SHOW_ARGUMENTS = True
click.rich_click.MAX_WIDTH = 100

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "app.commands.demo:demo",
        "serve": "app.commands.serving:serve_command",
        "worker": "app.commands.serving:worker_command",
        "log": "app.commands.log:log_group",
        "import": "app.commands.importing:import_group",
        "ocr": "app.commands.documents:ocr_group",
        "search": "app.commands.searching:search_command",
        "index": "app.commands.searching:index_group",
        "stock": "app.commands.stock:stock_group",
        "lots": "app.commands.lots:lots_group",
        "notices": "app.commands.notices:notices_group",
        "retention": "app.commands.retention:retention_group",
        "hold": "app.commands.holds:hold_group",
        "case": "app.commands.cases:case_group",
        "breach": "app.commands.cases:breach_group",
        "area": "app.commands.organisation:area_group",
        "store": "app.commands.organisation:store_group",
        "user": "app.commands.people:user_group",
        "client": "app.commands.people:client_group",
        "key": "app.commands.keys:key_group",
        "token": "app.commands.keys:token_group",
        "grant": "app.commands.grants:grant_group",
        "glass": "app.commands.glass:glass_group",
        "policy": "app.commands.policy:policy_group",
        "residency": "app.commands.residency:residency_group",
        "keystore": "app.commands.keystore:keystore_group",
        "documents": "app.commands.documents:documents_group",
        "disposal": "app.commands.disposal:disposal_group",
        "objects": "app.commands.objects:objects_group",
        "lock-mode": "app.commands.lock_modes:mode_group",
        "db": "app.commands.database:db_group",
    }
)
"""Where each command is, in the order of the help."""


class LazyGroup(click.RichGroup):
    """A group whose commands are imported when somebody asks for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            if near:
                ctx.fail(f"No such command '{cmd_name}'; did you mean '{near[0]}'?")
            return None
        module, _, name = place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(
    cls=LazyGroup,
    help="Chopbook: a tamper-evident log of every stock movement. 倉存變動，有印為憑。",
    epilog="Exit codes: 0 ok, 1 faults or rejected rows were found, 2 usage, 3 input refused, 4 unavailable (try again), "
    "5 not set up, 70 a fault of Chopbook's own, 130 interrupted. See docs/cli.md.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(chopbook_version(), prog_name="chopbook")
@common
def cli() -> None:
    """Everything Chopbook does from a terminal."""


def main() -> None:
    """The console script."""
    # A terminal that is not UTF-8 shows question marks instead of breaking the command off.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    cli(prog_name="chopbook")
