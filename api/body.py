"""Reading a JSON body strictly, because what is logged cannot be taken back.

Rules, on top of RFC 8259:

- UTF-8 only, without a byte order mark; other encodings are named in the refusal.
- No member name twice in one object; no float, not even 1.0; integers within ±(2^53−1); no lone surrogate; no NUL;
  at most DEPTH_MAX nested objects and lists.
- Each breach is its own problem, with the JSON Pointer of the member.

The good path costs little more than one parse: orjson reads the text and keeps the last of repeated members, so fewer
members than colons mean a repetition; numbers are looked at once. Only a text that looks wrong is read a second time,
slowly, to say what is wrong and where.
"""

import json
import re
from collections.abc import Iterable
from typing import Final, NoReturn, TypeAlias

import orjson

from api.problem_codes import Code
from api.problems import Fault, Invalid, Path, Problem

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | bool | None"

INTEGER_MAX: Final = 2**53 - 1
DEPTH_MAX: Final = 8
CUT_SHORT: Final = "UTF-8, cut short"

_SPACED_COLON: Final = re.compile(rb"[\t\n\r]:")
_SUSPECT: Final = -(2**62)
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF32_MARKS: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")


def decode(body: bytes, line: int = 1) -> JSON:
    """Return the value of a JSON text, which begins on `line` of what was sent, or raise the problem that says what is wrong and where."""
    try:
        value: JSON = orjson.loads(body)
    except orjson.JSONDecodeError:
        explain(body, line)
    # Every member has its `":` in the text, unless white space stands before a colon. Texts can add some, never take.
    if _count_members(value, 1) != body.count(b'":') or b"\\u0000" in body or _spaces_colons(body):
        return _decode_slowly(body, line)
    return value


def _spaces_colons(body: bytes) -> bool:
    if b" :" in body:
        return True
    return (b"\n" in body or b"\t" in body or b"\r" in body) and _SPACED_COLON.search(body) is not None


def _count_members(value: object, depth: int) -> int:
    """Return the number of members in the value and all within it, or less than 0 if it needs a closer look."""
    if isinstance(value, dict):
        count = len(value)
        items: Iterable[object] = value.values()
    elif isinstance(value, list):
        count = 0
        items = value
    else:
        return _SUSPECT
    for item in items:
        if isinstance(item, str):
            continue
        if isinstance(item, int):
            if not -INTEGER_MAX <= item <= INTEGER_MAX:
                return _SUSPECT
        elif isinstance(item, float):
            return _SUSPECT
        elif item is not None:
            count += _count_members(item, depth + 1) if depth < DEPTH_MAX else _SUSPECT
    return count


def explain(body: bytes, line: int = 1) -> NoReturn:
    """Raise the problem of a text that orjson refuses.

    Raises:
        Problem: Always.
    """
    if not body.strip(b" \t\r\n"):
        raise Problem.of(Code.BODY_MISSING)
    _require_utf8(body)
    _decode_slowly(body, line)
    # The standard library read it and found nothing: orjson is the stricter of the two only in ways not met so far.
    raise Problem.of(Code.NOT_JSON, at_line=line, at_column=1)


def _require_utf8(body: bytes) -> None:
    if body.startswith(_UTF8_MARK):
        raise Problem.of(Code.BYTE_ORDER_MARK)
    offset, encoding = foreign_encoding(body)
    if encoding is None:
        return
    if encoding == CUT_SHORT:
        raise Problem.of(Code.CHARACTER_CUT)
    raise Problem.of(Code.WRONG_ENCODING, offset=offset, encoding=encoding)


def foreign_encoding(data: bytes) -> tuple[int, str | None]:
    """Return the offset of the first byte that is not UTF-8 and the likely name of the encoding, or None if all is well.

    Big5 and GB 18030 share most byte pairs: Big5, with its Hong Kong characters, is tried first because it is what
    spreadsheets in Hong Kong write.
    """
    if data.startswith(_UTF32_MARKS) or b"\0\0\0" in data[:4]:
        return 0, "UTF-32"
    if data.startswith(_UTF16_MARKS) or b"\0" in data[:2]:
        return 0, "UTF-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return error.start, CUT_SHORT
        return error.start, _guess(data)
    return 0, None


def _guess(data: bytes) -> str:
    for codec, name in (("big5hkscs", "Big5"), ("gb18030", "GB 18030"), ("shift_jis", "Shift JIS")):
        try:
            data.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return "Windows-1252 / ISO 8859-1"


class _Pairs(list[tuple[str, "_Slow"]]):
    """An object as its members stood in the text, the repeated ones too."""

    __slots__ = ()


class _Refused:
    """A number that may not stand in a body."""

    __slots__ = ("code",)

    def __init__(self, code: Code) -> None:
        self.code = code


_Slow: TypeAlias = "_Pairs | list[_Slow] | str | int | bool | _Refused | None"


def _integer(text: str) -> int | _Refused:
    if len(text) > 17 or abs(value := int(text)) > INTEGER_MAX:
        return _Refused(Code.INTEGER_OUT_OF_RANGE)
    return value


def _decode_slowly(body: bytes, line: int) -> JSON:
    """Read the text member by member and raise the first breach with its path."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_Pairs,
        parse_float=lambda _: _Refused(Code.NUMBER_IS_FLOAT),
        parse_int=_integer,
        parse_constant=lambda _: _Refused(Code.NUMBER_IS_FLOAT),
    )
    text = body.decode("utf-8")
    try:
        value: _Slow = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Problem.of(Code.NOT_JSON, at_line=line + error.lineno - 1, at_column=error.colno) from None
    except RecursionError:
        raise Problem.of(Code.NESTED_TOO_DEEP, max=DEPTH_MAX) from None
    return _checked(value, ())


def _checked(value: _Slow, path: Path) -> JSON:
    if isinstance(value, _Refused):
        raise _breach(value.code, path, min=-INTEGER_MAX, max=INTEGER_MAX)
    if isinstance(value, str):
        _require_text(value, path)
        return value
    if isinstance(value, list) and len(path) >= DEPTH_MAX:
        raise _breach(Code.NESTED_TOO_DEEP, path, max=DEPTH_MAX)
    if isinstance(value, _Pairs):
        found: dict[str, JSON] = {}
        for name, item in value:
            if name in found:
                raise _breach(Code.DUPLICATE_MEMBER, (*path, name))
            _require_text(name, (*path, name))
            found[name] = _checked(item, (*path, name))
        return found
    if isinstance(value, list):
        return [_checked(item, (*path, index)) for index, item in enumerate(value)]  # type: ignore[arg-type]
    return value


def _require_text(text: str, path: Path) -> None:
    if "\0" in text:
        raise _breach(Code.NUL_CHARACTER, path)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _breach(Code.LONE_SURROGATE, path)


def _breach(code: Code, path: Path, **values: int) -> Invalid:
    return Invalid([Fault.of(code, path, **values)], status=400)
