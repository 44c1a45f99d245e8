"""Supplier and buyer: by label, by letterhead, by the wording of a contract.

Only one party is usually labelled: the letterhead is the other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.addressing import EITHER, addressee, find_addressed
from documents.extraction.contracts import is_lettered, role_of_first, written_parties
from documents.extraction.found import Found, party_of, sure_of_name
from documents.extraction.kinds import title_in
from documents.extraction.labels import cut
from documents.extraction.letterhead import find_letterhead, has_contacts
from documents.extraction.model import EVIDENCE_LABEL, DocType
from documents.extraction.names import (
    in_two_languages,
    is_bare,
    is_branch,
    is_company,
    is_name,
    tidy_name,
)
from documents.extraction.oddities import PERSON, is_odd
from documents.extraction.plain import has_chinese, key, tidy
from documents.extraction.wrapped import as_one, begun, may_go_on, wrapped
from documents.extraction.zones import PARTY_ROLES, Candidate, Zone, candidates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.flat import Token
    from documents.extraction.kinds import Kind
    from documents.extraction.labels import Label


def _names(zone: Zone, candidate: Candidate) -> Found:
    """A party's name: the value, and the same name in the other language under it or beside it."""
    lines = [candidate.tokens[0]]
    page = next(page for page in zone.pages if page.page == lines[0].page)
    start = begun(page, lines[0], candidate.label.token)
    if start is not None:
        text = as_one(start.text, candidate.text)
        sure = min(sure_of_name(start, text), lines[0].confidence)
        return Found(text, text, sure, (start, lines[0]), (EVIDENCE_LABEL,))
    end = wrapped(page, lines[0], candidate.label.token.left)
    if end is not None:
        text = as_one(candidate.text, end.text)
        sure = min(sure_of_name(lines[0], tidy_name(candidate.text)), end.confidence)
        return Found(text, text, sure, (lines[0], end), (EVIDENCE_LABEL,))
    both = in_two_languages(tidy_name(candidate.text))
    for token in page.tokens:
        last = lines[-1]
        if (
            len(lines) < 2
            and len(both) < 2
            and token is not candidate.label.token
            and id(token) not in zone.taken
            and 0.5 < token.v - last.v < 1.9
            and (abs(token.left - last.left) < 1.2 or abs(token.left - candidate.label.token.left) < 0.8)
            and has_chinese(token.text) != has_chinese(last.text)
            and is_name(token.text)
            and zone.label_of(token) is None
            and title_in(token.text) is None
        ):
            lines.append(token)
    texts = [tidy_name(candidate.text), *(tidy_name(line.text) for line in lines[1:])]
    if len(both) > 1:
        return party_of([tidy_name(part) for part in both], [lines[0], lines[0]], (EVIDENCE_LABEL,), 1.0)
    party = party_of(texts, lines, (EVIDENCE_LABEL,), 1.0)
    return replace(party, doubtful=len(lines) == 1 and may_go_on(page, lines[0], candidate.label.token.left))


_PLACES: Final = re.compile(
    r"(?i)\b(?:ship|deliver|delivery|branch|store|shop|outlet|warehouse|receiv\w*)\b|分店|門市|店舖|送貨|收貨|送往|交貨|倉"
)
OF_PLACE: Final = 1.2
"""What a name that says nothing of a business loses beside the label of a place."""
_APPLIES: Final = re.compile(r"(?i)申請人|\bapplicant\b")
_TRADES: Final = re.compile(
    r"(?i)客戶|買[方家]|購貨|供應商|賣方|\b(?:buyer|customer|purchaser|client|supplier|vendor|seller)\b|\b(?:credit|refund)(?:ed)?(?: note)?(?: issued)? to\b|退款予|貸記"
)
_MIRROR: Final = {"supplier": "buyer", "buyer": "supplier"}


