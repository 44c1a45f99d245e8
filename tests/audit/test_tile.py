from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import MalformedTile
from audit.merkle import SIZE_MAX, leaf_hash
from audit.tile import (
    TILE_BYTES,
    TILE_NODES_BYTES,
    TilePath,
    bundle_path,
    encode_bundle,
    node_offset,
    node_place,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    tile_nodes,
    tile_path,
    tile_width,
)
from tests.audit import oracle
from tests.audit.trees import tree_of

PATHS = {
    "tile/0/000": TilePath(0, 0),
    "tile/0/001": TilePath(0, 1),
    "tile/0/x001/067": TilePath(0, 1067),
    "tile/2/x001/x234/067": TilePath(2, 1234067),
    "tile/63/999.p/1": TilePath(63, 999, 1),
    "tile/0/x001/000.p/255": TilePath(0, 1000, 255),
    "tile/entries/000.p/5": TilePath(None, 0, 5),
    "tile/entries/x123/x456/789": TilePath(None, 123456789),
    "tile/7/x009/x223/x372/x036/x854/x775/807": TilePath(7, SIZE_MAX),
}


@pytest.mark.parametrize(("path", "tile"), PATHS.items())
def test_a_path_names_a_tile_and_a_tile_its_path(path: str, tile: TilePath) -> None:
    assert parse_tile_path(path) == tile
    assert str(tile) == path


def test_paths_are_written_for_tiles_and_bundles() -> None:
    assert tile_path(0, 1067, 5) == "tile/0/x001/067.p/5"
    assert tile_path(1, 0) == "tile/1/000"
    assert bundle_path(1067) == "tile/entries/x001/067"
    assert bundle_path(0, 17) == "tile/entries/000.p/17"


@given(st.none() | st.integers(0, 63), st.integers(0, SIZE_MAX), st.integers(1, 256))
def test_a_path_is_read_back_as_written(level: int | None, index: int, width: int) -> None:
    tile = TilePath(level, index, width)

    assert parse_tile_path(str(tile)) == tile


@given(
    st.text(max_size=30)
    | st.from_regex(r"tile/([0-9]{1,2}|entries)(/x[0-9]{3}){0,8}/[0-9]{3}(\.p/[0-9]{1,4})?", fullmatch=True)
)
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        tile = parse_tile_path(text)
    except MalformedTile:
        return

    assert str(tile) == text


NOT_A_PATH = "tile path: expected tile/<level>/<index>[.p/<width>], got another"
MALFORMED = {
    "nothing": ("", NOT_A_PATH),
    "leading slash": ("/tile/0/000", NOT_A_PATH),
    "trailing newline": ("tile/0/000\n", NOT_A_PATH),
    "level with leading zero": ("tile/00/000", NOT_A_PATH),
    "negative level": ("tile/-1/000", NOT_A_PATH),
    "level of three digits": ("tile/100/000", NOT_A_PATH),
    "level above 63": ("tile/64/000", "tile level: expected 0 to 63, got 64"),
    "two digits": ("tile/0/00", NOT_A_PATH),
    "four digits": ("tile/0/0000", NOT_A_PATH),
    "no x": ("tile/0/001/067", NOT_A_PATH),
    "x at the end": ("tile/0/x001/x067", NOT_A_PATH),
    "other digits": ("tile/0/٠٠٠", NOT_A_PATH),
    "too many groups": ("tile/0/" + "x001/" * 7 + "000", NOT_A_PATH),
    "empty group in front": ("tile/0/x000/067", "tile path: expected the shortest form, got another"),
    "index beyond 63 bits": (
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        f"tile index: expected 0 to 2^63-1, got {2**63}",
    ),
    "full width spelled out": ("tile/0/000.p/256", "tile path: expected the shortest form, got another"),
    "width above 256": ("tile/0/000.p/257", "tile width: expected 1 to 256, got 257"),
    "width zero": ("tile/0/000.p/0", NOT_A_PATH),
    "width with leading zero": ("tile/0/000.p/05", NOT_A_PATH),
    "unknown kind": ("tile/data/000", NOT_A_PATH),
}


