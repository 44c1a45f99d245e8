"""The localiser: what was done to which entry, from the leaf hashes that are stored and those that should be.

- What is stored in the same order as it should be is untouched: the longest increasing subsequence of the indexes at
  which the stored hashes belong.
- A stored hash that belongs elsewhere was moved.
- A stored hash that belongs nowhere was altered, if an entry is missing at its place, and inserted otherwise.
- What is still missing was deleted; a missing end was truncated.
- Of two neighbours that changed places either could have moved: both are named.

Equal stretches are skipped in large steps and differences are worked out in windows, so that memory depends on the
number of faults, not of entries.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from audit.faults import FaultKind
from audit.judge import LeafHashes
from audit.merkle import HASH_BYTES

STEP: Final = 8_192
WINDOW_MIN: Final = 1_024
WINDOW_MAX: Final = 65_536
LEFT_OVER_MAX: Final = 200_000


@dataclass(frozen=True, slots=True)
class Hashes:
    """Joined leaf hashes and how many they are."""

    joined: LeafHashes
    count: int

    def __getitem__(self, place: int) -> bytes:
        """One of them."""
        return self.joined[place * HASH_BYTES : (place + 1) * HASH_BYTES]

    def span(self, start: int, stop: int) -> bytes:
        """A run of them, joined."""
        return self.joined[start * HASH_BYTES : stop * HASH_BYTES]

    def list(self, start: int, stop: int) -> list[bytes]:
        """A run of them."""
        data = self.span(start, stop)
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


@dataclass(frozen=True, slots=True)
class Run:
    """Entries stored from `place` on that belong at `index` on, `length` of them, untouched."""

    place: int
    index: int
    length: int


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to one entry; of `TRUNCATED`, to all from `index` on.

    Attributes:
        kind: altered, deleted, inserted, moved or truncated.
        index: where it belongs; None if nowhere.
        place: which of the stored entries it is, counted from 0; None if it is not there.
    """

    kind: FaultKind
    index: int | None
    place: int | None


@dataclass(slots=True)
class Difference:
    """How what is stored differs from what should be.

    Attributes:
        runs: what is untouched.
        acts: what was done, in the order of the places and indexes concerned.
        stopped_at: the stored place at which there was too much to go on; None if everything was compared.
    """

    runs: list[Run] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    stopped_at: int | None = None


def localise(stored: Hashes, trusted: Hashes, hints: Callable[[int], Sequence[int]]) -> Difference:
    """Compare the hashes that are stored, in the order of their rows, with those that should be.

    Args:
        stored: recomputed from the stored bytes.
        trusted: by index; a hash of zeros where it is not known.
        hints: for a stored place, indexes at which its row claims to belong, the most credible first.
    """
    comparison = _Comparison(stored, trusted)
    comparison.compare()
    comparison.find_moved()
    comparison.pair(hints)
    acts = sorted(comparison.acts, key=lambda act: (_first(act.index, act.place), _first(act.place, -1)))
    return Difference(comparison.runs, acts, comparison.stopped_at)


