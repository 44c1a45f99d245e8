"""The strict JSON decoder: what it takes, what it refuses, with which problem and at which member."""

import json
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.body import DEPTH_MAX, INTEGER_MAX, decode
from api.languages import Language
from api.problems import Invalid, Problem

BREACHES: list[tuple[str, bytes, str, str]] = [
    ("a member stands twice", b'{"sku":"a","sku":"a"}', "duplicate_member", "#/sku"),
    ("a member stands twice, spaced", b'{"sku" :"a", "sku" : "b"}', "duplicate_member", "#/sku"),
    ("one colon spaced, another member twice", b'{"a" :1,"b":1,"b":2}', "duplicate_member", "#/b"),
    ("a tab before the colon hides nothing", b'{"a"\t:1,"b":1,"b":2}', "duplicate_member", "#/b"),
    ("a line end before the colon hides nothing", b'{"a"\n:1,"b":1,"b":2}', "duplicate_member", "#/b"),
    ("twice under another spelling", b'{"sku":1,"\\u0073ku":1}', "duplicate_member", "#/sku"),
    ("twice, deeper", b'{"price":{"amount":1,"amount":1}}', "duplicate_member", "#/price/amount"),
    ("twice, in a list", b'[{"a":1},{"a":1,"a":2}]', "duplicate_member", "#/1/a"),
    ("twice, and the first holds members", b'{"a":{"b":1},"a":{"b":2}}', "duplicate_member", "#/a"),
    ("a fraction", b'{"change":1.5}', "number_is_float", "#/change"),
    ("a fraction of nothing", b'{"change":1.0}', "number_is_float", "#/change"),
    ("an exponent", b'{"change":1e2}', "number_is_float", "#/change"),
    ("not a number", b'{"change":NaN}', "number_is_float", "#/change"),
    ("infinity", b'{"change":-Infinity}', "number_is_float", "#/change"),
    ("one above 2^53-1", b'{"change":9007199254740992}', "integer_out_of_range", "#/change"),
    ("one below -(2^53-1)", b'{"change":-9007199254740992}', "integer_out_of_range", "#/change"),
    ("beyond 64 bits", b'{"change":18446744073709551616}', "integer_out_of_range", "#/change"),
    ("thousands of digits", b'{"change":' + b"9" * 5000 + b"}", "integer_out_of_range", "#/change"),
    ("half a surrogate pair, first", b'{"note":"\\ud800"}', "lone_surrogate", "#/note"),
    ("half a surrogate pair, second", b'{"note":"x\\udc00y"}', "lone_surrogate", "#/note"),
    ("half a surrogate pair in a name", b'{"\\ud83d":1}', "lone_surrogate", "#/%3F"),
    ("NUL", b'{"note":"a\\u0000b"}', "nul_character", "#/note"),
    ("NUL in a name", b'{"a\\u0000":1}', "nul_character", "#/a%00"),
    ("nested too deep", b'{"a":' * DEPTH_MAX + b"{}" + b"}" * DEPTH_MAX, "nested_too_deep", "#" + "/a" * DEPTH_MAX),
    ("a slash and a tilde in a name", b'{"a/b~c":1.5}', "number_is_float", "#/a~1b~0c"),
]

BROKEN: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "body_missing"),
    ("white space only", b" \r\n", "body_missing"),
    ("not JSON at all", b"hello", "not_json"),
    ("cut short", b'{"sku":"a"', "not_json"),
    ("something behind it", b"{} {}", "not_json"),
    ("a control character in a text", b'{"a":"\x01"}', "not_json"),
    ("single quotes", b"{'a':1}", "not_json"),
    ("a comma too many", b'{"a":1,}', "not_json"),
    ("thousands deep", b"[" * 100_000, "nested_too_deep"),
    ("a byte order mark", b"\xef\xbb\xbf{}", "byte_order_mark"),
    ("UTF-16 with its mark", '{"a":"貨"}'.encode("utf-16"), "wrong_encoding"),
    ("UTF-16 without", '{"a":"貨"}'.encode("utf-16-le"), "wrong_encoding"),
    ("UTF-16, big end first", '{"a":"貨"}'.encode("utf-16-be"), "wrong_encoding"),
    ("UTF-32", '{"a":"貨"}'.encode("utf-32"), "wrong_encoding"),
    ("UTF-32 without its mark", '{"a":"貨"}'.encode("utf-32-le"), "wrong_encoding"),
    ("Big5", '{"a":"貨品編號"}'.encode("big5"), "wrong_encoding"),
    ("Big5 with Hong Kong characters", '{"a":"啲嘢喺嗰度"}'.encode("big5hkscs"), "wrong_encoding"),
    ("GB 18030", '{"a":"㐀货品"}'.encode("gb18030"), "wrong_encoding"),
    ("cut inside a character", '{"a":"貨'.encode()[:-1], "character_cut"),
]


