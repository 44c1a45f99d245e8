"""Where what is true is kept: the SQL log, the database, the key store. All input and output below the policies.

- No change can be unlogged: `Log.commit` hands out the only write transactions.
- Concurrent changes share one transaction, and nobody is answered before the bytes are durable.
- The key store is another place than the database.
"""

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
