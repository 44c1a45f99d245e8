"""Cells as values: codes, quantities with their units, prices, lots and dates; also where they hide in a description."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from biip.checksums import gs1_standard_check_digit

from documents.extraction import lexicon
from documents.extraction.amounts import money, parse_number, plain_decimal
from documents.extraction.dates import bears_on_date, is_whole_date, parse_date
from documents.extraction.described import take_out
from documents.extraction.found import Found, ocr_sure, sure_where
from documents.extraction.gathering import BREAKS_OFF
from documents.extraction.lost import made_whole
from documents.extraction.model import EVIDENCE_CHECK_DIGIT
from documents.extraction.plain import AS_DIGITS, AS_LETTERS, has_chinese, has_digit, key, tidy
from documents.extraction.results import result_of
from documents.extraction.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.flat import Token
    from documents.extraction.naming import CellRow

_LIKE_FIGURES: Final = re.compile(r"[OoIl|]|(?<=[0-9])[sSBZ](?=[0-9])")
WORD_SURE: Final = 0.9
"""From which an ideograph bears out another that makes a known word with it."""
LETTER_SURE: Final = 0.97
"""From which an S, B or Z among figures is believed: HT123B9 is a code."""
BLANK: Final = frozenset({"", "na", "nil", "none", "無", "不適用", "nla"})
LOOKS: Final = {"紫": "紮", "禁": "紮", "扎": "紮", "僚": "條", "尊": "樽"}
"""Ideographs that are no units, and the unit that readers take for them."""
_LOT_INSIDE: Final = re.compile(
    r"(?i)(?:\bbatch(?: ?/ ?lot)?|\blot(?: ?/ ?(?:batch|s\.?n|serial))?|生產批號|批號|批次|\bb/n)\s*(?:no\.?|number|號碼|編號|#)?\s*[:#.]?\s*([A-Z0-9][A-Z0-9/-]{2,19})"
)
_TWO_NAMES: Final = re.compile(r"\s+[/|]\s+")
"""What parts a name from the same in the other language: `Plain Flour 1kg / 中筋麵粉`."""
_IN_SMALLER: Final = re.compile(r"^([0-9][0-9,.]* ?[^0-9()]{1,6}?) ?\((?:共 ?|= ?)?[0-9][0-9,.]* ?[^0-9()]{1,6}\)$")
"""A quantity with the same in a smaller unit behind it: 3箱(72支)."""
_LETTER_ZERO: Final = re.compile(
    r"(?<=[A-Z])0(?=[A-Z]{2})|(?<![\w.,])0(?!(?:ml|kg|mg|cl|cm|mm|pcs?|pct)\b)(?=[a-z]{2,})|(?<![\w.,])0{1,2}(?=[A-Z]{4,})"
)
"""A nought that begins a word, or stands between its capitals, is the capital letter: `Cod Liver 0il`, `O0LONG`."""

_HERE: Final = str.maketrans({"凈": "淨", "緑": "綠", "録": "錄"})
"""Forms that readers know of ideographs and that Hong Kong does not print."""


_O_OF_WORD: Final = re.compile(
    r"(?<=[A-Za-z])O(?=[A-Za-z])|(?<![0-9A-Za-z.,])O(?=[A-Za-z]{2})|(?<=[A-Za-z]{2})O(?![0-9A-Za-z])"
)
"""An O in a word, where no nought can be."""
_GOODS: Final = re.compile("|".join(lexicon.GOODS_WORDS))


def read_cells(row: CellRow, currency: str) -> dict[str, Found]:
    """The values of a row by field name."""
    values: dict[str, Found | None] = {
        "sku": _code(row.cells.get("sku", ())),
        "gtin": _gtin(row.cells.get("gtin", ())),
        "description": _text(row.cells.get("description", ())),
        "batch": _batch(row.cells.get("batch", ())),
        "expiry": _expiry(row.cells.get("expiry", ())),
        "unit_price": _money(row.cells.get("unit_price", ()), currency),
        "amount": _money(row.cells.get("amount", ()), currency),
        "result": _result(row.cells.get("result", ())),
        "reason": _reason(row.cells.get("reason", ())),
    }
    if values["expiry"] is None:
        values["batch"], values["expiry"] = _batch_over_date(row.cells.get("batch", ()), values["batch"])
    quantity, unit = _quantity(row.cells.get("quantity", ()))
    values["quantity"] = quantity
    headed = _unit(row.cells.get("unit", ()))
    # A column of packings may look like one of units; what stands with the quantity is surely one.
    values["unit"] = unit if headed is None or (headed.doubtful and unit is not None and not unit.doubtful) else headed
    found = {name: value for name, value in values.items() if value is not None}
    take_out(found, as_gtin)
    if "sku" in found and "gtin" not in found:
        gtin = as_gtin(str(found["sku"].value))
        if gtin is not None:
            sku = found["sku"].with_evidence(EVIDENCE_CHECK_DIGIT)
            found["sku"] = sku
            found["gtin"] = Found(gtin, sku.raw, sku.sure, sku.tokens, (EVIDENCE_CHECK_DIGIT,))
    if "sku" not in found and "gtin" in found:
        gtin_found = found["gtin"]
        found["sku"] = Found(
            re.sub(r"\W", "", gtin_found.raw), gtin_found.raw, gtin_found.sure, gtin_found.tokens, gtin_found.evidence
        )
    return found


def check_digit_holds(digits: str) -> bool:
    """Whether the last digit of a GTIN of 8, 12, 13 or 14 digits is right (GS1 General Specifications 7.9)."""
    if not digits.isdecimal() or len(digits) not in {8, 12, 13, 14}:
        return False
    return gs1_standard_check_digit(digits[:-1]) == int(digits[-1])


def as_gtin(code: str) -> str | None:
    """A code as a GTIN of 14 digits, or None if it is none; eight digits alone are taken for a code of one's own."""
    digits = re.sub(r"[ -]", "", code)
    return digits.zfill(14) if len(digits) >= 12 and check_digit_holds(digits) else None


