"""Document numbers: what can be one, and letters and digits mended by their place in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction.model import DocType
from documents.extraction.plain import AS_DIGITS, AS_LETTERS, distance, has_chinese, has_digit, tidy
from documents.extraction.registers import folded_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LENGTH_MAX: Final = 40
GROUP_MIN: Final = 3
"""Figures from which groups that spaces part are one number: 9250 118 664."""
_SHAPE: Final = re.compile(r"[A-Za-z0-9#][A-Za-z0-9 ./#_()-]*")
_WORDED: Final = re.compile(r"[\u3400-\u9fff]{1,6}字第? ?[A-Za-z0-9/-]{2,16} ?號?")
"""Numbers as offices give them: 育退字26-019, 裕字第2511號."""
_NAMED: Final = re.compile(
    r"[\u3400-\u9fff]{1,2}(?<![號碼編單話真期日頁共第])[0-9]{2,8}(?:[-/][0-9]{1,8})*[-/][0-9]{2,8}[A-Z]?"
    r"|[\u3400-\u9fff]{1,8}[〔\[(][12][0-9]{3}[〕\])]第?[0-9]{1,5}號?|[A-Z]{0,4}[\u3400-\u9fff]{1,6}(?<![號碼編單話真期日])-?(?:[0-9]{3,}|[0-9]{2}(?=-[0-9]{3}))(?:-[0-9]{1,6})*"
)
"""Numbers that begin with a name: 綠退250077, SB退-0392, 出25-10472, 採合字〔2025〕08號."""
_ORDER_ZERO: Final = re.compile(
    r"^([A-Z]{1,3}P)0(?=20[1-3][0-9]-|[1-3][0-9](?:0[1-9]|1[0-2])[0-9]{0,5}(?:-|$))|^([A-Z]{1,3})0(?=[-/][0-9]{2})|^(P|[A-Z]{1,4}-P)0(?=[0-9]{2,4}-)|^()0(?=[A-Z]+-)"
)
"""HP0 before a year, or a year and month: an order number of a house of its own begins with HPO. H0/2025 is HO/2025, 0S-2506 is OS-2506."""
_SMALL_L: Final = re.compile(r"(?<![a-z])l(?=[A-Z]{0,3}[-/]?[0-9])(?<=[A-Z]l)")
"""A small l among capitals is the capital I: Sl-2503 is SI-2503, as `INV` and `SI` begin numbers, and `Sl` none."""
_GLUED_LABEL: Final = re.compile(r"^(?:[Nn]umber|[Nn][Oo]\.|Ref\.?|[Rr]eference)[:#]?(?=[A-Z]{1,5}[-/]?\d|\d{3})")
"""The end of a label that touches its number: `Number` of `NumberPO-2507`."""
PREFIXES: Final = {
    DocType.PURCHASE_ORDER: ("PO", "PUR", "ORD", "P", "SO", "CPO"),
    DocType.DELIVERY_NOTE: ("DN", "DO", "DEL", "DNO", "GDN", "SN", "D", "GRN"),
    DocType.INVOICE: ("INV", "SI", "TI", "CI", "IV", "IN", "BILL"),
    DocType.RETURN_NOTE: ("RTV", "RN", "RMA", "GRN", "CN", "RT", "PR", "SR"),
    DocType.INSPECTION_REPORT: ("QC", "IR", "QA", "INS", "INSP", "QR", "TR"),
    DocType.CONTRACT: ("CT", "SC", "PC", "CON", "CTR", "AG", "SA"),
    DocType.OTHER: (),
}
"""How numbers of each type commonly begin, besides what the suppliers register says."""


def clean_number(text: str) -> str | None:
    """The number in a value's text, or None if it cannot be one."""
    text = tidy(text).strip(" :.;,*'\"|")
    if _WORDED.fullmatch(text) or _NAMED.fullmatch(text):
        return text
    if has_chinese(text):
        text = re.split(r"[\u3400-\u9fff]", text)[0].strip(" :.;,(")
    match = _SHAPE.match(text)
    if match is None:
        return None
    number = match.group(0).strip(" .-/(")
    words = number.split(" ")
    if len(words) > 1 and all(word.isdecimal() and len(word) >= GROUP_MIN for word in words):
        number = " ".join(words)
    elif len(words) > 1:
        # A space inside is the reader's when what stands beside it is short; else a new word begins.
        number = words[0]
        for word in words[1:]:
            if (
                len(number) <= 4
                or (number.isupper() and " " not in number and not has_digit(number) and word[:3].isdecimal())
                or number.endswith("-")
                or word.startswith("-")
                or (len(word) <= 2 and word.isdecimal())
            ):
                number += word if number.endswith(("-", "/")) or word.startswith("-") else f" {word}"
            else:
                break
    number = re.sub(r" ?([-/]) ?", r"\1", number).strip(" .-/(")
    number = _GLUED_LABEL.sub("", number)
    if number.count(")") > number.count("("):
        number = number.rstrip(")")  # of 訂貨單(編號MH-2025-061)
    if len(number) > LENGTH_MAX or sum(character.isdecimal() for character in number) < 2:
        return None
    return number


