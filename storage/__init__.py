"""Where what is true is kept: the SQL log, the database, the key store. All input and output below the policies.

- No change can be unlogged: `Log.commit` hands out the only write transactions.
- Concurrent changes share one transaction, and nobody is answered before the bytes are durable.
- The key store is another place than the database.
- Names here are loaded when they are first asked for: a process that reads a spool has no use for SQL, nor any way to it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from storage.database import Database
    from storage.errors import StorageError
    from storage.keystore import KeyStore
    from storage.log import Log
    from storage.model import Committed, Head, Receipt
    from storage.opening import Storage, create_log, open_storage, rotate_key
    from storage.personal import ERASED, Erased, PersonalField
    from storage.rows import KeyedRows
    from storage.transaction import Change, Operation, Transaction

__all__ = [
    "ERASED",
    "Change",
    "Committed",
    "Database",
    "Erased",
    "Head",
    "KeyStore",
    "KeyedRows",
    "Log",
    "Operation",
    "PersonalField",
    "Receipt",
    "Storage",
    "StorageError",
    "Transaction",
    "create_log",
    "open_storage",
    "rotate_key",
]

_HOMES: Final = {
    "Change": "transaction",
    "Committed": "model",
    "Database": "database",
    "ERASED": "personal",
    "Erased": "personal",
    "Head": "model",
    "KeyStore": "keystore",
    "KeyedRows": "rows",
    "Log": "log",
    "Operation": "transaction",
    "PersonalField": "personal",
    "Receipt": "model",
    "Storage": "opening",
    "StorageError": "errors",
    "Transaction": "transaction",
    "create_log": "opening",
    "open_storage": "opening",
    "rotate_key": "opening",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A name from its module, which is loaded now."""
        if name not in _HOMES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found
