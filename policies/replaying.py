"""Recorded decisions taken again: from the log and the bundles it names, and from nothing else.

    found = replay(entries, bundles=…, begin=…, end=…)      # every entry from 0 that moves the directory, and all of the period
    found.differing                                          # what comes out otherwise, and how

- A decision is taken again at the version its entry names, under the bundle its entry names, at the time of the entry. The
  bundle must be the one that the log says was active then.
- It must come out with the same code, by the same policies, from the same reach. A reach that differs tells of tables that
  were not what the log made them; another outcome tells of another bundle, or of an entry that nobody's decision made.
- A denial by which a room refused what the policies permit (own approval, say) must find the policies permitting.
- What cannot be taken again is counted by reason, never passed over.
- What is held in memory is bounded: different decisions are taken in turns, however many there are. What moved the directory is kept whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from audit.entry import parse_members
from audit.event import DECISION_MEMBERS, Decided, parse_time, time_of, time_us
from policies.basis import MORE, UNKNOWN, WHOLE, decided
from policies.codes import Code
from policies.deciding import decide_in
from policies.engine import name_of
from policies.event_types import DENIED_SUMMARY, READ_SUMMARY
from policies.gathering import OTHERS
from policies.model import (
    SYSTEM_ID,
    Action,
    Principal,
    PrincipalKind,
    Resource,
    Role,
)
from policies.rebuilding import MOVING, Rebuilt
from storage.reading import first_index_at, read_head, stream_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from audit.entry import EntryMembers
    from policies.directory import Directory
    from policies.engine import Bundle
    from policies.pending.store import Snapshot

    Window = tuple[datetime, datetime]

SLACK: Final = timedelta(seconds=10)
"""How much older than its entry a decision may be: it waited for the log."""
HELD_MAX: Final = 50_000
"""Different decisions that are held until they are taken."""
DIFFERING_MAX: Final = 100_000
"""Different decisions that may come out otherwise."""
PROGRESS_ENTRIES: Final = 1_024
ENTRIES_NAMED_MAX: Final = 10


class TooMany(Exception):
    """More different decisions come out otherwise than are told; a shorter period has fewer."""


class Untaken(StrEnum):
    """Why a decision cannot be taken again."""

    OLD_RECORD = "old_record"
    BUNDLE_MISSING = "bundle_missing"
    NOT_ALL_NAMED = "not_all_named"
    ERASED = "erased"
    COUNTED_ONLY = "counted_only"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as entries record it, and whose it was."""

    principal: str
    role: str
    acting_for: str
    decided: Decided

    @property
    def bundle(self) -> str:
        """The name of the bundle."""
        return self.decided.policy.rpartition("@")[0]

    @property
    def version(self) -> int:
        """The version of the directory; -1: it names none."""
        digits = self.decided.policy.rpartition("@")[2]
        return int(digits) if digits.isascii() and digits.isdigit() else -1


@dataclass(frozen=True, slots=True)
class Differing:
    """A decision that comes out otherwise.

    Attributes:
        recorded: as entries have it.
        again: as it comes out now.
        entries: the first entries that have it.
        count: how often it was made.
    """

    recorded: Recorded
    again: Decided
    entries: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Replay:
    """What taking them again came to: how many decisions there are, those that differ, and those that could not be taken."""

    decisions: int
    differing: tuple[Differing, ...]
    untaken: Mapping[Untaken, int]


@dataclass(slots=True)
class _Asked:
    """Where and how often one decision was recorded; the first and the last time it was."""

    first: Window
    last: Window
    count: int = 0
    entries: list[int] = field(default_factory=list)


def replay(
    entries: Iterable[EntryMembers],
    *,
    bundles: Callable[[str], Bundle | None],
    begin: datetime | None = None,
    end: datetime | None = None,
    held_max: int = HELD_MAX,
    differing_max: int = DIFFERING_MAX,
) -> Replay:
    """Takes again what was decided from `begin` (inclusive) to `end` (exclusive), and names each decision that differs once.

    `entries` come in order: all that move the directory, from the first, and all of the period. `bundles` gives the bundle of a name.

    Raises:
        TooMany: more than `differing_max` different decisions come out otherwise.
    """
    retaking = Retaking(bundles, held_max)
    found: dict[Recorded, Differing] = {}
    for one in retaking.differing(entries, begin, end):
        before = found.get(one.recorded)
        found[one.recorded] = one if before is None else _together(before, one)
        if len(found) > differing_max:
            raise TooMany
    differing = sorted(found.values(), key=lambda one: one.entries)
    return Replay(retaking.decisions, tuple(differing), dict(retaking.untaken))


