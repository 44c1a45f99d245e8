"""JSON Schemas of what the API takes and answers about documents, by name; in the way of `api.schemas`."""

from typing import Final

from api.members import Schema
from api.request_schemas import EVENT_ID, EXAMPLE_ID, NAMES, body_of, text_of
from api.schemas import (
    BOOLEAN,
    COUNT,
    HASH,
    INTEGER,
    TEXT,
    TIME,
    UUID,
    choice,
    described,
    listed,
    record,
    ref,
)
from documents import requests as forms
from documents.classes import MEDIA_TYPES, PERSONAL_KINDS
from documents.model import FindingState, FolderKind, ItemState, LinkKind, ReviewState, Stage
from policies.rules import STATEMENT_FORM
from policies.using.purposes import UsePurpose

_MONEY: Final = record({"amount": INTEGER, "currency": TEXT})
_FOLDER: Final = record({"kind": choice(FolderKind), "code": TEXT})
_QUAD: Final = listed(listed(INTEGER))
_FIELD: Final = record(
    {"value": {"anyOf": [TEXT, _MONEY]}, "raw": TEXT, "confidence": {"type": "number"}, "evidence": listed(TEXT)},
    optional={
        "code": described(TEXT, "The register's own code of it."),
        "second": described(TEXT, "What the second reader saw."),
        "boxes": listed(record({"page": COUNT, "quad": _QUAD})),
    },
)
_VERSION: Final = record(
    {
        "document": UUID,
        "version": COUNT,
        "stage": choice(Stage),
        "media_type": TEXT,
        "size": COUNT,
        "ciphertext_sha256": HASH,
        "added_by": TEXT,
        "added_at": TIME,
        "added_index": COUNT,
    },
    optional={"file_name": TEXT, "pages": COUNT, "scan": TEXT, "findings": listed(TEXT), "locked_until": TIME},
)

