"""What became of every row of a file: counts, quantities, and the rejects file.

- Rows in = logged + replayed + rejected. `Tally.check` holds an import to it, in rows and in the file's quantities.
- The rejects file is CSV in UTF-8 with a byte order mark, so that spreadsheets show Chinese: line, kind, code, the
  reason in English and in Chinese, then the row as it was. It is written beside its name and moved there when whole, so a name always means a whole file.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Context, Decimal
from pathlib import Path
from typing import TextIO

from app.importing.errors import FileRefused
from app.importing.records import Movement, Rejection, RejectKind
from app.importing.sentences import Said, told
from app.os_words import reason_of

# Wide enough that the sum of any file's quantities is exact.
_EXACT = Context(prec=60)

HEADER = ("line", "rejected_by", "code", "reason", "reason_zh")


class NotAccounted(Exception):
    """Rows in and rows out differ: a fault of the importer itself."""


@dataclass(slots=True)
class Tally:
    """Counts of rows, and sums of the file's quantities and of the changes they make, by what became of them."""

    rows: int = 0
    logged: int = 0
    replayed: int = 0
    rejected: Counter[RejectKind] = field(default_factory=Counter)
    reasons: Counter[tuple[RejectKind, str]] = field(default_factory=Counter)
    quantity_in: Decimal = Decimal(0)
    quantity_logged: Decimal = Decimal(0)
    quantity_replayed: Decimal = Decimal(0)
    quantity_rejected: Decimal = Decimal(0)
    change_logged: Decimal = Decimal(0)
    change_replayed: Decimal = Decimal(0)
    without_quantity: int = 0

    def saw(self, row: Movement | Rejection) -> None:
        """Counts a row as it is read."""
        self.rows += 1
        if row.quantity is None:
            self.without_quantity += 1
        else:
            self.quantity_in = _EXACT.add(self.quantity_in, row.quantity)

    def log(self, movement: Movement, *, replayed: bool) -> None:
        """Counts a movement that is in the log, since now or since an earlier run."""
        if replayed:
            self.replayed += 1
            self.quantity_replayed = _EXACT.add(self.quantity_replayed, movement.quantity)
            self.change_replayed = _EXACT.add(self.change_replayed, movement.change)
        else:
            self.logged += 1
            self.quantity_logged = _EXACT.add(self.quantity_logged, movement.quantity)
            self.change_logged = _EXACT.add(self.change_logged, movement.change)

    def reject(self, rejection: Rejection) -> None:
        """Counts a row that does not enter the log."""
        self.rejected[rejection.kind] += 1
        self.reasons[rejection.kind, rejection.code] += 1
        if rejection.quantity is not None:
            self.quantity_rejected = _EXACT.add(self.quantity_rejected, rejection.quantity)

    @property
    def rejected_rows(self) -> int:
        """How many rows were rejected, whoever did it."""
        return self.rejected.total()

    @property
    def has_faults(self) -> bool:
        """Whether rows were rejected that the mapping did not mean to reject."""
        return self.rejected_rows > self.rejected[RejectKind.RULE]

    def check(self) -> None:
        """Holds the import to its account.

        Raises:
            NotAccounted: rows or quantities do not add up.
        """
        out = self.logged + self.replayed + self.rejected_rows
        if out != self.rows:
            msg = f"rows: expected {self.rows} in = logged + replayed + rejected, got {out}"
            raise NotAccounted(msg)
        quantity = _EXACT.add(_EXACT.add(self.quantity_logged, self.quantity_replayed), self.quantity_rejected)
        if quantity != self.quantity_in:
            msg = f"quantities: expected {self.quantity_in} in = logged + replayed + rejected, got {quantity}"
            raise NotAccounted(msg)


class Rejects:
    """The rejects file while it is written."""

    def __init__(self, stream: TextIO, header: Sequence[str]) -> None:
        self._writer = csv.writer(stream, lineterminator="\r\n")
        self._writer.writerow([*HEADER, *header])

    def write(self, rejections: Sequence[Rejection]) -> None:
        """Adds rejections, in the order of the file's lines."""
        for rejection in sorted(rejections, key=lambda rejection: rejection.line):
            reason = rejection.reason
            self._writer.writerow(
                [rejection.line, rejection.kind.value, rejection.code, reason.en, reason.zh, *rejection.cells]
            )


@contextmanager
def rejects_at(path: Path, header: Sequence[str]) -> Iterator[Rejects]:
    """A rejects file that gets its name, with what an earlier run left there replaced, when the block ends well.

    Raises:
        FileRefused: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        # The rows are the customer's: nobody else on this machine needs to read them.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise FileRefused(told(Said.REJECTS_UNWRITABLE, why=reason_of(error), path=part)) from error
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="", errors="backslashreplace") as stream:
        yield Rejects(stream, header)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
