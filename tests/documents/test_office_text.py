"""Office files, tables of text and plain text are stored as they are, and found by what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.parts import SandboxInspector, SandboxReader, checking_sandbox
from documents.sandbox import Sandbox
from documents.search.index import SearchIndex
from documents.search.model import Scope, SearchQuery
from documents.search.sqlite.store import SqliteIndexStore
from tests.documents import samples
from tests.documents.archive import Archive

EVERYWHERE = Scope(None, organisation=True)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with checking_sandbox(1) as made:
        yield made


@pytest.fixture
def found(archive: Archive, sandbox: Sandbox, tmp_path: Path) -> Archive:
    """An archive with real checks, that reads texts, and an index."""
    archive.inspector = SandboxInspector(sandbox, None, size_max=10_000_000)  # type: ignore[assignment]
    archive.reader = SandboxReader(sandbox, sandbox, clock=archive.world.clock)  # type: ignore[assignment]
    archive.documents = archive.another_room()
    archive.documents.index = SearchIndex(SqliteIndexStore(tmp_path / "search.db"))
    return archive


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        (
            "letter.docx",
            samples.word(("本公司現訂購陳年普洱", "Delivered in full")),
            ("普洱", "陈年", "deliver*", "蠔油"),
        ),
        ("stock.xlsx", samples.workbook((("貨號", "品名"), ("OYS-510", "舊庄蠔油"))), ("舊庄", "旧庄", "OYS-510")),
        ("list.csv", "貨號,品名\r\nA-77,九製陳皮\r\n".encode("big5"), ("陳皮", "陈皮", "77")),
        ("note.txt", "今日收到九製陳皮十二箱".encode(), ("十二箱", "陈皮")),
    ],
)
def test_what_a_file_says_is_found_and_its_bytes_stay(
    name: str, content: bytes, wanted: tuple[str, ...], found: Archive
) -> None:
    document = found.add_read(content, name=name, **{"class": "other"}).document

    assert found.content(document) == content
    for words in wanted:
        page = found.documents.index.query(SearchQuery(words), EVERYWHERE)  # type: ignore[attr-defined]
        assert [hit.document_id for hit in page.hits] == [document], words
    assert found.documents.index.query(SearchQuery("不在此"), EVERYWHERE).total == 0  # type: ignore[attr-defined]
