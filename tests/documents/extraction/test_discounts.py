"""What a discount leaves of a row's price, sums in figures beside sums in words, and what currency a paper is in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from documents.extraction.amounts import currency_in
from documents.extraction.charges import read_charges
from documents.extraction.model import Extraction, Money
from tests.documents.extraction.told import asked, reading_of
from tests.documents.papers import Text, table

HEAD = (
    Text(90, 70, "Tung Fat Confectionery Company Limited", 50), Text(90, 140, "Tel: 2506 5166"), Text(900, 200, "INVOICE", 44),
    Text(90, 270, "Customer: Lucky Seven Grocery Limited"), Text(900, 270, "Invoice No.: SI-25-0017"), Text(900, 310, "Date: 12/05/2025"),
)  # fmt: skip
COLUMNS = (
    ("sku", 90, ("Item Code",)), ("description", 330, ("Description",)), ("quantity", 800, ("Qty",)), ("unit", 900, ("Unit",)),
    ("unit_price", 1000, ("Unit Price",)), ("discount", 1180, ("Discount",)), ("amount", 1330, ("Amount",)),
)  # fmt: skip


def invoice(rows: list[tuple[str, str, str, str]], *sums: Text) -> Extraction:
    """An invoice of rows of quantity, price, discount and amount."""
    told = tuple(
        {"sku": f"TF-440{at}", "description": "Milk Toffee", "quantity": quantity, "unit": "BOX", "unit_price": price, "discount": off,
         "amount": amount}
        for at, (quantity, price, off, amount) in enumerate(rows)
    )  # fmt: skip
    return reading_of(*HEAD, *table(420, COLUMNS, told), *sums)


@pytest.mark.parametrize(
    ("off", "amount"),
    [("40.00", "1,270.40"), ("10%", "1,179.36"), ("9折", "1,179.36"), ("10", "1,179.36"), ("2.00", "1,298.40")],
)
def test_a_discount_may_be_an_amount_a_share_or_off_each_unit(off: str, amount: str) -> None:
    total = Text(1330, 700, amount)

    found = invoice(
        [("6", "218.40", off, amount), ("4", "276.00", "0.00", "0.00")][:1], Text(1000, 700, "Total"), total
    )

    assert not asked(found)


def test_a_discount_that_explains_no_amount_is_asked_about() -> None:
    assert "rows/0/amount" in asked(invoice([("6", "218.40", "40.00", "1,280.40")]))


def test_no_discount_leaves_the_whole_price() -> None:
    assert [charge.due(Decimal(3), Decimal(2)) for text in ("", "-", "0.00") for charge in read_charges(text)] == [
        6
    ] * 3


def test_the_total_in_figures_stands_behind_the_word_for_small_letters() -> None:
    found = invoice(
        [("6", "218.40", "", "1,310.40")],
        Text(90, 640, "合計（大寫）：人民幣壹仟叄佰壹拾元肆角整"),
        Text(1200, 640, "小寫：¥1,310.40"),
    )

    assert found.fields["total"].value == Money(131040, "CNY")
    assert found.fields["currency"].value == "CNY"


def test_a_currency_behind_the_label_of_a_total_is_no_value() -> None:
    found = invoice([("6", "218.40", "", "1,310.40")], Text(600, 640, "合計（人民幣）"), Text(1330, 640, "1,310.40"))

    assert (found.fields["total"].value, "total" in asked(found)) == (Money(131040, "CNY"), False)


@pytest.mark.parametrize(
    ("text", "code"), [("¥24,044.00", "CNY"), ("￥100", "CNY"), ("日圓 ¥100", "JPY"), ("$100", None)]
)
def test_the_sign_of_the_yuan(text: str, code: str | None) -> None:
    assert currency_in(text) == code


@pytest.mark.parametrize("label", ["Freight, sea LCL", "Carriage outward", "Air freight (HKG)", "Courier SF Express"])
def test_what_the_carrier_costs_is_known_by_its_first_word(label: str) -> None:
    found = invoice(
        [("6", "218.40", "", "1,310.40")], Text(1000, 640, "Goods value"), Text(1330, 640, "1,310.40"), Text(1000, 690, label),
        Text(1330, 690, "89.60"), Text(1000, 740, "Invoice total"), Text(1330, 740, "1,400.00"),
    )  # fmt: skip

    assert found.fields["freight"].value == Money(8960, "HKD")
    assert not asked(found)
