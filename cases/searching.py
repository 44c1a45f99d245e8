"""What is held of a person: entries they made or that are about them, personal values under their key, documents that name them.

- An identity card number among the terms is found by its keyed digest, too: what is searched elsewhere is masked.
- The search is made at receipt, above the row scope of stores: a request is about all that is held.
- An item is its digest: leaf hash, salted digest, commitment. The manifest is the canonical JSON of all of them in one order, so that
  the same log gives the same digest to whoever makes it again.
- Bounded: a search that finds more than `ITEMS_MAX` is refused, never cut short.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from audit.canonical import encode
from audit.entry import parse_members
from cases.errors import CaseConflict, Code
from cases.model import Item, ItemKind
from cases.requests import ITEMS_MAX
from cases.writing import Writing
from policies.model import Action, Resource
from policies.scope import scope_of
from storage.personal import read_personal_of
from storage.reading import EntryFilter, read_entries, read_entry, read_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from documents.store import Snapshot
    from policies.model import Principal
    from storage.reading import StoredEntry
    from storage.scope import Scope

CHUNK: Final = 1_000


class Searching(Writing):
    """Searching for what is held."""

    def _find(self, principal: Principal, case: str, person: str, terms: Sequence[str]) -> tuple[tuple[Item, ...], int]:
        """The items held of a person now, and the log's size they were found at.

        Raises:
            Denied: the principal may not read the whole log.
            CaseConflict: more than can be worked on.
            IndexUnavailable: documents cannot be searched now.
        """
        decision = self._policies.require(principal, Action.LOG_READ, Resource("log", whole_log=True))
        naming: list[str] = []
        if terms:
            naming += self._finder.naming(terms)
            naming += self._documents.unindexed_naming(terms)
            naming += self._documents.holding_identity(terms)
        with self._database.read() as connection:
            size = read_head(connection).size
            found: list[tuple[ItemKind, str, int, bytes]] = []
            for entry in _entries(connection, scope_of(decision), person, size):
                found.append((ItemKind.ENTRY, str(entry.index), 0, entry.leaf_hash))
                _require_few(found)
            found += _personal_values(connection, person, size)
            _require_few(found)
            for document in sorted({*naming, *self._documents.of_person(connection, person)}):
                for one in self._documents.readable_versions(connection, document):
                    found.append((ItemKind.DOCUMENT, document, one.version, one.commitment))
            _require_few(found)
        return tuple(Item(case, number, *one) for number, one in enumerate(found, start=1)), size


def manifest_digest(items: Sequence[Item]) -> bytes:
    """SHA-256 of the manifest: every item's kind, ref, version and digest, in their order."""
    lines = [
        {"kind": item.kind.value, "ref": item.ref, "version": item.version, "digest": item.digest.hex()}
        for item in items
    ]
    return sha256(encode(lines)).digest()


def documents_of(items: Sequence[Item]) -> list[str]:
    """The documents among the items, each once."""
    return sorted({item.ref for item in items if item.kind is ItemKind.DOCUMENT})


def _entries(connection: Snapshot, scope: Scope, person: str, size: int) -> Iterator[StoredEntry]:
    """Entries a person made, or somebody for them, or that are about them; in the order of the log, each once."""
    wanted = (
        EntryFilter(actor=person),
        EntryFilter(subject=f"person:{person}"),
        EntryFilter(text=f'"for":"{person}"'),
    )
    found: dict[int, StoredEntry] = {}
    for one in wanted:
        cursor: int | None = 0
        while cursor is not None:
            page = read_entries(connection, scope, one, cursor=cursor, limit=CHUNK, newest_first=False)
            found |= {entry.index: entry for entry in page.entries if entry.index < size}
            cursor = page.next_cursor
            if len(found) > ITEMS_MAX:
                break
    return (found[index] for index in sorted(found))


def _personal_values(connection: Snapshot, person: str, size: int) -> list[tuple[ItemKind, str, int, bytes]]:
    found = []
    for index, field in read_personal_of(connection, person, below=size, limit=ITEMS_MAX + 1):
        digests = parse_members(read_entry(connection, index).bytes).get("personal", {})
        found.append((ItemKind.PERSONAL, f"{index}/{field}", 0, bytes.fromhex(digests[field])))
    return found


def _require_few(found: Sequence[object]) -> None:
    if len(found) > ITEMS_MAX:
        raise CaseConflict(Code.SCOPE_TOO_WIDE, (), {"max": ITEMS_MAX})
