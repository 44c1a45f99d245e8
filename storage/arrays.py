"""Columns of values as PostgreSQL takes them in binary: one parameter for all rows of a statement.

A one-dimensional array is a head (dimensions, whether any item is null, the items' type, how many, the first index), then
each item's length and bytes; a null has the length -1. The driver's own way looks at every item several times.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar, Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HEAD: Final = struct.Struct("!iiIii").pack
_LENGTH: Final = struct.Struct("!i").pack
_INTEGER: Final = struct.Struct("!iq").pack
_INTEGER_4: Final = struct.Struct("!ii").pack
_NULL: Final = _LENGTH(-1)
_TRUE: Final = _LENGTH(1) + b"\1"
_FALSE: Final = _LENGTH(1) + b"\0"


class Packed(bytes):
    """An array ready to be sent; each type of items has a class, by which the driver knows the array's type."""

    item: ClassVar[int]
    array: ClassVar[int]
    written: ClassVar[Callable[[Any], bytes]]


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """The bytes as they are."""
        return obj


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH(len(encoded)) + encoded


def _kind(name: str, item: int, array: int, written: Callable[[Any], bytes]) -> type[Packed]:
    kind = type(name, (Packed,), {"item": item, "array": array, "written": staticmethod(written), "__slots__": ()})
    psycopg.adapters.register_dumper(kind, type(f"{name}Dumper", (_Dumper,), {"oid": array}))
    return kind


_KINDS: Final[dict[str, type[Packed]]] = {
    "bigint": _kind("BigInts", 20, 1016, lambda value: _INTEGER(8, value)),
    "integer": _kind("Integers", 23, 1007, lambda value: _INTEGER_4(4, value)),
    "text": _kind("Texts", 25, 1009, _text),
    "bytea": _kind("Byteas", 17, 1001, lambda value: _LENGTH(len(value)) + value),
    "boolean": _kind("Booleans", 16, 1000, lambda value: _TRUE if value else _FALSE),
}


def packed(kind: str, values: Sequence[Any]) -> Packed:
    """The values as an array of that SQL type: `bigint`, `integer`, `text`, `bytea` or `boolean`."""
    made = _KINDS[kind]
    write = made.written
    has_null = None in values
    items = [_NULL if value is None else write(value) for value in values] if has_null else [*map(write, values)]
    return made(_HEAD(1, has_null, made.item, len(items), 1) + b"".join(items))