def find_parties(zone: Zone, kind: Kind) -> dict[str, Found]:
    """Supplier and buyer, by label, by letterhead, by the wording of a contract."""
    named = candidates(zone, lambda role: role in PARTY_ROLES, is_name)
    letterhead, addressed = find_letterhead(zone, kind), find_addressed(zone)
    first = role_of_first(zone) if kind.doc_type is DocType.CONTRACT else None
    named = [_by_letter(candidate, first) for candidate in named]
    told = [one.text for one in named if one.label.role == lexicon.OTHER_PARTY]
    told += [] if addressed is None else [addressed.raw]
    to_role, turned = addressee(zone, kind, letterhead, told[0] if told else None)
    found = _labelled(zone, kind, named, to_role)
    parties = {name: _names(zone, candidate) for name, (_, candidate) in found.items()}
    if addressed is not None and to_role not in parties:
        parties[to_role] = addressed
    if kind.doc_type is DocType.CONTRACT:
        _as_written(zone, parties, found, first)
    writer = _MIRROR[to_role]
    if letterhead is not None and writer in found and not _same_name(letterhead, parties[writer]):
        other, label = parties.get(_MIRROR[writer]), found[writer][1].label
        text = tidy(found[writer][1].text)
        # Two firms, each of which could be the writer, unless the paper says what both are.
        said = other is not None and _same_name(letterhead, other)
        said = said or (other is None and kind.doc_type in EITHER and _is_told(label))
        said = said or (
            len(found) > 1 and all(_is_told(one.label) and is_company(one.text) for _, one in found.values())
        )
        is_place = _PLACES.search(tidy(label.token.text)) is not None and (
            kind.doc_type is DocType.PURCHASE_ORDER or _MIRROR[writer] in found
        )
        if is_place and not (other is not None and _same_name(letterhead, other)):
            del parties[writer]  # where the writer wants the goods, or has them
        elif is_company(text) or (said and not PERSON.fullmatch(text)):
            parties[writer] = replace(parties[writer], doubtful=parties[writer].doubtful or not said)
        elif not any(_same_name(letterhead, party) for party in parties.values()):
            del parties[writer]  # `Buyer: May Ho` on a company's paper is who bought for it
    _doubt_guessed(parties, found, writer if letterhead is not None else None)
    if letterhead is not None and not any(_same_name(letterhead, party) for party in parties.values()):
        own = "supplier" if "supplier" not in parties else "buyer" if "buyer" not in parties else None
        if len(parties) == 0:
            own = writer
        if own is not None:
            parties[own] = letterhead
    _add_unlabelled(zone, kind, parties, writer, named)
    return {
        name: replace(party, doubtful=True) if turned or is_odd(party) else party for name, party in parties.items()
    }


def _by_letter(candidate: Candidate, first: str | None) -> Candidate:
    """A candidate behind 甲方 or 乙方 as the other party where the contract has the first one supply."""
    label = candidate.label
    if first != "supplier" or not is_lettered(label):
        return candidate
    return replace(candidate, label=replace(label, role=_MIRROR.get(label.role, label.role)))


def _as_written(
    zone: Zone, parties: dict[str, Found], found: Mapping[str, tuple[float, Candidate]], first: str | None
) -> None:
    """Parties that the sentences of a contract name; in doubt those behind letters of which no sentence says what they do."""
    for name, value in written_parties(zone).items():
        parties.setdefault(name, value)
    for name, (_, candidate) in found.items():
        if first is None and is_lettered(candidate.label):
            parties[name] = replace(parties[name], doubtful=True)


def _labelled(zone: Zone, kind: Kind, named: Sequence[Candidate], to_role: str) -> dict[str, tuple[float, Candidate]]:
    """The best name beside a label for each party, and how well it stands there."""
    found: dict[str, tuple[float, Candidate]] = {}
    for candidate in named:
        role, label = candidate.label.role, candidate.label
        if kind.doc_type is not DocType.CONTRACT and zone.table_top is not None and not zone.in_head(label.token):
            continue  # who signs below the table is no party
        if kind.doc_type is not DocType.INSPECTION_REPORT and _APPLIES.search(tidy(label.token.text)):
            continue  # who applies for anything but a report is a person
        name = role if role in _MIRROR else to_role if role == lexicon.OTHER_PARTY else _MIRROR[to_role]
        score = (2.0 if role in _MIRROR else 1.0) + (1.0 if zone.in_head(label.token) else 0.0) + candidate.near / 2
        score += (0.4 if is_company(candidate.text) else 0.0) - (0.3 if label.guessed else 0.0)
        firm = is_company(candidate.text) and not is_branch(candidate.text)
        score -= OF_PLACE if _PLACES.search(tidy(label.token.text)) and not firm else 0.0
        if score > found.get(name, (0.9,))[0]:
            found[name] = (score, candidate)
    return found


