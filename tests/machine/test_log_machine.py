"""The log as a state machine: whatever is done to it in whatever order, it is what a simple model says.

A step sends changes one after the other or all at once, so that good ones, failing ones and replays share a batch; a
second storage on the same database stands for another process. After every step the log is as long as the model; now
and then, and at the end, all of it is verified and compared.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, select, update

from audit.checkpoint import open_checkpoint
from audit.entry import parse_entry
from audit.event import Actor
from audit.keys import parse_vkey
from audit.proof import verify_consistency, verify_inclusion
from audit.verify import Trust
from policies.store import key_usage
from stock.store import balances
from storage import Receipt, Storage, rotate_key
from storage.reading import consistency_proof, read_head, root_at, stream_entries
from storage.verification import verify_database
from tests.machine.model import STEPS, Boom, Expected, Model
from tests.worlds import ORIGIN, World, world_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.postgres import Cluster

ROW = (balances.c.store, balances.c.sku, balances.c.batch, balances.c.quantity)
A_STEP = st.sampled_from(STEPS)


class LogMachine(RuleBasedStateMachine):
    """Does things to a log and to the model."""

    new_database: Callable[[], AbstractContextManager[str]]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.chance = random.Random(0)
        self.model = Model(self.chance)
        self.receipts: list[Receipt] = []
        self.vkeys: list[str] = []

    @initialize(seed=st.integers(0, 2**32))
    def create(self, seed: int) -> None:
        """A new log in a new database."""
        self.chance.seed(seed)
        directory = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        url = self.stack.enter_context(type(self).new_database())
        self.world: World = self.stack.enter_context(world_at(url, directory))
        self.other: Storage | None = None
        with self.world.storage.database.read() as connection:
            first = parse_entry(next(iter(stream_entries(connection, 0, 1))).bytes)
        self.vkeys.append(str(first.event.data["vkey"]))

    def teardown(self) -> None:
        """Ends with the whole log verified."""
        try:
            if hasattr(self, "world"):
                self.verify()
                self.compare()
                if self.other is not None:
                    self.other.close()
        finally:
            self.stack.close()

    # --------------------------------------------------------------------------------------- rules

    @rule(step=A_STEP)
    def commit(self, step: str) -> None:
        """One change, by a caller that waits."""
        change, expected = self.model.prepare(step)
        self._settle(expected, _outcome(lambda: self._storage().log.commit(change)))

    @rule(steps=st.lists(A_STEP, min_size=2, max_size=8))
    def commit_at_once(self, steps: list[str]) -> None:
        """Several changes that wait together, so that they share batches; their order is that of their sending."""
        prepared = [self.model.prepare(step) for step in steps]
        storage = self._storage()

        async def send() -> list[Any]:
            changes = (storage.log.commit_async(change) for change, _ in prepared)
            return await asyncio.gather(*changes, return_exceptions=True)

        for (_, expected), outcome in zip(prepared, asyncio.run(send()), strict=True):
            self._settle(expected, outcome)

    @rule(calls=st.integers(1, 5), key=st.sampled_from(["ck_a", "ck_b"]))
    def operate(self, calls: int, key: str) -> None:
        """Counts something that is no entry."""
        usage = self.model.usage

        def count(operation: Any) -> int:
            row = operation.execute(select(key_usage.c.calls).where(key_usage.c.key_id == key)).one_or_none()
            if row is None:
                operation.execute(insert(key_usage).values(key_id=key, month="2026-11", calls=calls))
                return calls
            operation.execute(update(key_usage).where(key_usage.c.key_id == key).values(calls=row.calls + calls))
            return int(row.calls) + calls

        usage[key] = usage.get(key, 0) + calls
        assert self._storage().database.operate(count) == usage[key]

    @rule()
    def operate_and_fail(self) -> None:
        """An operation that fails counts nothing."""

        def fail(operation: Any) -> None:
            operation.execute(insert(key_usage).values(key_id="ck_none", month="2026-11", calls=1))
            raise Boom

        with pytest.raises(Boom):
            self._storage().database.operate(fail)

    @rule()
    def reopen(self) -> None:
        """As a restart does."""
        self.world.reopen()

    @rule()
    def other_process(self) -> None:
        """A second storage comes or goes; later steps go through either."""
        if self.other is None:
            self.other = self.world.open_another()
        else:
            self.other.close()
            self.other = None

    @rule(seconds=st.integers(-3600, 100_000))
    def clock(self, seconds: int) -> None:
        """Time passes; now and then the clock is set back."""
        self.world.clock.advance(seconds=seconds)

    @rule()
    def rotate(self) -> None:
        """A new signing key."""
        committed = rotate_key(
            self._storage(),
            actor=Actor("p_operator", "operator"),
            previous_vkey=self.vkeys[-1],
            event_id=UUID(bytes=self.chance.randbytes(16), version=4),
            entropy=self.world.entropy,
        )
        self.vkeys.append(str(committed.entries[0].event.data["vkey"]))
        self.model.sent.append(None)
        self._settle(Expected(len(self.model.sent) - 1, committed.result), committed)

    @precondition(lambda self: self.receipts)
    @rule()
    def old_receipt(self) -> None:
        """A receipt of any time proves its entry, and the log still contains the tree it was made for."""
        receipt = self.chance.choice(self.receipts)
        self._check_receipt(receipt)
        with self.world.storage.database.read() as connection:
            head = read_head(connection)
            verify_consistency(
                first=receipt.size,
                second=head.size,
                first_root=root_at(connection, receipt.size),
                second_root=head.root,
                proof=consistency_proof(connection, receipt.size, head.size),
            )
            known = open_checkpoint(receipt.checkpoint, self._verifiers(), origin=ORIGIN)
            assert known.root == root_at(connection, receipt.size)

    @rule()
    def verify(self) -> None:
        """The whole log, from the rows."""
        report = verify_database(self.world.storage.database, trust=Trust(vkeys=(self.vkeys[0],)), workers=1)
        assert not report.faults, report.faults
        assert report.is_valid
        assert report.size == len(self.model.sent)

    @rule()
    def compare(self) -> None:
        """Every row is what the model says."""
        with self.world.storage.database.read() as connection:
            stored = [parse_entry(entry.bytes) for entry in stream_entries(connection, 0, len(self.model.sent))]
            found = {tuple(row[:3]): row[3] for row in connection.execute(select(*ROW))}
            usage = {row.key_id: row.calls for row in connection.execute(select(key_usage))}
        assert [entry.index for entry in stored] == list(range(len(self.model.sent)))
        times = [entry.recorded_at for entry in stored]
        assert times == sorted(times)
        for entry, sent in zip(stored, self.model.sent, strict=True):
            if sent is not None:
                assert (entry.event.actor.id, entry.event.event_id) == (sent.actor, sent.event_id)
        assert found == self.model.balances
        assert usage == self.model.usage

    @invariant()
    def is_as_long_as_the_model(self) -> None:
        """No entry more, none less."""
        if hasattr(self, "world"):
            assert self.world.storage.log.head().size == len(self.model.sent)

    # -------------------------------------------------------------------------------------- helpers

    def _storage(self) -> Storage:
        if self.other is not None and self.chance.random() < 0.5:
            return self.other
        return self.world.storage

    def _settle(self, expected: Expected, outcome: Any) -> None:
        """The caller was answered as the model says."""
        if expected.error is not None:
            assert isinstance(outcome, expected.error), outcome
            return
        assert not isinstance(outcome, BaseException), outcome
        assert outcome.replayed is expected.replayed
        assert outcome.receipt.index == expected.index
        assert outcome.result == expected.result
        assert bool(outcome.entries) is not expected.replayed
        self._check_receipt(outcome.receipt)
        self.receipts.append(outcome.receipt)

    def _verifiers(self) -> list[Any]:
        return [parse_vkey(vkey) for vkey in self.vkeys]

    def _check_receipt(self, receipt: Receipt) -> None:
        checkpoint = open_checkpoint(receipt.checkpoint, self._verifiers(), origin=ORIGIN)
        assert checkpoint.size == receipt.size
        verify_inclusion(
            leaf_hash=receipt.leaf_hash,
            index=receipt.index,
            size=receipt.size,
            proof=receipt.proof,
            root=checkpoint.root,
        )


def _outcome(commit: Callable[[], Any]) -> Any:
    try:
        return commit()
    except Exception as error:  # noqa: BLE001 - which one it is, is what is compared
        return error


def run_machine(new_database: Callable[[], AbstractContextManager[str]], examples: int, steps: int) -> None:
    """Runs that many random histories, each in a database of its own."""

    class Machine(LogMachine):
        pass

    Machine.new_database = staticmethod(new_database)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # A failing history is shown as it was: to shorten it would take longer than to read it.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def sqlite_databases(migrated_sqlite: Path) -> Callable[[], AbstractContextManager[str]]:
    """Migrated SQLite databases."""

    @contextmanager
    def new() -> Iterator[str]:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "chopbook.db"
            shutil.copyfile(migrated_sqlite, path)
            yield f"sqlite:///{path}"

    return new


@pytest.fixture
def postgresql_databases(cluster: Cluster) -> Callable[[], AbstractContextManager[str]]:
    """Migrated PostgreSQL databases."""
    from migrations.upgrading import upgrade

    return lambda: cluster.database(template=cluster.template("migrated", upgrade))


def test_the_log_is_what_the_model_says_on_sqlite(
    sqlite_databases: Callable[[], AbstractContextManager[str]],
) -> None:
    run_machine(sqlite_databases, examples=12, steps=20)


def test_the_log_is_what_the_model_says_on_postgresql(
    postgresql_databases: Callable[[], AbstractContextManager[str]],
) -> None:
    run_machine(postgresql_databases, examples=5, steps=20)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_log_is_what_the_model_says_for_long(kind: str, request: pytest.FixtureRequest) -> None:
    run_machine(request.getfixturevalue(f"{kind}_databases"), examples=300, steps=60)
