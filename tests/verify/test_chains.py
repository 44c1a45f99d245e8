"""The rows of each subject hang together: positions without gap, each row after the one before."""

from __future__ import annotations

import pytest

from audit.faults import FaultKind
from audit.verify import SubjectChains

Row = tuple[str, int, int, int | None]

GOOD: tuple[Row, ...] = (
    ("lot:A", 0, 3, None),
    ("lot:A", 1, 7, 3),
    ("sku:B", 0, 3, None),
    ("sku:B", 1, 4, 3),
    ("sku:B", 2, 9, 4),
)


def test_good_chains_have_no_faults_however_they_are_cut() -> None:
    for cut in range(len(GOOD) + 1):
        chains = SubjectChains()

        assert [*chains.faults(GOOD[:cut]), *chains.faults(GOOD[cut:])] == []
        assert chains.rows == len(GOOD)


@pytest.mark.parametrize(
    ("place", "row", "expected", "found"),
    [
        pytest.param(3, ("sku:B", 2, 4, 3), "position 1 after entry 3", "position 2 after entry 3", id="a gap"),
        pytest.param(3, ("sku:B", 0, 4, 3), "position 1 after entry 3", "position 0 after entry 3", id="a repeat"),
        pytest.param(3, ("sku:B", 1, 4, 2), "position 1 after entry 3", "position 1 after entry 2", id="a wrong link"),
        pytest.param(3, ("sku:B", 1, 4, None), "position 1 after entry 3", "position 1 after entry NULL", id="no link"),
        pytest.param(2, ("sku:B", 5, 3, None), "position 0 first", "position 5", id="begun in the middle"),
        pytest.param(0, ("lot:A", 0, 3, 1), "position 0 first", "position 0", id="a link before the first"),
    ],
)
def test_a_wrong_row_is_named(place: int, row: Row, expected: str, found: str) -> None:
    rows = [*GOOD[:place], row, *GOOD[place + 1 :]]

    fault = next(iter(SubjectChains().faults(rows)))

    assert (fault.kind, fault.index) == (FaultKind.SUBJECT_ROW_DISAGREES, row[2])
    assert fault.where == f"entry_subjects {row[0]}"
    assert (fault.expected, fault.found) == (expected, found)
