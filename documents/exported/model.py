"""The manifest of an exported folder, as it is written and read: `chopbook-folder-export/1`.

- A line is one version of a document: what its file is, and what the log says of it.
- `items_root` is the RFC 9162 root over the items' leaves, in the order of the lines. A leaf holds what can never change of a
  version, so that the root is the same wherever the items are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from audit.canonical import encode
from audit.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT: Final = "chopbook-folder-export/1"
MANIFEST: Final = "chopbook-manifest.json"
EVIDENCE: Final = "evidence"


class Commitment(msgspec.Struct, frozen=True):
    """The salt and value of the commitment to the content, in hex."""

    salt: str
    value: str


class FormatNote(msgspec.Struct, frozen=True):
    """In what format the content is, and what was ever done to it."""

    media_type: str
    note_zh: str
    note_en: str


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who brought it, by pseudonym, and by which way."""

    actor: str
    role: str
    channel: str
    acting_for: str | None = None


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where it is kept."""

    bucket: str
    endpoint: str | None = None
    jurisdiction: str | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a document. `entry` and `proof` are files; absent where the exporter may not read the log."""

    document: str
    version: int
    file: str
    sha256: str
    size: int
    commitment: Commitment
    format: FormatNote
    origin: Origin
    received_at: str
    recorded_at: str
    destination: Place
    added_index: int
    ciphertext_sha256: str
    class_code: str = msgspec.field(name="class")
    entry: str | None = None
    proof: str | None = None
    occurred_at: str | None = None
    store: str | None = None
    supplier: str | None = None
    number: str | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()


class LeftOut(msgspec.Struct, frozen=True):
    """A version that is not there, and why."""

    document: str
    version: int
    why: str


class Manifest(msgspec.Struct, frozen=True):
    """The whole export. `log` is the log's origin, `vkey` its key as it names it itself."""

    format: str
    folder: str
    log: str
    vkey: str
    items_root: str
    files: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]


def item_leaf(line: Line) -> bytes:
    """The leaf of an item: what can never change of it."""
    return leaf_hash(
        encode(
            {
                "commitment": line.commitment.value,
                "document": line.document,
                "media_type": line.format.media_type,
                "sha256": line.sha256,
                "size": line.size,
                "version": line.version,
            }
        )
    )


def items_root(lines: Iterable[Line]) -> str:
    """The root over the items, in hex."""
    return root_of(item_leaf(line) for line in lines).hex()
