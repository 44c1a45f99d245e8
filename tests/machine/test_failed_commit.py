"""A COMMIT that the database refuses: callers are told, nothing is kept, and nothing that never was is published."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, select

from storage import Change
from storage.errors import CommitUnknown
from storage.schema import checkpoints
from tests.worlds import world_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.worlds import World

TRAPS = {
    "sqlite": (
        "CREATE TABLE trap (x INTEGER REFERENCES entries (entry_index) DEFERRABLE INITIALLY DEFERRED)",
        """CREATE TRIGGER trap_springs AFTER INSERT ON entries WHEN NEW.type = 'test.trap'
           BEGIN INSERT INTO trap VALUES (-1); END""",
    ),
    "postgresql": (
        "CREATE TABLE trap (x BIGINT REFERENCES entries (entry_index) DEFERRABLE INITIALLY DEFERRED)",
        """CREATE FUNCTION trap_springs() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN INSERT INTO trap VALUES (-1); RETURN NULL; END $$""",
        """CREATE TRIGGER trap_springs AFTER INSERT ON entries FOR EACH ROW
           WHEN (NEW.type = 'test.trap') EXECUTE FUNCTION trap_springs()""",
    ),
}


@pytest.fixture
def trapped(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A log in a database that accepts an entry of type `test.trap` and refuses the COMMIT that would keep it."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in TRAPS[engine.dialect.name]:
            connection.exec_driver_sql(statement)
    engine.dispose()
    with world_at(database_url, tmp_path, publish_interval_s=0.2) as world:
        yield world


def spring(world: World) -> None:
    """Commits what the database refuses at the very end."""
    event = world.event()
    trap = type(event)(
        type="test.trap", subjects=event.subjects, data=event.data, actor=event.actor, event_id=event.event_id
    )
    with pytest.raises(CommitUnknown):
        world.storage.log.commit(Change(lambda tx: tx.append(trap)))


def published(world: World) -> list[int]:
    """Sizes of the published checkpoints."""
    with world.storage.database.read() as connection:
        return [row.size for row in connection.execute(select(checkpoints.c.size).order_by(checkpoints.c.size))]


def test_a_refused_commit_keeps_nothing_and_the_log_goes_on(trapped: World) -> None:
    trapped.append(3)

    spring(trapped)
    after = trapped.append(2)

    assert [committed.receipt.index for committed in after] == [4, 5]
    assert trapped.check() == 6


def test_a_head_that_was_never_committed_is_never_published(trapped: World) -> None:
    trapped.append(3)

    spring(trapped)
    trapped.clock.advance(seconds=10)
    # The writer publishes what is due when it is idle: it is, now.
    time.sleep(0.6)

    assert max(published(trapped)) <= 4
    trapped.append(1)
    assert trapped.check() == 5


def test_the_sender_of_a_refused_commit_may_send_it_again(trapped: World) -> None:
    event = trapped.event()
    trapped.append(1)
    spring(trapped)

    first = trapped.storage.log.commit(Change(lambda tx: tx.append(event)))
    again = trapped.storage.log.commit(Change(lambda tx: tx.append(event)))

    assert not first.replayed
    assert again.replayed
    assert again.receipt.leaf_hash == first.receipt.leaf_hash
    assert trapped.check() == 3
