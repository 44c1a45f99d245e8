"""What the log must be after each step, and the changes that the steps send.

A step is prepared against the model before it is sent: the order of sending is the order of the log, so what each change
must answer is known beforehand, whatever shares its batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, update

from audit.event import Actor, Event, Subject
from stock.store import balances, lots
from storage import Change, KeyedRows, Transaction
from storage.errors import EmptyChange, EventIdReused, Replayed, StorageError
from storage.schema import entries

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

BALANCES = KeyedRows(balances, ("store", "sku", "batch"), ("quantity",))
KEYS = (("S1", "A", ""), ("S1", "B", ""), ("S2", "A", "b1"))
ACTORS = ("p_one", "p_two")

Key = tuple[str, str, str]


class Boom(Exception):
    """What a failing change raises."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as its sender keeps it, to send it again."""

    actor: str
    event_id: UUID
    request: bytes
    key: Key

    def event(self, request: bytes | None = None) -> Event:
        """The event, or another one under the same id."""
        return Event(
            type="test.moved",
            subjects=(Subject("stock", "/".join(self.key)), Subject("sku", self.key[1])),
            data={"store": self.key[0]},
            actor=Actor(self.actor, "api_client"),
            event_id=self.event_id,
            request=request or self.request,
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """What the caller of a change must be answered."""

    index: int = -1
    result: object = None
    replayed: bool = False
    error: type[Exception] | None = None


@dataclass(slots=True)
class Model:
    """What the log must be."""

    chance: random.Random
    sent: list[Sent | None] = field(default_factory=lambda: [None])
    """One for each entry, in order; None for entries of the log's own."""
    balances: dict[Key, int] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=dict)

    def prepare(self, step: str) -> tuple[Change[Any], Expected]:
        """The change of a step, and what it must answer; the model is then already what the log will be."""
        if step in {"replay", "conflict", "new and replayed"} and not any(self.sent):
            step = "one"
        run, expected = _STEPS[step](self)
        return run, expected

    def fresh(self) -> Sent:
        """An event that was never sent."""
        return Sent(
            self.chance.choice(ACTORS),
            UUID(bytes=self.chance.randbytes(16), version=4),
            self.chance.randbytes(16),
            self.chance.choice(KEYS),
        )

    def known(self) -> tuple[int, Sent]:
        """An event that was sent, and the index of its entry."""
        return self.chance.choice([(index, sent) for index, sent in enumerate(self.sent) if sent is not None])

    def hinted(self, run: Callable[[Transaction], Any], *sent: Sent) -> Change[Any]:
        """The change, now and then with hints of what it will read."""
        if self.chance.random() < 0.5:
            return Change(run)
        return Change(
            run,
            reads=tuple((BALANCES, event.key) for event in sent),
            event_ids=tuple((event.actor, event.event_id) for event in sent),
        )


def _move(tx: Transaction, sent: Sent, by: int) -> int:
    row = tx.get(BALANCES, sent.key)
    entry = tx.append(sent.event())
    quantity = (row[0] if row else 0) + by
    tx.put(entry, BALANCES, sent.key, (quantity,))
    return quantity


def _several(model: Model, count: int) -> tuple[Change[Any], Expected]:
    moves = [(model.fresh(), model.chance.randint(1, 9)) for _ in range(count)]
    for sent, by in moves:
        model.balances[sent.key] = model.balances.get(sent.key, 0) + by
        model.sent.append(sent)
    expected = Expected(len(model.sent) - 1, [model.balances[sent.key] for sent, _ in moves][-1])

    def run(tx: Transaction) -> int:
        return [_move(tx, sent, by) for sent, by in moves][-1]

    return model.hinted(run, *(sent for sent, _ in moves)), expected


def _replay(model: Model) -> tuple[Change[Any], Expected]:
    index, sent = model.known()
    return model.hinted(lambda tx: _move(tx, sent, 1), sent), Expected(index, replayed=True)


def _conflict(model: Model) -> tuple[Change[Any], Expected]:
    _, sent = model.known()
    other = bytes(16)
    return model.hinted(lambda tx: tx.append(sent.event(other)), sent), Expected(error=EventIdReused)


def _fails_early(model: Model) -> tuple[Change[Any], Expected]:
    def run(tx: Transaction) -> None:
        tx.get(BALANCES, KEYS[0])
        raise Boom

    return model.hinted(run), Expected(error=Boom)


def _fails_late(model: Model) -> tuple[Change[Any], Expected]:
    sent = model.fresh()

    def run(tx: Transaction) -> None:
        _move(tx, sent, 1000)
        raise Boom

    return model.hinted(run, sent), Expected(error=Boom)


def _refused(model: Model) -> tuple[Change[Any], Expected]:
    sent = model.fresh()

    def run(tx: Transaction) -> None:
        _move(tx, sent, 1000)
        entry = tx.append(model_event)
        for _ in range(2):
            tx.insert(entry, lots, sku="A", batch="twice")

    model_event = model.fresh().event()
    return model.hinted(run, sent), Expected(error=StorageError)


def _empty(model: Model) -> tuple[Change[Any], Expected]:
    return model.hinted(lambda tx: tx.size), Expected(error=EmptyChange)


def _new_and_replayed(model: Model) -> tuple[Change[Any], Expected]:
    """Half of it is there already: it must not be answered as if all of it were."""
    _, known = model.known()
    sent = model.fresh()

    def run(tx: Transaction) -> None:
        _move(tx, sent, 1000)
        tx.append(known.event())

    return model.hinted(run, sent, known), Expected(error=Replayed)


def _looks(model: Model) -> tuple[Change[Any], Expected]:
    """Reads the database itself in the middle of a batch."""
    sent = model.fresh()
    model.sent.append(sent)
    model.balances[sent.key] = model.balances.get(sent.key, 0) + 1

    def run(tx: Transaction) -> int:
        _move(tx, sent, 1)
        return int(tx.select(select(func.count()).select_from(entries))[0][0])

    return model.hinted(run, sent), Expected(len(model.sent) - 1, len(model.sent))


def _updates(model: Model) -> tuple[Change[Any], Expected]:
    """Changes a row by a statement; rows kept in memory must not hide it."""
    sent = model.fresh()
    model.sent.append(sent)
    there = sent.key in model.balances
    if there:
        model.balances[sent.key] += 100
    store, sku, batch = sent.key
    where = (balances.c.store == store) & (balances.c.sku == sku) & (balances.c.batch == batch)

    def run(tx: Transaction) -> tuple[int, object]:
        entry = tx.append(sent.event())
        changed = tx.update(entry, update(balances).where(where).values(quantity=balances.c.quantity + 100))
        return changed, tx.get(BALANCES, sent.key)

    quantity = (model.balances[sent.key],) if there else None
    return model.hinted(run, sent), Expected(len(model.sent) - 1, (int(there), quantity))


_STEPS: dict[str, Callable[[Model], tuple[Change[Any], Expected]]] = {
    "one": lambda model: _several(model, 1),
    "several": lambda model: _several(model, model.chance.randint(2, 6)),
    "replay": _replay,
    "conflict": _conflict,
    "fails early": _fails_early,
    "fails late": _fails_late,
    "refused by the database": _refused,
    "empty": _empty,
    "new and replayed": _new_and_replayed,
    "looks": _looks,
    "updates": _updates,
}
STEPS = (*_STEPS, "one")
