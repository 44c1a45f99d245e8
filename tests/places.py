"""Where tests write: in memory where there is room, for a run makes thousands of small databases and keeps none.

A killed process leaves the same behind there as on a disk, so crash tests prove as much. What a power cut leaves no test
can tell.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- what is made there is private
ROOM_BYTES_MIN: Final = 4 << 30
"""A run was seen to need a quarter of this."""


@cache
def scratch() -> Path:
    """The folder for what a run writes; TMPDIR, where it is set, decides."""
    if "TMPDIR" not in os.environ and _is_fit(MEMORY):
        return MEMORY
    return Path(tempfile.gettempdir())


def _is_fit(place: Path) -> bool:
    """Whether it is writable, lets programs run, and has room; in a container it often lacks one of them."""
    if not os.access(place, os.W_OK) or os.statvfs(place).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(place).free >= ROOM_BYTES_MIN
