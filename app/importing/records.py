"""What passes between the stages of an import.

Every record of the file carries the number of the line (CSV) or row (XLSX) on which it starts, counted from 1 as an
editor or a spreadsheet shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from policies.model import Words

Cell: TypeAlias = str | datetime
"""A cell as the file has it: text, or a moment without a zone where a spreadsheet keeps a real date."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file."""

    line: int
    cells: tuple[Cell, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells as text, untrimmed."""
        return tuple(text_of(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no row of such a file."""

    line: int
    reason: Words
    text: str


class RejectKind(StrEnum):
    """Who turned a row away."""

    RULE = "rule"
    """The mapping: it says that such rows are no stock movements."""
    BAD = "bad"
    """The row itself: it cannot be read as the mapping says."""
    REFUSED = "refused"
    """The log: unknown store, closed period, an event id with other content ..."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that does not enter the log, and why.

    Attributes:
        line: where the row starts.
        kind: who turned it away.
        code: short and stable, for programs.
        reason: one sentence in each language, for people.
        cells: the row as the file has it, or the one unreadable line.
        quantity: the file's own number, if it could be read.
    """

    line: int
    kind: RejectKind
    code: str
    reason: Words
    cells: tuple[str, ...]
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A row that is a stock movement.

    Attributes:
        event_id: follows from the file and the line (or the mapping's identity), so a second run replays.
        quantity: the file's own number.
        change: what the movement does to the balance: negative takes out.
        record: the row it was read from.
        unit_price: in major units of `currency`.
    """

    line: int
    event_id: UUID
    store: str
    sku: str
    reason: str
    quantity: Decimal
    change: Decimal
    record: Record
    batch: str | None = None
    expiry: date | None = None
    occurred_at: datetime | None = None
    reference: str | None = None
    document: str | None = None
    unit_price: Decimal | None = None
    currency: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SkuDraft:
    """A SKU that a file mentions, as far as the file describes it."""

    code: str
    name_zh: str
    name_en: str
    gtin: str | None

    def completed_by(self, other: SkuDraft) -> SkuDraft:
        """This draft, with what it lacks taken from another row's."""
        return SkuDraft(
            self.code, self.name_zh or other.name_zh, self.name_en or other.name_en, self.gtin or other.gtin
        )


def text_of(cell: Cell) -> str:
    """The cell as text: a date as `2010-12-01T08:26:00`."""
    return cell if isinstance(cell, str) else cell.isoformat()
