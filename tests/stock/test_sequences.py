"""Whatever is done to stock, in whatever order: each balance is the sum of the changes in the entries.

A model of a few lines says what should be; the room does it. All examples share one log, each at a store of its own.
At the end an attacker changes some balances behind the log's back, and reconciliation finds exactly those.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.entry import parse_members
from policies.model import NegativeStockRule
from stock.errors import StockError
from stock.model import DisagreementKind
from storage.reading import EntryFilter, read_entries
from storage.scope import EVERYTHING
from tests.stock.shop import Shop
from tests.stock.tampering import set_balances
from tests.worlds import world_at

LINES = (("A1", None), ("A2", None), ("O1", None), ("O1", "B1"), ("O1", "B2"))

_numbers = count(1)


@pytest.fixture(scope="module")
def shared(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    directory = tmp_path_factory.mktemp("sequences")
    shutil.copyfile(migrated_sqlite, directory / "chopbook.db")
    with world_at(f"sqlite:///{directory / 'chopbook.db'}", directory) as world:
        shop = Shop(world)
        for batch in ("B1", "B2"):
            shop.lot("O1", batch)
        yield shop
        world.check()


@dataclass
class Model:
    """What a store should hold."""

    negative_allowed: bool
    held: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    movements: list[tuple[int, tuple[str, str | None], int]] = field(default_factory=list)
    corrected: set[int] = field(default_factory=set)
    stocktake: str | None = None
    counted: dict[tuple[str, str | None], tuple[int, int]] = field(default_factory=dict)

    def may_move(self, line: tuple[str, str | None], change: int) -> bool:
        return self.negative_allowed or change >= 0 or self.held[line] + change >= 0


lines = st.sampled_from(LINES)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("adjust"), lines, st.integers(-8, 8)),
        st.tuples(
            st.just("many"), st.lists(st.tuples(lines, st.integers(-8, 8)), min_size=1, max_size=4), st.booleans()
        ),
        st.tuples(st.just("correct"), st.integers(0, 30), st.integers(-8, 8)),
        st.tuples(st.just("open"), st.just(None), st.booleans()),
        st.tuples(st.just("count"), lines, st.integers(0, 8)),
        st.tuples(st.just("close"), st.just(None), st.booleans()),
    ),
    min_size=4,
    max_size=25,
)


def batch_of(line: tuple[str, str | None]) -> dict[str, object]:
    return {} if line[1] is None else {"batch": line[1]}


class Run:
    """One example: the room and the model, step by step."""

    def __init__(self, shop: Shop, *, negative_allowed: bool) -> None:
        self.shop = shop
        self.model = Model(negative_allowed)
        self.store = f"S{next(_numbers)}"
        shop.store(self.store, "KLN", NegativeStockRule.ALLOW if negative_allowed else NegativeStockRule.REFUSE)

    def moved(self, index: int, line: tuple[str, str | None], change: int, said: int) -> None:
        self.model.held[line] += change
        self.model.movements.append((index, line, said))

    def adjust(self, line: tuple[str, str | None], change: int) -> None:
        fits = change != 0 and self.model.may_move(line, change)
        try:
            adjusted = self.shop.adjust(change, store=self.store, sku=line[0], reason="stocktake", **batch_of(line))
        except StockError:
            assert not fits
            return
        assert fits
        assert adjusted.before == self.model.held[line]
        self.moved(adjusted.index, line, change, change)

    def many(self, rows: list[tuple[tuple[str, str | None], int]], all_or_nothing: bool) -> None:
        requests = [
            self.shop.asked(change, store=self.store, sku=line[0], reason="stocktake", **batch_of(line))
            for line, change in rows
        ]
        before = self.model.held.copy()
        fits: list[bool] = []
        for line, change in rows:
            fits.append(change != 0 and self.model.may_move(line, change))
            self.model.held[line] += change if fits[-1] else 0
        self.model.held = before
        try:
            results = self.shop.many(*requests, all_or_nothing=all_or_nothing)
        except StockError:
            assert not (all(fits) if all_or_nothing else any(fits))
            return
        assert [result.error is None for result in results] == fits
        for result, (line, change) in zip(results, rows, strict=True):
            if result.adjusted is not None:
                self.moved(result.adjusted.index, line, change, change)

    def correct(self, which: int, replacement: int) -> None:
        if not self.model.movements:
            return
        index, line, said = self.model.movements[which % len(self.model.movements)]
        delta = replacement - said
        fits = index not in self.model.corrected and delta != 0 and self.model.may_move(line, delta)
        try:
            corrected = self.shop.correct(index, replacement)
        except StockError:
            assert not fits
            return
        assert fits
        self.model.corrected.add(index)
        self.moved(corrected.index, line, delta, replacement)

    def open(self, full: bool) -> None:
        try:
            opened = self.shop.open(self.store, scope="full" if full else "partial")
        except StockError:
            assert self.model.stocktake is not None
            return
        assert self.model.stocktake is None
        self.model.stocktake = f"{opened.id} {opened.scope}"
        self.model.counted = {}

    def count(self, line: tuple[str, str | None], counted: int) -> None:
        if self.model.stocktake is None:
            return
        stocktake = self.model.stocktake.split()[0]
        self.shop.count(stocktake, {"sku": line[0], "counted": counted, "mode": "add", **batch_of(line)})
        standing = self.model.counted.get(line, (0, 0))[0]
        self.model.counted[line] = (standing + counted, self.model.held[line])

    def close(self, really: bool) -> None:
        if self.model.stocktake is None:
            return
        stocktake, scope = self.model.stocktake.split()
        if not really:
            self.shop.cancel(stocktake)
            self.model.stocktake = None
            return
        differences = {line: counted - expected for line, (counted, expected) in self.model.counted.items()}
        if scope == "full":
            differences |= {line: -held for line, held in self.model.held.items() if line not in differences}
        differences = {line: difference for line, difference in differences.items() if difference}
        fits = bool(self.model.counted) and all(
            self.model.may_move(line, difference) for line, difference in differences.items()
        )
        try:
            closed = self.shop.close(stocktake)
        except StockError:
            assert not fits
            return
        assert fits
        self.model.stocktake = None
        assert {(found.sku, found.batch): found.change for found in closed.adjustments} == differences
        for found in closed.adjustments:
            self.moved(found.index, (found.sku, found.batch), found.change, found.change)

    def check(self) -> None:
        """Balances, model and the entries of this store say the same."""
        held = {
            (found.sku, found.batch): found.quantity for found in self.shop.balances(store=self.store, with_zero=True)
        }
        assert {line: held.get(line, 0) for line in LINES} == {line: self.model.held[line] for line in LINES}
        summed: Counter[tuple[str, str | None]] = Counter()
        with self.shop.world.storage.database.read() as connection:
            page = read_entries(connection, EVERYTHING, EntryFilter(store=self.store), cursor=None, limit=1000)
        assert page.next_cursor is None
        for entry in page.entries:
            members = parse_members(entry.bytes)
            if members["type"] in {"stock.adjusted", "stock.corrected"}:
                data = members["data"]
                batch, change = data.get("batch"), data["change"]
                assert isinstance(change, int)
                summed[str(data["sku"]), None if batch is None else str(batch)] += change
        assert {line: held.get(line, 0) for line in LINES} == {line: summed[line] for line in LINES}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, negative_allowed=st.booleans())
def test_each_balance_is_the_sum_of_the_changes_in_the_entries(
    shared: Shop, steps: list[tuple[str, object, object]], negative_allowed: bool
) -> None:
    run = Run(shared, negative_allowed=negative_allowed)

    for name, first, second in steps:
        arguments = (second,) if first is None else (first, second)
        getattr(run, name)(*arguments)

    run.check()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_reconciliation_finds_exactly_the_balances_that_an_attacker_changed(shared: Shop, data: st.DataObject) -> None:
    database = shared.world.storage.database
    if not shared.balances(with_zero=True):
        shared.many(*[shared.asked(n + 1, sku=sku, **batch_of((sku, b))) for n, (sku, b) in enumerate(LINES)])
    held = {(found.store, found.sku, found.batch or ""): found.quantity for found in shared.balances(with_zero=True)}
    keys = data.draw(st.lists(st.sampled_from(sorted(held)), unique=True, max_size=6))
    forged = {key: held[key] + data.draw(st.integers(-5, 5).filter(bool)) for key in keys}
    assert shared.reconcile() == []

    set_balances(database, forged)
    found = shared.reconcile()
    set_balances(database, {key: held[key] for key in forged})

    assert {one.kind for one in found} <= {DisagreementKind.QUANTITY}
    assert {(one.store, one.sku, one.batch or ""): (one.expected, one.found) for one in found} == {
        key: (held[key], quantity) for key, quantity in forged.items()
    }