def _together(first: Differing, second: Differing) -> Differing:
    entries = (*first.entries, *second.entries)[:ENTRIES_NAMED_MAX]
    return Differing(first.recorded, first.again, entries, first.count + second.count)


@dataclass(slots=True)
class Retaking:
    """Decisions taken again while entries go by.

    Attributes:
        bundles: gives the bundle of a name.
        held_max: so many different decisions are held; then they are taken, and others held.
        decisions: how many there were until now.
        untaken: those that could not be taken again, by reason.
    """

    bundles: Callable[[str], Bundle | None]
    held_max: int = HELD_MAX
    decisions: int = 0
    untaken: Counter[Untaken] = field(default_factory=Counter)
    _moves: list[EntryMembers] = field(default_factory=list)
    _asked: dict[Recorded, _Asked] = field(default_factory=dict)
    _rebuilt: Rebuilt = field(default_factory=Rebuilt)
    _moved: int = 0
    _version: int = -1

    def differing(
        self, entries: Iterable[EntryMembers], begin: datetime | None, end: datetime | None
    ) -> Iterator[Differing]:
        """Those that come out otherwise; one that was made again later may be told again."""
        for entry in entries:
            if entry["type"] in MOVING:
                self._moves.append(entry)
            at = _moment(entry["recorded_at"])
            if (begin is None or at >= begin) and (end is None or at < end):
                self._collect(entry, at)
                if len(self._asked) >= self.held_max:
                    yield from self._take()
        yield from self._take()

    def _collect(self, entry: EntryMembers, at: datetime) -> None:
        before = self.untaken.total()
        for recorded, window, count in _recorded_in(entry, at, self.untaken):
            found = self._asked.get(recorded)
            if found is None:
                found = self._asked[recorded] = _Asked(window, window)
            found.last = window
            found.count += count
            self.decisions += count
            if len(found.entries) < ENTRIES_NAMED_MAX:
                found.entries.append(entry["index"])
        self.decisions += self.untaken.total() - before

    def _take(self) -> Iterator[Differing]:
        by_state: dict[tuple[int, str], list[Recorded]] = {}
        for recorded in self._asked:
            by_state.setdefault((recorded.version, recorded.bundle), []).append(recorded)
        for (version, name), group in sorted(by_state.items()):
            self._move_to(version)
            bundle = self.bundles(_active(self._rebuilt) or name)
            ids = {one for recorded in group for one in (recorded.principal, recorded.acting_for)}
            directory = None if bundle is None else self._rebuilt.directory(version, bundle, ids)
            for recorded in group:
                found = self._asked[recorded]
                reason = _why_not(recorded, directory)
                if reason is not None:
                    self.untaken[reason] += found.count
                elif directory is not None and (again := _otherwise(directory, recorded, found)) is not None:
                    yield Differing(recorded, again, tuple(found.entries), found.count)
        self._asked.clear()

    def _move_to(self, version: int) -> None:
        """Lets the directory stand as of a version; one that was passed already (a summary tells late) is gone to from the first entry."""
        if version < self._version:
            self._rebuilt, self._moved = Rebuilt(), 0
        self._version = version
        while self._moved < len(self._moves) and self._moves[self._moved]["index"] <= version:
            self._rebuilt.move(self._moves[self._moved])
            self._moved += 1


