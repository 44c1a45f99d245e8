"""One row of a file as a stock movement, or as a rejection with its reason. Pure.

- Cells are trimmed, of full-width spaces too. Nothing else is changed but what the mapping says.
- What a spreadsheet has broken is not repaired: a formula error (#N/A), a code shortened to 4.89E+12, a character
  that the encoding could not hold (U+FFFD) reject the row.
- A local time that the clock skipped rejects the row; one that it showed twice is what the mapping says.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, NewType
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from app.importing.conditions import Condition
from app.importing.errors import HeaderRefused
from app.importing.mapping import (
    ISO,
    Ambiguous,
    ChangeRule,
    Dates,
    Direction,
    Field,
    ImportMapping,
    Numbers,
    sources_of,
)
from app.importing.records import (
    Movement,
    Record,
    Rejection,
    RejectKind,
    SkuDraft,
    Unreadable,
    text_of,
)
from app.importing.sentences import Said, told
from policies.model import Words

FileDigest = NewType("FileDigest", bytes)
"""SHA-256 of the data file."""

_IDENTITY_NAMESPACE: Final = uuid5(NAMESPACE_URL, "chopbook-import/1")
_BROKEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_FORMULA_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_SHORTENED: Final = re.compile(r"\d(\.\d+)?E\+\d\d+")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_CELL_CHARS_MAX: Final = 2_000
_DATES_KEPT: Final = 10_000
# Decimal's own precision: a longer number would be rounded when its sign is turned.
_NUMBER_CHARS_MAX: Final = 28
_EXACT: Final = frozenset({Field.SKU, Field.STORE, Field.BATCH, Field.REFERENCE, Field.QUANTITY, Field.DOCUMENT})


class _Fault(Exception):
    """Why a row is rejected."""

    def __init__(self, code: str, reason: Words) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason.en)

    @classmethod
    def of(cls, name: Field, which: Said, **values: object) -> _Fault:
        """A fault whose code is the field's name."""
        return cls(name, told(which, field=name, **values))


@dataclass(frozen=True, slots=True)
class _Test:
    """A condition, bound to its place in the row."""

    place: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class _Row:
    """A record with its cells as trimmed text, filled up to the header's width."""

    record: Record
    texts: tuple[str, ...]


