"""Attacks on a database by somebody who can write to it, as functions of a connection."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.keys import Ed25519Signer
from audit.merkle import Frontier, leaf_hash
from audit.tile import tile_nodes
from tests.verify.synthetic import ORIGIN

Attack = Callable[[sqlite3.Connection], object]

PREVIOUS = re.compile(rb',"previous":"[0-9a-f]{64}","recorded_at"')
SCALE = (b'"scale":0', b'"scale":1')


def sql(*statements: str) -> Attack:
    """Plain statements."""

    def attack(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return attack


def rewrite(index: int, change: Callable[[bytes], bytes], *, leaf: bool = False) -> Attack:
    """Other bytes; `leaf`: and the leaf hash column to fit."""

    def attack(connection: sqlite3.Connection) -> None:
        (data,) = connection.execute("SELECT bytes FROM entries WHERE entry_index = ?", (index,)).fetchone()
        changed = change(data)
        assert changed != data
        connection.execute("UPDATE entries SET bytes = ? WHERE entry_index = ?", (changed, index))
        if leaf:
            digest = leaf_hash(changed)
            connection.execute("UPDATE entries SET leaf_hash = ? WHERE entry_index = ?", (digest, index))

    return attack


def alter(index: int, old: bytes = SCALE[0], new: bytes = SCALE[1], *, leaf: bool = False) -> Attack:
    """One member changed."""
    return rewrite(index, lambda data: data.replace(old, new, 1), leaf=leaf)


def delete(index: int, *, links: bool = True, renumber: bool = False) -> Attack:
    """A row gone; `links`: and its subject rows; `renumber`: and the gap closed."""

    def attack(connection: sqlite3.Connection) -> None:
        if links:
            connection.execute("DELETE FROM entry_subjects WHERE entry_index = ?", (index,))
        connection.execute("DELETE FROM entries WHERE entry_index = ?", (index,))
        if renumber:
            connection.execute("UPDATE entries SET entry_index = -entry_index - 1 WHERE entry_index > ?", (index,))
            connection.execute("UPDATE entries SET entry_index = -entry_index - 2 WHERE entry_index < 0")

    return attack


def insert(index: int, source: int) -> Attack:
    """A changed copy of an entry put in, all from `index` on pushed up by one."""

    def attack(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE entries SET entry_index = -entry_index - 1 WHERE entry_index >= ?", (index,))
        connection.execute("UPDATE entries SET entry_index = -entry_index WHERE entry_index < 0")
        row = connection.execute("SELECT * FROM entries WHERE entry_index = ?", (source,)).fetchone()
        data = row[1].replace(*SCALE, 1)
        values = (index, data, leaf_hash(data), *row[3:8], bytes(16), row[9])
        connection.execute(f"INSERT INTO entries VALUES ({','.join('?' * 10)})", values)

    return attack


def swap(first: int, second: int) -> Attack:
    """Two rows with each other's index."""
    return sql(
        f"UPDATE entries SET entry_index = -1 WHERE entry_index = {first}",
        f"UPDATE entries SET entry_index = {first} WHERE entry_index = {second}",
        f"UPDATE entries SET entry_index = {second} WHERE entry_index = -1",
    )


def swap_bytes(first: int, second: int) -> Attack:
    """Two rows with each other's bytes, their columns left."""

    def attack(connection: sqlite3.Connection) -> None:
        query = "SELECT bytes, leaf_hash FROM entries WHERE entry_index = ?"
        ours, theirs = (connection.execute(query, (index,)).fetchone() for index in (first, second))
        for index, values in ((first, theirs), (second, ours)):
            connection.execute("UPDATE entries SET bytes = ?, leaf_hash = ? WHERE entry_index = ?", (*values, index))

    return attack


def cut(size: int, *, tiles: bool = False, checkpoints: bool = False) -> Attack:
    """Everything from an index on gone."""

    def attack(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM entry_subjects WHERE entry_index >= ?", (size,))
        connection.execute("DELETE FROM entries WHERE entry_index >= ?", (size,))
        if tiles:
            connection.execute("DELETE FROM tiles WHERE (tile_index + 1) * 256 > ?", (size,))
        if checkpoints:
            connection.execute("DELETE FROM checkpoints WHERE size > ?", (size,))

    return attack


def set_head(**values: object) -> Attack:
    """Other values in the head row."""

    def attack(connection: sqlite3.Connection) -> None:
        for name, value in values.items():
            connection.execute(f"UPDATE log_head SET {name} = ?", (value,))

    return attack


def rewind(size: int, note: str) -> Attack:
    """The head as it was at an earlier size, with the checkpoint of that time."""

    def attack(connection: sqlite3.Connection) -> None:
        query = "SELECT leaf_hash, recorded_at FROM entries WHERE entry_index < ? ORDER BY entry_index"
        rows = connection.execute(query, (size,)).fetchall()
        frontier = Frontier()
        for digest, _ in rows:
            frontier.append(digest)
        set_head(
            size=size, root=frontier.root(), frontier=b"".join(frontier.hashes), note=note,
            last_leaf_hash=rows[-1][0], last_recorded_at=rows[-1][1],
        )(connection)  # fmt: skip

    return attack


def reseal(*, signer: Ed25519Signer | None = None, chain_from: int | None = None) -> Attack:
    """Leaf hashes, tiles and head to fit the bytes.

    `signer`: and the head's checkpoint, signed by this key. `chain_from`: and each `previous` after this index.
    """

    def attack(connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT entry_index, bytes FROM entries ORDER BY entry_index").fetchall()
        hashes: list[bytes] = []
        frontier = Frontier()
        for index, stored in rows:
            data = stored
            if chain_from is not None and index > chain_from:
                link = b',"previous":"%s","recorded_at"' % hashes[-1].hex().encode()
                data = PREVIOUS.sub(link, data, count=1)
            hashes.append(leaf_hash(data))
            frontier.append(hashes[-1])
            update = "UPDATE entries SET bytes = ?, leaf_hash = ? WHERE entry_index = ?"
            connection.execute(update, (data, hashes[-1], index))
        for tile_index in range(len(hashes) // 256):
            nodes = tile_nodes(hashes[tile_index * 256 : (tile_index + 1) * 256])
            connection.execute("UPDATE tiles SET nodes = ? WHERE level = 0 AND tile_index = ?", (nodes, tile_index))
        root = frontier.root()
        set_head(root=root, frontier=b"".join(frontier.hashes), last_leaf_hash=hashes[-1])(connection)
        if signer is not None:
            set_head(note=sign_checkpoint(Checkpoint(ORIGIN, len(hashes), root), [signer]))(connection)

    return attack
