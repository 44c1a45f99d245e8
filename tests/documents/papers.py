"""Documents laid out unlike any other in this house, drawn as pictures and told as readings.

Other wording, other orders of columns, stacked headings, one language or both, every form of date. A paper is a list of
placed texts: `reading` gives them as a reader without faults would, `picture` draws them with a font of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from documents.reading.geometry import rectangle
from documents.reading.model import DocumentReading, Line, PageReading, Source, Word

FONTS = tuple(Path("/usr/share/fonts/opentype/noto") / f"Noto{kind}CJK-Regular.ttc" for kind in ("Sans", "Serif"))
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WIDTH, HEIGHT, SIZE = 1654, 2339, 26


@dataclass(frozen=True)
class Text:
    """A text at a place; `size` is its height in pixels."""

    left: int
    top: int
    text: str
    size: int = SIZE

    @property
    def width(self) -> int:
        return round(sum(1.0 if character > "\u2e80" else 0.53 for character in self.text) * self.size)


def dated(day: date, form: str) -> str:
    """A date in one of the forms that paper has."""
    return {
        "iso": day.isoformat(),
        "slashes": f"{day.day:02}/{day.month:02}/{day.year}",
        "dots": f"{day.year}.{day.month:02}.{day.day:02}",
        "word": f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        "dashes": f"{day.day:02}-{MONTHS[day.month - 1].title()}-{day.year}",
        "chinese": f"{day.year}年{day.month}月{day.day}日",
        "minguo": f"民國{day.year - 1911}年{day.month}月{day.day}日",
    }[form]


@dataclass(frozen=True)
class Paper:
    """A document: its texts and what it says."""

    texts: tuple[Text, ...]
    fields: dict[str, str]
    rows: tuple[dict[str, str], ...]

    def reading(self) -> DocumentReading:
        """The paper as a faultless reader gives it."""
        lines = []
        for text in self.texts:
            quad = rectangle(text.left, text.top, text.left + text.width, text.top + text.size)
            words = []
            at = float(text.left)
            for word in text.text.split(" "):
                size = Text(0, 0, word, text.size).width
                words.append(Word(word, word, rectangle(at, text.top, at + size, text.top + text.size), 0.999))
                at += size + 0.53 * text.size
            lines.append(Line(text.text, text.text, quad, 0.999, tuple(words)))
        page = PageReading(0, WIDTH, HEIGHT, 0, "none", "none", (), Source.OCR, tuple(lines))
        return DocumentReading((page,))

    def picture(self) -> NDArray[np.uint8]:
        """The paper drawn, blue-green-red."""
        page = Image.new("RGB", (WIDTH, HEIGHT), "white")
        draw = ImageDraw.Draw(page)
        for text in self.texts:
            draw.text((text.left, text.top), text.text, "black", font=font(text.size))
        return np.ascontiguousarray(np.asarray(page, dtype=np.uint8)[:, :, ::-1])


def font(size: int) -> ImageFont.FreeTypeFont:
    """A font with Chinese characters."""
    found = next((path for path in FONTS if path.exists()), None)
    if found is None:
        pytest.skip("no font with Chinese characters: install fonts-noto-cjk")
    return ImageFont.truetype(str(found), size, index=3)


def table(
    top: int, columns: tuple[tuple[str, int, tuple[str, ...]], ...], rows: tuple[dict[str, str], ...], step: int = 56
) -> list[Text]:
    """Headings (one text a line) at their places, and the cells under them."""
    deep = max(len(words) for _, _, words in columns)
    texts = [Text(left, top + 32 * at, word) for _, left, words in columns for at, word in enumerate(words)]
    for index, row in enumerate(rows):
        texts += [
            Text(left, top + 32 * deep + 24 + index * step, row[name]) for name, left, _ in columns if row.get(name)
        ]
    return texts


GOODS = (
    {"sku": "QT-4401", "description": "梳打餅 200g", "quantity": "24", "unit": "包", "unit_price": "12.50", "amount": "300.00",
     "batch": "H7731K", "expiry": "2027-03-09"},
    {"sku": "QT-5120", "description": "Oat Milk 1L", "quantity": "6", "unit": "樽", "unit_price": "18.00", "amount": "108.00",
     "batch": "M0042", "expiry": "2026-12-31"},
    {"sku": "QT-9003", "description": "消毒濕紙巾", "quantity": "40", "unit": "盒", "unit_price": "9.90", "amount": "396.00",
     "batch": "T8812", "expiry": "2028-01-15"},
)  # fmt: skip


def chinese_delivery(form: str = "chinese") -> Paper:
    """Chinese only; number and date under their labels; batch and expiry before the goods."""
    rows = tuple({**row, "expiry": dated(date.fromisoformat(row["expiry"]), form)} for row in GOODS)
    columns = (
        ("batch", 90, ("生產批號",)), ("expiry", 260, ("食用期限",)), ("sku", 540, ("商品代號",)),
        ("description", 740, ("貨品內容",)), ("quantity", 1180, ("送貨件數",)), ("unit", 1380, ("單位",)),
    )  # fmt: skip
    texts = (
        Text(90, 70, "榮豐糧油有限公司", 50), Text(90, 140, "香港柴灣豐業街12號8樓"), Text(1200, 80, "出貨單", 54),
        Text(90, 260, "單據編號"), Text(520, 260, "出單日期"), Text(960, 260, "客戶訂單編號"),
        Text(90, 300, "CK-70098"), Text(520, 300, dated(date(2026, 7, 26), form)), Text(960, 300, "PO-88123"),
        Text(90, 380, "收貨單位: 海怡便利店"), *table(480, columns, rows),
    )  # fmt: skip
    fields = {"doc_type": "delivery_note", "doc_no": "CK-70098", "date": "2026-07-26", "po_ref": "PO-88123",
              "supplier": "榮豐糧油有限公司", "buyer": "海怡便利店"}  # fmt: skip
    return Paper(texts, fields, tuple(_only(row, "sku", "batch", "expiry", "quantity", "unit") for row in GOODS))


def english_invoice(form: str = "word") -> Paper:
    """English only; prices before quantities; freight and discount under the table."""
    columns = (
        ("description", 90, ("Particulars",)), ("sku", 560, ("Stock Code",)), ("unit_price", 800, ("Rate",)),
        ("quantity", 980, ("Units",)), ("unit", 1120, ("UOM",)), ("amount", 1330, ("Extended",)),
    )  # fmt: skip
    texts = (
        Text(560, 70, "Harbour Dairy Supplies Ltd.", 46), Text(560, 140, "Flat 3, 9/F, 20 Wing Lok Street, Hong Kong"),
        Text(90, 220, "TAX INVOICE", 50), Text(90, 320, "Sold to: Peak Corner Store"),
        Text(1000, 320, "Inv. No: HD-2026-118"), Text(1000, 360, f"Issued on: {dated(date(2026, 7, 26), form)}"),
        Text(1000, 400, "Your PO: PO-55119"), *table(520, columns, GOODS),
        Text(1000, 800, "Sub-total"), Text(1330, 800, "804.00"), Text(1000, 840, "Less discount"), Text(1330, 840, "40.00"),
        Text(1000, 880, "Carriage"), Text(1330, 880, "60.00"), Text(1000, 920, "Amount payable"), Text(1330, 920, "HK$824.00"),
    )  # fmt: skip
    fields = {"doc_type": "invoice", "doc_no": "HD-2026-118", "date": "2026-07-26", "po_ref": "PO-55119",
              "supplier": "Harbour Dairy Supplies Ltd.", "buyer": "Peak Corner Store", "total": "82400",
              "discount": "4000", "freight": "6000", "subtotal": "80400"}  # fmt: skip
    return Paper(texts, fields, tuple(_only(row, "sku", "quantity", "unit", "unit_price", "amount") for row in GOODS))


def odd_invoice(number: str) -> Paper:
    """A supplier whose own number stands under a label that nobody else uses, and something else where others have theirs."""
    paper = english_invoice()
    texts = tuple(
        Text(text.left, text.top, "Inv. No: 0000-00") if "HD-2026" in text.text else text for text in paper.texts
    )
    return Paper(
        (*texts, Text(90, 400, "Zyx mark"), Text(280, 400, number)), {**paper.fields, "doc_no": number}, paper.rows
    )


def stacked_return(form: str = "slashes") -> Paper:
    """Both languages; headings in two lines; a reason for each row."""
    rows = tuple(
        {**row, "expiry": dated(date.fromisoformat(row["expiry"]), form), "reason": "包裝破損", "line": str(index + 1)}
        for index, row in enumerate(GOODS)
    )
    columns = (
        ("line", 80, ("項次", "No.")), ("sku", 170, ("料號", "Item Code")), ("description", 360, ("產品說明", "Product")),
        ("quantity", 700, ("退貨數量", "Rtn Qty")), ("unit", 860, ("單位", "Unit")), ("batch", 970, ("批次", "Lot")),
        ("expiry", 1140, ("到期日期", "Expiry")), ("reason", 1380, ("退回原因", "Reason")),
    )  # fmt: skip
    texts = (
        Text(90, 70, "海怡便利店 South Horizon Mart", 44), Text(500, 160, "退貨通知書 GOODS RETURN ADVICE", 44),
        Text(90, 270, "供貨商 Vendor: 榮豐糧油有限公司"), Text(1000, 270, "退貨單號 Return No.: GR-3301"),
        Text(1000, 310, f"日期 Date: {dated(date(2026, 7, 26), form)}"), *table(420, columns, rows),
    )  # fmt: skip
    fields = {"doc_type": "return_note", "doc_no": "GR-3301", "date": "2026-07-26", "supplier": "榮豐糧油有限公司"}
    wanted = tuple({**_only(row, "sku", "batch", "expiry", "quantity", "unit"), "reason": "包裝破損"} for row in GOODS)
    return Paper(texts, fields, wanted)


def _only(row: dict[str, str], *names: str) -> dict[str, str]:
    return {name: row[name] for name in names}
