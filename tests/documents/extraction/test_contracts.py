"""Parties of contracts that are called by letters or named in sentences, and sums that are paid in part."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest

from documents.extraction.extracting import extract
from documents.extraction.model import Extraction, Money
from tests.documents.extraction.told import asked, reading_of
from tests.documents.papers import Text, english_invoice

HEAD = (Text(500, 70, "買賣合約", 50), Text(90, 180, "合約編號：HT-3301"), Text(900, 180, "日期：2026年3月26日"))
GOODS = (
    *(Text(left, 500, word) for left, word in ((90, "貨號"), (300, "貨品名稱"), (800, "數量"), (1000, "單位"))),
    *chain.from_iterable(
        (Text(90, 560 + 60 * at, f"RY-10{at}"), Text(300, 560 + 60 * at, name), Text(800, 560 + 60 * at, "12"), Text(1000, 560 + 60 * at, "箱"))
        for at, name in enumerate(("豉油雞翼", "椒鹽豆腐", "白灼菜心"))
    ),
)  # fmt: skip
FIRST, SECOND = "海怡食品有限公司", "街角小店有限公司"


def parties(extraction: Extraction) -> tuple[object, ...]:
    fields = extraction.fields
    return tuple(fields[name].value if name in fields else None for name in ("supplier", "buyer"))


@pytest.mark.parametrize(
    ("said", "supplies"),
    [
        ("甲方同意向乙方供應下列貨品：", True), ("乙方向甲方訂購下列貨品：", True), ("下列貨品由甲方負責供應：", True),
        ("甲方向乙方採購下列貨品：", False), ("乙方須按時為甲方提供下列貨品：", False),
    ],
)  # fmt: skip
def test_who_sells_is_told_by_what_the_parties_do(said: str, supplies: bool) -> None:
    labels = (Text(90, 240, f"甲方：{FIRST}"), Text(90, 290, f"乙方：{SECOND}"), Text(90, 400, said))

    found = reading_of(*HEAD, *labels, *GOODS)

    assert parties(found) == ((FIRST, SECOND) if supplies else (SECOND, FIRST))
    assert not {"supplier", "buyer"} & asked(found)


def test_letters_of_which_no_sentence_says_what_they_do_are_asked_about() -> None:
    found = reading_of(*HEAD, Text(90, 240, f"甲方：{FIRST}"), Text(90, 290, f"乙方：{SECOND}"), *GOODS)

    assert parties(found) == (SECOND, FIRST)
    assert {"supplier", "buyer"} <= asked(found)


def test_party_a_may_sell() -> None:
    found = reading_of(
        Text(500, 70, "SUPPLY CONTRACT", 50), Text(90, 180, "Contract No.: SC-3301"), Text(900, 180, "Date: 26 Mar 2026"),
        Text(90, 240, "Party A: Hoi Yee Foods Limited"), Text(90, 290, "Party B: Corner Mart Limited"),
        Text(90, 400, "Party A agrees to supply and Party B agrees to buy the goods below."), *GOODS,
    )  # fmt: skip

    assert parties(found) == ("Hoi Yee Foods Limited", "Corner Mart Limited")


def test_a_sentence_at_the_head_of_a_contract_is_no_letterhead() -> None:
    found = reading_of(
        Text(500, 70, "供貨合約", 50), Text(90, 180, "合約編號：HT-3301"), Text(90, 240, f"本合約由{FIRST}（以下簡稱「賣方」）與"),
        Text(90, 280, f"{SECOND}（以下簡稱「買方」）於二零二六年三月二十六日訂立。"), *GOODS,
    )  # fmt: skip

    assert parties(found) == (FIRST, SECOND)


def paid(*below: tuple[str, str]) -> Extraction:
    """An invoice with other sums than a total of 824.00 at its end."""
    paper = english_invoice()
    texts = [text for text in paper.texts if text.text not in {"Amount payable", "HK$824.00"}]
    more = [
        Text(left, 920 + 40 * at, said) for at, line in enumerate(below) for left, said in zip((1000, 1330), line, strict=True)
    ]  # fmt: skip
    return extract(replace(paper, texts=(*texts, *more)).reading())


def test_what_is_rounded_off_is_part_of_the_sum() -> None:
    found = paid(("Rounding", "-0.50"), ("Net Total", "823.50"))

    assert found.fields["total"].value == Money(82350, "HKD")
    assert "total" not in asked(found)


def test_a_count_of_pieces_below_the_total_is_no_sum() -> None:
    found = paid(("Amount payable", "HK$824.00"), ("Total:", "14 CTN"))

    assert found.fields["total"].value == Money(82400, "HKD")


def test_a_mark_behind_between_parts_no_name() -> None:
    found = reading_of(
        Text(500, 70, "SUPPLY CONTRACT", 50), Text(90, 180, "Contract No.: SC-3301"), Text(90, 240, "This contract is made on 26 March 2026"),
        Text(90, 280, 'BETWEEN: Hoi Yee Foods Limited ("the Seller")'), Text(90, 320, 'AND: Corner Mart Limited ("the Buyer")'), *GOODS,
    )  # fmt: skip

    assert parties(found) == ("Hoi Yee Foods Limited", "Corner Mart Limited")
    assert not {"supplier", "buyer"} & asked(found)


@pytest.mark.parametrize("label", ["Less: 5% Discount", "Less: 5% Trade Discount", "Less: 5%"])
def test_a_discount_whose_rate_stands_behind_its_mark_has_its_amount_beside_it(label: str) -> None:
    paper = english_invoice()
    texts = [replace(text, text=label) if text.text == "Less discount" else text for text in paper.texts]

    found = extract(replace(paper, texts=tuple(texts)).reading())

    assert found.fields["discount"].value == Money(4000, "HKD")
    assert "total" not in asked(found)
