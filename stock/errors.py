"""What the stock room refuses, as exceptions that can be shown in two languages.

    StockError                 code, path and values; `sentence` renders it
    ├── InvalidRequest         what was sent is wrong whatever the state of things       (400, 422)
    ├── UnknownThing           a store, SKU, lot, reason, entry or stocktake that is not (404, 422)
    ├── NotPermitted           one row of many is at a store out of reach                (403)
    └── StockConflict          well formed, but not as things stand                      (409)
        ├── NegativeStock      the store refuses stock below zero
        ├── ApprovalNeeded     it moves more than one person may at that store
        ├── AlreadyCorrected   an entry is corrected once; names the correction
        └── BatchRefused       many rows, and none was written; carries every row's result

Values hold codes, bounds and quantities, never free text or personal data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.refusals import Refusal
from stock.sentences import SENTENCES, Code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.model import Decision
    from stock.adjusting import Ahead
    from stock.model import RowResult

__all__ = [
    "SENTENCES",
    "AlreadyCorrected",
    "ApprovalNeeded",
    "BatchRefused",
    "Code",
    "InvalidRequest",
    "NegativeStock",
    "NotPermitted",
    "Rehearsed",
    "StockConflict",
    "StockError",
    "UnknownThing",
]


class StockError(Refusal[Code]):
    """Base of everything this room refuses."""

    sentences = SENTENCES

    def under(self, *outer: str | int) -> StockError:
        """The same problem, seen from further out."""
        return type(self)(self.code, (*outer, *self.path), self.values)


class InvalidRequest(StockError):
    """What was sent is wrong, whatever the state of things."""


class UnknownThing(StockError):
    """The request names something that does not exist."""


class NotPermitted(StockError):
    """One row of many is at a store where the principal may not do this.

    Attributes:
        decision: the denial, which is to be recorded like any other.
    """

    decision: Decision

    @classmethod
    def at(cls, store: str, decision: Decision) -> NotPermitted:
        """The refusal of a row."""
        error = cls(Code.STORE_NOT_PERMITTED, ("store",), {"store": store})
        error.decision = decision
        return error


class StockConflict(StockError):
    """The request is well formed, but not possible as things stand."""


class NegativeStock(StockConflict):
    """The store refuses stock below zero."""


class ApprovalNeeded(StockConflict):
    """It moves more than one person may at that store; `Stock.propose_adjustment` lets it wait for another."""


class AlreadyCorrected(StockConflict):
    """The entry has its correction already; correct that one."""


class Rehearsed(Exception):
    """A call with many rows was judged and, as was asked, taken back: nothing of it was written.

    Attributes:
        results: what would become of each row, in their order.
        sku_errors: why SKUs of the call would not be created, by code.
        later: what the rows would have done, on top of what was ahead of them.
    """

    def __init__(self, results: Sequence[RowResult], sku_errors: Mapping[str, StockError], later: Ahead) -> None:
        self.results = tuple(results)
        self.sku_errors = dict(sku_errors)
        self.later = later
        super().__init__(f"{len(self.results)} rows were judged and taken back")


class BatchRefused(StockConflict):
    """A call with many rows of which nothing was written.

    Attributes:
        results: what became of each row, in their order.
    """

    results: Sequence[RowResult] = ()

    @classmethod
    def of(cls, results: Sequence[RowResult]) -> BatchRefused:
        """The refusal of a whole call."""
        refused = sum(result.error is not None for result in results)
        error = cls(Code.BATCH_REFUSED, (), {"rows": len(results), "refused": refused})
        error.results = tuple(results)
        return error