DOCUMENT_SCHEMAS: Final[dict[str, Schema]] = {
    "DocumentClass": record(
        {
            "code": TEXT,
            "name_zh": TEXT,
            "name_en": TEXT,
            "sensitive": described(BOOLEAN, "Every opening is an entry."),
            "strip": described(BOOLEAN, "Places, serial numbers and owners are taken out of photos."),
            "restricts_release": described(BOOLEAN, "A person releases it."),
            "retain_days": COUNT,
            "media_types": listed(TEXT),
            "active": BOOLEAN,
            "purpose_zh": TEXT,
            "purpose_en": TEXT,
            "personal_kinds": described(listed(TEXT), "Personal data it may hold; another kind is quarantined."),
            "level": described(COUNT, "3 is confidential: opened for a stated purpose alone."),
            "purposes": described(listed(choice(UsePurpose)), "What personal data in it may be used for (PDPO DPP3)."),
        }
    ),
    "PersonalFinding": record(
        {
            "document": UUID,
            "version": COUNT,
            "kinds": described(listed(TEXT), "What was found; never where, nor the data."),
            "outside": described(listed(TEXT), "Kinds that the class may not hold."),
            "state": choice(FindingState),
            "owner": described(TEXT, "Who uploaded it."),
            "found_at": TIME,
        },
        description="Personal data found in a version. An open one waits for an officer, who clears or withdraws it.",
    ),
    "Supplier": record({"code": TEXT, "name_zh": TEXT, "name_en": TEXT, "prefixes": listed(TEXT), "active": BOOLEAN}),
    "Folder": record({"kind": choice(FolderKind), "code": TEXT, "name_zh": TEXT, "name_en": TEXT, "documents": COUNT}),
    "Document": record(
        {
            "id": UUID,
            "class": TEXT,
            "stage": choice(Stage),
            "version": COUNT,
            "owner": TEXT,
            "added_at": TIME,
            "added_index": COUNT,
            "entry_index": described(COUNT, "The entry about it that is newest; also its ETag."),
            "folders": listed(_FOLDER),
            "tags": listed(TEXT),
        },
        optional={
            "title": described(TEXT, "Absent once its key is destroyed."),
            "store": TEXT,
            "supplier": TEXT,
            "number": TEXT,
            "superseded_by": described(listed(UUID), "Documents that took its place, as far as you may see them."),
            "supersedes": described(listed(UUID), "Documents whose place it took."),
            "review": record(
                {"state": choice(ReviewState), "open_items": COUNT},
                optional={
                    "doc_type": TEXT,
                    "date": TEXT,
                    "total": _MONEY,
                    "adjusted_index": described(COUNT, "The entry by which stock was moved."),
                },
            ),
        },
    ),
    "Changed": record({"document": UUID, "version": COUNT, "stage": choice(Stage)}),
    "Version": _VERSION,
    "Link": record(
        {"document": UUID, "kind": choice(LinkKind), "target": TEXT},
        optional={
            "other": described(
                record({"class": TEXT}, optional={"title": TEXT, "number": TEXT}), "The document at the other end."
            ),
            "moved": described(ref("Moved"), "How stock moved by the entry that it is evidence of, if you may see it."),
        },
    ),
    "Note": record({"index": COUNT, "author": TEXT, "noted_at": TIME}, optional={"text": TEXT}),
    "Added": record(
        {
            "document": UUID,
            "version": COUNT,
            "index": COUNT,
            "leaf_hash": HASH,
            "duplicates": listed(UUID),
            "reading_job": described(TEXT, "The job that reads it: `get_job` and `follow_job` tell how it gets on."),
        },
        description="What was accepted. `duplicates` have the same content, as far as you may see them.",
    ),
    "Upload": record(
        {"upload": UUID, "stage": choice(Stage), "offset": COUNT, "expires_at": TIME},
        optional={
            "length": COUNT,
            "code": TEXT,
            "document": UUID,
            "version": COUNT,
            "index": COUNT,
            "reading_job": TEXT,
        },
    ),
    "Fields": record(
        {
            "document": UUID,
            "version": COUNT,
            "revision": COUNT,
            "state": choice(ReviewState),
            "doc_type": TEXT,
            "fields": {"type": "object", "additionalProperties": _FIELD},
            "rows": listed(
                record({"fields": {"type": "object", "additionalProperties": _FIELD}, "issues": listed(TEXT)})
            ),
            "checks": listed(record({"path": TEXT, "holds": BOOLEAN, "expected": TEXT, "got": TEXT})),
            "questions": listed(
                record(
                    {"path": TEXT, "reason": TEXT, "state": choice(ItemState)},
                    optional={"crop": described(TEXT, "Where the part of the page is that shows it (`get_crop`).")},
                )
            ),
            "dispute_notes": {"type": "object", "additionalProperties": TEXT},
        },
        optional={"adjusted_index": COUNT},
    ),
    "Reviewed": record(
        {"document": UUID, "version": COUNT, "revision": COUNT, "open_items": COUNT, "state": choice(ReviewState)}
    ),
    "AdjustedFrom": record(
        {
            "document": UUID,
            "version": COUNT,
            "index": COUNT,
            "store": TEXT,
            "reason": TEXT,
            "adjustments": listed(ref("Moved")),
        }
    ),
    "Moved": record(
        {
            "index": COUNT,
            "leaf_hash": HASH,
            "store": TEXT,
            "sku": TEXT,
            "reason": TEXT,
            "before": INTEGER,
            "change": INTEGER,
            "after": INTEGER,
            "scale": COUNT,
        },
        optional={"batch": TEXT},
    ),
}

