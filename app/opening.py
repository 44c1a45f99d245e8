"""The log that the settings name, without the rooms: made on purpose, opened, closed.

Opening never creates a log: `set_up` does, for `log create` and `demo`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from app.clock import system_clock, system_entropy
from app.exits import NotUpgraded
from app.ring import ring_of
from app.secret_files import create_secret_file, write_root_key
from app.setting_kinds import SettingsError
from app.settings import Settings
from app.settings_table import DEFAULT_ORIGIN
from audit.words import Words
from migrations.revisions import current_revision, newest_revision
from storage import Database, Storage, create_log, open_storage
from storage.errors import NoLog
from storage.opening import require_tables
from storage.reading import require_begun

Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]

SQLITE: Final = "sqlite:///"


@contextmanager
def open_log(
    settings: Settings, *, clock: Clock = system_clock, entropy: Entropy = system_entropy
) -> Iterator[Storage]:
    """Opens the log that the settings name, and closes it again whatever happens.

    Raises:
        NoLog: there is none, or its tables are missing.
        NotUpgraded: its tables are those of another version.
        SettingsError: the root key is missing or open to others; the log has another name than the settings say.
        StorageFailed: the database or the key store cannot be used.
    """
    _require_something(settings)
    root_key = settings.root_key()
    _require_schema(settings.database_url)
    opened = open_storage(
        settings.database_url,
        settings.keystore_url,
        root_key,
        clock=clock,
        entropy=entropy,
        queue_size_max=settings.queue_size_max,
        batch_size_max=settings.group_size_max,
        publish_interval_s=settings.checkpoint_interval_s,
        ring=ring_of(settings),
    )
    with closing(opened) as storage:
        _require_origin(settings.log_origin, storage.log.origin)
        yield storage


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The log's database alone, for what must read it in whatever state somebody left it: no key is asked for.

    Raises:
        NoLog: there is none, and nothing left of one.
        NotUpgraded: its tables are those of another version.
        StorageFailed: the database cannot be used.
    """
    _require_something(settings)
    _require_schema(settings.database_url)
    with closing(Database(settings.database_url)) as database:
        require_tables(database)
        with database.read() as connection:
            require_begun(connection)
        yield database


def set_up(settings: Settings, *, clock: Clock = system_clock, entropy: Entropy = system_entropy) -> None:
    """Makes what a new log needs and is not there yet: folders, root key, token secret, tables; then the log.

    Raises:
        LogExists: the database holds a log already.
        SecretFileError: a secret file cannot be written.
        StorageFailed: the database or the key store cannot be used.
    """
    prepare(settings, entropy=entropy)
    create_log(
        settings.database_url,
        settings.keystore_url,
        settings.root_key(),
        origin=settings.log_origin,
        clock=clock,
        entropy=entropy,
        ring=ring_of(settings),
    )


def prepare(settings: Settings, *, entropy: Entropy = system_entropy) -> None:
    """Makes folders, secrets and tables; what is there already stays as it is."""
    settings.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    for url in (settings.database_url, settings.keystore_url):
        if url.startswith(SQLITE):
            Path(url.removeprefix(SQLITE)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.root_key_file.exists():
        write_root_key(settings.root_key_file, entropy, settings.root_key_passphrase_file)
    if settings.jwt_mode == "hs256" and not settings.jwt_secret_file.exists():
        create_secret_file(settings.jwt_secret_file, entropy)
    from migrations.upgrading import upgrade  # noqa: PLC0415  where tables are made, and nowhere else

    upgrade(settings.database_url)


def _require_something(settings: Settings) -> None:
    """Where nothing was ever begun there is a better message than a missing key, and no empty file is left behind."""
    url = settings.database_url
    if not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).exists():
        return
    if settings.root_key_file.exists():
        msg = (
            f"{url.removeprefix(SQLITE)}: expected the log's database, got none; name the right one with "
            "CHOPBOOK_DATABASE_URL, restore it, or start a new log with `chopbook log create`"
        )
        raise NoLog(
            msg,
            f"{url.removeprefix(SQLITE)}：沒有日誌的資料庫；請以 CHOPBOOK_DATABASE_URL 指明、由備份還原，或以 chopbook log create 開始新的日誌",
        )
    msg = (
        f"{settings.data_dir}: expected a log, got none; start one with `chopbook log create`, try `chopbook demo`, "
        "or name another folder with --data-dir"
    )
    raise NoLog(
        msg,
        f"{settings.data_dir}：沒有日誌；請以 chopbook log create 開始、試用 chopbook demo，或以 --data-dir 指明另一資料夾",
    )


def _require_origin(named: str, found: str) -> None:
    """A log that was given a name in the settings is that log, and not another one under the same address."""
    if named not in {DEFAULT_ORIGIN, found}:
        words = Words(
            f"CHOPBOOK_LOG_ORIGIN 必須是 {found}，即現有日誌永久的名稱，或不寫；現為 {named}。"
            "否則 CHOPBOOK_DATABASE_URL 所指的並非你想要的日誌。",
            f"CHOPBOOK_LOG_ORIGIN must be {found}, as the log that is there is called for ever, or left out; "
            f"it is {named}. Or CHOPBOOK_DATABASE_URL names another log than you meant.",
        )
        raise SettingsError((words,))


def _require_schema(url: str) -> None:
    found, newest = current_revision(url), newest_revision()
    # An empty database has its own, better message.
    if found is not None and found != newest:
        raise NotUpgraded(found, newest)
