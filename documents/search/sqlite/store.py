"""The index in a SQLite file of its own, on FTS5.

- `grams` holds no content, only places of grams by part, and tokens of what documents are filtered by: an intersection of
  posting lists costs no row. To take a document out, its grams are made again from `texts`.
- A token of a facet is a letter and the code's bytes in hexadecimal. The tokenizer parts at ASCII that is no letter or digit,
  and takes every other character as part of a token, whatever Unicode it knows.
- `prefix='1'` keeps a list for each first character, so that a lone Han character is not looked for under thousands of pairs.
- `rowid` everywhere is the entry that added the document, so newest first is the order the index has anyway.
- Freed pages are overwritten; `rewrite` merges all segments into one without what was deleted, copies the file, and empties the
  write-ahead log.
"""

from __future__ import annotations

import contextlib
import json
import queue
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from documents.search.errors import IndexUnavailable, InvalidText
from documents.search.grams import GRAMS_VERSION, fold, grams
from documents.search.model import Found, IndexRow, IndexState, Wanted
from documents.search.sqlite.queries import COLUMNS, find, row_of, token
from storage.causes import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

FORMAT: Final = 2
"""Of the tables below; with `GRAMS_VERSION` it says whether the file is one of ours."""
BUSY_S: Final = 30.0
READERS_MAX: Final = 8
CACHE_KIB: Final = 32_768
_TABLES: Final = (
    # How many documents were taken out since the index was last written anew.
    "CREATE TABLE removed (documents INTEGER NOT NULL)",
    "INSERT INTO removed VALUES (0)",
    """CREATE TABLE documents (
        added_index INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE, class TEXT NOT NULL, state TEXT NOT NULL,
        store TEXT, supplier TEXT, skus TEXT NOT NULL, dated TEXT, amount INTEGER, currency TEXT, clipped INTEGER NOT NULL)""",
    "CREATE INDEX documents_dated ON documents (dated)",
    "CREATE INDEX documents_amount ON documents (amount)",
    """CREATE TABLE texts (
        added_index INTEGER PRIMARY KEY, title TEXT NOT NULL, fields TEXT NOT NULL, notes TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE VIRTUAL TABLE grams USING fts5 (title, fields, notes, body, facets, content='', tokenize='ascii', prefix='1')",
)
_DROPPED: Final = tuple(f"DROP TABLE IF EXISTS {name}" for name in ("removed", "grams", "texts", "documents"))


class SqliteIndexStore:
    """An index file; safe to share between threads, and between processes that each have their own."""

    def __init__(self, path: Path) -> None:
        """Opens the file, and makes it anew if there is none or it is no index of this version.

        Raises:
            IndexUnavailable: it cannot be opened.
        """
        self._path: Final = path
        self._writing: Final = threading.Lock()
        self._readers: Final[queue.LifoQueue[sqlite3.Connection]] = queue.LifoQueue()
        self._permits: Final = threading.BoundedSemaphore(READERS_MAX)
        try:
            self._writer = self._open()
        except sqlite3.OperationalError as error:
            raise _unavailable(error) from error
        except sqlite3.DatabaseError:
            # Not a database, or a broken one: nothing in it is worth keeping.
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            with _translated():
                self._writer = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            # The low bit tells a filled index from one that was only laid out.
            if version >> 1 != _version() >> 1:
                _lay_out(connection)
                connection.execute(f"PRAGMA user_version={_version() & ~1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        for pragma in ("secure_delete=ON", "synchronous=NORMAL", f"cache_size=-{CACHE_KIB}", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    # ----------------------------------------------------------------------------- writing

    @contextlib.contextmanager
    def writing(self) -> Iterator[SqliteWriting]:
        """A block of writes, as `IndexStore.writing`."""
        with self._writing, _translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteWriting(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def rewrite(self) -> None:
        """Writes the index anew, as `IndexStore.rewrite`."""
        with self._writing, _translated():
            self._writer.execute("INSERT INTO grams (grams) VALUES ('optimize')")
            self._writer.execute("VACUUM")
            self._empty_wal()
            self._writer.execute("UPDATE removed SET documents = 0")

    def _empty_wal(self) -> None:
        busy, _, _ = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            msg = "expected to empty its write-ahead log, but somebody reads; try again"
            raise IndexUnavailable(msg)

    # ----------------------------------------------------------------------------- reading

    def query(self, wanted: Wanted) -> Found:
        """What matches, as `IndexStore.query`."""
        return self._read(lambda connection: find(connection.execute, wanted))

    def state(self) -> IndexState:
        """How the index stands."""
        return self._read(_state)

    def close(self) -> None:
        """Closes every connection."""
        with self._writing:
            self._writer.close()
        while True:
            try:
                self._readers.get_nowait().close()
            except queue.Empty:
                return

    def _read(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        with self._permits, _translated():
            try:
                connection = self._readers.get_nowait()
            except queue.Empty:
                connection = self._connect()
            try:
                connection.execute("BEGIN")
                found = reading(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._readers.put(connection)
            return found


class SqliteWriting:
    """Writes inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def put(self, rows: Sequence[IndexRow]) -> None:
        """Adds documents, or replaces them."""
        for row in rows:
            self._take_out([row.document_id])
            facets = row.facets
            try:
                self._connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        row.added_index,
                        row.document_id,
                        facets.document_class,
                        facets.state,
                        facets.store,
                        facets.supplier,
                        json.dumps(facets.skus),
                        None if facets.dated is None else facets.dated.isoformat(),
                        facets.amount,
                        facets.currency,
                        row.clipped,
                    ),
                )
            except sqlite3.IntegrityError as error:
                reason = f"expected that of no other document, got {row.added_index}"
                raise InvalidText("added_index", reason) from error
            self._connection.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", (row.added_index, *row.texts))
            self._connection.execute(
                "INSERT INTO grams (rowid, title, fields, notes, body, facets) VALUES (?, ?, ?, ?, ?, ?)",
                (row.added_index, *_gram_texts(row)),
            )

    def remove(self, document_ids: Sequence[str]) -> int:
        """Takes documents out."""
        removed = self._take_out(document_ids)
        if removed:
            self._connection.execute("UPDATE removed SET documents = documents + ?", (removed,))
        return removed

    def _take_out(self, document_ids: Sequence[str]) -> int:
        removed = 0
        for document_id in document_ids:
            values = self._connection.execute(
                f"SELECT {COLUMNS} FROM documents d JOIN texts x USING (added_index) WHERE d.document_id = ?",
                (document_id,),
            ).fetchone()
            if values is None:
                continue
            row = row_of(values)
            self._connection.execute(
                "INSERT INTO grams (grams, rowid, title, fields, notes, body, facets) VALUES ('delete', ?, ?, ?, ?, ?, ?)",
                (row.added_index, *_gram_texts(row)),
            )
            for table in ("documents", "texts"):
                self._connection.execute(f"DELETE FROM {table} WHERE added_index = ?", (row.added_index,))
            removed += 1
        return removed

    def clear(self) -> None:
        """Takes everything out."""
        _lay_out(self._connection)
        self._connection.execute(f"PRAGMA user_version={_version()}")


def _version() -> int:
    return (FORMAT * 1000 + GRAMS_VERSION) << 1 | 1


def _lay_out(connection: sqlite3.Connection) -> None:
    for statement in (*_DROPPED, *_TABLES):
        connection.execute(statement)


def _gram_texts(row: IndexRow) -> tuple[str, ...]:
    """The columns of `grams` for a document; the same for ever for the same row and version."""
    return (*(" ".join(grams(fold(text))) for text in row.texts), " ".join(map(token, row.facets.codes)))


def _state(connection: sqlite3.Connection) -> IndexState:
    documents, clipped = connection.execute("SELECT count(*), coalesce(sum(clipped), 0) FROM documents").fetchone()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    removed = connection.execute("SELECT documents FROM removed").fetchone()[0]
    return IndexState(documents, clipped, needs_rebuild=version != _version(), needs_rewrite=removed > 0)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _unavailable(error) from error


def _unavailable(error: sqlite3.Error) -> IndexUnavailable:
    broken = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
    return IndexUnavailable(f"expected SQLite to answer, got {kind_of(error)}", rebuild=broken)
