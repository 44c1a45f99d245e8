"""The values of the document room.

- Frozen; a value that exists is well formed. Requests and their parsers are in `documents.requests`.
- Titles, file names, notes and what was read from paper are personal until shown otherwise: they are kept sealed under
  the document's key (`bytes` here), and entries hold salted digests of them.
- Folders are virtual: a folder is there because its SKU, supplier or store is. A document lies in any number of them.
- A document without a store belongs to the whole organisation.
- Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from policies.using.purposes import OF_PAPERS
from storage.objects.model import ObjectRef

CLASS_CREATED: Final = "document_class.created"
CLASS_CHANGED: Final = "document_class.changed"
SUPPLIER_CREATED: Final = "supplier.created"
SUPPLIER_CHANGED: Final = "supplier.changed"
UPLOAD_HELD: Final = "document.upload_held"
UPLOAD_REFUSED: Final = "document.upload_refused"
DOCUMENT_ADDED: Final = "document.added"
VERSION_ADDED: Final = "document.version_added"
DOCUMENT_CHANGED: Final = "document.changed"
DOCUMENT_FILED: Final = "document.filed"
DOCUMENT_UNFILED: Final = "document.unfiled"
DOCUMENT_LINKED: Final = "document.linked"
DOCUMENT_UNLINKED: Final = "document.unlinked"
DOCUMENT_TAGGED: Final = "document.tagged"
DOCUMENT_UNTAGGED: Final = "document.untagged"
DOCUMENT_NOTED: Final = "document.noted"
READ_DONE: Final = "document.read_done"
RENDERED: Final = "document.rendered"
RELEASED: Final = "document.released"
QUARANTINED: Final = "document.quarantined"
CLEARED: Final = "document.cleared"
WITHDRAWN: Final = "document.withdrawn"
DESTROYED: Final = "document.destroyed"
DISPOSAL_BEGUN: Final = "document.disposal_begun"
DISPOSED: Final = "document.disposed"
FIELD_CORRECTED: Final = "document.field_corrected"
FIELD_CONFIRMED: Final = "document.field_confirmed"
DOCUMENT_CONFIRMED: Final = "document.confirmed"
DOCUMENT_ADJUSTED: Final = "document.adjusted"
OBJECTS_MOVED: Final = "document.objects_moved"

EVENT_TYPES: Final = frozenset(
    {
        CLASS_CREATED,
        CLASS_CHANGED,
        SUPPLIER_CREATED,
        SUPPLIER_CHANGED,
        UPLOAD_HELD,
        UPLOAD_REFUSED,
        DOCUMENT_ADDED,
        VERSION_ADDED,
        DOCUMENT_CHANGED,
        DOCUMENT_FILED,
        DOCUMENT_UNFILED,
        DOCUMENT_LINKED,
        DOCUMENT_UNLINKED,
        DOCUMENT_TAGGED,
        DOCUMENT_UNTAGGED,
        DOCUMENT_NOTED,
        READ_DONE,
        RENDERED,
        RELEASED,
        QUARANTINED,
        CLEARED,
        WITHDRAWN,
        DESTROYED,
        DISPOSAL_BEGUN,
        DISPOSED,
        FIELD_CORRECTED,
        FIELD_CONFIRMED,
        DOCUMENT_CONFIRMED,
        DOCUMENT_ADJUSTED,
        OBJECTS_MOVED,
    }
)
"""Every type of entry this room writes."""

SUBJECT_CLASS: Final = "document_class"
SUBJECT_SUPPLIER: Final = "supplier"
SUBJECT_UPLOAD: Final = "upload"
SUBJECT_FOLDER: Final = "folder"

READ_KIND: Final = "document.read"
RELEASE_KIND: Final = "document.release"
RENDER_KIND: Final = "document.render"
INDEX_KIND: Final = "document.index"
ACCEPT_KIND: Final = "document.accept"
WITHDRAW_KIND: Final = "document.withdraw"
SWEEP_KIND: Final = "document.sweep"

TITLE: Final = "title"
FILE_NAME: Final = "file_name"
NOTE: Final = "note"
ORIGINAL: Final = "original_sha256"
FIELDS: Final = "fields"


class Stage(StrEnum):
    """Where the bytes of one version stand, from the first one received to the last one destroyed."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    HELD = "held"
    """The scanner gave no answer: nothing passes unscanned."""
    REFUSED = "refused"
    ABANDONED = "abandoned"
    SEALED = "sealed"
    READ = "read"
    RELEASED = "released"
    """For good: the store's lock is set."""
    QUARANTINED = "quarantined"
    WITHDRAWN = "withdrawn"
    DESTROYING = "destroying"
    """Two persons decided its disposal: nobody reads it, no hold reaches it."""
    DESTROYED = "destroyed"


class Step(StrEnum):
    """What moves a version from one stage to another."""

    COMPLETE = "complete"
    HOLD = "hold"
    REFUSE = "refuse"
    ABANDON = "abandon"
    SEAL = "seal"
    READ = "read"
    RELEASE = "release"
    QUARANTINE = "quarantine"
    CLEAR = "clear"
    WITHDRAW = "withdraw"
    DISPOSE = "dispose"
    DESTROY = "destroy"


