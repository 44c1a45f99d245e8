"""Draws trade papers of companies, wordings and layouts that are in no other set, with their truth: for fitting.

    python -m benchmarks.papers --out DIR [--count 96] [--seed 1] [--levels scan photo]

Writes NAME.jpg and NAME.json in the shape that `benchmarks.ocr` reads. Kinds of paper and levels of wear (`benchmarks.worn`)
take turns; company, language, order of columns, forms of dates and numbers, fonts and places are drawn by the seed. What
surety means is fitted on these papers and scored on others: nothing is measured on paper that it was fitted to.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks import paper_words as words
from benchmarks.paper_items import dated, items_of, number_of
from benchmarks.paper_words import Pair
from benchmarks.worn import LEVELS, worn
from documents.chinese import is_chinese

KINDS = tuple(words.TITLES)
WIDTH, HEIGHT = 1654, 2339
NOTO = Path("/usr/share/fonts/opentype/noto")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
CHINESE = (NOTO / "NotoSansCJK-Regular.ttc", NOTO / "NotoSerifCJK-Regular.ttc", NOTO / "NotoSansCJK-Bold.ttc")
LATIN = (
    DEJAVU / "DejaVuSans.ttf",
    DEJAVU / "DejaVuSerif.ttf",
    DEJAVU / "DejaVuSansMono.ttf",
    DEJAVU / "DejaVuSansCondensed.ttf",
    None,
)
"""None: the Latin letters of the Chinese font."""
HONG_KONG = 3
"""Index of the traditional Hong Kong forms in Noto's collections."""
PRICED = {"purchase_order": 1.0, "invoice": 1.0, "contract": 1.0, "delivery_note": 0.4, "return_note": 0.4}
WIDE = {
    "line": 66,
    "sku": 215,
    "desc": 420,
    "qty": 105,
    "unit": 90,
    "unit_price": 130,
    "amount": 190,
    "batch": 150,
    "expiry": 190,
    "result": 110,
    "reason": 190,
}
RIGHT = {"qty", "unit_price", "amount"}


@dataclass
class Style:
    """What one company's papers look like."""

    language: str
    size: int
    chinese: Path
    latin: Path | None
    dates: str
    ruled: bool
    stacked: bool
    step: int
    colon: str


