"""The index finds what a plain scan finds: for any text, any query, any filter, any scope, on both databases."""

from __future__ import annotations

import random
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.search.errors import InvalidQuery
from documents.search.grams import fold, normal, parse_terms, pattern, places, spaced
from documents.search.index import SearchIndex
from documents.search.model import EVERYTHING, IndexStore, Order, Scope, SearchQuery, SearchText
from tests.documents.search.texts import scan, text

HAN = "普洱茶餅饼發发髮月份カー〇𠮷"
PIECES = [
    *HAN,
    *"aBé",
    *"127０１",
    "ab",
    "tea",
    "TEA",
    "2024",
    "po",
    " ",
    "\n",
    "-",
    "、",
    "｜",
    "|",
    "%",
    "_",
    "😀",
    "ﾃｨｰ",
    "ﬁ",
]
WRITING = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
CODES = st.sampled_from([None, "MK01", "TST1"])


@st.composite
def documents(draw: st.DrawFn) -> dict[str, SearchText]:
    count = draw(st.integers(1, 6))
    places = draw(st.lists(st.integers(0, 2**40), min_size=count, max_size=count, unique=True))
    return {
        f"d{number}": text(
            place,
            draw(WRITING),
            title=draw(WRITING),
            notes=draw(WRITING),
            fields=draw(WRITING),
            store=draw(CODES),
            document_class=draw(st.sampled_from(["photo", "invoice"])),
            state=draw(st.sampled_from(["released", "sealed"])),
            supplier=draw(st.sampled_from([None, "S1", "s1"])),
            skus=tuple(draw(st.sets(st.sampled_from(["A1", "A2", "茶-1"]), max_size=2))),
            dated=draw(st.sampled_from([None, date(2026, 1, 31), date(2026, 2, 1)])),
            amount=draw(st.sampled_from([None, 0, 1250, -5])),
            currency=draw(st.sampled_from([None, "HKD", "CNY"])),
        )
        for number, place in enumerate(places)
    }


@st.composite
def wanted_texts(draw: st.DrawFn, held: dict[str, SearchText]) -> str:
    """Something made up, or part of what a document says, as a word, a beginning or a phrase."""
    if draw(st.booleans()):
        return draw(WRITING)
    document = held[draw(st.sampled_from(sorted(held)))]
    source = draw(st.sampled_from([document.title, document.fields, document.notes, document.body]))
    start = draw(st.integers(0, len(source)))
    part = source[start : start + draw(st.integers(1, 8))]
    return draw(st.sampled_from(["{}", '"{}"', "{}*", '"{}*"'])).format(part)


@st.composite
def queries(draw: st.DrawFn, held: dict[str, SearchText]) -> SearchQuery:
    maybe = st.sampled_from
    return SearchQuery(
        text=draw(st.none() | wanted_texts(held) | wanted_texts(held)),
        sku=draw(maybe([None, None, "A1", "茶-1"])),
        store=draw(maybe([None, None, "MK01"])),
        document_class=draw(maybe([None, None, "photo"])),
        supplier=draw(maybe([None, None, None, "s1"])),
        state=draw(maybe([None, None, "sealed"])),
        dated_from=draw(maybe([None, None, date(2026, 2, 1)])),
        dated_until=draw(maybe([None, None, date(2026, 1, 31)])),
        amount_from=draw(maybe([None, None, 0])),
        amount_until=draw(maybe([None, None, 1000])),
        currency=draw(maybe([None, None, "HKD"])),
        order=draw(maybe(list(Order))),
        limit=draw(st.integers(1, 3)),
    )


SCOPES = st.sampled_from(
    [
        EVERYTHING,
        EVERYTHING,
        Scope(None, organisation=False),
        Scope(frozenset(), organisation=False),
        Scope(frozenset(), organisation=True),
        Scope(frozenset({"MK01"}), organisation=False),
        Scope(frozenset({"MK01", "TST1"}), organisation=True, hidden_classes=frozenset({"photo"})),
        Scope(None, organisation=True, hidden_classes=frozenset({"invoice"})),
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_results_equal_a_plain_scan(store: IndexStore, data: st.DataObject) -> None:
    held = data.draw(documents())
    index = SearchIndex(store)
    with store.writing() as writing:
        writing.clear()
    for name, document in held.items():
        index.put(name, document)

    for _ in range(4):
        query = data.draw(queries(held))
        scope = data.draw(SCOPES)
        try:
            found, total = whole(index, query, scope)
        except InvalidQuery:
            assert query.text is not None
            continue
        expected = scan(held, query, scope)
        assert total == len(expected)
        if query.order is Order.NEWEST:
            assert found == expected
        else:
            assert sorted(found) == sorted(expected)


def whole(index: SearchIndex, query: SearchQuery, scope: Scope) -> tuple[list[str], int]:
    """Every page, one after the other."""
    found: list[str] = []
    while True:
        page = index.query(query, scope)
        found += [hit.document_id for hit in page.hits]
        if page.next is None:
            return found, page.total
        assert len(page.hits) == query.limit
        query = SearchQuery(**{name: getattr(query, name) for name in query.__slots__} | {"cursor": page.next})


def test_long_texts_are_found_wherever_it_stands_in_them(index: SearchIndex) -> None:
    # Beyond the places and repetitions that a tsvector keeps, and beyond its size.
    chance = random.Random(7)
    common = "".join(chance.choices("普洱茶餅月份發票", k=30_000))
    many = " ".join(f"{chance.randrange(10**9):09d}" for _ in range(70_000))
    index.put("common", text(1, common + "終極"))
    index.put("many", text(2, many + " 終點 0007"))

    for start in (0, 20_000, 29_000):
        assert [hit.document_id for hit in index.query(SearchQuery(common[start : start + 9]), EVERYTHING).hits] == [
            "common"
        ]
    assert [hit.document_id for hit in index.query(SearchQuery('"終點 0007"'), EVERYTHING).hits] == ["many"]
    assert [hit.document_id for hit in index.query(SearchQuery(many[-30:-16].split()[0]), EVERYTHING).hits] == ["many"]
    assert index.query(SearchQuery("終極終點"), EVERYTHING).hits == ()


@settings(deadline=None)
@given(writing=WRITING, start=st.integers(0, 20), length=st.integers(1, 6))
def test_folding_a_part_is_part_of_the_folded_whole(writing: str, start: int, length: int) -> None:
    kept = normal(writing)

    assert fold(kept[start : start + length]) == fold(kept)[start : start + length]


@settings(deadline=None)
@given(writing=WRITING, wanted=WRITING)
def test_what_is_marked_is_what_matches(writing: str, wanted: str) -> None:
    folded = fold(normal(writing))
    try:
        terms = parse_terms(wanted)
    except InvalidQuery:
        return

    for term in terms:
        assert bool(places(folded, [term], 9)) == (pattern(term) in spaced(folded))