def _joined(tokens: Sequence[Token]) -> str:
    text = ""
    for token in tokens:
        part = made_whole(token, tidy(token.text))
        if not text:
            text = part
        elif has_chinese(text[-1]) and part and has_chinese(part[0]):
            text += part
        else:
            text += f" {part}"
    return text


def _is_blank(text: str) -> bool:
    return key(text) in BLANK


def _text(tokens: Sequence[Token]) -> Found | None:
    text = _joined(tokens).strip(" -|")
    if _is_blank(text):
        return None
    said = _with_letters(text).translate(_HERE)
    return Found(_in_two_languages(said), text, _sure_of_words(tokens), tuple(tokens))


def _with_letters(text: str) -> str:
    return _LETTER_ZERO.sub(lambda match: "O" * len(match[0]), text)


def _sure_of_words(tokens: Sequence[Token]) -> float:
    """The least sure of the characters that could be others: not an O in a word, nor an ideograph that the others make a word with."""
    left: list[float] = []
    for token in tokens:
        text = _with_letters(token.text)
        places = [at for at, character in enumerate(text) if not character.isspace()]
        sure = dict(zip(places, (one for _, one in token.characters()), strict=False))
        settled = {match.start() for match in _O_OF_WORD.finditer(text)}
        for match in _GOODS.finditer(text):
            word = range(*match.span())
            if sum(sure.get(at, 0.0) < WORD_SURE for at in word) == 1:
                settled.update(word)
        left += [one for at, one in sure.items() if at not in settled]
    return min(left, default=ocr_sure(*tokens))


def _in_two_languages(text: str) -> str:
    """Words without the stroke between their two languages."""
    parts = _TWO_NAMES.split(text)
    is_one = len(parts) != 2 or has_chinese(parts[0]) == has_chinese(parts[1])
    return text if is_one else " ".join(parts)


