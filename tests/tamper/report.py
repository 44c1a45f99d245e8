"""Runs the corpus on SQLite and prints what was missed or wrongly named: `python -m tests.tamper.report [WORD …]`.

With words, only cases whose name holds one of them are run, and every fault is shown.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.tamper.case import Anchor
from tests.tamper.conftest import make_sqlite_bases, sqlite_copies
from tests.tamper.corpus import CASES
from tests.tamper.test_corpus import complaints_of, verified


def main(words: list[str]) -> int:
    """The number of cases that failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        stolen = sqlite_copies(make_sqlite_bases(Path(directory)), Path(directory))
        for case in CASES:
            if words and not any(word in case.name for word in words):
                continue
            base = stolen.bases[case.base]
            lines = []
            with stolen.copy(case.base, case.attack) as url:
                for anchor in Anchor:
                    try:
                        report = verified(url, base, anchor)
                    except Exception as error:  # noqa: BLE001 - a verification that falls over is a failure to be listed
                        lines.append(f"[{anchor}] raised {error!r}")
                        continue
                    lines += complaints_of(case, anchor, report)
                    if words:
                        lines += [f"[{anchor}] {report.verdict}", *map(str, report.faults[:20])]
            if lines:
                failed += any(
                    "missed" in line or "false" in line or "raised" in line or "expected" in line for line in lines
                )
                sys.stdout.write("\n  ".join([case.name, *lines[:40]]) + "\n")
    sys.stdout.write(f"{failed} of {len(CASES)} cases failed\n")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
