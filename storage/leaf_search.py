"""Finding out which leaf hashes were logged, in a log that no longer holds together.

- Leaf hashes from outside are believed.
- A block of 256 entries is clean if rows, columns, links and tile all agree. Of the others the tile is believed if the
  tile above vouches for it; else the witnesses of each entry are heard (`audit.witness`), who may tell it in several
  ways.
- Which way is right, roots say (`LeafSearch.fit`): those that were signed, and for want of better that of the head row.
  Each decides on the entries since the one before it. Where none fits, the outcome is a guess and the report says so.

The outcome lies in files, since it is as long as the log.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, groupby, islice, product
from struct import Struct
from typing import TYPE_CHECKING, Final

from audit.event import ZERO_HASH
from audit.localise import Hashes
from audit.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, node_hash
from audit.seals import CREATED, ROTATED
from audit.tile import TILE_NODES_BYTES, TILE_WIDTH, tile_nodes
from audit.witness import Block, block_root, claimed_index, claimed_previous, claims_previous
from storage.stored_nodes import TILE_HASHES_BYTES, read_leaves, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from audit.verify import Trust
    from storage.stored_log import AnyRow, StoredLog

HEARD_BLOCKS_MAX: Final = 2_000
READINGS_MAX: Final = 512
"""How many combinations of readings are held against one root."""
FIT_NODES_MAX: Final = 2_000_000
"""How many nodes are computed to find the readings that fit: a few seconds."""
_KEY_ENDS: Final = tuple(f'"type":"{kind}"}}'.encode() for kind in (CREATED, ROTATED))
_CLAIM: Final = Struct(">q")
_NO_CLAIM: Final = -1


@dataclass(slots=True)
class Rows:
    """The stored entries in the order of their rows.

    Attributes:
        count: how many there are.
        starts: where `entry_index` jumps: the place, and the index there. Between, both rise by one. An index that is
            no number jumps every time.
        keys: the bytes of those that name a key.
    """

    count: int = 0
    starts: list[tuple[int, object]] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)


class LeafSearch:
    """One search."""

    def __init__(self, log: StoredLog, trust: Trust, directory: Path) -> None:
        self._log = log
        self._trust = trust
        self._stored_file = directory / "stored"
        self._claims_file = directory / "claims"
        self._trusted_file = directory / "trusted"
        self._clean: set[int] = set()
        self._readings: dict[int, list[list[bytes]]] = {}
        self._roots: list[bytes] = []
        self.rows = Rows()
        self.size = 0

    # --- the rows ----------------------------------------------------------------------------------------------

    def read_rows(self, advanced: Callable[[int], None]) -> None:
        """Read all entries once: hash them, note what they claim, and which blocks are clean."""
        previous: tuple[object, bytes] = (-1, ZERO_HASH)
        with (
            self._stored_file.open("wb") as stored,
            self._claims_file.open("wb") as claims,
            self._trusted_file.open("wb") as trusted,
        ):
            for block, rows in _blocks(self._log.all_entries()):
                hashes = [hash_of(row[1]) for row in rows]
                stored.write(b"".join(hashes))
                claims.write(b"".join(_CLAIM.pack(_claim_of(row[1])) for row in rows))
                self._note_rows(rows)
                if not _follows(rows[0], previous):
                    # Either this entry was changed or the one before it: neither block can be called clean.
                    self._clean.discard(block - 1)
                elif self._is_clean(block, rows, hashes):
                    self._clean.add(block)
                    trusted.seek(block * TILE_HASHES_BYTES)
                    trusted.write(b"".join(hashes))
                previous = (rows[-1][0], hashes[-1])
                advanced(len(rows))

    def claim(self, place: int) -> int | None:
        """The index that the bytes of the row at a place claim; None if they claim none."""
        with self._claims_file.open("rb") as file:
            file.seek(place * _CLAIM.size)
            index = int(_CLAIM.unpack(file.read(_CLAIM.size))[0])
        return None if index == _NO_CLAIM else index

    def stored(self) -> Hashes:
        """The hashes of the stored bytes, in the order of the rows."""
        return Hashes(_mapped(self._stored_file, self.rows.count), self.rows.count)

    def _note_rows(self, rows: Sequence[AnyRow]) -> None:
        known = self.rows
        for row in rows:
            start = known.starts[-1] if known.starts else None
            if start is None or not _is_next(row[0], start[1], known.count - start[0]):
                known.starts.append((known.count, row[0]))
            known.count += 1
            if isinstance(row[1], bytes) and row[1].endswith(_KEY_ENDS):
                known.keys.append(row[1])

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

    # --- the witnesses -----------------------------------------------------------------------------------------

    def settle(self, size: int, last: tuple[int, object], *, hear_all: bool = False) -> None:
        """Decide on a hash for every index below `size`, by the witnesses inside the database.

        Args:
            size: how many there should be.
            last: index and leaf hash that the head row names as those of the last entry.
            hear_all: believe no disputed tile only because the tile above it agrees.
        """
        self.size = size
        self._readings.clear()
        self._roots = []
        disputed = [block for block in range(-(-size // TILE_WIDTH)) if block not in self._clean]
        heard = {block: self._open(block) for block in disputed if not self._settle_by_tile(block) or hear_all}
        heard = dict(islice(heard.items(), HEARD_BLOCKS_MAX))
        if heard:
            self._hear(heard)
            index, digest = last
            block = heard.get(index // TILE_WIDTH)
            if block is not None and isinstance(digest, bytes) and len(digest) == HASH_BYTES:
                block.by_link.setdefault(index, []).append(digest)
        for at in sorted(heard, reverse=True):
            self._elect(at, heard[at])
        self._believe_outside()

    def trusted(self) -> Hashes:
        """The outcome."""
        return Hashes(_mapped(self._trusted_file, self.size), self.size)

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
        for row in chain.from_iterable(self._log.all_entries()):
            column = heard.get(row[0] // TILE_WIDTH) if type(row[0]) is int else None
            if column is not None and isinstance(row[2], bytes) and len(row[2]) == HASH_BYTES:
                column.by_column.setdefault(row[0], []).append(row[2])
            index = claimed_index(row[1]) if isinstance(row[1], bytes) else None
            if index is None:
                continue
            block, before = heard.get(index // TILE_WIDTH), heard.get((index - 1) // TILE_WIDTH)
            if block is None and before is None:
                continue
            digest = hash_of(row[1])
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

    # --- the roots ---------------------------------------------------------------------------------------------

    def fit(self, roots: Mapping[int, bytes]) -> bool:
        """Choose the readings of the disputed blocks that give these roots, by size, as far as any do.

        Who calls it again with other roots leaves what was chosen before as it is.

        Returns:
            Whether the largest of them fits.
        """
        sizes = sorted(size for size in roots if size <= self.size)
        if not sizes:
            return True
        last = sizes[-1]
        if self.root(last) == roots[last]:
            self._keep({block: readings[0] for block, readings in self._readings.items()}, last)
            return True
        work = FIT_NODES_MAX
        for size in sizes:
            asked = [block for block in sorted(self._readings) if block * TILE_WIDTH < size and self._is_open(block)]
            if asked and work > 0:
                work -= self._choose(asked, size, roots[size])
        return self.root(last) == roots[last]

    def root(self, size: int) -> bytes:
        """The root of the first `size` hashes decided on."""
        full = size // TILE_WIDTH
        return joined_root(self._block_roots()[:full], self.trusted().list(full * TILE_WIDTH, size))

    def _is_open(self, block: int) -> bool:
        return len(self._readings[block]) > 1

    def _choose(self, asked: Sequence[int], size: int, wanted: bytes) -> int:
        """Keep of the blocks asked the first readings that together give a root; return how many nodes it took."""
        full, width = divmod(size, TILE_WIDTH)
        begin = asked[0]
        blocks = self._block_roots()
        before = Frontier()
        for root in blocks[:begin]:
            before.append(root)
        tail = self.trusted().list(full * TILE_WIDTH, size)
        work = begin
        for choice in _choices([self._readings[block] for block in asked]):
            chosen = dict(zip(asked, choice, strict=True))
            roots = blocks[begin:full]
            for block, hashes in chosen.items():
                if block < full:
                    roots[block - begin] = block_root(hashes)
                    work += TILE_WIDTH
            upper = Frontier(before.size, list(before.hashes))
            for root in roots:
                upper.append(root)
            lower = _frontier(chosen[full][:width] if full in chosen else tail)
            work += len(roots) + 2 * width
            if fold((*upper.hashes, *lower.hashes)) == wanted:
                self._keep(chosen, size)
                break
            if work > FIT_NODES_MAX:
                break
        return work

    def _keep(self, chosen: Mapping[int, list[bytes]], size: int) -> None:
        """Leave only the readings that begin, up to `size`, as the chosen ones do."""
        for block, hashes in chosen.items():
            width = max(0, size - block * TILE_WIDTH)
            kept = [other for other in self._readings[block] if other[:width] == hashes[:width]]
            self._readings[block] = kept
            self._write(block, kept[0])
            if block < len(self._roots):
                self._roots[block] = block_root(kept[0])

    def _block_roots(self) -> list[bytes]:
        """The roots of the full blocks, as they are decided on now."""
        full = self.size // TILE_WIDTH
        if len(self._roots) != full:
            hashes = self.trusted()
            self._roots = [block_root(hashes.list(at * TILE_WIDTH, (at + 1) * TILE_WIDTH)) for at in range(full)]
        return self._roots


def _choices(readings: Sequence[Sequence[list[bytes]]]) -> Iterator[Sequence[list[bytes]]]:
    """Which reading of each block to try, in which order: everywhere the same kind first, then any mixture."""
    for rank in range(max(map(len, readings))):
        yield [of_block[min(rank, len(of_block) - 1)] for of_block in readings]
    yield from islice(product(*readings), READINGS_MAX)


def hash_of(data: object) -> bytes:
    """The leaf hash of stored bytes; of what is not even bytes, the hash of nothing that was ever logged."""
    return sha256(b"\x00" + data).digest() if isinstance(data, bytes) else sha256(repr(data).encode()).digest()


def joined_root(block_roots: Iterable[bytes], tail: Iterable[bytes]) -> bytes:
    """The root of a tree, given the roots of its full blocks and the leaf hashes after them."""
    return fold((*_frontier(block_roots).hashes, *_frontier(tail).hashes))


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a frontier, largest subtree first."""
    if not hashes:
        return EMPTY_ROOT
    digest = hashes[-1]
    for left in reversed(hashes[:-1]):
        digest = node_hash(left, digest)
    return digest


