"""What callers ask of the document room. Make requests with `documents.parsing`: the service relies on the forms there.

- Every request carries the caller's `event_id`; sent again with the same content, it is the same event.
- A folder is written `kind/code`. Tags are words (`documents.tagging`) that entries hold in clear; titles and notes are prose, sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from documents.model import Folder, LinkKind
from policies.using.purposes import OF_PAPERS

if TYPE_CHECKING:
    from uuid import UUID

    from audit.canonical import JSON

CODE_CHARS_MAX: Final = 32
STORE_CHARS_MAX: Final = 32
FOLDER_CHARS_MAX: Final = 64
NAME_CHARS_MAX: Final = 120
TITLE_CHARS_MAX: Final = 200
FILE_NAME_CHARS_MAX: Final = 255
NOTE_CHARS_MAX: Final = 4_000
NUMBER_CHARS_MAX: Final = 64
TAG_CHARS_MAX: Final = 40
STATEMENT_CHARS_MAX: Final = 37
TAGS_MAX: Final = 20
FOLDERS_MAX: Final = 50
PREFIXES_MAX: Final = 20
RETAIN_DAYS_MAX: Final = 36_525
PURPOSE_CHARS_MAX: Final = 200
LEVEL_MAX: Final = 3
VALUE_CHARS_MAX: Final = 1_000
ROWS_MAX: Final = 1_000
VERSION_MAX: Final = 999_999
FIELD_PATH_CHARS_MAX: Final = 64

CODE_FORM: Final = "[a-z][a-z0-9_]{0,31}"
SUPPLIER_FORM: Final = "[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
DOCUMENT_FORM: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NUMBER_FORM: Final = "(?=[^0-9]*[0-9])[A-Za-z0-9._/#:+-]{1,64}"
"""With a digit somewhere: what has none may be somebody's name, and entries are for ever."""

FOLDER_FORM: Final = "(?:sku|supplier|store|general)/[A-Za-z0-9][A-Za-z0-9 ._+#-]{0,63}"
PATH_FORM: Final = "(?:[a-z_]{1,32}|rows/(?:0|[1-9][0-9]{0,3})(?:/[a-z_]{1,32})?)"
TARGET_FORM: Final = f"(?:{DOCUMENT_FORM}|0|[1-9][0-9]{{0,15}})"


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a file goes: a new document, or the next version of `document`."""

    event_id: UUID
    class_code: str | None = None
    document: str | None = None
    store: str | None = None
    supplier: str | None = None
    title: str | None = None
    number: str | None = None
    folders: tuple[Folder, ...] = ()
    tags: tuple[str, ...] = ()
    statement: str | None = None
    """The collection statement that those in it were given, with its version: `STAFF/3` (PDPO DPP1(3))."""


@dataclass(frozen=True, slots=True)
class ClassRequest:
    """A new document class."""

    event_id: UUID
    code: str
    name_zh: str
    name_en: str
    sensitive: bool
    strip: bool
    restricts_release: bool
    retain_days: int
    media_types: frozenset[str]
    purpose_zh: str = ""
    purpose_en: str = ""
    personal_kinds: frozenset[str] = frozenset()
    level: int = 1
    purposes: frozenset[str] = OF_PAPERS


@dataclass(frozen=True, slots=True)
class ClassChangeRequest:
    """Other members of a class; None keeps."""

    event_id: UUID
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    sensitive: bool | None = None
    strip: bool | None = None
    restricts_release: bool | None = None
    retain_days: int | None = None
    media_types: frozenset[str] | None = None
    active: bool | None = None
    purpose_zh: str | None = None
    purpose_en: str | None = None
    personal_kinds: frozenset[str] | None = None
    level: int | None = None
    purposes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SupplierRequest:
    """A new supplier."""

    event_id: UUID
    code: str
    name_zh: str
    name_en: str
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplierChangeRequest:
    """Other members of a supplier; None keeps."""

    event_id: UUID
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    prefixes: tuple[str, ...] | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class DocumentChangeRequest:
    """Another title, class, supplier or number of a document; None keeps."""

    event_id: UUID
    document: str
    title: str | None = None
    class_code: str | None = None
    supplier: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A link of a document to another, or to an adjustment."""

    event_id: UUID
    document: str
    kind: LinkKind
    target: str


@dataclass(frozen=True, slots=True)
class FieldRequest:
    """What a field should say (`value` None: nothing stands there), or that it is right as it was read."""

    event_id: UUID
    document: str
    version: int
    path: str
    value: str | int | None = None
    is_right: bool = False


@dataclass(frozen=True, slots=True)
class AdjustRequest:
    """Stock adjustments from a paper; by default all its rows, at its store, by the reason of its type."""

    event_id: UUID
    document: str
    store: str | None = None
    reason: str | None = None
    rows: tuple[int, ...] | None = None


def content_of(filing: Filing) -> dict[str, JSON]:
    """What makes a filing this one, without its title, which is personal."""
    content: dict[str, JSON] = {
        "class": filing.class_code,
        "document": filing.document,
        "store": filing.store,
        "supplier": filing.supplier,
        "number": filing.number,
        "folders": [str(folder) for folder in filing.folders],
        "tags": list(filing.tags),
        "statement": filing.statement,
    }
    return {name: value for name, value in content.items() if value}