_CODE: Final = text_of(forms.CODE_CHARS_MAX, "Stable name.", forms.CODE_FORM)
_SUPPLIER: Final = text_of(forms.CODE_CHARS_MAX, "Code of the supplier.", forms.SUPPLIER_FORM)
_TITLE: Final = text_of(forms.TITLE_CHARS_MAX, "Personal data: sealed under the document's key, never in the log.")
_NUMBER: Final = text_of(forms.NUMBER_CHARS_MAX, "Number on the paper.", forms.NUMBER_FORM)
TAG_WORDS: Final = (
    "A tag: letters and digits of any script, `-`, `_` and single spaces between them; kept in NFKC and lower case. It stands in the "
    "log in clear, for ever."
)
_TAG: Final = text_of(forms.TAG_CHARS_MAX, TAG_WORDS)
_FOLDER_TEXT: Final = text_of(72, "`kind/code`.", forms.FOLDER_FORM)
_STORE: Final = text_of(forms.STORE_CHARS_MAX, "Code of the store; without one, it is the organisation's.")
_MEDIA: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": 10,
    "items": {"type": "string", "enum": sorted(MEDIA_TYPES)},
}
_DAYS: Final = {"type": "integer", "minimum": 0, "maximum": forms.RETAIN_DAYS_MAX}
_TREATMENT: Final = {
    "sensitive": BOOLEAN,
    "strip": BOOLEAN,
    "restricts_release": BOOLEAN,
    "retain_days": {**_DAYS, "description": "For how long the store's lock keeps it; 0 sets none."},
    "purpose_zh": text_of(forms.PURPOSE_CHARS_MAX, "What it is kept for (PDPO DPP1), in Traditional Chinese."),
    "purpose_en": text_of(forms.PURPOSE_CHARS_MAX, "The same in English."),
    "personal_kinds": {
        "type": "array",
        "maxItems": len(PERSONAL_KINDS),
        "uniqueItems": True,
        "items": {"enum": sorted(PERSONAL_KINDS)},
        "description": "Personal data it may hold; any other kind puts a version into quarantine.",
    },
    "level": {
        "type": "integer",
        "minimum": 1,
        "maximum": forms.LEVEL_MAX,
        "description": "1 ordinary, 2 internal, 3 confidential: always sensitive, opened for a stated purpose alone.",
    },
    "purposes": {
        "type": "array",
        "maxItems": len(UsePurpose),
        "uniqueItems": True,
        "items": choice(UsePurpose),
        "description": "What personal data in it may be used for; any other is a new purpose (PDPO DPP3).",
    },
}