@pytest.mark.parametrize(("path", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_a_path_is_refused_by_name(path: str, message: str) -> None:
    with pytest.raises(MalformedTile) as caught:
        parse_tile_path(path)

    assert str(caught.value) == message


def test_the_standard_s_example_tree_has_the_tiles_it_says() -> None:
    size = 70_000

    assert [tile_width(0, index, size) for index in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tile_width(1, index, size) for index in (0, 1, 2)] == [256, 17, 0]
    assert [tile_width(2, index, size) for index in (0, 1)] == [1, 0]
    assert tile_width(3, 0, size) == 0
    assert (tile_width(0, 0, 256), tile_width(1, 0, 256)) == (256, 1)


def test_a_stored_tile_holds_every_node_of_its_subtree_where_the_offset_says() -> None:
    tree = tree_of(512)
    hashes = [tree.nodes[0, index] for index in range(256, 512)]

    nodes = tile_nodes(hashes)

    assert len(nodes) == TILE_NODES_BYTES == 16_352
    assert nodes[:TILE_BYTES] == b"".join(hashes)
    assert nodes[-32:] == oracle.root(tree.entries[256:])
    for height in range(9):
        for position in range(1 << (8 - height)):
            offset = node_offset(height, position)
            assert nodes[offset : offset + 32] == tree.nodes[height, (1 << (8 - height)) + position]


@given(st.integers(0, 60), st.integers(0, 2**40))
def test_a_node_has_its_place_in_a_tile_that_is_full_as_soon_as_the_node_is(level: int, index: int) -> None:
    tile_level, tile_index, offset = node_place(level, index)

    size = (index + 1) << level
    height = level - 8 * tile_level
    position = index - (tile_index << (8 - height))
    assert 0 <= height <= 8
    assert offset == node_offset(height, position)
    assert level == 0 or height > 0
    assert height < 8 or tile_width(tile_level, tile_index, size) == 256


@pytest.mark.parametrize(("height", "position"), [(-1, 0), (9, 0), (0, 256), (8, 1), (3, -1)])
def test_a_tile_has_no_other_nodes(height: int, position: int) -> None:
    with pytest.raises(MalformedTile) as caught:
        node_offset(height, position)

    assert str(caught.value) == (
        f"tile node: expected height 0 to 8 and a position in its row, got {height}, {position}"
    )


@pytest.mark.parametrize("hashes", [[], [bytes(32)] * 255, [bytes(32)] * 255 + [bytes(31)]])
def test_only_256_hashes_make_a_stored_tile(hashes: list[bytes]) -> None:
    with pytest.raises(MalformedTile, match=r"^tile: expected 256 hashes of 32 bytes, got another$"):
        tile_nodes(hashes)


def test_a_served_tile_is_read_as_hashes() -> None:
    hashes = [leaf_hash(bytes((index,))) for index in range(5)]

    assert parse_tile(b"".join(hashes), 5) == hashes


@pytest.mark.parametrize(("length", "width", "wanted"), [(0, 1, 32), (33, 1, 32), (8_160, 256, 8_192)])
def test_a_served_tile_of_another_length_is_refused(length: int, width: int, wanted: int) -> None:
    with pytest.raises(MalformedTile, match=rf"^tile: expected {wanted} bytes, got {length}$"):
        parse_tile(bytes(length), width)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_is_read_back_as_written(entries: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(entries), len(entries)) == entries


def test_a_bundle_holds_each_entry_behind_its_length() -> None:
    assert encode_bundle([b"ab", b""]) == b"\0\2ab\0\0"


@given(st.binary(max_size=60), st.integers(1, 256))
def test_any_bytes_are_a_bundle_or_refused(data: bytes, width: int) -> None:
    try:
        entries = parse_bundle(data, width)
    except MalformedTile:
        return

    assert encode_bundle(entries) == data
    assert len(entries) == width


BUNDLES = {
    "nothing": (b"", 1, "entry bundle: expected exactly 1 entries, got 0 and 0 bytes over"),
    "half a length": (b"\0", 1, "entry bundle: expected exactly 1 entries, got 0 and 1 bytes over"),
    "entry cut short": (b"\0\3ab", 1, "entry bundle: expected exactly 1 entries, got 0 and 4 bytes over"),
    "one too few": (b"\0\1a", 2, "entry bundle: expected exactly 2 entries, got 1 and 0 bytes over"),
    "one too many": (b"\0\1a\0\1b", 1, "entry bundle: expected exactly 1 entries, got 1 and 3 bytes over"),
    "trailing byte": (b"\0\1a\0", 1, "entry bundle: expected exactly 1 entries, got 1 and 1 bytes over"),
}


@pytest.mark.parametrize(("data", "width", "message"), BUNDLES.values(), ids=BUNDLES.keys())
def test_what_is_not_the_bundle_is_refused_by_name(data: bytes, width: int, message: str) -> None:
    with pytest.raises(MalformedTile) as caught:
        parse_bundle(data, width)

    assert str(caught.value) == message


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_has_one_to_256_entries(count: int) -> None:
    with pytest.raises(MalformedTile, match=rf"^entry bundle: expected 1 to 256 entries, got {count}$"):
        encode_bundle([b""] * count)


def test_an_entry_too_long_for_its_length_prefix_is_refused() -> None:
    with pytest.raises(MalformedTile, match=r"^entry 1: expected at most 65535 bytes, got 65536$"):
        encode_bundle([bytes(65_535), bytes(65_536)])
