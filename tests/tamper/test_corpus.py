"""Every case of the corpus against the real verification, on both databases, and what must never be alarmed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit.faults import FaultKind, Limit, Report, Verdict
from audit.verify import Trust, leaves_trusted
from storage import Database
from storage.schema import LOG_TABLES
from storage.verification import verify_database
from tests.tamper.case import ANCHOR, Anchor, Case
from tests.tamper.corpus import CASES, CHOSEN, COLUMNS, KINDS
from tests.tamper.expect import Decidability, Expectation, judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.tamper.bases import Base
    from tests.tamper.conftest import Stolen

UNTOUCHED = (Decidability.UNDECIDABLE, Decidability.NOT_EVIDENCE)


def trust_of(base: Base, anchor: Anchor) -> Trust:
    """What a verifier with this anchor knows from outside; the log's key it knows in any case."""
    if anchor is Anchor.NONE:
        return Trust(vkeys=(base.vkey,))
    notes = (base.notes[ANCHOR],)
    if anchor is Anchor.CHECKPOINT:
        return Trust(vkeys=(base.vkey,), checkpoints=notes)
    return leaves_trusted(b"".join(base.leaf_hashes[:ANCHOR]), vkeys=(base.vkey,), checkpoints=notes)


def verified(url: str, base: Base, anchor: Anchor) -> Report:
    """The real verification's report."""
    database = Database(url)
    try:
        return verify_database(database, trust=trust_of(base, anchor), workers=1)
    finally:
        database.close()


def complaints_of(case: Case, anchor: Anchor, report: Report) -> list[str]:
    """What the verification should have said and did not, or the other way round."""
    expected = case.expectation(anchor)
    found = judge(expected, report.faults)
    if expected.decidability in UNTOUCHED and not report.faults:
        found += _complaints_of_valid(expected.decidability, anchor, report)
    elif report.verdict not in {Verdict.TAMPERED, Verdict.UNKNOWN_KEY}:
        found.append(f"verdict: expected tampered, got {report.verdict}")
    return [f"[{anchor}] {line}" for line in found]


def _complaints_of_valid(decidability: Decidability, anchor: Anchor, report: Report) -> list[str]:
    """A log that passes says how far it was vouched for from outside, and what nobody could have told."""
    wanted = Verdict.VALID_UNANCHORED if anchor is Anchor.NONE else Verdict.VALID_ANCHORED
    found = [] if report.verdict is wanted else [f"verdict: expected {wanted}, got {report.verdict}"]
    limits = {undecided.limit for undecided in report.undecided}
    if decidability is Decidability.UNDECIDABLE and not limits & {Limit.TAIL_UNANCHORED, Limit.REWRITE_UNANCHORED}:
        found.append(f"undecided: expected that an anchor is missing, got {sorted(limits)}")
    return found


def anchors_that_differ(case: Case) -> list[Anchor]:
    """The verifiers of whom something else is demanded than of those before them.

    A log that passes is told of differently by each: how far it was vouched for from outside.
    """
    found: dict[Expectation, Anchor] = {}
    for anchor in Anchor:
        expected = case.expectation(anchor)
        if expected.decidability in UNTOUCHED:
            return list(Anchor)
        found.setdefault(expected, anchor)
    return list(found.values())


def require_named(case: Case, stolen: Stolen, anchors: Iterable[Anchor]) -> None:
    """Does it and verifies; fails with every complaint."""
    if stolen.dialect not in case.dialects:
        pytest.skip("the column type refuses the value")
    base = stolen.bases[case.base]
    with stolen.copy(case.base, case.attack) as url:
        complaints = [line for anchor in anchors for line in complaints_of(case, anchor, verified(url, base, anchor))]
    assert not complaints, "\n".join([case.name, *complaints])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_act_of_tampering_is_named(case: Case, stolen_sqlite: Stolen) -> None:
    require_named(case, stolen_sqlite, anchors_that_differ(case))


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_each_kind_of_tampering_is_named_on_postgresql(case: Case, stolen_postgresql: Stolen) -> None:
    require_named(case, stolen_postgresql, [Anchor.NONE])


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_act_of_tampering_is_named_to_every_verifier(case: Case, stolen: Stolen) -> None:
    require_named(case, stolen, Anchor)


def test_the_corpus_touches_every_column_of_every_table_of_the_log() -> None:
    touched = {mark for case in CASES for mark in case.touches}
    stored = {f"{table.name}.{column.name}" for table in LOG_TABLES for column in table.columns}

    assert {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns} == stored
    assert stored - touched == set()
    assert {f"{table}:{kind}" for table, kinds in KINDS.items() for kind in kinds} - touched == set()


def test_the_corpus_demands_every_kind_of_fault() -> None:
    demanded = {kind for case in CASES for demand in case.expect.must for kind in demand.kinds}

    assert demanded == set(FaultKind)


def test_those_chosen_for_every_day_touch_what_all_of_them_touch() -> None:
    assert {mark for case in CHOSEN for mark in case.touches} == {mark for case in CASES for mark in case.touches}
    assert {kind for case in CHOSEN for demand in case.expect.must for kind in demand.kinds} == set(FaultKind)


def test_no_two_cases_have_the_same_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
