"""How sure a value is: by the characters that make it up, and by nothing else in its box."""

from __future__ import annotations

import msgspec
import pytest

from documents.extraction.columns import misfit
from documents.extraction.dates import bears_on_date
from documents.extraction.extracting import extract
from documents.reading.model import DocumentReading, Line, Word
from tests.documents.papers import chinese_delivery


def doubted(reading: DocumentReading, word: str, character: str, sure: float) -> DocumentReading:
    """The reading with one character of one word read less surely, as a reader with probabilities gives it."""

    def told(one: Word) -> Word:
        if one.text != word:
            return msgspec.structs.replace(one, probabilities=(0.999,) * len(one.text))
        probabilities = tuple(sure if seen == character else 0.999 for seen in one.text)
        return msgspec.structs.replace(one, confidence=sure, probabilities=probabilities)

    def line(one: Line) -> Line:
        words = tuple(told(part) for part in one.words)
        return msgspec.structs.replace(one, words=words, confidence=min(part.confidence for part in words))

    (page,) = reading.pages
    return DocumentReading((msgspec.structs.replace(page, lines=tuple(line(one) for one in page.lines)),))


def asked(reading: DocumentReading) -> set[tuple[str, str]]:
    return {(item.path, item.reason.value) for item in extract(reading).review}


def test_a_mark_of_a_date_that_was_read_badly_asks_nobody() -> None:
    reading = chinese_delivery().reading()

    assert asked(doubted(reading, "2026年7月26日", "年", 0.4)) == set()
    assert asked(doubted(reading, "2027年3月9日", "日", 0.4)) == set()


def test_a_figure_of_a_date_that_was_read_badly_asks_a_person() -> None:
    reading = chinese_delivery().reading()

    assert asked(doubted(reading, "2026年7月26日", "7", 0.4)) == {("date", "unsure")}
    assert asked(doubted(reading, "2027年3月9日", "9", 0.9)) == {("rows/0/expiry", "unsure")}


@pytest.mark.parametrize(
    ("text", "bearing"),
    [
        ("25/05/2026", "25052026"),
        ("-5/05/2026", "-5052026"),
        ("2026年7月2日日", "202672日"),
        ("2026年7月2日", "202672"),
        ("2026-05-2-", "2026052-"),
        ("09-Mar-2027", "09Mar2027"),
    ],
)
def test_a_mark_that_may_be_a_misread_figure_counts(text: str, bearing: str) -> None:
    kept = "".join(character for character, bears in zip(text, bears_on_date(text), strict=True) if bears)

    assert kept == bearing


def test_a_label_in_the_box_of_a_name_says_nothing_about_the_name() -> None:
    reading = chinese_delivery().reading()

    assert asked(doubted(reading, "收貨單位:", "收", 0.3)) == set()
    assert asked(doubted(reading, "海怡便利店", "怡", 0.3)) == {("buyer", "unsure")}


def test_no_words_of_a_paper_stay_behind() -> None:
    extract(chinese_delivery().reading())

    assert misfit.cache_info().currsize == 0
