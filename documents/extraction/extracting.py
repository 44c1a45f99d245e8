"""The whole way from a reading to an extraction, in the order of docs/ocr.md. Pure: no clock, no file, no SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from documents.extraction.again import (
    Rereads,
    Wish,
    bear_out,
    compare,
    second_look,
    wish_list,
    word_wishes,
)
from documents.extraction.blanks import blank_wishes, with_blanks
from documents.extraction.cells import read_cells
from documents.extraction.charges import read_charges
from documents.extraction.codes import mend_by_others, mend_lots
from documents.extraction.columns import misfit
from documents.extraction.completeness import overlooked
from documents.extraction.dates import in_doubt, is_whole_date, parse_date, years_last
from documents.extraction.flat import FlatPage, Token, flatten
from documents.extraction.found import Found
from documents.extraction.header import (
    find_currency,
    find_date,
    find_number,
    find_order,
    find_sums,
    in_currency,
)
from documents.extraction.kinds import Kind, find_kind
from documents.extraction.learning import improve
from documents.extraction.lost import cut_short
from documents.extraction.matching import is_own, match_barcodes, match_number, match_order, match_sku, match_supplier
from documents.extraction.model import (
    EVIDENCE_ARITHMETIC,
    EVIDENCE_BARCODE,
    EVIDENCE_CHECK_DIGIT,
    EVIDENCE_REGISTER,
    DocType,
    Extraction,
    Field,
    ReviewItem,
    ReviewReason,
    Row,
)
from documents.extraction.parties import find_parties
from documents.extraction.registers import MemoryRegisters
from documents.extraction.review import review_items
from documents.extraction.sums import Settled, settle
from documents.extraction.surety import confidence
from documents.extraction.table import Table, find_table
from documents.extraction.unlabelled import with_codes, with_days, with_units
from documents.extraction.zones import make_zone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.header import Sum
    from documents.extraction.learning import Weights
    from documents.extraction.registers import Registers
    from documents.extraction.zones import Zone
    from documents.reading.model import Barcode, DocumentReading

NOTHING_KNOWN: Final = MemoryRegisters()
NOTHING_LEARNED: Final[Mapping[str, Weights]] = MappingProxyType({})
PAGES_MAX: Final = 50
MOVES_STOCK: Final = frozenset({DocType.DELIVERY_NOTE, DocType.RETURN_NOTE, DocType.OTHER})
"""Types whose rows need a code of the register, also where none is printed: stock moves by it."""
PAGES: Final = "pages"
READER: Final = "reader"
"""Paths of questions that are about no field."""
RIVAL_BELOW: Final = 0.97
"""Raw surety from which the first reader is believed against the second, which is the weaker one."""
LOT_RIVAL_BELOW: Final = 0.995
"""The same for lots and expiry dates."""
WORDS: Final = ("supplier", "buyer", "description", "reason")
"""Fields of words: the second reader bears them out, or says nothing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is where: flat pages, tables, the rest of the page, and the type."""

    pages: tuple[FlatPage, ...]
    tables: tuple[Table, ...]
    zone: Zone
    kind: Kind


def lay_out(reading: DocumentReading) -> Layout | None:
    """The layout of a document, or None if nothing was read on it."""
    pages = tuple(flatten(page) for page in reading.pages[:PAGES_MAX])
    if not any(page.tokens for page in pages):
        return None
    tables: list[Table] = []
    try:
        for page in pages:
            table = find_table(page, tables[-1] if tables else None)
            if table is not None:
                tables.append(table)
    finally:
        misfit.cache_clear()
    taken = frozenset(id(token) for table in tables for token in _whole(table))
    top = next((table.head.top for table in tables if table.page.page == pages[0].page), None)
    zone = make_zone(pages, taken, top)
    return Layout(pages, tuple(tables), zone, find_kind(pages[0], zone.labels, taken))


def _whole(table: Table) -> Sequence[Token]:
    return table.tokens


def extract(
    reading: DocumentReading,
    registers: Registers = NOTHING_KNOWN,
    lessons: Mapping[str, Weights] = NOTHING_LEARNED,
) -> Extraction:
    """Everything a document says, and what of it a person should look at.

    Args:
        reading: as stored; never changed.
        registers: what the shop knows.
        lessons: what corrections of the supplier's earlier documents taught, by field.
    """
    layout = lay_out(reading)
    if layout is None:
        return _nothing(reading)
    return _Work(reading, layout, registers, lessons).done()


def wishes(reading: DocumentReading) -> tuple[Wish, ...]:
    """Places to read again before the picture is gone."""
    layout = lay_out(reading)
    return () if layout is None else _Work(reading, layout, NOTHING_KNOWN, NOTHING_LEARNED).wishes()


def _nothing(reading: DocumentReading) -> Extraction:
    doc_type = Field("doc_type", DocType.OTHER.value, "", 0.0)
    review: tuple[ReviewItem, ...] = (
        ReviewItem("doc_type", ReviewReason.TYPE_UNSURE),
        ReviewItem("rows", ReviewReason.MISSING),
    )
    review = (*review, *_of_the_reading(reading))
    return Extraction(doc_type, {"doc_type": doc_type}, (), (), review, straight_through=False)


def _of_the_reading(reading: DocumentReading) -> list[ReviewItem]:
    """Questions about the reading as a whole: a person says that they looked at the paper itself."""
    items = [ReviewItem(PAGES, ReviewReason.PAGES_UNREAD)] if reading.pages_unread else []
    if any(page.is_fall_back for page in reading.pages):
        items.append(ReviewItem(READER, ReviewReason.FALL_BACK))
    return items


def _doubt_dates(fields: dict[str, Found], rows: Sequence[dict[str, Found]]) -> None:
    """Doubts dates whose day could be the month, if the paper writes month first elsewhere; clears those whose year can only stand last."""
    dated = [(held, name) for held, name in ((fields, "date"), *((row, "expiry") for row in rows)) if name in held]
    for (held, name), is_doubtful in zip(dated, in_doubt([held[name].raw for held, name in dated]), strict=True):
        if is_doubtful:
            held[name] = replace(held[name], doubtful=True)
    held_days = [row["expiry"].raw for row in rows if "expiry" in row]
    if "date" not in fields or not years_last(held_days, date.fromisoformat(str(fields["date"].value))):
        return
    for row in rows:
        read = parse_date(row["expiry"].raw) if "expiry" in row else None
        if read is not None and read.either and is_whole_date(row["expiry"].raw):
            row["expiry"] = replace(row["expiry"], doubtful=False)


class _Work:
    """One document on its way."""

    def __init__(
        self, reading: DocumentReading, layout: Layout, registers: Registers, lessons: Mapping[str, Weights]
    ) -> None:
        self._reading = reading
        self._layout = layout
        self._registers = registers
        self._lessons = lessons
        self._rereads = Rereads(reading)
        self._doubts: list[tuple[str, ReviewReason]] = []
        self._barcodes: tuple[Barcode, ...] = tuple(code for page in reading.pages for code in page.barcodes)

    def done(self) -> Extraction:
        """The extraction."""
        kind, fields, settled = self._values()
        self._compare(fields, settled.rows)
        items = review_items(kind.doc_type, kind.share, fields, settled.rows, settled.checks, settled.total_holds)
        items += overlooked(self._layout.zone, self._layout.tables, kind.doc_type, fields, settled.rows)
        items += cut_short(fields, settled.rows)
        items += [ReviewItem(path, reason) for path, reason in self._doubts]
        items += _of_the_reading(self._reading)
        review = tuple(dict.fromkeys(items))
        made = {name: found.field(name, confidence(name, found)) for name, found in fields.items()}
        rows = tuple(
            Row(
                {name: found.field(name, confidence(name, found)) for name, found in row.items()},
                tuple(sorted({item.reason.value for item in review if item.path.startswith(f"rows/{index}/")})),
            )
            for index, row in enumerate(settled.rows)
        )
        return Extraction(made["doc_type"], made, rows, settled.checks, review, straight_through=not review)

    def wishes(self) -> tuple[Wish, ...]:
        """Places to read again."""
        _kind, fields, settled = self._values()
        wanted = [wish for table in self._layout.tables for row in table.rows for wish in blank_wishes(table, row)]
        if "total" in fields:
            wanted += _second_look(fields["total"])
        for name in ("doc_no", "date", "po_ref"):
            if name in fields and fields[name].sure < RIVAL_BELOW:
                wanted += _second_look(fields[name])
        for row in settled.rows:
            for name in ("batch", "expiry"):
                if name in row:
                    wanted += _second_look(row[name])
        for row in settled.rows:
            for name in ("quantity", "sku"):
                if name in row and row[name].sure < RIVAL_BELOW:
                    wanted += _second_look(row[name])
        for held in (fields, *settled.rows):
            wanted += [wish for name in WORDS if name in held for wish in word_wishes(held[name])]
        return wish_list(wanted)

    # ------------------------------------------------------------------------------------------- values

    def _values(self) -> tuple[Kind, dict[str, Found], Settled]:
        zone, kind, tables = self._layout.zone, self._layout.kind, self._layout.tables
        headings = [token.text for table in tables for token in table.head.tokens]
        sums_found = self._sums(tables)
        cells = [row.text(role) for table in tables for row in table.rows for role in ("unit_price", "amount")]
        currency, shown = find_currency(zone, headings, cells, sums_found)
        sums_found = in_currency(sums_found, currency)
        read = [
            (values, read_charges(row.text("discount")))
            for table in tables
            for row in table.rows
            if _is_row(values := read_cells(with_blanks(table, row, self._rereads), currency))
        ]
        rows = with_days(with_units(with_codes([row for row, _ in read]), tables), tables)
        mend_by_others(rows)
        mend_lots(rows)
        settled = settle(rows, sums_found, currency, [charges for _, charges in read])
        fields = self._header(kind)
        self._match(fields, settled.rows, kind.doc_type)
        fields |= settled.sums
        if "total" in fields or any("unit_price" in row or "amount" in row for row in settled.rows):
            fields["currency"] = Found(currency, currency if shown else "", 0.99 if shown else 0.9)
        _doubt_dates(fields, settled.rows)
        return kind, fields, settled

    def _sums(self, tables: Sequence[Table]) -> list[Sum]:
        priced = any(column.role in {"unit_price", "amount"} for table in tables for column in table.columns)
        first = self._layout.pages[0].page
        bottom = next((table.bottom for table in tables if table.page.page == first), None)
        return find_sums(self._layout.zone, priced=priced, table_bottom=bottom)

    def _header(self, kind: Kind) -> dict[str, Found]:
        zone = self._layout.zone
        parties = find_parties(zone, kind)
        parties = self._ours(parties)
        prefixes: tuple[str, ...] = ()
        if "supplier" in parties:
            matched = match_supplier(parties["supplier"], self._registers.suppliers())
            if matched is not None:
                parties["supplier"] = matched
                known = next(one for one in self._registers.suppliers() if one.code == matched.code)
                prefixes = known.prefixes
            elif self._registers.suppliers():
                self._doubts.append(("supplier", ReviewReason.NOT_IN_REGISTER))
        title = (kind.title,) if kind.title is not None else ()
        raw = kind.title.text if kind.title is not None else ""
        fields: dict[str, Found | None] = {
            "doc_type": Found(kind.doc_type.value, raw, kind.share, title),
            "doc_no": find_number(zone, kind.doc_type, prefixes, raw),
            "date": find_date(zone, kind.doc_type),
            "po_ref": find_order(zone, kind.doc_type),
            **parties,
        }
        if self._lessons:
            fields = improve(self._lessons, fields, zone)
        number, doubt = match_number(fields["doc_no"], self._barcodes)
        fields["doc_no"] = number
        if doubt is not None:
            self._doubts.append(("doc_no", doubt))
        order = fields["po_ref"]
        if order is not None:
            fields["po_ref"] = match_order(order, self._registers)
        return {name: found for name, found in fields.items() if found is not None}

    def _ours(self, parties: dict[str, Found]) -> dict[str, Found]:
        """Parties with ourselves as the buyer, where the register of our own names says which we are."""
        own = self._registers.own_names()
        if not own:
            return parties
        supplier, buyer = parties.get("supplier"), parties.get("buyer")
        if supplier is not None and is_own(supplier, own) and (buyer is None or not is_own(buyer, own)):
            return {name: found for name, found in (("supplier", buyer), ("buyer", supplier)) if found is not None}
        return parties

    def _match(self, fields: dict[str, Found], rows: Sequence[dict[str, Found]], kind: DocType) -> None:
        self._doubts += match_barcodes(rows, self._barcodes)
        has_skus = bool(self._registers.sku_codes())
        for index, row in enumerate(rows):
            match_sku(row, self._registers)
            unknown = row["sku"].code is None if "sku" in row else kind in MOVES_STOCK
            if has_skus and unknown:
                self._doubts.append((f"rows/{index}/sku", ReviewReason.NOT_IN_REGISTER))

    def _compare(self, fields: dict[str, Found], rows: Sequence[dict[str, Found]]) -> None:
        for path, held in (("", fields), *((f"rows/{index}/", row) for index, row in enumerate(rows))):
            for name, found in held.items():
                if name in WORDS:
                    held[name] = bear_out(found, self._rereads)
                    continue
                held[name], rival = compare(found, self._rereads)
                settled = {EVIDENCE_ARITHMETIC, EVIDENCE_BARCODE, EVIDENCE_REGISTER, EVIDENCE_CHECK_DIGIT}
                sure_enough = LOT_RIVAL_BELOW if name in {"batch", "expiry"} else RIVAL_BELOW
                if rival and found.sure < sure_enough and not settled & set(found.evidence):
                    self._doubts.append((f"{path}{name}", ReviewReason.READERS_DIFFER))


def _is_row(values: dict[str, Found]) -> bool:
    """Whether a line of cells is a row of goods: a quantity or amount, and something that names the goods."""
    named = values.keys() & {"sku", "gtin", "description"}
    return bool(named) and bool(values.keys() & {"quantity", "amount", "unit_price", "sku"}) and len(values) >= 2


def _second_look(found: Found) -> list[Wish]:
    settled = {EVIDENCE_ARITHMETIC, EVIDENCE_BARCODE, EVIDENCE_CHECK_DIGIT}
    return [] if settled & set(found.evidence) else second_look(found)
