"""The fields round the table: number, date, order reference, the two parties, and the sums under it.

A value is what stands behind its label in the same box, else in the next box of the row, else in the box below. Only
one party is usually labelled: the letterhead is the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.amounts import DEFAULT_CURRENCY, currency_in, money, parse_number
from documents.extraction.dates import is_whole_date, parse_date
from documents.extraction.found import Found, ocr_sure
from documents.extraction.kinds import title_in
from documents.extraction.labels import read_headings, read_label
from documents.extraction.model import EVIDENCE_LABEL, EVIDENCE_REPAIRED, DocType
from documents.extraction.numbers import PREFIXES, clean_number, mend_number, same_look
from documents.extraction.plain import has_chinese, has_digit, key, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from documents.extraction.flat import FlatPage, Token
    from documents.extraction.kinds import Kind
    from documents.extraction.labels import Label

REACH_RIGHT: Final = 26.0
"""How far right of a label its value may begin, in text heights."""
REACH_BELOW: Final = 2.4


@dataclass(frozen=True, slots=True)
class Zone:
    """The part of the document outside the table: pages, labels, and which tokens the table took."""

    pages: Sequence[FlatPage]
    labels: Sequence[Label]
    taken: frozenset[int]
    """Identities of tokens inside the table."""
    table_top: float | None
    """Where the table begins on the first page."""

    def label_of(self, token: Token) -> Label | None:
        """The label that a token begins with, or None."""
        return next((label for label in self.labels if label.token is token), None)

    def in_head(self, token: Token) -> bool:
        """Whether a token stands above the table on the first page."""
        top = self.table_top if self.table_top is not None else self.pages[0].bottom * 0.6
        return token.page == self.pages[0].page and token.v < top


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value beside a label."""

    label: Label
    tokens: tuple[Token, ...]
    text: str
    near: float
    """1 in the same box, less the further away."""


def make_zone(pages: Sequence[FlatPage], taken: frozenset[int], table_top: float | None) -> Zone:
    """The zone with its labels read."""
    labels = [
        label
        for page in pages
        for token in page.tokens
        if id(token) not in taken and (label := read_label(token)) is not None
    ]
    return Zone(pages, labels, taken, table_top)


def candidates(zone: Zone, roles: Callable[[str], bool], fits: Callable[[str], bool]) -> list[Candidate]:
    """Values of all labels with a wanted role, nearest place first for each label."""
    return [found for label in zone.labels if roles(label.role) and (found := _value_of(zone, label, fits)) is not None]


def _value_of(zone: Zone, label: Label, fits: Callable[[str], bool]) -> Candidate | None:
    if label.rest is not None:
        if fits(label.rest.text):
            return Candidate(label, (label.rest,), tidy(label.rest.text), 1.0)
        if label.closed and key(label.rest.text):
            return None
    page = next(page for page in zone.pages if page.page == label.token.page)
    free = [token for token in page.tokens if token is not label.token and id(token) not in zone.taken]
    right = _right_of(zone, label.token, free)
    if right is not None:
        text = tidy(right.text).lstrip(":： ")
        if fits(text):
            return Candidate(label, (right,), text, 0.97)
    below = _below(zone, label.token, free)
    for token in below:
        if fits(tidy(token.text)):
            return Candidate(label, (token,), tidy(token.text), 0.93)
    return None


def _is_label(zone: Zone, token: Token) -> bool:
    label = zone.label_of(token)
    return label is not None and (label.closed or label.rest is not None)


def _right_of(zone: Zone, token: Token, free: Iterable[Token]) -> Token | None:
    beside = [
        other
        for other in free
        if abs(other.v - token.v) < 0.6 * max(1.0, min(token.height, other.height))
        and -0.6 < other.left - token.right < REACH_RIGHT
        and key(other.text)
    ]
    nearest = min(beside, key=lambda other: (other.left, abs(other.v - token.v)), default=None)
    return None if nearest is None or _is_label(zone, nearest) else nearest


def _below(zone: Zone, token: Token, free: Iterable[Token]) -> list[Token]:
    under = [
        other
        for other in free
        if 0.5 < other.v - token.v < REACH_BELOW
        and other.left < token.right + 1.0
        and other.right > token.left - 1.0
        and not _is_label(zone, other)
    ]
    return sorted(under, key=lambda other: (round(other.v - token.v, 0), abs(other.left - token.left)))


# ------------------------------------------------------------------------------------------- number and date


def _is_number(text: str) -> bool:
    number = clean_number(text)
    return number is not None and not is_whole_date(text) and not re.search(r"(?i)\bhk ?\$|@|tel", text)


def find_number(zone: Zone, kind: DocType, prefixes: Sequence[str]) -> Found | None:
    """The document's own number."""
    own = f"number:{kind.value}"

    def weight(candidate: Candidate) -> float:
        role = candidate.label.role
        score = 3.0 if role == own else 2.0 if role == lexicon.ANY_NUMBER else 1.0
        score += 0.5 * candidate.near + (0.6 if zone.in_head(candidate.label.token) else 0.0)
        if role == lexicon.ANY_NUMBER and not candidate.label.closed:
            score -= 0.8
        number = (clean_number(candidate.text) or "").upper()
        return score + (0.8 if number.startswith((*prefixes, *PREFIXES[kind])) else 0.0)

    def wanted(role: str) -> bool:
        if role in {own, lexicon.ANY_NUMBER}:
            return True
        return role.startswith("number:") and role != lexicon.CUSTOMER_PO

    best = max(candidates(zone, wanted, _is_number), key=weight, default=None)
    if best is None or weight(best) < 1.9:
        return _number_without_label(zone, kind, prefixes)
    return _number_found(best, (*prefixes, *PREFIXES[kind]))


