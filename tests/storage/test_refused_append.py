"""What an append that is refused leaves behind: nothing."""

from dataclasses import replace

import pytest

from audit.errors import MalformedEntry
from storage import Change, Transaction
from storage.errors import EventIdReused, Replayed
from storage.schema import entry_subjects
from tests.worlds import World


def test_an_event_too_large_for_an_entry_leaves_no_link_in_its_subjects_chain(world: World) -> None:
    good, large = world.event(1), world.event(2, text="x" * 70_000)

    def run(tx: Transaction) -> int:
        with pytest.raises(MalformedEntry):
            tx.append(large)
        return tx.append(good).index

    index = world.storage.log.commit(Change(run)).result

    with world.storage.database.read() as connection:
        rows = connection.execute(entry_subjects.select().where(entry_subjects.c.subject == "note:n/1")).all()
    assert [(row.position, row.entry_index) for row in rows] == [(0, index)]
    world.check()


def test_a_change_may_ask_first_whether_its_event_is_known(world: World) -> None:
    event = replace(world.event(1), request=bytes(16))
    asked: list[str] = []

    def run(tx: Transaction) -> None:
        for request in (bytes(16), bytes([1] * 16)):
            try:
                tx.refuse_known(event.actor.id, event.event_id, request)
            except (Replayed, EventIdReused) as refused:
                asked.append(type(refused).__name__)
            else:
                asked.append("new")
        tx.append(event)

    world.storage.log.commit(Change(run))
    first = list(asked)
    asked.clear()
    committed = world.storage.log.commit(Change(run))

    assert first == ["new", "new"]
    assert asked == ["Replayed", "EventIdReused"]
    assert committed.replayed
    world.check()
