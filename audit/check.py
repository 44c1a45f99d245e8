"""Checking entries one after another: everything that can be said of a row by itself and the rows before it.

Of each entry: its bytes are canonical and of format `chopbook-entry/1`; the leaf hash kept beside them is theirs; its
index is the next one; its origin is the log's; `previous` is the leaf hash of the entry before; it was not recorded
before the entry before; every derived column is what the bytes give; its subject rows are exactly the links in its
bytes, and each link's hash is the leaf hash of the entry that the row names.

That the rows of one subject hang together shows in the order of subjects, not of entries: `audit.verify.SubjectChains`.

Most entries are not parsed. Their bytes are compared with the text that the columns and subject rows would give, and
what no column holds is matched by a learned shape (`audit.shapes`). Whatever does not match is parsed and judged
member by member (`audit.judge`), so the quick way can only ever accept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import pairwise
from operator import itemgetter
from typing import Final

from audit.canonical import ENTRY_BYTES_MAX, INTEGER_MAX
from audit.errors import AuditError
from audit.event import ID_CHARS_MAX, REQUEST_BYTES, format_time
from audit.faults import Fault, FaultKind
from audit.judge import EntryRow, LeafHashes, LinkRow, Place, judge_entry
from audit.members import FORMAT
from audit.merkle import HASH_BYTES
from audit.shapes import Shapes, personal_start

PIECE_ROWS: Final = 64
"""Entries compared in one go: few enough that what they are made of stays in the processor's cache."""
SECONDS_MAX: Final = 4_096
ORDERS_MAX: Final = 1_024
ZERO_HEX: Final = "0" * (2 * HASH_BYTES)
_NOBODY: Final = -1
# No bytes of UTF-8 give this, so no text that is put together with it is ever found in them.
_NOWHERE: Final = "\ud800"
# Of the member `request`, which may be left out.
_ASKED_CHARS: Final = (len('"request":"",') + 2 * REQUEST_BYTES, 0)
# Copying a state that has taken in the first byte is quicker than joining the byte and the entry.
_LEAF_HASHER: Final = sha256(b"\x00")


class _Seconds(dict[int, str]):
    """The text of each second, up to and including the point; a bounded number of them."""

    def __missing__(self, second: int) -> str:
        if len(self) >= SECONDS_MAX:
            self.clear()
        text = self[second] = format_time(second * 1_000_000)[:20]
        return text


