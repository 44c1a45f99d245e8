"""Reading a disputed block backwards along the chain, and asking the other witnesses where it is cut."""

from __future__ import annotations

from audit.event import ZERO_HASH
from audit.merkle import leaf_hash, root_of
from audit.witness import Block, block_root, claimed_index, claimed_previous, claims_previous
from tests.verify.synthetic import grown

A, B, C, D, E, X, Y = (leaf_hash(name.encode()) for name in "ABCDEXY")


def test_the_chain_is_read_backwards_from_the_entry_after() -> None:
    block = Block(10, 3, chain={D: C, C: B, B: A}, by_column={10: [X], 11: [X], 12: [X]})

    assert block.readings(D)[0] == [A, B, C]


def test_where_the_chain_is_cut_most_witnesses_decide() -> None:
    block = Block(10, 3, chain={D: C}, by_link={11: [B]}, by_bytes={11: [X], 10: [A]}, by_column={11: [B], 10: [A]})

    assert block.readings(D)[0] == [A, B, C]


def test_equal_votes_go_to_the_link() -> None:
    block = Block(10, 2, by_link={10: [A], 11: [B]}, by_bytes={10: [X], 11: [X]})

    assert block.readings(None)[0] == [A, B]


def test_other_ends_and_the_tile_are_other_readings() -> None:
    block = Block(10, 2, tile=[X, Y], chain={C: B, B: A, D: E}, by_link={11: [D]}, by_column={11: [B]})

    readings = block.readings(C)

    # The columns by themselves, then what most witnesses of each entry say when the chain is not believed.
    assert readings == [[A, B], [E, D], [X, Y], [X, B], [X, D]]


def test_a_witness_who_says_two_things_is_heard_twice() -> None:
    block = Block(10, 1, by_bytes={10: [X, A]}, by_column={10: [A]})

    assert block.readings(None) == [[A], [X]]


def test_without_witnesses_nothing_is_known() -> None:
    assert Block(10, 2).readings(None) == [[ZERO_HASH, ZERO_HASH]]
    assert Block(10, 1).readings(A) == [[ZERO_HASH]]


def test_bytes_say_where_they_belong_and_what_was_before() -> None:
    forge = grown(60)
    row, before = forge.rows.entries[50], forge.rows.entries[49]

    assert claimed_index(row[1]) == 50
    assert claimed_previous(row[1]) == before[2]
    assert claims_previous(row[1], before[2])
    assert not claims_previous(row[1], row[2])
    assert claimed_index(b"x") is None
    assert claimed_previous(b"x") is None


def test_the_root_of_a_block_is_that_of_a_tree() -> None:
    hashes = [leaf_hash(bytes([at])) for at in range(256)]

    assert block_root(hashes) == root_of(hashes)
