"""A delivery note as a phone sees it: printed with a font of this machine, a little turned, on a grey table."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from tests.documents.papers import font

COLUMNS = (60, 330, 760, 900, 1080, 1300)
HEADINGS = ("貨號 SKU", "貨品 Description", "數量 Qty", "單位 Unit", "批號 Batch", "到期日 Expiry")

Row = tuple[str, str, str, str, str, str]


def delivery_note(
    rows: Sequence[Row], *, number: str = "DN-2026-0042", supplier: str = "永發貿易有限公司", turn: float = 0.6
) -> bytes:
    """A JPEG of a delivery note."""
    page = Image.new("RGB", (1600, 1100), "white")
    draw = ImageDraw.Draw(page)
    large, plain = font(52), font(30)
    draw.text((60, 50), supplier, "black", font=large)
    draw.text((1060, 50), "送貨單", "black", font=large)
    draw.text((1060, 120), "DELIVERY NOTE", "black", font=plain)
    draw.text((60, 190), f"單號 No.: {number}", "black", font=plain)
    draw.text((1060, 190), "日期 Date: 2026-11-20", "black", font=plain)
    draw.text((60, 250), "致 To: 旺角店", "black", font=plain)
    top = 340
    draw.line((50, top - 12, 1550, top - 12), "black", 3)
    for x, heading in zip(COLUMNS, HEADINGS, strict=True):
        draw.text((x, top), heading, "black", font=plain)
    draw.line((50, top + 52, 1550, top + 52), "black", 3)
    for place, row in enumerate(rows):
        for x, text in zip(COLUMNS, row, strict=True):
            draw.text((x, top + 72 + place * 62), text, "black", font=plain)
    bottom = top + 90 + len(rows) * 62
    draw.line((50, bottom, 1550, bottom), "black", 3)
    draw.text((60, bottom + 60), "收貨人簽署 Received by: ____________", "black", font=plain)
    photo = Image.new("RGB", (1760, 1260), (128, 122, 110))
    photo.paste(page, (80, 80))
    photo = photo.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=(128, 122, 110))
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=88)
    return stream.getvalue()
