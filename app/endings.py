"""What each error of the rooms means for the one who typed the command: an exit code, a code for programs, a sentence."""

from __future__ import annotations

from app.endpoints import NotDeclared
from app.exits import Ending, ExitCode, NotUpgraded, Refused
from app.importing.errors import ImportRefused
from app.secret_files import SecretFileError
from app.setting_kinds import SettingsError
from audit.errors import AuditError
from documents.inspecting import PartsAway
from documents.rendering.errors import FontMissing
from documents.search.errors import IndexUnavailable, SearchError
from policies.errors import NotAuthenticated, PolicyError
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
from workflow.notices.errors import InvalidNotice, NoticeError

_STORAGE: tuple[tuple[type[Exception], ExitCode, str], ...] = (
    (NotUpgraded, ExitCode.NOT_SET_UP, "not_upgraded"),
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
        return Ending(exit_code, error.code.value, str(error), error.told().zh)
    if isinstance(error, PolicyError):
        # Nobody signs in to a command but by `--as`.
        said = f"--as: {error}" if isinstance(error, NotAuthenticated) else str(error)
        return Ending(ExitCode.REFUSED, error.code.value, said, error.words().zh)
    if isinstance(error, SettingsError | SecretFileError):
        return Ending(ExitCode.NOT_SET_UP, "settings", str(error), error.zh)
    if isinstance(error, Refused):
        return Ending(ExitCode.REFUSED, error.code, str(error), error.zh)
    if isinstance(error, ImportRefused | NotDeclared | AuditError | WorkflowError):
        zh = error.words.zh if isinstance(error, ImportRefused) else None
        return Ending(ExitCode.REFUSED, _snake(type(error).__name__), str(error), zh)
    for kind, exit_code, code in _STORAGE:
        if isinstance(error, kind):
            return Ending(exit_code, code, str(error))
    if isinstance(error, StorageError | SearchError | NoticeError):
        zh = error.zh if isinstance(error, InvalidNotice) else None
        return Ending(ExitCode.REFUSED, _snake(type(error).__name__), str(error), zh)
    return None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
