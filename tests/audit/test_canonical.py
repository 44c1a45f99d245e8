from __future__ import annotations

import pickle
from enum import IntEnum, StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical
from audit.canonical import DEPTH_MAX, INTEGER_MAX, encode, first_fault, parse
from audit.errors import NotCanonical
from tests.audit.strategies import ANY_JSON, VALUES


class Colour(StrEnum):
    RED = "red"


class Number(IntEnum):
    ONE = 1


class Text(str):
    __slots__ = ()


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


@given(VALUES)
def test_encoding_is_that_of_rfc_8785_on_the_whole_profile(value: Any) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_was_encoded_is_read_back(value: Any) -> None:
    assert parse(encode(value)) == value


@given(ANY_JSON)
def test_a_value_is_encoded_as_rfc_8785_does_or_refused(value: Any) -> None:
    try:
        encoded = encode(value)
    except NotCanonical:
        return

    assert encoded == rfc8785.dumps(value)
    assert parse(encoded) == value


@given(st.binary(max_size=200) | ANY_JSON.map(repr).map(str.encode) | VALUES.map(encode))
def test_any_bytes_are_read_back_to_themselves_or_refused(data: bytes) -> None:
    try:
        value = parse(data)
    except NotCanonical:
        return

    assert encode(value) == data


@given(VALUES.map(encode), st.data())
def test_a_changed_byte_never_reads_as_the_same_value(data: bytes, draw: st.DataObject) -> None:
    position = draw.draw(st.integers(0, len(data) - 1))
    other = draw.draw(st.integers(0, 255).filter(lambda byte: byte != data[position]))
    changed = data[:position] + bytes((other,)) + data[position + 1 :]

    try:
        value = parse(changed)
    except NotCanonical:
        return

    assert encode(value) != data


def test_member_names_sort_and_strings_escape_as_rfc_8785_says() -> None:
    value = {"b": '"\\/\b\f\n\r\t\x1f\x7f', "a": "倉庫 €😀", "a_": None, "0": [True, False]}

    encoded = encode(value)

    assert encoded == ('{"0":[true,false],"a":"倉庫 €😀","a_":null,"b":"\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f"}'.encode())


def test_text_is_not_normalised() -> None:
    assert encode("e\u0301") != encode("\u00e9")


def test_a_string_enumeration_is_the_string_it_holds() -> None:
    assert encode({"a": Colour.RED}) == b'{"a":"red"}'


def test_a_tuple_is_an_array() -> None:
    assert encode((1, (2,))) == b"[1,[2]]"


def test_the_text_of_an_escaped_nul_is_not_a_nul() -> None:
    assert encode({"a": "\\u0000"}) == b'{"a":"\\\\u0000"}'


def test_the_greatest_depth_is_accepted() -> None:
    assert parse(encode(nested(DEPTH_MAX))) == nested(DEPTH_MAX)


@pytest.mark.parametrize("integer", [INTEGER_MAX, -INTEGER_MAX])
def test_the_greatest_integers_are_accepted(integer: int) -> None:
    assert parse(encode(integer)) == integer


LOOP: list[Any] = []
LOOP.append(LOOP)