@dataclass
class Sheet:
    """A page on which words are put; remembers them."""

    style: Style
    image: Image.Image = field(default_factory=lambda: Image.new("RGB", (WIDTH, HEIGHT), "white"))
    cells: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = ImageDraw.Draw(self.image)

    def _runs(self, text: str, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        chinese = ImageFont.truetype(str(self.style.chinese), size, index=HONG_KONG)
        latin = ImageFont.truetype(str(self.style.latin), round(size * 0.92)) if self.style.latin else chinese
        runs: list[tuple[str, ImageFont.FreeTypeFont]] = []
        for character in text:
            font = chinese if is_chinese(character) or character in "：、。，（）" else latin
            if runs and runs[-1][1] is font:
                runs[-1] = (runs[-1][0] + character, font)
            else:
                runs.append((character, font))
        return runs

    def put(self, left: float, top: float, text: str, size: int | None = None, *, right: bool = False) -> float:
        """Draws a text from its left or right edge; gives where it ends."""
        if not text:
            return left
        size = size or self.style.size
        runs = self._runs(text, size)
        wide = sum(font.getlength(part) for part, font in runs)
        at = left - wide if right else left
        for part, font in runs:
            self.draw.text((at, top + size), part, "black", font=font, anchor="ls")
            at += font.getlength(part)
        self.cells.append({"text": text})
        return at

    def said(self, pair: Pair) -> str:
        """A pair in the paper's language, on one line."""
        return {"zh": pair[0], "en": pair[1], "bi": f"{pair[0]} {pair[1]}"}[self.style.language]


def columns_of(chance: random.Random, items: list[dict[str, Any]]) -> list[str]:
    """The printed columns in the order of this company, at most as wide as the page."""
    kept = [name for name in ("batch", "expiry", "reason", "result") if any(item.get(name) for item in items)]
    figures = chance.choice((["qty", "unit"], ["unit", "qty"]))
    prices = ["unit_price", "amount"] if items[0]["amount"] is not None else []
    lots = [name for name in kept if name in {"batch", "expiry"}]
    front = chance.choice((["sku", "desc"], ["desc", "sku"], ["sku", "desc"]))
    middle = [*lots, *figures] if chance.random() < 0.6 else [*figures, *prices, *lots]
    after = [name for name in prices if name not in middle] + [name for name in kept if name in {"reason", "result"}]
    return [*(["line"] if chance.random() < 0.5 else []), *front, *middle, *after]


def cell_of(sheet: Sheet, item: dict[str, Any], name: str) -> list[str]:
    """What stands in a cell, line by line."""
    language, value = sheet.style.language, item.get({"line": "line_no", "result": "_result"}.get(name, name))
    if value is None:
        return ["-"] if name in {"batch", "expiry"} else []
    if name == "expiry":
        return [dated(date.fromisoformat(value), sheet.style.dates)]
    if name in {"unit_price", "amount"}:
        return [f"{Decimal(value):,.2f}"]
    if name == "desc":
        return [value[0]] if language == "zh" else [value[1]] if language == "en" else list(value)
    if name in {"unit", "reason", "result"}:
        return [value[1] if language == "en" else value[0]]
    return [str(value)]


def draw_table(chance: random.Random, sheet: Sheet, top: int, columns: list[str], items: list[dict[str, Any]]) -> int:
    style = sheet.style
    wide = {name: WIDE[name] * style.size / 26 for name in columns}
    spare = max(0.0, WIDTH - 180 - sum(wide.values()))
    scale = min(1.0, (WIDTH - 180) / sum(wide.values()))
    wide["desc"] = wide["desc"] + spare
    size = max(17, round(style.size * min(1.0, scale + 0.08)))
    edges, at = {}, 90.0
    for name in columns:
        edges[name] = (at, at + wide[name] * scale - 20)
        at += wide[name] * scale
    for name in columns:
        heading = chance.choice(words.HEADINGS[name])
        parts = list(heading) if style.language == "bi" else [sheet.said(heading)]
        for row, part in enumerate(parts):
            sheet.put(edges[name][name in RIGHT], top + row * (size + 8), part, size, right=name in RIGHT)
    y = top + (2 if style.language == "bi" else 1) * (size + 8) + 14
    lines = [top - 10, y - 6]
    for item in items:
        deep = 1
        for name in columns:
            parts = cell_of(sheet, item, name)
            deep = max(deep, len(parts))
            for row, part in enumerate(parts):
                sheet.put(edges[name][name in RIGHT], y + row * (size + 8), part, size, right=name in RIGHT)
        y += deep * (size + 8) + style.step
        lines.append(y - style.step // 2 - 2)
    for line in lines if style.ruled else (lines[0], lines[1], lines[-1]):
        sheet.draw.line((80, line, WIDTH - 80, line), "black", 2)
    if style.ruled:
        for name in columns:
            sheet.draw.line((edges[name][0] - 9, lines[0], edges[name][0] - 9, lines[-1]), "black", 1)
    return y


def draw_sums(chance: random.Random, sheet: Sheet, top: int, items: list[dict[str, Any]]) -> tuple[int, Decimal]:
    added = sum((Decimal(item["amount"]) for item in items), Decimal(0))
    parts: list[tuple[str, Decimal]] = []
    total = added
    if chance.random() < 0.4:
        parts.append(("subtotal", added))
        if chance.random() < 0.6:
            off = (added * Decimal("0.05")).quantize(Decimal("0.01"))
            parts.append(("discount", off))
            total -= off
        if chance.random() < 0.6:
            fee = Decimal(chance.choice(("60.00", "120.00", "250.00")))
            parts.append(("freight", fee))
            total += fee
    parts.append(("total", total))
    sign = chance.choice(("HK$", "HK$", "$", ""))
    for name, value in parts:
        sheet.put(WIDTH - 400, top, sheet.said(chance.choice(words.SUMS[name])) + sheet.style.colon, right=True)
        sheet.put(WIDTH - 100, top, f"{sign if name == 'total' else ''}{value:,.2f}", right=True)
        top += sheet.style.size + 16
    return top, total


def draw_facts(chance: random.Random, sheet: Sheet, top: int, facts: list[tuple[Pair, str]]) -> int:
    """Label and value pairs: one line each, two to a line, or values under their labels."""
    style, step = sheet.style, sheet.style.size + 18
    two = chance.random() < 0.6
    for index, (label, value) in enumerate(facts):
        left = 90 if not two or index % 2 == 0 else 900
        if style.stacked:
            sheet.put(left, top, sheet.said(label))
            sheet.put(left, top + style.size + 6, value)
        else:
            end = sheet.put(left, top, sheet.said(label) + style.colon)
            sheet.put(end + 12, top, value)
        if not two or index % 2 == 1 or index == len(facts) - 1:
            top += step * (2 if style.stacked else 1)
    return top


def draw_head(chance: random.Random, sheet: Sheet, writer: Pair, title: Pair) -> int:
    names = {"zh": writer[:1], "en": writer[1:], "bi": writer}[sheet.style.language]
    top, left = 70, chance.choice((90, 90, 480))
    for name in names:
        sheet.put(left, top, name, 42)
        top += 54
    sheet.put(left, top, sheet.said(chance.choice(words.STREETS)) if sheet.style.language != "bi" else chance.choice(words.STREETS)[0], 22)  # fmt: skip
    sheet.put(left, top + 32, f"Tel: 2{chance.randrange(100, 999)} {chance.randrange(1000, 9999)}", 22)
    if chance.random() < 0.4 and left == 90:
        sheet.put(WIDTH - 100, 80, title[0] if sheet.style.language != "en" else title[1], 50, right=True)
        if sheet.style.language == "bi":
            sheet.put(WIDTH - 100, 146, title[1], 36, right=True)
        return top + 100
    sheet.put(chance.choice((90, 560)), top + 90, sheet.said(title), 46)
    return top + 190


def style_of(chance: random.Random) -> Style:
    language = chance.choice(("zh", "en", "bi"))
    forms = ("iso", "slashes", "dots", "words", "dashes") if language == "en" else ("iso", "slashes", "dots", "chinese")
    return Style(
        language=language,
        size=chance.choice((23, 25, 27)),
        chinese=chance.choice(CHINESE),
        latin=chance.choice(LATIN),
        dates=chance.choice(forms),
        ruled=chance.random() < 0.5,
        stacked=chance.random() < 0.25,
        step=chance.choice((12, 20, 30)),
        colon=chance.choice((":", "：", " :", "")),
    )


def paper(chance: random.Random, kind: str) -> tuple[Image.Image, dict[str, Any]]:
    """One paper, as printed, and its truth."""
    style = style_of(chance)
    sheet = Sheet(style)
    supplier, shop = chance.choice(words.SUPPLIERS), chance.choice(words.SHOPS)
    day = date(2025, 1, 1) + timedelta(days=chance.randrange(700))
    number = number_of(chance, kind, day)
    order = number_of(chance, "purchase_order", day) if kind in {"delivery_note", "invoice"} else None
    ours = kind in {"purchase_order", "return_note", "inspection_report"}
    top = draw_head(chance, sheet, shop if ours else supplier, chance.choice(words.TITLES[kind]))
    other = (words.SUPPLIER, supplier) if ours else (words.BUYER, shop)
    facts = [
        (chance.choice(other[0]), other[1][1] if style.language == "en" else other[1][0]),
        (chance.choice(words.NUMBERS[kind]), number),
        (chance.choice(words.DATES[kind]), dated(day, style.dates)),
        *([(chance.choice(words.ORDERS), order)] if order else []),
    ]
    for label, values in chance.sample(words.OTHER_FACTS, chance.randrange(3)):
        facts.append((label, chance.choice(values) or dated(day + timedelta(days=3), style.dates)))
    top = draw_facts(chance, sheet, top, facts) + 30
    priced = chance.random() < PRICED.get(kind, 0.0)
    lots = kind == "inspection_report" or (kind not in {"contract", "purchase_order"} and chance.random() < 0.6)
    items = items_of(chance, kind, day, priced=priced, lots=lots)
    columns = columns_of(chance, items)
    top = draw_table(chance, sheet, top, columns, items) + 30
    total: Decimal | None = None
    if priced:
        top, total = draw_sums(chance, sheet, top, items)
    sheet.put(90, top + 40, sheet.said(chance.choice(words.FOOT)) if style.language != "bi" else words.FOOT[0][0], 22)
    for index, signature in enumerate(words.SIGNATURES):
        sheet.put(120 + 800 * index, min(HEIGHT - 90, top + 260), sheet.said(signature), 24)
    fields = {
        "doc_type": kind,
        "doc_no": number,
        "date": day.isoformat(),
        "po_ref": order,
        "supplier": {"zh": supplier[0], "en": supplier[1]},
        "buyer": {"zh": shop[0], "en": shop[1]},
        "currency": "HKD" if priced else None,
        "total": str(total) if total is not None else None,
        "items": [{name: value for name, value in item.items() if name != "_result"} for item in items],
    }
    return sheet.image, {"lang": style.language, "columns": columns, "fields": fields, "cells": sheet.cells}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for index in range(chosen.count):
        kind, level = KINDS[index % len(KINDS)], chosen.levels[index // len(KINDS) % len(chosen.levels)]
        chance = random.Random(f"{chosen.seed}/{index}")
        image, truth = paper(chance, kind)
        name = f"drawn{chosen.seed}_{index:04}_{kind}_{level}"
        seen = worn(np.asarray(image)[:, :, ::-1], level, np.random.default_rng([chosen.seed, index]))
        quality = 92 if level == "clean" else chance.randrange(60, 86)
        Image.fromarray(np.ascontiguousarray(seen[:, :, ::-1])).save(chosen.out / f"{name}.jpg", quality=quality)
        (chosen.out / f"{name}.json").write_text(
            json.dumps({"id": name, "image": f"{name}.jpg", "level": level, **truth}, ensure_ascii=False, indent=1)
        )


if __name__ == "__main__":
    main()
