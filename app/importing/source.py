"""A data file, opened as its mapping says: its digest, its header, its rows. It may be read several times."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.importing.delimited import read_delimited
from app.importing.encoding import choose_codec
from app.importing.errors import FileRefused, HeaderRefused
from app.importing.mapping import ENCODINGS, ImportMapping
from app.importing.records import Record, Unreadable
from app.importing.sentences import Said, told
from app.importing.translating import FileDigest
from app.importing.workbook import is_workbook, read_workbook

FILE_BYTES_MAX: Final = 4 << 30
COLUMNS_MAX: Final = 1_000
NO_CHARACTER: Final = "\ufffd"
"""What stands where the bytes are no character of the encoding."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read."""

    path: Path
    mapping: ImportMapping
    digest: FileDigest
    codec: str | None
    """None: a workbook."""
    header: tuple[str, ...]

    def rows(self) -> Iterator[Record | Unreadable]:
        """Every row below the header.

        Raises:
            FileRefused: the file changed under our hands.
        """
        rows = _read(self.path, self.mapping, self.codec)
        _find_header(rows, self.mapping)
        yield from rows
        if _digest(self.path) != self.digest:
            raise FileRefused(told(Said.FILE_CHANGED))


def open_source(path: Path, mapping: ImportMapping) -> Source:
    """Looks at a file.

    Raises:
        FileRefused: it cannot be read as the mapping says; among these, an encoding that is refused by its name.
    """
    if not path.is_file():
        raise FileRefused(told(Said.NO_FILE, path=path))
    size = path.stat().st_size
    if not 0 < size <= FILE_BYTES_MAX:
        raise FileRefused(told(Said.FILE_BYTES, max=FILE_BYTES_MAX, got=size))
    codec = None if is_workbook(path) else choose_codec(path, mapping.file.encoding)
    header = _find_header(_read(path, mapping, codec), mapping)
    return Source(path, mapping, FileDigest(_digest(path)), codec, header)


def _read(path: Path, mapping: ImportMapping, codec: str | None) -> Iterator[Record | Unreadable]:
    if codec is None:
        yield from read_workbook(path, mapping.file)
        return
    with path.open(encoding=codec, errors="replace", newline="") as stream:
        yield from read_delimited(stream, mapping.file)


def _find_header(rows: Iterator[Record | Unreadable], mapping: ImportMapping) -> tuple[str, ...]:
    for row in rows:
        if row.line < mapping.file.header:
            continue
        if isinstance(row, Unreadable):
            raise HeaderRefused(told(Said.HEADER_LINE, line=row.line, reason=row.reason))
        header = tuple(text.strip() for text in row.texts)
        while header and not header[-1]:
            header = header[:-1]
        if any(NO_CHARACTER in text for text in header):
            # Not convincingly one of the encodings that are known by their bytes; to show it would show rubbish.
            encodings = ", ".join(ENCODINGS)
            raise HeaderRefused(told(Said.HEADER_BYTES, encoding=mapping.file.encoding, encodings=encodings))
        if len(header) > COLUMNS_MAX:
            raise HeaderRefused(told(Said.HEADER_COLUMNS, max=COLUMNS_MAX, got=len(header)))
        return header
    raise HeaderRefused(told(Said.HEADER_NONE, line=mapping.file.header))


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
