"""How values of the document room look in an answer. Optional members are absent, never null."""

from typing import Any

import orjson

from api.shapes import Json, adjusted_json, present, time_json
from documents.adjusting import AdjustedFrom
from documents.extraction.model import Field, Money
from documents.model import Added, Document, DocumentClass, Folder, PersonalFinding, ReviewItem, Supplier
from documents.reviewing import Reviewed
from documents.rules import reading_job
from documents.shelves.store import Shelf
from documents.shown import Named, ReadOut, Shown, ShownLink, ShownNote, ShownVersion
from documents.uploads.store import Upload


def class_json(found: DocumentClass) -> Json:
    """Return a document class."""
    return {
        "code": found.code,
        "name_zh": found.name_zh,
        "name_en": found.name_en,
        "sensitive": found.sensitive,
        "strip": found.strip,
        "restricts_release": found.restricts_release,
        "retain_days": found.retain_days,
        "media_types": sorted(found.media_types),
        "active": found.active,
        "purpose_zh": found.purpose_zh,
        "purpose_en": found.purpose_en,
        "personal_kinds": sorted(found.personal_kinds),
        "level": found.level,
        "purposes": sorted(found.purposes),
    }


def finding_json(found: PersonalFinding) -> Json:
    """Return what personal data was found in a version: kinds alone."""
    return {
        "document": found.document,
        "version": found.version,
        "kinds": list(found.kinds),
        "outside": list(found.outside),
        "state": found.state.value,
        "owner": found.owner,
        "found_at": time_json(found.found_at),
    }


def supplier_json(found: Supplier) -> Json:
    """Return a supplier."""
    return {
        "code": found.code,
        "name_zh": found.name_zh,
        "name_en": found.name_en,
        "prefixes": list(found.prefixes),
        "active": found.active,
    }


def folder_json(folder: Folder) -> Json:
    """Return which folder."""
    return {"kind": folder.kind.value, "code": folder.code}


def shelf_json(shelf: Shelf) -> Json:
    """Return a folder with how many documents lie in it."""
    zh, en = shelf.names
    return {**folder_json(shelf.folder), "name_zh": zh, "name_en": en, "documents": shelf.documents}


def document_json(shown: Shown) -> Json:
    """Return a document."""
    found, read = shown.document, shown.fields
    review = None
    if read is not None:
        total = (
            None if read.total is None or read.currency is None else {"amount": read.total, "currency": read.currency}
        )
        optional: Json = {"doc_type": read.doc_type, "date": read.doc_date, "total": total}
        optional["adjusted_index"] = read.adjusted_index
        review = {"state": read.state.value, "open_items": read.open_items, **present(optional)}
    return {
        "id": found.id,
        "class": found.class_code,
        "stage": found.stage.value,
        "version": found.version,
        "owner": found.owner,
        "added_at": time_json(found.added_at),
        "added_index": found.added_index,
        "entry_index": found.entry_index,
        "folders": [folder_json(folder) for folder in shown.folders],
        "tags": list(shown.tags),
        **present(
            {
                "title": shown.title,
                "store": found.store,
                "supplier": found.supplier,
                "number": found.number,
                "review": review,
                "superseded_by": list(shown.superseded_by) or None,
                "supersedes": list(shown.supersedes) or None,
            }
        ),
    }


def changed_json(found: Document) -> Json:
    """Return what stands of a document after an act on it."""
    return {"document": found.id, "version": found.version, "stage": found.stage.value}


def version_json(shown: ShownVersion) -> Json:
    """Return a version."""
    found = shown.version
    findings = [code for code, _ in orjson.loads(found.findings)]
    return {
        "document": found.document,
        "version": found.version,
        "stage": found.stage.value,
        "media_type": found.media_type,
        "size": found.size,
        "ciphertext_sha256": found.sha256.hex(),
        "added_by": found.added_by,
        "added_at": time_json(found.added_at),
        "added_index": found.added_index,
        **present(
            {
                "file_name": shown.file_name,
                "pages": found.pages,
                "scan": found.scan,
                "findings": findings or None,
                "locked_until": None if found.locked_until is None else time_json(found.locked_until),
            }
        ),
    }


