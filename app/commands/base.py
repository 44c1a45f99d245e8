"""What every command has: settings, an opened house, an answer, and an end with the right exit code.

    @group.command("list")
    @command
    def list_stores(run: Run) -> ExitCode:
        with run.house() as house: ...

- `--json`, `--quiet`, `--language`, `--settings` and `--data-dir` stand before or after the command's name.
- An error of a room ends the command with one sentence and its exit code (`app.exits`), never a traceback.
- Rooms are imported when a command opens them, and what their errors mean when there is one: a command pays for what it uses.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

import rich_click as click
from click.exceptions import Abort, ClickException, Exit

from app.clock import system_clock, system_entropy
from app.commands.listed import COMMANDS
from app.exits import Ending, ExitCode, Refused

if TYPE_CHECKING:
    from app.commands.output import Output
    from app.settings import Settings
    from app.wiring import House
    from policies.model import Principal, Role
    from storage import Database, Storage

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])

_KEY: Final = "chopbook.options"


@dataclass(slots=True)
class Options:
    """What was said before or after the command's name."""

    as_json: bool = False
    quiet: bool = False
    language: str | None = None
    settings_file: Path | None = None
    data_dir: Path | None = None


@dataclass(slots=True)
class Run:
    """One command at work."""

    options: Options
    overrides: dict[str, str] = field(default_factory=dict)
    _settings: Settings | None = None

    @property
    def out(self) -> Output:
        """Where the answer goes."""
        from app.commands.output import Output, language_of  # noqa: PLC0415  once there is an answer

        return Output(self.options.as_json, self.options.quiet, language_of(self.options.language))

    @property
    def settings(self) -> Settings:
        """The settings, checked; read once.

        Raises:
            SettingsError: with every mistake found.
        """
        if self._settings is None:
            from app.logs import set_up_logging  # noqa: PLC0415  once a command needs them
            from app.settings import load_settings  # noqa: PLC0415

            environ = dict(os.environ)
            if self.options.data_dir is not None:
                environ["CHOPBOOK_DATA_DIR"] = str(self.options.data_dir)
            environ |= self.overrides
            self._settings = load_settings(environ, self.options.settings_file)
            set_up_logging(self._settings.log_level, self._settings.log_format)
        return self._settings

    def listen_at(self, host: str | None, port: int | None) -> None:
        """Lets an address of the command line win over the settings; None leaves what they say."""
        if host is not None:
            self.overrides["CHOPBOOK_HOST"] = host
        if port is not None:
            self.overrides["CHOPBOOK_PORT"] = str(port)
        self._settings = None

    def forget_settings(self) -> None:
        """Lets the settings and their files be read again: one of them was changed."""
        self._settings = None

    def now(self) -> datetime:
        """The moment."""
        return system_clock()

    def new_id(self) -> UUID:
        """A fresh event id."""
        return UUID(bytes=system_entropy(16), version=4)

    @contextmanager
    def log(self) -> Iterator[Storage]:
        """The opened log alone, for what asks no room and no policy."""
        from app.opening import open_log  # noqa: PLC0415  once a command opens it

        with open_log(self.settings) as storage:
            yield storage

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The log's database alone, for what looks at it in whatever state it is."""
        from app.opening import open_database  # noqa: PLC0415  once a command opens it

        with open_database(self.settings) as database:
            yield database

    @contextmanager
    def house(self) -> Iterator[House]:
        """The opened log with all rooms; what is denied in the block is in the log before the command ends."""
        from app.wiring import open_house  # noqa: PLC0415  once a command opens it
        from policies.errors import Denied, NotAuthenticated  # noqa: PLC0415

        with open_house(self.settings) as house:
            try:
                yield house
            except Denied as denied:
                change = house.policies.record_denial(denied.decision, now=house.clock())
                if change is not None:
                    house.storage.log.commit(change)
                raise
            except NotAuthenticated as failure:
                house.policies.record_failed_sign_in(failure, now=house.clock())
                raise


