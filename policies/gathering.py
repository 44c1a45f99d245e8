"""What could be caused without limit, counted by the minute: failed sign-ins, repeated denials, cheap reads, refused calls outwards.

- One window a minute (of the UTC clock). A closed window becomes at most one entry of each kind: how many in all, how
  many of each sort, and a digest of the complete count.
- Names that were tried are kept as 16 hex digits of a keyed hash: enough to see that one name was tried a thousand
  times, or to confirm a suspicion with the key; nothing can be read from it.
- Reads and denials are counted by the decision they rest on (`policies.basis`), so that each can be taken again.
- Memory is bounded: sorts beyond `SORTS_MAX` a window are counted together, an entry lists the `ROWS_MAX` most frequent.
- A window that could not be written is kept and tried again under the same event id; what a crash loses is at most
  the counts of windows not yet written.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.canonical import encode
from audit.event import DECISION_MEMBERS, Event, Subject, format_time, time_us
from policies.event_types import DENIED_SUMMARY, LEAK_STOPPED, OUTBOUND_SUMMARY, READ_SUMMARY, SIGN_IN_SUMMARY
from storage.opening import SYSTEM

if TYPE_CHECKING:
    from audit.canonical import JSON
    from audit.event import Actor, Decided

WINDOW: Final = timedelta(minutes=1)
SORTS_MAX: Final = 4096
ROWS_MAX: Final = 64
ROWS_BYTES_MAX: Final = 48_000
"""Less than an entry holds: rows that name many stores are long."""
UNWRITTEN_MAX: Final = 240
OTHERS: Final = "others"


class Gathered(StrEnum):
    """What is counted."""

    SIGN_IN = "sign_in"
    DENIED = "denied"
    READ = "read"
    OUTBOUND = "outbound"
    LEAK = "leak"


_TYPES: Final = {
    Gathered.SIGN_IN: SIGN_IN_SUMMARY,
    Gathered.DENIED: DENIED_SUMMARY,
    Gathered.READ: READ_SUMMARY,
    Gathered.OUTBOUND: OUTBOUND_SUMMARY,
    Gathered.LEAK: LEAK_STOPPED,
}
_SUBJECTS: Final = {
    Gathered.SIGN_IN: Subject("sign_in", "failed"),
    Gathered.DENIED: Subject("access", "denied"),
    Gathered.READ: Subject("access", "read"),
    Gathered.OUTBOUND: Subject("access", "outbound"),
    Gathered.LEAK: Subject("access", "leak"),
}
_WHO: Final = ("principal", "role", "for")
_NAMES: Final[dict[Gathered, tuple[str, ...]]] = {
    Gathered.SIGN_IN: ("code", "tried"),
    Gathered.DENIED: (*_WHO, *DECISION_MEMBERS),
    Gathered.READ: (*_WHO, *DECISION_MEMBERS),
    Gathered.OUTBOUND: ("destination", "purpose", "code"),
    Gathered.LEAK: ("principal", "action", "kind", "code"),
}

Sort = tuple[str, ...]


def sort_of(actor: Actor, basis: Decided) -> Sort:
    """Reads, or denials, that are counted together: of one principal, by one decision."""
    return actor.id, actor.role, actor.acting_for or "", *basis.values


@dataclass(frozen=True, slots=True)
class Window:
    """A closed minute's count of one kind."""

    kind: Gathered
    begin: datetime
    counts: tuple[tuple[Sort, int], ...]
    event_id: UUID

    def event(self) -> Event:
        """The entry's event: same window, same event."""
        names = _NAMES[self.kind]
        ordered = sorted(self.counts, key=lambda item: (-item[1], item[0]))
        every: list[JSON] = [[*sort, count] for sort, count in ordered]
        rows: list[JSON] = []
        room = ROWS_BYTES_MAX
        for sort, count in ordered[:ROWS_MAX]:
            row: JSON = {**{name: word for name, word in zip(names, sort, strict=True) if word}, "count": count}
            room -= len(encode(row))
            if room < 0:
                break
            rows.append(row)
        data: dict[str, JSON] = {
            "count": sum(count for _, count in ordered),
            "digest": hashlib.sha256(b"".join(encode(row) for row in every)).hexdigest(),
            "from": format_time(time_us(self.begin)),
            "rows": rows,
            "sorts": len(ordered),
            "until": format_time(time_us(self.begin + WINDOW)),
        }
        return Event(
            type=_TYPES[self.kind],
            subjects=(_SUBJECTS[self.kind],),
            data=data,
            actor=SYSTEM,
            event_id=self.event_id,
        )


class Gatherer:
    """Counts; safe to share between threads. Does no I/O."""

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        self._entropy: Final = entropy
        self._lock = threading.Lock()
        self._begin: datetime | None = None
        self._counts: dict[Gathered, Counter[Sort]] = {kind: Counter() for kind in Gathered}
        self._seen: set[Sort] = set()
        self._closed: list[Window] = []

    def is_first(self, sort: Sort, now: datetime, *, most: int) -> bool:
        """Whether this sort is new in its window and fewer than `most` sorts beginning the same were: then it is marked."""
        with self._lock:
            self._turn(now)
            if sort in self._seen or len(self._seen) >= SORTS_MAX:
                return False
            if sum(1 for seen in self._seen if seen[0] == sort[0]) >= most:
                return False
            self._seen.add(sort)
            return True

    def count(self, kind: Gathered, sort: Sort, now: datetime) -> bool:
        """Counts one; returns whether closed windows wait to be written."""
        with self._lock:
            self._turn(now)
            counts = self._counts[kind]
            if sort not in counts and len(counts) >= SORTS_MAX:
                sort = (OTHERS,) * len(sort)
            counts[sort] += 1
            return bool(self._closed)

    def take(self, now: datetime, *, everything: bool = False) -> Sequence[Window]:
        """Windows that are over, oldest first; with `everything` the running one too, which is closed by that."""
        with self._lock:
            self._turn(now)
            if everything:
                self._close()
            taken, self._closed = self._closed, []
            return taken

    def put_back(self, windows: Sequence[Window]) -> None:
        """Windows that could not be written; beyond a bound the oldest are let go."""
        with self._lock:
            self._closed = [*windows, *self._closed][-UNWRITTEN_MAX:]

    def _turn(self, now: datetime) -> None:
        begin = now - timedelta(seconds=now.second, microseconds=now.microsecond)
        if self._begin is None or begin > self._begin:
            if self._begin is not None:
                self._close()
            self._begin = begin
            self._seen.clear()

    def _close(self) -> None:
        for kind, counts in self._counts.items():
            if counts and self._begin is not None:
                event_id = UUID(bytes=self._entropy(16), version=4)
                self._closed.append(Window(kind, self._begin, tuple(counts.items()), event_id))
                counts.clear()
        del self._closed[:-UNWRITTEN_MAX]
