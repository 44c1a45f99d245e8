"""The fields round the table: number, date, order reference, and the sums under it, each beside its label."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.amounts import DEFAULT_CURRENCY, currency_in, money, parse_number
from documents.extraction.dates import bears_on_date, is_whole_date, parse_date
from documents.extraction.found import Found, ocr_sure, sure_where
from documents.extraction.model import EVIDENCE_LABEL, EVIDENCE_REPAIRED, DocType
from documents.extraction.numbers import PREFIXES, clean_number, mend_number, same_look
from documents.extraction.plain import has_chinese, has_digit, key, tidy
from documents.extraction.units import is_unit
from documents.extraction.zones import Candidate, Zone, candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from documents.extraction.labels import Label


_PREMISES: Final = re.compile(r"(?i)(?:flat|room|rm\.?|unit|shop|suite|block|blk\.?) ?[0-9A-Z]{1,5}\b")


def _is_number(text: str) -> bool:
    number = clean_number(text)
    if number is None or is_whole_date(text) or _PREMISES.match(text):
        return False
    return not re.search(r"(?i)\bhk ?\$|@|tel", text)


def find_number(zone: Zone, kind: DocType, prefixes: Sequence[str], title: str = "") -> Found | None:
    """The document's own number. A label that has a word of the title is its own: 回條號碼 below 退貨回條."""
    own = f"number:{kind.value}"

    def is_own(candidate: Candidate) -> bool:
        return candidate.label.role == own or (
            candidate.label.role == lexicon.UNKNOWN_NUMBER and _shares_word(candidate.label.token.text, title)
        )

    def weight(candidate: Candidate) -> float:
        role = own if is_own(candidate) else candidate.label.role
        score = 3.0 if role == own else 2.0 if role == lexicon.ANY_NUMBER else 1.0
        score += 0.2 if role == lexicon.UNKNOWN_NUMBER else 0.0
        score += 0.5 * candidate.near + (0.6 if zone.in_head(candidate.label.token) else 0.0)
        if role == lexicon.ANY_NUMBER and not candidate.label.closed:
            score -= 0.8
        score -= OF_FORM if _FORM.search(tidy(f"{candidate.label.token.text} {candidate.text}")) else 0.0
        number = (clean_number(candidate.text) or "").upper()
        return score + (0.8 if number.startswith((*prefixes, *PREFIXES[kind])) else 0.0)

    def wanted(role: str) -> bool:
        if role in {own, lexicon.ANY_NUMBER, lexicon.UNKNOWN_NUMBER}:
            return True
        return role.startswith("number:") and role != lexicon.CUSTOMER_PO

    found = candidates(zone, wanted, _is_number)
    best = max(found, key=weight, default=None)
    if best is None or weight(best) < 1.9:
        return _number_without_label(zone, kind, prefixes)
    number = _number_found(best, (*prefixes, *PREFIXES[kind]))
    rivals = {
        clean_number(one.text) for one in found if zone.in_head(one.label.token) and weight(one) > weight(best) - CLOSE
    } - {clean_number(best.text)}
    if _begins_as(best.label, title):
        whole = tidy(best.label.token.text)
        return replace(number, value=whole, raw=whole, doubtful=bool(rivals))
    number = replace(number, doubtful=number.doubtful or bool(rivals))
    # Beside the label of another kind's number, or one that is not known: that may be the document this one answers.
    return number if is_own(best) or best.label.role == lexicon.ANY_NUMBER else replace(number, doubtful=True)


def _begins_as(label: Label, title: str) -> bool:
    """Whether a number's label is nothing but the initials of the title, which begin the number: GRN 25/0088 of a Goods Return Note."""
    said, _, behind = tidy(label.token.text).partition(" ")
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", title)).upper()
    if label.closed or len(said) < 2 or said != initials or label.rest is None:
        return False
    return behind == tidy(label.rest.text) and not behind.isdecimal()  # neither `PO Number 45001` nor `PO 45001`


