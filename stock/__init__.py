"""Stock: SKUs, lots, adjustments, balances, stocktakes."""
