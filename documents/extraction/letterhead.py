"""The name at the head of a page: whose paper it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.found import Found, party_of
from documents.extraction.headings import read_headings
from documents.extraction.kinds import title_in
from documents.extraction.names import in_scripts, is_company, is_motto, is_name, tidy_name
from documents.extraction.plain import has_chinese, key, tidy
from documents.extraction.registered import registered_name
from documents.extraction.wrapped import NAME_GOES_ON, as_one, may_go_on, stacked, under, wrapped
from documents.extraction.zones import PARTY_ROLES, Zone

if TYPE_CHECKING:
    from documents.extraction.flat import FlatPage, Token
    from documents.extraction.kinds import Kind
    from documents.extraction.labels import Label

_INITIALS: Final = re.compile(r"[A-Z]{1,2}|[\u3400-\u9fff]")
"""What stands in a sign beside the name of a firm."""
CORNER: Final = 0.12
"""How far down the page, as a share of it, a letterhead begins at most below a number in a corner."""
LARGE: Final = 1.3
"""Text heights from which a name at the head is a letterhead's, whatever it says."""
CONTACTS_WITHIN: Final = 7.0
_CONTACTS: Final = re.compile(
    r"(?i)^(?:t|tel|phone|telephone|fax|f|e|email|e-mail)\b\.?\s*[:.+(0-9]|^(?:電話|傳真|電郵|熱線)|@"
)


def find_letterhead(zone: Zone, kind: Kind) -> Found | None:
    """The name at the head of the page, in one or both languages."""
    page = zone.pages[0]
    names = _names_above(zone, kind)
    if not names:
        return None
    lowest = min(token.v for token in names)

    def weight(token: Token) -> float:
        score = token.height * (1.35 if is_company(token.text) else 1.0) * (1.3 if has_contacts(page, token) else 1.0)
        return score - 0.05 * (token.v - lowest)

    best = max(names, key=weight)
    if weight(best) < 0.8 or lexicon.CARRIERS.search(best.text):
        return None
    if (whole := _in_lines(zone, best)) is not None:
        return whole
    above = next((token for token in names if best in under(page, token)), None)
    if above is not None and NAME_GOES_ON.fullmatch(tidy(best.text)):
        best = above
    best = registered_name(best, page.tokens) or best
    partner = next(
        (
            token
            for token in sorted(names, key=lambda token: abs(token.v - best.v))
            if token is not best
            and has_chinese(token.text) != has_chinese(best.text)
            and abs(token.v - best.v) < 1.6 * max(best.height, token.height) + 0.4
            and token.height > 0.55 * best.height
            and (is_company(token.text) or token.height > 1.05)
        ),
        None,
    )
    tokens = [best] if partner is None else [best, partner]
    texts: list[str] = []
    split: list[Token] = []
    for token in tokens:
        for text in in_scripts(tidy(token.text)):
            texts.append(tidy_name(text))
            split.append(token)
    sure = 1.0 if is_company(best.text) else 0.95
    end = wrapped(page, best) if partner is None else None
    if end is not None and len(texts) == 1:
        texts = [as_one(best.text, end.text)]
        return Found(texts[0], texts[0], min(best.confidence, end.confidence) * sure, (best, end))
    return replace(party_of(texts, split, (), sure), doubtful=partner is None and may_go_on(page, best))


def _names_above(zone: Zone, kind: Kind) -> list[Token]:
    """What may be a name above the first label."""
    page = zone.pages[0]
    top = min(_first_label(zone) + 0.3, zone.table_top or page.bottom, page.bottom * 0.4)
    return [
        token
        for token in page.tokens
        if token.v <= top
        and token is not kind.title
        and is_name(token.text)
        and zone.label_of(token) is None
        and key(token.text) not in lexicon.COMPANY_WORDS
        and not ((named := title_in(token.text)) is not None and named[1] > 0.6)
        and len(read_headings(token)) < 2
        and not _INITIALS.fullmatch(tidy(token.text))
        and not re.search(
            r"(?i)original|copy|page|正本|副本|第.頁|存根|客戶存|^第.聯|^[白紅黃藍綠]單|duplicate", token.text
        )
    ]


def _in_lines(zone: Zone, best: Token) -> Found | None:
    """The name in three lines or more of which a token is one, as narrow letterheads have them; None if it is of none."""
    free = [token for token in zone.pages[0].tokens if is_name(token.text) and zone.label_of(token) is None]
    ends = (stacked(token, free) for token in free if NAME_GOES_ON.fullmatch(tidy(token.text)))
    lines = next((lines for lines in ends if best in lines), ())
    if len(lines) <= 2:
        return None
    text = as_one(*(line.text for line in lines))
    return Found(text, text, min(line.confidence for line in lines), lines)


def _first_label(zone: Zone) -> float:
    """Where the first label stands that can only follow a letterhead: a number in the corner may stand above it."""
    page = zone.pages[0]
    labels = sorted((label for label in zone.labels if _heads_field(label)), key=lambda label: label.token.v)
    parties = min((label.token.v for label in labels if label.role in PARTY_ROLES), default=page.bottom)
    firm = min(
        (
            token.v
            for token in page.tokens
            if (is_company(token.text) or token.height > LARGE)
            and is_name(token.text)
            and title_in(token.text) is None
            and zone.label_of(token) is None
        ),
        default=page.bottom,
    )
    above = firm if firm < min(parties, page.bottom * CORNER) else 0.0
    return next((label.token.v for label in labels if label.token.v > above), page.bottom * 0.3)


def _heads_field(label: Label) -> bool:
    return (
        label.role not in {lexicon.IGNORED, lexicon.FILLER}
        and not is_motto(label.token.text)
        and (label.rest is not None or label.closed)
        and title_in(label.token.text) is None
    )


def has_contacts(page: FlatPage, token: Token) -> bool:
    """Whether a telephone, fax or mail address stands below a name, in its column."""
    return any(
        0.5 < other.v - token.v < CONTACTS_WITHIN
        and (
            abs(other.left - token.left) < 1.5
            or abs(other.right - token.right) < 1.5
            or abs(other.middle - token.middle) < 2
        )
        and _CONTACTS.search(tidy(other.text))
        for other in page.tokens
    )
