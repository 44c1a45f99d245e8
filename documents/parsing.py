"""Reading requests to the document room from JSON, form fields or upload metadata.

- Shape and bounds are checked with the parsers of `stock.members`; what is wrong is its `InvalidRequest`.
- Unknown members are refused; `null` is the same as absent, except for the value of a field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.errors import Code, InvalidDocument
from documents.model import Folder, FolderKind, LinkKind
from documents.requests import (
    CODE_CHARS_MAX,
    CODE_FORM,
    DOCUMENT_FORM,
    FIELD_PATH_CHARS_MAX,
    FOLDER_FORM,
    FOLDERS_MAX,
    NAME_CHARS_MAX,
    NOTE_CHARS_MAX,
    NUMBER_CHARS_MAX,
    NUMBER_FORM,
    PATH_FORM,
    PREFIXES_MAX,
    ROWS_MAX,
    STATEMENT_CHARS_MAX,
    STORE_CHARS_MAX,
    SUPPLIER_FORM,
    TAGS_MAX,
    TARGET_FORM,
    TITLE_CHARS_MAX,
    VALUE_CHARS_MAX,
    AdjustRequest,
    DocumentChangeRequest,
    FieldRequest,
    Filing,
    LinkRequest,
    SupplierChangeRequest,
    SupplierRequest,
)
from documents.tagging import parse_tag
from policies.personal_data import is_personal_word
from policies.rules import STATEMENT_FORM
from stock.errors import Code as StockCode
from stock.errors import InvalidRequest
from stock.members import (
    Members,
    both_names,
    impersonal,
    parse_choice,
    parse_code,
    parse_line,
    parse_prose,
    parse_truth,
    parse_whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar
    from uuid import UUID

    from policies.refusals import Path

    T = TypeVar("T")


def _code(form: str, chars_max: int) -> Callable[[object, Path], str]:
    return parse_code(re.compile(form), chars_max, form)


parse_class_code = _code(CODE_FORM, CODE_CHARS_MAX)
parse_supplier_code = _code(SUPPLIER_FORM, CODE_CHARS_MAX)
parse_document_id = _code(DOCUMENT_FORM, 36)
parse_number = _code(NUMBER_FORM, NUMBER_CHARS_MAX)
parse_path = _code(PATH_FORM, FIELD_PATH_CHARS_MAX)
parse_target = _code(TARGET_FORM, 36)
parse_note_text = parse_prose(NOTE_CHARS_MAX)
_parse_store = parse_line(STORE_CHARS_MAX)
parse_name = parse_line(NAME_CHARS_MAX)
_parse_title = parse_line(TITLE_CHARS_MAX)
_parse_row = parse_whole(0, ROWS_MAX - 1)
_parse_link_kind = parse_choice(LinkKind)
_parse_reason = _code(CODE_FORM, CODE_CHARS_MAX)
_parse_statement = _code(STATEMENT_FORM, STATEMENT_CHARS_MAX)
_FOLDER: Final = re.compile(FOLDER_FORM)


def parse_folder(value: object, path: Path = ()) -> Folder:
    """Read `kind/code`.

    Raises:
        InvalidDocument: another form.
        InvalidRequest: personal data, which no entry may hold.
    """
    if not isinstance(value, str) or _FOLDER.fullmatch(value) is None or value != value.strip():
        raise InvalidDocument(Code.FOLDER_FORM, path)
    kind, _, code = value.partition("/")
    # A general folder is named by whoever files, in words; the others by the code of what they are about.
    if kind == FolderKind.GENERAL and is_personal_word(code):
        raise InvalidRequest(StockCode.CODE_PERSONAL, path)
    return Folder(FolderKind(kind), impersonal(code, path))


def list_of(parse: Callable[[object, Path], T], items_max: int) -> Callable[[object, Path], tuple[T, ...]]:
    """A parser of lists of at most so many items, each item once."""

    def parse_list(value: object, path: Path) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise InvalidRequest(StockCode.LIST_EXPECTED, path)
        if len(value) > items_max:
            raise InvalidRequest(StockCode.LIST_TOO_LONG, path, {"max": items_max, "got": len(value)})
        return tuple(dict.fromkeys(parse(item, (*path, place)) for place, item in enumerate(value)))

    return parse_list


_parse_folders = list_of(parse_folder, FOLDERS_MAX)
_parse_tags = list_of(parse_tag, TAGS_MAX)
_parse_prefixes = list_of(_code("[A-Za-z0-9._/#:+-]{1,16}", 16), PREFIXES_MAX)
_parse_rows = list_of(_parse_row, ROWS_MAX)

_FILING: Final = (
    "event_id",
    "class",
    "document",
    "store",
    "supplier",
    "title",
    "number",
    "folders",
    "tags",
    "pics_id",
)
_OF_A_VERSION: Final = frozenset({"event_id", "document", "pics_id"})
FILING_LISTS: Final = frozenset({"folders", "tags"})
"""Members of a filing that may be said several times in a form."""
FILING_MEMBERS: Final = frozenset(_FILING)


def parse_filing(content: object, *, event_id: UUID, document: str | None = None) -> Filing:
    """Read where a file goes. `event_id` is used if the content brings none; `document` is that of the address.

    Raises:
        InvalidRequest, InvalidDocument: the first member that is wrong.
    """
    names = FILING_MEMBERS if document is None else _OF_A_VERSION
    members = Members(content, names)
    named = members.optional("document", parse_document_id) or document
    if named is not None:
        for name in sorted(FILING_MEMBERS - _OF_A_VERSION):
            if members.has(name) and members.optional(name, lambda value, _path: value) is not None:
                raise InvalidRequest(StockCode.MEMBER_UNKNOWN, (name,), {"expected": ", ".join(sorted(_OF_A_VERSION))})
    return Filing(
        event_id=members.event_id(event_id),
        class_code=None if named is not None else members.required("class", parse_class_code),
        document=named,
        store=members.optional("store", _parse_store),
        supplier=members.optional("supplier", parse_supplier_code),
        title=members.optional("title", _parse_title),
        number=members.optional("number", parse_number),
        folders=members.optional("folders", _parse_folders) or (),
        tags=members.optional("tags", _parse_tags) or (),
        statement=members.optional("pics_id", _parse_statement),
    )


def parse_supplier(content: object, *, event_id: UUID | None = None) -> SupplierRequest:
    """Read a new supplier; a name given in one language stands for both.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, ("event_id", "code", "name_zh", "name_en", "prefixes"))
    name_zh, name_en = both_names(members, parse_name)
    return SupplierRequest(
        event_id=members.event_id(event_id),
        code=members.required("code", parse_supplier_code),
        name_zh=name_zh,
        name_en=name_en,
        prefixes=members.optional("prefixes", _parse_prefixes) or (),
    )


