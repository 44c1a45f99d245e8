"""A file that comes and is taken in within one call: a form, a script, an import.

- It goes the way of any upload, with nothing of its own that outlives the process: its spool has no name, its key is stored
  nowhere. What breaks the call ends it, and the caller sends it again (decision 0010).
- Its row counts it towards the caller's bounds, and is there before anything of the file is sealed; it is written while the file comes
  and is looked at.
- One that must wait for the scanner is kept first, as any upload is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from documents.errors import Code, InvalidDocument
from documents.model import Stage, Step
from documents.receiving import ENDED_KEPT_FOR, Brought
from documents.rules import advance
from documents.uploading import LEASE_FOR, Keep, Uploading
from documents.uploads import store as upload_rows
from policies.model import Channel
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from documents.model import Added
    from documents.requests import Filing as FilingRequest
    from documents.uploading import Held
    from documents.uploads.store import Upload
    from policies.model import Principal
    from storage.objects import PassingSpool

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passing:
    """A file on its way. `counted` waits until its row is there."""

    upload: Upload
    brought: Brought
    spool: PassingSpool
    counted: Callable[[], None]


class TakingIn(Uploading):
    """Taking in what comes in one call."""

    def begin_passing(
        self,
        principal: Principal,
        filing: FilingRequest,
        file_name: str,
        size: int | None,
        *,
        now: datetime,
        at_most: int | None = None,
    ) -> Passing:
        """As `begin_upload`, of a file that comes and is taken in within one call: `finish_passing`, or `drop_passing`.

        Raises:
            As `begin_upload`.
        """
        upload = self._placed(principal, filing, size, now, at_most)
        # While its bytes come.
        counted = self._database.operate_later(lambda operation: upload_rows.add_upload(operation, upload))
        return Passing(upload, Brought(filing, file_name), self._spool.passing(), counted)

    def drop_passing(self, passing: Passing) -> None:
        """Ends a file in passing of which nothing came; one that was taken in or waits stays as it is."""
        passing.spool.close()
        until = self._clock() + ENDED_KEPT_FOR
        try:
            self._database.operate(lambda operation: upload_rows.give_up(operation, passing.upload.id, until))
        except StorageError:
            # Its row expires by itself; it is only counted longer.
            _LOGGER.warning("upload not given up", extra={"upload": str(passing.upload.id)})

    def finish_passing(self, passing: Passing, channel: Channel = Channel.API) -> Added | Held:
        """Accepts a file in passing whose last byte just came. Whatever it raises, `drop_passing` comes next.

        Raises:
            As `accept_upload`; what is tried again there is not here, and nothing is kept.
            InvalidDocument: there is no byte at all.
        """
        file = passing.spool.file()
        if not file.size:
            raise InvalidDocument(Code.FILE_EMPTY)
        upload = replace(passing.upload, stage=advance(Stage.RECEIVING, Step.COMPLETE), size=file.size)
        keep = Keep(counted=passing.counted, now=lambda: self._keep(upload, passing))
        became = self._accept(upload, passing.brought, file, channel, keep)
        passing.spool.close()
        return became

    def _keep(self, upload: Upload, passing: Passing) -> None:
        """Lets a file that came in passing wait."""
        passing.counted()
        self._spool.keep(upload.id, passing.spool)
        filing = self._sealed_filing(upload.id, passing.brought)
        kept = replace(upload, filing=filing, lease_until=self._clock() + LEASE_FOR)
        self._database.operate(lambda operation: upload_rows.keep(operation, kept))