def _shares_word(label: str, title: str) -> bool:
    said, whole = tidy(label).casefold(), tidy(title).casefold()
    chinese = {said[at : at + 2] for at in range(len(said) - 1) if has_chinese(said[at]) and has_chinese(said[at + 1])}
    words = set(re.findall(r"[a-z]{4,}", said)) - {"number", "reference"}
    return any(word in whole for word in chinese - {"單號", "編號", "號碼", "貨單"}) or any(
        word in whole for word in words
    )


def _number_found(best: Candidate, prefixes: Iterable[str]) -> Found:
    read, prefixes = clean_number(best.text) or best.text, tuple(prefixes)
    mended = mend_number(read, prefixes)
    odd = _is_odd(read, mended)
    if "PO" in prefixes:
        mended = _ORDER_NOUGHT.sub(r"\1O", mended)
    evidence = (EVIDENCE_LABEL,) if mended == read else (EVIDENCE_LABEL, EVIDENCE_REPAIRED)
    return Found(mended, read, ocr_sure(*best.tokens), best.tokens, evidence, odd)


def _is_odd(read: str, mended: str) -> bool:
    """Whether a number may be another one: mended inside, or letters and figures mixed as no rule explains."""
    if mended != read and not same_look(mended[:4], read[:4]):
        return True
    lettered = _LETTERED.match(read)
    if lettered is not None and f"{lettered[lettered.lastindex or 0]}O" not in _KNOWN_PREFIXES:
        return True
    return mended[4:] != read[4:] or (bool(re.match(r"[A-Z]{0,2}[CDPSW]0(?!-)", mended)) and not has_digit(mended[:1]))


def _number_without_label(zone: Zone, kind: DocType, prefixes: Sequence[str]) -> Found | None:
    """A lone token that begins like a number of this type, or follows its title."""
    starts = tuple(prefix.upper() for prefix in (*prefixes, *PREFIXES[kind]) if len(prefix) >= 2)
    for token in zone.pages[0].tokens if zone.pages else ():
        if not zone.in_head(token) or zone.is_label(token):
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
            not _OF_SALE.search(tidy(one.label.token.text)),
            (clean_number(one.text) or "").upper().startswith("P"),
            one.near,
        ),
        default=None,
    )
    if best is None:
        # `Reference: PO-25851`, where the number itself says what it is.
        best = next(
            (
                one
                for one in candidates(zone, lambda role: role in _ANY_NUMBERS, _is_number)
                if zone.in_head(one.label.token) and _ORDERED.match(clean_number(one.text) or "")
            ),
            None,
        )
    if best is None:
        return None
    order = _number_found(best, PREFIXES[DocType.PURCHASE_ORDER])
    others = {
        clean_number(one.text)
        for one in found
        if zone.in_head(one.label.token) and (one is best or not _OF_SALE.search(tidy(one.label.token.text)))
    } - {clean_number(best.text)}
    # 原單 is the paper that another one goes back to: mostly the order, not always.
    doubtful = order.doubtful or bool(others) or _holds_two(best.text) or tidy(best.label.token.text).startswith("原單")
    return replace(order, doubtful=doubtful)


_OF_SALE: Final = re.compile(r"(?i)\bs\W?o\b|\bsales order")
"""The order as the supplier has it in his own books: only where the buyer's is not printed."""
_FORM: Final = re.compile(r"(?i)表格|表號|\bform\b|版本|版次|修訂|\brev(?:ision)?\b|\bver(?:sion)?\b")
OF_FORM: Final = 0.6
"""What the number of a printed form, the same on all papers of its kind, loses against the paper's own."""


def _holds_two(text: str) -> bool:
    """Whether several numbers stand beside one label: `CM-7719 / CM-7720`, of which one field holds one."""
    parts = re.split(r"\s+[/&+]\s+|\s*[,;、]\s*|\s+(?:and|及)\s+", tidy(text))
    return sum(clean_number(part) is not None for part in parts) > 1


