from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.canonical import encode
from audit.entry import (
    FORMAT,
    ZERO_HASH,
    Columns,
    Event,
    Link,
    ParsedEntry,
    Subject,
    columns,
    columns_of,
    derived_event_id,
    parse_entry,
    parse_members,
    seal,
)
from audit.errors import AuditError, MalformedEntry, NotCanonical
from audit.merkle import leaf_hash
from tests.audit.samples import BEFORE, EVENT, LINKS, ORIGIN, RECORDED_AT_US, SKU, event, sealed
from tests.audit.strategies import ANY_JSON, DIGESTS, EVENTS, TIMES_US, links_for

ENTRY = sealed()
MEMBERS: dict[str, Any] = json.loads(ENTRY.bytes)


def with_members(**changes: Any) -> bytes:
    """The sample entry's bytes with some members changed, and those that are None left out."""
    return encode({name: value for name, value in (MEMBERS | changes).items() if value is not None})


def test_an_entry_is_its_canonical_bytes() -> None:
    assert ENTRY.bytes.decode() == (
        '{"actor":{"id":"p_abcdefghijklmnop","role":"api_client"},'
        '"data":{"after":6,"before":12,"change":-6,"reason":"sale","scale":0,"sku":"85123A","store":"HK01"},'
        '"decision":{"code":"role_allows","policy":"coarse/1@7"},'
        '"event_id":"0192f0c1-2345-7678-9abc-def012345678",'
        '"format":"chopbook-entry/1",'
        '"index":7,'
        '"occurred_at":"2026-11-22T11:59:58.250000Z",'
        '"origin":"log.example/retail",'
        f'"personal":{{"note":"{"ab" * 32}"}},'
        f'"previous":"{BEFORE.hex()}",'
        '"recorded_at":"2026-11-22T12:00:00.000001Z",'
        '"request":"000102030405060708090a0b0c0d0e0f",'
        f'"subjects":[{{"id":"HK01/85123A","index":3,"kind":"stock","previous":"{BEFORE.hex()}"}},'
        f'{{"id":"85123A","index":0,"kind":"sku","previous":"{"00" * 32}"}}],'
        '"type":"stock.adjusted"}'
    )
    assert ENTRY.leaf_hash == leaf_hash(ENTRY.bytes)
    assert (ENTRY.index, ENTRY.recorded_at, ENTRY.event, ENTRY.links) == (7, RECORDED_AT_US, EVENT, LINKS)


def test_optional_members_are_absent_not_null() -> None:
    plain = sealed(event(occurred_at=None, personal={}, request=None, decision=None))

    assert sorted(json.loads(plain.bytes)) == [
        "actor", "data", "event_id", "format", "index", "origin", "previous", "recorded_at", "subjects", "type"
    ]  # fmt: skip


def test_the_first_entry_of_a_log_has_zeros_before_it() -> None:
    first = sealed(index=0, previous=ZERO_HASH)

    assert parse_entry(first.bytes).previous == ZERO_HASH


@settings(max_examples=60)
@given(st.data(), EVENTS, st.integers(0, 2**53 - 1), TIMES_US)
def test_an_entry_is_read_back_as_sealed(draw: st.DataObject, sample: Event, index: int, recorded_at: int) -> None:
    links = draw.draw(links_for(sample.subjects))
    previous = draw.draw(DIGESTS) if index else ZERO_HASH

    entry = seal(sample, origin=ORIGIN, index=index, previous=previous, recorded_at_us=recorded_at, links=links)

    assert encode(json.loads(entry.bytes)) == entry.bytes
    assert parse_entry(entry.bytes) == ParsedEntry(index, ORIGIN, previous, recorded_at, sample, links)
    assert columns(parse_members(entry.bytes)) == columns_of(entry)


def test_the_columns_are_derived_from_the_bytes() -> None:
    assert columns(parse_members(ENTRY.bytes)) == Columns(
        recorded_at=RECORDED_AT_US,
        occurred_at=1_795_348_798_250_000,
        type="stock.adjusted",
        actor="p_abcdefghijklmnop",
        store="HK01",
        event_id=bytes.fromhex("0192f0c1234576789abcdef012345678"),
        request=bytes(range(16)),
    )


