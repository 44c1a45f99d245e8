"""What the cases room asks of documents: to be marked, and to be searched where the index does not look.

- A mark is written under the cases room's own entry, which is on the document's chain.
- A blocked document leaves the index; where its text still stands there, no answer shows it.
- A search for what is held of a person looks into everything that can be read, sensitive, quarantined and blocked documents too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from documents import store as rows
from documents.disposal.destroying import Destroying
from documents.findings.store import read_naming
from documents.marks.store import Mark, put_mark, read_blocked
from documents.model import INDEX_KIND, WITHDRAW_KIND, Stage
from documents.row_values import version_of
from documents.rules import READABLE
from documents.search.grams import fold, normal
from documents.writing import document_in
from policies.personal_data import as_identity_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from audit.canonical import JSON
    from audit.entry import Entry
    from documents.model import Version
    from documents.store import Snapshot
    from storage import Transaction
    from storage.either import Reader

__all__ = ["Mark", "Marking"]

BATCH: Final = 200


class Marking(Destroying):
    """Marks, and searching for persons."""

    def mark(
        self, tx: Transaction, entry: Entry, document: str, mark: Mark, matter: str, *, active: bool = True
    ) -> None:
        """Marks a document for a matter, or takes that matter's mark off.

        Raises:
            UnknownDocument: there is none.
        """
        found = document_in(tx, document)
        put_mark(tx, entry, document, mark, matter, active=active)
        payload: dict[str, JSON] = {"document": document}
        self._queue.enqueue(tx, entry, INDEX_KIND, payload)
        for number in range(1, found.version + 1):
            row = tx.get(rows.VERSIONS, (document, number))
            if not active and row is not None and version_of(document, number, row).stage is Stage.WITHDRAWN:
                # What was withdrawn before the mark could not be destroyed under it.
                self._queue.enqueue(tx, entry, WITHDRAW_KIND, {**payload, "version": number})

    def blocked(self, connection: Snapshot, documents: Collection[str]) -> frozenset[str]:
        """Which of these documents are blocked."""
        return read_blocked(connection, documents)

    def of_person(self, reader: Reader, person: str) -> tuple[str, ...]:
        """Documents that a person owns or added a version of; the caller has decided."""
        return rows.read_of_person(reader, person)

    def holding_identity(self, terms: Sequence[str]) -> tuple[str, ...]:
        """Documents that hold an identity card number which one of the terms is, however either was written; the caller has decided."""
        numbers = {number for term in terms if (number := as_identity_number(term)) is not None}
        digests = [self._vault.identity_digest(number).hex() for number in sorted(numbers)]
        with self._database.read() as connection:
            return read_naming(connection, digests)

    def readable_versions(self, connection: Snapshot, document: str) -> tuple[Version, ...]:
        """The versions of a document whose content is there; the caller has decided."""
        return tuple(one for one in rows.read_versions(connection, document) if one.stage in READABLE)

    def unindexed_naming(self, terms: Sequence[str]) -> tuple[str, ...]:
        """Documents outside the index whose text holds one of the terms; the caller has decided.

        Opens each of them, so it is slow where there are many.
        """
        wanted = [fold(normal(term)) for term in terms]
        found: list[str] = []
        after = ""
        while True:
            with self._database.read() as connection:
                ids = rows.read_unindexed(connection, after=after, limit=BATCH)
            found += [one for one in ids if self._names(one, wanted)]
            if len(ids) < BATCH:
                return tuple(found)
            after = ids[-1]

    def _names(self, document: str, wanted: Sequence[str]) -> bool:
        with self._database.read() as connection:
            read = rows.read_document(connection, document)
            if read is None:
                return False
            text = self._text_of(connection, read)
        whole = fold(normal(f"{text.title}\n{text.fields}\n{text.notes}\n{text.body}"))
        return any(term in whole for term in wanted)
