"""How sure a value is: by the characters that make it up, and by nothing else in its box."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from documents.extraction.again import SECOND_CHINESE
from documents.extraction.columns import misfit
from documents.extraction.dates import bears_on_date
from documents.extraction.extracting import NOTHING_KNOWN, extract, wishes
from documents.extraction.registers import KnownSku, MemoryRegisters
from documents.reading.model import DocumentReading, Line, Reread, Word
from tests.documents.papers import chinese_delivery

EXPIRES = ("2027年3月9日", "2026年12月31日", "2028年1月15日")
"""Always looked at twice."""


def doubted(reading: DocumentReading, word: str, character: str, sure: float) -> DocumentReading:
    """The reading with one character of one word read less surely, as a reader with probabilities gives it."""

    def told(one: Word) -> Word:
        if one.text != word:
            return msgspec.structs.replace(one, probabilities=one.probabilities or (0.999,) * len(one.text))
        probabilities = tuple(sure if seen == character else 0.999 for seen in one.text)
        return msgspec.structs.replace(one, confidence=sure, probabilities=probabilities)

    def line(one: Line) -> Line:
        words = tuple(told(part) for part in one.words)
        return msgspec.structs.replace(one, words=words, confidence=min(part.confidence for part in words))

    (page,) = reading.pages
    return DocumentReading((msgspec.structs.replace(page, lines=tuple(line(one) for one in page.lines)),))


def seen_again(reading: DocumentReading, line: str, engine: str, text: str) -> DocumentReading:
    """The reading with what the second reader saw where a line stands."""
    (page,) = reading.pages
    (quad,) = (one.quad for one in page.lines if one.text == line)
    return DocumentReading((msgspec.structs.replace(page, rereads=(Reread(quad, engine, text, 0.0),)),))


def asked(reading: DocumentReading, registers: MemoryRegisters = NOTHING_KNOWN) -> set[tuple[str, str]]:
    return {(item.path, item.reason.value) for item in extract(reading, registers).review}


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


@pytest.mark.parametrize(
    ("word", "character", "sure", "question"),
    [
        ("消毒濕紙巾", "濕", 0.88, ("rows/2/description", "unsure")),
        ("消毒濕紙巾", "濕", 0.91, None),
        ("包", "包", 0.55, None),
        ("包", "包", 0.45, ("rows/0/unit", "unsure")),
        ("H7731K", "K", 0.98, ("rows/0/batch", "unsure")),
        ("H7731K", "K", 0.991, None),
    ],
)
def test_lots_need_the_most_and_words_of_a_list_the_least(
    word: str, character: str, sure: float, question: tuple[str, str] | None
) -> None:
    assert asked(doubted(chinese_delivery().reading(), word, character, sure)) == ({question} if question else set())


def test_the_unit_beside_a_quantity_says_nothing_about_it() -> None:
    paper = chinese_delivery()
    texts = tuple(
        replace(text, text="24 包") if text.text == "24" else text for text in paper.texts if text.text != "包"
    )
    reading = doubted(replace(paper, texts=texts).reading(), "包", "包", 0.6)

    (quantity, unit) = (extract(reading).rows[0].fields[name] for name in ("quantity", "unit"))
    assert (quantity.value, unit.value) == ("24", "包")
    assert asked(reading) == set()
    assert asked(doubted(reading, "24", "4", 0.7)) == {("rows/0/quantity", "unsure")}


def test_a_label_in_the_box_of_a_name_says_nothing_about_the_name() -> None:
    reading = chinese_delivery().reading()

    assert asked(doubted(reading, "收貨單位:", "收", 0.3)) == set()
    assert asked(doubted(reading, "海怡便利店", "怡", 0.3)) == {("buyer", "unsure")}


@pytest.mark.parametrize(
    ("seen", "questions"),
    [
        ("消毒濕紙巾", set()),
        ("消 毒 濕 紙巾 .", set()),
        ("消毒溫紙巾", {("rows/2/description", "unsure")}),
        ("消毒濕紙", {("rows/2/description", "unsure")}),
        ("", {("rows/2/description", "unsure")}),
    ],
)
def test_words_that_both_readers_see_ask_nobody(seen: str, questions: set[tuple[str, str]]) -> None:
    reading = doubted(chinese_delivery().reading(), "消毒濕紙巾", "濕", 0.3)

    assert asked(seen_again(reading, "消毒濕紙巾", "tesseract 5 chi_tra", seen)) == questions


def test_the_model_for_ideographs_bears_out_no_figures_beside_them() -> None:
    reading = doubted(doubted(chinese_delivery().reading(), "200g", "2", 0.3), "梳打餅", "餅", 0.3)
    reading = seen_again(reading, "梳打餅 200g", "tesseract 5 chi_tra", "梳打餅 200g")
    (figures,) = (word.quad for line in reading.pages[0].lines for word in line.words if word.text == "200g")
    (page,) = reading.pages
    rereads = (*page.rereads, Reread(figures, "tesseract 5", "200 g", 0.0))

    assert asked(reading) == {("rows/0/description", "unsure")}
    assert asked(DocumentReading((msgspec.structs.replace(page, rereads=rereads),))) == set()


def test_the_second_reader_is_asked_about_doubtful_words_alone() -> None:
    reading = doubted(chinese_delivery().reading(), "消毒濕紙巾", "濕", 0.85)
    (quad,) = (line.quad for line in reading.pages[0].lines if line.text == "消毒濕紙巾")

    chinese = {wish.quad for wish in wishes(reading) if wish.engine == SECOND_CHINESE}

    assert chinese == {quad, *(line.quad for line in reading.pages[0].lines if line.text in EXPIRES)}


@pytest.mark.parametrize(("name", "is_asked"), [("消毒濕紙巾", False), ("消毒濕紙", True), ("酒精濕紙巾", True)])
def test_a_description_that_is_the_registers_name_of_its_code_asks_nobody(name: str, is_asked: bool) -> None:
    reading = doubted(chinese_delivery().reading(), "消毒濕紙巾", "濕", 0.3)
    known = [KnownSku("QT-4401"), KnownSku("QT-5120"), KnownSku("QT-9003", names=("Wipes", name))]

    assert (("rows/2/description", "unsure") in asked(reading, MemoryRegisters(skus=known))) is is_asked


def test_a_number_of_look_alikes_asks_a_person_though_both_readers_see_the_same() -> None:
    paper = chinese_delivery()
    texts = tuple(replace(text, text="P0913481") if text.text == "PO-88123" else text for text in paper.texts)
    reading = replace(paper, texts=texts).reading()
    seen = seen_again(reading, "P0913481", "tesseract 5", "P0913481")

    assert "second_reader" in extract(seen).fields["po_ref"].evidence
    assert asked(seen) == {("po_ref", "unsure")}
    assert asked(seen, MemoryRegisters(orders=["PO913481"])) == set()


def test_no_words_of_a_paper_stay_behind() -> None:
    extract(chinese_delivery().reading())

    assert misfit.cache_info().currsize == 0
