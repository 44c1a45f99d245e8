"""Objects: bytes too large for the log, sealed before they leave this machine, in any store that speaks S3.

- `Vault` is what rooms use: it seals under a document's key, opens, and forgets by destroying the key.
- `Spool` keeps an upload encrypted on disk until it is checked; `PassingSpool` only as long as the call that brings it.
- `ObjectStore` is the port below, `S3Store` its one real implementation, `SeaweedServer` the engine that runs beside
  Chopbook where there is no other.
- Names here are loaded when they are first asked for, as those of `storage`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from storage.objects.model import Bucket, Health, LockMode, ObjectInfo, ObjectRef, ObjectVersion, Stored
    from storage.objects.passing import PassingSpool
    from storage.objects.port import ObjectStore
    from storage.objects.spool import Spool, SpoolFile, SpoolReader, SpoolWriter
    from storage.objects.vault import Sealed, Vault

__all__ = [
    "Bucket",
    "Health",
    "LockMode",
    "ObjectInfo",
    "ObjectRef",
    "ObjectStore",
    "ObjectVersion",
    "PassingSpool",
    "Sealed",
    "Spool",
    "SpoolFile",
    "SpoolReader",
    "SpoolWriter",
    "Stored",
    "Vault",
]

_HOMES: Final = {
    "Bucket": "model",
    "Health": "model",
    "LockMode": "model",
    "ObjectInfo": "model",
    "ObjectRef": "model",
    "ObjectStore": "port",
    "ObjectVersion": "model",
    "PassingSpool": "passing",
    "Sealed": "vault",
    "Spool": "spool",
    "SpoolFile": "spool",
    "SpoolReader": "spool",
    "SpoolWriter": "spool",
    "Stored": "model",
    "Vault": "vault",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A name from its module, which is loaded now."""
        if name not in _HOMES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found
