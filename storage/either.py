"""One way to read for a change and for a reader alike.

A question that is asked under the log's lock (does a hold stand?) and outside it (show the holds) is one statement, run by
`select_in` where it is asked: inside a change it sees what the change and those before it in the batch wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Connection

from storage.transaction import Transaction

if TYPE_CHECKING:
    from sqlalchemy import Select

Reader: TypeAlias = Transaction | Connection
"""A change's transaction, or a snapshot (`Database.read`)."""


def select_in(reader: Reader, statement: Select[Any]) -> Sequence[Any]:
    """The rows of a SELECT."""
    if isinstance(reader, Transaction):
        return reader.select(statement)
    return reader.execute(statement).all()
