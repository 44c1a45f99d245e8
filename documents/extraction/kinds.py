"""Which kind of document it is: title words by squared height and place, label and heading words as weak votes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.model import DocType
from documents.extraction.plain import CONFUSED, has_chinese, key, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import FlatPage, Token
    from documents.extraction.labels import Label

COVER_MIN: Final = 0.45
"""Share of a token that title words must make up."""
WORD_VOTE: Final = 0.12
LABEL_VOTE: Final = 0.3
LABEL_HEIGHT: Final = 1.18
"""Height below which a label is no title, whatever it says."""
LABEL_LIKE: Final = 0.85
WHOLE: Final = 0.95
UNTITLED: Final = 0.5
"""The most that a type is worth without a title: a person says what it is."""
NUMBERED: Final = 0.8
"""What a type is worth by a title that its number stands behind."""
_NUMBER_WORD: Final = re.compile(r"(?i)[\s(:#.]*(?:編號|號碼|單號|\bno|\bnumber|\bref)?[\s(:#.]*$")
HALF_COVER: Final = 0.75
SPACED_MAX: Final = 6
SPACED_HEIGHT: Final = 1.15
"""Ideographs of a title that stand so far apart that each was read alone, and how large they are at least."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The type with the share of the votes it got, and the title it was read from."""

    doc_type: DocType
    share: float
    title: Token | None