class Suspect(AuditError):
    """Something does not hold: the first fault met. The localiser may explain it better."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.where}: expected {fault.expected or 'nothing'}, got {fault.found or 'nothing'}")
        self.fault = fault

    def __reduce__(self) -> tuple[type[Suspect], tuple[Fault]]:
        return type(self), (self.fault,)


class EntryChecker:
    """Checks entries in the order of the log. Not safe for use by several threads at once.

    Attributes:
        index: of the entry that comes next.
        previous: leaf hash of the entry before it, as hex digits.
        recorded_at: when the entry before it was recorded, 0 if there is none.
    """

    __slots__ = (
        "_leaf_hashes", "_orders", "_origin", "_origin_text", "_seconds", "_shapes",
        "index", "previous", "recorded_at",
    )  # fmt: skip

    def __init__(
        self,
        origin: str,
        *,
        index: int,
        previous: bytes,
        recorded_at: int,
        leaf_hashes: LeafHashes,
        shapes: Shapes | None = None,
    ) -> None:
        """Start at an entry whose predecessor is known.

        `leaf_hashes` are those of all entries that links may name; `shapes` what another checker has learned.
        """
        self.index = index
        self.previous = previous.hex()
        self.recorded_at = recorded_at
        self._origin = origin
        # A name that JSON would escape fits no text that is put together here, so its entries are all parsed.
        self._origin_text = _NOWHERE if '"' in origin or "\\" in origin else origin
        self._leaf_hashes = leaf_hashes
        self._shapes = Shapes() if shapes is None else shapes
        self._seconds = _Seconds()
        self._orders: dict[tuple[str, int], Callable[[Sequence[str]], tuple[str, ...]]] = {}

    def check(self, rows: Sequence[EntryRow], links: Sequence[LinkRow]) -> list[bytes]:
        """Check the next entries and their subject rows, both in order; return the leaf hashes.

        Raises:
            Suspect: something does not hold. The checker is then of no more use.
        """
        digests: list[bytes] = []
        owners = [link[0] for link in links]
        owners.append(_NOBODY)
        place = 0
        for start in range(0, len(rows), PIECE_ROWS):
            piece = rows[start : start + PIECE_ROWS]
            places = [place]
            for row in piece:
                index = row[0]
                while owners[place] == index:
                    place += 1
                places.append(place)
            digests += self._check_piece(piece, [links[first:last] for first, last in pairwise(places)])
        if place != len(links):
            at, subject = links[place][:2]
            raise Suspect(
                Fault(FaultKind.SUBJECT_ROW_DISAGREES, at, "entry_subjects", "no more rows", f"a row of {subject}")
            )
        return digests

    def _check_piece(self, rows: Sequence[EntryRow], links: Sequence[Sequence[LinkRow]]) -> list[bytes]:
        """Check some entries, each with its subject rows; return the leaf hashes.

        Raises:
            Suspect: something does not hold.
        """
        try:
            digests = [_digest(row[1]) for row in rows]
            agreeing = self._agreeing(rows, self._items(links), digests)
        except (TypeError, ValueError, AttributeError, AuditError):
            # A column holds another kind of value than it should; SQLite does not mind.
            digests, agreeing = [b""] * len(rows), [False] * len(rows)
        previous, recorded_at = self.previous, self.recorded_at
        for place, agrees in enumerate(agreeing):
            if not agrees:
                before = Place(self._origin, self.index + place, bytes.fromhex(previous), recorded_at)
                digests[place] = self._examine(rows[place], links[place], before)
            previous, recorded_at = digests[place].hex(), rows[place][3]
        self.index += len(rows)
        self.previous, self.recorded_at = previous, recorded_at
        return digests

    def _agreeing(
        self, rows: Sequence[EntryRow], links: Sequence[Sequence[str]], digests: Sequence[bytes]
    ) -> list[bool]:
        """Of each entry, whether its bytes are what the columns and subject rows give; False may be a mere doubt."""
        seconds, orders, origin, accept = self._seconds, self._orders, self._origin_text, self._shapes.accept
        wanted, previous, last_recorded_at = self.index, self.previous, self.recorded_at
        agreeing: list[bool] = []
        for row, items, digest in zip(rows, links, digests, strict=True):
            index, data, leaf_hash, recorded_at, occurred_at, kind, actor, store, event_id, request = row
            # Rows come in the order of their keys, items in the order of the event: the same for most of a type.
            form = (kind, len(items))
            order = orders.get(form)
            # A million more gives the leading zeros of the microseconds, at a third of the price of a format.
            occurred = ""
            if occurred_at is not None:
                micros = str(1_000_000 + occurred_at % 1_000_000)[1:]
                occurred = f',"occurred_at":"{seconds[occurred_at // 1_000_000]}{micros}Z"'
            middle = f'","format":"{FORMAT}","index":{index}{occurred},"origin":"{origin}"'
            recorded = f"{seconds[recorded_at // 1_000_000]}{str(1_000_000 + recorded_at % 1_000_000)[1:]}"
            asked = "" if request is None else f'"request":"{request.hex()}",'
            before = f',"previous":"{previous}","recorded_at":"{recorded}Z",{asked}"subjects":['
            tail = f'{middle}{before}{",".join(items if order is None else order(items))}],"type":"{kind}"}}'
            text = str(data, "utf-8")
            end = len(text) - len(tail) if text.endswith(tail) else self._search(text, form, items, middle, before)
            identity = text[end - 36 : end]
            agreeing.append(
                index == wanted
                and leaf_hash == digest
                and recorded_at >= last_recorded_at
                and end > 36
                and len(data) <= ENTRY_BYTES_MAX
                and len(asked) in _ASKED_CHARS
                and identity.replace("-", "") == event_id.hex()
                and identity[8:24:5] == "----"
                and accept(text, end - 36, form, actor, store)
            )
            wanted, previous, last_recorded_at = wanted + 1, digest.hex(), recorded_at
        return agreeing

    def _items(self, links: Sequence[Sequence[LinkRow]]) -> list[list[str]]:
        """The items of `subjects` as the rows give them, in the order of the rows; of doubtful rows, one that is nowhere."""
        flat = [link for some in links for link in some]
        try:
            if _are_plain([link[1] for link in flat]):
                return self._texts(links)
        except (TypeError, AttributeError, AuditError):
            # A value of another kind than it should be, or a hash that nothing vouches for.
            pass
        return [[_NOWHERE] * len(flat)] if len(links) == 1 else [self._items([link])[0] for link in links]

    def _texts(self, links: Sequence[Sequence[LinkRow]]) -> list[list[str]]:
        leaf_hashes, kinds = self._leaf_hashes, self._shapes.kinds
        texts: list[list[str]] = []
        for some in links:
            items: list[str] = []
            last = ""
            for _, subject, position, previous_index in some:
                kind, _, name = subject.partition(":")
                if kind not in kinds or subject == last:
                    kind = _NOWHERE
                if previous_index is None:
                    previous = _NOWHERE if position else ZERO_HEX
                elif 0 < position <= INTEGER_MAX and previous_index >= 0:
                    offset = previous_index * HASH_BYTES
                    previous = leaf_hashes[offset : offset + HASH_BYTES].hex()
                else:
                    previous = _NOWHERE
                items.append(f'{{"id":"{name}","index":{position},"kind":"{kind}","previous":"{previous}"}}')
                last = subject
            texts.append(items)
        return texts

    def _search(self, text: str, form: tuple[str, int], items: Sequence[str], middle: str, before: str) -> int:
        """Where `middle` ends if the items stand in another order, or a member `personal` behind it; else -1."""
        places = sorted(range(len(items)), key=lambda place: text.find(items[place]))
        rest = f'{before}{",".join(items[place] for place in places)}],"type":"{form[0]}"}}'
        if not text.endswith(rest):
            return -1
        if len(places) > 1:
            if len(self._orders) >= ORDERS_MAX:
                self._orders.clear()
            self._orders[form] = itemgetter(*places)
        end = len(text) - len(rest)
        if not text.endswith(middle, 0, end):
            end = personal_start(text, end)
            if not text.endswith(middle, 0, max(end, 0)):
                return -1
        return end - len(middle)

    def _examine(self, row: EntryRow, links: Sequence[LinkRow], place: Place) -> bytes:
        """Judge an entry member by member and remember its form; return its leaf hash.

        Raises:
            Suspect: something does not hold.
        """
        faults, members = judge_entry(row, links, place, self._leaf_hashes)
        if members is None or faults:
            raise Suspect(faults[0])
        self._shapes.learn(members)
        return row[2]


def _digest(data: bytes) -> bytes:
    leaf = _LEAF_HASHER.copy()
    leaf.update(data)
    return leaf.digest()


def _are_plain(subjects: Sequence[str]) -> bool:
    """Whether the names of subjects stand in JSON as they are, and are neither empty nor too long."""
    joined = ",".join(subjects)
    return (
        joined.isprintable()
        and '"' not in joined
        and "\\" not in joined
        and ":," not in joined
        and not joined.endswith(":")
        and max(map(len, subjects), default=0) <= ID_CHARS_MAX
    )
