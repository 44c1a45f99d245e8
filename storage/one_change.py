"""One change of a batch: run straight in it, or inside a savepoint of its own."""

from __future__ import annotations

import copy
import sqlite3
from typing import TYPE_CHECKING, Final

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from storage.causes import kind_of
from storage.errors import CommitUnknown, EmptyChange, NoLog, Replayed, StorageError, StorageFailed
from storage.overlay import Overlay
from storage.transaction import Position, Transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.writer import Ticket

DATABASE_ERRORS: Final = (SQLAlchemyError, sqlite3.Error, psycopg.Error)


class AgainError(Exception):
    """A change failed after it had written: the batch runs again, with savepoints."""


def run_quickly(connection: Connection, position: Position, overlay: Overlay, ticket: Ticket) -> Transaction:
    """Runs a change straight in the batch; its failure is its own only if it has written nothing."""
    transaction = Transaction(connection, position, overlay)
    try:
        ticket.value = ticket.task.run(transaction)
    except DATABASE_ERRORS as error:
        raise AgainError from error
    except Exception as error:
        if transaction.appended:
            raise AgainError from error
        ticket.error = error
    _judge(ticket, transaction)
    return transaction


def run_carefully(connection: Connection, position: Position, overlay: Overlay, ticket: Ticket) -> Transaction:
    """Runs a change inside a savepoint, flushed before it is released: what it wrote goes with its failure."""
    before = copy.copy(position)
    child = Overlay(overlay)
    transaction = Transaction(connection, position, child)
    connection.exec_driver_sql("SAVEPOINT change")
    try:
        ticket.value = ticket.task.run(transaction)
        transaction.flush()
    except Exception as error:  # noqa: BLE001 - the caller gets it
        ticket.error = batch_error(error) if isinstance(error, DATABASE_ERRORS) else error
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT change")
        position.size, position.last_leaf_hash = before.size, before.last_leaf_hash
        if transaction.appended:
            # Some of it was new: to answer with what was there before would hide that the rest is not.
            transaction.replays.clear()
        transaction.appended.clear()
    else:
        overlay.absorb(child)
    connection.exec_driver_sql("RELEASE SAVEPOINT change")
    _judge(ticket, transaction)
    return transaction


def _judge(ticket: Ticket, transaction: Transaction) -> None:
    """A change that met only replays is answered as one; one that did nothing at all is refused."""
    if isinstance(ticket.error, Replayed) and transaction.replays:
        ticket.error = None
    elif ticket.error is None and not transaction.appended and not transaction.replays:
        ticket.error = EmptyChange()


def batch_error(error: BaseException) -> BaseException:
    """A fresh error for each caller of a failed batch."""
    if isinstance(error, CommitUnknown | NoLog):
        return type(error)(*error.args)
    if isinstance(error, StorageError):
        return error
    failed = StorageFailed(f"batch: expected a commit, got {kind_of(error)}")
    failed.__cause__ = error
    return failed
