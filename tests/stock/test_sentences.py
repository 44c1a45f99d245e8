"""Every code speaks both languages, with the same values."""

import re
from string import Formatter

import pytest

from policies.refusals import pointer
from stock.errors import SENTENCES, BatchRefused, Code, InvalidRequest, StockError
from stock.model import RowResult, RowState
from stock.units import UNITS, Unit


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_sentence_in_both_languages_naming_the_same_values(code: Code) -> None:
    words = SENTENCES[code]

    assert re.search("[\u4e00-\u9fff]", words.zh)
    assert words.en.endswith(".")
    assert words.zh.endswith("\u3002")
    assert placeholders(words.zh) == placeholders(words.en)


def test_no_sentence_stands_for_a_code_that_does_not_exist() -> None:
    assert set(SENTENCES) == set(Code)


def test_every_unit_has_words_in_both_languages() -> None:
    assert set(UNITS) == set(Unit)
    assert all(words.zh and words.en for words in UNITS.values())


def test_a_problem_says_where_what_was_expected_and_what_was_got() -> None:
    error = InvalidRequest(Code.TEXT_TOO_LONG, ("rows", 3, "note"), {"max": 10, "got": 12})

    assert str(error) == "/rows/3/note: Expected at most 10 characters, got 12."
    assert error.sentence().zh == "文字最長 10 個字元，現有 12 個。"


def test_a_problem_of_the_whole_request_has_no_place() -> None:
    assert str(StockError(Code.STORE_UNKNOWN, (), {"store": "X"})) == "There is no store X."


def test_a_problem_seen_from_outside_keeps_its_kind() -> None:
    inner = InvalidRequest(Code.QUANTITY_ZERO, ("change",))

    outer = inner.under("rows", 7)

    assert type(outer) is InvalidRequest
    assert outer.path == ("rows", 7, "change")


def test_pointers_escape_as_rfc_6901_says() -> None:
    assert pointer(("a/b", "m~n", 0)) == "/a~1b/m~0n/0"


def test_a_refused_batch_counts_its_rows_and_carries_them() -> None:
    results = [
        RowResult(0, RowState.REPLAYED, 4, b"x"),
        RowResult(1, RowState.REFUSED, error=InvalidRequest(Code.QUANTITY_ZERO, ("change",))),
    ]

    error = BatchRefused.of(results)

    assert type(error) is BatchRefused
    assert error.results == tuple(results)
    assert str(error) == "1 of 2 rows were refused, so none was applied."