CLOSE: Final = 0.25
"""Weights this near each other decide nothing between two numbers."""
_ORDER_NOUGHT: Final = re.compile(r"^([A-Z]{0,2}P)0(?=[0-9]{4})")
"""An order's number hardly ever begins with P0; a person is asked about one that seems to."""
_LETTERED: Final = re.compile(r"([A-Z]{1,3})0(?=[-/])|()0(?=[A-Z])")
_KNOWN_PREFIXES: Final = frozenset(prefix for known in PREFIXES.values() for prefix in known)
_ANY_NUMBERS: Final = frozenset({lexicon.ANY_NUMBER, lexicon.UNKNOWN_NUMBER})
_ORDERED: Final = re.compile(r"(?:[A-Z]{1,4}-)?P\.?[O0][-/# ]?[0-9]|P[0-9]{2}|PUR[-/]?[0-9]")
_A_TIME: Final = re.compile(r"(?i)[0-9] ?(?:days?|weeks?|months?|天|日|個?月)\b")
"""`Net 45 Days` is when to pay, not what."""
_OWN_DATE: Final = 2.3
_ANY_DATE: Final = 2.0
_DAY_OF_KIND: Final = 1.8
_DAYS_OF_KIND: Final = {
    DocType.DELIVERY_NOTE: re.compile(r"(?i)送貨|出貨|發貨|交貨|付貨|出倉|配送|deliver|dispatch|despatch|ship"),
    DocType.CONTRACT: re.compile(r"(?i)effective|生效"),
}
"""The day of delivery is the date of a delivery note that names no other."""
_MADE: Final = re.compile(r"(?i)\b(?:made|dated|entered into|signed)\b|訂立|簽訂|簽署|訂於|立約")
_DATE_OF_OTHERS: Final = 0.7
"""What a label of another document's date weighs; that of a day of delivery or payment weighs 1."""


def _has_date(text: str) -> bool:
    found = parse_date(text)
    return found is not None and found.span[0] <= 12


def find_date(zone: Zone, kind: DocType) -> Found | None:
    """The document's own date. In doubt where only labels of other days stand beside several dates."""
    own = f"{lexicon.DATE}:{kind.value}"

    def is_of_kind(candidate: Candidate) -> bool:
        words = _DAYS_OF_KIND.get(kind)
        return words is not None and bool(words.search(tidy(candidate.label.token.text)))

    def weight(candidate: Candidate) -> tuple[float, float]:
        role = candidate.label.role
        score = {own: _OWN_DATE, lexicon.DATE: _ANY_DATE, lexicon.DATE_OTHER: 1.0}.get(role, _DATE_OF_OTHERS)
        score = 1.0 if _is_of_another(candidate.label) else score
        if role == lexicon.DATE_OTHER and is_of_kind(candidate):
            score = _DAY_OF_KIND
        score += 1.2 if zone.in_head(candidate.label.token) else 0.0
        return score + 0.3 * candidate.near, -candidate.label.token.v

    found = candidates(zone, lambda role: role.startswith(lexicon.DATE), _has_date)
    best = max(found, key=weight, default=None)
    if best is not None and (dated := parse_date(best.text)) is not None:
        main = (best.label.role in {own, lexicon.DATE} and not _is_of_another(best.label)) or is_of_kind(best)
        lone = _lone_day(zone, found) if not main else None
        if lone is not None:
            return lone
        days = {other.iso for text in _texts_of_head(zone) if (other := parse_date(text))}
        sure = sure_where(best.tokens, bears_on_date) * (1.0 if main or len(days) == 1 else 0.85)
        doubtful = dated.doubtful or not (main or len(days) == 1)
        return Found(dated.iso, best.text, sure, best.tokens, (EVIDENCE_LABEL,), doubtful)
    if kind is DocType.CONTRACT and zone.pages and (written := _written_date(zone)) is not None:
        return written
    for token in zone.pages[0].tokens if zone.pages else ():
        text = tidy(token.text)
        if zone.in_head(token) and is_whole_date(text) and (dated := parse_date(text)) is not None:
            return Found(dated.iso, text, sure_where((token,), bears_on_date) * 0.8, (token,), (), dated.doubtful)
    return None


