"""Papers take turns: a paper of many pages gives way to others after each turn, and goes on when its own comes again.

- A turn is a page, or several that take little (`documents.reading.tasks.TURN_S`). Who reads asks after each whether to go on (`Pace`).
- A paper that gives way keeps the pages that were read so far, in one object sealed beside the version: under its prefix and
  the document's key, so that it goes with either. Any process goes on with it, and none reads a page twice.
- No row names that object. The next is put before the last is deleted; what a kill leaves behind is an orphan for the sweeper.
  So is one whose paper nobody went on with for a day: that paper is begun again.
- A process that lost its lease may still put or delete one. The most pages count, and a page's reading is the same whoever read it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from documents.inspecting import PartsAway
from documents.reading.errors import ReadingInvalid
from documents.reading.model import DocumentReading
from storage.objects.errors import ObjectError, ObjectMissing, SealBroken
from storage.objects.model import Bucket
from storage.objects.vault import document_prefix

if TYPE_CHECKING:
    from uuid import UUID

    from documents.inspecting import PaperReader
    from documents.model import Version
    from documents.sandbox import SpoolFileRef
    from storage.objects import Vault
    from storage.objects.model import ObjectRef

PAGES_READ_MAX: Final = 50
KEPT_NAME: Final = "read-so-far"
_NOTHING: Final = DocumentReading(())

_LOGGER = logging.getLogger(__name__)


class Pace(Protocol):
    """How a paper takes turns with others; `workflow.worker.JobContext` is one."""

    def report(self, done: int, total: int, /) -> None:
        """Says how many pages of how many were read; of 0: it is not known."""
        ...

    def goes_on(self, done: int, total: int, /) -> bool:
        """Says so, and whether to go on; if not, the paper's turn is over."""
        ...


class Unfinished:
    """The pages of one version that were read so far. Not safe between threads."""

    def __init__(self, vault: Vault, document: UUID, version: int) -> None:
        """Nothing is looked for yet."""
        self._vault: Final = vault
        self._document: Final = document
        self._version: Final = version
        self._kept: list[ObjectRef] = []
        self._pages = 0

    def open(self) -> DocumentReading:
        """What was kept; no page if nothing was.

        Raises:
            StorageError: not now.
        """
        prefix = f"{document_prefix(self._document)}{self._version:06}-{KEPT_NAME}-"
        self._kept = [one.ref for one in self._vault.store.versions(Bucket.DERIVED, prefix)]
        most = max(map(self._opened, self._kept), key=lambda one: len(one.pages), default=_NOTHING)
        self._pages = len(most.pages)
        return most

    def _opened(self, ref: ObjectRef) -> DocumentReading:
        try:
            return DocumentReading.from_json(b"".join(self._vault.open(ref, self._document, self._version)))
        except (ObjectMissing, SealBroken, ReadingInvalid) as error:
            # It was worth some turns at most: those pages are read again.
            _LOGGER.warning("pages read so far do not open", extra={"error": type(error).__name__})
            return _NOTHING

    def keep(self, reading: DocumentReading) -> None:
        """Keeps this in place of what was kept, if it has more pages.

        Raises:
            StorageError: not now; what was kept is there.
        """
        if len(reading.pages) <= self._pages:
            return
        stored = reading.to_json()
        sealed = self._vault.seal(self._document, self._version, (stored,), bucket=Bucket.DERIVED, derived=KEPT_NAME)
        self.drop()
        self._kept, self._pages = [sealed.ref], len(reading.pages)

    def drop(self) -> None:
        """Deletes what was kept."""
        for ref in self._kept:
            try:
                self._vault.store.delete_version(ref)
            except ObjectError as error:
                _LOGGER.warning("pages read so far left for the sweeper", extra={"error": type(error).__name__})


def read_pages(
    reader: PaperReader, file: SpoolFileRef, version: Version, unfinished: Unfinished, pace: Pace
) -> DocumentReading | None:
    """All pages of a version, of which `file` is the content; None: its turn is over, and what was read is kept.

    Raises:
        FileRefused: the parser refuses the file.
        PartsAway, StorageError: not now; what was read is kept, if it can be.
    """
    reading = unfinished.open()
    pace.report(len(reading.pages), _to_read(reading) or min(version.pages or 0, PAGES_READ_MAX))
    try:
        while True:
            turn = DocumentReading.from_json(reader.read(file, version.media_type, reading))
            reading = DocumentReading((*reading.pages, *turn.pages), turn.pages_unread)
            done, total = len(reading.pages), _to_read(reading)
            if done >= total or not turn.pages:
                pace.report(done, done)
                return reading
            if not pace.goes_on(done, total):
                unfinished.keep(reading)
                return None
    except PartsAway:
        unfinished.keep(reading)
        raise


def _to_read(reading: DocumentReading) -> int:
    """How many pages are read in all, of a file of which these were read so far."""
    return min(len(reading.pages) + reading.pages_unread, PAGES_READ_MAX)
