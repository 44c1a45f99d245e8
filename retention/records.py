"""The values around the engine: records, what starts their clocks, matters for which they are held, and the ports.

- A *record* is named by kind and id: a document, a stock adjustment (its entry's index), a stocktake. What it is, its own room
  says through `RecordSource`; what happened to the goods it speaks of, others say through `TriggerSource`.
- What nobody's room knows (a contract ended, somebody left) a person records, for a record or for a subject that records
  share: a supplier, a SKU, a lot, a store, a person.
- A *matter* is what a hold is placed for. It names records (a static set), or says which are held (a live query), or both.
- Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from retention.model import Hold, HoldKind, Judgement, Schedule, Trigger

if TYPE_CHECKING:
    from storage.either import Reader

SCHEDULE_ADDED: Final = "retention.schedule_added"
CLASS_MAPPED: Final = "retention.class_mapped"
YEAR_END_SET: Final = "retention.year_end_set"
TRIGGER_RECORDED: Final = "retention.trigger_recorded"
FACT_RECORDED: Final = "retention.fact_recorded"
FINDING_SETTLED: Final = "retention.finding_settled"
REVIEW_REQUESTED: Final = "retention.review_requested"
REVIEWED: Final = "retention.reviewed"
HOLD_PLACED: Final = "hold.placed"
HOLD_WIDENED: Final = "hold.widened"
HOLD_RELEASED: Final = "hold.released"

EVENT_TYPES: Final = frozenset(
    {
        SCHEDULE_ADDED,
        CLASS_MAPPED,
        YEAR_END_SET,
        TRIGGER_RECORDED,
        FACT_RECORDED,
        FINDING_SETTLED,
        REVIEW_REQUESTED,
        REVIEWED,
        HOLD_PLACED,
        HOLD_WIDENED,
        HOLD_RELEASED,
    }
)
"""Every type of entry this room writes, but for those of locks and disposal."""

SUBJECT_SCHEDULE: Final = "retention_schedule"
SUBJECT_CLASS: Final = "retention_class"
SUBJECT_RETENTION: Final = "retention"
SUBJECT_HOLD: Final = "hold"

REVIEW_KIND: Final = "retention.review"
"""The kind of the job that judges everything anew."""


class RecordKind(StrEnum):
    """What a record is; each kind is of one room."""

    DOCUMENT = "document"
    ADJUSTMENT = "adjustment"
    """An entry of the log, which is never pruned: judged and shown, never due."""
    STOCKTAKE = "stocktake"


class RecordState(StrEnum):
    """How far a record's disposal has gone."""

    KEPT = "kept"
    DESTROYING = "destroying"
    """Decided: no later hold stops it."""
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """Names a record."""

    kind: RecordKind
    id: str

    @property
    def key(self) -> str:
        """`document:018f…`, as the log names subjects."""
        return f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class Described:
    """What a record's own room says of it.

    Attributes:
        record: which.
        class_code: its class there: a document's class.
        created_on: the day it came, in Hong Kong.
        state: how far its disposal has gone.
        store, supplier: whose it is; None: nobody's.
        skus: what it speaks of.
        dated_on: the day that stands on it, as far as somebody or something is sure of it.
        triggers: what that room knows of what started its clocks.
    """

    record: Record
    class_code: str
    created_on: date
    state: RecordState = RecordState.KEPT
    store: str | None = None
    supplier: str | None = None
    skus: frozenset[str] = frozenset()
    dated_on: date | None = None
    triggers: Mapping[Trigger, date | None] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def subjects(self) -> tuple[str, ...]:
        """Itself, and what it shares with other records, the nearest first."""
        shared = [f"sku:{sku}" for sku in sorted(self.skus)]
        if self.supplier is not None:
            shared.append(f"supplier:{self.supplier}")
        if self.store is not None:
            shared.append(f"store:{self.store}")
        return (self.record.key, *shared)


class TriggerState(StrEnum):
    """What was recorded of a trigger."""

    HAPPENED = "happened"
    NOT_YET = "not_yet"
    """Known not to have happened: its clock has not started."""
    WITHDRAWN = "withdrawn"
    """What was recorded was wrong: nobody knows again."""


@dataclass(frozen=True, slots=True)
class RecordedTrigger:
    """What a person recorded of a subject."""

    subject: str
    trigger: Trigger
    state: TriggerState
    happened_on: date | None
    entry_index: int


@dataclass(frozen=True, slots=True)
class YearEnd:
    """How the organisation's financial years end (`12-31`), from a day on."""

    valid_from: date
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class LiveQuery:
    """Which records a matter holds, whenever they come: all members that are given must fit.

    `since` and `until` are days; a record fits if the day it came or the day that stands on it lies between.
    """

    skus: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    suppliers: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as it is registered; its reason and counsel are sealed beside the entry that placed it.

    Attributes:
        number: the matter's own: a court's or a case's.
        kind: legal, data access request, regulator, cessation.
        placed_on: first day it holds.
        placed_by: pseudonym.
        placed_index: the entry that placed it.
        contemplated_on: when proceedings were first reasonably in contemplation.
        review_on: when somebody should ask whether it is still needed; it never ends by itself.
        query: what it holds beside the records it names.
        released_on: from this day on it no longer holds.
        released_by: pseudonym of the second person.
        owner: what placed it and alone ends it (`case:…`, `cessation:…`); None: people did, and do.
        entry_index: the entry that changed it last.
    """

    number: str
    kind: HoldKind
    placed_on: date
    placed_by: str
    placed_index: int
    contemplated_on: date | None
    review_on: date | None
    query: LiveQuery | None
    released_on: date | None
    released_by: str | None
    owner: str | None
    entry_index: int

    @property
    def hold(self) -> Hold:
        """As the engine sees it."""
        return Hold(self.number, self.kind, self.placed_on, self.released_on)


@dataclass(frozen=True, slots=True)
class Judged:
    """A record and what was made of it; `triggers` are what started its clocks, as `Item` has them."""

    described: Described
    record_class: str
    judgement: Judgement
    triggers: Mapping[Trigger, date | None] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Shown:
    """A judgement with what explains it.

    Attributes:
        judged: the record and its judgement.
        earlier: what the rules of its first day say of the same day, if that is another thing.
        triggers: what started its clocks; None: known not to have happened. Unknown ones are absent.
        facts: what rules that speak only of some records look for.
        schedules: every version that spoke, decided or not, now or on its first day.
        matters: those that hold it.
    """

    judged: Judged
    earlier: Judgement | None
    triggers: Mapping[Trigger, date | None]
    facts: frozenset[str]
    schedules: tuple[Schedule, ...]
    matters: tuple[Matter, ...]


class RecordSource(Protocol):
    """A room that has records. Each method reads where it is told to: inside a change it sees what that wrote."""

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """The kinds of this room."""

    def describe(self, reader: Reader, records: Sequence[Record]) -> dict[Record, Described]:
        """What these records are; those that are not there are absent."""

    def walk(self, reader: Reader, kind: RecordKind, *, after: str, limit: int) -> Sequence[Record]:
        """Records of a kind that may be disposed of one day, by id, behind `after` (empty: from the first)."""


class TriggerSource(Protocol):
    """A room that knows what happened to what records speak of."""

    def triggers_of(
        self, reader: Reader, described: Sequence[Described]
    ) -> Mapping[Record, Mapping[Trigger, date | None]]:
        """What started their clocks (None: has not happened yet); what it does not know is absent."""
