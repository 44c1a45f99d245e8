from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entry import Actor, Decided, Link, Subject, format_time, parse_time, time_of, time_us
from audit.errors import MalformedEntry
from audit.event import TIME_MAX_US, ZERO_HASH
from tests.audit.samples import BEFORE, SKU, STOCK, event
from tests.audit.strategies import MOMENTS, TIMES_US


def test_a_subject_has_a_key() -> None:
    assert Subject("stock", "HK01/85123A:x").key == "stock:HK01/85123A:x"


@pytest.mark.parametrize("identity", ["a", "x" * 128, "HK01/85123A", "尖沙咀 店", "a b", "é", '"\\', "𠮷野家"])
def test_an_id_is_any_text_that_can_be_seen(identity: str) -> None:
    assert Subject("sku", identity).id == identity


UNSEEN = {
    "nul": "\0",
    "newline": "a\nb",
    "delete": "\x7f",
    "control of the second range": "\x85",
    "zero width space": "a\u200bb",
    "right-to-left override": "a\u202eb",
    "line separator": "\u2028",
    "word joiner": "\u2060",
    "isolate": "\u2066",
    "lone surrogate": "\ud800",
    "byte order mark": "\ufeff",
    "annotation": "\ufff9",
    "arabic letter mark": "\u061c",
}


@pytest.mark.parametrize("identity", UNSEEN.values(), ids=UNSEEN.keys())
def test_an_id_with_a_hidden_character_is_refused(identity: str) -> None:
    with pytest.raises(
        MalformedEntry, match=r"^/subjects/id: expected printable characters, got a control or hidden one$"
    ):
        Subject("sku", identity)


@pytest.mark.parametrize(("identity", "length"), [("", 0), ("x" * 129, 129)])
def test_an_id_is_one_to_128_characters(identity: str, length: int) -> None:
    with pytest.raises(MalformedEntry, match=rf"^/actor/id: expected 1 to 128 characters, got {length}$"):
        Actor(identity, "staff")


def test_the_one_acted_for_is_an_id_too() -> None:
    with pytest.raises(MalformedEntry, match=r"^/actor/for: expected 1 to 128 characters, got 0$"):
        Actor("p_a", "staff", "")


@pytest.mark.parametrize("kind", ["", "Stock", "stock1", "a-b", "x" * 33, "stock\n"])
def test_a_kind_is_lower_case_letters_and_underscores(kind: str) -> None:
    with pytest.raises(
        MalformedEntry, match=r"^/subjects/kind: expected 1 to 32 characters of a-z and _, got another$"
    ):
        Subject(kind, "a")


def test_a_role_is_lower_case_letters_and_underscores() -> None:
    with pytest.raises(MalformedEntry, match=r"^/actor/role: expected 1 to 32 characters of a-z and _, got another$"):
        Actor("p_a", "Store Manager")


@pytest.mark.parametrize("code", ["", "a b", "a/b", "x" * 65, "a\n"])
def test_a_reason_code_is_a_short_word(code: str) -> None:
    with pytest.raises(MalformedEntry, match=r"^/decision/code: expected 1 to 64 characters of .*, got another$"):
        Decided("coarse/1", code)


def test_a_policy_is_an_id() -> None:
    with pytest.raises(MalformedEntry, match=r"^/decision/policy: expected 1 to 128 characters, got 0$"):
        Decided("", "ok")


def test_a_decision_holds_what_is_not_empty_in_canonical_order() -> None:
    decided = Decided("cedar-0@7", "allowed", action="stock.adjust", resource="stock", scope="0" * 16, by="role.staff")

    assert list(decided.members.items()) == [
        ("action", "stock.adjust"),
        ("by", "role.staff"),
        ("code", "allowed"),
        ("policy", "cedar-0@7"),
        ("resource", "stock"),
        ("scope", "0" * 16),
    ]
    assert decided.values == (
        "stock.adjust",
        "",
        "role.staff",
        "",
        "",
        "allowed",
        "",
        "",
        "cedar-0@7",
        "stock",
        "0" * 16,
        "",
    )
    assert Decided("coarse/1@0", "ok").members == {"code": "ok", "policy": "coarse/1@0"}


WORDS = "expected words of A-Z, a-z, 0-9 and _.?*~- parted by single spaces, got another"
DECISION_REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no action": ({"action": ""}, "/decision/action: expected this member, got none"),
    "no resource": ({"resource": ""}, "/decision/resource: expected this member, got none"),
    "no scope": ({"scope": ""}, "/decision/scope: expected this member, got none"),
    "a short scope": ({"scope": "0" * 15}, "/decision/scope: expected 16 lower-case hex digits, got another"),
    "an action of one word": (
        {"action": "adjust"},
        "/decision/action: expected words of a-z and _ joined by dots, got another",
    ),
    "a resource in upper case": (
        {"resource": "Stock"},
        "/decision/resource: expected 1 to 32 characters of a-z and _, got another",
    ),
    "two spaces": ({"stores": "A  B"}, f"/decision/stores: {WORDS}"),
    "a brace": ({"by": "a}"}, f"/decision/by: {WORDS}"),
    "too long": ({"classes": "a" * 64 + " b" * 4065}, f"/decision/classes: {WORDS}"),
    "a time without zone": (
        {"at": "2026-11-22T12:00:00.000000"},
        "/decision/at: expected a time like 2026-11-22T12:00:00.000000Z, got another",
    ),
    "a key with a dot": (
        {"key": "a.b"},
        "/decision/key: expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -, got another",
    ),
    "a grant with a space": (
        {"grant": "a b"},
        "/decision/grant: expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -, got another",
    ),
}


