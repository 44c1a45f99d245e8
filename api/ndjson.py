"""Reading many rows in one body: newline-delimited JSON, or one JSON array.

- NDJSON: one JSON text a line, lines end with LF (CR LF is taken too), blank lines are passed over. A last line without
  its LF is taken if it is whole; if it is not, the feed was cut short, and nothing of the call is recorded.
- A line that is no strict JSON refuses the whole call: the sender is broken, not one row.
- At most `rows_max` rows.
"""

from dataclasses import dataclass
from typing import Final

from api.body import JSON, decode
from api.problem_codes import Code
from api.problems import FAULTS_MAX, Fault, Invalid, Problem

MEDIA_TYPE: Final = "application/x-ndjson"
MEDIA_TYPES: Final = frozenset({MEDIA_TYPE, "application/ndjson", "application/jsonl", "application/json-lines"})

_CUT: Final = frozenset({Code.NOT_JSON.value, Code.CHARACTER_CUT.value})


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it came, with its line (counted from 1; None in a JSON array)."""

    value: JSON
    line: int | None = None


def read_lines(body: bytes, rows_max: int) -> list[Row]:
    """Return the rows of an NDJSON body.

    Raises:
        Problem: a line is not strict JSON, the last is cut short, or there are no rows or too many.
    """
    lines = body.split(b"\n")
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        if len(rows) >= rows_max:
            raise Problem.of(Code.TOO_MANY_ROWS, max=rows_max)
        try:
            rows.append(Row(decode(line, number), number))
        except Problem as problem:
            if number == len(lines) and problem.kind.code in _CUT:
                raise _cut_short(number) from None
            faults.extend(_faults(problem, number))
            # The encoding is one for the whole body, so saying it once is enough.
            if len(faults) >= FAULTS_MAX or problem.kind.code == Code.WRONG_ENCODING:
                break
    if faults:
        raise Invalid(faults, status=400)
    if not rows:
        raise Problem.of(Code.NO_ROWS)
    return rows


def read_array(body: bytes, rows_max: int) -> list[Row]:
    """Return the rows of a JSON array.

    Raises:
        Problem: the body is not strict JSON, not an array, or there are no rows or too many.
    """
    value = decode(body)
    if not isinstance(value, list):
        raise Invalid.at(Code.LIST_EXPECTED)
    if len(value) > rows_max:
        raise Problem.of(Code.TOO_MANY_ROWS, max=rows_max)
    if not value:
        raise Problem.of(Code.NO_ROWS)
    return [Row(item) for item in value]


def _cut_short(line: int) -> Invalid:
    fault = Fault.of(Code.NDJSON_TRUNCATED, at_line=line)
    return Invalid([Fault(fault.code, fault.detail, line=line)], status=400)


def _faults(problem: Problem, line: int) -> tuple[Fault, ...]:
    if isinstance(problem, Invalid):
        return problem.on_line(line).faults
    return (Fault(problem.kind.code, problem.detail, line=line),)
