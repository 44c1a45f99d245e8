"""How a page is declared: its address and the function that makes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from api.calls import Call
from web.outcomes import Outcome
from web.visits import Visit


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or what a form of a page is sent to.

    Attributes:
        path: with its parts in braces.
        name: unique, of this page and method; begins with `page_`.
        run: makes it; it may block, and runs in a worker thread.
        method: GET, which changes nothing, or POST, which takes a form of ours and goes on to a page.
        query: parameters of the query that it reads. Tests vary them.
        open_to_all: whether who has not signed in may see it; others are sent to sign in first.
    """

    path: str
    name: str
    run: Callable[[Visit], Outcome]
    method: str = "GET"
    query: tuple[str, ...] = ()
    open_to_all: bool = False


@dataclass(frozen=True, slots=True)
class FilePage:
    """What a form with a file is sent to; the file is taken in as it comes.

    Attributes:
        path, name, method: as of a page.
        run: takes the file of the call in on the event loop. It shows the fields before the file to `serving.require_ours`.
    """

    path: str
    name: str
    run: Callable[[Visit, Call[Any, None]], Awaitable[Outcome]]
    method: str = "POST"
