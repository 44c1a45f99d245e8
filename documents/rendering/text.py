"""The plain text of DOCX, XLSX, CSV and TXT, for preview and search; formulas, macros and links are not followed.

DOCX is read as a stream of XML, so text boxes, tables, notes, headers and footers come along and memory stays flat.
"""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from datetime import date, datetime, time
from typing import TYPE_CHECKING, BinaryIO, Final
from xml.parsers import expat

import openpyxl

from documents.checking.codes import Code, refuse
from documents.checking.model import OFFICE, TEXTS, CheckLimits, MediaType
from documents.checking.office import read_part
from documents.checking.text import recognise_encoding
from documents.rendering.model import PlainText, RenderLimits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORD_PARTS: Final = (
    re.compile(r"^word/header\d*\.xml$"),
    re.compile(r"^word/document\.xml$"),
    re.compile(r"^word/(footnotes|endnotes|comments)\.xml$"),
    re.compile(r"^word/footer\d*\.xml$"),
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    SyntaxError,
    OSError,
    EOFError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
)
"""What zipfile, expat and openpyxl raise for a file that is not what it should be."""
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def extract_text(file: BinaryIO, media_type: MediaType, limits: RenderLimits | None = None) -> PlainText:
    """The text of a file that was checked before.

    Raises:
        Refused: `damaged`, `text_encoding_unknown`, or `type_not_allowed` for what is read from pictures.
    """
    limits = limits or RenderLimits()
    encoding = ""
    if media_type in TEXTS:
        file.seek(0)
        raw = file.read()
        encoding = recognise_encoding(raw)
        pieces: Iterator[str] = iter([raw.decode(encoding, "replace")])
    elif media_type in OFFICE:
        pieces = _word(file, limits) if media_type == MediaType.DOCX else _sheets(file, limits)
    else:
        refuse(Code.TYPE_NOT_ALLOWED, media_type=media_type)
    text, is_cut = _gather(pieces, limits.chars_max)
    return PlainText(text, is_cut, encoding)


def _gather(pieces: Iterator[str], chars_max: int) -> tuple[str, bool]:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        kept.append(piece[: chars_max - size])
        size += len(piece)
        if size > chars_max:
            break
    text = "".join(kept).replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK_LINES.sub("\n\n", _CONTROLS.sub("", text)).strip("\n"), size > chars_max


def _word(file: BinaryIO, limits: RenderLimits) -> Iterator[str]:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as parts:
            for pattern in _WORD_PARTS:
                for info in parts.infolist():
                    if pattern.match(info.filename):
                        content = read_part(parts, info, CheckLimits(unpacked_max=limits.unpacked_max))
                        yield from _Paragraphs().read(content)
    except _UNREADABLE:
        refuse(Code.DAMAGED)


class _Paragraphs:
    """Runs of text in their order; table cells end with a tab, rows and paragraphs with a line feed."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._in_text = False
        self._fallback = 0
        self._cells = 0

    def read(self, content: bytes) -> Iterator[str]:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartDoctypeDeclHandler = lambda *_: refuse(Code.XML_ENTITIES)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for start in range(0, len(content), 65_536):
            parser.Parse(content[start : start + 65_536], False)
            yield self._flush()
        parser.Parse(b"", True)
        yield self._flush() + "\n"

    def _flush(self) -> str:
        text, self._pieces = "".join(self._pieces), []
        return text

    def _start(self, qualified: str, _: Mapping[str, str]) -> None:
        tag = qualified.rpartition("}")[2]
        if tag == "Fallback":
            # The same drawing again, for older programs.
            self._fallback += 1
        elif tag == "t":
            self._in_text = True
        elif tag == "tc":
            self._cells += 1
        elif tag in {"tab", "br", "cr"} and not self._fallback:
            self._pieces.append("\t" if tag == "tab" else "\n")

    def _end(self, qualified: str) -> None:
        tag = qualified.rpartition("}")[2]
        if tag == "Fallback":
            self._fallback -= 1
        elif tag == "t":
            self._in_text = False
        elif tag == "tc":
            self._cells -= 1
            self._pieces.append("\t")
        elif tag == "tr" or (tag == "p" and not self._cells):
            self._pieces.append("\n")
        elif tag == "p":
            self._pieces.append(" ")

    def _characters(self, text: str) -> None:
        if self._in_text and not self._fallback:
            self._pieces.append(text)


def _sheets(file: BinaryIO, limits: RenderLimits) -> Iterator[str]:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # What openpyxl cannot keep (drawings, validation) is no matter for text.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                yield f"{sheet.title}\n"
                rows = sheet.iter_rows(max_row=limits.rows_max, max_col=limits.columns_max, values_only=True)
                for row in rows:
                    line = "\t".join(_cell(value) for value in row).rstrip("\t")
                    if line:
                        yield line + "\n"
                yield "\n"
            book.close()
    except _UNREADABLE:
        refuse(Code.DAMAGED)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).replace("\n", " ").replace("\t", " ")
