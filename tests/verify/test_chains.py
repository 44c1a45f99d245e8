"""The rows of each subject hang together: positions without gap, each row after the one before."""

from __future__ import annotations

from itertools import groupby

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.faults import FaultKind
from audit.verify import ChainRun, SubjectChains

Row = tuple[str, object, object, object]

GOOD: tuple[Row, ...] = (
    ("lot:A", 0, 3, None),
    ("lot:A", 1, 7, 3),
    ("sku:B", 0, 3, None),
    ("sku:B", 1, 4, 3),
    ("sku:B", 2, 9, 4),
)


def runs_of(rows: tuple[Row, ...]) -> list[ChainRun]:
    """The rows as the database gives them."""
    runs = []
    for subject, group in groupby(rows, lambda row: row[0]):
        positions, indexes, previous = (orjson.dumps(column).decode() for column in [*zip(*group, strict=True)][1:])
        runs.append((subject, positions, indexes, previous))
    return runs


@pytest.mark.parametrize("run_rows_max", [1, 2, 100])
def test_good_chains_have_no_faults_however_they_are_cut(run_rows_max: int) -> None:
    for cut in range(len(GOOD) + 1):
        chains = SubjectChains(run_rows_max)

        assert [*chains.faults(runs_of(GOOD[:cut])), *chains.faults(runs_of(GOOD[cut:]))] == []
        assert chains.rows == len(GOOD)


@pytest.mark.parametrize(
    ("place", "row", "expected"),
    [
        pytest.param(3, ("sku:B", 2, 4, 3), "positions from 0 on", id="a gap"),
        pytest.param(3, ("sku:B", 0, 4, 3), "positions from 0 on", id="a repeat"),
        pytest.param(3, ("sku:B", "1", 4, 3), "positions from 0 on", id="text"),
        pytest.param(3, ("sku:B", 1.0, 4, 3), "positions from 0 on", id="no integer"),
        pytest.param(4, ("sku:B", 22, 9, 4), "positions from 0 on", id="another number that begins alike"),
        pytest.param(3, ("sku:B", 1, 4, 2), "each row after the one before", id="a wrong link"),
        pytest.param(3, ("sku:B", 1, 4, None), "each row after the one before", id="no link"),
        pytest.param(3, ("sku:B", 1, 4, "3"), "each row after the one before", id="a link that is text"),
        pytest.param(3, ("sku:B", 1, 5, 3), "each row after the one before", id="another entry"),
        pytest.param(2, ("sku:B", 5, 3, None), "positions from 0 on", id="begun in the middle"),
        pytest.param(0, ("lot:A", 0, 3, 1), "each row after the one before", id="a link before the first"),
    ],
)
def test_a_wrong_row_is_seen(place: int, row: Row, expected: str) -> None:
    rows = (*GOOD[:place], row, *GOOD[place + 1 :])

    fault = next(iter(SubjectChains().faults(runs_of(rows))))

    assert fault.kind is FaultKind.SUBJECT_ROW_DISAGREES
    assert fault.where == f"entry_subjects {row[0]}"
    assert fault.expected == expected


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(0, 4), st.none() | st.integers(0, 4)),
        unique_by=lambda row: row[:2],
        max_size=6,
    ),
    st.integers(0, 6),
)
def test_rows_pass_if_each_follows_the_one_before(found: list[tuple[str, int, int, int | None]], cut: int) -> None:
    rows = tuple(sorted(found, key=lambda row: row[:2]))
    chains = SubjectChains(2)
    ends: dict[str, tuple[int, int]] = {}
    right = True
    for subject, position, index, previous in rows:
        before = ends.get(subject)
        right &= (position, previous) == ((0, None) if before is None else (before[0] + 1, before[1]))
        ends[subject] = (position, index)

    faults = [*chains.faults(runs_of(rows[:cut])), *chains.faults(runs_of(rows[cut:]))]

    assert (not faults) == right
