"""Reading a version after it was sealed: text, fields, doubts, personal data.

- It runs as a job, outside any transaction, and commits under the job's own id: repeated, it is a replay.
- A paper of many pages takes turns with others (`documents.turns`).
- The reading is an object derived from the version, sealed under the same key; the log has its digest, never its text.
- Fields are sealed in their row. Number and supplier are taken over where nobody has said them and the machine is sure,
  and the paper is put into the folders of its supplier and its SKUs and linked to its order (`documents.placing`).
- Files of offices and plain text are read too, as one page of lines without places; no fields are taken from them.
- Text, title, file name and notes are searched for personal data (`documents.personal` says what follows).
- Every version is read from the store here from its first byte to its last, whatever its class and format, and each byte must be one
  that was sealed: what is too large to be read has its digest taken. So nothing is released whose object was not whole.
- A release waits for a person where the class wants one.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from audit.commitment import SALT_BYTES, commit
from documents import store as rows
from documents.classes import PAPER
from documents.errors import DocumentConflict, FileRefused
from documents.extraction.model import Extraction, Money
from documents.memory_files import in_memory
from documents.model import (
    FIELDS,
    FILE_NAME,
    INDEX_KIND,
    NOTE,
    READ_DONE,
    RELEASE_KIND,
    RENDER_KIND,
    TITLE,
    FieldsRow,
    ItemState,
    Reading,
    ReviewState,
    Stage,
    Step,
)
from documents.passing import TakingIn
from documents.personal import IDENTITIES_MAX, NOTHING_FOUND, PersonalData, judge, record_verdict
from documents.placing import certain_folders, link_to_order, place
from documents.reading.model import DocumentReading
from documents.requests import NUMBER_FORM
from documents.row_values import class_of, fields_row, reading_row
from documents.rules import advance, is_clear, releases_itself
from documents.turns import Unfinished, read_pages
from documents.writing import SealedField, about, class_in, document_in, put_document, put_version, version_in
from policies.personal_data import identity_numbers, is_personal_code
from storage import Change
from storage.objects.model import Bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from audit.canonical import JSON
    from audit.entry import Entry
    from documents.extraction.learning import Weights
    from documents.extraction.registers import Registers
    from documents.inspecting import PaperReader
    from documents.model import Document, DocumentClass, Version
    from documents.turns import Pace
    from documents.writing import Asked
    from storage import Transaction
    from storage.objects import Sealed

READ_BYTES_MAX: Final = 128 * 1024 * 1024
"""The largest file that is read and pictured; it is held in memory while a child works on it."""
REVIEWED_CLASSES: Final = frozenset(
    {"purchase_order", "delivery_note", "return_note", "invoice", "inspection_report", "contract"}
)
"""Classes of papers whose fields matter: of others the text is read, and nobody is asked about it."""
READING_NAME: Final = "reading"
ITEMS_MAX: Final = 2_000

NUMBER: Final = re.compile(NUMBER_FORM)


class Extractor(Protocol):
    """Turns a reading into fields, with what the shop knows and what corrections of the supplier's papers taught."""

    def __call__(self, reading: DocumentReading, registers: Registers, lessons: Mapping[str, Weights], /) -> Extraction:
        """The fields, rows and doubts."""
        ...


