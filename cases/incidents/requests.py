"""What callers ask about incidents and the Commissioner's notices. Facts and reasons are sealed; the rest stands in entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.incidents.model import BreachKind, BreachStep, Regime

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

DATA_KINDS_MAX: Final = 20
DIRECTIONS_MAX: Final = 30
PEOPLE_MAX: Final = 10**9


@dataclass(frozen=True, slots=True)
class BreachRequest:
    """A breach that became known. `known_at` None: now."""

    event_id: UUID
    kind: BreachKind
    regimes: tuple[Regime, ...]
    facts: str
    known_at: datetime | None = None
    designated: bool = False
    people: int | None = None
    data_kinds: tuple[str, ...] = ()
    processor: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class StepRequest:
    """Something that was done about a breach. `done_at` None: now."""

    event_id: UUID
    step: BreachStep
    text: str | None = None
    done_at: datetime | None = None
    regime: Regime | None = None


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """Whether to tell the authority and the people, and why."""

    event_id: UUID
    notify_authority: bool
    notify_people: bool
    reason: str


@dataclass(frozen=True, slots=True)
class EnforcementRequest:
    """An enforcement notice that was served; each direction has its number, its day and its words."""

    event_id: UUID
    reference: str
    served_on: date
    directions: tuple[DirectionRequest, ...]


@dataclass(frozen=True, slots=True)
class DirectionRequest:
    """One direction of it."""

    number: int
    due_on: date
    text: str


@dataclass(frozen=True, slots=True)
class CessationRequest:
    """A cessation notice about a document."""

    event_id: UUID
    document: str
    reference: str
    served_on: date
    text: str | None = None