CLASS: Final = body_of(
    {"code": _CODE, "media_types": _MEDIA}, {"event_id": EVENT_ID, **NAMES, **_TREATMENT}, "A new document class."
)
CLASS_EXAMPLE: Final = {"code": "permit", "name_zh": "許可證", "name_en": "Permit", "media_types": ["application/pdf"]}
CLASS_CHANGE: Final = body_of(
    {},
    {"event_id": EVENT_ID, **NAMES, **_TREATMENT, "media_types": _MEDIA, "active": BOOLEAN},
    "Other members of a class.",
)
CLASS_CHANGE_EXAMPLE: Final = {"sensitive": True}
_PREFIXES: Final = {
    "type": "array",
    "maxItems": forms.PREFIXES_MAX,
    "items": text_of(16, "How its numbers begin.", "[A-Za-z0-9._/#:+-]{1,16}"),
}
SUPPLIER: Final = body_of(
    {"code": _SUPPLIER}, {"event_id": EVENT_ID, **NAMES, "prefixes": _PREFIXES}, "A new supplier."
)
SUPPLIER_EXAMPLE: Final = {"code": "WF01", "name_zh": "永發貿易", "name_en": "Wing Fat Trading", "prefixes": ["WF-"]}
SUPPLIER_CHANGE: Final = body_of(
    {}, {"event_id": EVENT_ID, **NAMES, "prefixes": _PREFIXES, "active": BOOLEAN}, "Other members of a supplier."
)
SUPPLIER_CHANGE_EXAMPLE: Final = {"prefixes": ["WF-", "WFT"]}
DOCUMENT_CHANGE: Final = body_of(
    {},
    {"event_id": EVENT_ID, "title": _TITLE, "class": _CODE, "supplier": _SUPPLIER, "number": _NUMBER},
    "Other members of a document.",
)
DOCUMENT_CHANGE_EXAMPLE: Final = {"event_id": EXAMPLE_ID, "number": "DN-0042"}
LINK: Final = body_of(
    {
        "kind": choice(LinkKind),
        "target": text_of(36, "Id of a document; with `evidence_of`, the index of an entry.", forms.TARGET_FORM),
    },
    {"event_id": EVENT_ID},
    "A link.",
)
LINK_EXAMPLE: Final = {"kind": "fulfils", "target": EXAMPLE_ID}
NOTE: Final = body_of(
    {"text": text_of(forms.NOTE_CHARS_MAX, "Prose; sealed under the document's key.")},
    {"event_id": EVENT_ID},
    "A note.",
)
NOTE_EXAMPLE: Final = {"text": "欠兩箱，司機已簽名。"}
EVENT: Final = body_of({}, {"event_id": EVENT_ID}, "Nothing more is needed.")
EVENT_EXAMPLE: Final = {"event_id": EXAMPLE_ID}
MOVE: Final = body_of(
    {}, {"event_id": EVENT_ID, "moved_from": _FOLDER_TEXT}, "From which folder it is moved, if it is."
)
MOVE_EXAMPLE: Final = {"moved_from": "general/inbox"}
FIELD: Final = body_of(
    {"path": text_of(64, "`doc_no`, or `rows/2/expiry`.", forms.PATH_FORM)},
    {
        "event_id": EVENT_ID,
        "value": {"anyOf": [text_of(forms.VALUE_CHARS_MAX), {"type": "integer"}]},
        "is_right": BOOLEAN,
    },
    "What a field should say (`value`, null: nothing stands there), or that it is right as it was read.",
)
FIELD_EXAMPLE: Final = {"path": "rows/0/expiry", "value": "2027-05-31"}
ADJUST: Final = body_of(
    {},
    {
        "event_id": EVENT_ID,
        "store": _STORE,
        "reason": _CODE,
        "rows": {
            "type": "array",
            "maxItems": forms.ROWS_MAX,
            "items": {"type": "integer", "minimum": 0, "maximum": forms.ROWS_MAX - 1},
        },
    },
    "By default every row, at the document's store, by the reason of its type.",
)
ADJUST_EXAMPLE: Final = {"event_id": EXAMPLE_ID}
STATEMENT: Final = text_of(
    forms.STATEMENT_CHARS_MAX,
    "The personal information collection statement that those in it were given, with its version (PDPO DPP1(3)). A machine names "
    "one for a class that holds what people were asked for; without it: 422 `pics_missing`.",
    STATEMENT_FORM,
)
FORM: Final[Schema] = {
    "type": "object",
    "properties": {
        "event_id": EVENT_ID,
        "class": _CODE,
        "store": _STORE,
        "supplier": _SUPPLIER,
        "title": _TITLE,
        "number": _NUMBER,
        "folders": {"type": "array", "items": _FOLDER_TEXT, "maxItems": forms.FOLDERS_MAX},
        "tags": {"type": "array", "items": _TAG, "maxItems": forms.TAGS_MAX},
        "pics_id": STATEMENT,
        "file": {"type": "string", "format": "binary", "description": "Last: every field stands before it."},
    },
    "required": ["class", "file"],
    "additionalProperties": False,
}
VERSION_FORM: Final[Schema] = {
    "type": "object",
    "properties": {"event_id": EVENT_ID, "pics_id": STATEMENT, "file": {"type": "string", "format": "binary"}},
    "required": ["file"],
    "additionalProperties": False,
}
READING: Final = {"type": "object", "description": "chopbook-reading/1: words with their places and confidences."}
