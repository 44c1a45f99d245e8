"""A printed sheet: PDF/A-3b (ISO 19005-3) on A4, in two languages, with the file it shows attached to it.

- A sheet is a title, sections, and rows of a label and its values; what it says is the caller's.
- The attached file is an associated file with the relationship Source (ISO 19005-3, 6.8): the sheet was made from it.
- The same sheet, file and installed font make the same bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pikepdf

from documents.rendering.archival import WITH_FILES, archived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documents.rendering.printed_font import PrintedFont
    from documents.rendering.sheets import Row, Section, Sheet

LANGUAGE: Final = "zh-Hant-HK"
JSON_TYPE: Final = "application/json"
WIDTH, HEIGHT = 595.276, 841.89
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 541.0, 786.0, 66.0
_VALUES: Final = 184.0
_BLACK, _GREY, _RULE = 0.1, 0.42, 0.75
_LEADING: Final = 1.45
_PIECES: Final = re.compile(
    r"[（《「]*[\u2e80-\u9fff\uf900-\uffef][、。，；：）》」]*\s*|[^\s\u2e80-\u9fff\uf900-\uffef]+\s*|\s+"
)
"""Where a line may end: after a word, between Chinese characters, never before what closes or after what opens."""


def printed_pdf(sheet: Sheet, attached: bytes, font: PrintedFont) -> bytes:
    """The sheet as a file.

    Raises:
        NotArchival: it did not pass the validator.
    """
    press = _Press(font)
    press.head(sheet)
    for section in sheet.sections:
        press.section(section)
    title = f"{sheet.title.zh} {sheet.title.en} {sheet.number}"
    contents = press.finished(title)
    pdf = pikepdf.new()
    shared = font.embed(pdf)
    for content in contents:
        pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
        pdf.pages[-1].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Printed=shared))
        pdf.pages[-1].Contents = pdf.make_stream(content)
    pdf.Root.Lang = pikepdf.String(LANGUAGE)
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    _attach(pdf, sheet, attached)
    return archived(pdf, title=title, made_at=sheet.made_at, flavour=WITH_FILES)


def _attach(pdf: pikepdf.Pdf, sheet: Sheet, attached: bytes) -> None:
    stamp = f"D:{sheet.made_at:%Y%m%d%H%M%S}Z"
    specification = pikepdf.AttachedFileSpec(
        pdf,
        attached,
        description=f"{sheet.title.zh} {sheet.title.en}",
        filename=sheet.file_name,
        mime_type=JSON_TYPE,
        creation_date=stamp,
        mod_date=stamp,
    )
    specification.relationship = pikepdf.Name.Source
    pdf.attachments[sheet.file_name] = specification


class _Press:
    """Pages as they fill from the top."""

    def __init__(self, font: PrintedFont) -> None:
        self._font: Final = font
        self._pages: Final[list[list[str]]] = [[]]
        self._y = _TOP

    def head(self, sheet: Sheet) -> None:
        self._lines(sheet.title.zh, _LEFT, 22)
        self._lines(sheet.title.en, _LEFT, 14, _GREY)
        self._y -= 4
        self._lines(sheet.number, _LEFT, 10)
        self._y -= 6
        for text in (sheet.note.zh, sheet.note.en):
            self._lines(text, _LEFT, 8, _GREY)

    def section(self, section: Section) -> None:
        # A heading is never the last line of a page.
        self._need(90)
        self._y -= 16
        self._rule()
        self._lines(f"{section.heading.zh}  {section.heading.en}", _LEFT, 11)
        self._y -= 3
        for row in section.rows:
            self._row(row)

    def _row(self, row: Row) -> None:
        self._need(28)
        page, top = len(self._pages), self._y
        self._lines(row.label.zh, _LEFT, 8.5, _GREY, to=_VALUES - 8)
        self._lines(row.label.en, _LEFT, 7, _GREY, to=_VALUES - 8)
        foot, self._y = self._y, top
        for value in row.values:
            self._lines(value, _VALUES, 7 if row.fine else 8.5)
        if len(self._pages) == page:
            self._y = min(self._y, foot)
        self._y -= 4

    def finished(self, foot: str) -> list[bytes]:
        """The content of every page, with its foot."""
        for number, page in enumerate(self._pages, start=1):
            count = f"{number} / {len(self._pages)}"
            page.append(self._shown(foot, _LEFT, 40, 7, _GREY))
            page.append(self._shown(count, _RIGHT - self._font.width(count) * 7, 40, 7, _GREY))
        return ["".join(page).encode("ascii") for page in self._pages]

    def _lines(self, text: str, x: float, size: float, grey: float = _BLACK, *, to: float = _RIGHT) -> None:
        for line in self._wrapped(text, (to - x) / size):
            self._need(size * _LEADING)
            self._y -= size * _LEADING
            self._pages[-1].append(self._shown(line, x, self._y, size, grey))

    def _wrapped(self, text: str, ems: float) -> Iterator[str]:
        line, used = "", 0.0
        for piece in _PIECES.findall(text):
            for part in self._parts(piece, ems):
                width = self._font.width(part.rstrip())
                if line and used + width > ems:
                    yield line.rstrip()
                    line, used = "", 0.0
                line += part
                used += self._font.width(part)
        yield line.rstrip()

    def _parts(self, piece: str, ems: float) -> Iterator[str]:
        """The piece itself, or character by character if no line holds it."""
        return iter((piece,) if self._font.width(piece.rstrip()) <= ems else piece)

    def _need(self, height: float) -> None:
        if self._y - height < _BOTTOM:
            self._pages.append([])
            self._y = _TOP

    def _rule(self) -> None:
        self._pages[-1].append(f"{_RULE} G 0.5 w {_LEFT} {self._y:.2f} m {_RIGHT} {self._y:.2f} l S\n")

    def _shown(self, text: str, x: float, y: float, size: float, grey: float) -> str:
        codes = self._font.encode(text).hex().upper()
        return f"BT {grey} g /Printed {size} Tf {x:.2f} {y:.2f} Td <{codes}> Tj ET\n"