def _code(tokens: Sequence[Token]) -> Found | None:
    broken = any(BREAKS_OFF.search(tidy(token.text)) for token in tokens[:-1])
    marked = [token for token in tokens if broken or has_digit(token.text)] or list(tokens)
    text = _joined(marked)
    if _is_blank(text):
        return None
    code = re.sub(r"\s*-\s*", "-", text).strip(" .,:;|*'")
    words = code.split(" ")
    joined = len(words) > 1
    if joined:
        digits = "".join(words)
        code = digits if digits.isdecimal() or (not has_chinese(digits) and len(digits) <= 14) else words[0]
    letters = [character for character in code if character.isalpha()]
    figures = sum(character.isdecimal() for character in code)
    mended = code
    if figures >= 5 and 0 < len(letters) <= 2 and len(code) >= 12:
        mended = code.translate(AS_DIGITS)
    match = re.fullmatch(r"([A-Za-z]{1,4}-?)([0-9OoIlSsBZ|-]{3,})", mended)
    if match is not None and sum(character.isdecimal() for character in match.group(2)) >= 3:
        mended = _figures_of(mended, match.start(2), _doubted(marked, code))
    # What stands apart may be two things, such as a running number and a code, unless a check digit holds for the whole.
    odd = mended != code or (joined and as_gtin(mended) is None)
    odd = odd or any(key(token.text) for token in tokens if token not in marked)  # words below it: a line of its own?
    return Found(mended, text, ocr_sure(*marked), tuple(marked), doubtful=odd)


def _reason(tokens: Sequence[Token]) -> Found | None:
    found = _text(tokens)
    # A figure in it may be of a total that stands below.
    return replace(found, doubtful=True) if found is not None and has_digit(found.raw) else found


def _figures_of(code: str, start: int, doubted: Sequence[bool]) -> str:
    """A code with figures for the letters that look like them, from `start` on; for an S, B or Z only where the reader doubted it."""

    def mend(match: re.Match[str]) -> str:
        is_letter = match[0] in "sSBZ" and not doubted[start + match.start()]
        return match[0] if is_letter else match[0].translate(AS_DIGITS)

    return code[:start] + _LIKE_FIGURES.sub(mend, code[start:])


def _doubted(tokens: Sequence[Token], code: str) -> list[bool]:
    """Which characters of a code the reader was not sure of; all, where they cannot be told apart."""
    read = [pair for token in tokens for pair in token.characters()]
    if "".join(character for character, _ in read) != code:
        return [True] * len(code)
    return [sure < LETTER_SURE for _, sure in read]


def _gtin(tokens: Sequence[Token]) -> Found | None:
    text = _joined(tokens)
    digits = re.sub(r"[^0-9A-Za-z|]", "", text).translate(AS_DIGITS)
    if not digits.isdecimal() or not 8 <= len(digits) <= 14:
        return None
    holds = check_digit_holds(digits)
    evidence = (EVIDENCE_CHECK_DIGIT,) if holds else ()
    return Found(digits.zfill(14), text, ocr_sure(*tokens), tuple(tokens), evidence, doubtful=not holds)


def _quantity(tokens: Sequence[Token]) -> tuple[Found | None, Found | None]:
    figures = [token for token in tokens if has_digit(token.text)]
    for chosen in (figures[:1], list(tokens)):
        text = _joined(chosen)
        number = parse_number(text) or parse_number(_IN_SMALLER.sub(r"\1", text))
        if number is None:
            continue
        sure = sure_where(chosen, lambda text: [not has_chinese(character) for character in text])
        odd = number.mended or (bool(key(number.rest)) and not is_unit(number.rest))
        odd = odd or len(figures) > 1  # two figures, of which one was chosen
        quantity = Found(plain_decimal(number.value), text, sure, tuple(chosen), doubtful=odd)
        beside_figures = sure_where(chosen, lambda text: [not has_digit(character) for character in text])
        unit = (
            Found(_in_one(number.rest.strip()), text, beside_figures, tuple(chosen)) if is_unit(number.rest) else None
        )
        if unit is None:
            beside = [token for token in tokens if token not in chosen and key(token.text)]
            # A word that is no unit of the list is taken for one all the same, in doubt: it must be something.
            unit = _unit(sorted(beside, key=lambda token: key(token.text) not in lexicon.UNITS)[:1])
        return quantity, unit
    return None, None


