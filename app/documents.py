"""The document room as the settings have it: its sandboxes, its scanner, its readers. Nothing is started before it is needed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from documents.checking.scanner import Clamd, parse_address
from documents.parts import SandboxInspector, SandboxReader, checking_sandbox, picturing_sandbox, reading_sandbox
from documents.service import Documents, Means, UploadLimits
from policies.personal_data import detect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.settings import Settings
    from documents.extraction.learning import Weights
    from documents.extraction.model import Extraction
    from documents.extraction.registers import Registers
    from documents.indexing import Index
    from documents.reading.model import DocumentReading
    from storage.objects import Spool
    from storage.outbound import OutboundGate


@contextmanager
def documents_of(
    settings: Settings, means: Means, spool: Spool, gate: OutboundGate, index: Index | None = None
) -> Iterator[Documents]:
    """The room; its child processes end with the block."""
    scanner = None if settings.virus_scanner is None else Clamd(parse_address(settings.virus_scanner, Path), gate)
    checking = checking_sandbox(settings.checking_processes)
    picturing = picturing_sandbox(settings.checking_processes)
    reading = reading_sandbox(ocr_processes_of(settings))
    try:
        yield Documents(
            means,
            spool,
            inspector=SandboxInspector(checking, scanner, size_max=settings.upload_bytes_max),
            reader=SandboxReader(reading, picturing, clock=means.clock),
            extract=_extract,
            detect=kinds_in,
            index=index,
            limits=UploadLimits(
                bytes_max=settings.upload_bytes_max,
                live_max=settings.uploads_max,
                day_bytes_max=settings.upload_bytes_per_day,
                spool_bytes_max=settings.spool_bytes_max,
            ),
        )
    finally:
        reading.close()
        picturing.close()
        checking.close()


def ocr_processes_of(settings: Settings) -> int:
    """How many processes read papers: as many as were said, or one for each core that this process may use."""
    return settings.ocr_processes or len(os.sched_getaffinity(0))


def kinds_in(text: str) -> Sequence[str]:
    """Which kinds of personal data a text holds."""
    return sorted({found.kind.value for found in detect(text)})


def _extract(reading: DocumentReading, registers: Registers, lessons: Mapping[str, Weights]) -> Extraction:
    # Its models and tables take a second that most commands need not wait for.
    from documents.extraction.extracting import extract  # noqa: PLC0415

    return extract(reading, registers, lessons)
