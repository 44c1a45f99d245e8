"""What each error of the rooms means for the one who typed the command: an exit code, a code for programs, a sentence."""

from __future__ import annotations

import errno
from typing import Final

from app.endpoints import NotDeclared
from app.exits import Ending, ExitCode, NotUpgraded, Refused
from app.importing.errors import ImportRefused
from app.secret_files import SecretFileError
from app.setting_kinds import SettingsError
from audit.error_words import words_of
from audit.errors import AuditError
from documents.inspecting import PartsAway
from documents.rendering.errors import FontMissing
from documents.search.errors import IndexUnavailable, InvalidQuery, SearchError
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
    NotPermitted,
    StorageError,
    StorageFailed,
    StorageKeyError,
)
from storage.objects.errors import ObjectDigestMismatch, ObjectStoreUnavailable, SealBroken
from workflow.errors import WorkflowError
from workflow.notices.errors import InvalidNotice, NoticeError, UnknownNotice

_PLAIN: tuple[tuple[type[Exception], ExitCode, str, str], ...] = (
    (PartsAway, ExitCode.UNAVAILABLE, "parser_unavailable", "讀檔程序暫時不可用，請稍後再試"),
    (FontMissing, ExitCode.UNAVAILABLE, "print_font_missing", "欠缺列印所需的字型；請安裝系統套件 fonts-noto-cjk"),
    (LogBusy, ExitCode.UNAVAILABLE, "log_busy", "日誌繁忙，請稍後再試"),
    (LogClosed, ExitCode.UNAVAILABLE, "log_closed", "日誌正在關閉，請稍後再試"),
    (CommitUnknown, ExitCode.UNAVAILABLE, "commit_unknown", "未能確定是否已寫入；請再試一次，同一事件不會寫入兩次"),
    (LogExists, ExitCode.REFUSED, "log_exists", "日誌已存在，不會另建"),
)
"""Whose sentence says it all."""

_STORAGE: tuple[tuple[type[Exception], ExitCode, str, str], ...] = (
    (IndexUnavailable, ExitCode.UNAVAILABLE, "search_unavailable", "搜尋索引暫時不可用，請稍後再試"),
    (StorageFailed, ExitCode.UNAVAILABLE, "storage_failed", "資料庫或密鑰庫無法使用"),
    (NotPermitted, ExitCode.NOT_SET_UP, "not_permitted", "資料庫的角色沒有所需權限；請資料庫管理員處理"),
    (NoLog, ExitCode.NOT_SET_UP, "no_log", "沒有可用的日誌"),
    (EventIdReused, ExitCode.REFUSED, "event_id_reused", "此事件編號已用於其他內容"),
    (NotFound, ExitCode.REFUSED, "not_found", "找不到所要求的項目"),
    (KeyMissing, ExitCode.NOT_SET_UP, "key_missing", "欠缺密鑰"),
    (KeyUnreadable, ExitCode.NOT_SET_UP, "key_unreadable", "密鑰無法讀取"),
    (StorageKeyError, ExitCode.REFUSED, "key_refused", "密鑰不獲接受"),
    (ObjectStoreUnavailable, ExitCode.UNAVAILABLE, "object_store_unavailable", "物件儲存庫暫時不可用，請稍後再試"),
    (SealBroken, ExitCode.FAULTS, "seal_broken", "封存的內容已損壞或遭更改"),
    (ObjectDigestMismatch, ExitCode.FAULTS, "object_digest_mismatch", "物件的摘要不符"),
)
_SMALL_ROOMS: tuple[tuple[type[Exception], str], ...] = (
    (NotDeclared, "設定所指的端點並未申報"),
    (WorkflowError, "此工作或排程不能如此處理"),
    (NoticeError, "此通知渠道或規則不能如此處理"),
    (SearchError, "未能如此搜尋"),
    (StorageError, "未能完成，沒有寫入任何內容"),
)


_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def ending_of(error: Exception) -> Ending | None:
    """What an error means to the caller, or None: then it is a fault of ours."""
    if isinstance(error, Refusal):
        exit_code = ExitCode.FAULTS if isinstance(error, CertificateBroken) else ExitCode.REFUSED
        return Ending(exit_code, error.code.value, str(error), error.told().zh)
    if isinstance(error, PolicyError):
        # Nobody signs in to a command but by `--as`.
        said = f"--as: {error}" if isinstance(error, NotAuthenticated) else str(error)
        zh = error.words().zh
        return Ending(ExitCode.REFUSED, error.code.value, said, f"{error.member}：{zh}" if error.member else zh)
    if isinstance(error, SettingsError | SecretFileError):
        return Ending(ExitCode.NOT_SET_UP, "settings", str(error), error.zh)
    if isinstance(error, Refused):
        return Ending(ExitCode.REFUSED, error.code, str(error), error.zh)
    if isinstance(error, ImportRefused):
        return Ending(ExitCode.REFUSED, _snake(type(error).__name__), str(error), error.words.zh)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        said = "the disk is full: free some space, then run it again; what was answered until then is durable"
        return Ending(ExitCode.UNAVAILABLE, "disk_full", said, "磁碟已滿：請騰出空間後再執行；之前已回覆的均已寫入")
    return _of_storage(error) or _of_small_rooms(error)


def _of_storage(error: Exception) -> Ending | None:
    if isinstance(error, NotUpgraded):
        return Ending(ExitCode.NOT_SET_UP, "not_upgraded", str(error), error.zh)
    for kind, exit_code, code, chinese in _PLAIN:
        if isinstance(error, kind):
            return Ending(exit_code, code, str(error), chinese)
    own = error.zh if isinstance(error, StorageError) else None
    for kind, exit_code, code, chinese in _STORAGE:
        if isinstance(error, kind):
            # What a database, a disk or a store of objects says is its own, and stays behind the sentence.
            return Ending(exit_code, code, str(error), own or f"{chinese}（{error}）")
    return None


def _of_small_rooms(error: Exception) -> Ending | None:
    """Errors that say themselves what is wrong; a sentence by their kind stands before what is said in English alone."""
    code, said = _snake(type(error).__name__), str(error)
    worded = InvalidNotice | UnknownNotice | InvalidQuery | WorkflowError | StorageError
    own = error.zh if isinstance(error, worded) else None
    if own is not None:
        return Ending(ExitCode.REFUSED, code, said, own)
    if isinstance(error, AuditError):
        return Ending(ExitCode.REFUSED, code, said, words_of(error).zh)
    for kind, chinese in _SMALL_ROOMS:
        if isinstance(error, kind):
            return Ending(ExitCode.REFUSED, code, said, f"{chinese}（{error}）")
    return None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