class PersonalDataDetector(Protocol):
    """Finds personal data in a text; the policies room brings the rules."""

    def __call__(self, text: str, /) -> Sequence[str]:
        """Codes of the kinds of personal data found; never the data."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What reads and judges: filled by the composition root."""

    reader: PaperReader
    extract: Extractor
    registers: Callable[[], Registers]
    lessons: Callable[[str], Mapping[str, Weights]]
    detect: PersonalDataDetector


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading a version brought."""

    reading: DocumentReading | None
    sealed: Sealed | None
    extraction: Extraction | None
    fields: SealedField | None
    personal_data: PersonalData
    unread: str | None


class Digesting(TakingIn):
    """What is read from a version."""

    _parts: Parts

    # ------------------------------------------------------------------------------------ reading

    def read_version(self, document: str, version: int, *, event_id: UUID, pace: Pace) -> dict[str, JSON] | None:
        """Reads a sealed version: text, fields, doubts, personal data. None: its turn is over, and there are pages left.

        Raises:
            PartsAway, StorageError: not now.
        """
        found = self._version(document, version)
        if found.stage is not Stage.SEALED:
            return {"passed_over": found.stage.value}
        document_class = self._class_of(self._document(document).class_code)
        unfinished = Unfinished(self._vault, UUID(document), version)
        read = self._read(found, document_class, unfinished, pace)
        if read is None:
            return None
        asked = self._own(event_id, {"document": document, "job": READ_DONE, "version": version})

        def run(tx: Transaction) -> dict[str, JSON]:
            self._confirm(tx, asked)
            current = version_in(tx, document, version)
            advance(current.stage, Step.READ)
            return self._record_reading(tx, asked, current, class_in(tx, document_class.code), read)

        done = self._done(Change(run, event_ids=((asked.actor.id, asked.event_id),)))
        unfinished.drop()
        return done

    def _read(
        self, version: Version, document_class: DocumentClass, unfinished: Unfinished, pace: Pace
    ) -> _Read | None:
        if version.size > READ_BYTES_MAX:
            # What the reader opens it checks whole; of this the digest must do.
            self._vault.verify(version.ref, version.sha256)
            return _Read(None, None, None, None, NOTHING_FOUND, "too_large")
        try:
            with in_memory(self._open(version)) as file:
                reading = read_pages(self._parts.reader, file, version, unfinished, pace)
        except FileRefused as refused:
            # It passed the checks, so it stays; what cannot be read is for a person.
            return _Read(
                None, None, None, None, NOTHING_FOUND, refused.findings[0][0] if refused.findings else "refused"
            )
        if reading is None:
            return None
        stored = reading.to_json()
        personal_data = self._personal_data(version, reading)
        owner = UUID(version.document)
        sealed = self._vault.seal(owner, version.version, (stored,), bucket=Bucket.DERIVED, derived=READING_NAME)
        if document_class.code not in REVIEWED_CLASSES or version.media_type not in PAPER:
            return _Read(reading, sealed, None, None, personal_data, None)
        extraction = self._extract(version, reading)
        return _Read(reading, sealed, extraction, self._seal_fields(owner, extraction), personal_data, None)

    def _extract(self, version: Version, reading: DocumentReading) -> Extraction:
        """The fields of a paper; looked for once more where people's corrections taught how its supplier writes them."""
        registers = self._parts.registers()
        extraction = self._parts.extract(reading, registers, {})
        found = extraction.fields.get("supplier")
        supplier = self._document(version.document).supplier or (None if found is None else found.code)
        lessons = {} if supplier is None else self._parts.lessons(supplier)
        return self._parts.extract(reading, registers, lessons) if lessons else extraction

    def _open_reading(self, kept: Reading) -> DocumentReading:
        """A stored reading.

        Raises:
            KeyMissing, ObjectMissing: it is gone.
        """
        return DocumentReading.from_json(b"".join(self._vault.open(kept.ref, UUID(kept.document), kept.version)))

    def _personal_data(self, version: Version, reading: DocumentReading) -> PersonalData:
        """The kinds of personal data in what was read and in what people wrote about it, and the digests of identity numbers."""
        owner = UUID(version.document)
        with self._database.read() as connection:
            document = rows.read_document(connection, version.document)
            notes = rows.read_note_texts(connection, version.document)
        sealed = [(FILE_NAME, version.file_name), *[(NOTE, note) for note in notes]]
        if document is not None:
            sealed.append((TITLE, document.title))
        texts = [page.text for page in reading.pages]
        texts += [self._reveal(owner, name, value) or "" for name, value in sealed]
        kinds = {kind for text in texts for kind in self._parts.detect(text)}
        numbers = {number for text in texts for number in identity_numbers(text)}
        digests = sorted(self._vault.identity_digest(number).hex() for number in numbers)
        return PersonalData(tuple(sorted(kinds)), tuple(digests[:IDENTITIES_MAX]))

    def _seal_fields(self, document: UUID, extraction: Extraction) -> SealedField:
        """The fields sealed for their row; the log gets a salted digest of their JSON's digest."""
        stored, salt = extraction.to_json(), self._entropy(SALT_BYTES)
        digest = commit(salt, FIELDS, hashlib.sha256(stored).hexdigest())
        return SealedField(FIELDS, digest, self._vault.seal_text(document, FIELDS, salt + stored))

    def _open_fields(self, found: FieldsRow) -> Extraction:
        clear = self._vault.open_text(UUID(found.document), FIELDS, found.sealed)
        return Extraction.from_json(clear[SALT_BYTES:])

    def _record_reading(
        self, tx: Transaction, asked: Asked, version: Version, document_class: DocumentClass, read: _Read
    ) -> dict[str, JSON]:
        extraction = read.extraction
        data: dict[str, JSON] = {"document": version.document, "version": version.version}
        data.update(_reading_data(read, self._parts.reader.engine))
        personal = () if read.fields is None else (read.fields,)
        event = asked.event(READ_DONE, (about(version.document),), data, None, personal=personal)
        entry = tx.append(event)
        if read.reading is not None and read.sealed is not None:
            kept = Reading(
                document=version.document,
                version=version.version,
                ref=read.sealed.ref,
                sha256=read.sealed.ciphertext_sha256,
                engine=self._parts.reader.engine,
                pages=len(read.reading.pages),
                read_at=tx.now,
            )
            tx.put(entry, rows.READINGS, (version.document, version.version), reading_row(kept))
        if extraction is not None and read.fields is not None:
            self._put_fields(tx, entry, version, extraction, read.fields)
        version = replace(version, stage=advance(version.stage, Step.READ))
        verdict = judge(read.personal_data.kinds, document_class)
        digests = read.personal_data.identities
        entry, version = record_verdict(tx, self._queue, asked, entry, version, verdict, digests)
        put_version(tx, entry, version)
        document = document_in(tx, version.document)
        if document.version == version.version:
            document = replace(document, stage=version.stage, **_known_from(document, extraction))
        put_document(tx, entry, document)
        if extraction is not None and verdict.step is not Step.WITHDRAW:
            place(tx, asked, None, version.document, certain_folders(extraction))
            link_to_order(tx, asked, version.document, extraction)
        payload: dict[str, JSON] = {"document": version.document, "version": version.version}
        if releases_itself(document_class) and verdict.step is None:
            self._queue.enqueue(tx, entry, RELEASE_KIND, payload)
        if version.media_type in PAPER and read.unread is None and verdict.step is not Step.WITHDRAW:
            self._queue.enqueue(tx, entry, RENDER_KIND, payload, priority=3)
        self._queue.enqueue(tx, entry, INDEX_KIND, {"document": version.document})
        return {name: value for name, value in data.items() if name in {"pages", "review", "unread"}}

    def _put_fields(
        self, tx: Transaction, entry: Entry, version: Version, extraction: Extraction, sealed: SealedField
    ) -> None:
        items = {item.path: item.reason.value for item in extraction.review[:ITEMS_MAX]}
        row = FieldsRow(
            document=version.document,
            version=version.version,
            revision=0,
            sealed=sealed.sealed,
            state=ReviewState.OPEN if items else ReviewState.CLEAR,
            open_items=len(items),
            adjusted_index=None,
            **columns_of(extraction),
        )
        tx.put(entry, rows.FIELDS, (version.document, version.version), fields_row(row))
        for path, reason in items.items():
            key = (version.document, version.version, path)
            tx.put(entry, rows.REVIEWS, key, (reason, ItemState.OPEN.value))

    # ---------------------------------------------------------------------------------- the steps

    def _version(self, document: str, version: int) -> Version:
        with self._database.read() as connection:
            found = rows.read_version(connection, document, version)
        if found is None:
            raise LookupError(f"document {document}: expected version {version}, got none")
        return found

    def _class_of(self, code: str) -> DocumentClass:
        with self._database.read() as connection:
            return class_of(code, rows.CLASSES.fetch(connection, [(code,)])[(code,)])

    def _open(self, version: Version) -> Iterator[bytes]:
        """The content of a version, as its key opens it."""
        return self._vault.open(version.ref, UUID(version.document), version.version)

    def _done(self, change: Change[dict[str, JSON]]) -> dict[str, JSON]:
        try:
            committed = self._log.commit(change)
        except DocumentConflict as conflict:
            return {"passed_over": str(conflict.values.get("stage", conflict.code.value))}
        return committed.result or {"replayed": True}

    def put_stage(self, tx: Transaction, entry: Entry, version: Version) -> Document:
        """Writes a version at its new stage, and its document, whose stage is that of its newest version.

        Asks for the document to be indexed anew: what finds it must know the stage too.
        """
        put_version(tx, entry, version)
        document = document_in(tx, version.document)
        if document.version == version.version:
            document = replace(document, stage=version.stage)
        self._queue.enqueue(tx, entry, INDEX_KIND, {"document": version.document})
        return put_document(tx, entry, document)