def _frontier(hashes: Iterable[bytes]) -> Frontier:
    frontier = Frontier()
    for digest in hashes:
        frontier.append(digest)
    return frontier


def _blocks(pages: Iterable[list[AnyRow]]) -> Iterator[tuple[int, list[AnyRow]]]:
    """Rows, block by block; those whose index is no number in a block of their own, before all others."""
    rows = chain.from_iterable(pages)
    for block, members in groupby(rows, key=lambda row: row[0] // TILE_WIDTH if type(row[0]) is int else None):
        # A block has no more rows than indexes, but for those that were put there twice.
        yield -1 if block is None else block, list(members)


def _is_next(index: object, start: object, distance: int) -> bool:
    return type(index) is int and type(start) is int and index - start == distance


def _follows(row: AnyRow, previous: tuple[object, bytes]) -> bool:
    in_order = type(row[0]) is int and type(previous[0]) is int and row[0] == previous[0] + 1
    return in_order and isinstance(row[1], bytes) and claims_previous(row[1], previous[1])


def _claim_of(data: object) -> int:
    """The index that bytes claim, as it is kept: an index is below 10¹⁶, so it fits."""
    index = claimed_index(data) if isinstance(data, bytes) else None
    return _NO_CLAIM if index is None else index


def _mapped(path: Path, count: int) -> mmap.mmap | bytes:
    """The first hashes of a file, zeros where it has none."""
    if count == 0:
        return b""
    with path.open("r+b") as file:
        if path.stat().st_size < count * HASH_BYTES:
            file.truncate(count * HASH_BYTES)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
