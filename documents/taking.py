"""Taking a folder out: the entry that says who does, and for what, before the first file leaves (PDPO DPP3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.cropping import Cropping
from documents.shelves.store import read_classes
from documents.writing import folder_subject
from policies.model import Action, Resource

if TYPE_CHECKING:
    from uuid import UUID

    from documents.model import Folder
    from policies.model import Principal
    from policies.using.rules import Use

FOLDER_EXPORT = "folder_export"


class Taking(Cropping):
    """Exports of folders."""

    def record_export(self, principal: Principal, folder: Folder, use: Use, *, event_id: UUID) -> None:
        """Puts into the log that a folder is taken out, and for what; each document is decided on again when it is opened.

        Raises:
            UseRefused: documents of no class are kept for that.
            Denied.
        """
        decision = self._policies.require(principal, Action.DOCUMENT_READ, Resource("document"))
        with self._database.read() as connection:
            listed = frozenset[str]().union(*(one.purposes for one in read_classes(connection)))
        self._policies.require_use(decision, use, listed)
        read = self._policies.record_read(
            decision,
            event_id=event_id,
            detail={"folder": str(folder), "what": FOLDER_EXPORT},
            about=(folder_subject(folder),),
            use=use,
        )
        self._log.commit(read)
