"""`chopbook`: the command line."""

from __future__ import annotations

import sys

import rich_click as click

from app.commands.base import common
from app.commands.database import db_group
from app.commands.demo import demo
from app.commands.importing import import_group
from app.commands.keys import key_group, keystore_group, token_group
from app.commands.log import log_group
from app.commands.organisation import area_group, store_group
from app.commands.people import client_group, user_group
from app.commands.serving import serve_command, worker_command
from app.commands.verifying import verify
from app.version import chopbook_version

click.rich_click.SHOW_ARGUMENTS = True
click.rich_click.MAX_WIDTH = 100


@click.group(
    help="Chopbook: a tamper-evident log of every stock movement. 倉存變動，有印為憑。",
    epilog="Exit codes: 0 ok, 1 faults or rejected rows were found, 2 usage, 3 input refused, 4 unavailable (try again), "
    "5 not set up, 70 a fault of Chopbook's own, 130 interrupted. See docs/cli.md.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(chopbook_version(), prog_name="chopbook")
@common
def cli() -> None:
    """Everything Chopbook does from a terminal."""


for group in (
    log_group,
    import_group,
    user_group,
    client_group,
    key_group,
    token_group,
    area_group,
    store_group,
    keystore_group,
    db_group,
    demo,
    serve_command,
    worker_command,
):
    cli.add_command(group)
log_group.add_command(verify)


def main() -> None:
    """The console script."""
    # A terminal that is not UTF-8 shows question marks instead of breaking the command off.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    cli(prog_name="chopbook")