def parse_supplier_change(content: object, *, code: str, event_id: UUID | None = None) -> SupplierChangeRequest:
    """Read a change of the supplier `code`.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, ("event_id", "name_zh", "name_en", "prefixes", "active"))
    return SupplierChangeRequest(
        event_id=members.event_id(event_id),
        code=parse_supplier_code(code, ("code",)),
        name_zh=members.optional("name_zh", parse_name),
        name_en=members.optional("name_en", parse_name),
        prefixes=members.optional("prefixes", _parse_prefixes),
        active=members.optional("active", parse_truth),
    )


def parse_document_change(content: object, *, document: str, event_id: UUID | None = None) -> DocumentChangeRequest:
    """Read a change of a document.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, ("event_id", "title", "class", "supplier", "number"))
    return DocumentChangeRequest(
        event_id=members.event_id(event_id),
        document=parse_document_id(document, ("document",)),
        title=members.optional("title", _parse_title),
        class_code=members.optional("class", parse_class_code),
        supplier=members.optional("supplier", parse_supplier_code),
        number=members.optional("number", parse_number),
    )


def parse_link(content: object, *, document: str, event_id: UUID | None = None) -> LinkRequest:
    """Read a link.

    Raises:
        InvalidRequest, InvalidDocument: the first member that is wrong.
    """
    members = Members(content, ("event_id", "kind", "target"))
    kind = members.required("kind", _parse_link_kind)
    target = members.required("target", parse_target)
    if (kind is LinkKind.EVIDENCE_OF) != target.isdigit():
        raise InvalidDocument(Code.LINK_TARGET_FORM, ("target",))
    return LinkRequest(members.event_id(event_id), parse_document_id(document, ("document",)), kind, target)


def parse_field(content: object, *, document: str, version: int, event_id: UUID | None = None) -> FieldRequest:
    """Read what a person says of a field: `value` (null: nothing stands there), or `is_right`.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, ("event_id", "path", "value", "is_right"))
    is_right = members.optional("is_right", parse_truth) or False
    if is_right and members.has("value"):
        raise InvalidRequest(StockCode.MEMBER_UNKNOWN, ("value",), {"expected": "event_id, is_right, path"})
    if not is_right and not members.has("value"):
        raise InvalidRequest(StockCode.MEMBER_MISSING, ("value",))
    return FieldRequest(
        event_id=members.event_id(event_id),
        document=parse_document_id(document, ("document",)),
        version=version,
        path=members.required("path", parse_path),
        value=members.optional("value", _parse_value),
        is_right=is_right,
    )


def parse_adjust(content: object, *, document: str, event_id: UUID | None = None) -> AdjustRequest:
    """Read which rows of a paper move stock.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, ("event_id", "store", "reason", "rows"))
    return AdjustRequest(
        event_id=members.event_id(event_id),
        document=parse_document_id(document, ("document",)),
        store=members.optional("store", _parse_store),
        reason=members.optional("reason", _parse_reason),
        rows=members.optional("rows", _parse_rows),
    )


def parse_note(content: object, *, event_id: UUID | None = None) -> tuple[UUID, str]:
    """Read a note.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, ("event_id", "text"))
    return members.event_id(event_id), members.required("text", parse_note_text)


def parse_event(content: object, *, event_id: UUID | None = None) -> UUID:
    """Read a body that brings no more than its event id.

    Raises:
        InvalidRequest: it brings more, or another kind of id.
    """
    return Members(content, ("event_id",)).event_id(event_id)


def _parse_value(value: object, path: Path) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return parse_whole(-(10**15), 10**15)(value, path)
    return parse_line(VALUE_CHARS_MAX)(value, path)
