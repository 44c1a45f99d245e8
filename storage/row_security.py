"""PostgreSQL's own word on which rows a reader sees: the third barrier, written apart from the statements it stands behind.

- The policies are SQL in a migration. They hold for the role `chopbook_reader`, which owns nothing and can only read; a statement that
  lists rows for somebody runs as that role, told its limits by settings of the transaction.
- What is not told is denied: without settings the reader sees no row at all.
- Writer, verifier, jobs and migrations keep the role they connected with, which the policies let see everything.
- SQLite has nothing like it: there the two other barriers stand alone.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from storage.scope import Scope

READER: Final = "chopbook_reader"
"""The role that statements for somebody run as."""
OPTION: Final = "chopbook_row_security"
"""The execution option by which a connection knows whether to use it."""

_US_MAX: Final = 2**63 - 1
_NARROW: Final = text(
    "SELECT set_config('chopbook.everywhere', :everywhere, true), set_config('chopbook.stores', :stores, true),"
    " set_config('chopbook.any_class', :any_class, true), set_config('chopbook.classes', :classes, true),"
    " set_config('chopbook.hidden_classes', :hidden_classes, true),"
    " set_config('chopbook.quarantined', :quarantined, true), set_config('chopbook.from_us', :from_us, true),"
    f" set_config('chopbook.until_us', :until_us, true), set_config('role', '{READER}', true)"
)
_WIDEN: Final = text("SELECT set_config('role', 'none', true)")


@contextmanager
def narrowed(connection: Connection, scope: Scope) -> Iterator[None]:
    """Statements inside see what the database itself lets a reader with this scope see; costs two small statements.

    Nothing happens for `EVERYTHING`, on SQLite, or on a database opened without row security.
    """
    on = connection.dialect.name == "postgresql" and connection.get_execution_options().get(OPTION, True)
    if scope is EVERYTHING or not on:
        yield
        return
    connection.execute(_NARROW, _settings(scope))
    try:
        yield
    except BaseException:
        # After an error of the database this fails too, and the transaction's end gives the role back.
        with suppress(SQLAlchemyError):
            connection.execute(_WIDEN)
        raise
    connection.execute(_WIDEN)


def _settings(scope: Scope) -> dict[str, str]:
    return {
        "everywhere": _flag(on=scope.stores is None),
        "stores": _array(scope.stores or ()),
        "any_class": _flag(on=scope.classes is None),
        "classes": _array(scope.classes or ()),
        "hidden_classes": _array(scope.hidden_classes),
        "quarantined": _flag(on=scope.quarantined),
        "from_us": str(-_US_MAX if scope.from_us is None else scope.from_us),
        "until_us": str(_US_MAX if scope.until_us is None else scope.until_us),
    }


def _flag(*, on: bool) -> str:
    return "on" if on else "off"


def _array(codes: frozenset[str] | tuple[()]) -> str:
    quoted = (code.replace("\\", "\\\\").replace('"', '\\"') for code in sorted(codes))
    return "{" + ",".join(f'"{code}"' for code in quoted) + "}"