@pytest.mark.parametrize("store", [None, 5, ["HK01"], {"code": "HK01"}])
def test_the_store_column_is_empty_unless_the_data_name_one(store: Any) -> None:
    entry = sealed(event(data={"store": store}))

    assert columns(parse_members(entry.bytes)).store is None
    assert columns_of(entry).store is None


def test_entries_without_store_have_none() -> None:
    assert columns_of(sealed(event(data={}))).store is None


SEAL_REFUSED: dict[str, tuple[dict[str, Any], type[AuditError], str]] = {
    "negative index": ({"index": -1}, MalformedEntry, "/index: expected 0 to 2^53-1, got another"),
    "index too great": ({"index": 2**53}, MalformedEntry, "/index: expected 0 to 2^53-1, got another"),
    "short previous": ({"previous": b""}, MalformedEntry, "/previous: expected 32 bytes, got 0"),
    "zeros later": (
        {"previous": ZERO_HASH},
        MalformedEntry,
        "/previous: expected a leaf hash after index 0, got the opposite",
    ),
    "origin with space": (
        {"origin": "a b"},
        MalformedEntry,
        "/origin: expected 1 to 128 visible ASCII characters other than +, got another",
    ),
    "origin with plus": (
        {"origin": "a+b"},
        MalformedEntry,
        "/origin: expected 1 to 128 visible ASCII characters other than +, got another",
    ),
    "before 1970": (
        {"recorded_at_us": -1},
        MalformedEntry,
        "/recorded_at: expected a time from 1970 to 9999, got another",
    ),
    "a link missing": (
        {"links": LINKS[:1]},
        MalformedEntry,
        "/subjects: expected one link for each subject, in their order, got others",
    ),
    "links in another order": (
        {"links": LINKS[::-1]},
        MalformedEntry,
        "/subjects: expected one link for each subject, in their order, got others",
    ),
    "the link of another subject": (
        {"links": (LINKS[0], Link(Subject("sku", "other"), 0, ZERO_HASH))},
        MalformedEntry,
        "/subjects: expected one link for each subject, in their order, got others",
    ),
}


@pytest.mark.parametrize(("place", "kind", "message"), SEAL_REFUSED.values(), ids=SEAL_REFUSED.keys())
def test_a_place_that_cannot_be_is_refused_by_name(place: dict[str, Any], kind: type[AuditError], message: str) -> None:
    with pytest.raises(kind) as caught:
        sealed(**place)

    assert str(caught.value) == message


DATA_REFUSED: dict[str, tuple[Any, type[AuditError], str]] = {
    "a list": ([], MalformedEntry, "/data: expected a dict, got list"),
    "float": (
        {"a": 1.5},
        NotCanonical,
        "/data/a: expected null, a boolean, an integer, a string, a list or an object, got float",
    ),
    "great integer": ({"a": 2**53}, NotCanonical, "/data/a: expected an integer within ±(2^53-1), got one beyond"),
    "lone surrogate": (
        {"a": "\ud800"},
        NotCanonical,
        "/data/a: expected a string without lone surrogates, got one",
    ),
    "nul": ({"a": ["\0"]}, NotCanonical, "/data/a/0: expected a string without U+0000, got one with it"),
    "eight levels": (
        {"a": [[[[[[[]]]]]]]},
        NotCanonical,
        "/data/a/0/0/0/0/0/0: expected at most 8 nested levels, got more",
    ),
    "too long": ({"a": "x" * 65_535}, MalformedEntry, "expected at most 65535 bytes, got 66358"),
}


@pytest.mark.parametrize(("data", "kind", "message"), DATA_REFUSED.values(), ids=DATA_REFUSED.keys())
def test_data_that_cannot_be_kept_is_refused_by_name(data: Any, kind: type[AuditError], message: str) -> None:
    with pytest.raises(kind) as caught:
        sealed(event(data=data))

    assert str(caught.value) == message