class FolderKind(StrEnum):
    """What a folder belongs to."""

    SKU = "sku"
    SUPPLIER = "supplier"
    STORE = "store"
    GENERAL = "general"


class LinkKind(StrEnum):
    """What a document is to another, or to a stock adjustment."""

    FULFILS = "fulfils"
    INVOICES = "invoices"
    RETURNS = "returns"
    INSPECTS = "inspects"
    SUPERSEDES = "supersedes"
    """Its target is out of the way: `documents.succession.store`."""
    EVIDENCE_OF = "evidence_of"
    """Its target is the index of the adjustment's entry."""


class ReviewState(StrEnum):
    """How far people have looked at what was read."""

    OPEN = "open"
    CLEAR = "clear"
    """Nothing the machine was not sure of."""
    CONFIRMED = "confirmed"


class ItemState(StrEnum):
    """How one question to a person stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"


class FindingState(StrEnum):
    """How a finding of personal data stands. `OPEN` is the task of an officer."""

    ACCEPTED = "accepted"
    """Of kinds that the class may hold."""
    OPEN = "open"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, order=True)
class Folder:
    """A folder: `sku/TEA-001`."""

    kind: FolderKind
    code: str

    def __str__(self) -> str:
        """As it stands in addresses and forms."""
        return f"{self.kind.value}/{self.code}"


@dataclass(frozen=True, slots=True)
class DocumentClass:
    """A kind of document, and how it is treated.

    Attributes:
        code: stable name.
        name_zh: in Traditional Chinese.
        name_en: in English.
        sensitive: every opening is an entry, and it is not indexed in clear.
        strip: places, serial numbers and owners are taken out of photos before sealing.
        restricts_release: a person releases it; without, it is released once it was read.
        retain_days: for how long the store's lock keeps it, from the day it was added; 0 sets no lock.
        media_types: what it may be.
        active: whether new documents may be of it.
        purpose_zh: what it is kept for, in Traditional Chinese (PDPO DPP1).
        purpose_en: the same in English.
        personal_kinds: kinds of personal data it may hold; any other puts a version into quarantine.
        level: 1 ordinary, 2 internal, 3 confidential: opened for a stated purpose alone, and sent to nobody.
        purposes: what personal data in it may be used for, of the closed list; any other is a new purpose (DPP3).
    """

    code: str
    name_zh: str
    name_en: str
    sensitive: bool
    strip: bool
    restricts_release: bool
    retain_days: int
    media_types: frozenset[str]
    active: bool = True
    purpose_zh: str = ""
    purpose_en: str = ""
    personal_kinds: frozenset[str] = frozenset()
    level: int = 1
    purposes: frozenset[str] = OF_PAPERS


@dataclass(frozen=True, slots=True)
class PersonalFinding:
    """Personal data found in a version. `outside` are the kinds its class may not hold; `owner` uploaded it.

    `identities` are keyed digests of the identity card numbers in it, in hex.
    """

    document: str
    version: int
    kinds: tuple[str, ...]
    outside: tuple[str, ...]
    state: FindingState
    owner: str
    found_at: datetime
    identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who goods come from. `prefixes` are how its papers' numbers begin."""

    code: str
    name_zh: str
    name_en: str
    prefixes: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is registered; `title` is sealed. `version` is its newest, `stage` that version's."""

    id: str
    class_code: str
    store: str | None
    supplier: str | None
    stage: Stage
    version: int
    owner: str
    number: str | None
    title: bytes
    added_at: datetime
    added_index: int
    entry_index: int = -1
    """The entry that changed it last; -1 while it is not written."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document. `file_name` and `original` (digest before stripping) are sealed."""

    document: str
    version: int
    stage: Stage
    ref: ObjectRef
    media_type: str
    extension: str
    size: int
    stored_size: int
    sha256: bytes
    commitment: bytes
    duplicate: bytes | None
    file_name: bytes
    original: bytes | None
    pages: int | None
    key_epoch: int
    findings: str
    scan: str | None
    added_by: str
    added_at: datetime
    added_index: int
    lock_mode: str | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What a document is to another (its id) or to an adjustment (its entry's index)."""

    document: str
    kind: LinkKind
    target: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the reading of a version lies: an object derived from it, and the digest the log has."""

    document: str
    version: int
    ref: ObjectRef
    sha256: bytes
    engine: str
    pages: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Rendition:
    """A derived object of a version: a page's picture, a thumbnail, a searchable PDF."""

    document: str
    version: int
    name: str
    ref: ObjectRef
    media_type: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class FieldsRow:
    """What was read from a version, as it stands after corrections; `sealed` holds the values."""

    document: str
    version: int
    revision: int
    sealed: bytes
    state: ReviewState
    doc_type: str | None
    doc_date: str | None
    currency: str | None
    total: int | None
    open_items: int
    adjusted_index: int | None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One question to a person: a path into the fields, and why the machine asks."""

    document: str
    version: int
    path: str
    reason: str
    state: ItemState


@dataclass(frozen=True, slots=True)
class Added:
    """A version that was accepted. `duplicates` are documents with the same content, as far as the caller may see."""

    document: str
    version: int
    index: int
    leaf_hash: bytes
    duplicates: tuple[str, ...] = ()
