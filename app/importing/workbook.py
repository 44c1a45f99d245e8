"""A sheet of an XLSX workbook as records.

- The cached values are read, never formulas; hidden rows count like others.
- Whole numbers lose the `.0` that a spreadsheet keeps them with; real dates stay moments, without a zone.
- A workbook is a ZIP: what it unpacks to is bounded before anything is parsed. Old `.xls` files are refused by name.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import openpyxl

from app.importing.errors import FileRefused
from app.importing.mapping import FileShape
from app.importing.records import Cell, Record
from app.importing.sentences import Said, told
from app.os_words import reason_of

UNPACKED_BYTES_MAX: Final = 2 << 30
MEMBERS_MAX: Final = 10_000
COLUMNS_MAX: Final = 1_000
_OLE_MAGIC: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP_MAGIC: Final = b"PK\x03\x04"


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook rather than text.

    Raises:
        FileRefused: it is one of a kind that is not read (.xls, or encrypted), or cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            magic = stream.read(8)
    except OSError as error:
        raise FileRefused(told(Said.FILE_UNREADABLE, why=reason_of(error), path=path)) from error
    if magic == _OLE_MAGIC:
        raise FileRefused(told(Said.WORKBOOK_OLD))
    return magic.startswith(_ZIP_MAGIC)


def read_workbook(path: Path, shape: FileShape) -> Iterator[Record]:
    """Rows of the sheet, the header among them, each at least as wide; rows without a value are left out.

    Raises:
        FileRefused: not a workbook, too large, or without the sheet.
    """
    _check_size(path)
    with warnings.catch_warnings():
        # The library warns about styles and validations that it leaves out; no value is among them.
        warnings.simplefilter("ignore")
        book = _open(path)
        try:
            sheet = _sheet(book, shape)
            # A sheet may claim a used range of a million columns; what it holds is what counts.
            sheet.reset_dimensions()
            width = 0
            for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = _cells(values)
                if not cells:
                    continue
                if not width and line >= shape.header:
                    width = len(cells)
                # A sheet does not store empty cells at the end of a row: they are there all the same.
                yield Record(line, cells + ("",) * (width - len(cells)))
        finally:
            book.close()


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FileRefused(told(Said.WORKBOOK_DAMAGED)) from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > MEMBERS_MAX or unpacked > UNPACKED_BYTES_MAX:
        raise FileRefused(told(Said.WORKBOOK_LARGE, max=UNPACKED_BYTES_MAX, got=unpacked))


def _open(path: Path) -> Any:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # the library raises whatever its parsers do
        raise FileRefused(told(Said.WORKBOOK_UNREADABLE, why=type(error).__name__)) from error


def _sheet(book: Any, shape: FileShape) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    if shape.sheet is None:
        if len(names) == 1:
            return book.worksheets[0]
        raise FileRefused(told(Said.SHEET_UNNAMED, got=names))
    if shape.sheet not in names:
        raise FileRefused(told(Said.SHEET_UNKNOWN, wanted=repr(shape.sheet), got=names))
    return book[shape.sheet]


def _cells(values: Sequence[Any]) -> tuple[Cell, ...]:
    """The cells up to the last one with a value; none if there is no such."""
    cells = [_cell(value) for value in values[:COLUMNS_MAX]]
    while cells and isinstance(last := cells[-1], str) and not last.strip():
        cells.pop()
    return tuple(cells)


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str | datetime):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
