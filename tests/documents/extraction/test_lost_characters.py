"""Characters that the reader left out: the box goes on where the words have ended."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from documents.extraction.extracting import extract
from documents.extraction.model import Extraction
from tests.documents.extraction.told import asked, values
from tests.documents.papers import Paper, chinese_delivery

LOST = "〓"


def lost(paper: Paper, *, name: str | None = None, goods: str | None = None, doubted: str = "") -> Extraction:
    """What is made of a paper whose supplier or second goods are these, of which the reader left the marks out.

    Of the characters in `doubted` it is not sure.
    """
    said = {"榮豐糧油有限公司": name, "Oat Milk 1L": goods}
    texts = tuple(replace(text, text=said.get(text.text) or text.text) for text in paper.texts)
    reading = replace(paper, texts=texts).reading()
    (page,) = reading.pages
    lines = []
    for line in page.lines:
        words = []
        for word in line.words:
            left, right, bottom_right, bottom_left = word.quad
            shown = word.text.rstrip(LOST)
            edge = left[0] + round((right[0] - left[0]) * len(shown) / len(word.text))
            quad = (left, (edge, right[1]), (edge, bottom_right[1]), bottom_left)
            sure = tuple(0.6 if line.text == goods and one in doubted else 0.999 for one in shown)
            read = {"text": shown, "raw": shown, "quad": quad, "confidence": min(sure), "probabilities": sure}
            words.append(msgspec.structs.replace(word, **read))
        text = line.text.replace(LOST, "")
        lines.append(msgspec.structs.replace(line, text=text, raw=text, words=tuple(words)))
    return extract(msgspec.structs.replace(reading, pages=(msgspec.structs.replace(page, lines=tuple(lines)),)))


def test_words_whose_box_goes_on_are_asked_about() -> None:
    found = lost(chinese_delivery(), goods="急凍豬潤〓")

    assert values(found, "description")[1] == ("急凍豬潤",)
    assert asked(found) == {"rows/1/description"}


def test_a_name_whose_box_goes_on_is_asked_about() -> None:
    found = lost(chinese_delivery(), name="榮豐糧油〓")

    assert "supplier" in asked(found)


@pytest.mark.parametrize("goods", ["急凍豬潤", "急凍豬潤 2kg"])
def test_words_that_fill_their_box_are_not(goods: str) -> None:
    assert not asked(lost(chinese_delivery(), goods=goods))


@pytest.mark.parametrize(
    ("goods", "name"), [("馬來西亞榴〓", "馬來西亞榴槤"), ("泰國石榴〓", "泰國石榴"), ("鮮榴", "鮮榴")]
)
def test_the_second_half_of_a_durian_is_known(goods: str, name: str) -> None:
    assert values(lost(chinese_delivery(), goods=goods), "description")[1] == (name,)


@pytest.mark.parametrize(
    ("goods", "doubted", "is_asked"),
    [
        ("Cod Liver Oil 120s", "O", False), ("Vitamin B O 120s", "O", True), ("貓山王榴槤 1kg", "槤", False), ("貓山王榴槤 1kg", "榴槤", True),
        ("掛鈎 4個裝", "鈎", True),
    ],
)  # fmt: skip
def test_a_character_that_the_others_of_its_word_tell_is_not_asked_about(
    goods: str, doubted: str, is_asked: bool
) -> None:
    found = lost(chinese_delivery(), goods=goods, doubted=doubted)

    assert ("rows/1/description" in asked(found)) == is_asked
