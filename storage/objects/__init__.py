"""Objects: bytes too large for the log, sealed before they leave this machine, in any store that speaks S3.

- `Vault` is what rooms use: it seals under a document's key, opens, and forgets by destroying the key.
- `Spool` keeps an upload encrypted on disk until it is checked; `PassingSpool` only as long as the call that brings it.
- `ObjectStore` is the port below, `S3Store` its one real implementation, `SeaweedServer` the engine that runs beside
  Chopbook where there is no other.
"""

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
