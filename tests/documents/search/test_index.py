"""What the index promises besides finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from documents.search.errors import CursorUnusable, IndexUnavailable, InvalidQuery, InvalidText, NotIndexable
from documents.search.index import SearchIndex
from documents.search.model import EVERYTHING, Facets, Order, Part, Scope, SearchPage, SearchQuery, SearchText
from documents.search.postgresql.store import PostgresqlIndexStore
from documents.search.sqlite.store import SqliteIndexStore
from tests.documents.search.texts import Source, text


def names(page: SearchPage) -> list[str]:
    return [hit.document_id for hit in page.hits]


def found(index: SearchIndex, wanted: str | None = None, **members: object) -> list[str]:
    return names(index.query(SearchQuery(wanted, **members), EVERYTHING))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "wanted", "is_found"),
    [
        ("普洱茶餅", "普洱", True),
        ("普洱茶餅", "茶饼", True),  # Simplified finds Traditional
        ("理髮店", "发店", True),  # whatever the words around it were
        ("衞生署", "衛生", True),  # Hong Kong's own form
        ("皇后大道中", "后大", True),
        ("発売中", "發賣", True),  # Japanese goods
        ("普洱、茶餅", "洱茶", False),  # not across what separates
        ("普洱茶", "茶普", False),
        ("茶", "茶", True),
        ("Chocolate bar", "CHOCOLATE", True),
        ("Chocolate bar", "choco", False),
        ("Chocolate bar", "choco*", True),
        ("Chocolate bar", "colate*", False),
        ("PO-2024-001", "2024", True),
        ("PO-2024-001", "po 001", True),
        ("PO-2024-001", "PO2024001", False),
        ("PO-2024-001", '"po 2024"', True),
        ("PO-2024-001", '"2024 po"', False),
        ("INV20240001", "20240001", True),
        ("ＩＮＶ２０２４", "inv2024", True),
        ("$1,250.00", "1,250.00", True),
        ("$1,250.00", "250", True),
        ("$1,250.00", "25", False),
        ("3月31日", "3月", True),
        ("13月31日", "3月", False),
        ("100% cotton_blend", "cotton", True),
        ("Crème brûlée", "crème", True),
    ],
)
def test_what_is_found(index: SearchIndex, written: str, wanted: str, is_found: bool) -> None:
    index.put("d", text(1, written))

    assert found(index, wanted) == (["d"] if is_found else [])


@pytest.mark.parametrize("wanted", ["", "   ", "!?", "*", '"', "a" * 201, " ".join(f"w{n}" for n in range(17))])
def test_a_query_with_nothing_to_look_for_is_refused(index: SearchIndex, wanted: str) -> None:
    with pytest.raises(InvalidQuery, match="text: expected"):
        index.query(SearchQuery(wanted), EVERYTHING)


def test_a_sensitive_document_is_refused_and_what_was_there_is_gone(index: SearchIndex) -> None:
    index.put("d", text(1, "供應商合約"))

    with pytest.raises(NotIndexable):
        index.put("d", text(1, "供應商合約", sensitive=True))

    assert found(index, "合約") == []
    assert index.state().documents == 0


def test_a_rebuild_passes_over_sensitive_documents(index: SearchIndex) -> None:
    index.rebuild(Source({"a": text(1, "合約", sensitive=True), "b": text(2, "合約")}))

    assert found(index, "合約") == ["b"]


def test_putting_again_replaces(index: SearchIndex) -> None:
    index.put("d", text(1, "old words", store="MK01"))
    index.put("d", text(1, "new words", store="TST1"))

    assert found(index, "old") == []
    assert found(index, "new", store="TST1") == ["d"]
    assert index.state().documents == 1


def test_two_documents_cannot_be_added_by_one_entry(index: SearchIndex) -> None:
    index.put("a", text(1, "words"))

    with pytest.raises(InvalidText, match="added_index"):
        index.put("b", text(1, "words"))

    assert found(index, "words") == ["a"]


def test_pages_stay_where_they_are_while_documents_come(index: SearchIndex) -> None:
    for number in range(6):
        index.put(f"d{number}", text(number, "茶餅"))
    first = index.query(SearchQuery("茶餅", limit=3), EVERYTHING)
    index.put("new", text(99, "茶餅"))

    second = index.query(SearchQuery("茶餅", limit=3, cursor=first.next), EVERYTHING)

    assert names(first) + names(second) == ["d5", "d4", "d3", "d2", "d1", "d0"]
    assert second.next is None


def test_relevance_puts_the_title_first(index: SearchIndex) -> None:
    index.put("title", text(1, "茶 " * 30, title="普洱餅"))
    index.put("body", text(2, "普洱餅 " + "水 " * 200))
    index.put("other", text(3, "水"))

    assert found(index, "普洱餅", order=Order.RELEVANCE) == ["title", "body"]
    assert found(index, "普洱餅") == ["body", "title"]


def test_the_order_by_relevance_does_not_depend_on_what_is_out_of_reach(index: SearchIndex) -> None:
    mine = Scope(frozenset({"MK01"}), organisation=False)
    for number, (title, body) in enumerate(
        (("茶", "普洱 餅"), ("普洱 茶", "水"), ("水", "普洱 茶 茶 茶"), ("茶 餅", "普洱"))
    ):
        index.put(f"d{number}", text(number, body, title=title, store="MK01"))
    query = SearchQuery("普洱 茶", order=Order.RELEVANCE, limit=2)
    first = index.query(query, mine)
    rest = index.query(replace(query, cursor=first.next), mine)
    for number in range(10, 40):
        index.put(f"h{number}", text(number, "茶 " * number, title="茶", store="TST1"))

    again = index.query(query, mine)

    assert (names(again), again.next) == (names(first), first.next)
    assert names(index.query(replace(query, cursor=again.next), mine)) == names(rest)
    assert (names(first) + names(rest))[0] == "d1"
    assert len({*names(first), *names(rest)}) == 4


def test_classes_and_entries_in_reach_limit_hits_and_their_number(index: SearchIndex) -> None:
    for number, code in enumerate(("a", "b", "a", "c", "a")):
        index.put(f"d{number}", text(number, "茶", document_class=code))

    def seen(**limits: Any) -> tuple[list[str], int]:
        page = index.query(SearchQuery("茶"), Scope(None, organisation=True, **limits))
        return names(page), page.total

    assert seen(classes=frozenset({"a", "b"})) == (["d4", "d2", "d1", "d0"], 4)
    assert seen(classes=frozenset()) == ([], 0)
    assert seen(added_from=1, added_until=4) == (["d3", "d2", "d1"], 3)
    assert seen(classes=frozenset({"a"}), added_from=1) == (["d4", "d2"], 2)


@pytest.mark.parametrize("cursor", [(), ("",), ("", "x"), ("", "-1"), ("0.5", "3"), ("nan", "3"), ("", "1", "2")])
def test_a_cursor_of_something_else_is_refused(index: SearchIndex, cursor: tuple[str, ...]) -> None:
    with pytest.raises(CursorUnusable):
        index.query(SearchQuery("茶餅", cursor=cursor), EVERYTHING)


def test_snippets_mark_what_was_found_in_its_own_script(index: SearchIndex) -> None:
    index.put("d", text(1, "甲" * 100 + "普洱茶餅，" + "乙" * 200 + "又一個茶餅", title="送貨單 普洱茶餅"))

    (hit,) = index.query(SearchQuery("茶饼"), EVERYTHING).hits

    marked = [(s.part, [s.text[start:end] for start, end in s.marks], s.begins, s.ends) for s in hit.snippets]
    assert marked == [
        (Part.TITLE, ["茶餅"], True, True),
        (Part.BODY, ["茶餅"], False, False),
        (Part.BODY, ["茶餅"], False, True),
    ]


def test_the_scope_is_part_of_the_query(index: SearchIndex) -> None:
    for number, store in enumerate(("MK01", "TST1", None)):
        index.put(f"d{number}", text(number, "茶餅", store=store))

    page = index.query(SearchQuery("茶餅"), Scope(frozenset({"TST1"}), organisation=False))

    assert (names(page), page.total) == (["d1"], 1)


def test_a_scope_of_a_thousand_stores_works(index: SearchIndex) -> None:
    index.put("d", text(1, "茶餅", store="S0999"))
    stores = frozenset(f"S{number:04d}" for number in range(1000))

    assert names(index.query(SearchQuery("茶餅"), Scope(stores, organisation=True))) == ["d"]


def test_a_code_is_not_found_as_text_nor_part_of_another_code(index: SearchIndex) -> None:
    index.put("d", text(1, "茶餅", skus=("A12",)))

    assert found(index, "A12") == found(index, "k413132*") == found(index, "k413132") == []
    assert found(index, None, sku="A1") == found(index, None, sku="a12") == []
    assert found(index, None, sku="A12") == ["d"]


def test_a_long_text_is_clipped_and_says_so(index: SearchIndex) -> None:
    index.put("d", text(1, "茶餅" + " " * 1_000_000 + "普洱"))

    (hit,) = index.query(SearchQuery("茶餅"), EVERYTHING).hits
    assert (hit.clipped, index.state().clipped) == (True, 1)
    assert found(index, "普洱") == []


def test_a_rebuild_drops_what_is_no_longer_there(index: SearchIndex) -> None:
    index.put("gone", text(1, "茶餅"))

    done = index.rebuild(Source({f"d{number}": text(number, "茶餅") for number in range(450)}))

    assert done == index.state().documents == index.query(SearchQuery("茶餅"), EVERYTHING).total == 450
    assert not index.state().needs_rebuild


def test_a_rebuild_that_fails_leaves_the_old_index(index: SearchIndex) -> None:
    class Breaks:
        def search_texts(self) -> Iterator[tuple[str, SearchText]]:
            yield "new", text(2, "茶餅")
            raise OSError("gone")

    index.put("old", text(1, "茶餅"))

    with pytest.raises(OSError, match="gone"):
        index.rebuild(Breaks())

    assert found(index, "茶餅") == ["old"]


def test_totals_are_counted_up_to_a_bound(index: SearchIndex) -> None:
    index.rebuild(Source({f"d{number}": text(number, "茶") for number in range(10_001)}))

    page = index.query(SearchQuery("茶", limit=1), Scope(frozenset({"MK01"}), organisation=False))

    assert (page.total, page.total_is_least) == (10_000, True)


# --- files -------------------------------------------------------------------------------------------------------------


def traces(path: Path, *secrets: str) -> list[str]:
    held = b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))
    return [secret for secret in secrets if secret.encode() in held]


def test_after_a_destruction_no_byte_of_it_is_left(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    index = SearchIndex(SqliteIndexStore(path))
    secrets = ("密件", "confidential", "件內", "4f4e4c59")
    for number in range(300):
        index.put(f"d{number}", text(number, f"茶餅 {number} note"))
    index.put("secret", text(900, "密件內容 confidential", skus=("ONLY",)))
    index.query(SearchQuery("密件"), EVERYTHING)
    assert traces(path, *secrets) == list(secrets)

    assert index.destroy(["secret", "unknown"]) == 1

    assert traces(path, *secrets) == []
    assert index.query(SearchQuery("茶餅"), EVERYTHING).total == 300
    index.close()


def test_removing_alone_may_leave_traces_but_no_result(index: SearchIndex) -> None:
    index.put("d", text(1, "密件"))

    assert index.remove("d") is True
    assert index.remove("d") is False
    assert found(index, "密件") == []
    assert index.state().needs_rewrite


def test_tidying_writes_over_what_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    index = SearchIndex(SqliteIndexStore(path))
    for number in range(50):
        index.put(f"d{number}", text(number, f"茶餅 {number}"))
    index.put("secret", text(900, "密件內容 confidential"))
    assert index.tidy() is False
    index.remove("secret")

    assert index.tidy() is True

    assert traces(path, "密件", "confidential") == []
    assert index.tidy() is False
    index.close()


def test_putting_again_is_no_removal(index: SearchIndex) -> None:
    index.tidy()
    index.put("d", text(1, "茶餅"))
    index.put("d", text(1, "普洱"))

    assert not index.state().needs_rewrite


def test_destroying_waits_for_nobody_who_reads_for_ever(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "search.db"
    index = SearchIndex(SqliteIndexStore(path))
    index.put("d", text(1, "密件"))
    with sqlite3.connect(path) as reader:
        reader.execute("PRAGMA busy_timeout=0")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM texts").fetchone()
        index._store._writer.execute("PRAGMA busy_timeout=10")  # type: ignore[attr-defined]  # noqa: SLF001

        with pytest.raises(IndexUnavailable):
            index.destroy(["d"])
        reader.execute("ROLLBACK")
    reader.close()

    index.destroy(["d"])
    assert traces(path, "密件") == []
    index.close()


@pytest.mark.parametrize("content", [b"no database at all" * 300, b"SQLite format 3\0" + bytes(4096)])
def test_a_broken_file_is_made_anew_and_asks_for_a_rebuild(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "search.db"
    path.write_bytes(content)

    index = SearchIndex(SqliteIndexStore(path))

    assert index.state().needs_rebuild
    index.rebuild(Source({"d": text(1, "茶餅")}))
    assert found(index, "茶餅") == ["d"]
    index.close()


def test_an_index_of_another_version_asks_for_a_rebuild(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "search.db"
    index = SearchIndex(SqliteIndexStore(path))
    index.rebuild(Source({"d": text(1, "茶餅")}))
    index.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version=6")
    other.close()

    index = SearchIndex(SqliteIndexStore(path))

    assert index.state().needs_rebuild
    assert index.state().documents == 0
    index.close()


def test_a_second_process_sees_what_the_first_put(tmp_path: Path) -> None:
    first, second = (SearchIndex(SqliteIndexStore(tmp_path / "search.db")) for _ in range(2))
    first.rebuild(Source({}))

    first.put("a", text(1, "茶餅"))
    second.put("b", text(2, "茶餅"))

    assert found(first, "茶餅") == found(second, "茶餅") == ["b", "a"]
    assert not second.state().needs_rebuild
    first.close()
    second.close()


def test_postgresql_keeps_to_its_own_schema(search_url: str) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy import text as sql

    store = PostgresqlIndexStore(search_url, schema="other_search")
    engine = create_engine(search_url)
    with engine.connect() as connection:
        tables = connection.execute(
            sql("SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema !~ '^(pg_|inf)'")
        ).all()
    engine.dispose()
    store.close()

    assert {schema for schema, _ in tables} <= {"other_search", "chopbook_search"}


def test_a_database_that_is_away_is_one_of_our_errors() -> None:
    with pytest.raises(IndexUnavailable, match=re.escape("search index: expected PostgreSQL to answer")):
        PostgresqlIndexStore("postgresql+psycopg:///nobody?host=/nowhere&connect_timeout=1")


def test_facets_come_back_as_they_were_put(index: SearchIndex) -> None:
    from datetime import date

    put = text(7, "茶餅", supplier="S1", skus=("A1", "茶"), dated=date(2026, 1, 31), amount=-1250, currency="HKD")
    index.put("d", put)

    (hit,) = index.query(SearchQuery("茶餅"), EVERYTHING).hits

    assert (hit.facets, hit.added_index) == (replace(put.facets), 7)


@pytest.mark.parametrize(
    ("among", "hits"),
    [
        (frozenset({2, 9}), ["b"]),
        (frozenset(), []),
        (None, ["c", "b", "a"]),
        (frozenset(range(40_000)), ["c", "b", "a"]),
    ],
)
@pytest.mark.parametrize("wanted", ["茶", None])
def test_only_what_some_entries_added(
    index: SearchIndex, among: frozenset[int] | None, hits: list[str], wanted: str | None
) -> None:
    for number, name in enumerate("abc", 1):
        index.put(name, text(number, "茶餅"))

    assert found(index, wanted, among=among) == hits
    assert found(index, wanted, among=among, order=Order.RELEVANCE) == hits
    assert index.query(SearchQuery(wanted, among=among), EVERYTHING).total == len(hits)


def test_codes_are_indexed_under_the_letters_of_this_format() -> None:
    """Another letter or order finds nothing in an index that is there: it needs another `FORMAT`."""
    whole = Facets("invoice", "released", "MK01", "SUP1", ("A1", "A2"))

    assert [(letter.value, code) for letter, code in whole.codes] == [
        ("c", "invoice"),
        ("t", "released"),
        ("s", "MK01"),
        ("p", "SUP1"),
        ("k", "A1"),
        ("k", "A2"),
    ]
    assert [letter.value for letter, _ in Facets("photo", "read").codes] == ["c", "t", "o"]
