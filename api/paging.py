"""Pages of lists: their parameters, and slices of what is in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from api.cursors import read_cursor, write_cursor
from api.members import Reader, Text, Whole
from api.problem_codes import Code
from api.problems import Fault, Invalid
from api.replies import Answer, json_answer
from api.shapes import Json
from stock.model import Page

T = TypeVar("T")

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 1_000

PAGING: Final[dict[str, Reader[Any]]] = {
    "cursor": Text(1024, description="`next_cursor` of the page before."),
    "limit": Whole(1, LIMIT_MAX, "Most items on the page."),
}


@dataclass(frozen=True, slots=True)
class PageParameters:
    """A page of a list without filters."""

    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def place_of(listed: Sequence[object], cursor: str | None, length: int) -> tuple[str, ...] | None:
    """Return where a page starts, as a key of `length` texts; None for the first page.

    Raises:
        Invalid: CURSOR_INVALID.
    """
    if cursor is None:
        return None
    place = read_cursor(listed, cursor)
    if len(place) != length:
        raise Invalid([Fault.of(Code.CURSOR_INVALID)]).of_parameter("cursor")
    return tuple(str(part) for part in place)


def page_answer(listed: Sequence[object], found: Page[T], shape: Callable[[T], Json]) -> Answer:
    """Return a page that the stock room read."""
    following = None if found.next is None else write_cursor(listed, found.next)
    return json_answer({"items": [shape(item) for item in found.items], "next_cursor": following})


def slice_answer(
    listed: Sequence[object], items: Sequence[T], key: Callable[[T], str], shape: Callable[[T], Json], asked: Any
) -> Answer:
    """Return a page of items in memory, which are in the order of their keys."""
    place = place_of(listed, asked.cursor, 1)
    after = [item for item in items if place is None or key(item) > place[0]]
    shown = after[: asked.limit]
    following = write_cursor(listed, [key(shown[-1])]) if len(after) > len(shown) else None
    return json_answer({"items": [shape(item) for item in shown], "next_cursor": following})