class _Comparison:
    """One comparison, step by step."""

    def __init__(self, stored: Hashes, trusted: Hashes) -> None:
        self._stored = stored
        self._trusted = trusted
        # Between two untouched stretches: the places stored there, and the indexes that should be there.
        self._gaps: list[tuple[list[int], list[int]]] = []
        self._left_over = 0
        # From here on everything is missing, and too much of it to look for one by one.
        self._end = trusted.count
        self.runs: list[Run] = []
        self.acts: list[Act] = []
        self.stopped_at: int | None = None

    def compare(self) -> None:
        """Find the untouched runs, and the gaps between them."""
        stored, trusted = self._stored, self._trusted
        place = index = 0
        gap: tuple[list[int], list[int]] = ([], [])
        while place < stored.count and index < trusted.count:
            length = self._equal(place, index)
            if length:
                gap = self._close(gap)
                self.runs.append(Run(place, index, length))
                place, index = place + length, index + length
                continue
            place, index = self._skip(place, index, gap)
            if self._left_over > LEFT_OVER_MAX:
                self.stopped_at = place
                self._close(gap)
                return
        gap[0].extend(range(place, min(stored.count, place + LEFT_OVER_MAX)))
        if stored.count - place > LEFT_OVER_MAX:
            self.stopped_at = place + LEFT_OVER_MAX
        if trusted.count - index > LEFT_OVER_MAX:
            self._end = index
        else:
            gap[1].extend(range(index, trusted.count))
        self._close(gap)

    def find_moved(self) -> None:
        """Take out of the gaps what is missing in one and stored in another."""
        missing = {self._trusted[index]: index for _, indexes in self._gaps for index in indexes}
        moved: dict[int, int] = {}
        for places, _ in self._gaps:
            for place in places:
                index = missing.pop(self._stored[place], None)
                if index is not None:
                    moved[place] = index
        back = set(moved.values())
        for places, indexes in self._gaps:
            places[:] = [place for place in places if place not in moved]
            indexes[:] = [index for index in indexes if index not in back]
        for place, index in moved.items():
            self.acts.append(Act(FaultKind.MOVED, index, place))
            for step in (1, -1):
                self._name_neighbour(place - step, index + step, moved)

    def pair(self, hints: Callable[[int], Sequence[int]]) -> None:
        """Match what belongs nowhere with what is missing; name the rest."""
        for places, indexes in self._gaps:
            missing = set(indexes)
            rest: list[int] = []
            for place in places:
                index = next((index for index in hints(place) if index in missing), None)
                if index is None:
                    rest.append(place)
                else:
                    missing.discard(index)
                    self.acts.append(Act(FaultKind.ALTERED, index, place))
            indexes[:] = sorted(missing)
            places[:] = rest
        self._pair_far(hints)
        for places, indexes in self._gaps:
            # What claims nothing but to lie outside the log took nobody's place.
            inside = [place for place in places if self._may_be_inside(hints(place))]
            for place, index in zip(inside, indexes, strict=False):
                self.acts.append(Act(FaultKind.ALTERED, index, place))
            altered = set(inside[: len(indexes)])
            self.acts += (Act(FaultKind.INSERTED, None, place) for place in places if place not in altered)
            del indexes[: len(altered)]
        self._name_missing()

    def _pair_far(self, hints: Callable[[int], Sequence[int]]) -> None:
        """What was altered and put elsewhere, by the index it claims."""
        home = {index: indexes for _, indexes in self._gaps for index in indexes}
        for places, indexes in self._gaps:
            if indexes:
                continue
            for place in places.copy():
                index = next((index for index in hints(place) if index in home), None)
                if index is not None:
                    home.pop(index).remove(index)
                    places.remove(place)
                    self.acts.append(Act(FaultKind.ALTERED, index, place))

    def _may_be_inside(self, claims: Sequence[int]) -> bool:
        return not claims or any(0 <= index < self._trusted.count for index in claims)

    def _name_missing(self) -> None:
        missing = [index for _, indexes in self._gaps for index in indexes]
        start = self._end
        for index in reversed(missing):
            if index != start - 1:
                break
            start = index
        self.acts += (Act(FaultKind.DELETED, index, None) for index in missing if index < start)
        if start < self._trusted.count:
            self.acts.append(Act(FaultKind.TRUNCATED, start, None))

    def _name_neighbour(self, place: int, index: int, moved: dict[int, int]) -> None:
        inside = 0 <= place < self._stored.count and 0 <= index < self._trusted.count
        if inside and place not in moved and self._stored[place] == self._trusted[index]:
            self.acts.append(Act(FaultKind.MOVED, index, place))

    def _equal(self, place: int, index: int) -> int:
        """How many hashes from here on are equal."""
        stored, trusted = self._stored, self._trusted
        limit = min(stored.count - place, trusted.count - index)
        length = 0
        step = STEP
        while length < limit:
            step = min(step, limit - length)
            at, to = place + length, index + length
            if stored.span(at, at + step) == trusted.span(to, to + step):
                length += step
            elif step == 1:
                break
            else:
                step //= 2
        return length

    def _skip(self, place: int, index: int, gap: tuple[list[int], list[int]]) -> tuple[int, int]:
        """Go on to where stored and trusted agree again; what is passed on the way goes into the gap."""
        window = WINDOW_MIN
        while True:
            found = self._first_common(place, index, window)
            at_end = place + window >= self._stored.count and index + window >= self._trusted.count
            if found is not None or window >= WINDOW_MAX or at_end:
                break
            window *= 4
        if found is None:
            found = (min(place + window, self._stored.count), min(index + window, self._trusted.count))
        gap[0].extend(range(place, found[0]))
        gap[1].extend(range(index, found[1]))
        self._left_over += found[0] - place + found[1] - index
        return found

    def _first_common(self, place: int, index: int, window: int) -> tuple[int, int] | None:
        """The first member of the longest common subsequence of the next windows."""
        home = {digest: at for at, digest in enumerate(self._trusted.list(index, index + window), index)}
        found = [
            (at, home[digest])
            for at, digest in enumerate(self._stored.list(place, place + window), place)
            if digest in home
        ]
        first = _longest_rising([to for _, to in found])
        return None if first is None else found[first]

    def _close(self, gap: tuple[list[int], list[int]]) -> tuple[list[int], list[int]]:
        if gap[0] or gap[1]:
            self._gaps.append(gap)
            return [], []
        return gap


def _longest_rising(values: Sequence[int]) -> int | None:
    """Which member the longest rising subsequence begins with; None if there are no values."""
    if not values:
        return None
    tops: list[int] = []
    firsts: list[int] = []
    for at, value in enumerate(values):
        length = bisect_left(tops, value)
        first = firsts[length - 1] if length else at
        if length == len(tops):
            tops.append(value)
            firsts.append(first)
        else:
            tops[length] = value
            firsts[length] = first
    return firsts[-1]


def _first(value: int | None, other: int | None) -> int:
    if value is not None:
        return value
    return -1 if other is None else other
