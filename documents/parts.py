"""The real parts behind the ports: checks, scanner, cleaning, reading and pictures, all in the sandbox.

- What a parser refuses, or dies of, is the file's fault. A sandbox that is busy or does not start is ours: `PartsAway`.
- Findings are (code, details as JSON): codes of `documents.checking.codes`, which has their sentences.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from documents.checking.model import ALL_TYPES, OFFICE, TEXTS, CheckLimits, MediaType
from documents.checking.scanner import Infected, Unavailable
from documents.checking.service import PRELOAD as CHECK_PRELOAD
from documents.checking.service import Checker, as_refusals
from documents.errors import FileRefused
from documents.inspecting import Inspected, PageImage, PartsAway, ScannerAway
from documents.reading.model import DocumentReading, Line, PageReading, Source
from documents.rendering.service import PRELOAD as RENDER_PRELOAD
from documents.rendering.service import Renderer
from documents.sandbox import ParserTimeout, Refused, Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from documents.checking.scanner import Engine, Scanner
    from documents.inspecting import PageCut
    from documents.model import DocumentClass
    from documents.sandbox import SpoolFileRef
    from storage.objects.spool import SpoolFile

READ_TIMEOUT_S: Final = 600.0
"""For all turns of a paper together."""
READ_MEMORY_MB: Final = 2_048
READ_CPU_S: Final = 600
PAGES_PICTURED_MAX: Final = 20
SCAN_BYTES: Final = 262_144
READ_TASK: Final = "documents.reading.tasks:read"
TEXT_ENGINE: Final = "chopbook text 1"
_NOWHERE: Final = ((0, 0), (0, 0), (0, 0), (0, 0))
READ_PRELOAD: Final = ("documents.reading.tasks:warm",)

_LOGGER = logging.getLogger(__name__)


def checking_sandbox(workers: int) -> Sandbox:
    """A sandbox for checking: each file in a fork of its own."""
    return Sandbox(workers, preload=CHECK_PRELOAD)


def picturing_sandbox(workers: int) -> Sandbox:
    """A sandbox for picturing and printing: each file in a fork of its own."""
    return Sandbox(workers, preload=RENDER_PRELOAD)


def reading_sandbox(workers: int) -> Sandbox:
    """A sandbox for reading, with the models loaded once a process; Tesseract is a program it may start."""
    return Sandbox(
        workers, preload=READ_PRELOAD, memory_mb=READ_MEMORY_MB, cpu_s=READ_CPU_S, fresh=False, programs=True
    )


class SandboxInspector:
    """Checks, scans and cleans spooled files."""

    def __init__(self, sandbox: Sandbox, scanner: Scanner | None, *, size_max: int) -> None:
        """Without a scanner nothing is scanned, and the version says so."""
        self._checker: Final = Checker(sandbox)
        self._scanner: Final = scanner
        self._size_max: Final = size_max

    def inspect(
        self,
        file: SpoolFile,
        file_name: str,
        document_class: DocumentClass,
        ahead: Callable[[bytes | None], None],
    ) -> Inspected:
        """See `documents.inspecting.Inspector`."""
        allowed = {MediaType(one) for one in document_class.media_types if one in ALL_TYPES}
        limits = CheckLimits(size_max=self._size_max, camera_extras=document_class.strip)
        try:
            # What a scanner has not passed is put nowhere.
            tell = ahead if self._scanner is None else None
            looked = self._checker.look(file, file_name, allowed, limits, clean=document_class.strip, ahead=tell)
            scan = None if self._scanner is None else self._scanned(file, self._scanner)
        except Refused as refused:
            raise _refusal(refused) from refused
        except SandboxError as error:
            raise PartsAway(code_of(error)) from error
        checked, sanitised = looked.checked, looked.sanitised
        findings = tuple((found.code, _details(found.detail)) for found in checked.findings)
        return Inspected(
            media_type=checked.media_type.value,
            extension=checked.extension,
            pages=checked.pages or None,
            findings=findings,
            scan=scan,
            stripped=() if sanitised is None else tuple(sorted(sanitised.taken)),
            clean=looked.content,
        )

    def _scanned(self, file: SpoolFile, scanner: Scanner) -> str:
        with file.open() as reader:
            verdict = scanner.scan(iter(lambda: reader.read(SCAN_BYTES), b""))
        if isinstance(verdict, Infected):
            raise FileRefused.infected(_details({"name": verdict.name}))
        if isinstance(verdict, Unavailable):
            _LOGGER.warning("file held unscanned", extra={"reason": verdict.reason})
            raise ScannerAway
        return _engine(verdict.engine)


class SandboxReader:
    """Reads and pictures files."""

    def __init__(self, reading: Sandbox, picturing: Sandbox, *, clock: Callable[[], datetime]) -> None:
        """`reading` and `picturing` are those of this module's functions."""
        self._reading: Final = reading
        self._renderer: Final = Renderer(picturing)
        self._clock: Final = clock

    @property
    def engine(self) -> str:
        """See `documents.inspecting.PaperReader`; digests of engine and models stand beside it in the entry."""
        return "rapidocr+tesseract"

    def read(self, file: SpoolFileRef, media_type: str, so_far: DocumentReading) -> bytes:
        """See `documents.inspecting.PaperReader`."""
        arguments = {"media_type": media_type, "first": len(so_far.pages)}
        left_s = READ_TIMEOUT_S - sum(sum(page.timings_ms.values()) for page in so_far.pages) / 1000
        try:
            if media_type in OFFICE | TEXTS:
                return _as_reading(self._renderer.text(file, MediaType(media_type)).text)
            if left_s <= 0:
                raise ParserTimeout(READ_TASK, READ_TIMEOUT_S)
            with as_refusals():
                _, blobs = self._reading.run(READ_TASK, arguments, spool=file, timeout_s=left_s)
        except Refused as refused:
            raise _refusal(refused) from refused
        except SandboxError as error:
            raise PartsAway(code_of(error)) from error
        return blobs[0]

    def render(self, file: SpoolFileRef, media_type: str, reading: bytes | None) -> Iterator[PageImage]:
        """See `documents.inspecting.PaperReader`."""
        kind = MediaType(media_type)
        try:
            small = self._renderer.thumbnail(file, kind)
            yield PageImage("thumbnail", small.media_type.value, small.content)
            for page in range(min(small.pages, PAGES_PICTURED_MAX)):
                large = self._renderer.page(file, kind, page)
                yield PageImage(f"page-{page + 1:04}", large.media_type.value, large.content)
            if reading is not None:
                title = "Chopbook"
                copy = self._renderer.searchable(file, kind, reading, title=title, made_at=self._clock())
                yield PageImage("searchable", MediaType.PDF.value, copy)
        except Refused as refused:
            # What can be pictured is; a page that cannot ends the pictures, not the document.
            _LOGGER.info("rendition refused", extra={"code": refused.code})
        except SandboxError as error:
            raise PartsAway(code_of(error)) from error

    def cut(self, file: SpoolFileRef, media_type: str, cut: PageCut) -> PageImage:
        """See `documents.inspecting.PaperReader`."""
        try:
            made = self._renderer.cut(file, MediaType(media_type), cut)
        except Refused as refused:
            raise _refusal(refused) from refused
        except SandboxError as error:
            raise PartsAway(code_of(error)) from error
        return PageImage("crop", made.media_type.value, made.content)


def _as_reading(text: str) -> bytes:
    """A text without places as a reading of one page, so that it is sealed, searched and scanned like any other."""
    lines = tuple(Line(line, line, _NOWHERE, 1.0) for line in text.splitlines() if line.strip())
    digest = hashlib.sha256(TEXT_ENGINE.encode()).hexdigest()
    return DocumentReading((PageReading(0, 0, 0, 0, TEXT_ENGINE, digest, (), Source.TEXT_LAYER, lines),)).to_json()


def _refusal(refused: Refused) -> FileRefused:
    return FileRefused.of([(refused.code, _details(refused.detail))])


def _details(detail: Mapping[str, str | int]) -> str:
    return json.dumps(dict(detail), ensure_ascii=True, sort_keys=True) if detail else ""


def _engine(engine: Engine) -> str:
    made = "" if engine.signatures_at is None else f"/{engine.signatures_at:%Y-%m-%d}"
    return f"{engine.name}/{engine.signatures}{made}"


def code_of(error: SandboxError) -> str:
    """What became of a task, in short."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__).lstrip("_")
