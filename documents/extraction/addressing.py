"""Who writes a paper to whom: the buyer or the supplier, where the paper names one of them by nothing but courtesies.

Orders are written by buyers, and delivery notes and invoices by suppliers. Return notes and inspection reports are written by
either: mostly by the buyer, unless words on the paper say otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.found import Found, sure_of_name
from documents.extraction.model import EVIDENCE_LABEL, DocType
from documents.extraction.names import is_name, tidy_name
from documents.extraction.plain import key, tidy

if TYPE_CHECKING:
    from documents.extraction.flat import Token
    from documents.extraction.kinds import Kind
    from documents.extraction.zones import Zone

FROM_BUYER: Final = frozenset({DocType.PURCHASE_ORDER, DocType.RETURN_NOTE, DocType.INSPECTION_REPORT})
EITHER: Final = frozenset({DocType.RETURN_NOTE, DocType.INSPECTION_REPORT})
_YOURS: Final = re.compile(r"(?i)\byour\b|貴[司號方店客公]")
_COLLECTS: Final = re.compile(r"(?i)\bcollect(?:ion|ed)?\b|收回|取回|取貨")
_ADDRESSED: Final = re.compile(r"(?<=\S) ?(?:寶號|台照|台鑒|台啟)+$")
_COURTESY: Final = re.compile(r"(?:大?寶號|台照|台鑒|台啟|寶店|尊照|照)+")
"""Such a one alone, printed at the end of the line that the name was written on."""
SAME_LINE: Final = 0.6
_SUPPLIES: Final = re.compile(
    r"供應|供貨|分銷|批發|貿易|製造|製品|廠|進出口|進口|入口|代理"
    r"|(?i:\b(?:suppl(?:y|ies|iers?)|distribut\w*|wholesale\w*|trading|traders?|manufactur\w*|factory|importe?r?s?|exporte?r?s?|industr\w*)\b)"
)
_SELLS_ON: Final = re.compile(
    r"超市|超級市場|百貨|便利店|藥房|專門店|生活館|連鎖|零售|廣場|餐飲|酒店|酒樓|餐廳|學校|士多|天地"
    r"|(?i:\b(?:stores?|shops?|supermarkets?|marts?|department|retail\w*|pharmacy|dispensary|plaza|catering|hotels?|restaurants?)\b)"
)


def addressee(zone: Zone, kind: Kind, letterhead: Found | None, named: str | None) -> tuple[str, bool]:
    """The role of whom the paper is for, and whether that is in doubt.

    Args:
        zone: the paper.
        kind: what it is.
        letterhead: who wrote it.
        named: whom nothing but a word of address names, or None.
    """
    usual = "supplier" if kind.doc_type in FROM_BUYER else "buyer"
    if kind.doc_type not in EITHER or letterhead is None or named is None:
        return usual, False
    orders = (label for label in zone.labels if label.role == lexicon.CUSTOMER_PO)
    # Who ordered is spoken to; goods are collected by who delivered them. Many a shop says `Your PO` of its own, though.
    spoken = any(_YOURS.search(tidy(label.token.text)) for label in orders) or (
        kind.title is not None and bool(_COLLECTS.search(tidy(kind.title.text)))
    )
    if _is_buyer(letterhead.raw) or _is_supplier(named):
        return usual, False
    signs = _is_supplier(letterhead.raw) + _is_buyer(named)
    if spoken:
        return "buyer", signs == 0
    return ("buyer", True) if signs == 2 else (usual, False)


def _is_supplier(name: str) -> bool:
    return bool(_SUPPLIES.search(name)) and not _SELLS_ON.search(name)


def _is_buyer(name: str) -> bool:
    return bool(_SELLS_ON.search(name)) and not _SUPPLIES.search(name)


def find_addressed(zone: Zone) -> Found | None:
    """The one name in the head that courtesies stand behind: whom the paper is for."""
    head = [token for token in zone.pages[0].tokens if zone.in_head(token)]
    named = [
        token
        for token in head
        if _ADDRESSED.search(tidy(token.text)) and zone.label_of(token) is None and is_name(tidy_name(token.text))
    ]
    signed = [_before(zone, token) for token in head if _COURTESY.fullmatch(tidy(token.text))]
    named += [token for token in signed if token is not None]
    if len(named) != 1:
        return None
    name = tidy_name(named[0].text)
    return Found(name, named[0].text, sure_of_name(named[0], name), tuple(named), (EVIDENCE_LABEL,))


def _before(zone: Zone, courtesy: Token) -> Token | None:
    """The name on whose line a courtesy is printed: 街角士多 ____ 寶號."""
    line = [
        token
        for token in zone.pages[0].tokens
        if abs(token.v - courtesy.v) < SAME_LINE and token.right < courtesy.left + SAME_LINE and key(token.text)
    ]
    nearest = max(line, key=lambda token: token.right, default=None)
    if nearest is None or zone.label_of(nearest) is not None or not is_name(nearest.text):
        return None
    return nearest
