"""The port to what looks at a file before it is accepted, and to what reads and pictures it afterwards.

- Everything behind these ports parses bytes from outside, so it runs in children with little to lose (`documents.sandbox`).
- `documents.parts` fills them with the real parts; tests fill them with fakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from documents.model import DocumentClass
    from documents.reading.model import DocumentReading
    from documents.sandbox import SpoolFileRef
    from storage.objects.spool import SpoolFile


class ScannerAway(Exception):
    """The scanner is configured and gives no answer: nothing passes unscanned."""


class PartsAway(Exception):
    """A child process could not be had, or died: try again. `code` is short and without anything of the content."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be accepted.

    Attributes:
        media_type: what it is, by extension, magic bytes and a parser together.
        extension: without the dot.
        pages: how many it has, None where it has none.
        findings: what was noticed and does not refuse it, as (code, detail).
        scan: engine and signature version of the scan; None: no scanner is configured.
        stripped: what was taken out of a photo; empty: nothing.
        clean: the content without it; None: the content as it came.
    """

    media_type: str
    extension: str
    pages: int | None
    findings: tuple[tuple[str, str], ...] = ()
    scan: str | None = None
    stripped: tuple[str, ...] = ()
    clean: bytes | None = None


class Inspector(Protocol):
    """Looks at a file before it is accepted."""

    def inspect(
        self,
        file: SpoolFile,
        file_name: str,
        document_class: DocumentClass,
        ahead: Callable[[bytes | None], None],
    ) -> Inspected:
        """What the file is.

        `ahead` is called at most once, in this thread, when all that takes little work is done and nothing but the rest of the
        checks stands between the file and its seal: with what will be `clean`. Where a scanner must pass the file it is not called.

        Raises:
            FileRefused: it may not be accepted.
            ScannerAway: the scanner gives no answer.
            PartsAway: a child process could not be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class PageImage:
    """A picture of a page, of a whole file as a thumbnail, or a rendition."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PageCut:
    """A part of a page.

    Attributes:
        page: 0-based.
        width, height: of the upright picture that was read, in pixels; `box` is in these.
        rotation: degrees clockwise that the stored picture is turned to stand upright: 0, 90, 180 or 270.
        box: left, top, right, bottom.
    """

    page: int
    width: int
    height: int
    rotation: int
    box: tuple[int, int, int, int]


class PaperReader(Protocol):
    """Reads paper, and pictures it."""

    @property
    def engine(self) -> str:
        """Which engine and models read: a short name for entries."""
        ...

    def read(self, file: SpoolFileRef, media_type: str, so_far: DocumentReading) -> bytes:
        """The next pages of a file as JSON bytes (`documents.reading.model.DocumentReading`), the first of all if none was read.

        As many as are read in one turn: at least one, where there is one. `pages_unread` are those still to come.

        Raises:
            FileRefused: the parser refuses the file.
            PartsAway: a child process could not be had, or died.
        """
        ...

    def render(self, file: SpoolFileRef, media_type: str, reading: bytes | None) -> Iterator[PageImage]:
        """Thumbnail `thumbnail`, pages `page-0001` and, with a reading, the searchable `searchable`.

        Raises:
            FileRefused, PartsAway: as `read`.
        """
        ...

    def cut(self, file: SpoolFileRef, media_type: str, cut: PageCut) -> PageImage:
        """A part of a page, as PNG.

        Raises:
            FileRefused, PartsAway: as `read`.
        """
        ...
