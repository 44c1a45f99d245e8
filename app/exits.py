"""How a command ends: exit codes, and what each error of the rooms means for the one who typed the command.

| code | name          | means                                                                                    |
|------|---------------|------------------------------------------------------------------------------------------|
| 0    | ok            | done                                                                                     |
| 1    | faults        | done, and something was found: a fault of the log, rows that could not be taken          |
| 2    | usage         | the command line itself is wrong                                                         |
| 3    | refused       | the input is wrong, not allowed, or contradicts what is recorded; nothing was written    |
| 4    | unavailable   | the log, its database or its keys cannot be reached, or are busy: try again              |
| 5    | not_set_up    | settings are wrong, or there is no log, table or key yet: the message says what to do    |
| 70   | internal      | a fault of Chopbook's own                                                                |
| 130  | interrupted   | stopped by Ctrl-C; what was done until then is durable, and can be taken up again        |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from app.endpoints import NotDeclared
from app.importing.errors import ImportRefused
from app.secret_files import SecretFileError
from app.setting_kinds import SettingsError
from audit.errors import AuditError
from documents.inspecting import PartsAway
from documents.rendering.errors import FontMissing
from documents.search.errors import IndexUnavailable, SearchError
from policies.errors import PolicyError
from policies.refusals import Refusal
from retention.disposal.errors import CertificateBroken
from storage.errors import (
    CommitUnknown,
    EventIdReused,
    KeyMissing,
    KeyUnreadable,
    LogBusy,
    LogClosed,
    LogExists,
    NoLog,
    NotFound,
    StorageError,
    StorageFailed,
    StorageKeyError,
)
from storage.objects.errors import ObjectDigestMismatch, ObjectStoreUnavailable, SealBroken
from workflow.errors import WorkflowError
from workflow.notices.errors import NoticeError


class ExitCode(IntEnum):
    """What the shell sees."""

    OK = 0
    FAULTS = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    NOT_SET_UP = 5
    INTERNAL = 70
    INTERRUPTED = 130


class Refused(Exception):
    """A command's own refusal of its input."""


class NotUpgraded(Exception):
    """The database has another schema than this Chopbook."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(
            f"database: expected schema {expected}, got {found}; bring it up to date with: chopbook db upgrade"
        )


@dataclass(frozen=True, slots=True)
class Ending:
    """What an error means: exit code, a stable code for programs, a sentence in each language."""

    exit_code: ExitCode
    code: str
    en: str
    zh: str | None = None


_STORAGE: tuple[tuple[type[Exception], ExitCode, str], ...] = (
    (PartsAway, ExitCode.UNAVAILABLE, "parser_unavailable"),
    (FontMissing, ExitCode.UNAVAILABLE, "print_font_missing"),
    (IndexUnavailable, ExitCode.UNAVAILABLE, "search_unavailable"),
    (LogBusy, ExitCode.UNAVAILABLE, "log_busy"),
    (LogClosed, ExitCode.UNAVAILABLE, "log_closed"),
    (CommitUnknown, ExitCode.UNAVAILABLE, "commit_unknown"),
    (StorageFailed, ExitCode.UNAVAILABLE, "storage_failed"),
    (NoLog, ExitCode.NOT_SET_UP, "no_log"),
    (LogExists, ExitCode.REFUSED, "log_exists"),
    (EventIdReused, ExitCode.REFUSED, "event_id_reused"),
    (NotFound, ExitCode.REFUSED, "not_found"),
    (KeyMissing, ExitCode.NOT_SET_UP, "key_missing"),
    (KeyUnreadable, ExitCode.NOT_SET_UP, "key_unreadable"),
    (StorageKeyError, ExitCode.REFUSED, "key_refused"),
    (ObjectStoreUnavailable, ExitCode.UNAVAILABLE, "object_store_unavailable"),
    (SealBroken, ExitCode.FAULTS, "seal_broken"),
    (ObjectDigestMismatch, ExitCode.FAULTS, "object_digest_mismatch"),
)


def ending_of(error: Exception) -> Ending | None:
    """What an error means to the caller, or None: then it is a fault of ours."""
    if isinstance(error, Refusal):
        exit_code = ExitCode.FAULTS if isinstance(error, CertificateBroken) else ExitCode.REFUSED
        return Ending(exit_code, error.code.value, str(error), error.sentence().zh)
    if isinstance(error, PolicyError):
        return Ending(ExitCode.REFUSED, error.code.value, str(error), error.words().zh)
    if isinstance(error, SettingsError | SecretFileError):
        return Ending(ExitCode.NOT_SET_UP, "settings", str(error))
    if isinstance(error, NotUpgraded):
        return Ending(ExitCode.NOT_SET_UP, "not_upgraded", str(error))
    if isinstance(error, Refused | NotDeclared | ImportRefused | AuditError | WorkflowError):
        return Ending(ExitCode.REFUSED, _snake(type(error).__name__), str(error))
    for kind, exit_code, code in _STORAGE:
        if isinstance(error, kind):
            return Ending(exit_code, code, str(error))
    if isinstance(error, StorageError | SearchError | NoticeError):
        return Ending(ExitCode.REFUSED, _snake(type(error).__name__), str(error))
    return None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