def link_json(shown: ShownLink) -> Json:
    """Return a link with what stands at its other end."""
    link, other, moved = shown.link, shown.other, shown.moved
    found = {"document": link.document, "kind": link.kind.value, "target": link.target}
    named = None if other is None else named_json(other)
    return {**found, **present({"other": named, "moved": None if moved is None else adjusted_json(moved)})}


def named_json(named: Named) -> Json:
    """Return what a document is called."""
    return {"class": named.class_code, **present({"title": named.title or None, "number": named.number})}


def note_json(note: ShownNote) -> Json:
    """Return a note."""
    found = {"index": note.index, "author": note.author, "noted_at": time_json(note.noted_at)}
    return {**found, **present({"text": note.text})}


def added_json(added: Added) -> Json:
    """Return what was accepted."""
    return {
        "document": added.document,
        "version": added.version,
        "index": added.index,
        "leaf_hash": added.leaf_hash.hex(),
        "duplicates": list(added.duplicates),
        "reading_job": reading_job(added.document, added.version),
    }


def upload_json(upload: Upload, offset: int, added: Added | None = None) -> Json:
    """Return how an upload stands, and what became of it."""
    found: Json = {
        "upload": str(upload.id),
        "stage": upload.stage.value,
        "offset": offset,
        "expires_at": time_json(upload.expires_at),
    }
    if added is not None:
        found |= {"document": added.document, "version": added.version, "index": added.index}
        found["reading_job"] = reading_job(added.document, added.version)
    return {**found, **present({"length": upload.size, "code": upload.code})}


def fields_json(out: ReadOut) -> Json:
    """Return what was read, with the questions about it."""
    extraction, row = out.extraction, out.row
    return {
        "document": row.document,
        "version": row.version,
        "revision": row.revision,
        "state": row.state.value,
        "doc_type": str(extraction.doc_type.value),
        "fields": {name: _field_json(field) for name, field in extraction.fields.items()},
        "rows": [
            {
                "fields": {name: _field_json(field) for name, field in line.fields.items()},
                "issues": list(line.issues),
            }
            for line in extraction.rows
        ],
        "checks": [
            {"path": check.path, "holds": check.holds, "expected": check.expected, "got": check.got}
            for check in extraction.checks
        ],
        "questions": [_question_json(out, item) for item in out.items],
        **present({"adjusted_index": row.adjusted_index}),
    }


def _question_json(out: ReadOut, item: ReviewItem) -> Json:
    crop = f"/api/v1/documents/{item.document}/versions/{item.version}/crop?path={item.path}"
    found = {"path": item.path, "reason": item.reason, "state": item.state.value}
    return {**found, **present({"crop": crop if out.has_pages else None})}


def _field_json(field: Field) -> Json:
    value: Any = field.value
    if isinstance(value, Money):
        value = {"amount": value.amount, "currency": value.currency}
    boxes = [{"page": page, "quad": [list(point) for point in quad]} for page, quad in field.boxes]
    return {
        "value": value,
        "raw": field.raw,
        "confidence": field.confidence,
        "evidence": list(field.evidence),
        **present({"code": field.code, "second": field.second, "boxes": boxes or None}),
    }


def reviewed_json(found: Reviewed) -> Json:
    """Return how the fields stand after somebody looked at one."""
    return {
        "document": found.document,
        "version": found.version,
        "revision": found.revision,
        "open_items": found.open_items,
        "state": found.state.value,
    }


def adjusted_from_json(found: AdjustedFrom) -> Json:
    """Return stock that moved by what a paper says."""
    return {
        "document": found.document,
        "version": found.version,
        "index": found.index,
        "store": found.store,
        "reason": found.reason,
        "adjustments": [adjusted_json(one.adjusted) for one in found.results if one.adjusted is not None],
    }
