"""Every column of every log table, one wrong value at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.tamper import forge
from tests.tamper.case import (
    BOTH,
    FOUR_SUBJECTS,
    HAS_OCCURRED,
    HAS_REQUEST,
    HAS_STORE,
    IN_TAIL,
    IN_TILE,
    LAST,
    NO_OCCURRED,
    NO_REQUEST,
    NO_STORE,
    NOTE_FAULTS,
    SIZE,
    SQLITE_ONLY,
    Case,
    K,
    head_wrong,
    tile_wrong,
)
from tests.tamper.expect import ANY, NOT_EVIDENCE, named, tells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.tamper.attacker import Attacker
    from tests.tamper.expect import Expectation

FAR: Final = 10**6


def flip(value: bytes) -> bytes:
    """One bit turned."""
    return bytes([value[0] ^ 1]) + value[1:]


def constant(value: Any) -> Callable[[Any], Any]:
    """Any value becomes this one."""
    return lambda _: value


# ---------------------------------------------------------------------------------------- entries

SEARCH_COLUMNS: Final[tuple[tuple[str, str, int, Callable[[Any], Any]], ...]] = (
    ("leaf_hash", "with one bit turned", IN_TILE, flip),
    ("leaf_hash", "with one bit turned, in the tail", IN_TAIL, flip),
    ("leaf_hash", "with one bit turned, of the last entry", LAST, flip),
    ("leaf_hash", "set to zeros", IN_TILE, constant(bytes(32))),
    ("leaf_hash", "cut to 31 bytes", IN_TAIL, lambda value: value[:31]),
    ("leaf_hash", "emptied", IN_TILE, constant(b"")),
    ("leaf_hash", "set to null", IN_TILE, constant(None)),
    ("leaf_hash", "set to null in the tail", IN_TAIL, constant(None)),
    ("recorded_at", "one microsecond later", IN_TILE, lambda value: value + 1),
    ("recorded_at", "one microsecond earlier, of the last entry", LAST, lambda value: value - 1),
    ("recorded_at", "set to the epoch", IN_TAIL, constant(0)),
    ("recorded_at", "set to the end of time", IN_TILE, constant(2**63 - 1)),
    ("recorded_at", "set to null", IN_TILE, constant(None)),
    ("occurred_at", "one microsecond later", HAS_OCCURRED, lambda value: value + 1),
    ("occurred_at", "removed", HAS_OCCURRED, constant(None)),
    ("occurred_at", "added", NO_OCCURRED, constant(1)),
    ("occurred_at", "added as zero", NO_OCCURRED, constant(0)),
    ("type", "changed", IN_TILE, constant("stock.corrected")),
    ("type", "changed, of the last entry", LAST, constant("stock.corrected")),
    ("type", "emptied", IN_TAIL, constant("")),
    ("type", "with a space after it", IN_TILE, lambda value: value + " "),
    ("type", "with a letter that looks alike", IN_TILE, lambda value: value.replace("a", "\u0430")),
    ("type", "set to null", IN_TILE, constant(None)),
    ("actor", "changed", IN_TILE, constant("p_aaaaaaaaaaaaaaaa")),
    ("actor", "in capitals", IN_TAIL, str.upper),
    ("actor", "changed, of the first entry", 0, constant("p_aaaaaaaaaaaaaaaa")),
    ("actor", "set to null", IN_TILE, constant(None)),
    ("store", "changed", HAS_STORE, constant("S9")),
    ("store", "removed", HAS_STORE, constant(None)),
    ("store", "emptied", HAS_STORE, constant("")),
    ("store", "added", NO_STORE, constant("S1")),
    ("event_id", "with one bit turned", IN_TILE, flip),
    ("event_id", "with one bit turned, in the tail", IN_TAIL, flip),
    ("event_id", "set to zeros", IN_TILE, constant(bytes(16))),
    ("event_id", "cut to 15 bytes", IN_TILE, lambda value: value[:15]),
    ("event_id", "set to null", IN_TILE, constant(None)),
    ("request", "with one bit turned", HAS_REQUEST, flip),
    ("request", "removed", HAS_REQUEST, constant(None)),
    ("request", "emptied", HAS_REQUEST, constant(b"")),
    ("request", "added", NO_REQUEST, constant(bytes(16))),
)

TYPE_CONFUSIONS: Final[tuple[tuple[str, str, int, Callable[[Any], Any]], ...]] = (
    ("leaf_hash", "as hex text", IN_TILE, bytes.hex),
    ("recorded_at", "as text", IN_TILE, constant("yesterday")),
    ("occurred_at", "as text", HAS_OCCURRED, constant("yesterday")),
    ("type", "as bytes", IN_TILE, str.encode),
    ("actor", "as bytes", IN_TILE, str.encode),
    ("store", "as bytes", HAS_STORE, str.encode),
    ("event_id", "as text", IN_TILE, bytes.hex),
    ("request", "as text", HAS_REQUEST, bytes.hex),
    ("recorded_at", "as a fraction", IN_TILE, lambda value: value + 0.5),
)


def entry_columns() -> Iterator[Case]:
    """A derived column of `entries` is not what the bytes give."""
    for values, dialects in ((SEARCH_COLUMNS, BOTH), (TYPE_CONFUSIONS, SQLITE_ONLY)):
        for column, how, index, change in values:
            yield _entry_column(column, how, index, change, dialects)
    for how, target, kinds in (
        ("far after the head", FAR, (K.MOVED, K.COLUMN_DISAGREES)),
        ("below zero", -1, (K.MOVED, K.COLUMN_DISAGREES)),
        ("onto its neighbour's", IN_TILE + 1, (K.MOVED, K.COLUMN_DISAGREES)),
        # A row without an index cannot be told from one that is gone by whoever reads rows by their index.
        ("to null", None, (K.MOVED, K.COLUMN_DISAGREES, K.DELETED)),
    ):
        yield Case(
            name=f"entries.entry_index re-indexed {how}",
            attack=lambda a, target=target: _reindex(a, IN_TILE, target),
            expect=tells(named(kinds, {IN_TILE, target}), may=[named(kinds, {IN_TILE, target})]),
            touches=("entries.entry_index", "entries:re-index"),
        )


def _entry_column(column: str, how: str, index: int, change: Callable[[Any], Any], dialects: tuple[str, ...]) -> Case:
    def attack(attacker: Attacker) -> None:
        attacker.entry(index, **{column: change(attacker.cell("entries", column, entry_index=index))})

    return Case(
        name=f"entries.{column} {how}",
        attack=attack,
        expect=tells(named(K.COLUMN_DISAGREES, index, f"entries.{column}")),
        touches=(f"entries.{column}", "entries:alter"),
        dialects=dialects,
    )


def _reindex(attacker: Attacker, index: int, target: int | None) -> None:
    attacker.loosen("entries")
    attacker.entry(index, entry_index=target)


# --------------------------------------------------------------------------------- entry_subjects

_SKU: Final = {"entry_index": FOUR_SUBJECTS, "subject": "sku:SKU-03"}
_FIRST: Final = {"entry_index": 1, "subject": "stock:S2/SKU-01"}
SUBJECT_COLUMNS: Final[tuple[tuple[str, str, dict[str, Any], Any], ...]] = (
    ("subject", "changed to one that never was", _SKU, "sku:SKU-99"),
    ("subject", "changed to another that is", _SKU, "sku:SKU-04"),
    ("subject", "emptied", _SKU, ""),
    ("subject", "set to null", _SKU, None),
    ("position", "far after the chain", _SKU, FAR),
    ("position", "below zero", _SKU, -1),
    ("position", "onto its predecessor's", _SKU, 9),
    ("position", "set to null", _SKU, None),
    ("entry_index", "to the next entry", _SKU, FOUR_SUBJECTS + 1),
    ("entry_index", "to an entry that never was", _SKU, FAR),
    ("entry_index", "below zero", _SKU, -1),
    ("entry_index", "set to null", _SKU, None),
    ("previous_index", "to another entry", _SKU, 3),
    ("previous_index", "to itself", _SKU, FOUR_SUBJECTS),
    ("previous_index", "removed", _SKU, None),
    ("previous_index", "added to the first of a chain", _FIRST, 0),
)


def subject_columns() -> Iterator[Case]:
    """A column of `entry_subjects` is not what the bytes give."""
    for column, how, where, value in SUBJECT_COLUMNS:
        index = where["entry_index"]
        # The row may also be named where it now stands, as one too many.
        elsewhere = [index, value] if column == "entry_index" else [index]
        yield Case(
            name=f"entry_subjects.{column} {how}",
            attack=lambda a, where=where, column=column, value=value: a.put("entry_subjects", where, **{column: value}),
            expect=tells(
                named(K.SUBJECT_ROW_DISAGREES, index), may=[named(K.SUBJECT_ROW_DISAGREES, [*elsewhere, None])]
            ),
            touches=(f"entry_subjects.{column}", "entry_subjects:alter"),
        )


# ------------------------------------------------------------------------------------------ tiles

_TILE: Final = {"level": 0, "tile_index": 1}
TILE_NODES: Final[tuple[tuple[str, Callable[[bytes], Any]], ...]] = (
    ("with one bit of the first leaf turned", flip),
    ("with one bit of a leaf in the middle turned", lambda n: n[: 44 * 32] + flip(n[44 * 32 :])),
    ("with one bit of the last leaf turned", lambda n: n[: 255 * 32] + flip(n[255 * 32 :])),
    ("with one bit of an inner node turned", lambda n: n[: 300 * 32] + flip(n[300 * 32 :])),
    ("with one bit of the top turned", lambda n: n[:-1] + bytes([n[-1] ^ 1])),
    ("set to zeros", lambda n: bytes(len(n))),
    ("cut to its leaves", lambda n: n[:8192]),
    ("cut by its top", lambda n: n[:-32]),
    ("cut by one byte", lambda n: n[:-1]),
    ("with a hash too many", lambda n: n + bytes(32)),
    ("emptied", constant(b"")),
    ("set to null", constant(None)),
    ("with two leaves exchanged", lambda n: n[32:64] + n[:32] + n[64:]),
    ("with its halves exchanged", lambda n: n[4096:8192] + n[:4096] + n[8192:]),
    ("with inner nodes that fit one changed leaf", lambda n: forge.tile(_hashes(flip(n)))),
)


def tile_columns() -> Iterator[Case]:
    """A tile stands elsewhere, or is not made of the hashes it stands for."""
    for column, how, value in (
        ("level", "one up", 1),
        ("level", "below zero", -1),
        ("level", "set to null", None),
        ("tile_index", "after the last", 2),
        ("tile_index", "far after the last", FAR),
        ("tile_index", "onto another", 0),
        ("tile_index", "below zero", -1),
        ("tile_index", "set to null", None),
    ):
        yield Case(
            name=f"tiles.{column} {how}",
            attack=lambda a, column=column, value=value: _move_tile(a, column, value),
            expect=tells(*tile_wrong(1), may=[named(K.TILE_WRONG)]),
            touches=(f"tiles.{column}", "tiles:re-index"),
        )
    for how, change in TILE_NODES:
        yield Case(
            name=f"tiles.nodes {how}",
            attack=lambda a, change=change: a.put("tiles", _TILE, nodes=change(a.cell("tiles", "nodes", **_TILE))),
            expect=tells(*tile_wrong(1)),
            touches=("tiles.nodes", "tiles:alter"),
        )


def _move_tile(attacker: Attacker, column: str, value: int | None) -> None:
    attacker.loosen("tiles")
    attacker.put("tiles", _TILE, **{column: value})


def _hashes(nodes: bytes) -> list[bytes]:
    return [nodes[i : i + 32] for i in range(0, 8192, 32)]


# ---------------------------------------------------------------------------------------- log_head

OTHER_ORIGIN: Final = "other.example/log"


def head_columns() -> Iterator[Case]:
    """A column of the head is not what the entries give."""
    for column, how, change in (
        ("size", "one more", lambda v: v + 1),
        ("size", "one less", lambda v: v - 1),
        ("size", "set to zero", constant(0)),
        ("size", "below zero", constant(-1)),
        ("size", "set to null", constant(None)),
        ("size", "far larger", constant(FAR)),
        ("root", "with one bit turned", flip),
        ("root", "emptied", constant(b"")),
        ("root", "set to null", constant(None)),
        ("frontier", "with one bit turned", flip),
        ("frontier", "cut by a hash", lambda v: v[:-32]),
        ("frontier", "with a hash too many", lambda v: v + bytes(32)),
        ("frontier", "in another order", lambda v: v[32:] + v[:32]),
        ("frontier", "emptied", constant(b"")),
        ("frontier", "cut by one byte", lambda v: v[:-1]),
        ("last_leaf_hash", "with one bit turned", flip),
        ("last_leaf_hash", "set to zeros", constant(bytes(32))),
        ("last_leaf_hash", "set to null", constant(None)),
        ("last_recorded_at", "one microsecond later", lambda v: v + 1),
        ("last_recorded_at", "one microsecond earlier", lambda v: v - 1),
        ("last_recorded_at", "set to null", constant(None)),
    ):
        yield _head_column(column, how, change, tells(*head_wrong(column)))
    origin_kinds = (K.HEAD_WRONG, K.ORIGIN_WRONG)
    for how, value in (("changed", OTHER_ORIGIN), ("emptied", ""), ("set to null", None)):
        expect = tells(named(origin_kinds, ANY, "log_head.origin"))
        yield _head_column("origin", how, constant(value), expect)
    yield _head_column("id", "changed to 2", constant(2), tells(named(K.HEAD_WRONG, ANY, "log_head")))
    yield _head_column("id", "set to null", constant(None), tells(named(K.HEAD_WRONG, ANY, "log_head")))


def _head_column(column: str, how: str, change: Callable[[Any], Any], expect: Expectation) -> Case:
    def attack(attacker: Attacker) -> None:
        attacker.head(**{column: change(attacker.cell("log_head", column, id=1))})

    return Case(f"log_head.{column} {how}", attack, expect, touches=(f"log_head.{column}", "log_head:alter"))


# ------------------------------------------------------------------------------------------- notes


def _other_root(a: Attacker, note: str) -> str:
    origin, size, _ = note.splitlines()[:3]
    return forge.signed(forge.body(origin, int(size), bytes(32)), a.key)


NOTES: Final[tuple[tuple[str, Callable[[Attacker, str], Any], tuple[K, ...]], ...]] = (
    ("emptied", lambda a, n: "", NOTE_FAULTS),
    ("set to null", lambda a, n: None, NOTE_FAULTS),
    ("no note at all", lambda a, n: "a\nb", NOTE_FAULTS),
    ("with white space after it", lambda a, n: n + " \n", NOTE_FAULTS),
    ("with carriage returns", lambda a, n: n.replace("\n", "\r\n"), NOTE_FAULTS),
    ("without its signatures", lambda a, n: n.partition("\n\n")[0] + "\n\n", NOTE_FAULTS),
    ("with one bit of the signature turned", lambda a, n: forge.flip_signature(n), (K.SIGNATURE_BAD,)),
    ("with another size in its text", lambda a, n: _with_line(n, 1, "699"), (K.SIGNATURE_BAD,)),
    ("with another root in its text", lambda a, n: _with_line(n, 2, "A" * 43 + "="), (K.SIGNATURE_BAD,)),
    (
        "with another origin in its text",
        lambda a, n: _with_line(n, 0, OTHER_ORIGIN),
        (K.SIGNATURE_BAD, K.ORIGIN_WRONG, K.CHECKPOINT_WRONG),
    ),
    (
        "signed by another key of the same name",
        lambda a, n: forge.signed(_text(n), forge.own_key(a.key.name)),
        (K.KEY_UNKNOWN,),
    ),
    (
        "signed by a key of another name",
        lambda a, n: forge.signed(_text(n), forge.own_key("shop.example")),
        (K.KEY_UNKNOWN,),
    ),
    (
        "signed by the stolen key, of another origin",
        lambda a, n: forge.signed(_with_line(_text(n), 0, OTHER_ORIGIN), a.key),
        (K.ORIGIN_WRONG, K.CHECKPOINT_WRONG),
    ),
    ("signed by the stolen key, with another root", _other_root, (K.ROOT_WRONG, K.CHECKPOINT_WRONG)),
)


def notes() -> Iterator[Case]:
    """The notes of the head and of a published checkpoint: damaged, re-signed, exchanged."""
    for how, change, kinds in NOTES:
        yield Case(
            name=f"checkpoints.note {how}",
            attack=lambda a, change=change: a.put(
                "checkpoints", {"size": 512}, note=change(a, a.cell("checkpoints", "note", size=512))
            ),
            expect=tells(named(kinds, ANY, "checkpoints[512]"), may=[named(NOTE_FAULTS, ANY, "checkpoints[512]")]),
            touches=("checkpoints.note", "checkpoints:alter"),
        )
        yield Case(
            name=f"log_head.note {how}",
            attack=lambda a, change=change: a.head(note=change(a, a.cell("log_head", "note", id=1))),
            expect=tells(named(kinds, ANY, "log_head"), may=[named(NOTE_FAULTS, ANY, "log_head.note")]),
            touches=("log_head.note", "log_head:alter"),
        )
    yield Case(
        name="log_head.note exchanged for an older one of the log",
        attack=lambda a: a.head(note=a.old_notes[690]),
        expect=tells(named((K.HEAD_WRONG, K.ROOT_WRONG, K.CHECKPOINT_WRONG), ANY, "log_head")),
        touches=("log_head.note", "log_head:move"),
    )
    for place, attack in (
        ("checkpoints", lambda a: a.put("checkpoints", {"size": 512}, note=_with_stranger(a.old_notes[512]))),
        ("log_head", lambda a: a.head(note=_with_stranger(a.old_notes[SIZE]))),
    ):
        # C2SP signed-note: signatures of unknown keys are ignored; witnesses add theirs in this way.
        yield Case(f"{place}.note with a stranger's signature added", attack, NOT_EVIDENCE, touches=(f"{place}.note",))


def _text(note: str) -> str:
    return note.partition("\n\n")[0] + "\n"


def _with_line(note: str, number: int, line: str) -> str:
    lines = note.split("\n")
    lines[number] = line
    return "\n".join(lines)


def _with_stranger(note: str) -> str:
    return note + forge.signed(_text(note), forge.own_key("witness.example")).partition("\n\n")[2]


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from entry_columns()
    yield from subject_columns()
    yield from tile_columns()
    yield from head_columns()
    yield from notes()
