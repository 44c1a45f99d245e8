"""What a document says: its fields, rows, checks, and what a person should look at.

- Names of fields are closed sets (`HEADER_FIELDS`, `ROW_FIELDS`). A field that was not found is absent.
- Values: dates are ISO 8601 text; quantities are decimal text; money is `Money`; the rest is text. `doc_type` is one of
  `DocType`. Where a value was found in a register, `code` is the register's own code of it.
- `raw` is the text as read. `boxes` says where on the pages; an empty tuple means that the value was derived.
- `confidence` is calibrated: the share of values like this one that turned out right on reviewed documents.
- A path names a value: `doc_no`, or `rows/2/expiry` (0-based).
- JSON: `chopbook-extraction/1`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from documents.extraction.errors import ExtractionInvalid
from documents.reading.model import Quad

FORMAT: Final = "chopbook-extraction/1"


class DocType(StrEnum):
    """The kinds of paper that are told apart."""

    PURCHASE_ORDER = "purchase_order"
    DELIVERY_NOTE = "delivery_note"
    RETURN_NOTE = "return_note"
    INVOICE = "invoice"
    INSPECTION_REPORT = "inspection_report"
    CONTRACT = "contract"
    OTHER = "other"


HEADER_FIELDS: Final = (
    "doc_type",
    "doc_no",
    "date",
    "po_ref",
    "supplier",
    "buyer",
    "currency",
    "subtotal",
    "discount",
    "freight",
    "total",
)
ROW_FIELDS: Final = (
    "sku",
    "gtin",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "batch",
    "expiry",
    "result",
    "reason",
)

EVIDENCE_ARITHMETIC: Final = "arithmetic"
EVIDENCE_BARCODE: Final = "barcode"
EVIDENCE_REGISTER: Final = "register"
EVIDENCE_SECOND: Final = "second_reader"
EVIDENCE_CHECK_DIGIT: Final = "check_digit"
EVIDENCE_LABEL: Final = "label"
EVIDENCE_REPAIRED: Final = "repaired"
EVIDENCE_LEARNED: Final = "learned"
EVIDENCE_REVIEWED: Final = "reviewed"


class Money(msgspec.Struct, frozen=True):
    """An amount of minor units of an ISO 4217 currency."""

    amount: int
    currency: str


Value: TypeAlias = str | Money
Box: TypeAlias = tuple[int, Quad]
"""Page (0-based) and place."""


class Field(msgspec.Struct, frozen=True):
    """One value with where it comes from and how sure it is."""

    name: str
    value: Value
    raw: str
    confidence: float
    boxes: tuple[Box, ...] = ()
    evidence: tuple[str, ...] = ()
    second: str | None = None
    """What the second reader saw in the same place, where it was asked."""
    code: str | None = None
    """The register's code: a supplier's, a SKU's, or a purchase order's number."""


class Row(msgspec.Struct, frozen=True):
    """One line of the table. `issues` are reason codes that concern the whole row."""

    fields: dict[str, Field]
    issues: tuple[str, ...] = ()

    def text(self, name: str) -> str | None:
        """The value of a field that is text, or None."""
        field = self.fields.get(name)
        return field.value if field is not None and isinstance(field.value, str) else None


class Check(msgspec.Struct, frozen=True):
    """A sum that was tried: `rows/0/amount`, `total`. Values are as calculated and as printed."""

    path: str
    holds: bool
    expected: str
    got: str


class ReviewReason(StrEnum):
    """Why a person should look. Codes are stored: a name is never reused."""

    MISSING = "missing"
    UNSURE = "unsure"
    TYPE_UNSURE = "type_unsure"
    SUM_WRONG = "sum_wrong"
    READERS_DIFFER = "readers_differ"
    NOT_IN_REGISTER = "not_in_register"
    REGISTER_DIFFERS = "register_differs"
    BARCODE_DIFFERS = "barcode_differs"
    CHECK_DIGIT = "check_digit"
    DATE_DOUBTFUL = "date_doubtful"
    ROW_RAGGED = "row_ragged"
    PAGES_UNREAD = "pages_unread"
    FALL_BACK = "fall_back"
    """The first reader could not read a page; the second did, which is wrong too often to be believed."""


class ReviewItem(msgspec.Struct, frozen=True):
    """One thing to confirm or correct: where, and why."""

    path: str
    reason: ReviewReason


class Extraction(msgspec.Struct, frozen=True):
    """Everything taken from one document.

    Attributes:
        doc_type: also present in `fields`, for one loop over all.
        fields: by name.
        rows: in the order of the page.
        checks: sums that were tried.
        review: what a person should look at; empty exactly when `straight_through`.
        straight_through: nothing is in doubt.
    """

    doc_type: Field
    fields: dict[str, Field]
    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    review: tuple[ReviewItem, ...]
    straight_through: bool
    format: str = FORMAT

    def at(self, path: str) -> Field | None:
        """The field a path names, or None."""
        parts = path.split("/")
        if len(parts) == 3 and parts[0] == "rows" and parts[1].isdecimal():
            index = int(parts[1])
            return self.rows[index].fields.get(parts[2]) if index < len(self.rows) else None
        return self.fields.get(path)

    def to_json(self) -> bytes:
        """The stored form."""
        return msgspec.json.encode(self)

    @staticmethod
    def from_json(stored: bytes) -> Extraction:
        """The value of a stored form.

        Raises:
            ExtractionInvalid: these bytes are no extraction, or one of another format.
        """
        try:
            extraction = msgspec.json.decode(stored, type=Extraction)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise ExtractionInvalid(f"stored extraction: expected {FORMAT}, got {error}") from error
        if extraction.format != FORMAT:
            raise ExtractionInvalid(f"stored extraction: expected {FORMAT}, got {extraction.format[:40]}")
        return extraction
