"""Parties that a contract names in its sentences: `between A (the Buyer) and B (the Seller)`, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction.found import Found, sure_of_name
from documents.extraction.model import EVIDENCE_LABEL
from documents.extraction.names import tidy_name
from documents.extraction.plain import has_chinese, key, tidy

if TYPE_CHECKING:
    from documents.extraction.labels import Label
    from documents.extraction.zones import Zone

_CHINESE_PARTY: Final = re.compile(
    r"(?:由|與|和|及|:|。|,|^)?([\u3400-\u9fff()]{3,30}?)\((?:以下(?:簡)?稱)?[「『\"“]?(買方|甲方|需方|購方|賣方|乙方|供方|供應商|供應方|採購方)[」』\"”]?\)"
)
_ENGLISH_PARTY: Final = re.compile(
    r"(?:\([12ab]\)|between|and|,)\s*:?\s+((?!and\b)[A-Z][A-Za-z&'., ()-]{3,80}?)"
    r"(?:,? (?:whose|having|a company|a limited|incorporated|with its|registered|of) [^()]{5,200}?)?\s*\((?:hereinafter[^)]{0,40}?)?[\"“']?(?:the )?[\"“']?(buyer|purchaser|customer|seller|supplier|vendor)[\"”']?\)",
    re.IGNORECASE,
)
WRITTEN: Final = 0.95
"""How sure a sentence makes a name that it gives a part in the contract."""
_PROSE: Final = re.compile(r"同意|下列|本公司|貴公司|條款|雙方")
_CALLED: Final = {
    "買方": "buyer", "甲方": "buyer", "需方": "buyer", "購方": "buyer", "採購方": "buyer", "buyer": "buyer", "purchaser": "buyer",
    "customer": "buyer", "賣方": "supplier", "乙方": "supplier", "供方": "supplier", "供應商": "supplier", "供應方": "supplier",
    "seller": "supplier", "supplier": "supplier", "vendor": "supplier",
}  # fmt: skip


_SELLS: Final = r"(?:供應|供貨|出售|銷售|售賣|售予|提供)"
_BUYS: Final = r"(?:採購|訂購|購買|購入|購貨|訂貨|買入)"
_MAY: Final = r"(?:同意|須|應|將|願意?|承諾|負責|按時|持續|長期)*"
_DOER: Final = "(?<![向為給予從與及])"
"""Before whom no word stands that makes him the one to whom it is done."""
_LETTERS: Final = frozenset({"甲方", "乙方"})
_LETTER: Final = re.compile(r"(?i)(?:甲方|乙方|party [ab])(?:名稱|公司|\(?party [ab]\)?|\W)*")


def is_lettered(label: Label) -> bool:
    """Whether a label calls a party by nothing but a letter: 甲方, `Party B`."""
    rest = tidy(label.rest.text) if label.rest is not None else ""
    return _LETTER.fullmatch(tidy(label.token.text).removesuffix(rest)) is not None


def role_of_first(zone: Zone) -> str | None:
    """Whether 甲方 buys or supplies, by what the contract has the two do; None if it does not say, or says both."""
    text = "".join(tidy(token.text) for page in zone.pages for token in page.tokens)
    votes = {
        role
        for one, other, role in (("甲", "乙", "supplier"), ("乙", "甲", "buyer"))
        if re.search(
            rf"{_DOER}{one}方{_MAY}(?:(?:向|為|給){other}方)?.{{0,4}}?{_SELLS}|{_DOER}{other}方{_MAY}(?:(?:向|從|由){one}方)?{_MAY}{_BUYS}",
            text,
        )
    }
    spaced = " ".join(tidy(token.text) for page in zone.pages for token in page.tokens)
    votes |= {
        role
        for one, other, role in (("A", "B", "supplier"), ("B", "A", "buyer"))
        if re.search(
            rf"(?i)party {one} (?:shall|will|agrees to|undertakes to) (?:sell|supply|provide)|party {other} (?:shall|will|agrees to|undertakes to) (?:buy|purchase|order)",
            spaced,
        )
    }
    return votes.pop() if len(votes) == 1 else None


def written_parties(zone: Zone) -> dict[str, Found]:
    """`This contract is made between A (the Buyer) and B (the Seller)`, in both languages."""
    first = role_of_first(zone)
    tokens = [token for token in zone.pages[0].tokens if id(token) not in zone.taken]
    found: dict[str, Found] = {}
    chinese = [token for token in tokens if has_chinese(token.text) and "(" in tidy(token.text)]
    for token in chinese:
        for match in _CHINESE_PARTY.finditer(tidy(token.text)):
            name = re.sub(r"^.*(?:訂約方為|合約由|協議由|合同由|由|與|及)", "", match.group(1)) or match.group(1)
            if _PROSE.search(name):
                continue
            role, lettered = _CALLED[match.group(2)], match.group(2) in _LETTERS
            if lettered and first == "supplier":
                role = "supplier" if role == "buyer" else "buyer"
            sure, doubtful = token.confidence * 0.9, lettered and first is None
            found.setdefault(role, Found(name, token.text, sure, (token,), (EVIDENCE_LABEL,), doubtful))
    latin = [token for token in tokens if not has_chinese(token.text)]
    text = " ".join(tidy(token.text) for token in latin)
    for match in _ENGLISH_PARTY.finditer(text):
        name = tidy_name(match.group(1))
        near = [token for token in latin if key(name)[:12] in key(token.text)]
        if near:
            role = _CALLED[match.group(2).lower()]
            found.setdefault(
                role, Found(name, name, sure_of_name(near[-1], name) * WRITTEN, (near[-1],), (EVIDENCE_LABEL,))
            )
    return found
