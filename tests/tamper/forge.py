"""The forger's own arithmetic: canonical bytes, hashes, tree, tiles, frontier and notes.

Written from the formats alone and importing nothing of the product, so that a mistake there is not repeated here:

- leaf SHA-256(0x00 ‖ bytes), node SHA-256(0x01 ‖ left ‖ right) (RFC 9162 §2.1.1);
- a stored tile is the 256 hashes of its level, then the 128 above, … then 1;
- the frontier is the roots of the complete subtrees, largest first;
- a note is a checkpoint body, an empty line, and signature lines (C2SP signed-note, tlog-checkpoint).
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ZERO: Final = bytes(32)
TILE: Final = 256
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Document = dict[str, Any]


def canonical(document: Document) -> bytes:
    """The bytes of an entry: sorted members, no white space, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(data: bytes) -> Document:
    """An entry's bytes as JSON."""
    document: Document = json.loads(data)
    return document


def lenient(data: bytes) -> Document:
    """The same, and an empty object for what is no entry."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def leaf(data: bytes) -> bytes:
    """Leaf hash of an entry's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The hashes of a complete subtree (their number a power of two), level by level, up to its root."""
    rows = [list(hashes)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        rows.append([node(below[i], below[i + 1]) for i in range(0, len(below), 2)])
    return rows


def frontier(hashes: Sequence[bytes]) -> list[bytes]:
    """Roots of the complete subtrees, largest first."""
    found = []
    start = 0
    for bit in range(len(hashes).bit_length() - 1, -1, -1):
        if len(hashes) >> bit & 1:
            found.append(levels(hashes[start : start + (1 << bit)])[-1][0])
            start += 1 << bit
    return found


def root(hashes: Sequence[bytes]) -> bytes:
    """Root of the tree over the hashes (RFC 9162 §2.1.1)."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    peaks = frontier(hashes)
    result = peaks.pop()
    while peaks:
        result = node(peaks.pop(), result)
    return result


def tile(hashes: Sequence[bytes]) -> bytes:
    """A stored full tile over 256 hashes."""
    return b"".join(hash_ for row in levels(hashes) for hash_ in row)


def tiles(hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Every full tile of a tree."""
    found = {}
    level, row = 0, list(hashes)
    while len(row) >= TILE:
        full = len(row) // TILE
        for index in range(full):
            found[level, index] = tile(row[index * TILE : (index + 1) * TILE])
        row = [found[level, index][-32:] for index in range(full)]
        level += 1
    return found


# ------------------------------------------------------------------------------------------ notes


@dataclass(frozen=True, slots=True)
class Key:
    """Something that signs notes: the stolen key of the log, or one of the forger's own."""

    name: str
    key_id: bytes
    sign: Callable[[bytes], bytes]


def own_key(name: str, seed: int = 7) -> Key:
    """A key the forger made; it bears the log's name but not the log's key id."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    public = own_public(seed)
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    return Key(name, key_id, private.sign)


def own_public(seed: int = 7) -> bytes:
    """The public half of a key the forger made."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def body(origin: str, size: int, root_hash: bytes) -> str:
    """Text of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root_hash).decode()}\n"


def signed(text: str, key: Key) -> str:
    """The text as a note signed by one key."""
    blob = base64.b64encode(key.key_id + key.sign(text.encode())).decode()
    return f"{text}\n— {key.name} {blob}\n"


def flip_signature(note: str) -> str:
    """The note with one bit of its first signature turned, key id kept."""
    head, _, lines = note.partition("\n\n")
    first, *rest = lines.splitlines()
    prefix, encoded = first.rsplit(" ", 1)
    blob = bytearray(base64.b64decode(encoded))
    blob[-1] ^= 1
    return "\n".join([head, "", f"{prefix} {base64.b64encode(bytes(blob)).decode()}", *rest]) + "\n"


# ---------------------------------------------------------------------------------------- columns


def microseconds(text: str) -> int:
    """`2026-11-22T12:00:00.000000Z` as microseconds since 1970."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def time_text(us: int) -> str:
    """The inverse of `microseconds`."""
    return (EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def columns(document: Document) -> dict[str, Any]:
    """The columns of `entries` that are derived from the bytes."""
    store = document["data"].get("store")
    return {
        "recorded_at": microseconds(document["recorded_at"]),
        "occurred_at": microseconds(document["occurred_at"]) if "occurred_at" in document else None,
        "type": document["type"],
        "actor": document["actor"]["id"],
        "store": store if isinstance(store, str) else None,
        "event_id": UUID(document["event_id"]).bytes,
        "request": bytes.fromhex(document["request"]) if "request" in document else None,
    }


def subject_keys(document: Document) -> list[tuple[str, int]]:
    """Subject and position of the rows of `entry_subjects` that belong to an entry."""
    return [(f"{item['kind']}:{item['id']}", item["index"]) for item in document.get("subjects", [])]