def _unit(tokens: Sequence[Token]) -> Found | None:
    text = _joined(tokens).strip(" -.|()[]/")
    text = LOOKS.get(text, text)
    if not is_unit(text) and is_unit(lettered := text.translate(AS_LETTERS)):
        text = lettered
    if _is_blank(text) or len(text) > 24:
        return None
    return Found(_in_one(text), text, ocr_sure(*tokens), tuple(tokens), doubtful=not is_unit(text))


def _in_one(text: str) -> str:
    """One unit in two languages, and not two: 樽/BTL."""
    return text.replace("/", " ") if has_chinese(text) and is_unit(text) else text


def _money(tokens: Sequence[Token], currency: str) -> Found | None:
    figures = [token for token in tokens if has_digit(token.text)]
    for chosen in (figures[:1], figures):
        text = _joined(chosen)
        number = parse_number(text) if text else None
        if number is not None:
            # 1,234 in a column of prices: the reader lost the decimals, or the paper has none. Arithmetic will say.
            odd = number.mended or number.decimals not in {0, 2} or len(figures) > 1
            return Found(money(number.value, currency), text, ocr_sure(*chosen), tuple(chosen), doubtful=odd)
    return None


def _batch(tokens: Sequence[Token]) -> Found | None:
    text = _joined(tokens)
    if _is_blank(text):
        return None
    inside = _LOT_INSIDE.search(text)
    # LOT11235 may be the lot's own name; LOT: 11235 is a label with its value.
    code = inside.group(1) if inside and _is_marked(inside) else text
    code = re.sub(r"\s*([-/])\s*", r"\1", code).strip(" .,:;|*'").replace(" ", "")
    if not code or has_chinese(code):
        return None
    return Found(code, text, ocr_sure(*tokens), tuple(tokens), doubtful=not has_digit(code) or len(code) < 3)


def _batch_over_date(tokens: Sequence[Token], batch: Found | None) -> tuple[Found | None, Found | None]:
    """Lot and date of a column that holds both: `GP69T` over `23/03/2026`. What the date is of, a person is asked."""
    parts = [token.slice(at, at + 1) for token in tokens for at in range(len(token.pieces))]
    dates = [part for part in parts if is_whole_date(part.text)]
    rest = [part for part in parts if part not in dates and key(part.text)]
    if len(dates) != 1 or not rest:
        return batch, None
    expiry = _expiry(dates)
    return _batch(rest), expiry and replace(expiry, doubtful=True)


def _is_marked(match: re.Match[str]) -> bool:
    """Whether a mark parts a lot from the word before it."""
    return bool(re.search(r"[:#.]|no|number|號碼|編號", match.group(0)[: match.start(1) - match.start(0)].casefold()))


def _expiry(tokens: Sequence[Token]) -> Found | None:
    text = _joined(tokens)
    if _is_blank(text):
        return None
    dated = parse_date(text) or parse_date(text.replace(" ", ""))
    if dated is None:
        return Found(text, text, 0.0, tuple(tokens), doubtful=True) if has_digit(text) else None
    whole = dated.span[1] - dated.span[0] >= len(tidy(text)) - 2
    sure = sure_where(tokens, bears_on_date)
    return Found(dated.iso, text, sure, tuple(tokens), doubtful=dated.doubtful or not whole)


def _result(tokens: Sequence[Token]) -> Found | None:
    text = _joined(tokens).strip(" -|")
    if _is_blank(text):
        return None
    known, is_sure = result_of(text)
    return Found(known or text, text, ocr_sure(*tokens), tuple(tokens), doubtful=not is_sure)


def fields_seen(rows: Sequence[Mapping[str, Found]]) -> set[str]:
    """The names that any row has."""
    return {name for row in rows for name in row}