def entries_to_replay(
    connection: Snapshot,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[EntryMembers]:
    """What `replay` must be given, from a log: all that moves the directory, and all of the period. Runs above row scope.

    `progress` is told how many entries were looked at, of how many; what it raises ends the reading.
    """
    size = read_head(connection).size
    low = 0 if begin is None else first_index_at(connection, time_us(begin), size)
    high = size if end is None else first_index_at(connection, time_us(end), size)
    for entry in stream_entries(connection, 0, high):
        if entry.index % PROGRESS_ENTRIES == 0:
            progress(entry.index, high)
        if entry.index >= low or _type_of(entry.bytes) in MOVING:
            yield parse_members(entry.bytes)
    progress(high, high)


def _type_of(content: bytes) -> str:
    """The type of an entry without reading all of it: the last member of its canonical bytes."""
    return content[content.rindex(b'"type":"') + 8 : -2].decode()


def _recorded_in(
    entry: EntryMembers, at: datetime, untaken: Counter[Untaken]
) -> Iterator[tuple[Recorded, Window, int]]:
    if entry["type"] in {READ_SUMMARY, DENIED_SUMMARY}:
        yield from _recorded_in_summary(entry["data"], untaken)
    members = entry.get("decision")
    if members is None:
        return
    if "action" not in members:
        untaken[Untaken.OLD_RECORD] += 1
        return
    actor = entry["actor"]
    yield Recorded(actor["id"], actor["role"], actor.get("for", ""), Decided(**members)), (at - SLACK, at), 1


def _recorded_in_summary(data: dict[str, Any], untaken: Counter[Untaken]) -> Iterator[tuple[Recorded, Window, int]]:
    window = _moment(data["from"]) - SLACK, _moment(data["until"]) - timedelta(microseconds=1)
    listed = 0
    for row in data["rows"]:
        if row["principal"] == OTHERS:
            continue
        listed += row["count"]
        members = {name: row[name] for name in DECISION_MEMBERS if name in row}
        if "policy" not in members:
            untaken[Untaken.OLD_RECORD] += row["count"]
            continue
        yield Recorded(row["principal"], row["role"], row.get("for", ""), Decided(**members)), window, row["count"]
    # Sorts that were not listed have a digest, no decision.
    if listed < data["count"]:
        untaken[Untaken.COUNTED_ONLY] += data["count"] - listed


def _active(rebuilt: Rebuilt) -> str | None:
    return None if rebuilt.active is None else name_of(rebuilt.active)


def _why_not(recorded: Recorded, directory: Directory | None) -> Untaken | None:
    if directory is None:
        return Untaken.BUNDLE_MISSING
    if recorded.decided.code == Code.PRINCIPAL_ERASED:
        return Untaken.ERASED
    words = f"{recorded.decided.stores} {recorded.decided.classes}".split()
    return Untaken.NOT_ALL_NAMED if MORE in words else None


def _otherwise(directory: Directory, recorded: Recorded, found: _Asked) -> Decided | None:
    """How it comes out now, if that is otherwise: at neither end of the window, of the first time or the last."""
    for window in (found.first, found.last):
        outcomes = [_again(directory, recorded, now) for now in window]
        if not any(_same(recorded.decided, again, directory.bundle) for again in outcomes):
            return outcomes[-1]
    return None


def _same(recorded: Decided, again: Decided, bundle: Bundle) -> bool:
    if again.policy != recorded.policy:
        return False
    if again.code in STANDING or recorded.code in STANDING:
        return again.code == recorded.code
    if again.by != recorded.by or again.scope != recorded.scope:
        return False
    # A room may refuse what the policies permit, for a reason of its own; then they must permit it still.
    limits = {policy.code for policy in bundle.policies.values()}
    return again.code == recorded.code or (again.code == Code.ALLOWED and recorded.code not in limits)


STANDING: Final = frozenset(
    {
        Code.PRINCIPAL_UNKNOWN.value,
        Code.PRINCIPAL_CLOSED.value,
        Code.KEY_REVOKED.value,
        Code.ACTING_FOR_NOT_A_PERSON.value,
    }
)
"""Why somebody may call no more; what they once reached is of no account then."""


def _again(directory: Directory, recorded: Recorded, now: datetime) -> Decided:
    was = recorded.decided
    stores = frozenset(was.stores.split())
    resource = Resource(
        was.resource,
        stores=stores - {WHOLE},
        whole_log=WHOLE in stores,
        classes=frozenset(was.classes.split()),
        at_us=parse_time(was.at) if was.at else None,
    )
    decision = decide_in(directory, _principal(directory, recorded), Action(was.action), resource, now=now)
    return decided(decision, resource.stores - {UNKNOWN})


def _principal(directory: Directory, recorded: Recorded) -> Principal:
    """Who it was, as of no version: `decide_in` brings them up to the directory's."""
    role = Role(recorded.role)
    if recorded.principal == SYSTEM_ID:
        return Principal(SYSTEM_ID, PrincipalKind.SYSTEM, role, None, directory.bundle.scopes(role))
    key = recorded.decided.key or None
    kind = PrincipalKind.PERSON if key is None else PrincipalKind.API_CLIENT
    nothing: frozenset[str] = frozenset()
    return Principal(recorded.principal, kind, role, nothing, nothing, key, recorded.acting_for or None, version=-1)


def _moment(text: str) -> datetime:
    return time_of(parse_time(text))