class Translator:
    """The mapping, bound to the header of one file. Used by one thread, for the rows in their order."""

    def __init__(self, mapping: ImportMapping, header: Sequence[str], digest: FileDigest) -> None:
        """Raises HeaderRefused if a column that the mapping speaks of is missing or there twice."""
        self._mapping: Final = mapping
        self._width: Final = len(header)
        self._namespace: Final = UUID(bytes=digest[:16])
        self._seen: Final[Counter[tuple[str, ...]]] = Counter()
        self._moment: Final = _moment_parser(mapping.dates, mapping.zone)
        self._number: Final = _number_pattern(mapping.numbers)
        places = _bind(mapping, header)
        self._fields: Final = {
            name: tuple(places[column] for column in columns) for name, columns in mapping.columns.items()
        }
        self._rejects: Final = tuple((rule, _tests(rule.conditions, places)) for rule in mapping.rejects)
        self._rules: Final = tuple((rule, _tests(rule.conditions, places)) for rule in mapping.rules)
        sku, identity = mapping.sku, mapping.identity
        self._name_zh: Final = tuple(places[column] for column in sources_of(sku.name_zh))
        self._name_en: Final = tuple(places[column] for column in sources_of(sku.name_en))
        self._gtin: Final = tuple(places[column] for column in sources_of(sku.gtin))
        self._identity: Final = tuple(places[column] for column in identity.columns) if identity else ()

    def translate(self, record: Record | Unreadable) -> Movement | Rejection:
        """The movement the row stands for, or why it is none."""
        if isinstance(record, Unreadable):
            return Rejection(record.line, RejectKind.BAD, "unreadable", record.reason, (record.text,))
        row = self._row(record)
        # Counted for every row, so that the ids of the others do not depend on which are rejected.
        event_id = self._event_id(row)
        quantity: Decimal | None = None
        try:
            self._check_width(row)
            quantity = self._quantity(row)
            rejected = next((rule for rule, tests in self._rejects if _hold(tests, row.texts)), None)
            if rejected is not None:
                cells = record.texts
                return Rejection(record.line, RejectKind.RULE, rejected.code, rejected.reason, cells, quantity)
            if quantity is None:
                raise _Fault.of(Field.QUANTITY, Said.NUMBER_EMPTY)
            return self._movement(row, event_id, quantity)
        except _Fault as fault:
            cells = record.texts
            return Rejection(record.line, RejectKind.BAD, fault.code, fault.reason, cells, quantity)

    def sku_draft(self, record: Record, code: str) -> SkuDraft:
        """The SKU as this row describes it; names that are remarks, not names, are left empty."""
        row = self._row(record)
        gtin = _joined(row.texts, self._gtin)
        return SkuDraft(code, self._name(row, self._name_zh), self._name(row, self._name_en), gtin or None)

    def _row(self, record: Record) -> _Row:
        texts = tuple(text_of(cell).strip() for cell in record.cells)
        return _Row(record, texts + ("",) * (self._width - len(texts)))

    def _movement(self, row: _Row, event_id: UUID, quantity: Decimal) -> Movement:
        rule = next((rule for rule, tests in self._rules if _hold(tests, row.texts)), None)
        if rule is None:
            raise _Fault("no_rule", told(Said.NO_RULE))
        price = self._text(row, Field.UNIT_PRICE)
        return Movement(
            line=row.record.line,
            event_id=event_id,
            store=self._required(row, Field.STORE),
            sku=self._required(row, Field.SKU),
            reason=rule.reason or self._required(row, Field.REASON),
            quantity=quantity,
            change=_directed(quantity, rule),
            record=row.record,
            batch=self._text(row, Field.BATCH) or None,
            expiry=self._expiry(row),
            occurred_at=self._occurred_at(row),
            reference=self._text(row, Field.REFERENCE) or None,
            document=self._text(row, Field.DOCUMENT) or None,
            unit_price=self._decimal(price, Field.UNIT_PRICE) if price else None,
            currency=self._currency(row) if price else None,
            note=self._text(row, Field.NOTE) or None,
        )

    def _event_id(self, row: _Row) -> UUID:
        identity = self._mapping.identity
        if identity is None:
            return uuid5(self._namespace, f"line/{row.record.line}")
        values = tuple(row.texts[place] for place in self._identity)
        # Equal rows are told apart by their order among themselves, which a later export keeps.
        self._seen[values] += 1
        name = "\x1f".join((identity.source, *values, str(self._seen[values])))
        return uuid5(_IDENTITY_NAMESPACE, name)

    def _check_width(self, row: _Row) -> None:
        got = len(row.record.cells)
        if got != self._width and (got < self._width or any(row.texts[self._width :])):
            raise _Fault("cells", told(Said.CELLS, expected=self._width, got=got))

    def _quantity(self, row: _Row) -> Decimal | None:
        text = self._text(row, Field.QUANTITY)
        return self._decimal(text, Field.QUANTITY) if text else None

    def _decimal(self, text: str, name: Field) -> Decimal:
        if self._number.fullmatch(text) is None or len(text) > _NUMBER_CHARS_MAX:
            raise _Fault.of(name, Said.NUMBER_FORM, got=_shown(text))
        numbers = self._mapping.numbers
        if numbers.thousands:
            text = text.replace(numbers.thousands, "")
        return Decimal(text.replace(numbers.decimal, "."))

    def _currency(self, row: _Row) -> str:
        text = self._required(row, Field.CURRENCY).upper()
        if _CURRENCY.fullmatch(text) is None:
            raise _Fault.of(Field.CURRENCY, Said.CURRENCY_FORM, got=_shown(text))
        return text

    def _occurred_at(self, row: _Row) -> datetime | None:
        places = self._fields.get(Field.OCCURRED_AT, ())
        if len(places) == 1 and isinstance(cell := row.record.cells[places[0]], datetime):
            return _placed(cell, self._mapping.zone, self._mapping.dates.ambiguous)
        text = self._text(row, Field.OCCURRED_AT)
        return self._moment(text) if text else None

    def _expiry(self, row: _Row) -> date | None:
        text = self._text(row, Field.EXPIRY)
        if not text:
            return None
        form = self._mapping.dates.expiry_format
        places = self._fields.get(Field.EXPIRY, ())
        if len(places) == 1 and isinstance(cell := row.record.cells[places[0]], datetime):
            return cell.date()
        try:
            return date.fromisoformat(text) if form == ISO else datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError as error:
            raise _Fault.of(Field.EXPIRY, Said.DATE_FORM, form=form, got=_shown(text)) from error

    def _required(self, row: _Row, name: Field) -> str:
        text = self._text(row, name)
        if not text:
            raise _Fault.of(name, Said.VALUE_EMPTY)
        return text

    def _text(self, row: _Row, name: Field) -> str:
        mapping = self._mapping
        places = self._fields.get(name)
        if places is None:
            return mapping.constants.get(name, "")
        text = row.texts[places[0]] if len(places) == 1 else _joined(row.texts, places)
        if not text:
            return text
        if name in mapping.clean.narrow:
            text = unicodedata.normalize("NFKC", text).strip()
        if name in mapping.clean.upper:
            text = text.upper()
        _refuse_broken(text, name)
        translation = mapping.values.get(name)
        if translation is None:
            return text
        if text not in translation:
            raise _Fault.of(name, Said.VALUE_UNLISTED, got=_shown(text))
        return translation[text]

    def _name(self, row: _Row, places: tuple[int, ...]) -> str:
        text = _joined(row.texts, places)
        pattern = self._mapping.name_pattern
        if _BROKEN.search(text) or text in _FORMULA_ERRORS or (pattern is not None and not pattern.search(text)):
            return ""
        return " ".join(text.split())


