"""Every reason, role, action and need speaks both languages, and a denial says what it would have taken."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from string import Formatter

import pytest

from policies.codes import Code
from policies.engine import shipped
from policies.errors import Denied, InvalidValue, NotAuthenticated, QuotaExceeded, RateLimited
from policies.explanations import NeedKind
from policies.model import Action, Decision, Resource, Role, ScopeKind, Words
from policies.reasons import ACTIONS, NEEDS, REASONS, ROLES, STORES_SHOWN_MAX, TARGETS, explain, words_of
from policies.rules import decide
from tests.policies.test_rules import principal


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def denial(action: Action, resource: Resource, **caller: object) -> Decision:
    return decide(shipped(), principal(**caller), action, resource, version=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [*REASONS.values(), *NEEDS.values()])
def test_every_text_is_a_sentence_in_both_languages_naming_the_same_values(words: Words) -> None:
    assert re.search("[\u4e00-\u9fff]", words.zh)
    assert words.zh.endswith("\u3002")
    assert words.en.endswith(".")
    assert placeholders(words.zh) == placeholders(words.en)


@pytest.mark.parametrize("words", [*REASONS.values(), *NEEDS.values(), *ROLES.values(), *ACTIONS.values()])
def test_chinese_is_punctuated_as_chinese(words: Words) -> None:
    without_values = re.sub(r"\{[a-z]+\}", "", words.zh)

    assert not re.search("[,:;()?!]", without_values)


def test_nothing_is_left_without_words() -> None:
    assert set(REASONS) == set(Code)
    assert set(ROLES) == set(Role)
    assert set(ACTIONS) == set(Action)
    assert set(TARGETS) == set(ScopeKind)
    assert set(NEEDS) == set(NeedKind)
    assert all(words.zh and words.en for table in (ROLES, ACTIONS, TARGETS) for words in table.values())


def test_values_fill_the_placeholders() -> None:
    assert words_of(Code.RATE_LIMITED, {"rate": 5, "seconds": 2}).en.endswith("in 2 seconds.")
    assert words_of(Code.ALLOWED).en == "Allowed."


def test_a_role_that_does_not_permit_is_told_which_would() -> None:
    explained = explain(denial(Action.PEOPLE_ERASE, Resource("person"), role=Role.AUDITOR))

    [need] = explained.needs
    assert explained.code is Code.ROLE_LACKS_ACTION
    assert need.kind is NeedKind.ROLE
    assert need.options == ("dpo", "operator")
    assert need.words.en == "One of these roles is needed: data protection officer, operator."
    assert "保障資料主任、系統操作員" in need.words.zh


def test_a_narrow_key_is_told_the_scope_and_the_store_it_lacks() -> None:
    explained = explain(
        denial(Action.STOCK_ADJUST, Resource.at("stock", ["B", "A", "C"]), stores={"A"}, scopes={"stock.read"})
    )

    assert [need.kind for need in explained.needs] == [NeedKind.SCOPE, NeedKind.STORE]
    assert explained.needs[0].options == ("stock.adjust",)
    assert explained.needs[1].options == ("B", "C")
    assert explained.needs[1].words.en == "An assignment to the store is needed: B, C."


def test_who_reaches_some_stores_is_told_that_the_whole_is_needed() -> None:
    explained = explain(denial(Action.LOG_EXPORT, Resource("log", whole_log=True), stores={"A"}))

    assert [need.kind for need in explained.needs] == [NeedKind.WHOLE_ORGANISATION]
    assert explained.needs[0].options == ()


def test_a_store_that_was_not_named_needs_naming_not_assigning() -> None:
    explained = explain(denial(Action.STOCK_ADJUST, Resource("stock"), stores={"A"}))

    assert explained.code is Code.STORE_NOT_NAMED
    assert explained.needs == ()


def test_an_engagement_that_leaves_out_class_and_date_is_told_both_and_how_near_it_was() -> None:
    decision = denial(
        Action.DOCUMENT_READ, Resource("document", classes=frozenset({"contract"}), at_us=5), role=Role.AUDITOR
    )
    limited = replace(decision.principal, classes=frozenset({"photo"}), from_us=10)
    decided = decide(shipped(), limited, decision.action, decision.resource, version=2)
    explained = explain(decided)
    one = explain(decide(shipped(), replace(limited, classes=None), decision.action, decision.resource, version=2))

    assert [need.kind for need in explained.needs] == [NeedKind.CLASS, NeedKind.DATES]
    assert explained.needs[0].options == ("contract",)
    assert explained.needs[1].words.en.endswith("for 1970-01-01T00:00:00.000010Z to ….")
    assert explained.nearest == Words(
        "共欠 2 項，其他條件全部符合。", "2 things are missing; every other condition is met."
    )
    assert one.nearest is not None
    assert one.nearest.en == "This alone is missing; every other condition is met."
    assert explain(denial(Action.STOCK_READ, Resource("stock"))).nearest is None


def test_a_decision_that_rests_on_a_revoked_key_lacks_no_role() -> None:
    allowed = denial(Action.STOCK_READ, Resource("stock"))
    revoked = Decision(
        False, Code.KEY_REVOKED, allowed.policy, 2, allowed.principal, allowed.action, allowed.resource, shipped()
    )

    assert explain(allowed).needs == ()
    assert explain(revoked).needs == ()


def test_an_explanation_is_bounded() -> None:
    many = Resource.at("stock", [f"S{n}" for n in range(100)])

    [need] = explain(denial(Action.STOCK_ADJUST, many, stores=set())).needs

    assert len(need.options) == STORES_SHOWN_MAX


def test_errors_speak_for_themselves() -> None:
    decision = denial(Action.PEOPLE_ERASE, Resource("person"))

    assert str(Denied(decision)) == "Your role does not permit this action."
    assert Denied(decision).explain() == explain(decision)
    assert str(InvalidValue(Code.NAME_FORM, "name_zh", {"most": 80})).startswith("name_zh: A name has 1 to 80")
    assert "ck_" not in str(NotAuthenticated(Code.KEY_UNKNOWN, "abcdefgh"))
    assert "abcdefgh" not in str(NotAuthenticated(Code.KEY_UNKNOWN, "abcdefgh"))
    assert RateLimited(60, 3).words().en == "Too many calls: at most 60 a minute. Try again in 3 seconds."
    assert "2026-12-01" in str(QuotaExceeded(1000, datetime(2026, 12, 1, tzinfo=UTC)))
