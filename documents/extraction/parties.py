"""Supplier and buyer: by label, by letterhead, by the wording of a contract.

Only one party is usually labelled: the letterhead is the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.dates import is_whole_date
from documents.extraction.found import Found, sure_of_name
from documents.extraction.kinds import title_in
from documents.extraction.labels import read_headings
from documents.extraction.model import EVIDENCE_LABEL, DocType
from documents.extraction.plain import has_chinese, has_digit, key, tidy
from documents.extraction.zones import Candidate, Zone, candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Token
    from documents.extraction.kinds import Kind
    from documents.extraction.labels import Label


def _is_name(text: str) -> bool:
    text = tidy(text).strip(" :.")
    letters = [character for character in text if character.isalpha()]
    if re.search(r"(?i)簽|蓋印|署|\b(sign|chop|received|signature)", text):
        return False
    if len(letters) < 2 or is_whole_date(text) or len(text) > 90:
        return False
    digits = sum(character.isdecimal() for character in text)
    return digits <= max(2, len(letters) // 4) and not _is_address(text)


def _is_address(text: str) -> bool:
    lowered = tidy(text).casefold()
    company = any(lowered.endswith(word) for word in ("limited", "ltd", "ltd.", "co.", "公司", "洋行"))
    if company:
        return False
    hits = sum(word in lowered for word in lexicon.ADDRESS_WORDS)
    return hits >= 2 or (hits >= 1 and has_digit(lowered)) or "@" in lowered or "www" in lowered


def _tidy_name(text: str) -> str:
    text = tidy(text).strip(" :;,-|*").lstrip(".")
    text = re.sub(r"(?i)^(messrs\.?|m/s\.?|the company)\s*:?\s*", "", text)
    text = re.sub(r"\s*(台照|寶號|先生/女士|啟|照)$", "", text).strip(" :;,-")
    return text if re.search(r"(?i)\b(co|ltd|inc|corp|bros)\.$", text) else text.rstrip(".")


def _names(zone: Zone, candidate: Candidate) -> Found:
    """A party's name: the value, and the same name in the other language under it or beside it."""
    lines = [candidate.tokens[0]]
    page = next(page for page in zone.pages if page.page == lines[0].page)
    for token in page.tokens:
        last = lines[-1]
        if (
            len(lines) < 2
            and token is not candidate.label.token
            and id(token) not in zone.taken
            and 0.5 < token.v - last.v < 1.9
            and (abs(token.left - last.left) < 1.2 or abs(token.left - candidate.label.token.left) < 0.8)
            and has_chinese(token.text) != has_chinese(last.text)
            and _is_name(token.text)
            and zone.label_of(token) is None
            and title_in(token.text) is None
        ):
            lines.append(token)
    return _party(
        [_tidy_name(candidate.text), *(_tidy_name(line.text) for line in lines[1:])], lines, (EVIDENCE_LABEL,), 1.0
    )


def _party(texts: list[str], tokens: Sequence[Token], evidence: tuple[str, ...], near: float) -> Found:
    """Chinese name first if it was read at least as well; both stay in `raw`."""
    order = sorted(range(len(texts)), key=lambda index: (tokens[index].confidence < 0.8, not has_chinese(texts[index])))
    first = order[0]
    return Found(
        texts[first],
        " ".join(texts),
        sure_of_name(tokens[first], texts[first]) * near,
        tuple(tokens[index] for index in order),
        evidence,
    )


_MIRROR: Final = {"supplier": "buyer", "buyer": "supplier"}
_FROM_BUYER: Final = frozenset({DocType.PURCHASE_ORDER, DocType.RETURN_NOTE, DocType.INSPECTION_REPORT})


def find_parties(zone: Zone, kind: Kind) -> dict[str, Found]:
    """Supplier and buyer, by label, by letterhead, by the wording of a contract."""
    roles = {lexicon.SUPPLIER, lexicon.BUYER, lexicon.OTHER_PARTY, lexicon.FROM_PARTY}
    found: dict[str, tuple[float, Candidate]] = {}
    to_role = "supplier" if kind.doc_type in _FROM_BUYER else "buyer"
    for candidate in candidates(zone, lambda role: role in roles, _is_name):
        role = candidate.label.role
        name = role if role in _MIRROR else to_role if role == lexicon.OTHER_PARTY else _MIRROR[to_role]
        score = (
            (2.0 if role in _MIRROR else 1.0)
            + (1.0 if zone.in_head(candidate.label.token) else 0.0)
            + candidate.near / 2
        )
        score += 0.4 if _is_company(candidate.text) else 0.0
        if score > found.get(name, (0.9,))[0]:
            found[name] = (score, candidate)
    parties = {name: _names(zone, candidate) for name, (_, candidate) in found.items()}
    letterhead = find_letterhead(zone, kind)
    if letterhead is not None and not any(_same_name(letterhead, party) for party in parties.values()):
        own = "supplier" if "supplier" not in parties else "buyer" if "buyer" not in parties else None
        if len(parties) == 0:
            own = _MIRROR[to_role]
        if own is not None:
            parties[own] = letterhead
    for name, value in _written_parties(zone).items():
        parties.setdefault(name, value)
    return parties


