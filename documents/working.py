"""The work after reading: releasing a version, picturing it, destroying what was withdrawn, sweeping what is nobody's.

- Each step runs outside any transaction and commits under the job's own id, so that a repeated job is a replay.
- Objects before rows: what a step makes is sealed and put first. A job that is begun again makes it again; the first is an
  orphan.
- A version that was withdrawn or overtaken meanwhile is passed over: the step says so and is done.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import format_time, time_us
from documents import store as rows
from documents.digesting import READ_BYTES_MAX, Digesting
from documents.errors import Code, DocumentConflict
from documents.marks.store import read_marks
from documents.memory_files import in_memory
from documents.model import (
    DESTROYED,
    RELEASED,
    RENDERED,
    Rendition,
    Stage,
    Step,
)
from documents.personal import forget_identities
from documents.row_values import rendition_row
from documents.rules import ORPHAN_AGE, READABLE, advance, can, lock_until
from documents.writing import about, version_in
from retention.locks.model import LockTerm
from storage import Change
from storage.objects.errors import ObjectError, ObjectLocked
from storage.objects.model import Bucket, LockMode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.canonical import JSON
    from documents.model import Version
    from storage import Transaction
    from storage.objects.model import ObjectVersion

SWEEP_BATCH: Final = 500

_LOGGER = logging.getLogger(__name__)


class Working(Digesting):
    """Steps of versions that nobody waits for."""

    # ---------------------------------------------------------------------------------- releasing

    def release_version(self, document: str, version: int, *, event_id: UUID) -> dict[str, JSON]:
        """Sets the store's lock on a version that was read, then says so.

        Raises:
            StorageError: not now.
        """
        found = self._version(document, version)
        if not can(found.stage, Step.RELEASE):
            return {"passed_over": found.stage.value}
        term = self._term_of(found)
        mode, until = term.mode, term.until
        if until is not None:
            try:
                self._vault.store.lock(found.ref, mode, until)
            except ObjectLocked:
                # A longer lock stands already; nothing here ever shortens one.
                _LOGGER.info("version is locked for longer", extra={"document": document})
        if term.held:
            # It came after the hold that reaches it.
            self._vault.store.hold(found.ref, on=True)
        asked = self._own(event_id, {"document": document, "job": RELEASED, "version": version})

        def run(tx: Transaction) -> dict[str, JSON]:
            self._confirm(tx, asked)
            current = version_in(tx, document, version)
            advance(current.stage, Step.RELEASE)
            data: dict[str, JSON] = {"document": document, "version": version}
            if until is not None:
                data["lock"] = {"mode": mode.value, "until": format_time(time_us(until))}
            entry = tx.append(asked.event(RELEASED, (about(document),), data, None))
            locked = None if until is None else mode.value
            released = replace(current, stage=Stage.RELEASED, lock_mode=locked, locked_until=until)
            self.put_stage(tx, entry, released)
            return {"locked": until is not None}

        return self._done(Change(run, event_ids=((asked.actor.id, asked.event_id),)))

    def _term_of(self, version: Version) -> LockTerm:
        """To the end of the minimum that the law asks for, and never longer; what is not known yet is locked when it is."""
        found = None if self._lock_term is None else self._lock_term(version.document)
        if found is not None:
            return found
        days = lock_until(self._class_of(self._document(version.document).class_code), version.added_at)
        return LockTerm(LockMode.GOVERNANCE, days, held=False)

    # ---------------------------------------------------------------------------------- picturing

    def render_version(self, document: str, version: int, *, event_id: UUID) -> dict[str, JSON]:
        """Makes thumbnail, page pictures and the searchable PDF of a version, sealed like the version itself.

        Raises:
            PartsAway, StorageError: not now.
        """
        found = self._version(document, version)
        if found.stage not in READABLE or found.size > READ_BYTES_MAX:
            return {"passed_over": found.stage.value}
        with self._database.read() as connection:
            kept = rows.read_reading(connection, document, version)
        owner = UUID(document)
        reading = None if kept is None else b"".join(self._vault.open(kept.ref, owner, version))
        made: list[Rendition] = []
        with in_memory(self._open(found)) as file:
            for image in self._parts.reader.render(file, found.media_type, reading):
                sealed = self._vault.seal(owner, version, (image.content,), bucket=Bucket.DERIVED, derived=image.name)
                size = len(image.content)
                digest = sealed.ciphertext_sha256
                made.append(Rendition(document, version, image.name, sealed.ref, image.media_type, size, digest))
        asked = self._own(event_id, {"document": document, "job": RENDERED, "version": version})

        def run(tx: Transaction) -> dict[str, JSON]:
            self._confirm(tx, asked)
            stage = version_in(tx, document, version).stage
            if stage not in READABLE:
                # Its disposal began, or it was withdrawn, meanwhile: what was made is an orphan.
                raise DocumentConflict(Code.STAGE_FORBIDS, (), {"stage": stage.value, "step": RENDERED})
            names: list[JSON] = [f"{one.name} {one.sha256.hex()}" for one in made]
            data: dict[str, JSON] = {"document": document, "version": version, "renditions": names}
            entry = tx.append(asked.event(RENDERED, (about(document),), data, None))
            for one in made:
                tx.put(entry, rows.RENDITIONS, (document, version, one.name), rendition_row(one))
            return {"renditions": len(made)}

        return self._done(Change(run, event_ids=((asked.actor.id, asked.event_id),)))

    # ---------------------------------------------------------------------------------- destroying

    def destroy_version(self, document: str, version: int, *, event_id: UUID) -> dict[str, JSON]:
        """Destroys a withdrawn version: its objects, what was derived of it, and, if it was the last one, the key.

        Raises:
            ObjectLocked: the store holds it; nothing was said.
            StorageError: not now.
        """
        found = self._version(document, version)
        if found.stage is not Stage.WITHDRAWN:
            return {"passed_over": found.stage.value}
        with self._database.read() as connection:
            if read_marks(connection, document) or self._held_for(connection, document):
                # A matter wants it kept; taking the mark off, or releasing the hold, asks for this step again.
                return {"passed_over": "held"}
        prefix = f"v1/d/{document}/{version:06}-"
        gone: list[ObjectVersion] = []
        for bucket in (Bucket.RECORDS, Bucket.DERIVED):
            for one in list(self._vault.store.versions(bucket, prefix)):
                self._vault.store.delete_version(one.ref)
                gone.append(one)
        with self._database.read() as connection:
            others = [one for one in rows.read_versions(connection, document) if one.version != version]
        is_last = all(one.stage in {Stage.WITHDRAWN, Stage.DESTROYED} for one in others)
        if is_last:
            self._vault.destroy_key(UUID(document))
        asked = self._own(event_id, {"document": document, "job": DESTROYED, "version": version})

        def run(tx: Transaction) -> dict[str, JSON]:
            self._confirm(tx, asked)
            current = version_in(tx, document, version)
            data: dict[str, JSON] = {"document": document, "version": version, "objects": len(gone), "key": is_last}
            entry = tx.append(asked.event(DESTROYED, (about(document),), data, None))
            # The keyed digest goes too: nobody can ask any more whether this content was here.
            ended = replace(current, stage=advance(current.stage, Step.DESTROY), duplicate=None)
            forget_identities(tx, entry, document, version)
            self.put_stage(tx, entry, ended)
            return {"objects": len(gone), "key": is_last}

        return self._done(Change(run, event_ids=((asked.actor.id, asked.event_id),)))

    def destroy_waiting(self, *, new_event_id: Callable[[str], UUID]) -> int:
        """Destroys what was withdrawn and waited for a hold to end; returns how many versions that was.

        Raises:
            StorageError: not now; the rest waits for the next time.
        """
        with self._database.read() as connection:
            waiting = rows.read_withdrawn(connection)
        steps = [
            self.destroy_version(document, version, event_id=new_event_id(f"{document}/{version}"))
            for document, version in waiting
        ]
        return sum("passed_over" not in step for step in steps)

    # ---------------------------------------------------------------------------------- sweeping

    def sweep_objects(self, now: datetime, report: Callable[[int], None] = lambda _done: None) -> dict[str, JSON]:
        """Deletes objects that no row names and that are older than any upload under way.

        Raises:
            StorageError: the store or the database is away.
        """
        looked, swept, kept = 0, 0, 0
        for bucket in (Bucket.RECORDS, Bucket.DERIVED):
            batch: list[ObjectVersion] = []
            for one in self._vault.store.versions(bucket, "v1/d/"):
                batch.append(one)
                if len(batch) == SWEEP_BATCH:
                    swept, kept = _sum((swept, kept), self._sweep(batch, now))
                    looked += len(batch)
                    batch = []
                    report(looked)
            swept, kept = _sum((swept, kept), self._sweep(batch, now))
            looked += len(batch)
        return {"looked_at": looked, "swept": swept, "locked": kept}

    def _sweep(self, batch: Sequence[ObjectVersion], now: datetime) -> tuple[int, int]:
        old = [one for one in batch if one.modified_at <= now - ORPHAN_AGE]
        with self._database.read() as connection:
            known = rows.read_known_keys(connection, {one.ref.key for one in old}) if old else frozenset()
        swept = locked = 0
        for one in old:
            if one.ref.key in known:
                continue
            try:
                self._vault.store.delete_version(one.ref)
                swept += 1
            except ObjectLocked:
                locked += 1
            except ObjectError as error:
                _LOGGER.warning("orphan not swept", extra={"error": type(error).__name__})
        return swept, locked


def _sum(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    return left[0] + right[0], left[1] + right[1]
