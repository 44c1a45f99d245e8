"""Canonical JSON: one value, one byte string.

RFC 8785 (JSON Canonicalization Scheme) under a profile so strict that no two implementations can
disagree about it:

- Member names are 1 to 64 characters of `a-z`, `0-9` and `_`, so every sort order is the same.
- Numbers are integers within ±(2^53-1). There are no floats.
- Strings hold neither lone surrogates nor U+0000. They are never normalised.
- Containers nest at most 8 deep, the outermost counted.
- What is outside the profile is refused, never repaired.

Nothing here bounds the length of the bytes; whoever keeps them does (an entry: `ENTRY_BYTES_MAX`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import orjson

from audit.errors import NotCanonical

JSON: TypeAlias = bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"] | None

INTEGER_MAX = 2**53 - 1
ENTRY_BYTES_MAX = 65_535
DEPTH_MAX = 8
ENCODER_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER

_NAME = re.compile(r"[a-z0-9_]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_NUL = b"\\u0000"

# Member names come from code, not from callers, so a small set of those already matched spares the
# regular expression on nearly every entry. The bound keeps hostile input from growing it for ever.
_known_names: set[str] = set()
_KNOWN_NAMES_MAX = 4_096


def encode(value: JSON) -> bytes:
    """Return the canonical bytes of a value.

    Objects must be `dict`, arrays `list` or `tuple`, integers `int` itself. A `StrEnum` member is
    the string it holds.

    Raises:
        NotCanonical: the value is outside the profile; `path` names the member.
    """
    if not is_plain(value):
        raise first_fault(value)
    try:
        data = orjson.dumps(value, option=ENCODER_OPTIONS)
    except orjson.JSONEncodeError as error:
        raise first_fault(value) from error
    if holds_nul(data, value):
        raise first_fault(value)
    return data


def parse(data: bytes) -> JSON:
    """Return the value whose canonical bytes are exactly `data`.

    Raises:
        NotCanonical: not JSON, outside the profile, or another spelling of the same value
            (white space, member order, duplicate members, needless escapes).
    """
    value = load(data)
    if encode(value) != data:
        raise NotCanonical("", "expected the canonical spelling, got another one of the same value")
    return value


def load(data: bytes) -> JSON:
    """Return the value of any JSON text in UTF-8, the profile not asked for.

    Raises:
        NotCanonical: the bytes are not JSON in UTF-8.
    """
    try:
        value: JSON = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = f"expected JSON in UTF-8, got a fault at character {error.pos}"
        raise NotCanonical("", reason) from error
    return value


def is_plain(value: object, depth: int = DEPTH_MAX) -> bool:
    """Whether types, member names and depth fit: the part of the profile the encoder ignores.

    What it leaves (integer bounds, surrogates) makes the encoder fail; U+0000 is for `holds_nul`.
    """
    kind = type(value)
    if kind is dict:
        if depth == 0:
            return False
        for name, member in value.items():  # type: ignore[attr-defined]
            if name not in _known_names and not _is_name(name):
                return False
            inner = type(member)
            if inner is str or inner is int or inner is bool or member is None:
                continue
            if not is_plain(member, depth - 1):
                return False
        return True
    if kind is list or kind is tuple:
        return depth > 0 and all(is_plain(item, depth - 1) for item in value)  # type: ignore[attr-defined]
    return kind is str or kind is int or kind is bool or value is None or isinstance(value, StrEnum)


def holds_nul(data: bytes, value: object) -> bool:
    """Whether a string of the value, whose encoding is `data`, holds U+0000."""
    # The same six characters can be the text \u0000 behind an escaped backslash: look again.
    return b"\\" in data and _ESCAPED_NUL in data and _search(value, "", DEPTH_MAX) is not None


def first_fault(value: object, path: str = "", depth: int = DEPTH_MAX) -> NotCanonical:
    """Return the error that names the first member outside the profile.

    Slow; only for values already known to be faulty.
    """
    fault = _search(value, path, depth)
    return fault or NotCanonical(path, "expected a value of the profile, got one that changed")


def _search(value: object, path: str, depth: int) -> NotCanonical | None:
    if isinstance(value, (dict, list, tuple)):
        return _search_container(value, path, depth)
    if value is None or isinstance(value, bool):
        return None
    if type(value) is int:
        if -INTEGER_MAX <= value <= INTEGER_MAX:
            return None
        return NotCanonical(path, "expected an integer within ±(2^53-1), got one beyond")
    if type(value) is str or isinstance(value, StrEnum):
        if "\0" in value:
            return NotCanonical(path, "expected a string without U+0000, got one with it")
        if _SURROGATE.search(value):
            return NotCanonical(path, "expected a string without lone surrogates, got one")
        return None
    wanted = "expected null, a boolean, an integer, a string, a list or an object"
    return NotCanonical(path, f"{wanted}, got {type(value).__name__}")


def _search_container(
    value: dict[object, object] | list[object] | tuple[object, ...], path: str, depth: int
) -> NotCanonical | None:
    if depth == 0:
        return NotCanonical(path, f"expected at most {DEPTH_MAX} nested levels, got more")
    if type(value) not in (dict, list, tuple):
        kind = type(value).__name__
        return NotCanonical(path, f"expected a plain dict, list or tuple, got {kind}")
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        if isinstance(value, dict) and not _is_name(name):
            rule = "1 to 64 characters of a-z, 0-9 and _"
            return NotCanonical(path, f"expected member names of {rule}, got another")
        fault = _search(member, f"{path}/{name}", depth - 1)
        if fault:
            return fault
    return None


def _is_name(name: object) -> bool:
    # The encoder takes no subclass of str as a member name, hence `type`.
    if type(name) is not str or _NAME.fullmatch(name) is None:
        return False
    if len(_known_names) < _KNOWN_NAMES_MAX:
        _known_names.add(name)
    return True
