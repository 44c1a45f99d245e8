"""Moving the sealed objects to another store or bucket: copied as they are, compared, and the rows say where each is now.

- Bytes, keys and digests stay what they were; only the store's own version ids are new. So an entry for each document maps the old
  ones to the new ones, and everything proved before is proved after.
- Locks and holds are set on the copies before a row names them. What is left behind goes when its own locks have ended.
- Begun again after it was stopped, it goes on where it was: a row that names a copy is left, and a copy that no row names yet is compared and taken.

Nothing else may run meanwhile: until the settings name the new place, a process reads half of the documents.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.entry import derived_event_id
from documents import store as rows
from documents.model import OBJECTS_MOVED
from documents.row_values import (
    reading_of,
    reading_row,
    rendition_of,
    rendition_row,
    version_of,
    version_row,
)
from documents.shelves.store import read_document_ids
from documents.stating import Stating
from documents.writing import about, document_in, put_document
from storage import Change
from storage.objects.errors import ObjectDigestMismatch, ObjectExists, ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from audit.canonical import JSON
    from storage import Transaction
    from storage.objects.model import ObjectInfo, ObjectRef
    from storage.objects.port import ObjectStore

BATCH: Final = 200
OBJECTS_MAX: Final = 100
"""Objects that one entry speaks of."""


class Moving(Stating):
    """Moves."""

    def move_objects(
        self,
        target: ObjectStore,
        *,
        new_event_id: Callable[[], UUID],
        report: Callable[[int], None] = lambda _done: None,
    ) -> dict[str, int]:
        """Moves everything that rows name into `target`; returns how many documents and objects were moved now.

        Raises:
            ObjectError, StorageError: not now; begin it again.
            ObjectDigestMismatch: an object is not what the log says, here or there.
        """
        moved, documents, after = 0, 0, ""
        while True:
            with self._database.read() as connection:
                ids = read_document_ids(connection, after=after, limit=BATCH)
            for document in ids:
                count = self._move_document(document, target, new_event_id())
                moved, documents = moved + count, documents + (count > 0)
                report(moved)
            if len(ids) < BATCH:
                return {"documents": documents, "objects": moved}
            after = ids[-1]

    def _move_document(self, document: str, target: ObjectStore, event_id: UUID) -> int:
        todo = [(ref, digest) for ref, digest in self._named(document) if not _holds(target, ref)]
        for number, start in enumerate(range(0, len(todo), OBJECTS_MAX)):
            moves: dict[ObjectRef, ObjectRef] = {}
            for ref, digest in todo[start : start + OBJECTS_MAX]:
                copied = self._copy(ref, digest, target)
                if copied is not None:
                    moves[ref] = copied
            if moves:
                self._log.commit(self._moved(document, moves, derived_event_id(event_id, number)))
        return len(todo)

    def _named(self, document: str) -> Iterator[tuple[ObjectRef, bytes]]:
        """The objects that rows of a document name, with the digest of their sealed bytes."""
        with self._database.read() as connection:
            versions = rows.read_versions(connection, document)
            for version in versions:
                yield version.ref, version.sha256
                kept = rows.read_reading(connection, document, version.version)
                if kept is not None:
                    yield kept.ref, kept.sha256
                for rendition in rows.read_renditions(connection, document, version.version).values():
                    yield rendition.ref, rendition.sha256

    def _copy(self, ref: ObjectRef, digest: bytes, target: ObjectStore) -> ObjectRef | None:
        """The copy of an object, locked and held as it is; None: it was destroyed, and its row tells of it alone."""
        source = self._vault.store
        try:
            info = source.head(ref)
        except ObjectMissing:
            return None
        try:
            stored = target.put_new(ref.bucket, ref.key, source.read(ref))
            copied, found = stored.ref, stored.sha256
        except ObjectExists:
            # Stopped after the copy and before the row.
            copied = next(one.ref for one in target.versions(ref.bucket, ref.key) if one.ref.key == ref.key)
            found = _digest_of(target, copied)
        if found != digest:
            msg = f"object {ref.key}: expected digest {digest.hex()}, got {found.hex()}"
            raise ObjectDigestMismatch(msg)
        _keep_as(target, copied, info)
        return copied

    def _moved(self, document: str, moves: dict[ObjectRef, ObjectRef], event_id: UUID) -> Change[int]:
        objects: list[JSON] = [
            {"bucket": old.bucket.value, "key": old.key, "before": old.version_id, "after": new.version_id}
            for old, new in moves.items()
        ]
        asked = self._own(event_id, {"document": document, "job": OBJECTS_MOVED})

        def run(tx: Transaction) -> int:
            self._confirm(tx, asked)
            data: dict[str, JSON] = {"document": document, "objects": objects}
            entry = tx.append(asked.event(OBJECTS_MOVED, (about(document),), data, None))
            number = document_in(tx, document).version
            for version in range(1, number + 1):
                key = (document, version)
                row = tx.get(rows.VERSIONS, key)
                if row is not None and (found := version_of(document, version, row)).ref in moves:
                    tx.put(entry, rows.VERSIONS, key, version_row(replace(found, ref=moves[found.ref])))
                row = tx.get(rows.READINGS, key)
                if row is not None and (kept := reading_of(document, version, row)).ref in moves:
                    tx.put(entry, rows.READINGS, key, reading_row(replace(kept, ref=moves[kept.ref])))
                for name in rows.rendition_names_in(tx, document, version):
                    row = tx.get(rows.RENDITIONS, (*key, name))
                    if row is not None and (made := rendition_of(document, version, name, row)).ref in moves:
                        tx.put(entry, rows.RENDITIONS, (*key, name), rendition_row(replace(made, ref=moves[made.ref])))
            put_document(tx, entry, document_in(tx, document))
            return len(moves)

        return Change(run, event_ids=((asked.actor.id, asked.event_id),))


def _holds(target: ObjectStore, ref: ObjectRef) -> bool:
    try:
        target.head(ref)
    except ObjectMissing:
        return False
    return True


def _digest_of(store: ObjectStore, ref: ObjectRef) -> bytes:
    digest = hashlib.sha256()
    for chunk in store.read(ref):
        digest.update(chunk)
    return digest.digest()


def _keep_as(target: ObjectStore, ref: ObjectRef, info: ObjectInfo) -> None:
    if info.lock_mode is not None and info.locked_until is not None:
        target.lock(ref, info.lock_mode, info.locked_until)
    if info.legal_hold:
        target.hold(ref, on=True)
