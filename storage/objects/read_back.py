"""Whether the store has what it was given: by its own word where that counts, else by reading it back. No key is needed."""

from __future__ import annotations

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from storage.objects.errors import ObjectDigestMismatch

if TYPE_CHECKING:
    from storage.objects.model import ObjectRef, Stored
    from storage.objects.port import ObjectStore

_PARTS_AT_ONCE: Final = 3


def require_digest(store: ObjectStore, ref: ObjectRef, sha256: bytes) -> None:
    """Reads a whole object.

    Raises:
        ObjectDigestMismatch: these are other bytes.
        ObjectMissing: the store has no such version.
    """
    found = _digest(store, ref, 0, None)
    if not hmac.compare_digest(found, sha256):
        msg = f"object {ref.key}: expected digest {sha256.hex()}, got {found.hex()}"
        raise ObjectDigestMismatch(msg)


def require_as_put(store: ObjectStore, stored: Stored) -> None:
    """Compares what was just put. What the store has confirmed is not read; of an object in parts it must tell the size as well.

    Anything else is read: a large object in its parts, some at a time, since each has its own digest.

    Raises:
        ObjectDigestMismatch: these are other bytes.
        ObjectMissing: the store has no such version.
    """
    if not stored.parts:
        if not stored.confirmed:
            require_digest(store, stored.ref, stored.sha256)
        return
    size = store.head(stored.ref).size
    if size != stored.size or sum(part.size for part in stored.parts) != size:
        msg = f"object {stored.ref.key}: expected {stored.size} bytes, got {size}"
        raise ObjectDigestMismatch(msg)
    if stored.confirmed:
        return
    ends = list(accumulate(part.size for part in stored.parts))
    with ThreadPoolExecutor(_PARTS_AT_ONCE, thread_name_prefix="chopbook-checks") as pool:
        checks = [
            pool.submit(_digest, store, stored.ref, end - part.size, end)
            for end, part in zip(ends, stored.parts, strict=True)
        ]
        for check, part, end in zip(checks, stored.parts, ends, strict=True):
            if not hmac.compare_digest(check.result(), part.sha256):
                start = end - part.size
                msg = f"object {stored.ref.key}: expected the part at {start} as it was sent, got other bytes"
                raise ObjectDigestMismatch(msg)


def _digest(store: ObjectStore, ref: ObjectRef, start: int, stop: int | None) -> bytes:
    digest = hashlib.sha256()
    for chunk in store.read(ref, start, stop):
        digest.update(chunk)
    return digest.digest()