@cache
def _titles_by_start() -> dict[str, list[tuple[int, str]]]:
    """Titles long enough to be found in the midst of other words, by their first three characters, with their place in the list."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, title in enumerate(lexicon.TITLES):
        if len(title) >= (3 if has_chinese(title) else 6):
            found.setdefault(title[:3], []).append((place, title))
    return found


def _titles_inside(whole: str) -> list[str]:
    """Titles that stand anywhere in a text, in the order of the list."""
    begun = ((at, one) for at in range(len(whole) - 2) for one in _titles_by_start().get(whole[at : at + 3], ()))
    return [title for _, title in sorted({one for at, one in begun if whole.startswith(one[1], at)})]


@cache
def _slipped_titles() -> dict[str, DocType]:
    """Titles that lack one character. Forms of two kinds say nothing: 貨單 lacks the character that tells them apart."""
    forms: dict[str, set[DocType]] = {}
    for title, kind in lexicon.TITLES.items():
        if len(title) >= (3 if has_chinese(title) else 7):
            folded = title.translate(CONFUSED)
            for place in range(len(folded)):
                forms.setdefault(f"{place}|{folded[:place]}{folded[place + 1 :]}", set()).add(kind)
    return {form: next(iter(kinds)) for form, kinds in forms.items() if len(kinds) == 1}


def title_in(text: str) -> tuple[DocType, float] | None:
    """The type that a text names as a title, and what share of the text says so."""
    whole = key(text)
    if not whole or len(whole) > 60 or _NO_PAPER.search(text):
        return None
    parts = [key(part) for part in re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", text)]
    found: dict[DocType, float] = {}
    for one in {whole, *parts}:
        kind = lexicon.TITLES.get(one)
        if kind is not None:
            found[kind] = found.get(kind, 0.0) + len(one)
    if not found and (made := _made_title(text)) is not None:
        return made
    if not found:
        for title in _titles_inside(whole):
            kind = lexicon.TITLES[title]
            found[kind] = max(found.get(kind, 0.0), float(len(title)))
    if not found:
        folded = whole.translate(CONFUSED)
        slip = (_slipped_titles().get(f"{at}|{folded[:at]}{folded[at + 1 :]}") for at in range(len(folded)))
        kind = next((one for one in slip if one is not None), None)
        return (kind, 0.7) if kind is not None else None
    best = max(found, key=lambda kind: found[kind])
    cover = min(1.0, found[best] / len(whole))
    halves = [one for one in parts if one]
    if len(halves) == 2 and any(lexicon.TITLES.get(one) is best for one in halves):
        cover = max(cover, HALF_COVER)  # the other half says the same in words of its own
    return best, cover


_MADE: Final = (
    (DocType.RETURN_NOTE, r"退貨|退回|退換|退倉|退廠|退料|^退.{1,3}單$|換貨|壞貨|次貨|拒收|^回收", r"\b(?:returns?|returned|rejection|rejected)\b|\brtv\b|\bvendor credit\b"),
    (DocType.INSPECTION_REPORT, r"檢驗|檢查|驗貨|驗收|質檢|品檢|品管|品控|檢測|抽檢|抽驗|質量|品質", r"\b(?:inspection|qc|q\.c\.|iqc|qa|quality|acceptance)\b"),
    (DocType.CONTRACT, r"(?:合約|合同|協議|契約)(?!單)|(?:銷售|售貨|銷貨|購貨|成交)確認書", r"\b(?:contract|agreement)\b"),
    (DocType.INVOICE, r"發票|賬單|帳單|現[沽銷金]|賒[單銷]|銷貨|銷售單|收費|繳款|請款", r"\b(?:invoice|cash memo)\b"),
    (DocType.DELIVERY_NOTE, r"送貨|出貨|發貨|交貨|付貨|出倉|出庫|配送|派送|派貨|裝箱|付運|提貨|送件|送.{1,3}單$|[收來到隨寄]貨(?!訂)|簽收|入倉|入庫|包裝清單|^回條$", r"\b(?:delivery|dispatch|despatch|shipping|shipment|packing|consignment|goods issue)\b"),
    (DocType.PURCHASE_ORDER, r"採購|訂購|訂貨|購貨|進貨|補貨|訂單|叫貨|落單|訂書|要貨", r"\bpurchase instruction\b|\b(?:purchase|purchasing|replenishment|stock|supply)\b.*\border\b|\border\b"),
)  # fmt: skip
_PAPER_CHINESE: Final = re.compile(
    r"^[\u3400-\u9fff]{2,12}(?:單|單據|表|書|紙|報告|檢查|檢驗|驗收|抽驗|記錄|紀錄|通知|證明|條|清單|票|合約|合同|協議)$"
)
_PAPER_LATIN: Final = re.compile(
    r"(?i)^(?:[a-z.&/()' -]{0,44}?\b)(?:note|notice|order|form|sheet|slip|advice|docket|list|record|report|certificate|memo|"
    r"request|instruction|summary|invoice|contract|agreement|return|returned|returns|credit|inspection|confirmation|(?<=return to )(?:supplier|vendor))$"
)
_REFERS: Final = re.compile(r"^(?:原|有關|相關|客戶|對應|貴)")
_NO_PAPER: Final = re.compile(r"(?i)時間表|須知|\bschedule\b")
MADE_COVER: Final = 0.8


def _made_title(text: str) -> tuple[DocType, float] | None:
    """A title made of a word for the business and one for a paper, that no list has: 退貨紀錄表, `Goods Receipt Inspection`."""
    chinese = "".join(re.findall(r"[\u3400-\u9fff]", text))
    latin = " ".join(re.sub(r"[\u3400-\u9fff]", " ", text).split())
    if _REFERS.search(chinese) or re.search(r"(?i)\b(?:no|ref|date|number|orig|original)\b|:", latin):
        return None  # another paper that this one names
    for kind, stems, words in _MADE:
        if _PAPER_CHINESE.match(chinese) and re.search(stems, chinese) and len(latin) < 40:
            return kind, MADE_COVER
        if not chinese and _PAPER_LATIN.match(latin) and re.search(f"(?i){words}", latin):
            return kind, MADE_COVER
    return None


def find_kind(page: FlatPage, labels: Sequence[Label], taken: frozenset[int] = frozenset()) -> Kind:
    """The type of a document by its first page. `taken`: identities of what stands in a table: no title if another stands above."""
    votes = dict.fromkeys(DocType, 0.0)
    titles: dict[DocType, tuple[float, Token]] = {}
    named_labels = {id(label.token) for label in labels if label.rest is not None or ":" in tidy(label.token.text)}
    for token in (*page.tokens, *_spaced(page)):
        named = title_in(token.text)
        if named is not None and id(token) in taken and _below_title(token, named[0], page):
            continue
        if (
            token.height < LABEL_HEIGHT
            and named is not None
            and (
                id(token) in named_labels
                or (_names_number(token, labels) and (named[1] < WHOLE or _below_title(token, named[0], page)))
            )
        ):
            continue
        if named is None or named[1] < COVER_MIN:
            continue
        kind, cover = named
        place = 1.0 if token.v < page.bottom * 0.34 else 0.4 if token.v < page.bottom * 0.5 else 0.08
        vote = token.height**2 * place * cover * (0.4 + 0.6 * token.confidence)
        votes[kind] += vote
        if vote > titles.get(kind, (0.0, token))[0]:
            titles[kind] = (vote, token)
    numbered = _numbered_title(page, labels) if not titles else None
    if numbered is not None:
        return numbered
    for label in labels:
        kind_name = label.role.partition(":")[2]
        if label.role.startswith("number:") and kind_name != DocType.PURCHASE_ORDER:
            votes[DocType(kind_name)] += LABEL_VOTE
    text = key(" ".join(token.text for token in page.tokens))
    for kind, words in lexicon.WORDS_OF_TYPE.items():
        votes[kind] += WORD_VOTE * sum(key(word) in text for word in words)
    best = max(votes, key=lambda kind: votes[kind])
    total = sum(votes.values())
    if votes[best] < 0.2:
        return Kind(DocType.OTHER, 0.0, None)
    share = votes[best] / total
    if best in titles and _is_plain(page, titles[best][1]):
        share = max(share, titles[best][0] / sum(vote for vote, _ in titles.values()))
    return Kind(best, share if best in titles else min(share, UNTITLED), titles[best][1] if best in titles else None)


def _spaced(page: FlatPage) -> list[Token]:
    """Large ideographs far apart on a line of their own as one title: 發　　票."""
    return [
        replace(row[0], text="".join(tidy(token.text) for token in row), right=row[-1].right)
        for row in page.rows
        if 1 < len(row) <= SPACED_MAX
        and all(
            len(token.text.strip()) == 1 and has_chinese(token.text) and token.height > SPACED_HEIGHT for token in row
        )
    ]


def _numbered_title(page: FlatPage, labels: Sequence[Label]) -> Kind | None:
    """The kind of a paper without any other title whose title and number stand alone on a line: `Purchase Order HM-1158`.

    None if a label names the number or date of another kind: then this is the number of a paper that it refers to.
    """
    kinds = {kind for label in labels if (kind := label.role.partition(":")[2])}
    lone = [row[0] for row in page.rows if len(row) == 1 and row[0].v < page.bottom * 0.34]
    for label in labels:
        if label.rest is None or not label.role.startswith("number:") or not any(label.token is one for one in lone):
            continue
        text, rest = tidy(label.token.text), tidy(label.rest.text)
        named = title_in(_NUMBER_WORD.sub("", text.removesuffix(rest)))
        if named is not None and named[1] >= WHOLE and kinds == {named[0].value}:
            return Kind(named[0], NUMBERED, label.token)
    return None


def _is_plain(page: FlatPage, title: Token) -> bool:
    """Whether a title is one from its first to its last letter, high on the page: words further down say little against it."""
    named = title_in(title.text)
    return named is not None and named[1] >= WHOLE and title.v < page.bottom * 0.34


def _below_title(token: Token, kind: DocType, page: FlatPage) -> bool:
    """Whether the title of another kind stands above a text, as large: 採購訂單 in the fields of a report is a label."""
    return any(
        other.v < token.v - token.height
        and other.height > LABEL_LIKE * token.height
        and (named := title_in(other.text)) is not None
        and named[0] is not kind
        and named[1] >= HALF_COVER
        for other in page.tokens
    )


def _names_number(token: Token, labels: Sequence[Label]) -> bool:
    """Whether a small text is the label of another paper's number or date, and no title: 客戶訂單."""
    return any(label.token is token and label.role.partition(":")[0] in {"number", "date"} for label in labels)
