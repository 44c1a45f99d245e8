"""`chopbook`: the command line.

Commands are loaded when they are asked for: the log is verified without a web framework, nothing but an import
pays for reading workbooks, and the first help loads none.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import rich_click as click
from click.exceptions import Abort, ClickException

from app.commands.base import common
from app.commands.listed import COMMANDS
from app.exits import Ending, ExitCode
from app.usage import WrongUsage, asks_for_chinese, usage_zh
from app.version import chopbook_version

click.rich_click.SHOW_ARGUMENTS = True
click.rich_click.MAX_WIDTH = 100

_LISTING: Final = "chopbook.listing"


class LazyGroup(click.RichGroup):
    """A group whose commands are imported when somebody asks for them."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs a command line; a wrong one, too, ends as JSON with `--json`, and in Chinese where that was chosen."""
        arguments = sys.argv[1:] if args is None else list(args)
        as_json = "--json" in arguments
        ours = standalone_mode and (as_json or asks_for_chinese(arguments))
        try:
            exit_code = super().main(
                arguments,
                prog_name,
                complete_var,
                standalone_mode=standalone_mode and not ours,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except ClickException as error:
            # Only what was not shown yet comes here.
            if not ours:
                raise
            _fail(error, as_json=as_json)
            sys.exit(error.exit_code)
        except Abort:
            if not ours:
                raise
            if not as_json:
                click.echo("已中止。", err=True)
            sys.exit(1)
        if ours:
            sys.exit(exit_code)
        return exit_code

    def format_help(self, ctx: click.RichContext, formatter: click.RichHelpFormatter) -> None:  # type: ignore[override]
        """The first help, made of what is listed."""
        ctx.meta[_LISTING] = True
        super().format_help(ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; while the help is made, only what is listed of it."""
        listed = COMMANDS.get(cmd_name)
        if listed is None:
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            if near:
                msg = f"No such command '{cmd_name}'; did you mean '{near[0]}'?"
                raise WrongUsage(msg, f"沒有 {cmd_name} 這個命令；你是指 {near[0]} 嗎？", ctx)
            return None
        if ctx.meta.get(_LISTING):
            return click.Command(cmd_name, help=listed.about)
        module, _, name = listed.place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


def _fail(error: ClickException, *, as_json: bool) -> None:
    from app.commands.output import Language, Output  # noqa: PLC0415  once something is wrong

    ending = Ending(ExitCode(error.exit_code), "usage", error.format_message(), usage_zh(error))
    Output(as_json=as_json, quiet=False, language=Language.ZH).fail(ending)


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
