"""The values of the retention room.

- A *schedule* is one immutable version of one rule: its class of records, what starts the clock, how long at least or at
  most, and on whose authority. A change is a new version.
- A *hold* stops every disposal of what it names until it is released.
- A *judgement* says what the schedules and holds make of one record on one day, and why.

Dates are days in Hong Kong. A period that ends on a day includes that day: kept until the 28th, disposable on the 29th.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from types import MappingProxyType

from policies.model import Words


class Trigger(StrEnum):
    """What starts the clock of a schedule."""

    CREATED = "created"
    TRANSACTION_COMPLETED = "transaction_completed"
    ACQUIRED = "acquired"
    PO_CLOSED = "po_closed"
    RETURN_SETTLED = "return_settled"
    CONTRACT_ENDED = "contract_ended"
    SUPPLIER_OFFBOARDED = "supplier_offboarded"
    PRODUCT_DISCONTINUED = "product_discontinued"
    FINANCIAL_YEAR_END = "financial_year_end"
    LOT_LAST_SOLD = "lot_last_sold"
    LEFT_EMPLOYMENT = "left_employment"
    APPLICATION_REJECTED = "application_rejected"
    CASE_CLOSED = "case_closed"
    INJURY_KNOWN = "injury_known"


class Status(StrEnum):
    """What kind of authority a rule has."""

    LAW = "law"
    """A statute in force."""
    GUIDANCE = "guidance"
    """A regulator's guidance, or a voluntary scheme."""
    NOT_IN_FORCE = "not_in_force"
    """Enacted, not commenced: shown, and decides nothing."""
    PROPOSAL = "proposal"
    """Shown, and decides nothing."""
    POLICY = "policy"
    """The organisation's own rule."""


class Verification(StrEnum):
    """How well the authority was checked."""

    PRIMARY = "primary"
    """Read in the statute or the regulator's own words."""
    SECONDARY = "secondary"
    """Read in a secondary source only."""
    UNVERIFIED = "unverified"
    """Found in no source: shown as unverified, and weighs no more than the organisation's own rule."""


class Rank(IntEnum):
    """What gives way to what when a minimum outlasts a maximum."""

    NONE = 0
    """Decides nothing."""
    POLICY = 1
    GUIDANCE = 2
    LAW = 3


class Disposition(StrEnum):
    """What happens when the time is over."""

    DESTROY = "destroy"
    REVIEW = "review"
    TRANSFER = "transfer"
    KEEP = "keep"
    """Kept permanently."""


class HoldKind(StrEnum):
    """Why something may not be disposed of."""

    LEGAL = "legal"
    DATA_ACCESS_REQUEST = "data_access_request"
    REGULATOR = "regulator"
    CESSATION = "cessation"


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months and days; 7 years are 84 months."""

    months: int = 0
    days: int = 0

    @classmethod
    def years(cls, count: int) -> Period:
        """Return a period of whole years."""
        return cls(months=12 * count)

    def __str__(self) -> str:
        """Return the ISO 8601 duration: P7Y, P3M, P40D."""
        years, months = divmod(self.months, 12)
        parts = [f"{count}{unit}" for count, unit in ((years, "Y"), (months, "M"), (self.days, "D")) if count]
        return "P" + ("".join(parts) or "0D")


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose word a rule stands, and when that was last looked up."""

    citation: Words
    status: Status
    verification: Verification
    verified_on: date

    @property
    def rank(self) -> Rank:
        """Its weight."""
        if self.status in {Status.NOT_IN_FORCE, Status.PROPOSAL}:
            return Rank.NONE
        if self.status is Status.POLICY or self.verification is Verification.UNVERIFIED:
            return Rank.POLICY
        return Rank.LAW if self.status is Status.LAW else Rank.GUIDANCE


