"""The reasons a shop starts with, in the words used in Hong Kong.

They are created in the log like any other reason, once, when the log is set up; more can be added at any time, none is
ever deleted. `stocktake` is the one that closing a stocktake uses.
"""

from __future__ import annotations

from typing import Final

from stock.model import Direction, Reason

STOCKTAKE_REASON: Final = "stocktake"
TRANSFER_IN: Final = "transfer_in"
TRANSFER_OUT: Final = "transfer_out"
TRANSFER_REASONS: Final = frozenset({TRANSFER_IN, TRANSFER_OUT})
WRITE_OFF: Final = "write_off"
DAMAGED: Final = "damaged"
LOSS_REASONS: Final = frozenset({WRITE_OFF, DAMAGED, STOCKTAKE_REASON})
"""What counts as shrinkage: goods that are neither sold, sent, returned nor given away."""

STANDARD_REASONS: Final = (
    Reason("opening", "期初存貨", "Opening stock", Direction.IN),
    Reason("receive", "入貨", "Goods received", Direction.IN),
    Reason("sale", "售出", "Sale", Direction.OUT),
    Reason("sale_cancelled", "取消銷售", "Sale cancelled", Direction.IN),
    Reason("customer_return", "顧客退貨", "Return from customer", Direction.IN),
    Reason("supplier_return", "退回供應商", "Return to supplier", Direction.OUT),
    Reason(TRANSFER_IN, "調貨入", "Transfer in", Direction.IN),
    Reason(TRANSFER_OUT, "調貨出", "Transfer out", Direction.OUT),
    Reason(WRITE_OFF, "報銷", "Write-off", Direction.OUT),
    Reason(DAMAGED, "壞貨", "Damaged goods", Direction.OUT),
    Reason("sample", "樣本", "Sample", Direction.OUT),
    Reason(STOCKTAKE_REASON, "盤點調整", "Stocktake adjustment", Direction.EITHER),
)
