"""What other policies would change, before anybody decides by them: every role, action and place, asked of both. Pure.

Each question is asked at a store in reach, at one out of reach, of no store, and of the whole organisation, with the widest scopes that the
role permits under the policies that are asked. What would be newly allowed is what a person must look at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from policies.engine import Question
from policies.model import Action, Reach, Role
from policies.rules import REACH

if TYPE_CHECKING:
    from policies.engine import Bundle

HERE: Final = "here"
THERE: Final = "there"


class Place(StrEnum):
    """Where something is asked for."""

    IN_REACH = "in_reach"
    OUT_OF_REACH = "out_of_reach"
    NO_STORE = "no_store"
    WHOLE_ORGANISATION = "whole_organisation"


_STORES: Final = {
    Place.IN_REACH: frozenset({HERE}),
    Place.OUT_OF_REACH: frozenset({THERE}),
    Place.NO_STORE: frozenset[str](),
    Place.WHOLE_ORGANISATION: frozenset[str](),
}


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
    scopes = frozenset(action.value for action in bundle.permits[asked.role])
    reached = None if REACH[asked.role] is Reach.ALL else frozenset({HERE})
    whole = asked.place is Place.WHOLE_ORGANISATION
    question = Question(asked.role, reached, scopes, asked.action, _STORES[asked.place], whole)
    return not bundle.judge(question).codes