def _is_told(label: Label) -> bool:
    """Whether a label says in so many words who buys or sells, and no branch or place of delivery."""
    return label.exact and not label.guessed and _TRADES.search(tidy(label.token.text)) is not None


def _doubt_guessed(parties: dict[str, Found], found: Mapping[str, tuple[float, Candidate]], writer: str | None) -> None:
    """In doubt: parties that nothing but a guessed label names.

    A firm whom the letterhead's own wrote to has two signs, and so has one beside whom the other party has a label.
    """
    both = {"supplier", "buyer"} <= parties.keys() & found.keys() and not _same_name(
        parties["supplier"], parties["buyer"]
    )
    for name in parties.keys() & found.keys():
        label, text = found[name][1].label, found[name][1].text
        if label.guessed and not (is_company(text) and (both or (writer is not None and name != writer))):
            parties[name] = replace(parties[name], doubtful=True)


def _add_unlabelled(zone: Zone, kind: Kind, parties: dict[str, Found], writer: str, named: Sequence[Candidate]) -> None:
    """The one company in the head of the page that is nobody yet, as the party that is missing.

    In doubt unless its telephone stands below it, as it does below the writer's name, or a slip to pay with names it again.
    """
    missing = [name for name in (writer, _MIRROR[writer]) if name not in parties]
    names = _firms(zone, kind, parties) if missing else []
    if not names or len(names) < len(missing):
        return
    page = zone.pages[0]
    called = [name for name in names if has_contacts(page, name.tokens[0])]
    if writer in missing:
        chosen = (called or names)[0]
        parties[writer] = replace(chosen, doubtful=len(called) != 1)
        names = [name for name in names if name is not chosen]
    if _MIRROR[writer] in missing and names:
        again = {key(one.text) for one in named if one.label.role == _MIRROR[writer] and not one.label.guessed}
        payer = min(names, key=lambda name: key(str(name.value)) not in again)
        parties[_MIRROR[writer]] = replace(payer, doubtful=key(str(payer.value)) not in again)


def _firms(zone: Zone, kind: Kind, parties: Mapping[str, Found]) -> list[Found]:
    """Companies in the head of the first page that are no party yet."""
    page, firms = zone.pages[0], list[Found]()
    for whole in page.tokens:
        token = _behind_mark(whole)
        if (
            whole is kind.title
            or not zone.in_head(whole)
            or zone.label_of(whole) is not None
            or not is_name(token.text)
        ):
            continue
        named, end = title_in(token.text), wrapped(page, token)
        if (named is not None and named[1] > 0.6) or (end is None and not is_company(token.text)):
            continue
        if lexicon.CARRIERS.search(token.text) or (end is None and is_bare(token.text)):
            continue
        tokens = (token,) if end is None else (token, end)
        text = tidy_name(token.text) if end is None else as_one(token.text, end.text)
        sure = min(sure_of_name(one, tidy_name(one.text)) for one in tokens)
        both = in_two_languages(text)
        firm = Found(text, text, sure, tokens) if len(both) < 2 else party_of(both, (token, token), (), 1.0)
        if not any(_same_name(firm, other) for other in (*parties.values(), *firms)):
            firms.append(firm)
    return firms


def _behind_mark(token: Token) -> Token:
    """What stands behind the colon of a label that nobody knows: 餅家：安樂餅家."""
    text = tidy(token.text)
    match = re.match(r"[\u3400-\u9fffA-Za-z .]{1,20}?\s*:\s*(?=\S)", text)
    return token if match is None else cut(token, match.end(), text)


def _same_name(one: Found, other: Found) -> bool:
    mine, theirs = key(one.raw), key(other.raw)
    return mine in theirs or theirs in mine or key(str(one.value)) in theirs
