"""Lines under a description that tell of its row, and columns whose heading may name either of two things."""

from __future__ import annotations

import pytest

from documents.extraction.model import Extraction
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text, table

HEAD = (
    Text(90, 70, "Corner Larder Foods Limited", 50), Text(90, 140, "Tel: 2506 5166"), Text(600, 200, "GOODS RETURN NOTE", 50),
    Text(90, 300, "Date: 2025-03-04"), Text(90, 350, "Credit to: Pet Haven Stores Limited"),
)  # fmt: skip
NUMBER = Text(900, 300, "Note No.: RN-250117")
COLUMNS = (
    ("sku", 90, ("Item",)),
    ("description", 330, ("Description of goods returned",)),
    ("quantity", 900, ("Qty",)),
    ("unit", 1060, ("Unit",)),
)
ROWS = tuple(
    {"sku": sku, "description": f"Oat Milk {at}L", "quantity": str(12 * at), "unit": "BTL"}
    for at, sku in enumerate(("WB-T-DUCK", "WB-C2-SAL", "WB-L-TOFU"), 1)
)


def returned(
    *below: str, columns: tuple[tuple[str, int, tuple[str, ...]], ...] = COLUMNS, number: Text = NUMBER
) -> Extraction:
    step = 40 * (len(below) + 1) + 10
    places = [(430 + 56 + at * step + 36 * line, said) for at in range(3) for line, said in enumerate(below, 1)]
    left = next(left for name, left, _ in columns if name == "description")
    return reading_of(*HEAD, number, *table(430, columns, ROWS, step), *(Text(left, top, said) for top, said in places))


@pytest.mark.parametrize("label", ["Reason", "Return reason", "退貨原因"])
def test_a_reason_below_a_description_is_the_rows(label: str) -> None:
    found = returned("Batch L25088 Best before 14/12/2026", f"{label}: Torn bag")

    assert values(found, "description", "batch", "expiry", "reason") == [
        (f"Oat Milk {at}L", "L25088", "2026-12-14", "Torn bag") for at in (1, 2, 3)
    ]


def test_codes_without_figures_are_codes_by_their_strokes() -> None:
    assert values(returned(), "sku") == [("WB-T-DUCK",), ("WB-C2-SAL",), ("WB-L-TOFU",)]


def test_item_over_words_is_what_they_describe_and_a_code_stands_below_them() -> None:
    columns = (
        ("description", 90, ("ITEM",)),
        ("quantity", 900, ("QTY",)),
        ("unit_price", 1060, ("RATE",)),
        ("unit", 1260, ("Unit",)),
    )

    found = returned("in a carton with a cap, white", "SKU VX-C65", columns=columns)

    assert values(found, "description", "sku", "quantity")[0] == (
        "Oat Milk 1L in a carton with a cap, white",
        "VX-C65",
        "12",
    )
    assert len(found.rows) == 3


def test_who_is_credited_buys_and_who_writes_so_supplies() -> None:
    found = returned()

    assert (found.fields["supplier"].value, found.fields["buyer"].value) == (
        "Corner Larder Foods Limited",
        "Pet Haven Stores Limited",
    )
    assert not asked(found) & {"supplier", "buyer"}


def test_the_initials_of_the_title_begin_its_number() -> None:
    found = returned(number=Text(1100, 90, "GRN 25/0088"))

    assert found.fields["doc_no"].value == "GRN 25/0088"
    assert "doc_no" not in asked(found)


@pytest.mark.parametrize("text", ["GRN Number 4500186237", "GRN 4500186237"])
def test_the_initials_of_the_title_are_a_label_before_figures_or_its_other_word(text: str) -> None:
    assert returned(number=Text(1100, 90, text)).fields["doc_no"].value == "4500186237"


def test_a_unit_that_was_read_with_the_lot_goes_back_to_the_quantity() -> None:
    columns = (
        ("sku", 90, ("Item Code",)),
        ("description", 330, ("Product",)),
        ("quantity", 900, ("Received",)),
        ("batch", 1040, ("Lot",)),
    )
    rows = tuple(
        {
            **row,
            "batch": f"箱 CTN NK-551{at}" if at == 1 else f"NK-551{at}",
            "quantity": row["quantity"] if at == 1 else f"{row['quantity']} 箱 CTN",
        }
        for at, row in enumerate(ROWS, 1)
    )

    found = reading_of(*HEAD, NUMBER, *table(430, columns, rows))

    assert values(found, "quantity", "unit", "batch")[0] == ("12", "箱 CTN", "NK-5511")


def test_parties_that_labels_name_in_so_many_words_need_no_letterhead() -> None:
    found = reading_of(
        Text(90, 70, "街角谷玩具 Cornervale Toys", 50), Text(900, 70, "訂單 ORDER", 50), Text(900, 200, "訂單號碼 ORDER NO.: CV-10442"), Text(900, 250, "訂單日期: 2025-01-17"),
        Text(90, 200, "賣方 SELLER"), Text(90, 240, "樂街童玩具實業有限公司"), Text(90, 300, "買方 BUYER"), Text(90, 340, "街角谷有限公司"),
        *table(430, (("sku", 90, ("Item Code",)), *COLUMNS[1:]), ROWS),
    )  # fmt: skip

    assert (found.fields["supplier"].value, found.fields["buyer"].value) == ("樂街童玩具實業有限公司", "街角谷有限公司")
    assert not asked(found) & {"supplier", "buyer"}
