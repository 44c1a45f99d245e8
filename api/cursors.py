"""Where the next page of a list starts, as an opaque text.

A cursor holds positions in the list's own order (never an offset), so pages neither repeat nor lose a row while the log
grows. It is tied to the list and its filters: one of another list, or of other filters, is refused.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Final

import orjson

from api.problem_codes import Code
from api.problems import Fault, Invalid

CHARACTERS_MAX: Final = 1024

Place = Sequence[str | int | None]


def write_cursor(listed: Sequence[object], place: Place) -> str:
    """Return the cursor for a place in the list that `listed` (its name and filters) identifies."""
    return base64.urlsafe_b64encode(orjson.dumps([_mark(listed), *place])).decode().rstrip("=")


def read_cursor(listed: Sequence[object], cursor: str) -> list[str | int | None]:
    """Return the place a cursor of this list stands for.

    Raises:
        Invalid: CURSOR_INVALID.
    """
    try:
        found = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _refused() from None
    if not isinstance(found, list) or not found or found[0] != _mark(listed):
        raise _refused()
    place = found[1:]
    if not all(item is None or isinstance(item, str) or type(item) is int for item in place):
        raise _refused()
    return place


def read_index(listed: Sequence[object], cursor: str | None) -> int | None:
    """Return the one index a cursor stands for, or None without a cursor.

    Raises:
        Invalid: CURSOR_INVALID.
    """
    if cursor is None:
        return None
    match read_cursor(listed, cursor):
        case [int(index)] if 0 <= index < 2**53:
            return index
        case _:
            raise _refused()


def _mark(listed: Sequence[object]) -> str:
    return hashlib.sha256(repr(tuple(listed)).encode()).hexdigest()[:16]


def _refused() -> Invalid:
    return Invalid([Fault.of(Code.CURSOR_INVALID)]).of_parameter("cursor")
