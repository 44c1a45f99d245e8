"""Finding out which leaf hashes were logged, in a log that no longer holds together.

- Leaf hashes from outside are believed.
- A block of 256 entries is clean if rows, columns, links and tile all agree. Of the others the tile is believed if the
  tile above vouches for it; else the witnesses of each entry are heard (`audit.witness`).
- At the end a root signed by a trusted key, if there is one, says whether the outcome is what was logged. If not, other
  readings of the disputed blocks are tried. If none fits, the outcome is a guess and the report says so.

The outcome lies in files, since it is as long as the log.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby, islice, product
from typing import TYPE_CHECKING, Final

from audit.event import ZERO_HASH
from audit.localise import Hashes
from audit.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, node_hash
from audit.seals import CREATED, ROTATED
from audit.tile import TILE_NODES_BYTES, TILE_WIDTH, tile_nodes
from audit.witness import Block, block_root, claimed_index, claimed_previous, claims_previous
from storage.stored_log import TILE_HASHES_BYTES, read_leaves, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from audit.verify import Trust
    from storage.stored_log import AnyRow, StoredLog

HEARD_BLOCKS_MAX: Final = 2_000
READINGS_MAX: Final = 512
_KEY_ENDS: Final = tuple(f'"type":"{kind}"}}'.encode() for kind in (CREATED, ROTATED))


@dataclass(slots=True)
class Rows:
    """The stored entries in the order of their rows.

    Attributes:
        count: how many there are.
        starts: where `entry_index` jumps: the place, and the index there. Between, both rise by one.
        keys: the bytes of those that name a key.
    """

    count: int = 0
    starts: list[tuple[int, int]] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)


class LeafSearch:
    """One search."""

    def __init__(self, log: StoredLog, trust: Trust, directory: Path) -> None:
        self._log = log
        self._trust = trust
        self._stored_file = directory / "stored"
        self._trusted_file = directory / "trusted"
        self._clean: set[int] = set()
        self._readings: dict[int, list[list[bytes]]] = {}
        self.rows = Rows()
        self.size = 0
        self.unheard = False

    def read_rows(self, advanced: Callable[[int], None]) -> None:
        """Read all entries once: hash them, and note which blocks are clean."""
        previous: tuple[int, bytes] = (-1, ZERO_HASH)
        with self._stored_file.open("wb") as stored, self._trusted_file.open("wb") as trusted:
            for block, rows in _blocks(self._log.all_entries()):
                hashes = [_hash_of(row[1]) for row in rows]
                stored.write(b"".join(hashes))
                self._note_rows(rows)
                if not self._follows(rows[0], previous):
                    # Either this entry was changed or the one before it: neither block can be called clean.
                    self._clean.discard(block - 1)
                elif self._is_clean(block, rows, hashes):
                    self._clean.add(block)
                    trusted.seek(block * TILE_HASHES_BYTES)
                    trusted.write(b"".join(hashes))
                previous = (rows[-1][0], hashes[-1])
                advanced(len(rows))

    def settle(self, size: int, last_leaf_hash: object, *, hear_all: bool = False) -> None:
        """Decide on a hash for every index below `size`, by the witnesses inside the database.

        `hear_all`: believe no disputed tile only because the tile above it agrees.
        """
        self.size = size
        self._readings.clear()
        disputed = [block for block in range(-(-size // TILE_WIDTH)) if block not in self._clean]
        heard = {block: self._open(block) for block in disputed if not self._settle_by_tile(block) or hear_all}
        self.unheard = len(heard) > HEARD_BLOCKS_MAX
        heard = dict(islice(heard.items(), HEARD_BLOCKS_MAX))
        if heard:
            self._hear(heard)
            last = heard.get((size - 1) // TILE_WIDTH)
            if last is not None and isinstance(last_leaf_hash, bytes) and len(last_leaf_hash) == HASH_BYTES:
                last.by_link.setdefault(size - 1, []).append(last_leaf_hash)
        for block in sorted(heard, reverse=True):
            self._elect(block, heard[block])
        self._believe_outside()

    def fit(self, wanted: bytes) -> bool:
        """Whether the decision, or another reading of the disputed blocks, gives this root; keeps the one that does."""
        blocks = list(self._readings)
        roots = self._block_roots()
        for choice in islice(product(*self._readings.values()), READINGS_MAX):
            tail: Sequence[bytes] | None = None
            for block, hashes in zip(blocks, choice, strict=True):
                if block < len(roots):
                    roots[block] = block_root(hashes)
                else:
                    tail = hashes
            if self._root(roots, tail) == wanted:
                for block, hashes in zip(blocks, choice, strict=True):
                    self._write(block, hashes)
                self._believe_outside()
                return True
        return False

    def trusted(self) -> Hashes:
        """The outcome."""
        return Hashes(_mapped(self._trusted_file, self.size), self.size)

    def stored(self) -> Hashes:
        """The hashes of the stored bytes, in the order of the rows."""
        return Hashes(_mapped(self._stored_file, self.rows.count), self.rows.count)

    def _note_rows(self, rows: Sequence[AnyRow]) -> None:
        known = self.rows
        for row in rows:
            start = known.starts[-1] if known.starts else None
            if start is None or row[0] - start[1] != known.count - start[0]:
                known.starts.append((known.count, row[0]))
            known.count += 1
            if isinstance(row[1], bytes) and row[1].endswith(_KEY_ENDS):
                known.keys.append(row[1])

    def _follows(self, row: AnyRow, previous: tuple[int, bytes]) -> bool:
        return row[0] == previous[0] + 1 and isinstance(row[1], bytes) and claims_previous(row[1], previous[1])

    def _is_clean(self, block: int, rows: Sequence[AnyRow], hashes: Sequence[bytes]) -> bool:
        """Whether rows, columns, links and tile agree; that the first row follows the block before has been seen."""
        start = block * TILE_WIDTH
        if [row[0] for row in rows] != list(range(start, start + TILE_WIDTH)) or block < 0:
            return False
        before = None
        for row, digest in zip(rows, hashes, strict=True):
            if row[2] != digest or not isinstance(row[1], bytes):
                return False
            if before is not None and not claims_previous(row[1], before):
                return False
            before = digest
        return self._log.tile(0, block) == tile_nodes(hashes)

    def _settle_by_tile(self, block: int) -> bool:
        """Believe the tile if it is one and the tile above, if there is one, has its root."""
        hashes = self._tile_hashes(0, block)
        if not hashes or (block + 1) * TILE_WIDTH > self.size:
            return False
        self._write(block, hashes)
        above = self._tile_hashes(1, block // TILE_WIDTH)
        return bool(above) and above[block % TILE_WIDTH] == block_root(hashes)

    def _tile_hashes(self, level: int, tile_index: int) -> list[bytes]:
        """The hashes of a stored tile; none if it is missing or contradicts itself."""
        blob = self._log.tile(level, tile_index)
        if not isinstance(blob, bytes) or len(blob) != TILE_NODES_BYTES:
            return []
        hashes = split(blob[:TILE_HASHES_BYTES])
        return hashes if tile_nodes(hashes) == blob else []

    def _open(self, block: int) -> Block:
        start = block * TILE_WIDTH
        width = min(TILE_WIDTH, self.size - start)
        tile = self._tile_hashes(0, block) if width == TILE_WIDTH else []
        return Block(start, width, tile)

    def _hear(self, heard: dict[int, Block]) -> None:
        """Let every stored row say what it knows of the entries of the disputed blocks."""
        for page in self._log.all_entries():
            for row in page:
                column = heard.get(row[0] // TILE_WIDTH)
                if column is not None and isinstance(row[2], bytes) and len(row[2]) == HASH_BYTES:
                    column.by_column.setdefault(row[0], []).append(row[2])
                index = claimed_index(row[1]) if isinstance(row[1], bytes) else None
                if index is None:
                    continue
                block, before = heard.get(index // TILE_WIDTH), heard.get((index - 1) // TILE_WIDTH)
                if block is None and before is None:
                    continue
                digest = _hash_of(row[1])
                if block is not None:
                    block.by_bytes.setdefault(index, []).append(digest)
                previous = claimed_previous(row[1])
                if before is not None and previous is not None:
                    before.by_link.setdefault(index - 1, []).append(previous)
                    before.chain[digest] = previous

    def _elect(self, block: int, witnesses: Block) -> None:
        after = witnesses.start + witnesses.width
        known = self._read(after) if after < self.size else None
        readings = [self._overlaid(witnesses.start, hashes) for hashes in witnesses.readings(known)]
        above = self._tile_hashes(1, block // TILE_WIDTH)
        if above and witnesses.width == TILE_WIDTH:
            wanted = above[block % TILE_WIDTH]
            readings.sort(key=lambda hashes: block_root(hashes) != wanted)
        self._readings[block] = readings
        self._write(block, readings[0])

    def _read(self, index: int) -> bytes | None:
        """The hash decided on for an index; None if there is none."""
        digest = read_leaves(self._trusted_file, index, index + 1)
        return digest if len(digest) == HASH_BYTES and digest != ZERO_HASH else None

    def _overlaid(self, start: int, hashes: list[bytes]) -> list[bytes]:
        """A reading, but for what is known from outside."""
        count = min(max(self._trust.leaf_count - start, 0), len(hashes))
        return split(self._trust.leaf_hashes[start * HASH_BYTES : (start + count) * HASH_BYTES]) + hashes[count:]

    def _believe_outside(self) -> None:
        count = min(self._trust.leaf_count, self.size)
        with self._trusted_file.open("r+b") as file:
            for start in range(0, count, TILE_WIDTH * TILE_WIDTH):
                stop = min(start + TILE_WIDTH * TILE_WIDTH, count)
                file.seek(start * HASH_BYTES)
                file.write(self._trust.leaf_hashes[start * HASH_BYTES : stop * HASH_BYTES])

    def _write(self, block: int, hashes: Sequence[bytes]) -> None:
        with self._trusted_file.open("r+b") as file:
            file.seek(block * TILE_HASHES_BYTES)
            file.write(b"".join(hashes))

    def _block_roots(self) -> list[bytes]:
        trusted = self.trusted()
        full = self.size // TILE_WIDTH
        return [block_root(trusted.list(at * TILE_WIDTH, (at + 1) * TILE_WIDTH)) for at in range(full)]

    def _root(self, roots: Sequence[bytes], tail: Sequence[bytes] | None) -> bytes:
        if tail is None:
            tail = self.trusted().list(self.size // TILE_WIDTH * TILE_WIDTH, self.size)
        return joined_root(roots, tail)


def joined_root(block_roots: Iterable[bytes], tail: Iterable[bytes]) -> bytes:
    """The root of a tree, given the roots of its full blocks and the leaf hashes after them."""
    upper, lower = Frontier(), Frontier()
    for root in block_roots:
        upper.append(root)
    for leaf in tail:
        lower.append(leaf)
    return fold((*upper.hashes, *lower.hashes))


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a frontier, largest subtree first."""
    if not hashes:
        return EMPTY_ROOT
    digest = hashes[-1]
    for left in reversed(hashes[:-1]):
        digest = node_hash(left, digest)
    return digest


def _blocks(pages: Iterable[list[AnyRow]]) -> Iterator[tuple[int, list[AnyRow]]]:
    """Rows, block by block."""
    rows = (row for page in pages for row in page)
    for block, members in groupby(rows, key=lambda row: row[0] // TILE_WIDTH):
        # A block has no more rows than indexes, whatever was done: the index is the key.
        yield block, list(members)


def _hash_of(data: object) -> bytes:
    # What is not even bytes has the hash of nothing that was ever logged.
    return sha256(b"\x00" + data).digest() if isinstance(data, bytes) else sha256(repr(data).encode()).digest()


def _mapped(path: Path, count: int) -> mmap.mmap | bytes:
    """The first hashes of a file, zeros where it has none."""
    if count == 0:
        return b""
    with path.open("r+b") as file:
        if path.stat().st_size < count * HASH_BYTES:
            file.truncate(count * HASH_BYTES)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
