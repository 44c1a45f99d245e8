"""What other policies would change, before anybody decides by them: every role, action and place, asked of both. Pure.

Each question is asked at a store in reach, at one out of reach, of no store, and of the whole organisation, with the widest scopes that the
role permits under the policies that are asked; and once for each other thing that a limit looks at: a key whose scopes do not include it, an auditor
without an engagement, another class, other dates, a broken glass. What would be newly allowed is what a person must look at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from policies.engine import Question, verdict
from policies.model import Action, Reach, Role
from policies.rules import REACH

if TYPE_CHECKING:
    from policies.engine import Bundle

HERE: Final = "here"
THERE: Final = "there"


class Place(StrEnum):
    """Where something is asked for, or how."""

    IN_REACH = "in_reach"
    OUT_OF_REACH = "out_of_reach"
    NO_STORE = "no_store"
    WHOLE_ORGANISATION = "whole_organisation"
    SCOPE_LACKING = "scope_lacking"
    """At a store in reach, with a key that may ask for everything else."""
    NOT_ENGAGED = "not_engaged"
    OTHER_CLASS = "other_class"
    OTHER_DATES = "other_dates"
    GLASS_BROKEN = "glass_broken"


_ELSEWHERE: Final = {
    Place.OUT_OF_REACH: frozenset({THERE}),
    Place.NO_STORE: frozenset[str](),
    Place.WHOLE_ORGANISATION: frozenset[str](),
}
_HERE: Final = frozenset({HERE})
_THERE: Final = frozenset({THERE})


@dataclass(frozen=True, slots=True, order=True)
class Moved:
    """One question that would be answered otherwise."""

    role: Role
    action: Action
    place: Place


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would move, sorted; and how many questions were asked."""

    asked: int
    newly_allowed: tuple[Moved, ...]
    newly_denied: tuple[Moved, ...]


def compare(before: Bundle, after: Bundle) -> Comparison:
    """Asks both policies everything."""
    every = [Moved(role, action, place) for role in Role for action in Action for place in Place]
    allowed: list[Moved] = []
    denied: list[Moved] = []
    for one in every:
        was, is_now = _allows(before, one), _allows(after, one)
        if was != is_now:
            (allowed if is_now else denied).append(one)
    return Comparison(len(every), tuple(sorted(allowed)), tuple(sorted(denied)))


def _allows(bundle: Bundle, asked: Moved) -> bool:
    if asked.action not in bundle.permits[asked.role]:
        # No policy speaks for it, and what none permits is denied: Cedar need not be asked.
        return False
    place = asked.place
    scopes = bundle.scopes(asked.role)
    question = Question(
        asked.role,
        None if REACH[asked.role] is Reach.ALL else _HERE,
        scopes - {asked.action.value} if place is Place.SCOPE_LACKING else scopes,
        asked.action,
        _ELSEWHERE.get(place, _HERE),
        place is Place.WHOLE_ORGANISATION,
        lapsed=place is Place.NOT_ENGAGED,
        classes=_HERE if place is Place.OTHER_CLASS else None,
        asked_classes=_THERE if place is Place.OTHER_CLASS else frozenset(),
        in_time=place is not Place.OTHER_DATES,
        emergency=place is Place.GLASS_BROKEN,
    )
    return not verdict(bundle, question).codes
