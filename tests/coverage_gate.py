"""The coverage that must be reached: `python -m tests.coverage_gate`, after a test run with `--cov`.

Lines and branches count alike. A room held to 100 % is one where an untested branch is a hole in the proof.
"""

import io
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import NoDataError

OVERALL_PERCENT_MIN = 95.0
COMPLETE = ("audit/*.py", "*/rules.py")
"""Files, by pattern, of which every line and branch is run by the tests."""


def shortfalls(root: Path, percent_of: Callable[[list[str]], float], files: list[str]) -> list[str]:
    """What is not covered enough, one sentence each.

    Args:
        root: the repository.
        percent_of: coverage of the files whose paths are given.
        files: every measured file, absolute.
    """
    names = {file: Path(file).relative_to(root).as_posix() for file in files}
    short = [
        f"{name}: {percent:.2f} % of lines and branches are tested, 100 % must be"
        for file, name in sorted(names.items())
        if any(fnmatch(name, pattern) for pattern in COMPLETE)
        if (percent := percent_of([file])) < 100
    ]
    overall = percent_of(sorted(names))
    if overall < OVERALL_PERCENT_MIN:
        short.append(f"all rooms: {overall:.2f} % of lines and branches are tested, {OVERALL_PERCENT_MIN} % must be")
    return short


def main() -> int:
    """Prints the shortfalls, and where they are; returns the exit code."""
    root = Path.cwd()
    coverage = Coverage()
    coverage.load()
    if any(root.glob(".coverage.*")):  # left by processes which outlived the test run; they add to what is there
        coverage.combine()
        coverage.save()

    def percent_of(files: list[str]) -> float:
        return coverage.report(morfs=files, file=io.StringIO())

    try:
        files = sorted(coverage.get_data().measured_files())
        short = shortfalls(root, percent_of, files)
    except NoDataError as error:
        short = [f"no coverage was recorded: {error}"]
    if short:
        coverage.report(file=sys.stdout)
    sys.stdout.write("".join(f"coverage gate: {line}\n" for line in short) or "coverage gate: passed\n")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
