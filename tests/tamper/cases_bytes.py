"""The bytes of an entry replaced: every member, every way of not being an entry, everywhere in the log.

The forger may rewrite the leaf hash beside the bytes, and the search columns that follow from them; what still holds
the true leaf hash is then the tile or the link of the next entry, and the signed root says which of them is right.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from tests.tamper import forge
from tests.tamper.case import (
    HAS_ACTING_FOR,
    HAS_DECISION,
    HAS_OCCURRED,
    HAS_PERSONAL,
    HAS_REQUEST,
    IN_TAIL,
    IN_TILE,
    LAST,
    NO_OCCURRED,
    NO_REQUEST,
    POSITIONS,
    Case,
    K,
    altered,
    same_entry,
)
from tests.tamper.expect import named, tells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.tamper.attacker import Attacker
    from tests.tamper.forge import Document

FOUR = 103
OTHER_HASH: Final = "ab" * 32

# ---------------------------------------------------------------------------- still a proper entry


def _set(*path: str | int, to: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        place = document
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        place = document
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]

    return change


def _more(document: Document) -> None:
    document["data"]["change"] += 1


def _sorted_subjects(document: Document) -> None:
    document["subjects"].reverse()


def _added_subject(document: Document) -> None:
    document["subjects"].append({"id": "D99", "index": 0, "kind": "paper", "previous": "00" * 32})


def _earlier(document: Document) -> None:
    document["recorded_at"] = forge.time_text(forge.microseconds(document["recorded_at"]) - 1)


MEMBERS: Final[tuple[tuple[str, int, Callable[[Document], None]], ...]] = (
    ("data, a quantity", IN_TILE, _more),
    ("data, a quantity in the tail", IN_TAIL, _more),
    ("data, a member added", IN_TILE, _set("data", "approved", to=True)),
    ("data, a member removed", IN_TILE, _drop("data", "change")),
    ("data, a text", IN_TILE, _set("data", "reference", to="送貨單 9999")),
    ("data, the store", IN_TILE, _set("data", "store", to="S9")),
    ("actor.id", IN_TILE, _set("actor", "id", to="p_aaaaaaaaaaaaaaaa")),
    ("actor.role", IN_TILE, _set("actor", "role", to="auditor")),
    ("actor.for removed", HAS_ACTING_FOR, _drop("actor", "for")),
    ("actor.for added", IN_TILE, _set("actor", "for", to="p_aaaaaaaaaaaaaaaa")),
    ("decision.code", HAS_DECISION, _set("decision", "code", to="override")),
    ("decision.policy", HAS_DECISION, _set("decision", "policy", to="policy/9")),
    ("decision removed", HAS_DECISION, _drop("decision")),
    ("event_id", IN_TILE, _set("event_id", to="00000000-0000-4000-8000-000000000001")),
    ("index", IN_TILE, _set("index", to=IN_TILE + 1)),
    ("index of the last entry", LAST, _set("index", to=LAST + 1)),
    ("occurred_at", HAS_OCCURRED, _set("occurred_at", to="2020-01-01T00:00:00.000000Z")),
    ("occurred_at removed", HAS_OCCURRED, _drop("occurred_at")),
    ("occurred_at added", NO_OCCURRED, _set("occurred_at", to="2020-01-01T00:00:00.000000Z")),
    ("origin", IN_TILE, _set("origin", to="other.example/log")),
    ("personal, a digest", HAS_PERSONAL, _set("personal", "note", to=OTHER_HASH)),
    ("personal, a field renamed", HAS_PERSONAL, _set("personal", to={"name": OTHER_HASH})),
    ("personal removed", HAS_PERSONAL, _drop("personal")),
    ("previous", IN_TILE, _set("previous", to=OTHER_HASH)),
    ("previous of the first entry", 0, _set("previous", to=OTHER_HASH)),
    ("previous of the last entry", LAST, _set("previous", to=OTHER_HASH)),
    ("recorded_at", IN_TILE, _earlier),
    ("request", HAS_REQUEST, _set("request", to="ab" * 16)),
    ("request removed", HAS_REQUEST, _drop("request")),
    ("request added", NO_REQUEST, _set("request", to="ab" * 16)),
    ("subjects, an id", FOUR, _set("subjects", 1, "id", to="SKU-99")),
    ("subjects, an index", FOUR, _set("subjects", 1, "index", to=77)),
    ("subjects, a kind", FOUR, _set("subjects", 1, "kind", to="paper")),
    ("subjects, a link", FOUR, _set("subjects", 1, "previous", to=OTHER_HASH)),
    ("subjects, one removed", FOUR, _drop("subjects", 3)),
    ("subjects, one added", IN_TILE, _added_subject),
    ("subjects in another order", FOUR, _sorted_subjects),
    ("type", IN_TILE, _set("type", to="stock.corrected")),
)


def members() -> Iterator[Case]:
    """One member is changed, and the bytes are again a proper entry."""
    for what, index, change in MEMBERS:
        for how, thorough in (("alone", False), ("with leaf hash, columns and subject rows", True)):
            yield Case(
                name=f"entries.bytes changed in {what}: {how}",
                attack=partial(rewrite, index=index, change=change, thorough=thorough),
                expect=tells(*altered(index), may=same_entry([index])),
                touches=("entries.bytes", "entries:alter"),
            )
    for place, index in POSITIONS.items():
        for how, thorough in (("alone", False), ("with leaf hash, columns and subject rows", True)):
            yield Case(
                name=f"entries.bytes of {place} changed: {how}",
                attack=partial(rewrite, index=index, change=forge_data, thorough=thorough),
                expect=tells(*altered(index), may=same_entry([index])),
                touches=("entries.bytes", "entries:forge"),
            )


def forge_data(document: Document) -> None:
    """The forger's usual change: no column and no link depends on it."""
    document["data"]["forged"] = True