def _same_name(one: Found, other: Found) -> bool:
    mine, theirs = key(one.raw), key(other.raw)
    return mine in theirs or theirs in mine or key(str(one.value)) in theirs


def _is_company(text: str) -> bool:
    lowered = tidy(text).casefold().rstrip(".")
    words = set(re.findall(r"[a-z&]+", lowered))
    return any((word in lowered) if has_chinese(word) else (word in words) for word in lexicon.COMPANY_WORDS)


def find_letterhead(zone: Zone, kind: Kind) -> Found | None:
    """The name at the head of the page, in one or both languages."""
    page = zone.pages[0]
    first_label = min((label.token.v for label in zone.labels if _heads_field(label)), default=page.bottom * 0.3)
    top = min(first_label + 0.3, zone.table_top or page.bottom, page.bottom * 0.4)
    names = [
        token
        for token in page.tokens
        if token.v <= top
        and token is not kind.title
        and _is_name(token.text)
        and zone.label_of(token) is None
        and not ((named := title_in(token.text)) is not None and named[1] > 0.6)
        and len(read_headings(token)) < 2
        and not re.search(r"(?i)original|copy|page|正本|副本|第.頁|客戶存根", token.text)
    ]
    if not names:
        return None
    lowest = min(token.v for token in names)

    def weight(token: Token) -> float:
        score = token.height * (1.35 if _is_company(token.text) else 1.0)
        return score - 0.05 * (token.v - lowest)

    best = max(names, key=weight)
    if weight(best) < 0.8:
        return None
    partner = next(
        (
            token
            for token in sorted(names, key=lambda token: abs(token.v - best.v))
            if token is not best
            and has_chinese(token.text) != has_chinese(best.text)
            and abs(token.v - best.v) < 1.6 * max(best.height, token.height) + 0.4
            and token.height > 0.55 * best.height
            and (_is_company(token.text) or token.height > 1.05)
        ),
        None,
    )
    tokens = [best] if partner is None else [best, partner]
    texts: list[str] = []
    split: list[Token] = []
    for token in tokens:
        for text in _by_script(tidy(token.text)):
            texts.append(_tidy_name(text))
            split.append(token)
    sure = 1.0 if _is_company(best.text) else 0.95
    return _party(texts, split, (), sure)


def _heads_field(label: Label) -> bool:
    return (
        label.role not in {lexicon.IGNORED, lexicon.FILLER}
        and (label.rest is not None or label.closed)
        and title_in(label.token.text) is None
    )


def _by_script(text: str) -> list[str]:
    """A bilingual name on one line as its Chinese and its English part; else the text as it is."""
    match = re.fullmatch(r"([\u3400-\u9fff()（）·]{3,}) ?([A-Za-z][A-Za-z&'.,() -]{4,})", text)
    return [match.group(1), match.group(2)] if match else [text]


_CHINESE_PARTY: Final = re.compile(
    r"(?:由|與|和|及|:|。|,|^)?([\u3400-\u9fff()]{3,30}?)\((?:以下(?:簡)?稱)?[「『\"“]?(買方|甲方|需方|購方|賣方|乙方|供方|供應商|供應方|採購方)[」』\"”]?\)"
)
_ENGLISH_PARTY: Final = re.compile(
    r"(?:between|and|,)\s+((?!and\b)[A-Z][A-Za-z&'., ()-]{3,80}?)\s*\((?:hereinafter[^)]{0,40}?)?(?:the )?[\"“']?(buyer|purchaser|customer|seller|supplier|vendor)[\"”']?\)",
    re.IGNORECASE,
)
_CALLED: Final = {
    "買方": "buyer", "甲方": "buyer", "需方": "buyer", "購方": "buyer", "採購方": "buyer", "buyer": "buyer", "purchaser": "buyer",
    "customer": "buyer", "賣方": "supplier", "乙方": "supplier", "供方": "supplier", "供應商": "supplier", "供應方": "supplier",
    "seller": "supplier", "supplier": "supplier", "vendor": "supplier",
}  # fmt: skip


def _written_parties(zone: Zone) -> dict[str, Found]:
    """`This contract is made between A (the Buyer) and B (the Seller)`, in both languages."""
    tokens = [token for token in zone.pages[0].tokens if id(token) not in zone.taken]
    found: dict[str, Found] = {}
    chinese = [token for token in tokens if has_chinese(token.text) and "(" in tidy(token.text)]
    for token in chinese:
        for match in _CHINESE_PARTY.finditer(tidy(token.text)):
            name = re.sub(r"^.*(?:訂約方為|合約由|協議由|合同由|由|與|及)", "", match.group(1)) or match.group(1)
            found.setdefault(
                _CALLED[match.group(2)], Found(name, token.text, token.confidence * 0.9, (token,), (EVIDENCE_LABEL,))
            )
    latin = [token for token in tokens if not has_chinese(token.text)]
    text = " ".join(tidy(token.text) for token in latin)
    for match in _ENGLISH_PARTY.finditer(text):
        name = _tidy_name(match.group(1))
        near = [token for token in latin if key(name)[:12] in key(token.text)]
        if near:
            role = _CALLED[match.group(2).lower()]
            found.setdefault(role, Found(name, name, near[-1].confidence * 0.9, (near[-1],), (EVIDENCE_LABEL,)))
    return found
