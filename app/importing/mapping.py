"""The mapping file: what the columns of a data file mean. Format mark `chopbook-import/1`; see docs/import.md.

- TOML, at most 256 KiB; unknown members are refused, so that a misspelt rule is never silently without effect.
- A field comes from a column, from several columns joined by a space, or from a constant.
- Conditions name columns of the file by their header. Text is a regular expression searched for in the trimmed cell;
  a list is a set of whole values, one of which the trimmed cell must be. All conditions of a rule must hold.
- The first `[[reject]]` that holds rejects the row; else the first `[[rule]]` that holds says which way the quantity
  goes and why. A row that no rule covers is rejected, never guessed.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, field

from app.importing.conditions import Condition, parse_conditions, parse_pattern
from app.importing.errors import MappingRefused
from app.importing.sentences import Said, told
from app.os_words import reason_of
from policies.misfits import misfit
from policies.model import Words

FORMAT: Final = "chopbook-import/1"
MAPPING_BYTES_MAX: Final = 262_144
ISO: Final = "iso"

ENCODINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "utf-8": "utf-8",
        # Hong Kong's superset of Big5: every Big5 file reads the same, and names with 嘅 or 峯 read at all.
        "big5": "big5hkscs",
        "utf-16": "utf-16",
        "gb18030": "gb18030",
        "windows-1252": "cp1252",
        "iso-8859-1": "iso-8859-1",
    }
)
"""Encodings a mapping may name, and the codec that reads each."""


class Field(StrEnum):
    """What a movement consists of."""

    STORE = "store"
    SKU = "sku"
    QUANTITY = "quantity"
    REASON = "reason"
    BATCH = "batch"
    EXPIRY = "expiry"
    OCCURRED_AT = "occurred_at"
    REFERENCE = "reference"
    DOCUMENT = "document"
    UNIT_PRICE = "unit_price"
    CURRENCY = "currency"
    NOTE = "note"


class Direction(StrEnum):
    """What the file's number does to the balance."""

    KEEP = "keep"
    NEGATE = "negate"
    IN = "in"
    """The amount comes in, whatever its sign."""
    OUT = "out"
    """The amount goes out, whatever its sign."""


class Ambiguous(StrEnum):
    """What a local time means that the clock showed twice."""

    EARLIER = "earlier"
    LATER = "later"
    REJECT = "reject"


class LotTracking(StrEnum):
    """Whether movements of a SKU name a lot."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


_Text = Annotated[str, Meta(min_length=1, max_length=500)]
_Code = Annotated[str, Meta(min_length=1, max_length=64)]
_Header = Annotated[str, Meta(min_length=1, max_length=200)]
_Source = _Header | Annotated[list[_Header], Meta(min_length=1, max_length=8)]
_Test = _Text | Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=1000)]
_When = Annotated[dict[_Header, _Test], Meta(max_length=16)]


class FileShape(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the bytes become rows."""

    encoding: str = "utf-8"
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Meta(min_length=1, max_length=1)] = '"'
    header: Annotated[int, Meta(ge=1, le=1000)] = 1
    sheet: _Header | None = None


