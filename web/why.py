"""Why: what the policies in force say of an action, the reason, and what would be needed."""

from datetime import datetime, time
from typing import Any, Final, TypeVar

from api.languages import Language
from api.members import Choice, Day, Reader
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem
from audit.event import time_us
from policies.asking import asked_about
from policies.deciding import decide_in
from policies.model import Action, Decision, Resource, Words
from policies.quota import HONG_KONG
from policies.reasons import explain
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

T = TypeVar("T")

STORES_MAX: Final = 50
FIELDS: Final = ("action", "store", "class", "recorded", "whole", "principal")


def show(visit: Visit) -> Outcome:
    """The question, and its answer if one was asked."""
    asked = {name: visit.query.get(name, "").strip() for name in FIELDS}
    actions = sorted(
        ((action.value, visit.say(f"action.{action.value}")) for action in Action), key=lambda pair: pair[1]
    )
    may_ask_of_others = visit.may(Action.PEOPLE_READ, Resource("principal"))
    values: dict[str, object] = {"asked": asked, "actions": actions, "may_ask_of_others": may_ask_of_others}
    if not asked["action"]:
        return Shown("why.html", {**values, "answer": None, "problem": None})
    try:
        answer = _answer(visit, asked)
    except Problem as problem:
        if problem.status != 400:
            raise
        told = visit.told(problem)
        return Shown("why.html", {**values, "answer": None, "problem": told}, 400)
    return Shown("why.html", {**values, "answer": answer, "problem": None})


def _answer(visit: Visit, asked: dict[str, str]) -> dict[str, Any]:
    """What is said of it, now.

    Raises:
        Invalid: the question cannot be read.
        Denied: asking about another person needs the right to read accounts.
    """
    resource, action = _resource(asked), _read(Choice(Action), asked, "action")
    directory = visit.services.policies.fresh_directory()
    caller = visit.call.principal
    who, now = caller, visit.now
    if asked["principal"] and asked["principal"] != caller.id:
        visit.call.require_reading(Action.PEOPLE_READ, Resource("principal"))
        found = asked_about(directory, asked["principal"], visit.now)
        if found is None:
            return {"nobody": True}
        who, now = found
    decision = decide_in(directory, who, action, resource, now=now)
    return {"nobody": False, "at": now, "who": who.id, "action": action.value, **_explained(visit, decision)}


def _explained(visit: Visit, decision: Decision) -> dict[str, Any]:
    explained = explain(decision)

    def worded(words: Words) -> str:
        return words.zh if visit.language is Language.CHINESE else words.en

    titles = decision.bundle.policies
    return {
        "allowed": decision.allowed,
        "code": decision.code.value,
        "words": worded(explained.words),
        "nearest": None if explained.nearest is None else worded(explained.nearest),
        "needs": [worded(need.words) for need in explained.needs],
        "policies": [(name, worded(titles[name].title)) for name in decision.policies],
        "policy": decision.policy,
        "role": decision.principal.role.value,
    }


def _resource(asked: dict[str, str]) -> Resource:
    stores = frozenset(asked["store"].split())
    if len(stores) > STORES_MAX:
        raise Invalid([Fault.of(Code.LIST_TOO_LONG, max=STORES_MAX, got=len(stores))]).of_parameter("store")
    at_us = None
    if asked["recorded"]:
        at_us = time_us(datetime.combine(_read(Day(), asked, "recorded"), time(), HONG_KONG))
    classes = frozenset(asked["class"].split())
    return Resource("explained", "", stores, asked["whole"] == "true", classes, at_us)


def _read(reader: Reader[T], asked: dict[str, str], name: str) -> T:
    """A field of the question.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        return reader.from_text(asked[name])
    except Invalid as invalid:
        raise invalid.of_parameter(name) from None


PAGES: Final = (Page("/why", "page_why", show, query=FIELDS),)
