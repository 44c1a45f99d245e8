"""The front door of the document room.

    upload = documents.begin_upload(principal, filing, "note.jpg", size, now=now)
    with documents.receiving(upload, 0) as writer: writer.write(...)
    added = documents.accept_upload(documents.complete_upload(upload).id)

    log.commit(documents.file(principal, added.document, Folder(FolderKind.SKU, "TEA-001"), event_id=event_id))

- Methods that change what is there already return a Change, and the caller commits it. Uploads and the steps of jobs commit
  themselves, because bytes must be sealed first.
- Requests are made by `documents.parsing`, which checks their forms.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from documents.digesting import Parts
from documents.indexing import NoIndex
from documents.known import ShopRegisters
from documents.lessons.learning import Lessons
from documents.moving import Moving
from documents.receiving import UploadLimits
from documents.shelves.store import class_code_of
from documents.writing import Means

if TYPE_CHECKING:
    from documents.digesting import Extractor, PersonalDataDetector
    from documents.indexing import Index
    from documents.inspecting import Inspector, PaperReader
    from storage.objects import Spool

__all__ = ["Documents", "Means", "UploadLimits"]

SEALS_AHEAD_MAX: Final = 16
"""Files that are sealed while they are looked at; what comes beyond waits for its turn."""


class Documents(Moving):
    """Folders, documents, versions, what was read of them; safe to share between threads."""

    def __init__(
        self,
        means: Means,
        spool: Spool,
        *,
        inspector: Inspector,
        reader: PaperReader,
        extract: Extractor,
        detect: PersonalDataDetector,
        index: Index | None = None,
        limits: UploadLimits | None = None,
    ) -> None:
        """Everything that parses bytes from outside comes through `inspector` and `reader`."""
        super().__init__(means)
        self._spool = spool
        self._sealers = ThreadPoolExecutor(SEALS_AHEAD_MAX, thread_name_prefix="chopbook-seals")
        self._inspector = inspector
        registers = ShopRegisters(means.database, means.policies)
        lessons = Lessons(means.database, self._open_fields, self._open_reading)
        self._parts = Parts(reader, extract, registers, lessons, detect)
        self.index = index or NoIndex()
        self.limits = limits or UploadLimits()
        means.policies.class_of = class_code_of