def rewrite(attacker: Attacker, index: int, change: Callable[[Document], None], *, thorough: bool) -> None:
    """Replaces the bytes, and if asked all that stands beside them in the entry's own rows."""
    document = attacker.document(index)
    change(document)
    data = forge.canonical(document)
    attacker.entry(index, bytes=data)
    if thorough:
        attacker.entry(index, leaf_hash=forge.leaf(data), **forge.columns(document))
        attacker.delete("entry_subjects", entry_index=index)
        for subject, position in forge.subject_keys(document):
            before = attacker.query(
                "SELECT max(entry_index) FROM entry_subjects WHERE subject = :s AND entry_index < :i",
                s=subject,
                i=index,
            )
            attacker.add(
                "entry_subjects",
                subject=subject,
                position=position,
                entry_index=index,
                previous_index=before[0][0] if position else None,
            )


# ------------------------------------------------------------------------------- no entry any more


def _text(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda data: change(data.decode()).encode()


def _document(change: Callable[[Document], None]) -> Callable[[bytes], bytes]:
    def apply(data: bytes) -> bytes:
        document = json.loads(data)
        change(document)
        return forge.canonical(document)

    return apply


def _fifth_subject(document: Document) -> None:
    for number in range(4):
        document["subjects"].append({"id": f"D9{number}", "index": 0, "kind": "paper", "previous": "00" * 32})


def _same_subject_twice(document: Document) -> None:
    document["subjects"].append(dict(document["subjects"][0]))


def _deep(document: Document) -> None:
    place = document["data"]
    for _ in range(9):
        place["x"] = {}
        place = place["x"]


def _swap_members(data: bytes) -> bytes:
    document = json.loads(data)
    return json.dumps(dict(reversed(document.items())), separators=(",", ":"), ensure_ascii=False).encode()


MALFORMED: Final[tuple[tuple[str, Callable[[bytes], bytes]], ...]] = (
    ("nothing", lambda data: b""),
    ("bytes that are no text", lambda data: b"\xff\xfe" + data),
    ("another encoding", lambda data: data.decode().encode("utf-16")),
    ("no JSON", lambda data: b"entry"),
    ("half an entry", lambda data: data[: len(data) // 2]),
    ("two entries", lambda data: data + data),
    ("an array", lambda data: b"[" + data + b"]"),
    ("null", lambda data: b"null"),
    ("a byte order mark before it", lambda data: b"\xef\xbb\xbf" + data),
    ("a line end after it", lambda data: data + b"\n"),
    ("a space within", lambda data: data.replace(b":", b": ", 1)),
    ("a NUL after it", lambda data: data + b"\x00"),
    ("members in another order", _swap_members),
    ("a member twice", _text(lambda text: text.replace('"format":', '"format":"x","format":', 1))),
    ("an escape where none is needed", _text(lambda text: text.replace("SKU", "\\u0053KU", 1))),
    ("a fraction", _document(_set("data", "change", to=1.5))),
    ("an exponent", _text(lambda text: text.replace('"scale":0', '"scale":0e0', 1))),
    ("minus zero", _text(lambda text: text.replace('"scale":0', '"scale":-0', 1))),
    ("an integer that a double cannot hold", _document(_set("data", "change", to=2**53))),
    ("a lone surrogate", _text(lambda text: text.replace("SKU", "\\ud800", 1))),
    ("a NUL in a text", _document(_set("data", "sku", to="\x00"))),
    ("nine levels", _document(_deep)),
    ("more than 65,535 bytes", _document(_set("data", "sku", to="x" * 65_536))),
    ("another format", _document(_set("format", to="chopbook-entry/2"))),
    ("an unknown member", _document(_set("extra", to=1))),
    ("an optional member that is null", _document(_set("request", to=None))),
    ("a hash in capitals", _document(_set("previous", to="AB" * 32))),
    ("a short hash", _document(_set("previous", to="ab" * 31))),
    ("a time without a zone", _document(_set("recorded_at", to="2026-01-01T00:00:00.000000"))),
    ("a time of another zone", _document(_set("recorded_at", to="2026-01-01T00:00:00.000000+08:00"))),
    ("a time that never was", _document(_set("recorded_at", to="2026-02-30T00:00:00.000000Z"))),
    ("an index that is a text", _document(_set("index", to="100"))),
    ("an index that is true", _document(_set("index", to=True))),
    ("an index below zero", _document(_set("index", to=-1))),
    ("an event id in capitals", _document(_set("event_id", to="ABCDEF00-0000-4000-8000-000000000001"))),
    ("no subject", _document(_set("subjects", to=[]))),
    ("five subjects", _document(_fifth_subject)),
    ("a subject twice", _document(_same_subject_twice)),
    ("a type that is no type", _document(_set("type", to="Stock"))),
    *(
        (f"no {name}", _document(_drop(name)))
        for name in (
            "actor",
            "data",
            "event_id",
            "format",
            "index",
            "origin",
            "previous",
            "recorded_at",
            "subjects",
            "type",
        )
    ),
)


def malformed() -> Iterator[Case]:
    """The bytes are no entry any more: both kinds say so, and at least one must."""
    both = (K.ALTERED, K.NOT_CANONICAL)
    for what, change in MALFORMED:
        for how, hashed in (("alone", False), ("with its leaf hash", True)):
            yield Case(
                name=f"entries.bytes replaced by {what}: {how}",
                attack=partial(_damage, change=change, hashed=hashed),
                expect=tells(named(both, IN_TILE), may=[named(both, IN_TILE), *same_entry([IN_TILE])]),
                touches=("entries.bytes", "entries:damage"),
            )
    yield Case(
        name="entries.bytes set to null",
        attack=lambda a: a.entry(IN_TILE, bytes=None),
        expect=tells(named(both, IN_TILE), may=[named(both, IN_TILE), *same_entry([IN_TILE])]),
        touches=("entries.bytes",),
    )


def _damage(attacker: Attacker, change: Callable[[bytes], bytes], *, hashed: bool) -> None:
    data = change(attacker.data(IN_TILE))
    attacker.entry(IN_TILE, bytes=data)
    if hashed:
        attacker.entry(IN_TILE, leaf_hash=forge.leaf(data))


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from members()
    yield from malformed()
