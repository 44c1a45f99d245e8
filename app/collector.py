"""Sparing the garbage collector of a process that stays.

What a request makes is gone without the collector's help: hardly anything here is cyclic. Left to itself, it looks after
every 700 objects more and finds callers who are waiting for the log, with all they hold: up to a tenth of an append.
"""

from __future__ import annotations

import gc
from typing import Final

OBJECTS_MIN: Final = 50_000
"""How many more objects there must be before it looks: a few megabytes."""


def spare_the_collector() -> None:
    """Sets apart what was made so far, which lives until the end, and lets the collector look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_MIN, 20, 100)
