"""The table of problems, and how a language is chosen."""

import re

import orjson
import pytest

from api.languages import Language, preferred_language
from api.problem_codes import Code
from api.problem_table import KINDS
from api.problems import Fault, Invalid, Problem, pointer

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ENGLISH),
        ("en", ENGLISH),
        ("en-GB,en;q=0.9", ENGLISH),
        ("zh-Hant-HK", CHINESE),
        ("zh-HK,zh;q=0.9,en;q=0.8", CHINESE),
        ("zh-TW", CHINESE),
        ("zh-CN", CHINESE),
        ("yue", CHINESE),
        ("en;q=0.5, zh;q=0.6", CHINESE),
        ("en;q=0.5, zh;q=0.5", ENGLISH),
        ("fr, de;q=0.9", ENGLISH),
        ("fr, zh-HK;q=0.1", CHINESE),
        ("zh;q=0, en;q=0.1", ENGLISH),
        ("zh;q=nonsense", ENGLISH),
        ("zh;q=9", ENGLISH),
        ("*", ENGLISH),
        (";;;,,,=", ENGLISH),
    ],
)
def test_the_language_a_header_asks_for(header: str, language: Language) -> None:
    assert preferred_language(header, ENGLISH) is language


def test_without_a_wish_the_default_is_used() -> None:
    assert preferred_language("fr", CHINESE) is CHINESE


def test_every_code_has_a_row_in_both_languages() -> None:
    assert {code.value for code in Code} <= set(KINDS)
    for code, kind in KINDS.items():
        assert kind.code == code
        assert 400 <= kind.status <= 503
        for text in (kind.title, kind.detail):
            assert text.en
            assert text.zh


def test_both_languages_name_the_same_values() -> None:
    for kind in KINDS.values():
        names = re.compile(r"\{(\w+)\}")
        assert set(names.findall(kind.detail.en)) == set(names.findall(kind.detail.zh)), kind.code


def test_chinese_is_written_with_chinese_punctuation() -> None:
    for kind in KINDS.values():
        for text in (kind.title.zh, kind.detail.zh):
            assert not re.search(r"[一-鿿][,;:!?()]", text), kind.code
            assert not re.search(r"[,;:!?()][一-鿿]", text), kind.code


def test_a_problem_is_shown_with_all_members_of_rfc_9457() -> None:
    problem = Problem.of(Code.BODY_TOO_LARGE, max=10).adding(("Retry-After", "1"), hint="x")

    found = orjson.loads(problem.encoded(CHINESE, request_id="r1", public_url="https://chop.test"))

    assert found == {
        "type": "https://chop.test/problems/body_too_large",
        "title": "內容過大",
        "status": 413,
        "detail": "內容最多只可有 10 個位元組。",
        "code": "body_too_large",
        "request_id": "r1",
        "hint": "x",
    }
    assert problem.headers == (("Retry-After", "1"),)


def test_faults_are_listed_with_pointer_parameter_and_line() -> None:
    fault = Fault.of(Code.MEMBER_MISSING).under("sku").under(3)
    problem = Invalid([fault]).on_line(4)
    parameter = Invalid([Fault.of(Code.INTEGER_EXPECTED)]).of_parameter("limit")

    assert problem.faults[0].as_json(ENGLISH) == {
        "line": 4,
        "pointer": "#/3/sku",
        "code": "member_missing",
        "detail": "This member is required, and it is missing.",
    }
    assert parameter.faults[0].as_json(ENGLISH)["parameter"] == "limit"
    assert (problem.status, parameter.status) == (422, 400)


def test_faults_are_bounded() -> None:
    assert len(Invalid([Fault.of(Code.MEMBER_MISSING)] * 100).faults) == 20


def test_a_pointer_is_a_uri_fragment() -> None:
    assert pointer(()) == "#"
    assert pointer(("rows", 3, "a/b~c d", "貨")) == "#/rows/3/a~1b~0c%20d/%E8%B2%A8"
    assert pointer(("\ud800",)) == "#/%3F"
    assert len(pointer(("x" * 1000,))) < 80


@pytest.mark.parametrize("code", ["member_unknown", "choice_unknown", "currency_unknown"])
def test_a_wrong_request_is_not_titled_as_a_thing_that_is_not_there(code: str) -> None:
    assert KINDS[code].title.en == "Request not valid"
    assert KINDS["store_unknown"].title.en == "Not known"