def _lone_day(zone: Zone, found: Sequence[Candidate]) -> Found | None:
    """The one day in the head that no label names, in doubt: where labels name but other days, it is the paper's own."""
    named = {id(token) for candidate in found for token in candidate.tokens}
    lone = [
        token
        for token in zone.pages[0].tokens
        if zone.in_head(token)
        and id(token) not in named | zone.taken
        and zone.label_of(token) is None
        and is_whole_date(tidy(token.text))
    ]
    dated = parse_date(tidy(lone[0].text)) if len(lone) == 1 else None
    if dated is None:
        return None
    return Found(dated.iso, tidy(lone[0].text), sure_where(lone, bears_on_date) * 0.8, tuple(lone), (), doubtful=True)


_OTHER_DAYS: Final = re.compile(
    r"(?i)\bdue\b|\bpayment\b|\bexpir|\bvalid|\bprint|到期|付款|繳款|期限|限期|有效|屆滿|列印|打印"
)


def _is_of_another(label: Label) -> bool:
    """Whether a label that begins as that of the paper's own date goes on to say that it is another day's: when to pay, until when."""
    rest = tidy(label.rest.text) if label.rest is not None else ""
    return _OTHER_DAYS.search(tidy(label.token.text).removesuffix(rest)) is not None


def _written_date(zone: Zone) -> Found | None:
    """`This agreement is made on 9th June 2025`, 本合約於2025年6月13日訂立: the only day in such a sentence of a head."""
    said = [token for token in zone.pages[0].tokens if zone.in_head(token) and _MADE.search(tidy(token.text))]
    found = [(token, dated) for token in said if (dated := parse_date(tidy(token.text))) is not None]
    if len({dated.iso for _, dated in found}) != 1:
        return None
    token, dated = found[0]
    text = tidy(token.text)[slice(*dated.span)]
    return Found(dated.iso, text, sure_where((token,), bears_on_date), (token,), (), dated.doubtful)


def _texts_of_head(zone: Zone) -> list[str]:
    return [tidy(token.text) for token in zone.pages[0].tokens if zone.in_head(token) and id(token) not in zone.taken]


@dataclass(frozen=True, slots=True)
class Sum:
    """A labelled amount: role, value and where."""

    role: str
    value: Decimal
    found: Found
    below_table: bool


BESIDE_AMOUNT: Final = 24
"""Letters that may stand in one box with an amount; a sentence has more."""


def _is_amount(text: str) -> bool:
    number = parse_number(text) if "%" not in text else None
    if number is None or len(key(number.rest)) > BESIDE_AMOUNT or _A_TIME.search(text):
        return False
    # 14 CTN below the amounts is a count of pieces.
    return number.decimals > 0 or "$" in text or not is_unit(number.rest) or number.rest in {"元", "圓"}


def find_sums(zone: Zone, *, priced: bool, table_bottom: float | None) -> list[Sum]:
    """Labelled amounts, top to bottom. Without prices only what shows a currency or decimals counts."""
    roles = {lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX}
    sums = []
    for candidate in candidates(zone, lambda role: role in roles, _is_amount, last=True):
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


def in_currency(sums: Iterable[Sum], currency: str) -> list[Sum]:
    """Sums in the document's currency where they show none of their own."""
    return [
        one
        if currency_in(one.found.raw) is not None
        else replace(one, found=replace(one.found, value=money(one.value, currency)))
        for one in sums
    ]


def find_currency(zone: Zone, headings: Iterable[str], cells: Iterable[str], sums: Iterable[Sum]) -> tuple[str, bool]:
    """The document's currency, and whether anything on it says so."""
    for candidate in candidates(
        zone, lambda role: role == lexicon.CURRENCY, lambda text: currency_in(text) is not None
    ):
        return currency_in(candidate.text) or DEFAULT_CURRENCY, True
    votes: dict[str, int] = {}
    labels = (label.token.text for label in zone.labels if label.role in {lexicon.TOTAL, lexicon.SUBTOTAL})
    for text in (*headings, *cells, *(one.found.raw for one in sums), *labels):
        code = currency_in(text)
        if code is not None:
            votes[code] = votes.get(code, 0) + 1
    if votes:
        return max(votes, key=lambda code: votes[code]), True
    return DEFAULT_CURRENCY, False