@pytest.mark.parametrize(("body", "code", "place"), [row[1:] for row in BREACHES], ids=[row[0] for row in BREACHES])
def test_a_breach_is_named_with_its_member(body: bytes, code: str, place: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(body)

    assert caught.value.kind.code == code
    assert caught.value.status == 400
    assert [fault.as_json(Language.ENGLISH)["pointer"] for fault in caught.value.faults] == [place]


@pytest.mark.parametrize(("body", "code"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_no_json_is_refused_by_name(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        decode(body)

    assert caught.value.kind.code == code
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("貨".encode("utf-16"), "UTF-16"),
        ("貨".encode("utf-32"), "UTF-32"),
        ("貨品編號".encode("big5"), "Big5"),
        ("㐀货品".encode("gb18030"), "GB 18030"),
        (b'{"a":"\xff caf\xe9"}', "Windows-1252"),
    ],
)
def test_a_foreign_encoding_is_called_by_its_name_in_both_languages(body: bytes, name: str) -> None:
    with pytest.raises(Problem) as caught:
        decode(body)

    assert name in caught.value.detail.en
    assert name in caught.value.detail.zh


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":":","b":"\\":\\""}',
        b'{ "a" : 1 ,\n\t"b"\n:\t[ 1 , 2 ] }',
        b'{"a":"\\\\u0000"}',
        b'{"a":9007199254740991,"b":-9007199254740991}',
        b'{"a":"\\ud83d\\ude00"}',
        b'{"a":"2026-11-22T20:00:00+08:00","b":{"c":[{"d":null}]}}',
        b"[]",
        b'"text"',
        b"-0",
        b"null",
    ],
)
def test_what_json_allows_and_nothing_forbids_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    assert decode(body) == json.loads(body)


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-INTEGER_MAX, INTEGER_MAX)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
)
_WRITERS: list[Callable[[object], bytes]] = [
    orjson.dumps,
    lambda value: json.dumps(value).encode(),
    lambda value: json.dumps(value, ensure_ascii=False, indent=1, separators=(" , ", " : ")).encode(),
    lambda value: json.dumps(value, separators=(",", "\n:")).encode(),
]


@given(_VALUES, st.sampled_from(_WRITERS))
def test_every_value_survives_every_way_of_writing_it(value: object, write: Callable[[object], bytes]) -> None:
    try:
        found = decode(write(value))
    except Invalid as invalid:
        assert invalid.kind.code == "nested_too_deep"  # noqa: PT017 - only deep values are refused
    else:
        assert found == value


@given(st.dictionaries(_NAMES, _SCALARS, min_size=1, max_size=4), st.data(), st.sampled_from([":", " :", "\t:", ": "]))
def test_a_repeated_member_never_goes_unseen(members: dict[str, object], data: st.DataObject, colon: str) -> None:
    repeated = data.draw(st.sampled_from(sorted(members)))
    order = data.draw(st.permutations([*members.items(), (repeated, 1)]))
    body = "{" + ",".join(f"{json.dumps(name)}{colon}{json.dumps(value)}" for name, value in order) + "}"

    with pytest.raises(Invalid) as caught:
        decode(body.encode())

    assert caught.value.kind.code == "duplicate_member"


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_a_problem(body: bytes) -> None:
    try:
        decode(body)
    except Problem as problem:
        assert problem.status == 400  # noqa: PT017 - most bytes are refused, some are JSON