def test_data_of_seven_levels_and_the_text_of_an_escape_are_kept() -> None:
    entry = sealed(event(data={"a": [[[[[["\\u0000"]]]]]]}))

    assert parse_entry(entry.bytes).event.data == {"a": [[[[[["\\u0000"]]]]]]}


def test_the_longest_entry_is_kept() -> None:
    room = 65_535 - len(sealed(event(data={"a": ""})).bytes)

    entry = sealed(event(data={"a": "x" * room}))

    assert len(entry.bytes) == 65_535
    assert parse_entry(entry.bytes).index == 7


@given(st.binary(max_size=300) | ANY_JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_an_entry_or_refused(data: bytes) -> None:
    for read in (parse_entry, parse_members):
        with pytest.raises((MalformedEntry, NotCanonical)):
            read(data)


@given(st.sampled_from(sorted(MEMBERS)), ANY_JSON)
def test_any_value_in_any_member_is_accepted_or_refused(name: str, value: Any) -> None:
    data = json.dumps(MEMBERS | {name: value}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    try:
        parsed = parse_members(data.encode("utf-8", "surrogatepass"))
    except (MalformedEntry, NotCanonical):
        return

    assert name in {"data", "index"} or parsed == MEMBERS
    parse_entry(data.encode())


@given(st.integers(0, len(ENTRY.bytes) - 1), st.integers(1, 255))
def test_an_entry_with_a_changed_byte_is_refused_or_is_another_entry(position: int, change: int) -> None:
    data = bytearray(ENTRY.bytes)
    data[position] ^= change

    try:
        parsed = parse_entry(bytes(data))
    except (MalformedEntry, NotCanonical):
        return

    assert parsed != parse_entry(ENTRY.bytes)
    assert leaf_hash(bytes(data)) != ENTRY.leaf_hash


SUBJECT = MEMBERS["subjects"][0]
HEX = "64 lower-case hex digits"
PARSE_REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "format of the future": ({"format": "chopbook-entry/2"}, "/format", f"expected {FORMAT}, got another format"),
    "no format": ({"format": None}, "/format", f"expected {FORMAT}, got another format"),
    "no index": ({"index": None}, "/index", "expected this member, got none"),
    "unknown member": (
        {"zebra": 1},
        "",
        (
            "expected no members but actor, data, decision, event_id, format, index, occurred_at, origin, personal, "
            "previous, recorded_at, request, subjects, type, got another"
        ),
    ),
    "actor is a string": ({"actor": "p_a"}, "/actor", "expected an object, got another value"),
    "actor without role": ({"actor": {"id": "p_a"}}, "/actor/role", "expected this member, got none"),
    "actor with a name": (
        {"actor": {"id": "p_a", "role": "staff", "name": "Chan"}},
        "/actor",
        "expected no members but for, id, role, got another",
    ),
    "actor id is a number": (
        {"actor": {"id": 1, "role": "staff"}},
        "/actor/id",
        "expected a string, got another value",
    ),
    "actor role in upper case": (
        {"actor": {"id": "p_a", "role": "STAFF"}},
        "/actor/role",
        "expected 1 to 32 characters of a-z and _, got another",
    ),
    "acting for nobody": (
        {"actor": {"for": "", "id": "p_a", "role": "staff"}},
        "/actor/for",
        "expected 1 to 128 characters, got 0",
    ),
    "data is a list": ({"data": []}, "/data", "expected an object, got another value"),
    "decision without code": ({"decision": {"policy": "a"}}, "/decision/code", "expected this member, got none"),
    "decision with another member": (
        {"decision": {"code": "ok", "policy": "a", "why": "b"}},
        "/decision",
        "expected no members but action, at, by, channel, classes, code, grant, key, policy, resource, scope, stores, got another",
    ),
    "decision with half of what was asked": (
        {"decision": {"action": "stock.adjust", "code": "ok", "policy": "a"}},
        "/decision/resource",
        "expected this member, got none",
    ),
    "decision with a channel of other letters": (
        {
            "decision": {
                "action": "stock.adjust",
                "channel": "Web",
                "code": "ok",
                "policy": "a",
                "resource": "stock",
                "scope": "0" * 16,
            }
        },
        "/decision/channel",
        "expected 1 to 32 characters of a-z and _, got another",
    ),
    "decision with a list": (
        {"decision": {"by": ["role.staff"], "code": "ok", "policy": "a"}},
        "/decision/by",
        "expected a string, got another value",
    ),
    "decision is a string": ({"decision": "a"}, "/decision", "expected an object, got another value"),
    "decision code with space": (
        {"decision": {"code": "a b", "policy": "a"}},
        "/decision/code",
        "expected 1 to 64 characters of A-Z, a-z, 0-9, _, . and -, got another",
    ),
    "event id in upper case": (
        {"event_id": "0192F0C1-2345-7678-9ABC-DEF012345678"},
        "/event_id",
        "expected a lower-case UUID, got another value",
    ),
    "event id is a number": ({"event_id": 5}, "/event_id", "expected a string, got another value"),
    "index is a string": ({"index": "7"}, "/index", "expected an integer, got another value"),
    "index is a boolean": ({"index": True}, "/index", "expected an integer, got another value"),
    "index negative": ({"index": -1}, "/index", "expected 0 to 2^53-1, got another"),
    "index zero after an entry": (
        {"index": 0},
        "/previous",
        "expected zeros at index 0, got the opposite",
    ),
    "occurred without zone": (
        {"occurred_at": "2026-11-22T12:00:00.000000"},
        "/occurred_at",
        "expected a time like 2026-11-22T12:00:00.000000Z, got another",
    ),
    "origin with space": (
        {"origin": "a b"},
        "/origin",
        "expected 1 to 128 visible ASCII characters other than +, got another",
    ),
    "personal is empty": ({"personal": {}}, "/personal", "expected an object with members, got another value"),
    "personal is a list": ({"personal": ["a"]}, "/personal", "expected an object with members, got another value"),
    "personal in clear": (
        {"personal": {"name": "Chan"}},
        "/personal/name",
        f"expected {HEX}, got another value",
    ),
    "personal is a number": ({"personal": {"name": 1}}, "/personal/name", f"expected {HEX}, got another value"),
    "previous too short": ({"previous": "ab"}, "/previous", f"expected {HEX}, got another value"),
    "previous is a number": ({"previous": 5}, "/previous", f"expected {HEX}, got another value"),
    "previous in upper case": (
        {"previous": "AB" * 32},
        "/previous",
        "expected lower-case hex digits, got another value",
    ),
    "previous not hex": ({"previous": "xy" * 32}, "/previous", "expected lower-case hex digits, got another value"),
    "previous with spaces": (
        {"previous": "ab " * 21 + "a"},
        "/previous",
        "expected lower-case hex digits, got another value",
    ),
    "previous all zeros": (
        {"previous": "00" * 32},
        "/previous",
        "expected a leaf hash after index 0, got the opposite",
    ),
    "recorded is a number": ({"recorded_at": 1}, "/recorded_at", "expected a string, got another value"),
    "request too long": (
        {"request": "ab" * 17},
        "/request",
        "expected 32 lower-case hex digits, got another value",
    ),
    "request not hex": ({"request": "xy" * 16}, "/request", "expected lower-case hex digits, got another value"),
    "subjects is an object": ({"subjects": SUBJECT}, "/subjects", "expected a list, got another value"),
    "no subjects": ({"subjects": []}, "/subjects", "expected 1 to 4 subjects, got 0"),
    "five subjects": (
        {"subjects": [SUBJECT | {"id": str(number)} for number in range(5)]},
        "/subjects",
        "expected 1 to 4 subjects, got 5",
    ),
    "a subject twice": (
        {"subjects": [SUBJECT, SUBJECT | {"index": 4}]},
        "/subjects",
        "expected each subject once, got one twice",
    ),
    "subject is a string": ({"subjects": ["a"]}, "/subjects/0", "expected an object, got another value"),
    "subject with a name": (
        {"subjects": [SUBJECT | {"name": "a"}]},
        "/subjects/0",
        "expected no members but id, index, kind, previous, got another",
    ),
    "second subject without kind": (
        {"subjects": [SUBJECT, {"id": "a", "index": 0, "previous": "00" * 32}]},
        "/subjects/1/kind",
        "expected this member, got none",
    ),
    "subject kind in upper case": (
        {"subjects": [SUBJECT | {"kind": "SKU"}]},
        "/subjects/0/kind",
        "expected 1 to 32 characters of a-z and _, got another",
    ),
    "subject id hidden": (
        {"subjects": [SUBJECT | {"id": "\u200b"}]},
        "/subjects/0/id",
        "expected printable characters, got a control or hidden one",
    ),
    "subject index is a string": (
        {"subjects": [SUBJECT | {"index": "3"}]},
        "/subjects/0/index",
        "expected an integer, got another value",
    ),
    "subject previous of zeros": (
        {"subjects": [SUBJECT | {"previous": "00" * 32}]},
        "/subjects/0/previous",
        "expected a leaf hash after index 0, got the opposite",
    ),
    "type of one word": (
        {"type": "adjusted"},
        "/type",
        "expected words of a-z and _ joined by dots, at most 64 characters, got another",
    ),
}


@pytest.mark.parametrize(("changes", "path", "reason"), PARSE_REFUSED.values(), ids=PARSE_REFUSED.keys())
def test_canonical_json_that_is_not_an_entry_is_refused_by_name(
    changes: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(MalformedEntry) as caught:
        parse_entry(with_members(**changes))

    assert (caught.value.path, caught.value.reason) == (path, reason)


NOT_CANONICAL = {
    "white space": (ENTRY.bytes.replace(b'"index":7', b'"index": 7'), "expected the canonical spelling"),
    "trailing newline": (ENTRY.bytes + b"\n", "expected the canonical spelling"),
    "another order": (
        json.dumps(dict(reversed(MEMBERS.items())), separators=(",", ":")).encode(),
        "expected the canonical spelling",
    ),
    "a member twice": (ENTRY.bytes.replace(b'"index":7', b'"index":8,"index":7'), "expected the canonical spelling"),
    "needless escape": (ENTRY.bytes.replace(b"stock.adj", b"stock.\\u0061dj"), "expected the canonical spelling"),
    "float in data": (ENTRY.bytes.replace(b'"after":6', b'"after":6.0'), "/data/after: expected null"),
    "great integer in data": (
        ENTRY.bytes.replace(b'"after":6', b'"after":9007199254740992'),
        "/data/after: expected an integer within",
    ),
    "nul in data": (ENTRY.bytes.replace(b'"sale"', b'"\\u0000"'), "/data/reason: expected a string without U+0000"),
    "not json": (b"{", "expected JSON in UTF-8"),
    "not utf-8": (ENTRY.bytes.replace(b"sale", b"\xe9"), "expected JSON in UTF-8"),
}


@pytest.mark.parametrize(("data", "message"), NOT_CANONICAL.values(), ids=NOT_CANONICAL.keys())
def test_another_spelling_of_an_entry_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        parse_entry(data)

    assert str(caught.value).startswith(message)


def test_an_entry_that_is_no_object_is_refused() -> None:
    with pytest.raises(MalformedEntry, match=r"^expected an object, got another value$"):
        parse_entry(b"[]")


def test_an_entry_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(MalformedEntry, match=r"^expected at most 65535 bytes, got 65536$"):
        parse_entry(bytes(65_536))


def test_further_entries_of_a_change_have_ids_of_their_own() -> None:
    first = EVENT.event_id

    ids = [derived_event_id(first, n) for n in range(4)]

    assert ids[0] == first
    assert len(set(ids)) == 4
    assert ids[1] == UUID("dbe582e9-ed3a-5be8-99ef-b4fb0dae92d0")
    assert derived_event_id(first, 1) == ids[1]


def test_there_is_no_entry_before_the_first_of_a_change() -> None:
    with pytest.raises(MalformedEntry, match=r"^/event_id: expected a count from 0, got -1$"):
        derived_event_id(EVENT.event_id, -1)


def test_sealing_takes_subjects_in_their_own_order() -> None:
    entry = sealed(event(subjects=(SKU,)))

    assert parse_entry(entry.bytes).links == (Link(SKU, 0, ZERO_HASH),)
