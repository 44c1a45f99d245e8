"""The front door of the stock room.

    change = stock.adjust(principal, parse_adjustment(content), now=now)
    committed = log.commit(change)
    committed.result, committed.receipt          # what was applied; None for a replay, whose receipt is the first one

- Methods that write return a Change, and the caller commits it. What can be refused without the lock is refused at
  once; what is listed as "The change:" comes out of the commit.
- Methods that read take a read snapshot (`Database.read`).
- Requests are made by `stock.parsing`, which checks their forms.
"""

from __future__ import annotations

from stock.approving import Approving
from stock.batches import Batching
from stock.cataloguing import Cataloguing
from stock.closing import Closing
from stock.correcting import Correcting
from stock.lots.reading import LotReading
from stock.lots.warning import ExpiryWarning
from stock.reading import Reading
from stock.shrinkage.reading import ShrinkageReading
from stock.transfers.reading import TransferReading

__all__ = ["Stock"]


class Stock(
    Approving,
    Batching,
    Correcting,
    Cataloguing,
    Closing,
    Reading,
    LotReading,
    TransferReading,
    ShrinkageReading,
    ExpiryWarning,
):
    """SKUs, lots, adjustments, balances and stocktakes; safe to share between threads."""
