"""Every conjunct of every policy matters: turned round, swapped or given to somebody else, some question is answered otherwise.

`test_engine` takes things out; this puts wrong ones in. A policy that is written tomorrow is mutated without a word here: places are found
by walking the policies as Cedar parses them. What survives would be a condition that no test holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeAlias

import cedarpy
import pytest

from policies.engine import Bundle, Question, make_bundle, shipped
from policies.model import Action, Role
from tests.policies.test_engine import MIXED
from tests.policies.twin import failed

Written: TypeAlias = dict[str, dict[str, Any]]
Place: TypeAlias = tuple[str | int, ...]

_PARTS = {"&&": ("left", "right"), "||": ("left", "right"), "!": ("arg",), "if-then-else": ("if", "then", "else")}


_JSON = cedarpy.policies_to_json_str(shipped().text)


def written() -> Written:
    """The policies as Cedar parses them, to be changed."""
    found: Written = json.loads(_JSON)["staticPolicies"]
    return found


def mutant(changed: Written) -> Bundle:
    text = cedarpy.policies_from_json_str(json.dumps({"staticPolicies": changed, "templates": {}, "templateLinks": []}))
    return make_bundle([text], shipped().schema)


def places(node: dict[str, Any], place: Place) -> Iterator[Place]:
    """Where truth stands in an expression: the whole, and every side of `and`, `or`, `not` and `if`."""
    yield place
    for operator, sides in _PARTS.items():
        if operator in node:
            for side in sides:
                yield from places(node[operator][side], (*place, operator, side))


def node_at(tree: Any, place: Place) -> Any:
    for step in place:
        tree = tree[step]
    return tree


def turned(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every wrong expression one slip away from this one."""
    yield "negated", {"!": {"arg": node}}
    yield "always", {"Value": True}
    yield "never", {"Value": False}
    for operator, other in (("&&", "||"), ("||", "&&")):
        if operator in node:
            yield "left alone", node[operator]["left"]
            yield "right alone", node[operator]["right"]
            yield f"{other} for {operator}", {other: node[operator]}


def conditions() -> dict[str, Written]:
    """Policies with one expression of one condition wrong."""
    found = {}
    for key, body in written().items():
        name = body["annotations"]["id"]
        for number, condition in enumerate(body["conditions"]):
            for place in places(condition["body"], ("conditions", number, "body")):
                for how, wrong in turned(node_at(body, place)):
                    changed = written()
                    *way, last = place
                    node_at(changed[key], tuple(way))[last] = deepcopy(wrong)
                    found[f"{name}: {'/'.join(map(str, place[2:]))} {how}"] = changed
    return found


CONDITIONS = conditions()


def for_another_role() -> Iterator[tuple[str, Written, Role]]:
    """Policies that permit the next role what they should permit theirs."""
    roles = list(Role)
    for key, body in written().items():
        if body["effect"] == "permit":
            role = Role(body["principal"]["entity"]["id"])
            other = roles[(roles.index(role) + 1) % len(roles)]
            changed = written()
            changed[key]["principal"]["entity"]["id"] = other.value
            yield f"{body['annotations']['id']}: for {other.value}", changed, role


def widened() -> Iterator[tuple[str, Written, Role, Action]]:
    """Policies that permit one action more."""
    for key, body in written().items():
        if body["effect"] == "permit" and "entities" in body["action"]:
            role, held = Role(body["principal"]["entity"]["id"]), {one["id"] for one in body["action"]["entities"]}
            for action in Action:
                if action.value not in held:
                    changed = written()
                    changed[key]["action"]["entities"].append({"type": "Chopbook::Action", "id": action.value})
                    yield f"{body['annotations']['id']}: also {action.value}", changed, role, action


def differs(changed: Bundle, questions: list[Question]) -> bool:
    return any(changed.judge(question).codes != failed(question) for question in questions)


def test_conditions_are_found_wherever_they_stand() -> None:
    assert "limit.store: body negated" in CONDITIONS
    assert "limit.store: body/||/left/||/right negated" in CONDITIONS
    assert "limit.store: body && for ||" in CONDITIONS
    tree = {"&&": {"left": {"!": {"arg": {"Var": "a"}}}, "right": {"Var": "b"}}}
    assert len(list(places(tree, ()))) == 4


@pytest.mark.parametrize("name", CONDITIONS)
def test_no_wrong_condition_decides_as_the_twin_does(name: str) -> None:
    assert differs(mutant(CONDITIONS[name]), MIXED)


def test_no_policy_for_another_role_decides_as_the_twin_does() -> None:
    survivors = []
    for name, changed, role in for_another_role():
        theirs = [question for question in MIXED if question.role is role]
        if not differs(mutant(changed), theirs):
            survivors.append(name)

    assert survivors == []


@pytest.mark.long
def test_no_policy_that_permits_more_decides_as_the_twin_does() -> None:
    survivors = []
    for name, changed, role, action in widened():
        near = [question for question in MIXED if question.role is role and question.action is action]
        if not differs(mutant(changed), near):
            survivors.append(name)

    assert survivors == []
