"""The rows of a file, batch by batch, to whatever says what becomes of them: the log, or a rehearsal.

- While one batch is at work, the next is read; never more, so batches keep the file's order.
- Every row is counted once as it is read and once by what became of it; every rejection is in the rejects file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from app.importing.records import Movement, Record, Rejection, RejectKind, Unreadable
from app.importing.report import Rejects, Tally
from app.importing.requesting import adjustment_of
from app.importing.translating import Translator
from stock.errors import StockError
from stock.model import RowResult, RowState

if TYPE_CHECKING:
    from app.importing.source import Source
    from stock.requests import AdjustmentRequest

BATCH_ROWS: Final = 1_000


class Step(Protocol):
    """Is told how many rows are done."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """`done` rows are done, of `total`."""


class Judge(Protocol):
    """Says what becomes of a batch."""

    def __call__(
        self, movements: Sequence[Movement], requests: Sequence[AdjustmentRequest], /
    ) -> Sequence[RowResult] | None:
        """One result for each request, which stands where its movement does; None: every one is a replay."""


def translated(translator: Translator, row: Record | Unreadable) -> tuple[Movement, AdjustmentRequest] | Rejection:
    """The movement a row stands for, and the request for it; or why the row is none."""
    movement = translator.translate(row)
    if isinstance(movement, Rejection):
        return movement
    try:
        return movement, adjustment_of(movement)
    except StockError as error:
        return rejected(movement, RejectKind.BAD, error)


def rejected(movement: Movement, kind: RejectKind, error: StockError) -> Rejection:
    """The rejection of a row for an error of the stock room."""
    record = movement.record
    return Rejection(record.line, kind, error.code.value, error.told(), record.texts, movement.quantity)


@dataclass(slots=True)
class _Batch:
    """Some rows on their way: each is in `rejections`, or in `movements` with its request at the same place."""

    rows: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    requests: list[AdjustmentRequest] = field(default_factory=list)


class Feed:
    """One reading of a file's rows, and the account of them.

    Attributes:
        tally: what became of the rows so far.
        sku_faults: why SKUs could not be created; told for each of their rows.
        first, last: indexes of the entries made for rows; None: none was.
    """

    def __init__(self, source: Source, rejects: Rejects | None) -> None:
        self._source: Final = source
        self._rejects: Final = rejects
        self._translator: Final = Translator(source.mapping, source.header, source.digest)
        self.tally: Final = Tally()
        self.sku_faults: Final[dict[str, StockError]] = {}
        self.first: int | None = None
        self.last: int | None = None

    def run(self, total: int, judge: Judge, step: Step) -> None:
        """Reads every row and accounts for it.

        Raises:
            FileRefused: the file changed meanwhile.
            NotAccounted: a fault of the importer.
            Whatever `judge` raises.
        """
        rows = self._source.rows()
        with ThreadPoolExecutor(1, "chopbook-import") as pool:
            batch = self._read(rows)
            while batch.rows:
                pending = pool.submit(judge, batch.movements, batch.requests)
                following = self._read(rows)
                self._settle(batch, pending.result())
                step(self.tally.rows - following.rows, total)
                batch = following
        self.tally.check()

    def _read(self, rows: Iterator[Record | Unreadable]) -> _Batch:
        batch = _Batch()
        for row in islice(rows, BATCH_ROWS):
            found = translated(self._translator, row)
            batch.rows += 1
            if isinstance(found, Rejection):
                self.tally.saw(found)
                batch.rejections.append(found)
                continue
            movement, request = found
            self.tally.saw(movement)
            batch.movements.append(movement)
            batch.requests.append(request)
        return batch

    def _settle(self, batch: _Batch, results: Sequence[RowResult] | None) -> None:
        for place, movement in enumerate(batch.movements):
            result = None if results is None else results[place]
            if result is not None and result.error is not None:
                shown = self.sku_faults.get(movement.sku, result.error)
                batch.rejections.append(rejected(movement, RejectKind.REFUSED, shown))
                continue
            self.tally.log(movement, replayed=result is None or result.state is RowState.REPLAYED)
            if result is not None and result.state is RowState.APPLIED:
                self.first = result.index if self.first is None else self.first
                self.last = result.index
        for rejection in batch.rejections:
            self.tally.reject(rejection)
        if self._rejects is not None:
            self._rejects.write(batch.rejections)