class Clean(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is done to a field's text beside trimming."""

    upper: list[Field] = field(default_factory=list)
    narrow: list[Field] = field(default_factory=list)


class Dates(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How moments are written."""

    format: _Text = ISO
    zone: _Text | None = None
    ambiguous: Ambiguous = Ambiguous.EARLIER
    expiry_format: _Text = ISO


class Numbers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How quantities and prices are written."""

    decimal: Annotated[str, Meta(min_length=1, max_length=1)] = "."
    thousands: Annotated[str, Meta(max_length=1)] = ""


class Identity(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Columns that together name a movement, where a file's lines shift from one export to the next."""

    source: _Code
    columns: Annotated[list[_Header], Meta(min_length=1, max_length=8)]


class SkuRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """SKUs that the file mentions and the catalogue lacks."""

    create: bool = False
    name_zh: _Source | None = None
    name_en: _Source | None = None
    name_pattern: _Text | None = None
    gtin: _Header | None = None
    unit: _Code = "piece"
    scale: Annotated[int, Meta(ge=0, le=6)] = 0
    lot_tracking: LotTracking = LotTracking.NONE


class LotRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lots that the file mentions and the catalogue lacks."""

    create: bool = False


class _Reject(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    when: _When
    code: _Code
    reason: _Text
    reason_zh: _Text | None = None


class _Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: _Text
    when: _When = field(default_factory=dict)
    change: Direction
    reason: _Code | None = None


class _Document(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: str
    title: _Text | None = None
    file: FileShape = field(default_factory=FileShape)
    columns: dict[Field, _Source]
    constants: dict[Field, _Text] = field(default_factory=dict)
    values: dict[Field, dict[str, _Text]] = field(default_factory=dict)
    clean: Clean = field(default_factory=Clean)
    dates: Dates = field(default_factory=Dates)
    numbers: Numbers = field(default_factory=Numbers)
    identity: Identity | None = None
    sku: SkuRule = field(default_factory=SkuRule)
    lot: LotRule = field(default_factory=LotRule)
    reject: Annotated[list[_Reject], Meta(max_length=500)] = field(default_factory=list)
    rule: Annotated[list[_Rule], Meta(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True)
class RejectRule:
    """Rows that are no stock movements."""

    conditions: tuple[Condition, ...]
    code: str
    reason: Words


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """Which way the quantity goes, and why."""

    name: str
    conditions: tuple[Condition, ...]
    direction: Direction
    reason: str | None


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A mapping file, checked."""

    digest: bytes
    """SHA-256 of the mapping file."""
    file: FileShape
    columns: Mapping[Field, tuple[str, ...]]
    constants: Mapping[Field, str]
    values: Mapping[Field, Mapping[str, str]]
    clean: Clean
    dates: Dates
    zone: ZoneInfo | None
    numbers: Numbers
    identity: Identity | None
    sku: SkuRule
    lot: LotRule
    rejects: tuple[RejectRule, ...]
    rules: tuple[ChangeRule, ...]
    name_pattern: re.Pattern[str] | None

    @property
    def headers(self) -> frozenset[str]:
        """Every column of the file that the mapping speaks of."""
        named = {header for sources in self.columns.values() for header in sources}
        for conditions in [rule.conditions for rule in self.rejects] + [rule.conditions for rule in self.rules]:
            named.update(condition.column for condition in conditions)
        named.update(sources_of(self.sku.name_zh), sources_of(self.sku.name_en), sources_of(self.sku.gtin))
        if self.identity is not None:
            named.update(self.identity.columns)
        return frozenset(named)


def load_mapping(path: Path, overrides: Mapping[Field, str] | None = None) -> ImportMapping:
    """Reads a mapping file; `overrides` are constants that win over the file's columns and constants.

    Raises:
        MappingRefused: it cannot be read, or breaks a rule; the message names the member.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MappingRefused("", told(Said.UNREADABLE, why=reason_of(error), path=path)) from error
    return parse_mapping(data, overrides)


def parse_mapping(data: bytes, overrides: Mapping[Field, str] | None = None) -> ImportMapping:
    """Checks the bytes of a mapping file; see `load_mapping`.

    Raises:
        MappingRefused: they break a rule; the message names the member.
    """
    document = _parse_document(data)
    columns = {name: sources_of(source) for name, source in document.columns.items()}
    constants = dict(document.constants)
    for name, text in (overrides or {}).items():
        columns.pop(name, None)
        constants[name] = text
    _require_fields(columns, constants, document)
    name_pattern = document.sku.name_pattern
    return ImportMapping(
        digest=hashlib.sha256(data).digest(),
        file=_checked_shape(document.file),
        columns=columns,
        constants=constants,
        values=document.values,
        clean=document.clean,
        dates=document.dates,
        zone=_parse_zone(document.dates, needed=Field.OCCURRED_AT in columns),
        numbers=_checked_numbers(document.numbers),
        identity=document.identity,
        sku=document.sku,
        lot=document.lot,
        rejects=tuple(
            RejectRule(
                parse_conditions(rule.when, f"reject[{n}].when"),
                rule.code,
                Words(rule.reason_zh or rule.reason, rule.reason),
            )
            for n, rule in enumerate(document.reject)
        ),
        rules=tuple(
            ChangeRule(rule.name, parse_conditions(rule.when, f"rule[{n}].when"), rule.change, rule.reason)
            for n, rule in enumerate(document.rule)
        ),
        name_pattern=None if name_pattern is None else parse_pattern(name_pattern, "sku.name_pattern"),
    )


def sources_of(source: str | list[str] | None) -> tuple[str, ...]:
    """The columns a field is joined from."""
    if source is None:
        return ()
    return (source,) if isinstance(source, str) else tuple(source)


def _parse_document(data: bytes) -> _Document:
    if len(data) > MAPPING_BYTES_MAX:
        raise MappingRefused("", told(Said.BYTES_MAX, max=MAPPING_BYTES_MAX, got=len(data)))
    try:
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MappingRefused("", told(Said.NOT_UTF8, at=error.start)) from error
    except tomllib.TOMLDecodeError as error:
        raise MappingRefused("", told(Said.NOT_TOML, why=error)) from error
    if raw.get("format") != FORMAT:
        raise MappingRefused("format", told(Said.FORMAT_MARK, expected=FORMAT, got=repr(raw.get("format"))))
    try:
        return msgspec.convert(raw, _Document)
    except msgspec.ValidationError as error:
        why, _, path = str(error).partition(" - at `")
        _, is_name, table = path.partition("key` in `")
        if is_name:
            # The name of a field is wrong, not what stands behind it.
            words = told(Said.FIELD_NAME, known=", ".join(Field), got=why.partition("'")[2].rstrip("'"))
            raise MappingRefused(table.rstrip("`").removeprefix("$."), words) from error
        raise MappingRefused(path.rstrip("`").removeprefix("$."), misfit(why)) from error


def _require_fields(columns: Mapping[Field, object], constants: Mapping[Field, str], document: _Document) -> None:
    for name in (Field.STORE, Field.SKU):
        if name not in columns and name not in constants:
            raise MappingRefused(f"columns.{name}", told(Said.COLUMN_OR_CONSTANT))
    if Field.QUANTITY not in columns:
        raise MappingRefused("columns.quantity", told(Said.COLUMN_NEEDED))
    for name in columns:
        if name in constants:
            raise MappingRefused(f"constants.{name}", told(Said.COLUMN_AND_CONSTANT))
    if Field.UNIT_PRICE in columns and Field.CURRENCY not in columns and Field.CURRENCY not in constants:
        raise MappingRefused("constants.currency", told(Said.CURRENCY_NEEDED))
    if Field.REASON not in columns and Field.REASON not in constants:
        for n, rule in enumerate(document.rule):
            if rule.reason is None:
                raise MappingRefused(f"rule[{n}].reason", told(Said.REASON_NEEDED))
    if document.sku.create and not (document.sku.name_zh or document.sku.name_en):
        raise MappingRefused("sku", told(Said.SKU_NAMES_NEEDED))


def _checked_shape(shape: FileShape) -> FileShape:
    if shape.encoding not in ENCODINGS:
        words = told(Said.ONE_OF, expected=", ".join(ENCODINGS), got=repr(shape.encoding))
        raise MappingRefused("file.encoding", words)
    for name in ("delimiter", "quote"):
        mark = getattr(shape, name)
        if mark in "\r\n\0" or (mark.isalnum() or mark == " "):
            raise MappingRefused(f"file.{name}", told(Said.MARK_FORM, got=repr(mark)))
    if shape.delimiter == shape.quote:
        raise MappingRefused("file.quote", told(Said.QUOTE_IS_DELIMITER))
    return shape


def _checked_numbers(numbers: Numbers) -> Numbers:
    if numbers.decimal not in ".,":
        raise MappingRefused("numbers.decimal", told(Said.DECIMAL_FORM, got=repr(numbers.decimal)))
    if numbers.thousands == numbers.decimal or numbers.thousands.isalnum() or numbers.thousands in {"-", "+"}:
        raise MappingRefused("numbers.thousands", told(Said.THOUSANDS_FORM, got=repr(numbers.thousands)))
    return numbers


def _parse_zone(dates: Dates, *, needed: bool) -> ZoneInfo | None:
    if dates.zone is None:
        if needed and dates.format != ISO and "%z" not in dates.format:
            raise MappingRefused("dates.zone", told(Said.ZONE_NEEDED))
        return None
    try:
        return ZoneInfo(dates.zone)
    except (ValueError, OSError, KeyError) as error:
        raise MappingRefused("dates.zone", told(Said.ZONE_UNKNOWN, got=repr(dates.zone))) from error
