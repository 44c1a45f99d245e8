"""Where a paper belongs by what was read of it: in the folders of its supplier and of the SKUs in its rows, and with its order.

- Only what the register knows counts, and nothing that is still in doubt: a person's word on the field files it then.
- A folder that a person took the document out of stays without it.
- A delivery note or invoice that surely names the number of exactly one purchase order, of its store or of the organisation, is
  linked to it. An order that comes later is linked by a person.
- The adding of a document names the folders its caller chose; each of these is an entry of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from documents import store as rows
from documents.extraction.model import DocType
from documents.filing import append_filed
from documents.model import DOCUMENT_LINKED, Folder, FolderKind, LinkKind
from documents.requests import FOLDERS_MAX
from documents.rules import field_name
from documents.shelves.store import orders_in
from documents.writing import about, document_in, put_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.canonical import JSON
    from audit.event import Decided
    from documents.extraction.model import Extraction
    from documents.writing import Asked
    from storage import Transaction

FIRST_FOLDER_ID: Final = 10_000
"""Behind every other event that is derived from the same request's."""
LINK_ID: Final = 9_999
_LINKS: Final = {DocType.DELIVERY_NOTE.value: LinkKind.FULFILS, DocType.INVOICE.value: LinkKind.INVOICES}
_KINDS: Final = {"sku": FolderKind.SKU, "supplier": FolderKind.SUPPLIER}


def certain_folders(extraction: Extraction) -> list[Folder]:
    """The folders of a paper that was just read, as far as nobody needs to be asked."""
    doubted = {item.path for item in extraction.review}
    return folders_at(extraction, [path for path in _paths(extraction) if path not in doubted])


def all_folders(extraction: Extraction) -> list[Folder]:
    """The folders of a paper that a person confirmed."""
    return folders_at(extraction, _paths(extraction))


def folders_at(extraction: Extraction, paths: Iterable[str]) -> list[Folder]:
    """The folders that the fields at these paths stand for, each once."""
    found: dict[Folder, None] = {}
    for path in paths:
        kind, field = _KINDS.get(field_name(path)), extraction.at(path)
        if kind is not None and field is not None and field.code is not None:
            found[Folder(kind, field.code)] = None
    return list(found)


def place(tx: Transaction, asked: Asked, decided: Decided | None, document: str, folders: Sequence[Folder]) -> None:
    """Files a document in those folders that nobody has said anything of yet, as far as a document may have so many."""
    for number, folder in enumerate(folders[:FOLDERS_MAX]):
        if tx.get(rows.FOLDERS, (document, folder.kind.value, folder.code)) is None:
            append_filed(
                tx, asked, decided, document, folder, derived_event_id(asked.event_id, FIRST_FOLDER_ID + number)
            )


def link_to_order(tx: Transaction, asked: Asked, document: str, extraction: Extraction) -> None:
    """Links a paper that was just read to its purchase order, if nobody needs to be asked which that is."""
    kind, field = _LINKS.get(str(extraction.doc_type.value)), extraction.fields.get("po_ref")
    doubted = {item.path for item in extraction.review}
    if kind is None or field is None or field.code is None or {"po_ref", "doc_type"} & doubted:
        return
    orders = orders_in(tx, field.code, document_in(tx, document).store)
    key = (document, kind.value, orders[0]) if len(orders) == 1 and orders[0] != document else None
    # One that a person took away stays away.
    if key is None or tx.get(rows.LINKS, key) is not None:
        return
    data: dict[str, JSON] = {"document": document, "kind": kind.value, "target": orders[0]}
    event_id = derived_event_id(asked.event_id, LINK_ID)
    subjects = (about(document), about(orders[0]))
    entry = tx.append(asked.event(DOCUMENT_LINKED, subjects, data, None, event_id=event_id))
    tx.put(entry, rows.LINKS, key, (True,))
    for each in (document, orders[0]):
        put_document(tx, entry, document_in(tx, each))


def _paths(extraction: Extraction) -> list[str]:
    return ["supplier", *[f"rows/{number}/sku" for number in range(len(extraction.rows))]]
