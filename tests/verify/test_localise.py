"""The localiser names what was done, whatever was done, and leaves the rest alone."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import localise as module
from audit.faults import FaultKind
from audit.localise import Act, Difference, Hashes, Run, localise

K = FaultKind
UNKNOWN = bytes(32)


def digest(name: object) -> bytes:
    return sha256(repr(name).encode()).digest()


def hashes(names: Sequence[object]) -> Hashes:
    joined = b"".join(UNKNOWN if name is None else digest(name) for name in names)
    return Hashes(joined, len(names))


def acts(stored: Sequence[object], trusted: Sequence[object], hints: dict[int, list[int]] | None = None) -> Difference:
    return localise(hashes(stored), hashes(trusted), lambda place: (hints or {}).get(place, []))


def named(difference: Difference) -> set[tuple[FaultKind, int | None, int | None]]:
    return {(act.kind, act.index, act.place) for act in difference.acts}


def test_what_claims_only_to_lie_outside_took_nobodys_place() -> None:
    difference = acts([*range(5), "x", "y"], [*range(5), None, None, None], {5: [900, 900], 6: [900, 6]})

    assert named(difference) == {(K.INSERTED, None, 5), (K.ALTERED, 6, 6), (K.DELETED, 5, None), (K.TRUNCATED, 7, None)}


def test_what_claims_nothing_may_have_taken_the_next_place() -> None:
    difference = acts([0, 1, "x", 3], [0, 1, 2, 3], {2: []})

    assert named(difference) == {(K.ALTERED, 2, 2)}


def test_two_equal_lists_do_not_differ() -> None:
    difference = acts(range(500), range(500))

    assert difference == Difference([Run(0, 0, 500)], [], None)


def test_two_empty_lists_do_not_differ() -> None:
    assert acts([], []) == Difference()


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        pytest.param([0, 1, "x", 3, 4], {(K.ALTERED, 2, 2)}, id="altered"),
        pytest.param([0, 1, 3, 4], {(K.DELETED, 2, None)}, id="deleted"),
        pytest.param([0, 1, "x", 2, 3, 4], {(K.INSERTED, None, 2)}, id="inserted"),
        pytest.param([0, 1, 1, 2, 3, 4], {(K.INSERTED, None, 2)}, id="copied beside itself"),
        pytest.param([0, 1, 2, 1, 3, 4], {(K.INSERTED, None, 3)}, id="copied"),
        pytest.param([0, 3, 2, 1, 4], {(K.MOVED, 1, 3), (K.MOVED, 2, 2), (K.MOVED, 3, 1)}, id="turned round"),
        pytest.param([0, 2, 1, 3, 4], {(K.MOVED, 1, 2), (K.MOVED, 2, 1)}, id="neighbours"),
        pytest.param([1, 2, 3, 4, 0], {(K.MOVED, 0, 4)}, id="first put last"),
        pytest.param([4, 0, 1, 2, 3], {(K.MOVED, 4, 0)}, id="last put first"),
        pytest.param([0, 1, 2], {(K.TRUNCATED, 3, None)}, id="truncated"),
        pytest.param([], {(K.TRUNCATED, 0, None)}, id="all gone"),
        pytest.param([0, 1, 2, 3, 4, "x"], {(K.INSERTED, None, 5)}, id="appended"),
        pytest.param([0, 2, 3, "x"], {(K.DELETED, 1, None), (K.ALTERED, 4, 3)}, id="deleted and last altered"),
        pytest.param(["a", "b", "c", "d", "e"], {(K.ALTERED, at, at) for at in range(5)}, id="all altered"),
        pytest.param(
            [1, 3], {(K.DELETED, 0, None), (K.DELETED, 2, None), (K.TRUNCATED, 4, None)}, id="deleted and cut"
        ),
    ],
)
def test_each_act_is_named(stored: list[object], wanted: set[object]) -> None:
    assert named(acts(stored, range(5))) == wanted


def test_which_of_two_was_altered_is_told_by_what_the_row_claims() -> None:
    stored = [0, 1, "x", 4]

    by_second = acts(stored, range(5), {2: [99, 3]})
    by_nothing = acts(stored, range(5))

    assert named(by_second) == {(K.DELETED, 2, None), (K.ALTERED, 3, 2)}
    assert named(by_nothing) == {(K.ALTERED, 2, 2), (K.DELETED, 3, None)}


def test_what_was_altered_and_put_elsewhere_is_told_by_what_it_claims() -> None:
    difference = acts([0, 2, 3, 4, "x", 5], range(6), {4: [1]})

    assert named(difference) == {(K.ALTERED, 1, 4)}


def test_what_is_not_known_counts_as_altered() -> None:
    difference = acts([0, 1, 2], [0, None, 2])

    assert named(difference) == {(K.ALTERED, 1, 1)}


def test_a_large_insertion_is_no_move_of_all_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW_MIN", 4)
    monkeypatch.setattr(module, "WINDOW_MAX", 64)
    stored = [*range(50), *(f"new {at}" for at in range(30)), *range(50, 100)]

    difference = acts(stored, range(100))

    assert named(difference) == {(K.INSERTED, None, at) for at in range(50, 80)}


def test_an_insertion_beyond_the_window_is_still_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW_MIN", 4)
    monkeypatch.setattr(module, "WINDOW_MAX", 16)
    stored = [*range(50), *(f"new {at}" for at in range(40)), *range(50, 200)]

    difference = acts(stored, range(200))

    inserted = {act.place for act in difference.acts if act.kind is K.INSERTED}
    assert inserted == set(range(50, 90))
    assert {act.kind for act in difference.acts} <= {K.INSERTED, K.MOVED}


def test_too_much_to_compare_stops_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEFT_OVER_MAX", 20)
    monkeypatch.setattr(module, "WINDOW_MIN", 8)
    monkeypatch.setattr(module, "WINDOW_MAX", 8)

    altered = acts([f"x{at}" for at in range(100)], range(100))
    appended = acts([*range(10), *(f"x{at}" for at in range(100))], range(10))
    cut = acts(range(10), range(100))

    assert altered.stopped_at == 16
    assert {act.kind for act in altered.acts} == {K.ALTERED}
    assert appended.stopped_at == 30
    assert len(appended.acts) == 20
    assert cut.stopped_at is None
    assert named(cut) == {(K.TRUNCATED, 10, None)}


@st.composite
def tampered(draw: st.DrawFn) -> tuple[list[object], set[tuple[FaultKind, int | None]], int]:
    """A list that was tampered with at places far enough apart not to be mistaken for each other."""
    size = draw(st.integers(12, 400))
    slots = draw(st.lists(st.integers(0, size // 4 - 2), unique=True, max_size=12))
    moves = draw(st.permutations(slots[: len(slots) // 3 * 2]))
    wanted: set[tuple[FaultKind, int | None]] = set()
    stored: list[object] = list(range(size))
    for first, second in zip(moves[::2], moves[1::2], strict=False):
        a, b = first * 4, second * 4
        stored[a], stored[b] = stored[b], stored[a]
        wanted |= {(K.MOVED, a), (K.MOVED, b)}
    changed: list[object] = []
    kept = set(slots[len(slots) // 3 * 2 :])
    for at, name in enumerate(stored):
        act = draw(st.sampled_from(("alter", "delete", "insert"))) if at % 4 == 2 and at // 4 in kept else ""
        if act == "alter":
            changed.append(f"altered {at}")
            wanted.add((K.ALTERED, at))
        elif act == "delete":
            wanted.add((K.DELETED, at))
        else:
            changed.append(name)
        if act == "insert":
            wanted.add((K.INSERTED, len(changed)))
            changed.append(f"inserted {at}")
    cut = draw(st.sampled_from((0, 0, 1, 3)))
    if cut:
        del changed[-cut:]
        wanted.add((K.TRUNCATED, size - cut))
    return changed, wanted, size


@settings(deadline=None)  # how long it takes says more of the machine than of the localiser
@given(tampered())
def test_random_faults_are_all_named_and_nothing_else(
    case: tuple[list[object], set[tuple[FaultKind, int | None]], int],
) -> None:
    stored, wanted, size = case

    difference = acts(stored, range(size))

    found = {(act.kind, act.place if act.kind is K.INSERTED else act.index) for act in difference.acts}
    assert found == wanted


@given(st.lists(st.integers(0, 30)), st.integers(0, 30))
def test_whatever_is_stored_is_accounted_for(stored: list[int], size: int) -> None:
    difference = acts(stored, range(size))

    places = {run.place + at for run in difference.runs for at in range(run.length)}
    places |= {act.place for act in difference.acts if act.place is not None}
    indexes = {run.index + at for run in difference.runs for at in range(run.length)}
    indexes |= {act.index for act in difference.acts if act.index is not None}
    cut = next((act.index for act in difference.acts if act.kind is K.TRUNCATED), size)
    assert places == set(range(len(stored)))
    assert indexes | set(range(cut or 0, size)) == set(range(size))
    assert all(digest(stored[run.place]) == digest(run.index) for run in difference.runs)


def test_acts_come_in_the_order_of_the_log() -> None:
    difference = acts(["a", 2, 1, 3, "i", 4], range(6))

    assert difference.acts == [
        Act(K.ALTERED, 0, 0),
        Act(K.MOVED, 1, 2),
        Act(K.MOVED, 2, 1),
        Act(K.INSERTED, None, 4),
        Act(K.TRUNCATED, 5, None),
    ]
