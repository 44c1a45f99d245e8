"""The document room as the settings have it: its sandboxes, its scanner, its readers. Nothing is started before it is needed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from documents.checking.scanner import Clamd, parse_address
from documents.parts import SandboxInspector, SandboxReader, checking_sandbox, picturing_sandbox, reading_sandbox
from documents.service import Documents, Means, UploadLimits
from policies.personal_data import detect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.settings import Settings
    from documents.extraction.learning import Weights
    from documents.extraction.model import Extraction
    from documents.extraction.registers import Registers
    from documents.indexing import Index
    from documents.reading.model import DocumentReading
    from documents.sandbox import Sandbox
    from storage.objects import Spool
    from storage.outbound import OutboundGate


@dataclass(frozen=True, slots=True)
class Children:
    """The child processes of the room, by what they do; none is started before it is needed."""

    checking: Sandbox
    picturing: Sandbox
    reading: Sandbox

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As many as the settings say."""
        return cls(
            checking_sandbox(settings.checking_processes),
            picturing_sandbox(settings.checking_processes),
            reading_sandbox(ocr_processes_of(settings)),
        )

    def interrupt(self) -> None:
        """Ends what jobs wait for, at once: for them reading and picturing are away. Checks that callers wait for go on."""
        self.reading.close(0)
        self.picturing.close(0)

    def close(self) -> None:
        """Ends all; what is at work has some seconds."""
        self.reading.close()
        self.picturing.close()
        self.checking.close()


def documents_of(
    settings: Settings, means: Means, spool: Spool, gate: OutboundGate, children: Children, index: Index | None = None
) -> Documents:
    """The room."""
    scanner = None if settings.virus_scanner is None else Clamd(parse_address(settings.virus_scanner, Path), gate)
    return Documents(
        means,
        spool,
        inspector=SandboxInspector(children.checking, scanner, size_max=settings.upload_bytes_max),
        reader=SandboxReader(children.reading, children.picturing, clock=means.clock),
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
