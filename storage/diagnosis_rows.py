"""Judging stored entries where they belong: the third step of a diagnosis.

A row stands at an `entry_index`; its bytes belong at the index where their hash was logged. Usually the two are one.
Where they are not, the row was moved or renumbered, and what follows from that alone (columns and subject rows that
fit one of the two) is left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from audit.check import EntryChecker, Suspect
from audit.errors import AuditError
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind
from audit.judge import Place, column_faults, link_faults, member_faults, row_fault, shown, unreadable
from audit.members import columns, parse_members
from audit.shapes import Shapes
from audit.tile import TILE_WIDTH
from storage.leaf_search import hash_of
from storage.stored_log import INTEGER_HIGH, INTEGER_LOW

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from audit.judge import LinkRow
    from audit.localise import Act, Difference, Hashes
    from audit.members import EntryMembers
    from storage.leaf_search import LeafSearch
    from storage.stored_log import AnyRow, StoredLog
    from storage.verification_session import Session

TOUCHED = (FaultKind.ALTERED, FaultKind.DELETED, FaultKind.MOVED)


class StoredRows:
    """Which `entry_index` stands at which place, and what the difference says belongs there."""

    def __init__(self, log: StoredLog, search: LeafSearch) -> None:
        self._log = log
        self._search = search
        self._stored = search.stored()
        self._places = [place for place, _ in search.rows.starts]
        self._indexes = [index for _, index in search.rows.starts]
        numbered = [(index, place) for place, index in search.rows.starts if isinstance(index, int)]
        self._numbers = [index for index, _ in numbered]
        self._number_places = [place for _, place in numbered]

    def index_at(self, place: int) -> object:
        """What the row at a place has as its `entry_index`."""
        at = bisect_right(self._places, place) - 1
        start = self._indexes[at]
        return start + place - self._places[at] if isinstance(start, int) else start

    def place_of(self, number: int) -> int | None:
        """The place of a row with this `entry_index`; None if there is none."""
        at = bisect_right(self._numbers, number) - 1
        place = self._number_places[at] + number - self._numbers[at] if at >= 0 else -1
        return place if 0 <= place < self._stored.count and self.index_at(place) == number else None

    def row_at(self, place: int) -> AnyRow | None:
        """The row at a place; of several with the same index the one that was read there."""
        rows = self._log.same_index(self.index_at(place))
        return next((row for row in rows if hash_of(row[1]) == self._stored[place]), None)

    def hints(self, place: int) -> list[int]:
        """Where the row at a place claims to belong: by its bytes, by its index."""
        claims = (self._search.claim(place), self.index_at(place))
        return [index for index in claims if isinstance(index, int)]


class RowJudge:
    """Names the faults of all stored rows."""

    def __init__(
        self, session: Session, trusted: Hashes, stored: Hashes, rows: StoredRows, difference: Difference
    ) -> None:
        self._session = session
        self._log = session.log
        self._trusted = trusted
        self._rows = rows
        self._runs = difference.runs
        self._run_places = [run.place for run in difference.runs]
        self._run_indexes = [run.index for run in difference.runs]
        self._acts = {act.place: act for act in difference.acts if act.place is not None}
        self._moved_to = {
            act.index: act.place for act in difference.acts if act.kind is FaultKind.MOVED and act.index is not None
        }
        self._touched = {act.index for act in difference.acts if act.kind in TOUCHED}
        self._end = min(
            (_start(act) for act in difference.acts if act.kind is FaultKind.TRUNCATED), default=trusted.count
        )
        # Who rewrites one entry may rewrite those that name it: that they agree with each other is no further fault.
        self._forged = {stored[place].hex() for place, act in self._acts.items() if act.kind is FaultKind.ALTERED}
        self._shapes = Shapes()
        self._recorded_at = 0
        self.bad_subjects: set[str] = set()

    def touched(self, index: object) -> bool:
        """Whether something was done to the entry that belongs at an index, which explains what else is wrong there."""
        return isinstance(index, int) and (index in self._touched or self._end <= index < self._trusted.count)

    def place_of(self, index: int) -> int | None:
        """Where the entry that belongs at an index is stored, unaltered."""
        if index in self._moved_to:
            return self._moved_to[index]
        at = bisect_right(self._run_indexes, index) - 1
        if at < 0 or index >= self._runs[at].index + self._runs[at].length:
            return None
        return self._runs[at].place + index - self._runs[at].index

    def first_touched(self, start: int) -> int | None:
        """The first index from `start` on whose entry is not as it was logged; None if there is none."""
        known = [index for index in self._touched if index is not None and index >= start]
        if self._end < self._trusted.count:
            known.append(max(start, self._end))
        return min(known, default=None)

    def logged_bytes(self, index: int) -> bytes | None:
        """The bytes that were logged at an index, if they are stored anywhere."""
        place = self.place_of(index)
        row = None if place is None else self._rows.row_at(place)
        return row[1] if row is not None and isinstance(row[1], bytes) else None

    def recorded_at(self, index: int) -> int | None:
        """When the entry that was logged at an index was recorded, by its own bytes; None if they are not there."""
        members = self._logged_members(index)
        return None if members is None else columns(members).recorded_at

    def judge_all(self) -> None:
        """Go over all rows of `entries` and `entry_subjects`."""
        place, start = 0, INTEGER_LOW
        for page in self._log.all_entries():
            numbered = type(page[-1][0]) is int
            links = self._log.links(min(page[0][0], start), page[-1][0] + 1) if numbered else []
            for at in range(0, len(page), TILE_WIDTH):
                rows = page[at : at + TILE_WIDTH]
                mine: Sequence[LinkRow] = []
                if numbered:
                    # A row that is there twice may begin this block and have ended the one before.
                    mine = _between(links, min(rows[0][0], start), rows[-1][0] + 1)
                    start = rows[-1][0] + 1
                if not self._is_quiet(place, rows, mine):
                    self._judge_rows(place, rows, mine)
                place += len(rows)
            self._session.hooks.step(place, self._session.size)
        self._strays(self._log.links(start, INTEGER_HIGH), set())

    def _is_quiet(self, place: int, rows: Sequence[AnyRow], links: Sequence[LinkRow]) -> bool:
        """Whether a block of rows stands where it belongs and nothing is wrong with it."""
        first = rows[0][0]
        length = len(rows)
        at = bisect_right(self._run_places, place) - 1
        run = self._runs[at] if at >= 0 else None
        if run is None or run.index + place - run.place != first or run.place + run.length < place + length:
            return False
        if rows[-1][0] != first + length - 1 or any(at in self._acts for at in range(place, place + length)):
            return False
        before = self._trusted[first - 1] if first else ZERO_HASH
        checker = EntryChecker(
            self._session.origin,
            index=first,
            previous=before,
            recorded_at=self._recorded_at,
            leaf_hashes=self._trusted.joined,
            shapes=self._shapes,
        )
        try:
            checker.check(rows, links)  # a column of another type is what it looks for
        except Suspect:
            return False
        self._recorded_at = checker.recorded_at
        return True

    def _judge_rows(self, place: int, rows: Sequence[AnyRow], links: Sequence[LinkRow]) -> None:
        by_index: dict[int, list[LinkRow]] = {}
        for link in links:
            by_index.setdefault(link[0], []).append(link)
        for offset, row in enumerate(rows):
            faults = list(self._judge_row(place + offset, row, by_index.get(row[0], [])))
            for fault in faults:
                if fault.kind in (FaultKind.SUBJECT_ROW_DISAGREES, FaultKind.SUBJECT_CHAIN_BROKEN):
                    self.bad_subjects.add(_subject_of(fault))
            self._session.found.extend(faults)
        self._strays(links, {row[0] for row in rows})

    def _judge_row(self, place: int, row: AnyRow, links: Sequence[LinkRow]) -> Iterator[Fault]:
        act = self._acts.get(place)
        if act is None:
            index = self._belongs(place)
            if index is not None:
                yield from self._judge_kept(index, place, row, links)
        elif act.kind is FaultKind.ALTERED and act.index is not None:
            yield from self._judge_altered(act.index, row, links)
        elif act.kind is FaultKind.MOVED and act.index is not None:
            yield from self._judge_moved(act.index, row, links)

    def _belongs(self, place: int) -> int | None:
        at = bisect_right(self._run_places, place) - 1
        if at < 0 or place >= self._runs[at].place + self._runs[at].length:
            return None
        return self._runs[at].index + place - self._runs[at].place

    def _judge_kept(self, index: int, place: int, row: AnyRow, links: Sequence[LinkRow]) -> Iterator[Fault]:
        """An entry with the bytes that were logged, in the order in which they were."""
        # Rows numbered anew after one was taken out or put in: that is part of the same act.
        if row[0] not in (index, place):
            yield Fault(FaultKind.COLUMN_DISAGREES, index, "entries.entry_index", str(index), shown(row[0]))
        if row[2] != self._trusted[index]:
            wanted = self._trusted[index].hex()
            yield Fault(FaultKind.COLUMN_DISAGREES, index, "entries.leaf_hash", wanted, shown(row[2]))
        members = yield from self._read(index, row)
        if members is not None:
            yield from self._member_faults(members, index)
            yield from _columns(row, members, index)
            yield from self._renumbered_link_faults(links, members, index, row[0])
            self._recorded_at = columns(members).recorded_at

    def _judge_altered(self, index: int, row: AnyRow, links: Sequence[LinkRow]) -> Iterator[Fault]:
        """An entry with other bytes than were logged: it is judged by what it says now."""
        if row[2] not in (self._trusted[index], hash_of(row[1])):
            wanted = self._trusted[index].hex()
            yield Fault(FaultKind.COLUMN_DISAGREES, index, "entries.leaf_hash", wanted, shown(row[2]))
        members = yield from self._read(index, row)
        if members is not None:
            faults = (*self._member_faults(members, index), *self._link_faults(links, members, index))
            yield from _columns(row, members, index)
            for fault in faults:
                # That it claims another index is part of its being altered.
                if fault.kind is not FaultKind.MOVED and fault.found not in self._forged:
                    yield fault

    def _judge_moved(self, index: int, row: AnyRow, links: Sequence[LinkRow]) -> Iterator[Fault]:
        """An entry in the place of another: columns and subject rows may be its own or those of that other."""
        home = self._logged_members(row[0])
        if row[2] not in (self._trusted[index], self._hash_at(row[0])):
            wanted = self._trusted[index].hex()
            yield Fault(FaultKind.COLUMN_DISAGREES, index, "entries.leaf_hash", wanted, shown(row[2]))
        members = yield from self._read(index, row)
        if members is None:
            return
        kept = [list(_columns(row, members, index))]
        linked = [list(self._link_faults(rows, members, index)) for rows in (links, self._log.links(index, index + 1))]
        if home is not None:
            kept.append(list(_columns(row, home, row[0])))
            linked.append(list(self._link_faults(links, home, row[0])))
        yield from min(kept, key=len)
        yield from min(linked, key=len)

    def _logged_members(self, index: object) -> EntryMembers | None:
        """What was logged at an index, if it is stored anywhere."""
        data = self.logged_bytes(index) if isinstance(index, int) else None
        try:
            return None if data is None else parse_members(data)
        except AuditError:
            return None

    def _hash_at(self, index: object) -> bytes:
        return self._trusted[index] if isinstance(index, int) and 0 <= index < self._trusted.count else b""

    def _read(self, index: int, row: AnyRow) -> Generator[Fault, None, EntryMembers | None]:
        """The members of an entry; a fault if they cannot be read."""
        try:
            return parse_members(row[1])
        except AuditError as error:
            yield unreadable(index, error)
        except (TypeError, AttributeError):
            yield unreadable(index, None)
        return None

    def _member_faults(self, members: EntryMembers, index: int) -> Iterator[Fault]:
        before = self._trusted[index - 1] if index else ZERO_HASH
        if index and before == ZERO_HASH:
            # Not known: then it cannot be wrong.
            before = bytes.fromhex(members["previous"])
        return member_faults(members, Place(self._session.origin, index, before, self._recorded_at))

    def _renumbered_link_faults(
        self, links: Sequence[LinkRow], members: EntryMembers, index: int, number: object
    ) -> list[Fault]:
        """The subject rows of a kept entry: they may have stayed when it was numbered anew, or gone with it."""
        faults = list(self._link_faults(links, members, index))
        if number == index or not faults:
            return faults
        stayed = list(self._link_faults(self._log.links(index, index + 1), members, index))
        previous = {f"{item['kind']}:{item['id']}": item["previous"] for item in members["subjects"]}
        gone = [(*link[:3], self._numbered(link[3], previous.get(link[1]))) for link in links]
        return min(faults, stayed, list(self._link_faults(gone, members, index)), key=len)

    def _numbered(self, number: int | None, leaf_hex: str | None) -> int | None:
        """Where the row that now has this number belongs; the number itself if it is that of the entry with the hash."""
        if self._hash_at(number).hex() == leaf_hex:
            return number
        place = None if number is None else self._rows.place_of(number)
        index = None if place is None else self._belongs(place)
        return number if index is None else index

    def _link_faults(self, links: Sequence[LinkRow], members: EntryMembers, index: int) -> Iterator[Fault]:
        unknown = {shown(row[1]) for row in links if self._hash_at(row[3]) == ZERO_HASH}
        for fault in link_faults(links, members, index, self._trusted.joined, self._row_before):
            if fault.kind is not FaultKind.SUBJECT_CHAIN_BROKEN or _subject_of(fault) not in unknown:
                yield fault

    def _row_before(self, subject: str, position: int) -> int | None:
        rows = self._log.subject_rows(subject, position, 1)
        return rows[0][2] if rows and rows[0][1] == position else None

    def _strays(self, links: Sequence[LinkRow], present: set[int]) -> None:
        """Subject rows of entries that are not stored: left behind by what was deleted, or put there."""
        for index, subject, _, _ in links:
            if index not in present and not self.touched(index) and self.place_of(index) is None:
                self._session.found.add(row_fault(index, subject, "no such row", "a row of no entry"))
                self.bad_subjects.add(shown(subject))


def _between(links: Sequence[LinkRow], start: int, stop: int) -> Sequence[LinkRow]:
    """The links of a range of entries."""
    index = itemgetter(0)
    return links[bisect_left(links, start, key=index) : bisect_left(links, stop, key=index)]


def _subject_of(fault: Fault) -> str:
    """The subject that a fault of a subject row or link names."""
    return fault.where.removeprefix("entry_subjects ").removeprefix("entries.bytes subjects ")


def _start(act: Act) -> int:
    return 0 if act.index is None else act.index


def _columns(row: AnyRow, members: EntryMembers, index: int) -> Iterator[Fault]:
    """Query columns that are not what the bytes give; where the row stands is another matter."""
    faults = column_faults(row, members, index)  # a column of another type is what it looks for
    return (fault for fault in faults if fault.where != "entries.entry_index")