@pytest.mark.parametrize(("wrong", "message"), DECISION_REFUSED.values(), ids=DECISION_REFUSED.keys())
def test_a_decision_says_all_or_the_old_two(wrong: dict[str, str], message: str) -> None:
    whole = {"action": "stock.adjust", "resource": "stock", "scope": "0" * 16}

    with pytest.raises(MalformedEntry) as caught:
        Decided("cedar-0@7", "allowed", **(whole | wrong))

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("index", "previous", "message"),
    [
        (-1, BEFORE, "/subjects/index: expected 0 to 2^53-1, got another"),
        (2**53, BEFORE, "/subjects/index: expected 0 to 2^53-1, got another"),
        (1, BEFORE[1:], "/subjects/previous: expected 32 bytes, got 31"),
        (0, BEFORE, "/subjects/previous: expected zeros at index 0, got the opposite"),
        (1, ZERO_HASH, "/subjects/previous: expected a leaf hash after index 0, got the opposite"),
    ],
)
def test_a_link_is_the_first_or_has_one_before(index: int, previous: bytes, message: str) -> None:
    with pytest.raises(MalformedEntry) as caught:
        Link(SKU, index, previous)

    assert str(caught.value) == message


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "type of one word": (
        {"type": "stock"},
        "/type: expected words of a-z and _ joined by dots, at most 64 characters, got another",
    ),
    "type in upper case": (
        {"type": "stock.Adjusted"},
        "/type: expected words of a-z and _ joined by dots, at most 64 characters, got another",
    ),
    "type with an empty word": (
        {"type": "stock..adjusted"},
        "/type: expected words of a-z and _ joined by dots, at most 64 characters, got another",
    ),
    "type too long": (
        {"type": "a." + "b" * 63},
        "/type: expected words of a-z and _ joined by dots, at most 64 characters, got another",
    ),
    "no subject": ({"subjects": ()}, "/subjects: expected 1 to 4 subjects, got 0"),
    "five subjects": (
        {"subjects": tuple(Subject("sku", str(number)) for number in range(5))},
        "/subjects: expected 1 to 4 subjects, got 5",
    ),
    "a subject twice": (
        {"subjects": (STOCK, SKU, Subject("sku", "85123A"))},
        "/subjects: expected each subject once, got one twice",
    ),
    "occurred without zone": (
        {"occurred_at": datetime(2026, 11, 22)},  # noqa: DTZ001
        "/occurred_at: expected a time with a zone, got one without",
    ),
    "occurred before 1970": (
        {"occurred_at": datetime(1969, 12, 31, tzinfo=UTC)},
        "/occurred_at: expected a time from 1970 to 9999, got another",
    ),
    "occurred after 9999": (
        {"occurred_at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8)))},
        "/occurred_at: expected a time from 1970 to 9999, got another",
    ),
    "many personal fields": (
        {"personal": {f"field_{number}": "ab" * 32 for number in range(33)}},
        "/personal: expected at most 32 fields, got 33",
    ),
    "personal field in upper case": (
        {"personal": {"Name": "ab" * 32}},
        "/personal: expected names of 1 to 64 characters of a-z, 0-9 and _, got another",
    ),
    "personal value in clear": (
        {"personal": {"name": "Chan Tai Man"}},
        "/personal/name: expected 64 lower-case hex digits, got another value",
    ),
    "personal digest in upper case": (
        {"personal": {"name": "AB" * 32}},
        "/personal/name: expected 64 lower-case hex digits, got another value",
    ),
    "short request digest": ({"request": bytes(15)}, "/request: expected 16 bytes, got 15"),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_an_event_that_could_not_be_an_entry_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedEntry) as caught:
        event(**changes)

    assert str(caught.value) == message


def test_an_event_of_one_subject_needs_nothing_more() -> None:
    assert event(subjects=(SKU,), occurred_at=None, personal={}, request=None, decision=None).subjects == (SKU,)


@given(TIMES_US)
def test_a_time_is_read_back_as_written(us: int) -> None:
    assert parse_time(format_time(us)) == us
    assert time_us(time_of(us)) == us


@given(MOMENTS)
def test_a_time_is_written_like_iso_8601(moment: datetime) -> None:
    assert format_time(time_us(moment)) == moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_times_have_a_first_and_a_last() -> None:
    assert format_time(0) == "1970-01-01T00:00:00.000000Z"
    assert format_time(TIME_MAX_US) == "9999-12-31T23:59:59.999999Z"


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    hong_kong = datetime(2026, 11, 22, 20, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))

    assert format_time(time_us(hong_kong)) == "2026-11-22T12:00:00.000001Z"


@pytest.mark.parametrize("us", [-1, TIME_MAX_US + 1])
def test_a_time_out_of_range_is_refused(us: int) -> None:
    with pytest.raises(MalformedEntry, match=r"^/a: expected a time from 1970 to 9999, got another$"):
        format_time(us, "/a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00.000Z",
        "2026-11-22T12:00:00.000000",
        "2026-11-22T12:00:00.000000z",
        "2026-11-22t12:00:00.000000Z",
        "2026-11-22 12:00:00.000000Z",
        "2026-11-22T12:00:00,000000Z",
        "2026-11-22T12:00:00.000000+00:00",
        "2026-11-22T12:00:60.000000Z",
        "2026-11-22T24:00:00.000000Z",
        "2026-02-29T12:00:00.000000Z",
        "2026-13-01T12:00:00.000000Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-11-22T12:00:00.00000٠Z",
        "２０２６-11-22T12:00:00.000000Z",
        "2026-11-22T12:00:00.-00001Z",
        "+026-11-22T12:00:00.000000Z",
    ],
)
def test_a_time_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedEntry, match=r"^/a: expected a time like 2026-11-22T12:00:00\.000000Z, got another$"):
        parse_time(text, "/a")


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        us = parse_time(text)
    except MalformedEntry:
        return

    assert format_time(us) == text