def _tests(conditions: Sequence[Condition], places: Mapping[str, int]) -> tuple[_Test, ...]:
    return tuple(_Test(places[condition.column], condition) for condition in conditions)


def _hold(tests: tuple[_Test, ...], texts: tuple[str, ...]) -> bool:
    return all(test.condition.holds(texts[test.place]) for test in tests)


def _joined(texts: tuple[str, ...], places: Sequence[int]) -> str:
    return " ".join(texts[place] for place in places if texts[place])


def _bind(mapping: ImportMapping, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    places: dict[str, int] = {}
    for wanted in sorted(mapping.headers):
        count = names.count(wanted)
        if count != 1:
            which = Said.HEADER_COLUMN_REPEATED if count else Said.HEADER_COLUMN
            shown = ", ".join(repr(name) for name in names[:40])
            raise HeaderRefused(told(which, wanted=repr(wanted), count=count, names=shown))
        places[wanted] = names.index(wanted)
    return places


def _directed(quantity: Decimal, rule: ChangeRule) -> Decimal:
    match rule.direction:
        case Direction.KEEP:
            return quantity
        case Direction.NEGATE:
            return -quantity
        case Direction.IN:
            return abs(quantity)
        case Direction.OUT:
            return -abs(quantity)


def _refuse_broken(text: str, name: Field) -> None:
    if len(text) > _CELL_CHARS_MAX:
        raise _Fault.of(name, Said.CELL_LONG, max=_CELL_CHARS_MAX, got=len(text))
    if _BROKEN.search(text) is not None:
        raise _Fault("characters", told(Said.CHARACTERS, field=name))
    if text in _FORMULA_ERRORS:
        raise _Fault("formula", told(Said.FORMULA, field=name, got=text))
    if name in _EXACT and _SHORTENED.fullmatch(text) is not None:
        raise _Fault("shortened", told(Said.SHORTENED, field=name, got=text))


def _moment_parser(dates: Dates, zone: ZoneInfo | None) -> Callable[[str], datetime]:
    kept: dict[str, datetime] = {}

    def parse(text: str) -> datetime:
        moment = kept.get(text)
        if moment is None:
            moment = _placed(_read_moment(text, dates), zone, dates.ambiguous)
            # The same minute stands on many lines; the bound keeps a long file from keeping them all.
            if len(kept) >= _DATES_KEPT:
                kept.clear()
            kept[text] = moment
        return moment

    return parse


def _read_moment(text: str, dates: Dates) -> datetime:
    try:
        if dates.format == ISO:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, dates.format)  # noqa: DTZ007  the zone is put on by the caller
    except ValueError as error:
        raise _Fault.of(Field.OCCURRED_AT, Said.TIME_FORM, form=dates.format, got=_shown(text)) from error


def _placed(moment: datetime, zone: ZoneInfo | None, ambiguous: Ambiguous) -> datetime:
    """The moment in UTC; one without an offset is local to `zone`."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if zone is None:
        raise _Fault.of(Field.OCCURRED_AT, Said.TIME_WITHOUT_ZONE)
    earlier = moment.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = moment.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if earlier.astimezone(zone).replace(tzinfo=None) != moment:
        raise _Fault.of(Field.OCCURRED_AT, Said.TIME_SKIPPED, zone=zone.key)
    if earlier != later:
        if ambiguous is Ambiguous.REJECT:
            raise _Fault.of(Field.OCCURRED_AT, Said.TIME_TWICE, zone=zone.key)
        return earlier if ambiguous is Ambiguous.EARLIER else later
    return earlier


def _number_pattern(numbers: Numbers) -> re.Pattern[str]:
    point = re.escape(numbers.decimal)
    whole = r"\d+"
    if numbers.thousands:
        whole = rf"(\d+|\d{{1,3}}({re.escape(numbers.thousands)}\d{{3}})+)"
    return re.compile(rf"[+-]?{whole}({point}\d+)?", re.ASCII)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
