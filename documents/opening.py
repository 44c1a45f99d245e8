"""Opening a version: its content, its pictures, what was read of it, for those who may.

- Opening or downloading anything of a sensitive document is an entry, committed before the first byte is handed out, on
  the document's own chain.
- What shows an identity card number is opened for a stated purpose alone; what is sensitive, by whoever signed in recently (DPP4).
- A purpose that is stated is one that the class is kept for (DPP3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from documents import store as rows
from documents.browsing import Browsing
from documents.classes import PAPER
from documents.errors import Code, ContentGone, DocumentConflict, UnknownDocument
from documents.model import FILE_NAME, Stage
from documents.personal import READ_FIELDS, READING, shows_in_clear
from documents.rules import READABLE
from documents.shown import Opened, ReadOut
from documents.writing import about, this_document
from policies.model import Action
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.canonical import JSON
    from documents.model import Rendition, Version
    from documents.reading.model import DocumentReading
    from documents.store import Snapshot
    from policies.model import Principal
    from policies.using.rules import Use

CONTENT: Final = "content"


class Opening(Browsing):
    """Handing out what a version holds."""

    def open_content(
        self,
        principal: Principal,
        document: str,
        version: int,
        *,
        event_id: UUID,
        unmasked: bool = False,
        use: Use | None = None,
    ) -> Opened:
        """What is needed to hand out a version's content; `unmasked`: the log has a purpose for which.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: an identity card number stands in it, and no purpose was stated.
        """
        found = self._openable(principal, document, version, CONTENT, event_id, unmasked=unmasked, use=use)
        name = self._reveal(UUID(document), FILE_NAME, found.file_name)
        if name is None:
            raise ContentGone
        return Opened(found.ref, document, version, found.size, found.media_type, name, found.sha256.hex())

    def open_rendition(
        self,
        principal: Principal,
        document: str,
        version: int,
        name: str,
        *,
        event_id: UUID,
        unmasked: bool = False,
        use: Use | None = None,
    ) -> Opened:
        """What is needed to hand out a rendition: a page's picture, the thumbnail, the searchable PDF.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: an identity card number stands in it, and no purpose was stated.
        """
        self._openable(principal, document, version, name, event_id, unmasked=unmasked, use=use)
        with self._database.read() as connection:
            found: Rendition | None = rows.read_renditions(connection, document, version).get(name)
        if found is None:
            raise UnknownDocument(Code.RENDITION_UNKNOWN)
        extension = found.media_type.rpartition("/")[2]
        file_name = f"{document}-{version:06}-{name}.{extension}"
        return Opened(found.ref, document, version, found.size, found.media_type, file_name, found.sha256.hex())

    def stream(self, opened: Opened, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content from `start` to `stop` (exclusive), each piece checked before it is given.

        Raises:
            ContentGone: the key or the object is gone.
        """
        try:
            return self._vault.open(opened.ref, UUID(opened.document), opened.version, start, stop)
        except (KeyMissing, ObjectMissing) as error:
            raise ContentGone from error

    def rendition_names(
        self, principal: Principal, connection: Snapshot, document: str, version: int
    ) -> tuple[str, ...]:
        """Which renditions a version has.

        Raises:
            UnknownDocument, Denied.
        """
        self._readable(principal, connection, document)
        return tuple(rows.read_renditions(connection, document, version))

    def reading(
        self,
        principal: Principal,
        document: str,
        version: int,
        *,
        event_id: UUID,
        unmasked: bool = False,
        use: Use | None = None,
    ) -> DocumentReading:
        """The reading of a version: words with their places.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: it was not read.
        """
        self._openable(principal, document, version, READING, event_id, unmasked=unmasked, use=use)
        return self._reading_of(document, version)

    def fields(
        self,
        principal: Principal,
        document: str,
        version: int,
        *,
        event_id: UUID,
        unmasked: bool = False,
        use: Use | None = None,
    ) -> ReadOut:
        """What was read from a version as fields, and the questions about it.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: it was not read.
        """
        found = self._openable(principal, document, version, READ_FIELDS, event_id, unmasked=unmasked, use=use)
        try:
            row, extraction = self.fields_now(self._document(document), version)
        except KeyMissing as error:
            raise ContentGone from error
        with self._database.read() as connection:
            return ReadOut(row, extraction, rows.read_items(connection, document, version), found.media_type in PAPER)

    # ---------------------------------------------------------------------------------- the steps

    def _reading_of(self, document: str, version: int) -> DocumentReading:
        """The reading of a version that the caller may have.

        Raises:
            ContentGone; DocumentConflict: it was not read.
        """
        with self._database.read() as connection:
            kept = rows.read_reading(connection, document, version)
        if kept is None:
            raise DocumentConflict(Code.NOT_READ_YET)
        try:
            return self._open_reading(kept)
        except (KeyMissing, ObjectMissing) as error:
            raise ContentGone from error

    def _openable(
        self,
        principal: Principal,
        document: str,
        version: int,
        what: str,
        event_id: UUID,
        *,
        unmasked: bool,
        use: Use | None = None,
    ) -> Version:
        """A version whose content the caller may have; of a sensitive class, the log says so first.

        Raises:
            UnknownDocument, Denied, ContentGone.
        """
        with self._database.read() as connection:
            found, document_class = self._readable(principal, connection, document)
            opened = rows.read_version(connection, document, version)
            finding = rows.read_finding(connection, document, version)
        if opened is None:
            raise UnknownDocument(Code.VERSION_UNKNOWN, ("version",), {"version": version})
        resource = this_document(found)
        if opened.stage is Stage.QUARANTINED:
            self._policies.require(principal, Action.DOCUMENT_RELEASE, resource)
        if opened.stage not in READABLE:
            raise ContentGone
        if not unmasked and shows_in_clear(what, document_class, finding):
            self._policies.require(principal, Action.PERSONAL_UNMASK, resource)
            raise DocumentConflict(Code.PURPOSE_REQUIRED)
        decision = self._policies.require(principal, Action.DOCUMENT_READ, resource)
        self._policies.require_recent(decision, document_class.level)
        if use is not None:
            self._policies.require_use(decision, use, document_class.purposes)
        if document_class.sensitive:
            decision = self._policies.require(principal, Action.DOCUMENT_READ_SENSITIVE, resource)
            detail: dict[str, JSON] = {"document": document, "version": version, "what": what}
            said = (about(document),)
            self._log.commit(
                self._policies.record_read(decision, event_id=event_id, detail=detail, about=said, use=use)
            )
        return opened
