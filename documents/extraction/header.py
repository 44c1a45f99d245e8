"""The fields round the table: number, date, order reference, and the sums under it, each beside its label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents.extraction import lexicon
from documents.extraction.amounts import DEFAULT_CURRENCY, currency_in, money, parse_number
from documents.extraction.dates import bears_on_date, is_whole_date, parse_date
from documents.extraction.found import Found, ocr_sure, sure_where
from documents.extraction.model import EVIDENCE_LABEL, EVIDENCE_REPAIRED, DocType
from documents.extraction.numbers import PREFIXES, clean_number, mend_number, same_look
from documents.extraction.plain import has_digit, tidy
from documents.extraction.zones import Candidate, Zone, candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal


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
            sure = sure_where(best.tokens, bears_on_date)
            main = best.label.role == lexicon.DATE
            return Found(
                dated.iso, best.text, sure if main else sure * 0.85, best.tokens, (EVIDENCE_LABEL,), dated.doubtful
            )
    for token in zone.pages[0].tokens if zone.pages else ():
        text = tidy(token.text)
        if zone.in_head(token) and is_whole_date(text) and (dated := parse_date(text)) is not None:
            return Found(dated.iso, text, sure_where((token,), bears_on_date) * 0.8, (token,), (), dated.doubtful)
    return None


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
