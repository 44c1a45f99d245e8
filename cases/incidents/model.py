"""The values of incidents and of the Commissioner's notices.

- A *breach* is one incident; what happened is sealed, what it concerns are codes and counts. An incident at a processor is the
  organisation's own (PDPO s.65(2)).
- A *clock* belongs to a regime. The Ordinance sets none for telling of a breach, so none is shown for it.
- An *enforcement notice* (s.50) has directions, each with a day by which it is to be met.
- A *cessation* is a notice under s.66M about one document: it is blocked at once, held, and never deleted for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from policies.model import Words

BREACH_OPENED: Final = "breach.opened"
BREACH_STEP: Final = "breach.step_recorded"
BREACH_DECIDED: Final = "breach.decided"
BREACH_CLOSED: Final = "breach.closed"
ENFORCEMENT_SERVED: Final = "enforcement.served"
DIRECTION_MET: Final = "enforcement.direction_met"
CESSATION_SERVED: Final = "cessation.served"
CESSATION_ANSWERED: Final = "cessation.answered"
CESSATION_LIFTED: Final = "cessation.lifted"

EVENT_TYPES: Final = frozenset(
    {
        BREACH_OPENED,
        BREACH_STEP,
        BREACH_DECIDED,
        BREACH_CLOSED,
        ENFORCEMENT_SERVED,
        DIRECTION_MET,
        CESSATION_SERVED,
        CESSATION_ANSWERED,
        CESSATION_LIFTED,
    }
)
"""Every type of entry about incidents and notices."""

SUBJECT_BREACH: Final = "breach"
SUBJECT_ENFORCEMENT: Final = "enforcement_notice"
SUBJECT_CESSATION: Final = "cessation"


class Regime(StrEnum):
    """Whose law a breach may fall under."""

    PDPO = "pdpo"
    """Personal Data (Privacy) Ordinance, Cap. 486: telling the Commissioner is recommended, not required."""
    GDPR = "gdpr"
    """Regulation (EU) 2016/679, where it applies to the organisation (Art. 3)."""
    CAP653 = "cap653"
    """Protection of Critical Infrastructures (Computer Systems) Ordinance: designated operators only."""


class BreachKind(StrEnum):
    """What happened to the data."""

    DISCLOSED = "disclosed"
    LOST = "lost"
    ALTERED = "altered"
    UNAVAILABLE = "unavailable"


class BreachStep(StrEnum):
    """What was done about a breach, as the Commissioner's guidance orders it."""

    CONTAINED = "contained"
    ASSESSED = "assessed"
    AUTHORITY_TOLD = "authority_told"
    PEOPLE_TOLD = "people_told"
    REMEDIED = "remedied"
    NOTED = "noted"


class BreachState(StrEnum):
    """How far a breach is."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BreachClock:
    """What a regime wants told, and until when; `until` None: there is no deadline.

    `hours` is the time the law gives, None where it gives none; `recommended` marks guidance.
    """

    regime: Regime
    hours: int | None
    until: datetime | None
    recommended: bool
    authority: Words
    verified: bool


@dataclass(frozen=True, slots=True)
class Breach:
    """An incident as it stands.

    Attributes:
        id: of the breach.
        state: how far it is.
        kind: what happened to the data.
        regimes: under whose law it may fall.
        designated: whether the organisation is a designated operator under Cap. 653.
        known_at: when the organisation became aware; clocks count from here.
        people: how many people are concerned, as far as known; None: not known.
        data_kinds: kinds of personal data, as codes.
        processor: code of the processor at which it happened; None: one's own.
        reference: the processor's own number of it.
        notify_authority: what was decided; None: nothing yet.
        notify_people: what was decided; None: nothing yet.
        opened_index: the entry that opened it.
        entry_index: the entry that changed it last.
    """

    id: str
    state: BreachState
    kind: BreachKind
    regimes: frozenset[Regime]
    designated: bool
    known_at: datetime
    people: int | None
    data_kinds: frozenset[str]
    processor: str | None
    reference: str | None
    notify_authority: bool | None
    notify_people: bool | None
    opened_index: int
    entry_index: int = -1


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One thing that was done, with the entry that says so; `text` None: erased, or none was given."""

    index: int
    step: BreachStep
    done_at: datetime
    regime: Regime | None
    actor: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of an enforcement notice."""

    notice: str
    number: int
    due_on: date
    met_on: date | None
    met_index: int | None


@dataclass(frozen=True, slots=True)
class Enforcement:
    """An enforcement notice of the Commissioner."""

    id: str
    reference: str
    served_on: date
    directions: tuple[Direction, ...]
    opened_index: int


class CessationState(StrEnum):
    """How far a cessation notice is."""

    BLOCKED = "blocked"
    ANSWERED = "answered"
    """Carried out and told; the document stays blocked."""
    LIFTED = "lifted"
    """Revoked, or set aside on appeal (s.66N): read again."""


@dataclass(frozen=True, slots=True)
class Cessation:
    """A cessation notice about one document."""

    id: str
    document: str
    state: CessationState
    reference: str
    served_on: date
    opened_index: int
    entry_index: int = -1
