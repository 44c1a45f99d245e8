"""How breaches and the Commissioner's notices look in an answer, and in the description."""

from datetime import date
from typing import Final

from api.members import Schema
from api.schemas import BOOLEAN, COUNT, DATE, TEXT, TIME, choice, listed, record
from api.shapes import Json, present, time_json
from cases.incidents.model import (
    Breach,
    BreachKind,
    BreachState,
    BreachStep,
    Cessation,
    CessationState,
    Direction,
    Enforcement,
    Regime,
    TimelineStep,
)
from cases.incidents.rules import breach_clocks


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def breach_json(breach: Breach) -> Json:
    """Return a breach with the clocks of its regimes."""
    return {
        "id": breach.id,
        "state": breach.state.value,
        "kind": breach.kind.value,
        "regimes": sorted(breach.regimes),
        "designated": breach.designated,
        "known_at": time_json(breach.known_at),
        "data_kinds": sorted(breach.data_kinds),
        "opened_index": breach.opened_index,
        "clocks": [
            {
                "regime": clock.regime.value,
                "recommended": clock.recommended,
                "verified": clock.verified,
                "zh": clock.authority.zh,
                "en": clock.authority.en,
                **present({"hours": clock.hours, "until": None if clock.until is None else time_json(clock.until)}),
            }
            for clock in breach_clocks(breach.regimes, breach.known_at, designated=breach.designated)
        ],
        **present(
            {
                "people": breach.people,
                "processor": breach.processor,
                "reference": breach.reference,
                "notify_authority": breach.notify_authority,
                "notify_people": breach.notify_people,
            }
        ),
    }


def step_json(step: TimelineStep) -> Json:
    """Return one step of a breach's timeline."""
    return {
        "index": step.index,
        "step": step.step.value,
        "done_at": time_json(step.done_at),
        "actor": step.actor,
        **present({"regime": None if step.regime is None else step.regime.value, "text": step.text}),
    }


def direction_json(found: Direction) -> Json:
    """Return a direction."""
    return {
        "notice": found.notice,
        "number": found.number,
        "due_on": found.due_on.isoformat(),
        **present({"met_on": _day(found.met_on), "met_index": found.met_index}),
    }


def enforcement_json(found: Enforcement) -> Json:
    """Return an enforcement notice."""
    return {
        "id": found.id,
        "reference": found.reference,
        "served_on": found.served_on.isoformat(),
        "opened_index": found.opened_index,
        "directions": [direction_json(one) for one in found.directions],
    }


def cessation_json(found: Cessation) -> Json:
    """Return a cessation notice."""
    return {
        "id": found.id,
        "document": found.document,
        "state": found.state.value,
        "reference": found.reference,
        "served_on": found.served_on.isoformat(),
        "opened_index": found.opened_index,
    }


_CLOCK: Final = record(
    {"regime": choice(Regime), "recommended": BOOLEAN, "verified": BOOLEAN, "zh": TEXT, "en": TEXT},
    optional={"hours": COUNT, "until": TIME},
)
BREACH: Final[Schema] = record(
    {
        "id": TEXT,
        "state": choice(BreachState),
        "kind": choice(BreachKind),
        "regimes": listed(choice(Regime)),
        "designated": BOOLEAN,
        "known_at": TIME,
        "data_kinds": listed(TEXT),
        "opened_index": COUNT,
        "clocks": listed(_CLOCK),
    },
    optional={
        "people": COUNT,
        "processor": TEXT,
        "reference": TEXT,
        "notify_authority": BOOLEAN,
        "notify_people": BOOLEAN,
    },
)
TIMELINE: Final[Schema] = listed(
    record(
        {"index": COUNT, "step": choice(BreachStep), "done_at": TIME, "actor": TEXT},
        optional={"regime": choice(Regime), "text": TEXT},
    )
)
DIRECTION: Final[Schema] = record(
    {"notice": TEXT, "number": COUNT, "due_on": DATE}, optional={"met_on": DATE, "met_index": COUNT}
)
ENFORCEMENT: Final[Schema] = record(
    {"id": TEXT, "reference": TEXT, "served_on": DATE, "opened_index": COUNT, "directions": listed(DIRECTION)}
)
CESSATION: Final[Schema] = record(
    {
        "id": TEXT,
        "document": TEXT,
        "state": choice(CessationState),
        "reference": TEXT,
        "served_on": DATE,
        "opened_index": COUNT,
    }
)
