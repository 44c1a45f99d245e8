"""Parties that a contract names in its sentences: `between A (the Buyer) and B (the Seller)`, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction.found import Found, sure_of_name
from documents.extraction.model import EVIDENCE_LABEL
from documents.extraction.names import tidy_name
from documents.extraction.plain import has_chinese, key, tidy

if TYPE_CHECKING:
    from documents.extraction.zones import Zone

_CHINESE_PARTY: Final = re.compile(
    r"(?:由|與|和|及|:|。|,|^)?([\u3400-\u9fff()]{3,30}?)\((?:以下(?:簡)?稱)?[「『\"“]?(買方|甲方|需方|購方|賣方|乙方|供方|供應商|供應方|採購方)[」』\"”]?\)"
)
_ENGLISH_PARTY: Final = re.compile(
    r"(?:\([12]\)|between|and|,)\s+((?!and\b)[A-Z][A-Za-z&'., ()-]{3,80}?)"
    r"(?:,? (?:whose|having|a company|a limited|incorporated|with its|registered|of) [^()]{5,200}?)?\s*\((?:hereinafter[^)]{0,40}?)?(?:the )?[\"“']?(buyer|purchaser|customer|seller|supplier|vendor)[\"”']?\)",
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


def written_parties(zone: Zone) -> dict[str, Found]:
    """`This contract is made between A (the Buyer) and B (the Seller)`, in both languages."""
    tokens = [token for token in zone.pages[0].tokens if id(token) not in zone.taken]
    found: dict[str, Found] = {}
    chinese = [token for token in tokens if has_chinese(token.text) and "(" in tidy(token.text)]
    for token in chinese:
        for match in _CHINESE_PARTY.finditer(tidy(token.text)):
            name = re.sub(r"^.*(?:訂約方為|合約由|協議由|合同由|由|與|及)", "", match.group(1)) or match.group(1)
            if _PROSE.search(name):
                continue
            found.setdefault(
                _CALLED[match.group(2)], Found(name, token.text, token.confidence * 0.9, (token,), (EVIDENCE_LABEL,))
            )
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