@dataclass(frozen=True, slots=True)
class Schedule:
    """One version of one retention rule.

    Attributes:
        code: stable name of the rule.
        version: 1 for the first; a changed rule is a new version.
        title: for people.
        record_classes: codes of the classes it speaks of.
        trigger: starts the clock.
        minimum: kept at least so long after the trigger.
        maximum: kept at most so long after the trigger.
        authority: who says so.
        disposition: what happens afterwards.
        in_force: first day on which items are judged by this version.
        until: last such day; None: still in force.
        only_if: facts an item must have for the rule to speak of it (`food.shelf_life_short`).
        note: what a reader must know besides.
    """

    code: str
    version: int
    title: Words
    record_classes: frozenset[str]
    trigger: Trigger
    minimum: Period | None
    maximum: Period | None
    authority: Authority
    disposition: Disposition = Disposition.DESTROY
    in_force: date = date.min
    until: date | None = None
    only_if: frozenset[str] = frozenset()
    note: Words | None = None

    @property
    def id(self) -> str:
        """Names this version for ever: `HK-TAX-7Y/1`."""
        return f"{self.code}/{self.version}"


@dataclass(frozen=True, slots=True)
class Hold:
    """A matter for whose sake a record must stay."""

    matter: str
    kind: HoldKind
    placed_on: date
    released_on: date | None = None

    def stands_on(self, day: date) -> bool:
        """Return whether it holds on that day; on the day of its release it no longer does."""
        return self.placed_on <= day and (self.released_on is None or day < self.released_on)


@dataclass(frozen=True, slots=True)
class Item:
    """What the engine needs to know of a record.

    `triggers` has a date for what happened, None for what is known not to have happened yet, and no member for what
    nobody knows.
    """

    id: str
    record_class: str
    created_on: date
    triggers: Mapping[Trigger, date | None] = field(default_factory=lambda: MappingProxyType({}))
    facts: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()


class Outcome(StrEnum):
    """What may be done with a record on a day."""

    HELD = "held"
    KEPT = "kept"
    DUE = "due"
    PERMANENT = "permanent"
    UNDETERMINED = "undetermined"
    """Nobody can tell: nothing is disposed of, and somebody is asked."""


class FindingCode(StrEnum):
    """What somebody should look at."""

    RULE_MISSING = "retention_rule_missing"
    TRIGGER_UNKNOWN = "trigger_unknown"
    CONFLICT = "minimum_outlasts_maximum"
    UNVERIFIED = "rule_unverified"
    OVERDUE = "disposal_overdue"
    OBJECT_MISSING = "object_missing"
    LOCK_MISSING = "lock_missing"
    LOCK_SHORT = "lock_short"
    LOCK_LONG = "lock_long"
    LOCK_WEAK = "lock_weak"
    FLAG_MISSING = "hold_flag_missing"
    FLAG_STANDS = "hold_flag_stands"


@dataclass(frozen=True, slots=True)
class Finding:
    """One such thing, and the schedules it is about."""

    code: FindingCode
    schedules: tuple[str, ...] = ()


class Grade(StrEnum):
    """How a finding is graded. Chopbook proposes; auditors grade."""

    NOTE = "note"
    MINOR = "minor"
    """Proposed as a minor nonconformity."""
    MAJOR = "major"
    """Proposed as a major nonconformity."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A finding with the grade that is proposed for it, and the day it has stood since, if there is one."""

    finding: Finding
    grade: Grade
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What schedules and holds make of a record on a day.

    Attributes:
        outcome: in one word.
        on: the day it was judged.
        keep_until: last day of the latest minimum that counts; None if there is none, or its clock has not started.
        dispose_by: last day on which it may still be here; None without a maximum.
        due_from: first day on which it may be disposed of; None while nobody can tell.
        lock_until: last day of the latest minimum by law, the most a store's lock may be set to.
        deciding: ids of the schedules that fix these dates.
        considered: ids of all schedules that speak of it.
        matters: holds that stand.
        findings: what somebody should look at.
        disposition: what the deciding schedule wants done.
    """

    outcome: Outcome
    on: date
    keep_until: date | None = None
    dispose_by: date | None = None
    due_from: date | None = None
    lock_until: date | None = None
    deciding: tuple[str, ...] = ()
    considered: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    disposition: Disposition | None = None