def mend_number(number: str, prefixes: Iterable[str]) -> str:
    """A number with letters where its prefix has letters, and digits where the rest has digits."""
    number = _SMALL_L.sub("I", number)
    number = _ORDER_ZERO.sub(lambda match: f"{match[match.lastindex or 0]}O", number)
    known = sorted({prefix.upper() for prefix in prefixes if prefix}, key=lambda prefix: -len(prefix))
    for prefix in known:
        head, rest = number[: len(prefix)], number[len(prefix) :]
        if not rest or len(head) < len(prefix):
            continue
        if head.upper() == prefix and not rest[0].isalpha():
            return head + _digits(rest)
        # PO25 read as P025: a zero behind a letter prefix is a letter where that makes a known prefix.
        if (
            any(character.isalpha() for character in head)
            and head.upper().translate(AS_LETTERS) == prefix.translate(AS_LETTERS)
            and (rest[0].isdecimal() or rest[0] in "-/")
            and not (head[-1].isdecimal() and not _is_letter_zero(prefix, head, rest))
        ):
            return prefix + _digits(rest)
    match = re.match(r"[A-Za-z]{1,5}(?=[-/ ]?\d)", number)
    if match is not None:
        return match.group(0) + _digits(number[match.end() :])
    return number


def _is_letter_zero(prefix: str, head: str, rest: str) -> bool:
    """Whether a figure at the end of a prefix is a letter: P0-123 is, P000123 is not; P02506123 is, as 25 06 is a month."""
    if rest[0] in "-/":
        return True
    figures = rest.translate(AS_DIGITS)
    short = figures[:2].isdecimal() and 15 <= int(figures[:2]) <= 39 and figures[2:4].isdecimal()
    return short and (1 <= int(figures[2:4]) <= 12 or figures[:2] == "20")


def _digits(rest: str) -> str:
    """The rest of a number, with groups of digits freed of letters that look like digits."""

    def group(match: re.Match[str]) -> str:
        said = match.group(0)
        figures = sum(character.isdecimal() for character in said)
        turned = said.translate(AS_DIGITS)
        return turned if figures >= 2 and turned.isdecimal() and len(said) - figures <= max(1, figures // 3) else said

    return re.sub(r"[A-Za-z0-9|!]+", group, rest)


def nearest(number: str, known: Sequence[str], most: int = 1) -> str | None:
    """The one known number at most `most` characters away; None if there is none, or more than one."""
    folded = folded_code(number)
    near = {one for one in known if distance(folded, folded_code(one), most) <= most}
    return near.pop() if len(near) == 1 else None


def same_look(one: str, other: str) -> bool:
    """Whether two codes differ only in characters that readers take for each other."""
    return folded_code(one).translate(AS_DIGITS) == folded_code(other).translate(AS_DIGITS)
