"""Cedar decides as the twin does; no condition can be lost without a test that fails; errors deny."""

from __future__ import annotations

import itertools
import json
import logging
import random
import re
from typing import Any

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.bundles.manifest import BundleInvalid
from policies.codes import Code
from policies.engine import Bundle, Question, make_bundle, shipped, verdict
from policies.model import Action, Role
from tests.policies.twin import AT_A_STORE, NEVER_IN_EMERGENCY, failed

SOME = frozenset({"A"})
EVERY_SCOPE = frozenset(action.value for action in Action)

QUESTIONS = [
    Question(role, stores, scopes, action, asked, whole)
    for role, action in itertools.product(Role, Action)
    for stores, scopes, asked, whole in (
        (None, EVERY_SCOPE, frozenset[str](), True),
        (None, EVERY_SCOPE - {action.value}, SOME, False),
        (None, EVERY_SCOPE, SOME, False),
        (None, EVERY_SCOPE, frozenset[str](), False),
        (SOME, EVERY_SCOPE, SOME, False),
        (SOME, EVERY_SCOPE, frozenset({"A", "B"}), False),
        (SOME, EVERY_SCOPE, frozenset[str](), False),
        (SOME, EVERY_SCOPE, SOME, True),
        (SOME, EVERY_SCOPE, frozenset({"A", "B"}), True),
        (SOME, EVERY_SCOPE, frozenset[str](), True),
    )
] + [
    Question(role, None, EVERY_SCOPE, action, SOME, False, lapsed, classes, asked, in_time, emergency)
    for role, action in itertools.product(Role, Action)
    for lapsed, classes, asked, in_time, emergency in (
        (True, None, frozenset[str](), True, False),
        (False, None, frozenset({"x"}), True, False),
        (False, frozenset({"x"}), frozenset({"x"}), True, False),
        (False, frozenset({"x"}), frozenset({"x", "y"}), True, False),
        (False, None, frozenset[str](), False, False),
        (False, None, frozenset[str](), True, True),
    )
]
"""Small enough to ask of every mutant, and wide enough to tell each from the original."""
MIXED = random.Random(1).sample(QUESTIONS, len(QUESTIONS))
"""The same in an order in which each kind comes soon: what tells a mutant from the original is found early."""


def test_cedar_and_the_twin_give_the_same_reasons_for_every_question() -> None:
    assert [question for question in QUESTIONS if shipped().judge(question).codes != failed(question)] == []


codes = st.frozensets(st.sampled_from(["A", "B", "C", '"', "旺角", "\\"]))


@given(
    st.builds(
        Question,
        st.sampled_from(Role),
        st.none() | codes,
        st.frozensets(st.sampled_from(sorted(EVERY_SCOPE))),
        st.sampled_from(Action),
        codes,
        st.booleans(),
        st.booleans(),
        st.none() | codes,
        codes,
        st.booleans(),
        st.booleans(),
    )
)
def test_cedar_and_the_twin_agree_on_generated_questions(question: Question) -> None:
    assert verdict(shipped(), question).codes == failed(question)


def test_what_decided_is_named() -> None:
    allowed = Question(Role.STAFF, SOME, EVERY_SCOPE, Action.STOCK_ADJUST, SOME, False)
    denied = allowed._replace(asked_stores=frozenset({"B"}), scopes=frozenset())

    assert verdict(shipped(), allowed).policies == ("role.staff",)
    assert verdict(shipped(), denied).policies == ("limit.scope", "limit.store")
    assert verdict(shipped(), allowed._replace(action=Action.KEYS_MANAGE, asked_stores=frozenset())).policies == ()


# -------------------------------------------------------------------------------------------- mutants


_JSON = cedarpy.policies_to_json_str(shipped().text)


def _written() -> dict[str, dict[str, Any]]:
    """The policies as Cedar parses them, to be changed."""
    written: dict[str, dict[str, Any]] = json.loads(_JSON)["staticPolicies"]
    return written


def _mutants() -> dict[str, dict[str, dict[str, Any]]]:
    """The policies with one policy, one action, one condition, or one side of an `or` taken out."""
    found: dict[str, dict[str, dict[str, Any]]] = {}

    def keep(name: str, changed: dict[str, dict[str, Any]]) -> None:
        found[name] = changed

    for key, body in _written().items():
        name = body["annotations"]["id"]
        without = _written()
        del without[key]
        keep(f"{name} gone", without)
        for number in range(len(body["action"].get("entities", ()))):
            changed = _written()
            gone = changed[key]["action"]["entities"].pop(number)
            keep(f"{name} without {gone['id']}", changed)
        if body["effect"] == "permit":
            changed = _written()
            changed[key]["principal"] = {"op": "All"}
            keep(f"{name} for everybody", changed)
        elif body["action"]["op"] != "All":
            changed = _written()
            changed[key]["action"] = {"op": "All"}
            keep(f"{name} for every action", changed)
        for number, path in itertools.product(
            range(len(body["conditions"])), ("left", "right", "left.left", "left.right")
        ):
            changed = _written()
            if _keep_only(changed[key]["conditions"][number], path):
                keep(f"{name} with only the {path} of its condition", changed)
    return found