def columns_of(extraction: Extraction) -> dict[str, Any]:
    """The few values that lists filter by, for the row of what was read."""

    def text(name: str) -> str | None:
        field = extraction.fields.get(name)
        return (
            field.value if field is not None and isinstance(field.value, str) and is_clear(name, field.value) else None
        )

    total = extraction.fields.get("total")
    return {
        "doc_type": str(extraction.doc_type.value),
        "doc_date": text("date"),
        "currency": text("currency"),
        "total": total.value.amount if total is not None and isinstance(total.value, Money) else None,
    }


def _known_from(document: Document, extraction: Extraction | None) -> dict[str, Any]:
    """Number and supplier, where nobody has said them and the machine is sure."""
    if extraction is None:
        return {}
    doubted = {item.path for item in extraction.review}
    known: dict[str, Any] = {}
    number = extraction.fields.get("doc_no")
    if document.number is None and number is not None and "doc_no" not in doubted:
        value = number.value if isinstance(number.value, str) else ""
        if NUMBER.fullmatch(value) and not is_personal_code(value):
            known["number"] = value
    supplier = extraction.fields.get("supplier")
    if document.supplier is None and supplier is not None and supplier.code is not None and "supplier" not in doubted:
        known["supplier"] = supplier.code
    return known


def _reading_data(read: _Read, engine: str) -> dict[str, JSON]:
    """What an entry says of a reading: digests, counts and codes, nothing that was read."""
    data: dict[str, JSON] = {"engine": engine}
    if read.unread is not None:
        data["unread"] = read.unread
    if read.reading is not None and read.sealed is not None:
        pages = read.reading.pages
        data["pages"] = len(pages)
        data["engine_digests"] = [*sorted({page.engine_digest for page in pages})]
        data["sources"] = [*sorted({page.source.value for page in pages})]
        data["object"] = {"key": read.sealed.ref.key, "version": read.sealed.ref.version_id}
        data["ciphertext_sha256"] = read.sealed.ciphertext_sha256.hex()
        data["commitment"] = read.sealed.commitment.hex()
    if read.extraction is not None:
        data["rows"] = len(read.extraction.rows)
        data["review"] = len({item.path for item in read.extraction.review})
        reasons = Counter(item.reason.value for item in read.extraction.review)
        data["reasons"] = dict(sorted(reasons.items()))
    if read.personal_data.kinds:
        data["personal_data"] = [*read.personal_data.kinds]
    return data
