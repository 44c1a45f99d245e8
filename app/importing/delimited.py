"""Delimited text (CSV) as records: RFC 4180 with any line ends, and no line lost.

- Lines end in CR, LF or CRLF, mixed if need be. A quoted cell may hold line ends.
- A line that is no row (an unclosed quote, text after a closing quote, too long) yields an `Unreadable` with its
  number; the lines after it are read as if it had not been there. So one unclosed quote costs one line, not the rest
  of the file.
- Bounds: a line of `LINE_CHARS_MAX` characters, a row of `ROW_LINES_MAX` lines.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, TextIO, TypeAlias

from app.importing.mapping import FileShape
from app.importing.records import Record, Unreadable
from app.importing.sentences import Said, told
from policies.model import Words

LINE_CHARS_MAX: Final = 65_536
ROW_LINES_MAX: Final = 64
KEPT_CHARS: Final = 2_000

Row: TypeAlias = Record | Unreadable


class _RowTooLong(Exception):
    """A row spans more lines than a row may."""


class _Lines:
    """The lines of a text, numbered, which can be put back."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: Final = stream
        self._waiting: deque[tuple[int, str]] = deque()
        self._number = 0
        self.taken: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= ROW_LINES_MAX:
            raise _RowTooLong
        numbered = self._waiting.popleft() if self._waiting else self._read()
        if numbered is None:
            raise StopIteration
        self.taken.append(numbered)
        return numbered[1]

    def put_back_all_but_first(self) -> tuple[int, str]:
        """Gives up the first line taken; the others will be read again."""
        first, *others = self.taken
        self._waiting.extendleft(reversed(others))
        self.taken = []
        return first

    def _read(self) -> tuple[int, str] | None:
        text = self._stream.readline(LINE_CHARS_MAX)
        if not text:
            return None
        self._number += 1
        if len(text) >= LINE_CHARS_MAX and not text.endswith(("\r", "\n")):
            # Its rest is skipped, so that the count of lines stays true; the mark makes it unreadable below.
            while (rest := self._stream.readline(LINE_CHARS_MAX)) and not rest.endswith(("\r", "\n")):
                continue
        return self._number, text


def read_delimited(stream: TextIO, shape: FileShape) -> Iterator[Row]:
    """Rows of a text opened with `newline=""`, the header among them; blank lines are left out of the result.

    A blank line is one without a character, or with empty cells only.
    """
    lines = _Lines(stream)
    reader = _reader(lines, shape)
    while True:
        lines.taken = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RowTooLong) as error:
            line, text = lines.put_back_all_but_first()
            yield Unreadable(line, _reason(error, shape), text.rstrip("\r\n")[:KEPT_CHARS])
            reader = _reader(lines, shape)
            continue
        line, text = lines.taken[0]
        if len(text) >= LINE_CHARS_MAX:
            yield Unreadable(line, told(Said.LINE_LONG, max=LINE_CHARS_MAX), text[:KEPT_CHARS])
        elif any(cell and not cell.isspace() for cell in cells):
            yield Record(line, tuple(cells))


def _reader(lines: _Lines, shape: FileShape) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=shape.delimiter, quotechar=shape.quote, strict=True)


def _reason(error: Exception, shape: FileShape) -> Words:
    if isinstance(error, _RowTooLong):
        return told(Said.QUOTE_LONG, quote=shape.quote, max=ROW_LINES_MAX)
    if "unexpected end of data" in str(error):
        return told(Said.QUOTE_OPEN, quote=shape.quote)
    if "expected after" in str(error):
        return told(Said.QUOTE_FOLLOWED, quote=shape.quote, delimiter=shape.delimiter)
    return told(Said.ROW_FORM)
