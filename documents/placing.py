"""Which folders a paper belongs to by what was read of it: those of its supplier and of the SKUs in its rows.

- Only what the register knows counts, and nothing that is still in doubt: a person's word on the field files it then.
- A folder that a person took the document out of stays without it.
- The adding of a document names the folders its caller chose; each of these is an entry of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from documents import store as rows
from documents.filing import append_filed
from documents.model import Folder, FolderKind
from documents.requests import FOLDERS_MAX
from documents.rules import field_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.event import Decided
    from documents.extraction.model import Extraction
    from documents.writing import Asked
    from storage import Transaction

FIRST_FOLDER_ID: Final = 10_000
"""Behind every other event that is derived from the same request's."""
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


def _paths(extraction: Extraction) -> list[str]:
    return ["supplier", *[f"rows/{number}/sku" for number in range(len(extraction.rows))]]
