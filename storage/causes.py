"""What kind of fault a database met, for operators: its class and the driver's own code, and nothing that was written."""

from __future__ import annotations

from typing import Final

# The memory that readers of SQLite share is a file: it cannot be made larger where nothing is free.
_FULL: Final = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "53100"})


def kind_of(error: BaseException) -> str:
    """Such as `OperationalError (SQLITE_FULL, the disk is full)`; messages of drivers may quote values and are left out."""
    origin = getattr(error, "orig", None) or error
    code = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None)
    if code is None:
        return type(origin).__name__
    full = ", the disk is full" if code in _FULL else ""
    return f"{type(origin).__name__} ({code}{full})"
