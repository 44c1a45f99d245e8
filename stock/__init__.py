"""Stock: SKUs, lots, adjustments, balances, stocktakes.

Every change is an entry of the log; every table here is a projection of it, and `reconcile` proves that it is a true one.
"""