REFUSED = {
    "float": ({"a": 1.0}, "/a", "expected null, a boolean, an integer, a string, a list or an object, got float"),
    "bytes": ([b"a"], "/0", "expected null, a boolean, an integer, a string, a list or an object, got bytes"),
    "set": ({1}, "", "expected null, a boolean, an integer, a string, a list or an object, got set"),
    "integer enumeration": ([Number.ONE], "/0", "expected null, a boolean, an integer, a string, a list or an object, got Number"),
    "string subclass": (Text("a"), "", "expected null, a boolean, an integer, a string, a list or an object, got Text"),
    "integer above": ({"a": [INTEGER_MAX + 1]}, "/a/0", "expected an integer within ±(2^53-1), got one beyond"),
    "integer below": (-INTEGER_MAX - 1, "", "expected an integer within ±(2^53-1), got one beyond"),
    "integer beyond 64 bits": ([2**70], "/0", "expected an integer within ±(2^53-1), got one beyond"),
    "lone surrogate": ({"a": "\ud800"}, "/a", "expected a string without lone surrogates, got one"),
    "nul": ({"a": {"b": "x\0"}}, "/a/b", "expected a string without U+0000, got one with it"),
    "nul at the top": ("\0", "", "expected a string without U+0000, got one with it"),
    "empty name": ({"": 1}, "", "expected member names of 1 to 64 characters of a-z, 0-9 and _, got another"),
    "long name": ({"a" * 65: 1}, "", "expected member names of 1 to 64 characters of a-z, 0-9 and _, got another"),
    "upper-case name": ({"a": {"B": 1}}, "/a", "expected member names of 1 to 64 characters of a-z, 0-9 and _, got another"),
    "name with a newline": ({"a\n": 1}, "", "expected member names of 1 to 64 characters of a-z, 0-9 and _, got another"),
    "name that is a number": ({1: 1}, "", "expected member names of 1 to 64 characters of a-z, 0-9 and _, got another"),
    "name that is a subclass": ({Text("a"): 1}, "", "expected member names of 1 to 64 characters of a-z, 0-9 and _, got another"),
    "too deep a list": (nested(DEPTH_MAX + 1), "/0" * DEPTH_MAX, "expected at most 8 nested levels, got more"),
    "too deep an object": ({"a": [[[[[[[{}]]]]]]]}, "/a" + "/0" * 7, "expected at most 8 nested levels, got more"),
    "endless": (LOOP, "/0" * DEPTH_MAX, "expected at most 8 nested levels, got more"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "path", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_outside_the_profile_is_refused_by_name(value: Any, path: str, reason: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        encode(value)

    assert (caught.value.path, caught.value.reason) == (path, reason)
    assert str(caught.value) == (f"{path}: {reason}" if path else reason)


def test_a_subclass_of_dict_is_refused() -> None:
    class Ordered(dict[str, int]):
        pass

    with pytest.raises(NotCanonical, match=r"^/a: expected a plain dict, list or tuple, got Ordered$"):
        encode({"a": Ordered()})


SPELLINGS = {
    "white space": b'{"a": 1}',
    "trailing newline": b"1\n",
    "unsorted members": b'{"b":1,"a":2}',
    "duplicate members": b'{"a":1,"a":1}',
    "needless escape": b'"\\u0061"',
    "upper-case escape": b'"\\u001F"',
    "escaped slash": b'"\\/"',
    "escaped pair": b'"\\ud83d\\ude00"',
    "minus zero": b"-0",
}


@pytest.mark.parametrize("data", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_another_spelling_of_the_same_value_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical, match=r"^expected the canonical spelling, got another one of the same value$"):
        parse(data)


NOT_JSON = {
    "nothing": b"",
    "two values": b"1 2",
    "single quotes": b"{'a':1}",
    "not a number": b"NaN",
    "lone surrogate escape": b'"\\ud800"',
    "latin-1": b'"\xe9"',
    "utf-16": "{}".encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf1",
    "raw control": b'"\n"',
}


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical, match=r"^expected JSON in UTF-8, got a fault at character \d+$"):
        parse(data)


def test_a_float_in_json_is_refused_with_its_path() -> None:
    with pytest.raises(NotCanonical, match=r"^/a/1: expected null, .* got float$"):
        parse(b'{"a":[1,1.0]}')


def test_a_hundred_thousand_brackets_are_refused() -> None:
    with pytest.raises(NotCanonical):
        parse(b"[" * 100_000)


def test_the_memory_of_member_names_is_bounded() -> None:
    value = {f"name_{number}": number for number in range(5_000)}

    encoded = encode(value)

    assert parse(encoded) == value
    assert len(vars(canonical)["_known_names"]) == 4_096


def test_asking_for_the_fault_of_a_sound_value_says_so() -> None:
    assert str(first_fault(1, "/a")) == "/a: expected a value of the profile, got one that changed"


def test_errors_survive_being_sent_to_another_process() -> None:
    error = NotCanonical("/a", "expected b, got c")

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (str(copy), copy.path, copy.reason) == ("/a: expected b, got c", "/a", "expected b, got c")
