"""Wordings of titles, labels and results that were written down from trade, not from the lexicon: how many are known.

`wordings.txt` has under each `# kind meaning` the strings that mean it. The floors are what the rules reach; a label of no
field must be taken for none of a party, a sum or a currency: a few that may be either are named below.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from documents.extraction import lexicon
from documents.extraction.dates import parse_date
from documents.extraction.extracting import extract
from documents.extraction.flat import flatten
from documents.extraction.guessing import guess_column
from documents.extraction.kinds import COVER_MIN, title_in
from documents.extraction.numbers import clean_number
from documents.extraction.results import result_of
from documents.extraction.units import is_unit
from documents.extraction.zones import make_zone
from tests.documents.papers import Paper, Text, chinese_delivery, english_invoice

FOUND = {
    "number": 0.97, "number@purchase_order": 0.97, "order_ref": 0.97, "date": 0.99, "supplier": 0.88, "buyer": 0.95,
    "currency": 0.99, "total": 0.95, "subtotal": 0.95, "discount": 0.9, "freight": 0.95,
}  # fmt: skip
"""Least share of the labels of a meaning that get one of its roles."""
TITLES = {
    "purchase_order": 0.97, "delivery_note": 0.93, "return_note": 0.95, "invoice": 0.93, "inspection_report": 0.97, "contract": 0.95,
}  # fmt: skip
RESULTS = {"pass": 0.88, "fail": 0.85}
OF_FIELDS = {lexicon.SUPPLIER, lexicon.BUYER, lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.FREIGHT, lexicon.CURRENCY}


def wordings(kind: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    kept = None
    for line in (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and line.count(" ") == 2:
            _, said, means = line.split(" ")
            kept = found[means] if said == kind else None
        elif kept is not None:
            kept += [text.strip() for text in line.split("|")]
    return found


def roles(texts: list[str]) -> dict[str, str]:
    """The role of the label that each text is, as the page's own reader of labels tells it."""
    found: dict[str, str] = {}
    for start in range(0, len(texts), 40):
        some = texts[start : start + 40]
        page = flatten(
            Paper(tuple(Text(90, 60 + 50 * at, text) for at, text in enumerate(some)), {}, ()).reading().pages[0]
        )
        zone = make_zone((page,), frozenset(), None)
        found |= {token.text: label.role for token in page.tokens if (label := zone.label_of(token)) is not None}
    return found


def fits(role: str, means: str) -> bool:
    """Whether a role is one that a label of this meaning may have."""
    if means in {"supplier", "buyer"}:
        return role in {means, lexicon.OTHER_PARTY, lexicon.FROM_PARTY}
    if means.startswith("number") or means == "order_ref":
        return role.startswith("number")
    return role.partition("_")[0].partition(":")[0] == means


@pytest.mark.parametrize("means", FOUND)
def test_labels_are_known(means: str) -> None:
    texts = wordings("label")[means]
    found = roles(texts)

    missed = [text for text in texts if not fits(found.get(text, ""), means)]

    assert len(missed) <= (1 - FOUND[means]) * len(texts), missed


def test_labels_of_no_field_are_taken_for_none() -> None:
    texts = wordings("label")
    found = roles([*texts["none"], *texts["contact"], *texts["amount_in_words"]])

    taken = {text for text, role in found.items() if role in OF_FIELDS}

    assert taken <= {
        "分店",
        "分店名稱",
        "門市",
        "Branch",
        "Shop",
        "收件人",
        "收件人 Attn",
        "Total No. of Items",
        "申請人",
    }


@pytest.mark.parametrize("means", TITLES)
def test_titles_are_known(means: str) -> None:
    texts = wordings("title")[means]

    missed = [text for text in texts if (named := title_in(text)) is None or named[0] != means or named[1] < COVER_MIN]

    assert len(missed) <= (1 - TITLES[means]) * len(texts), missed


@pytest.mark.parametrize("means", RESULTS)
def test_results_are_known_and_never_turned_round(means: str) -> None:
    texts = wordings("result")[means]
    found = {text: result_of(text) for text in texts}
    other = {"pass": "FAIL", "fail": "PASS"}[means]

    assert [text for text, (result, _) in found.items() if result == other] == []
    assert sum(result is None for result, _ in found.values()) <= (1 - RESULTS[means]) * len(texts)


