"""An attacker who owns the database: plain SQL on a copy of it, with nothing of the product in between.

The attacker first drops the triggers, and drops a table's constraints when they get in the way, as an administrator
can. What the attacker does not hold, unless a case says so, is the log's signing key.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import psycopg

from tests.tamper import forge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.tamper.forge import Document, Key

LOG_TABLES: Final = ("entries", "entry_subjects", "tiles", "checkpoints", "log_head")

_PARAMETER = re.compile(r":(\w+)")
_REFUSALS = (sqlite3.IntegrityError, psycopg.IntegrityError)


@dataclass(slots=True)
class Attacker:
    """A hand on the stolen database, and what the attacker knows."""

    driver: Any
    dialect: str
    origin: str
    key: Key
    """The log's own signing key: only cases that say "stolen key" use it."""
    former: Key
    """The log's signing key before a rotation."""
    old_notes: Mapping[int, str] = field(default_factory=dict)
    """Notes the log signed in the past, by size: from receipts and from old backups."""
    loosened: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)

    # ------------------------------------------------------------------------------------- SQL

    def run(self, sql: str, **values: Any) -> int:
        """Runs one statement; drops the table's constraints and tries again if they refuse it."""
        return self.many(sql, [values])

    def many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Runs the statement for every row of values."""
        row_list = list(rows)
        table = next(name for name in re.findall(r"\w+", sql) if name in LOG_TABLES)
        self.touched.add(table)
        cursor = self.driver.cursor()
        cursor.execute("SAVEPOINT before_statement")
        try:
            cursor.executemany(self._in_dialect(sql), row_list)
        except _REFUSALS:
            cursor.execute("ROLLBACK TO SAVEPOINT before_statement")
            if table in self.loosened:
                raise
            self.loosen(table)
            cursor.executemany(self._in_dialect(sql), row_list)
        changed = int(cursor.rowcount)
        cursor.execute("RELEASE SAVEPOINT before_statement")
        return changed

    def query(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a SELECT."""
        cursor = self.driver.cursor()
        cursor.execute(self._in_dialect(sql), values)
        return [tuple(row) for row in cursor.fetchall()]

    def disarm(self) -> None:
        """Drops every trigger that refuses something; foreign keys go when they get in the way."""
        if self.dialect == "sqlite":
            for (name,) in self.query("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.driver.execute(f'DROP TRIGGER "{name}"')
        else:
            for table in LOG_TABLES:
                self.driver.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    def loosen(self, table: str) -> None:
        """Replaces a table by one with the same rows and no constraint at all."""
        cascade = " CASCADE" if self.dialect == "postgresql" else ""
        self.driver.execute(f"CREATE TABLE loose AS SELECT * FROM {table}")
        self.driver.execute(f"DROP TABLE {table}{cascade}")
        self.driver.execute(f"ALTER TABLE loose RENAME TO {table}")
        self.loosened.add(table)
        self.touched.add(table)

    def _in_dialect(self, sql: str) -> str:
        return sql if self.dialect == "sqlite" else _PARAMETER.sub(r"%(\1)s", sql)

    # --------------------------------------------------------------------------------- reading

    @property
    def size(self) -> int:
        """How many entries are stored."""
        return int(self.query("SELECT count(*) FROM entries")[0][0])

    def data(self, index: int) -> bytes:
        """Bytes of an entry."""
        return bytes(self.query("SELECT bytes FROM entries WHERE entry_index = :i", i=index)[0][0])

    def document(self, index: int) -> Document:
        """An entry as JSON."""
        document: Document = json.loads(self.data(index))
        return document

    def hashes(self) -> list[bytes]:
        """Leaf hashes of the stored bytes, in the order of `entry_index`."""
        return [forge.leaf(bytes(row[0])) for row in self.query("SELECT bytes FROM entries ORDER BY entry_index")]

    def cell(self, table: str, column: str, **where: Any) -> Any:
        """One value."""
        value = self.query(f"SELECT {column} FROM {table} WHERE {_all(where)}", **where)[0][0]
        return bytes(value) if isinstance(value, memoryview) else value

    # --------------------------------------------------------------------------------- writing

    def put(self, table: str, where: Mapping[str, Any], **columns: Any) -> None:
        """Overwrites columns of one row."""
        setting = ", ".join(f"{name} = :new_{name}" for name in columns)
        values = {f"new_{name}": value for name, value in columns.items()}
        changed = self.run(f"UPDATE {table} SET {setting} WHERE {_all(where)}", **where, **values)
        if changed != 1:
            msg = f"the attack is wrong: expected to change 1 row of {table}, changed {changed}"
            raise AssertionError(msg)

    def entry(self, index: int, **columns: Any) -> None:
        """Overwrites columns of one entry."""
        self.put("entries", {"entry_index": index}, **columns)

    def head(self, **columns: Any) -> None:
        """Overwrites columns of the head."""
        self.put("log_head", {"id": 1}, **columns)

    def delete(self, table: str, **where: Any) -> None:
        """Removes the rows."""
        if self.run(f"DELETE FROM {table} WHERE {_all(where)}", **where) < 1:
            msg = f"the attack is wrong: nothing to delete from {table}"
            raise AssertionError(msg)

    def add(self, table: str, **columns: Any) -> None:
        """Inserts a row."""
        names = ", ".join(columns)
        marks = ", ".join(f":{name}" for name in columns)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", **columns)

    def add_entry(self, index: int, data: bytes, **columns: Any) -> None:
        """Inserts a row of `entries`; columns not given are derived from the bytes."""
        derived = forge.columns(json.loads(data)) | {"leaf_hash": forge.leaf(data)} | columns
        self.add("entries", entry_index=index, bytes=data, **derived)

    def row(self, table: str, **where: Any) -> dict[str, Any]:
        """A whole row."""
        cursor = self.driver.cursor()
        cursor.execute(self._in_dialect(f"SELECT * FROM {table} WHERE {_all(where)}"), where)
        values = [bytes(value) if isinstance(value, memoryview) else value for value in cursor.fetchone()]
        return dict(zip([column[0] for column in cursor.description], values, strict=True))

    def shift(self, start: int, by: int) -> None:
        """Adds `by` to `entry_index` of every entry from `start` on; subject rows stay."""
        self.loosen("entries")
        self.run("UPDATE entries SET entry_index = entry_index + :by WHERE entry_index >= :start", by=by, start=start)

    # --------------------------------------------------------------------- rewriting all of it

    def relink(self, start: int, *, leaf: bool = True, derived: bool = True) -> None:
        """Rewrites every entry from `start` so that index, `previous` and subject links fit what is stored."""
        rows = self.query("SELECT entry_index, bytes FROM entries ORDER BY entry_index")
        previous = forge.ZERO
        chains: dict[tuple[str, str], tuple[int, bytes]] = {}
        changed: list[dict[str, Any]] = []
        for index, data in rows:
            sealed = bytes(data)
            document = forge.lenient(sealed)
            if index >= start:
                _fit(document, index, previous, chains)
                sealed = forge.canonical(document)
            previous = forge.leaf(sealed)
            for item in document.get("subjects", []):
                chains[item["kind"], item["id"]] = (item["index"], previous)
            if index >= start:
                changed.append({"i": index, "bytes": sealed, "leaf": previous, **forge.columns(document)})
        self.many("UPDATE entries SET bytes = :bytes WHERE entry_index = :i", changed)
        if leaf:
            self.many("UPDATE entries SET leaf_hash = :leaf WHERE entry_index = :i", changed)
        if derived:
            self.many(
                "UPDATE entries SET recorded_at = :recorded_at, occurred_at = :occurred_at, type = :type, "
                "actor = :actor, store = :store, event_id = :event_id, request = :request WHERE entry_index = :i",
                changed,
            )

    def derive(self, index: int) -> None:
        """Makes an entry's search columns what its bytes give; leaves them if the bytes give none."""
        try:
            derived = forge.columns(self.document(index))
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        self.entry(index, **derived)

    def rewrite_subject_rows(self) -> None:
        """Makes `entry_subjects` what the stored bytes give."""
        self.run("DELETE FROM entry_subjects")
        latest: dict[str, int] = {}
        rows = []
        for index, (data,) in enumerate(self.query("SELECT bytes FROM entries ORDER BY entry_index")):
            for subject, position in forge.subject_keys(forge.lenient(bytes(data))):
                before = latest.get(subject) if position else None
                rows.append({"s": subject, "p": position, "i": index, "before": before})
                latest[subject] = index
        self.many(
            "INSERT INTO entry_subjects (subject, position, entry_index, previous_index) VALUES (:s, :p, :i, :before)",
            rows,
        )

    def rewrite_tiles(self) -> None:
        """Makes `tiles` what the stored bytes give."""
        self.run("DELETE FROM tiles")
        rows = [{"l": level, "i": index, "n": nodes} for (level, index), nodes in forge.tiles(self.hashes()).items()]
        if rows:
            self.many("INSERT INTO tiles (level, tile_index, nodes) VALUES (:l, :i, :n)", rows)

    def rewrite_head(self) -> None:
        """Makes every column of the head but its note what the stored bytes give."""
        hashes = self.hashes()
        last = self.document(len(hashes) - 1)
        self.head(
            size=len(hashes),
            root=forge.root(hashes),
            frontier=b"".join(forge.frontier(hashes)),
            last_leaf_hash=hashes[-1],
            last_recorded_at=forge.microseconds(last["recorded_at"]),
        )

    def sign_head(self, key: Key) -> None:
        """Signs the head that the stored bytes give."""
        hashes = self.hashes()
        self.head(note=forge.signed(forge.body(self.origin, len(hashes), forge.root(hashes)), key))

    def sign_checkpoints(self, key: Key, above: int = 0) -> None:
        """Signs every published checkpoint above a size anew, for what the stored bytes give.

        Where another entry is its last one now, it is also published no sooner than that was recorded.
        """
        hashes = self.hashes()
        sizes = [int(row[0]) for row in self.query("SELECT size FROM checkpoints WHERE size > :s", s=above)]
        for size in sizes:
            if size > len(hashes):
                self.delete("checkpoints", size=size)
                continue
            note = forge.signed(forge.body(self.origin, size, forge.root(hashes[:size])), key)
            recorded_at = self.cell("entries", "recorded_at", entry_index=size - 1)
            published_at = max(self.cell("checkpoints", "published_at", size=size), recorded_at)
            self.put("checkpoints", {"size": size}, note=note, published_at=published_at)

    def rewrite_all(self, key: Key, start: int) -> None:
        """The whole consistent rewrite: everything that follows from the stored bytes, signed with `key`."""
        self.relink(start)
        self.rewrite_subject_rows()
        self.rewrite_tiles()
        self.rewrite_head()
        self.sign_head(key)
        self.sign_checkpoints(key, above=start)


def _fit(document: Document, index: int, previous: bytes, chains: Mapping[tuple[str, str], tuple[int, bytes]]) -> None:
    document["index"] = index
    document["previous"] = previous.hex()
    for item in document["subjects"]:
        position, before = chains.get((item["kind"], item["id"]), (-1, forge.ZERO))
        item["index"] = position + 1
        item["previous"] = before.hex()


def _all(where: Mapping[str, Any]) -> str:
    return " AND ".join(f"{name} = :{name}" for name in where)


def swapped(values: Sequence[Any], first: int, second: int) -> list[Any]:
    """The values with two of them exchanged."""
    result = list(values)
    result[first], result[second] = result[second], result[first]
    return result
