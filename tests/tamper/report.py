"""Runs the corpus on SQLite and prints what was missed or wrongly named: `python -m tests.tamper.report [WORD …]`.

With words, only cases whose name holds one of them are run, and every fault is shown.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.tamper.case import Anchor, Case
from tests.tamper.conftest import Stolen, make_sqlite_bases, sqlite_copies
from tests.tamper.corpus import CASES
from tests.tamper.test_corpus import complaints_of, verified

LINES_MAX: Final = 40


def main(words: list[str]) -> int:
    """The number of cases that failed."""
    failed = 0
    chosen = [case for case in CASES if not words or any(word in case.name for word in words)]
    with tempfile.TemporaryDirectory() as directory:
        stolen = sqlite_copies(make_sqlite_bases(Path(directory)), Path(directory))
        for case in chosen:
            complaints, shown = _judge(stolen, case)
            failed += bool(complaints)
            lines = [*complaints, *(shown if words else [])]
            if lines:
                sys.stdout.write("\n  ".join([case.name, *lines[:LINES_MAX]]) + "\n")
    sys.stdout.write(f"{failed} of {len(chosen)} cases failed\n")
    return failed


def _judge(stolen: Stolen, case: Case) -> tuple[list[str], list[str]]:
    """What was missed or wrongly named, and all that was found."""
    base = stolen.bases[case.base]
    complaints: list[str] = []
    shown: list[str] = []
    with stolen.copy(case.base, case.attack) as url:
        for anchor in Anchor:
            try:
                report = verified(url, base, anchor)
            except Exception as error:  # noqa: BLE001 - a verification that falls over is a failure to be listed
                complaints.append(f"[{anchor}] raised {error!r}")
                continue
            complaints += complaints_of(case, anchor, report)
            shown += [f"[{anchor}] {report.verdict}", *map(str, report.faults[:20])]
    return complaints, shown


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
