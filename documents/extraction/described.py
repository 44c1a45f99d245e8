"""What stands under a description with a label of its own: a lot, a date, a code: `批號 Lot: L5176A`, 食用期限至2026-08-25.

A label is a word for the thing in one language or in both, in either order. What is named is taken out of the description
with its label; a label that stays, because nothing could be read behind it, puts the description in doubt.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction.dates import parse_date
from documents.extraction.found import Found, sure_of_name
from documents.extraction.plain import has_chinese, has_digit, key, tidy

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER: Final = r"(?:\s*(?:no\.?|number|code|ref\.?|#))?"
_WORDS: Final = {
    "batch": (
        r"(?:生產|製造|產品|貨品|藥品|出廠)?批(?:號|次號?|次?編號|號碼|次號碼)",
        rf"(?:(?:batch|lot)(?:\s?/\s?(?:batch|lot|s\.?n|serial))?{_NUMBER}|b/n|bn(?=\s*[:#.]))",
    ),
    "expiry": (
        r"(?:有效(?:日期|期限|期)|到期(?:日期|日)?|屆滿日期?|失效日期|此日期前(?:最佳|食用|飲用|使用)?|(?:最佳)?(?:食用|飲用|使用|賞味)(?:日期|期限|限期|期)|最佳日期|保質期限?|保存期限?|效期)(?:至|到|為)?",
        r"(?:exp(?:iry|iration|ires?)?\.?(?:\s?date)?(?:\son|\sby)?|best[ -](?:before|by)(?:\s(?:date|end))?|use[ -]by(?:\sdate)?|sell[ -]by(?:\sdate)?|bbd?\b|bbe|valid\s(?:until|till|to))",
    ),
    "made": (
        r"(?:生產|製造|出廠|包裝)日期?",
        r"(?:mfg\.?(?:\s?date)?|mfd\.?(?:\s?date)?|(?:production|manufacture|manufacturing|packing)\sdate|prod\.?\sdate|date\sof\smanufacture|(?:produced|packed)\son)",
    ),
    "gtin": (r"(?:國際|商品|貨品|產品)?條(?:形)?碼", r"(?:bar ?code|ean(?:-?13)?|gtin|upc|jan)"),
    "sku": (
        r"(?:(?:貨品|產品|商品|貨物|物料|項目)?(?:編號|編碼|代號|代碼)|貨號|型號|款號|品號|料號)",
        rf"(?:(?:item|product|prod|stock|part|model|style|article|art|catalogue|catalog|cat|goods){_NUMBER}|sku|code|p/n|ref\.?(?=\s*[:#]))",
    ),
}  # fmt: skip
_NO_MARK: Final = r"\s*[:#.]{0,2}\s*"
_MARK: Final = r"\s*[:#.]{1,2}\s*"
_CODE: Final = r"([A-Z0-9][A-Z0-9./-]{2,19})"
_DATE: Final = r"([^,;()|:]{6,22})"
_GTIN: Final = r"([0-9][0-9 ]{6,15}[0-9])"


def _pattern(name: str, value: str, *, marked: str = _NO_MARK) -> re.Pattern[str]:
    """A label in one language or both, and its value; Latin words alone need a mark where `marked` says so."""
    chinese, latin = _WORDS[name]
    latin = rf"(?<![A-Za-z]){latin}(?![A-Za-z])"
    bracketed = rf"[(（\[]?{latin}[)）\]]?"
    both = rf"(?:{chinese}\s*[/:]?\s*{bracketed}|{latin}\s*[/:]?\s*[(（\[]?{chinese}[)）\]]?|{chinese})"
    return re.compile(rf"(?i)[(（\[]?(?:{both}{_NO_MARK}|{latin}{marked}){value}")


_BARE_SKU: Final = re.compile(r"(?<![A-Za-z])SKU\s+([A-Z0-9][A-Z0-9./-]{2,19})")
"""A code behind a word that names nothing else."""
_REASON: Final = re.compile(
    r"(?i)(?:(?:return |reject(?:ion)? )?reasons?(?: for return)?|(?:退貨|退回|拒收)?(?:原因|理由))(?: ?/? ?(?:reasons?|原因))? ?[:：] ?(\S.*)"
)
_PATTERNS: Final = (
    ("batch", _pattern("batch", _CODE)),
    ("made", _pattern("made", _DATE)),
    ("expiry", _pattern("expiry", _DATE)),
    ("gtin", _pattern("gtin", _GTIN)),
    ("sku", _pattern("sku", _CODE, marked=_MARK)),
    ("sku", _BARE_SKU),
)
_LEFT: Final = re.compile(
    rf"(?i)(?:{'|'.join(_WORDS[name][0] for name in ('batch', 'expiry', 'sku'))})\s*(?:[:：]|$)"
    rf"|(?<![A-Za-z])(?:{'|'.join(_WORDS[name][1] for name in ('batch', 'expiry', 'sku'))})\s*[:：]"
)
"""A label of which nothing was made."""
_SKU_FIRST: Final = re.compile(r"^\s*[\[(【]\s*(?=[A-Z0-9./-]*[0-9])([A-Z0-9][A-Z0-9./-]{2,19})\s*[\])】]")
"""A code in brackets before the goods, as `[AKR2656-BK] Plaster`."""


def take_out(found: dict[str, Found], gtin_of: Callable[[str], str | None]) -> None:
    """Puts what a row's description holds besides the name of the goods into fields of its own, where the row has none yet."""
    described = found.get("description")
    if described is None or not isinstance(described.value, str):
        return
    text = _without_reason(found, described)
    for name, pattern in (("sku", _SKU_FIRST), *_PATTERNS):
        if name in found:
            continue
        for match in pattern.finditer(text):
            taken = _value(name, match, text, gtin_of)
            if taken is None:
                continue
            value, stop, doubtful = taken
            if name != "made":
                said = text[match.start(1) : stop]
                held = tuple(token for token in described.tokens if key(said)[:6] in key(token.text))
                sure = min((sure_of_name(token, said) for token in held), default=described.sure)
                found[name] = Found(value, said, sure, held or described.tokens, doubtful=doubtful)
            text = f"{text[: match.start()].rstrip(' (（[/,;')} {text[stop:].lstrip(' )）],;/')}".strip()
            break
    text = re.sub(r"\s+", " ", text.replace("()", "")).strip(" ,;|/")
    if text != described.value and text:
        found["description"] = replace(described, value=text)
    if _LEFT.search(text):
        found["description"] = replace(found["description"], doubtful=True)


def _without_reason(found: dict[str, Found], described: Found) -> str:
    """A description without the reason that stands under it in a box of its own, which becomes the row's."""
    text = str(described.value)
    for token in described.tokens[1:]:
        match = _REASON.fullmatch(tidy(token.text))
        if match is None or "reason" in found or tidy(token.text) not in text:
            continue
        found["reason"] = Found(match.group(1), token.text, token.confidence, (token,))
        text = text.replace(tidy(token.text), " ")
    return text


def _value(
    name: str, match: re.Match[str], text: str, gtin_of: Callable[[str], str | None]
) -> tuple[str, int, bool] | None:
    """What a label names, where it ends in the text, and whether it is in doubt; None if it cannot be that."""
    said = match.group(1)
    if name in {"expiry", "made"}:
        begun = match.start(1)
        dated = parse_date(text[begun : begun + 24])
        if dated is None or dated.span[0] > 2:
            return None
        return dated.iso, begun + dated.span[1], dated.doubtful
    if name == "gtin":
        gtin = gtin_of(said)
        return None if gtin is None else (gtin, match.end(1), False)
    code = said.strip(" .,;")
    if not has_digit(code) or has_chinese(code):
        return None
    return code, match.start(1) + len(code), False