def test_a_guessed_label_of_a_firm_needs_the_letterhead_to_agree() -> None:
    paper = chinese_delivery()

    def read(label: str, name: str, letterhead: bool = True) -> tuple[object, bool]:
        texts = [
            Text(text.left, text.top, f"{label}: {name}") if "收貨單位" in text.text else text for text in paper.texts
        ]
        extraction = extract(Paper(tuple(texts if letterhead else texts[1:]), {}, ()).reading())
        return extraction.fields["buyer"].value, any(item.path == "buyer" for item in extraction.review)

    assert read("收貨店舖名稱", "海怡便利店") == ("海怡便利店", False)
    assert read("承購商戶", "海怡便利店") == ("海怡便利店", False)
    assert read("承購商戶", "海怡便利店", letterhead=False) == ("海怡便利店", True)
    assert read("承購商戶", "陳大文")[1]


@pytest.mark.parametrize(
    ("label", "supplier"),
    [
        ("供應商行名稱: ", True),
        ("客人寶號: ", False),
        ("Sold to 售予: ", False),
        ("客戶公司全名: ", False),
        ("甲方(供應商): ", True),
        ("致供應商: ", True),
    ],
)
def test_the_rest_of_a_label_is_no_part_of_the_name(label: str, supplier: bool) -> None:
    page = flatten(Paper((Text(90, 200, f"{label}金滿樓酒家"),), {}, ()).reading().pages[0])
    found = make_zone((page,), frozenset(), None).labels

    assert [one.rest.text for one in found if one.rest is not None] == ["金滿樓酒家"]
    assert {one.role for one in found} == {lexicon.SUPPLIER if supplier else lexicon.BUYER}


@pytest.mark.parametrize(("label", "role"), [("送達日期", "date"), ("客戶PO", "number"), ("貴司單號", "number")])
def test_the_last_word_of_a_label_says_what_it_names(label: str, role: str) -> None:
    assert roles([label])[label].startswith(role)


def test_a_currency_behind_its_label_is_the_value() -> None:
    paper = english_invoice()
    texts = [Text(text.left, text.top, text.text.replace("HK$", "")) for text in paper.texts]

    found = extract(Paper((*texts, Text(1000, 440, "Currency: USD")), {}, ()).reading()).fields["currency"]

    assert found.value == "USD"


@pytest.mark.parametrize(
    ("heading", "role"),
    [("退倉原因", "reason"), ("訂貨日期", "made"), ("最佳飲用期", "expiry"), ("食用期至", None), ("欠送數量", "quantity_other"),
     ("今次出車數量", "quantity"), ("入倉數量", "quantity"), ("Qty this trip", None), ("Loaded qty", "quantity"), ("建議零售單價", None), ("抽驗判定", "result"),
     ("化驗結果", "result"), ("產品代號", "sku"), ("Return reason code", "reason"), ("Mfr lot no.", "batch")],
)  # fmt: skip
def test_headings_are_told_by_how_they_end(heading: str, role: str | None) -> None:
    assert guess_column(heading) == role


@pytest.mark.parametrize("text", ["箱 CTN", "PCS/件", "大箱", "原箱", "六支裝", "打"])
def test_units_in_two_languages_or_of_a_size_are_units(text: str) -> None:
    assert is_unit(text)


@pytest.mark.parametrize("text", ["8盒", "大", "箱 紅色", ""])
def test_what_is_more_than_a_unit_is_none(text: str) -> None:
    assert not is_unit(text)


def test_titles_that_differ_in_the_character_that_tells_kinds_apart_are_no_misread_of_each_other() -> None:
    assert title_in("寄貨單") == ("delivery_note", 0.8)
    assert title_in("來貨訂單") is None or title_in("來貨訂單")[0] == "purchase_order"  # type: ignore[index]
    assert title_in("送貨時間表") is None


def test_a_number_loses_the_sign_that_stands_before_it() -> None:
    assert clean_number("NO.12077") == "12077"
    assert clean_number("NO-12077") == "NO-12077"


@pytest.mark.parametrize("text", ["2026-Mar-05", "2026 March 5", "5 March 2026"])
def test_a_month_in_words_stands_anywhere(text: str) -> None:
    dated = parse_date(text)

    assert dated is not None
    assert (dated.iso, dated.doubtful) == ("2026-03-05", False)
