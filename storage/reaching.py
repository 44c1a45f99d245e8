"""A database that cannot be used at all: told by its name, with what it says itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError

from storage.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID_CHARS_MAX: Final = 300


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """Opens or first asks the database `what` in the block.

    Raises:
        StorageFailed: nobody answers there, it lets us not in, or it is no database.
    """
    try:
        yield
    except DBAPIError as error:
        # A statement that is wrong is our fault and stays one; SQLite says of another kind of file a bare DatabaseError.
        if not isinstance(error, OperationalError | InterfaceError) and type(error) is not DatabaseError:
            raise
        msg = f"{what}: expected a database that can be used, got: {_said(error)}"
        raise StorageFailed(msg) from error


def _said(error: DBAPIError) -> str:
    """The driver's own first line; drivers leave passwords out of it."""
    line = str(error.orig).strip().partition("\n")[0]
    return line[:SAID_CHARS_MAX]
