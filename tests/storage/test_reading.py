"""Reading: filters, pages, proofs and tiles of a log that lies in a database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.event import Event
from audit.merkle import root_of
from audit.proof import verify_consistency, verify_inclusion
from audit.tile import parse_tile
from storage import Change, Transaction
from storage.errors import NotFound
from storage.reading import (
    EntryFilter,
    bundle_entries,
    consistency_proof,
    count_entries,
    first_index_at,
    hash_tile,
    inclusion_proof,
    published_checkpoint,
    published_sizes,
    read_entries,
    read_entry,
    root_at,
    stream_entries,
)
from storage.scope import EVERYTHING
from tests.furnished import Dialect, Furnished
from tests.worlds import START, World


def fill(world: World, _directory: Path) -> None:
    """599 entries of two stores after entry 0, in six bulks a minute apart."""
    for minute in range(6):
        events = [
            world.event(n, subject=f"n/{n % 7}", store=f"S{n % 2}", text=f"單號{minute}-{n}")
            for n in range(100 - (minute == 0))
        ]

        def bulk(tx: Transaction, events: list[Event] = events) -> None:
            for event in events:
                tx.append(event)

        world.clock.advance(minutes=1)
        world.storage.log.commit(Change(bulk))


@pytest.fixture
def filled(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[World]:
    """The filled log on each kind of database."""
    with furnished.opened(dialect, fill, tmp_path) as (world, _):
        yield world


def indexes(world: World, wanted: EntryFilter, **options: Any) -> list[int]:
    """Every matching index, page by page."""
    found: list[int] = []
    cursor = None
    with world.storage.database.read() as connection:
        while True:
            page = read_entries(connection, EVERYTHING, wanted, cursor=cursor, limit=37, **options)
            found += [entry.index for entry in page.entries]
            cursor = page.next_cursor
            if cursor is None:
                assert len(found) == count_entries(connection, EVERYTHING, wanted)
                return found


def test_pages_cover_everything_once_in_either_order(filled: World) -> None:
    assert indexes(filled, EntryFilter()) == list(range(599, -1, -1))
    assert indexes(filled, EntryFilter(), newest_first=False) == list(range(600))
    filled.check()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (EntryFilter(type="test.noted"), 599),
        (EntryFilter(type="no.such"), 0),
        (EntryFilter(actor="p_test"), 599),
        (EntryFilter(store="S1"), 299),
        (EntryFilter(subject="note:n/3"), 84),
        (EntryFilter(subject="note:n/3", store="S1"), 42),
        (EntryFilter(text="單號2-5"), 11),
        (EntryFilter(text="單號2-5", store="S0"), 5),
        (EntryFilter(text="%"), 0),
    ],
)
def test_filters_hold_together(filled: World, wanted: EntryFilter, count: int) -> None:
    assert len(indexes(filled, wanted)) == count


def test_a_time_range_is_a_range_of_indexes(filled: World) -> None:
    def us(minutes: int) -> int:
        return int((START + timedelta(minutes=minutes)).timestamp() * 1_000_000)

    found = indexes(filled, EntryFilter(recorded_from_us=us(2), recorded_until_us=us(4)))

    assert sorted(found) == list(range(100, 300))
    with filled.storage.database.read() as connection:
        assert first_index_at(connection, us(0), 600) == 0
        assert first_index_at(connection, us(60), 600) == 600


def test_a_page_stays_where_it_was_while_the_log_grows(filled: World) -> None:
    with filled.storage.database.read() as connection:
        first = read_entries(connection, EVERYTHING, EntryFilter(store="S0"), cursor=None, limit=10)
    filled.append(20, store="S0")

    with filled.storage.database.read() as connection:
        second = read_entries(connection, EVERYTHING, EntryFilter(store="S0"), cursor=first.next_cursor, limit=10)

    assert second.entries[0].index == first.entries[-1].index - 2


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 600])
def test_proofs_at_every_kind_of_size(filled: World, size: int) -> None:
    with filled.storage.database.read() as connection:
        leaves = [entry.leaf_hash for entry in stream_entries(connection, 0, 600)]
        root = root_at(connection, size)
        assert root == root_of(leaves[:size])
        for index in {0, size // 2, size - 1}:
            verify_inclusion(
                leaf_hash=leaves[index],
                index=index,
                size=size,
                proof=inclusion_proof(connection, index, size),
                root=root,
            )
        verify_consistency(
            first=size,
            second=600,
            first_root=root,
            second_root=root_at(connection, 600),
            proof=consistency_proof(connection, size, 600),
        )


def test_tiles_and_bundles_are_those_of_a_mirror(filled: World) -> None:
    with filled.storage.database.read() as connection:
        entries = list(stream_entries(connection, 0, 600))

        assert parse_tile(hash_tile(connection, 0, 1, 256)) == [e.leaf_hash for e in entries[256:512]]
        assert parse_tile(hash_tile(connection, 0, 2, 88), 88) == [e.leaf_hash for e in entries[512:600]]
        assert parse_tile(hash_tile(connection, 1, 0, 2), 2) == [
            root_of(e.leaf_hash for e in entries[n : n + 256]) for n in (0, 256)
        ]
        assert bundle_entries(connection, 2, 88) == [e.bytes for e in entries[512:600]]


def test_what_is_beyond_the_log_is_not_found(filled: World) -> None:
    with filled.storage.database.read() as connection:
        for ask in (
            lambda: read_entry(connection, 600),
            lambda: inclusion_proof(connection, 600, 600),
            lambda: inclusion_proof(connection, 0, 601),
            lambda: consistency_proof(connection, 5, 601),
            lambda: consistency_proof(connection, 6, 5),
            lambda: root_at(connection, 601),
            lambda: hash_tile(connection, 0, 2, 89),
            lambda: hash_tile(connection, 2, 0, 1),
            lambda: bundle_entries(connection, 2, 89),
            lambda: published_checkpoint(connection, 31),
        ):
            with pytest.raises(NotFound, match="expected"):
                ask()


def test_checkpoints_are_published_once_a_second_at_most(filled: World) -> None:
    with filled.storage.database.read() as connection:
        sizes = [size for size, _ in published_sizes(connection)]
        newest = published_checkpoint(connection)

    assert sizes[:6] == [600, 500, 400, 300, 200, 100]
    assert newest.splitlines()[1] == "600"
    filled.append(3)
    with filled.storage.database.read() as connection:
        assert published_sizes(connection)[0][0] == 600