def common(function: F) -> F:
    """Adds the options that every command and group knows."""
    options = (
        click.option(
            "--json", "as_json", is_flag=True, expose_value=False, callback=_keep("as_json"), help="Answer in JSON."
        ),
        click.option(
            "--quiet", is_flag=True, expose_value=False, callback=_keep("quiet"), help="No progress, no notes."
        ),
        click.option(
            "--language",
            type=click.Choice(["en", "zh"]),
            expose_value=False,
            callback=_keep("language"),
            help="Language of messages that have two; default: from LANG.",
        ),
        click.option(
            "--settings",
            "settings_file",
            type=click.Path(dir_okay=False, path_type=Path),
            expose_value=False,
            callback=_keep("settings_file"),
            help="A TOML file of settings (see docs/settings.md).",
        ),
        click.option(
            "--data-dir",
            type=click.Path(file_okay=False, path_type=Path),
            expose_value=False,
            callback=_keep("data_dir"),
            help="Where Chopbook keeps its data; the same as CHOPBOOK_DATA_DIR.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def group(name: str) -> Callable[[Callable[[], None]], click.Group]:
    """Makes a listed group of commands, which knows the options that every command knows."""

    def decorate(function: Callable[[], None]) -> click.Group:
        made: click.Group = click.group(name, help=COMMANDS[name].about)(common(function))
        return made

    return decorate


_STOPPED: Final = Ending(
    ExitCode.INTERRUPTED,
    "interrupted",
    "stopped; what was done until then is durable: run it again to take it up",
    "已中止；之前已完成的均已寫入，可再執行以繼續",
)


def command(function: Callable[Concatenate[Run, P], ExitCode | None]) -> Callable[P, None]:
    """Makes a command of a function from a `Run` to an exit code (None: ok)."""

    @common
    @click.pass_context
    @functools.wraps(function)
    def wrapped(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> None:
        run = Run(options_of(context))
        try:
            exit_code = function(run, *args, **kwargs) or ExitCode.OK
        except (ClickException, Exit, Abort):
            raise
        except KeyboardInterrupt:
            exit_code = ExitCode.INTERRUPTED
            run.out.fail(_STOPPED)
        except BrokenPipeError:
            # The reader of our output went away, as `| head` does; nothing is wrong.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            exit_code = ExitCode.OK
        except Exception as error:  # noqa: BLE001  whatever a room raises becomes a sentence and an exit code
            exit_code = _end(run, error)
        context.exit(int(exit_code))

    return wrapped


def options_of(context: click.Context) -> Options:
    """The options said anywhere on this command line."""
    found: Options = context.meta.setdefault(_KEY, Options())
    return found


def acting_principal(house: House, principal_id: str | None, role: Role) -> Principal:
    """Who a command acts as: the person named by `--as`, else the system itself in the role the command needs.

    Raises:
        NotAuthenticated: there is no such person, or the account is closed.
    """
    if principal_id is None:
        return house.policies.local_principal(role)
    return house.policies.local_person(principal_id)


as_option = click.option(
    "--as", "principal_id", metavar="PRINCIPAL", help="Act as this person (their id); default: the system itself."
)


def parse_time_option(text: str) -> datetime:
    """A moment from the command line.

    Raises:
        Refused: it is none, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"time: expected one like 2026-11-22T12:00:00+08:00, got {text!r}"
        raise Refused(msg, f"時間：須如 2026-11-22T12:00:00+08:00，現為 {text!r}") from error
    if moment.tzinfo is None:
        msg = f"time: expected one with a zone, such as +08:00, got {text!r}"
        raise Refused(msg, f"時間：須帶有時區，例如 +08:00，現為 {text!r}")
    return moment


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        # Said after the command's name wins; not said there leaves what was said before it.
        if value:
            setattr(options_of(context), name, value)
        return value

    return callback


def _end(run: Run, error: Exception) -> ExitCode:
    from app.endings import ending_of  # noqa: PLC0415  every room's errors, once there is one

    ending = ending_of(error)
    if ending is None:
        # Its text may quote anything, so it goes to the log of the operator who asked for that, not to the screen.
        logging.getLogger("chopbook.cli").debug("internal error", exc_info=error)
        ending = Ending(
            ExitCode.INTERNAL,
            "internal",
            f"a fault of Chopbook's own ({type(error).__name__}); set CHOPBOOK_LOG_LEVEL=debug to see where",
            f"Chopbook 本身的錯誤（{type(error).__name__}）；設定 CHOPBOOK_LOG_LEVEL=debug 可查看位置",
        )
    run.out.fail(ending)
    return ending.exit_code
