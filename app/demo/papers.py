"""The papers of the sample: an order, the delivery note a shop photographed, the invoice, and the supplier's price list.

- They are drawn at the first start, with dates around that day, and go in as anybody's would: checked, sealed, read.
- One expiry date of the delivery note is long past, as a slip of whoever wrote it. So a person is asked, as they would be in a shop.
- Which papers are in is told by the ids of their events: run again, nothing goes in twice.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid5

import openpyxl

from app.demo.sample import SKUS, SampleSku
from documents.rendering.drawn import Column, Paper, photo_of, scan_of
from documents.rendering.font_places import installed_font

NAMESPACE: Final = UUID("6f0d6a0e-5f0c-4a1e-8a7e-1d2b7c9e4f35")
STORE: Final = "MK01"
SUPPLIER: Final = ("SAMPLE-FOODS", "示範食品批發有限公司", "Sample Foods Wholesale Ltd")
_BUYER: Final = "致 To: 旺角店 Mong Kok"
_ORDERED: Final = (("TEA-LEMON-250", 48), ("SOY-MILK-1L", 24), ("TOFU-SOFT-300", 30))


@dataclass(frozen=True, slots=True)
class SamplePaper:
    """A file of the sample, and where it goes."""

    file_name: str
    class_code: str
    title: str
    content: bytes

    @property
    def event_id(self) -> UUID:
        """Of its upload, for ever."""
        return uuid5(NAMESPACE, self.file_name)

    @property
    def filing(self) -> dict[str, object]:
        """What is said of it when it goes in; who supplied it only where no reader finds it."""
        folders = [f"supplier/{SUPPLIER[0]}", f"store/{STORE}"]
        supplier = SUPPLIER[0] if self.class_code == "other" else None
        return {"class": self.class_code, "store": STORE, "supplier": supplier, "title": self.title, "folders": folders}


def sample_papers(today: date) -> tuple[SamplePaper, ...]:
    """The papers, as if the goods had come today.

    Raises:
        FontMissing: none with Chinese characters is installed.
    """
    font = installed_font()
    return (
        # The order is read before what was delivered on it: only then is the one linked to the other.
        SamplePaper("order.pdf", "purchase_order", "採購單 檸檬茶、豆漿、豆腐", scan_of(_order(today), font)),
        SamplePaper("delivery-note.jpg", "delivery_note", "送貨單 旺角店", photo_of(_delivery(today), font)),
        SamplePaper("invoice.pdf", "invoice", "發票 檸檬茶、豆漿、豆腐", scan_of(_invoice(today), font)),
        SamplePaper("price-list.xlsx", "other", "示範食品 價目表", _price_list(today)),
    )


def _order(today: date) -> Paper:
    rows, total = _priced()
    return Paper(
        writer=("示範零售有限公司", "Sample Retail Ltd"),
        title=("採購單", "PURCHASE ORDER"),
        facts=(
            (f"訂單編號 PO No.: {_number('PO', today)}", f"日期 Date: {today - timedelta(days=3)}"),
            (f"供應商 Supplier: {SUPPLIER[1]}", "送貨至 Ship to: 旺角店 Mong Kok"),
        ),
        columns=_PRICED,
        rows=rows,
        sums=(f"總計 Total: HKD {total}",),
        foot="批准 Approved by: ____________",
    )


def _delivery(today: date) -> Paper:
    expiries = (today + timedelta(days=220), today + timedelta(days=18), today - timedelta(days=356))
    rows = tuple(
        (sku.code, sku.name_zh, str(count), _UNITS[sku.unit.value], f"L{today:%y%m}{place}", str(expiry))
        for place, ((sku, count), expiry) in enumerate(zip(_goods(), expiries, strict=True), start=1)
    )
    return Paper(
        writer=SUPPLIER[1:],
        title=("送貨單", "DELIVERY NOTE"),
        facts=(
            (f"單號 No.: {_number('DN', today)}", f"日期 Date: {today}"),
            (_BUYER, f"訂單編號 PO No.: {_number('PO', today)}"),
        ),
        columns=(
            Column(60, "貨號 SKU"),
            Column(380, "貨品 Description"),
            Column(900, "數量 Qty", is_figures=True),
            Column(960, "單位 Unit"),
            Column(1110, "批號 Batch"),
            Column(1310, "到期日 Expiry"),
        ),
        rows=rows,
        foot="收貨人簽署 Received by: ____________",
    )


def _invoice(today: date) -> Paper:
    rows, total = _priced()
    return Paper(
        writer=SUPPLIER[1:],
        title=("發票", "INVOICE"),
        facts=(
            (f"發票編號 Invoice No.: {_number('INV', today)}", f"日期 Date: {today}"),
            (_BUYER, f"訂單編號 PO No.: {_number('PO', today)}"),
        ),
        columns=_PRICED,
        rows=rows,
        sums=(f"總計 Total: HKD {total}",),
        foot="多謝惠顧 Thank you",
    )


_PRICED: Final = (
    Column(60, "貨號 SKU"),
    Column(380, "貨品 Description"),
    Column(900, "數量 Qty", is_figures=True),
    Column(960, "單位 Unit"),
    Column(1300, "單價 Unit Price", is_figures=True),
    Column(1540, "金額 Amount", is_figures=True),
)
_UNITS: Final = {"pack": "包", "carton": "盒", "box": "盒"}


def _goods() -> tuple[tuple[SampleSku, int], ...]:
    known = {sku.code: sku for sku in SKUS}
    return tuple((known[code], count) for code, count in _ORDERED)


def _priced() -> tuple[tuple[tuple[str, ...], ...], str]:
    """The rows with what a shop pays, and their sum."""
    rows, total = [], 0
    for sku, count in _goods():
        price = sku.price * 7 // 10
        total += price * count
        rows.append(
            (sku.code, sku.name_zh, str(count), _UNITS[sku.unit.value], _dollars(price), _dollars(price * count))
        )
    return tuple(rows), _dollars(total)


def _dollars(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}"


def _number(kind: str, today: date) -> str:
    return f"{kind}-{today:%y%m%d}-07"


def _price_list(today: date) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("價目表")
    sheet.append([f"{SUPPLIER[1]} 價目表", f"生效日期 {today}"])
    sheet.append(["貨號 SKU", "貨品 Description", "單價 Unit Price (HKD)"])
    for sku in SKUS:
        sheet.append([sku.code, f"{sku.name_zh} {sku.name_en}", _dollars(sku.price * 7 // 10)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
