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
from operator import itemgetter
from typing import Final

from audit.canonical import ENTRY_BYTES_MAX, INTEGER_MAX
from audit.errors import AuditError
from audit.event import ID_CHARS_MAX, format_time
from audit.faults import Fault, FaultKind
from audit.judge import EntryRow, LeafHashes, LinkRow, Place, judge_entry
from audit.members import FORMAT
from audit.merkle import HASH_BYTES
from audit.shapes import Shapes, personal_start

SECONDS_MAX: Final = 4_096
ORDERS_MAX: Final = 1_024
ZERO_HEX: Final = "0" * (2 * HASH_BYTES)
_END: Final[LinkRow] = (-1, "", 0, None)


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
        self._origin_text = "\0" if '"' in origin or "\\" in origin else origin
        self._leaf_hashes = leaf_hashes
        self._shapes = Shapes() if shapes is None else shapes
        self._seconds: dict[int, str] = {}
        self._orders: dict[tuple[str, int], Callable[[Sequence[str]], tuple[str, ...]]] = {}

    def check(self, rows: Sequence[EntryRow], links: Sequence[LinkRow]) -> list[bytes]:
        """Check the next entries and their subject rows, both in order; return the leaf hashes.

        Raises:
            Suspect: something does not hold. The checker is then of no more use.
        """
        digests: list[bytes] = []
        links = [*links, _END]
        place = 0
        for row in rows:
            index = row[0]
            start = place
            while links[place][0] == index:
                place += 1
            digest = b""
            try:
                digest = sha256(b"\x00" + row[1]).digest()
                agrees = row[2] == digest and self._agrees(row, links[start:place])
            except (TypeError, ValueError, AttributeError, AuditError):
                # A column holds another kind of value than it should; SQLite does not mind.
                agrees = False
            if not agrees:
                self._examine(row, links[start:place])
            digests.append(digest)
            self.previous = digest.hex()
            self.recorded_at = row[3]
            self.index += 1
        if place != len(links) - 1:
            at, subject = links[place][:2]
            raise Suspect(
                Fault(FaultKind.SUBJECT_ROW_DISAGREES, at, "entry_subjects", "no more rows", f"a row of {subject}")
            )
        return digests

    def _agrees(self, row: EntryRow, links: Sequence[LinkRow]) -> bool:
        """Whether the bytes are what the columns and subject rows give. Exact when True; False may be a mere doubt."""
        index, data, _, recorded_at, occurred_at, kind, actor, store, event_id, request = row
        text = str(data, "utf-8")
        if index != self.index or recorded_at < self.recorded_at or "\\" in text or len(data) > ENTRY_BYTES_MAX:
            return False
        items = self._items(links)
        if not items:
            return False
        # Rows come in the order of their keys, items in the order of the event: the same for most entries of a type.
        order = self._orders.get((kind, len(items)))
        joined = ",".join(items if order is None else order(items))
        seconds = self._seconds
        # A million more gives the leading zeros of the microseconds, at a third of the price of a format.
        second, micros = recorded_at // 1_000_000, 1_000_000 + recorded_at % 1_000_000
        recorded = f"{seconds.get(second) or self._second(second)}{str(micros)[1:]}"
        occurred = ""
        if occurred_at is not None:
            second, micros = occurred_at // 1_000_000, 1_000_000 + occurred_at % 1_000_000
            occurred = f',"occurred_at":"{seconds.get(second) or self._second(second)}{str(micros)[1:]}Z"'
        asked = "" if request is None else f'"request":"{request.hex()}",'
        middle = f'","format":"{FORMAT}","index":{index}{occurred},"origin":"{self._origin_text}"'
        before = f',"previous":"{self.previous}","recorded_at":"{recorded}Z",{asked}"subjects":['
        last = f'],"type":"{kind}"}}'
        tail = f"{middle}{before}{joined}{last}"
        end = len(text) - len(tail) if text.endswith(tail) else self._search(text, kind, items, middle, before, last)
        start = end - 36
        identity = text[start:end]
        return (
            end > 0
            and identity[8:24:5] == "----"
            and identity.replace("-", "") == event_id.hex()
            and self._shapes.accept(text, start, (kind, len(items)), actor, store)
        )

    def _items(self, links: Sequence[LinkRow]) -> list[str]:
        """The items of `subjects` as the rows give them, in the order of the rows; none if they do not for sure."""
        leaf_hashes = self._leaf_hashes
        kinds = self._shapes.kinds
        items = []
        for _, subject, position, previous_index in links:
            kind, _, name = subject.partition(":")
            if kind not in kinds or '"' in name or not name.isprintable() or not 0 < len(name) <= ID_CHARS_MAX:
                return []
            if previous_index is None:
                previous = ZERO_HEX
                if position:
                    return []
            else:
                if not 0 < position <= INTEGER_MAX:
                    return []
                offset = previous_index * HASH_BYTES
                previous = leaf_hashes[offset : offset + HASH_BYTES].hex()
            items.append(f'{{"id":"{name}","index":{position},"kind":"{kind}","previous":"{previous}"}}')
        return items

    def _search(self, text: str, kind: str, items: Sequence[str], middle: str, before: str, last: str) -> int:
        """Where `middle` begins if the items stand in another order, or a member `personal` between; else -1."""
        places = sorted(range(len(items)), key=lambda place: text.find(items[place]))
        rest = f"{before}{','.join(items[place] for place in places)}{last}"
        if not text.endswith(rest):
            return -1
        if len(places) > 1:
            if len(self._orders) >= ORDERS_MAX:
                self._orders.clear()
            self._orders[kind, len(items)] = itemgetter(*places)
        end = len(text) - len(rest)
        if not text.endswith(middle, 0, end):
            end = personal_start(text, end)
            if not text.endswith(middle, 0, max(end, 0)):
                return -1
        return end - len(middle)

    def _second(self, second: int) -> str:
        """The text of a second, up to and including the point."""
        if len(self._seconds) >= SECONDS_MAX:
            self._seconds.clear()
        text = self._seconds[second] = format_time(second * 1_000_000)[:20]
        return text

    def _examine(self, row: EntryRow, links: Sequence[LinkRow]) -> None:
        place = Place(self._origin, self.index, bytes.fromhex(self.previous), self.recorded_at)
        faults, members = judge_entry(row, links, place, self._leaf_hashes)
        if members is None or faults:
            raise Suspect(faults[0])
        self._shapes.learn(members)
