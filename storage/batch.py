"""One batch: lock the head, run the changes, extend the tree, sign, commit, answer.

- First all changes run without savepoints; if one of them fails after it has written, everything is rolled back and
  the batch runs again with a savepoint for each, so that only the failing one fails.
- What is known of rows and subjects is kept between batches: it stays true as long as the head has not moved
  without us, since no table moves without it.
- The head row is written last; until then a database trigger can tell this transaction's entries by their index.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from audit.checkpoint import Checkpoint, sign_checkpoint
from storage.causes import kind_of
from storage.errors import CommitUnknown, NoLog, StorageError, StorageFailed
from storage.head_row import HeadRow, begin, commit, copy_back, lock_head, save_checkpoint, save_head
from storage.model import Committed, Head, Receipt
from storage.nodes import read_node
from storage.one_change import DATABASE_ERRORS, AgainError, batch_error, run_carefully, run_quickly
from storage.overlay import Overlay
from storage.rows import insert_rows, is_refused, together
from storage.schema import checkpoints, tiles
from storage.signing import KEY_TYPES, current_signers
from storage.transaction import Change, Operation, Position, Transaction
from storage.tree import Tree, load_tree, read_hashes, split_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from audit.entry import Entry
    from audit.keys import Ed25519Signer
    from storage.database import Database
    from storage.keystore import KeyStore
    from storage.overlay import Learned
    from storage.writer import Ticket

CATCH_UP_MAX: Final = 4096
"""Entries of other processes that are read one by one before the tree is loaded afresh."""
KEPT_ROWS_MAX: Final = 200_000
COPY_BACK_PAGES: Final = 2_500
"""About so many pages of write-ahead log are copied back between two batches; SQLite itself does it at 4,000, within one."""
BATCH_PAGES: Final = 20
"""About so many pages a batch writes, and one more for every entry."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class LogBatcher:
    """Runs batches on the writing connection; used by the writer's thread only."""

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        *,
        clock: Callable[[], datetime],
        publish_interval_s: float,
    ) -> None:
        self._database: Final = database
        self._keys: Final = keys
        self._clock: Final = clock
        self._publish_interval_us: Final = int(publish_interval_s * 1_000_000)
        self._connection: Connection | None = None
        self._kept = Overlay()
        self._tree: Tree | None = None
        self._signers: Sequence[Ed25519Signer] = ()
        self._signers_until_us = 0
        self._published: tuple[int, int] | None = None
        self._pages = 0
        self.head: Head | None = None
        self.listeners: list[Callable[[Head], None]] = []

    def run(self, tickets: Sequence[Ticket]) -> None:
        """Gives every ticket a value or an error; what succeeded is durable."""
        try:
            try:
                self._attempt(tickets, careful=False)
            except AgainError:
                self._undo()
                self._attempt(tickets, careful=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, every caller must be told
            self._abandon()
            for ticket in tickets:
                if ticket.error is None:
                    ticket.error = batch_error(error)

    def rest(self) -> None:
        """Copies SQLite's write-ahead log back when it has grown: within a commit every caller of it would wait."""
        if self._pages < COPY_BACK_PAGES or self._connection is None:
            return
        self._pages = 0
        try:
            copy_back(self._connection)
        except DATABASE_ERRORS:
            # Nothing is lost: the pages stay where they are, and the next commit or the next rest tries again.
            self._abandon()

    def idle(self) -> float | None:
        """Publishes the newest checkpoint when one is due; says when to ask again."""
        head = self.head
        if head is None or self._published is None or head.size <= self._published[0]:
            return None
        wait_us = self._published[1] + self._publish_interval_us - self._now_us()
        if wait_us > 0:
            return wait_us / 1_000_000
        try:
            connection = self._connected()
            begin(connection)
            # What is published is what the database holds, not what this process remembers of it.
            row = lock_head(connection)()
            self._publish(connection, row.size, row.note, max(self._now_us(), row.last_recorded_at))
            commit(connection)
        except (StorageError, *DATABASE_ERRORS):
            # Nothing is lost: the next batch publishes, or the next idle moment.
            self._abandon()
            return 1.0
        return None

    def close(self) -> None:
        """Gives the writing connection back; between batches it is in no transaction."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    # --- one attempt -------------------------------------------------------------------------------------------

    def _attempt(self, tickets: Sequence[Ticket], *, careful: bool) -> None:
        for ticket in tickets:
            ticket.value = ticket.error = None
        changes = [ticket for ticket in tickets if ticket.is_change]
        connection = self._connected()
        if len(changes) < len(tickets):
            begin(connection)
            self._run_operations(connection, [ticket for ticket in tickets if not ticket.is_change])
            if not changes:
                self._commit(connection)
                return
        tasks: list[Change[Any]] = [ticket.task for ticket in changes]
        kept = self._kept
        with together(connection):
            if len(changes) == len(tickets):
                begin(connection)
            locked = lock_head(connection)
            learned = _ask(kept, connection, tasks)
        head = locked()
        tree = self._catch_up(connection, head)
        overlay = self._kept
        overlay.learn(learned())
        if overlay is not kept:
            # Something moved the head meanwhile: of what was known before, nothing is sure any more.
            overlay.learn(_ask(overlay, connection, tasks)())
        now_us = max(self._now_us(), head.last_recorded_at)
        now = _EPOCH + now_us * _MICROSECOND
        position = Position(head.origin, head.size, bytes(head.last_leaf_hash), now, now_us)
        done: list[tuple[Ticket, Transaction]] = []
        for ticket in changes:
            run = run_carefully if careful else run_quickly
            transaction = run(connection, position, overlay, ticket)
            if ticket.error is None:
                done.append((ticket, transaction))
        appended = [entry for _, transaction in done for entry in transaction.appended]
        self._keep(connection, tree, position, appended, careful=careful)
        self._pages += BATCH_PAGES + len(appended)
        self._prune()
        try:
            self._answer(connection, tree, done, moved=bool(appended))
        except Exception as error:
            # Everything is durable; only the receipts could not be made.
            msg = f"commit: done, but its receipts failed with {kind_of(error)}; repeat with the same event_id"
            raise CommitUnknown(msg) from error

    def _keep(
        self, connection: Connection, tree: Tree, position: Position, appended: Sequence[Entry], *, careful: bool
    ) -> None:
        """Writes what the batch has made, moves the head, and makes it durable."""
        committing = False
        rotated = any(entry.event.type in KEY_TYPES for entry in appended)
        try:
            if rotated or (appended and position.now_us >= self._signers_until_us):
                # A new key is named by an entry.
                self._kept.flush(connection)
                self._load_signers(connection, position.now_us)
            with together(connection):
                self._kept.flush(connection)
                if appended:
                    self._advance(connection, tree, position, appended, rotated=rotated)
                committing = True
                commit(connection)
        except DATABASE_ERRORS as error:
            if committing and not is_refused(connection):
                raise _unknown(error) from error
            if careful:
                raise
            raise AgainError from error

    def _run_operations(self, connection: Connection, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            connection.exec_driver_sql("SAVEPOINT operation")
            try:
                ticket.value = ticket.task(Operation(connection, self._clock()))
            except Exception as error:  # noqa: BLE001 - the caller gets it
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT operation")
                ticket.error = error
            connection.exec_driver_sql("RELEASE SAVEPOINT operation")

    def _advance(
        self, connection: Connection, tree: Tree, position: Position, appended: Sequence[Entry], *, rotated: bool
    ) -> None:
        """Extends the tree, signs the checkpoint, writes tiles, head and, when due, the published checkpoint."""
        filled = tree.extend([entry.leaf_hash for entry in appended])
        if filled:
            insert_rows(connection, tiles, ("level", "tile_index", "nodes"), filled)
        root = tree.root()
        note = sign_checkpoint(Checkpoint(position.origin, position.size, root), self._signers)
        row = HeadRow(
            origin=position.origin,
            size=position.size,
            root=root,
            frontier=b"".join(tree.hashes),
            last_leaf_hash=position.last_leaf_hash,
            last_recorded_at=position.now_us,
            note=note,
        )
        save_head(connection, row)
        self.head = Head(position.origin, position.size, root, note, position.now_us)
        due = self._published is None or position.now_us - self._published[1] >= self._publish_interval_us
        # A rotation is always published: the old key's signature there is its word for the new one, for ever.
        if due or rotated:
            self._publish(connection, position.size, note, position.now_us)

    def _answer(
        self, connection: Connection, tree: Tree, done: Sequence[tuple[Ticket, Transaction]], *, moved: bool
    ) -> None:
        head = self.head
        if head is None:  # pragma: no cover - a locked head is always known
            raise NoLog
        for listener in self.listeners if moved else ():
            listener(head)
        for ticket, transaction in done:
            appended = tuple(transaction.appended)
            last = appended[-1] if appended else transaction.replays[-1]
            proof = tree.prove(last.index, lambda node: read_node(connection, node, head.size))
            receipt = Receipt(last.index, last.leaf_hash, head.note, proof, head.size)
            ticket.value = Committed(ticket.value, receipt, not appended, appended)

    # --- the connection and the head ---------------------------------------------------------------------------

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.writing_connection()
        return self._connection

    def _catch_up(self, connection: Connection, head: HeadRow) -> Tree:
        """Brings tree and memory to the head's state; they are behind when another process has written."""
        tree = self._tree
        if tree is not None and self.head is not None and tree.size == head.size and self.head.root == head.root:
            return tree
        self._kept = Overlay()
        self._signers_until_us = 0
        if tree is not None and 0 < head.size - tree.size <= CATCH_UP_MAX:
            tree.extend(read_hashes(connection, 0, tree.size, head.size))
        else:
            tree = load_tree(connection, head.size, split_hashes(head.frontier))
        if tree.root() != head.root:
            msg = f"log head: expected the root of its {head.size} entries, got another; run `chopbook log verify`"
            raise StorageFailed(msg)
        self._tree = tree
        self.head = Head(head.origin, head.size, bytes(head.root), head.note, head.last_recorded_at)
        published = connection.execute(
            select(checkpoints.c.size, checkpoints.c.published_at).order_by(checkpoints.c.size.desc()).limit(1)
        ).one_or_none()
        self._published = (published.size, published.published_at) if published else None
        return tree

    def _load_signers(self, connection: Connection, now_us: int) -> None:
        self._signers = current_signers(connection, self._keys, now_us)
        # Asked again after a minute, so that the overlap of a rotation ends on its own.
        self._signers_until_us = now_us + 60_000_000

    def _publish(self, connection: Connection, size: int, note: str, now_us: int) -> None:
        save_checkpoint(connection, size, note, now_us)
        self._published = (size, now_us)

    def _commit(self, connection: Connection) -> None:
        try:
            commit(connection)
        except DATABASE_ERRORS as error:
            raise _unknown(error) from error

    def _prune(self) -> None:
        kept = self._kept
        kept.events.clear()
        if len(kept.rows) > KEPT_ROWS_MAX:
            kept.rows.clear()
        if len(kept.subjects) > KEPT_ROWS_MAX:
            kept.subjects.clear()

    def _undo(self) -> None:
        """Takes back an attempt that failed.

        On PostgreSQL with the connection: psycopg counts a statement as prepared once it is sent together with others,
        also where an error before it kept the database from preparing it, and would call it by its name.
        """
        if self._connection is None or self._database.dialect != "sqlite":
            self._abandon()
            return
        self._connection.exec_driver_sql("ROLLBACK")
        self._forget()

    def _forget(self) -> None:
        """Forgets tree, head and what was read: an attempt that failed may have moved them."""
        self._tree = None
        self.head = None
        self._kept = Overlay()

    def _abandon(self) -> None:
        """Forgets connection, tree and memory: the next batch starts from what the database holds."""
        connection, self._connection = self._connection, None
        self._forget()
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _now_us(self) -> int:
        return (self._clock() - _EPOCH) // _MICROSECOND


def _ask(overlay: Overlay, connection: Connection, tasks: Sequence[Change[Any]]) -> Callable[[], Learned]:
    """Asks for what the changes say they will read, as far as the overlay does not know it."""
    return overlay.ask(
        connection,
        reads=(read for task in tasks for read in task.reads),
        subjects=(subject for task in tasks for subject in task.subjects),
        event_ids=(event_id for task in tasks for event_id in task.event_ids),
    )


def _unknown(error: Exception) -> CommitUnknown:
    msg = f"commit: expected an answer of the database, got {kind_of(error)}; repeat with the same event_id"
    return CommitUnknown(msg)