def _number_found(best: Candidate, prefixes: Iterable[str]) -> Found:
    read = clean_number(best.text) or best.text
    mended = mend_number(read, prefixes)
    evidence = (EVIDENCE_LABEL,) if mended == read else (EVIDENCE_LABEL, EVIDENCE_REPAIRED)
    return Found(mended, read, ocr_sure(*best.tokens), best.tokens, evidence, _is_odd(read, mended))


def _is_odd(read: str, mended: str) -> bool:
    """Whether a number may be another one: mended inside, or letters and figures mixed as no rule explains."""
    if mended != read and not same_look(mended[:4], read[:4]):
        return True
    return mended[4:] != read[4:] or (bool(re.match(r"[A-Z]{1,2}0(?!-)", mended)) and not has_digit(mended[:1]))


def _number_without_label(zone: Zone, kind: DocType, prefixes: Sequence[str]) -> Found | None:
    """A lone token that begins like a number of this type, or follows its title."""
    starts = tuple(prefix.upper() for prefix in (*prefixes, *PREFIXES[kind]) if len(prefix) >= 2)
    for token in zone.pages[0].tokens if zone.pages else ():
        if not zone.in_head(token) or _is_label(zone, token):
            continue
        text = tidy(token.text)
        for word in (text, *text.split(" ")):
            number = clean_number(word)
            if number and has_digit(number) and number.upper().startswith(starts) and _is_number(word):
                return Found(number, text, ocr_sure(token) * 0.8, (token,), ())
    return None


def find_order(zone: Zone, kind: DocType) -> Found | None:
    """The purchase order that the document refers to."""
    if kind is DocType.PURCHASE_ORDER:
        return None
    found = candidates(zone, lambda role: role == lexicon.CUSTOMER_PO, _is_number)
    best = max(
        found,
        key=lambda one: (
            zone.in_head(one.label.token),
            (clean_number(one.text) or "").upper().startswith("P"),
            one.near,
        ),
        default=None,
    )
    return None if best is None else _number_found(best, PREFIXES[DocType.PURCHASE_ORDER])


def _has_date(text: str) -> bool:
    found = parse_date(text)
    return found is not None and found.span[0] <= 12


def find_date(zone: Zone) -> Found | None:
    """The document's own date."""

    def weight(candidate: Candidate) -> tuple[float, float]:
        score = 2.0 if candidate.label.role == lexicon.DATE else 1.0
        score += 1.2 if zone.in_head(candidate.label.token) else 0.0
        return score + 0.3 * candidate.near, -candidate.label.token.v

    best = max(
        candidates(zone, lambda role: role in {lexicon.DATE, lexicon.DATE_OTHER}, _has_date), key=weight, default=None
    )
    if best is not None:
        dated = parse_date(best.text)
        if dated is not None:
            sure = ocr_sure(*best.tokens)
            main = best.label.role == lexicon.DATE
            return Found(
                dated.iso, best.text, sure if main else sure * 0.85, best.tokens, (EVIDENCE_LABEL,), dated.doubtful
            )
    for token in zone.pages[0].tokens if zone.pages else ():
        text = tidy(token.text)
        if zone.in_head(token) and is_whole_date(text) and (dated := parse_date(text)) is not None:
            return Found(dated.iso, text, ocr_sure(token) * 0.8, (token,), (), dated.doubtful)
    return None


# --------------------------------------------------------------------------------------------------- parties


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
        tokens[first].confidence * near,
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


# ------------------------------------------------------------------------------------------------------ sums


@dataclass(frozen=True, slots=True)
class Sum:
    """A labelled amount: role, value and where."""

    role: str
    value: Decimal
    found: Found
    below_table: bool


def find_sums(zone: Zone, *, priced: bool, table_bottom: float | None) -> list[Sum]:
    """Labelled amounts, top to bottom. Without prices only what shows a currency or decimals counts."""
    roles = {lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX}
    sums = []
    for candidate in candidates(zone, lambda role: role in roles, lambda text: parse_number(text) is not None):
        number = parse_number(candidate.text)
        if number is None or is_whole_date(candidate.text):
            continue
        shown = currency_in(candidate.text) is not None or "$" in candidate.text or number.decimals == 2
        if (not priced and not shown) or "%" in candidate.text:
            continue
        below = (
            table_bottom is None
            or candidate.label.token.page > zone.pages[0].page
            or candidate.label.token.v > table_bottom
        )
        code = currency_in(candidate.text) or DEFAULT_CURRENCY
        sure = ocr_sure(*candidate.tokens)
        found = Found(
            money(number.value, code), candidate.text, sure, candidate.tokens, (EVIDENCE_LABEL,), doubtful=number.mended
        )
        sums.append(Sum(candidate.label.role, number.value, found, below))
    return sums


def find_currency(zone: Zone, headings: Iterable[str], cells: Iterable[str], sums: Iterable[Sum]) -> tuple[str, bool]:
    """The document's currency, and whether anything on it says so."""
    for candidate in candidates(
        zone, lambda role: role == lexicon.CURRENCY, lambda text: currency_in(text) is not None
    ):
        return currency_in(candidate.text) or DEFAULT_CURRENCY, True
    votes: dict[str, int] = {}
    for text in (*headings, *cells, *(one.found.raw for one in sums)):
        code = currency_in(text)
        if code is not None:
            votes[code] = votes.get(code, 0) + 1
    if votes:
        return max(votes, key=lambda code: votes[code]), True
    return DEFAULT_CURRENCY, False