def _keep_only(condition: dict[str, Any], path: str) -> bool:
    """Replaces the `a || b` that a path leads to by one of its sides; false if there is none."""
    holder, key = condition, "body"
    *way, side = path.split(".")
    for step in way:
        if "||" not in holder[key]:
            return False
        holder, key = holder[key]["||"], step
    if "||" not in holder[key]:
        return False
    holder[key] = holder[key]["||"][side]
    return True


MUTANTS = _mutants()


def test_there_is_a_mutant_for_every_policy_and_condition() -> None:
    assert len(MUTANTS) > 120
    for policy in shipped().policies:
        assert f"{policy} gone" in MUTANTS
    assert "limit.store with only the left of its condition" in MUTANTS
    assert "limit.store with only the left.left of its condition" in MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_no_mutant_decides_as_the_twin_does(name: str) -> None:
    text = cedarpy.policies_from_json_str(
        json.dumps({"staticPolicies": MUTANTS[name], "templates": {}, "templateLinks": []})
    )
    mutant = _unheaded(text) if "for everybody" in name else make_bundle([text], shipped().schema)

    # The cheap look first: most mutants differ for the role or action they are named after.
    assert any(mutant.judge(question).codes != failed(question) for question in _likely_first(name))


def _unheaded(text: str) -> Bundle:
    """A bundle whose `permits` cannot be read from its heads: they stay those of the original."""
    original = shipped()
    return Bundle(
        text,
        original.schema,
        "0" * 64,
        original.policies,
        original.permits,
        cedarpy.PolicySet.from_str(text),
        cedarpy.Schema.from_str(original.schema),
    )


def _likely_first(name: str) -> list[Question]:
    role = name.split(maxsplit=1)[0].removeprefix("role.")
    action = name.rsplit(" ", 1)[-1]
    if action == "everybody":
        return [question for question in MIXED if question.role.value != role]
    return sorted(MIXED, key=lambda question: (question.action.value != action, question.role.value != role))


# ---------------------------------------------------------------------------------------- what is refused

PERMIT = '@id("p") @title_zh("規則") @title_en("A rule")\npermit (principal in Chopbook::Role::"staff", action == Chopbook::Action::"log.read", resource);'


def schema() -> str:
    return shipped().schema


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("permit (", "unexpected"),
        (PERMIT.replace('@id("p") ', ""), "expected annotations @id, got none"),
        (PERMIT.replace('@title_zh("規則") ', ""), "expected annotations @title_zh"),
        (PERMIT + PERMIT, "more than once"),
        (PERMIT.replace("permit", "forbid"), "expected annotations @code"),
        (PERMIT.replace("permit", '@code("nonsense") forbid'), "expected a reason code, got 'nonsense'"),
        (PERMIT.replace("permit", '@code("key_unknown") forbid'), "expected a code of a denial"),
        (PERMIT.replace(' in Chopbook::Role::"staff"', ""), "expected a role and a list of actions"),
        (PERMIT.replace(";", " when { resource.on_hold };"), "on_hold"),
        (PERMIT.replace("log.read", "log.burn"), "log.burn"),
        (PERMIT.replace(";", " when { principal.stores };"), "Bool"),
    ],
)
def test_policies_that_people_or_the_schema_cannot_take_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(BundleInvalid, match=re.escape(complaint)):
        make_bundle([text], schema())


def test_one_action_may_be_permitted_by_itself() -> None:
    made = make_bundle([PERMIT], schema())
    assert made.permits[Role.STAFF] == {Action.LOG_READ}
    assert made.permits[Role.AUDITOR] == frozenset()
    assert made.policies["p"].title.en == "A rule"


def test_a_changed_word_is_another_bundle() -> None:
    digests = {
        make_bundle([PERMIT], schema()).digest,
        make_bundle([PERMIT.replace("A rule", "a rule")], schema()).digest,
        make_bundle([PERMIT], schema() + "\n").digest,
    }
    assert len(digests) == 3


def test_an_error_inside_a_forbid_denies_and_alarms(caplog: pytest.LogCaptureFixture) -> None:
    # Cedar skips a forbid that errs, and would allow; overflow is an error no schema can rule out.
    text = PERMIT + (
        '@id("f") @code("scope_missing") @title_zh("限制") @title_en("A limit")\n'
        "forbid (principal, action, resource) when { 9223372036854775807 + (if resource.whole_log then 1 else 0) == 0 };"
    )
    made = make_bundle([text], schema())
    question = Question(Role.STAFF, None, frozenset({"log.read"}), Action.LOG_READ, frozenset(), True)

    with caplog.at_level(logging.ERROR, "chopbook.policies"):
        assert made.judge(question).codes == (Code.POLICY_ERROR,)
    assert [record.message for record in caplog.records] == ["policies cannot be evaluated"]
    assert made.judge(question._replace(whole_log=False)).codes == ()


@pytest.mark.parametrize(
    ("group", "expected"), [("at_a_store", AT_A_STORE), ("never_in_emergency", NEVER_IN_EMERGENCY)]
)
def test_a_group_of_actions_means_the_same_in_schema_and_twin(group: str, expected: frozenset[Action]) -> None:
    statements = re.findall(r"action\s+((?:\"[a-z_.]+\",?\s*)+)in \[([^\]]+)\]", schema())
    named = [actions for actions, groups in statements if f'"{group}"' in groups]

    assert {name for actions in named for name in re.findall(r'"([^"]+)"', actions)} == {one.value for one in expected}
