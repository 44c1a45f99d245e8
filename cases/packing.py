"""The copy for the requestor: the data as at receipt, intelligible, without others' (PDPO s.18(1)(b), s.19(3), s.20(2)).

- Nothing is put together before identity is shown, the fee paid, others' data settled and every withheld part in the log book.
- Items are those of the snapshot: entries never change, a document is supplied in the version that was held at receipt.
- Originals come with a transcription. A redacted document comes as its transcription with the masked parts blacked out, since its
  picture shows them.
- What a machine read unsurely and nobody verified is not in the transcription (DPP2(1)).
- The log says which copy was made, by its digest, before the first byte is handed out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from audit.entry import parse_members
from cases import store as rows
from cases.copy_pack import (
    PACK_BYTES_MAX,
    UNVERIFIED,
    LegendRow,
    legend_text,
    masked,
    pack_of,
    without_others,
)
from cases.errors import CaseConflict, Code
from cases.incidents.service import Incidents
from cases.model import PACK_MADE, CaseKind, Handling, ItemKind
from cases.rules import is_usable, require_disclosable, require_kind, require_settled
from cases.writing import about, append, case_in, is_as_it_stood
from documents.errors import DocumentConflict
from documents.extraction.model import EVIDENCE_REVIEWED
from documents.model import FILE_NAME, ItemState, ReviewState
from documents.reading.model import DocumentReading, Source
from documents.shelves.store import read_classes
from documents.store import read_document, read_items, read_reading, read_version
from policies.model import Words
from policies.step_up import CONFIDENTIAL
from stock.store import read_reasons
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing
from storage.reading import read_entry
from workflow.notices.titles import TITLES

if TYPE_CHECKING:
    from audit.canonical import JSON
    from cases.model import Case, Item
    from cases.writing import Stands
    from documents.store import Snapshot
    from policies.model import Principal
    from storage import Change, Transaction


@dataclass(frozen=True, slots=True)
class Pack:
    """That a copy was made: its digest, and the entry that says so."""

    sha256: str
    index: int


@dataclass(slots=True)
class _Gathered:
    """The members of a copy on the way, and the codes that its legend explains."""

    members: dict[str, bytes] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    size: int = 0

    def add(self, name: str, content: bytes) -> None:
        self.size += len(content)
        if self.size > PACK_BYTES_MAX:
            raise CaseConflict(Code.PACK_TOO_LARGE, (), {"max": PACK_BYTES_MAX})
        self.members[name] = content


class Packing(Incidents):
    """Making copies."""

    def make_pack(self, principal: Principal, case: str, *, event_id: UUID) -> tuple[bytes, Change[Pack]]:
        """Puts the copy together; commit the change, which says so, then hand the copy out.

        Raises:
            CaseConflict: it may not be handed out yet, or is too large. UnknownCase, Denied.
            The change: CaseConflict if the case moved meanwhile; Denied.
        """
        stands, asked = self._ask_case(principal, case, event_id, {"pack": True})
        if asked.decision is not None:
            self._policies.require_recent(asked.decision, CONFIDENTIAL)
        _require_packable(stands.case, stands.items)
        content = self._packed(stands)
        digest = sha256(content).hexdigest()

        def run(tx: Transaction) -> Pack:
            decided = self._confirm(tx, asked)
            found, items = case_in(tx, case), rows.items_in(tx, case)
            if not is_as_it_stood(stands, found, items):
                raise CaseConflict(Code.CASE_MOVED)
            supplied = sum(item.handling is not Handling.WITHHOLD for item in items)
            data: dict[str, JSON] = {"case": case, "sha256": digest, "size": len(content), "items": supplied}
            entry = append(tx, asked, PACK_MADE, (about(case),), data, decided)
            return Pack(digest, entry.index)

        return content, self._change_of(asked, run)

    def _packed(self, stands: Stands) -> bytes:
        case = stands.case
        gathered = _Gathered()
        with self._database.read() as connection:
            for item in stands.items:
                if item.handling is Handling.WITHHOLD:
                    continue
                masks = self._masks(connection, item)
                match item.kind:
                    case ItemKind.ENTRY:
                        self._add_entry(connection, gathered, case, item, masks)
                    case ItemKind.PERSONAL:
                        self._add_value(connection, gathered, item, masks)
                    case ItemKind.DOCUMENT:
                        self._add_document(connection, gathered, item, masks)
            gathered.add("legend.txt", legend_text(_legend(connection, gathered.codes)))
        head: dict[str, JSON] = {
            "format": "chopbook-copy/1",
            "case": case.id,
            "received_on": case.received_on.isoformat(),
            "snapshot": (case.snapshot or b"").hex(),
            "items": len(stands.items),
            "supplied": sum(item.handling is not Handling.WITHHOLD for item in stands.items),
            "redacted": [item.number for item in stands.items if item.handling is Handling.REDACT],
            "withheld": [item.number for item in stands.items if item.handling is Handling.WITHHOLD],
        }
        return pack_of(head, gathered.members)

    def _masks(self, connection: Snapshot, item: Item) -> tuple[str, ...]:
        if item.handling is not Handling.REDACT or item.marked_index is None:
            return ()
        sealed = self._clear(connection, item.marked_index).get("masks")
        return tuple(json.loads(sealed)) if sealed else ()

    def _add_entry(
        self, connection: Snapshot, gathered: _Gathered, case: Case, item: Item, masks: tuple[str, ...]
    ) -> None:
        members = parse_members(read_entry(connection, int(item.ref)).bytes)
        gathered.codes.add(members["type"])
        gathered.codes |= {value for value in members["data"].values() if isinstance(value, str)}
        text = json.dumps(members, ensure_ascii=False, indent=1, sort_keys=True)
        text = without_others(masked(text, masks), (case.person, case.requestor))
        gathered.add(f"entries/{item.number:05}-entry-{item.ref}.json", text.encode() + b"\n")

    def _add_value(self, connection: Snapshot, gathered: _Gathered, item: Item, masks: tuple[str, ...]) -> None:
        index, _, name = item.ref.partition("/")
        value = self._clear(connection, int(index)).get(name)
        text = masked(value or "", masks)
        gathered.add(f"values/{item.number:05}-{index}-{name}.txt", text.encode() + b"\n")

    def _add_document(self, connection: Snapshot, gathered: _Gathered, item: Item, masks: tuple[str, ...]) -> None:
        version = read_version(connection, item.ref, item.version)
        document = read_document(connection, item.ref)
        if version is None or document is None:
            return
        gathered.codes.add(document.class_code)
        stem = f"documents/{item.number:05}"
        owner = UUID(item.ref)
        try:
            if item.handling is Handling.SUPPLY:
                original = b"".join(self._vault.open(version.ref, owner, version.version))
                gathered.add(f"{stem}-original.{version.extension}", original)
                name = self._reveal(owner, FILE_NAME, version.file_name) or ""
                gathered.add(f"{stem}-name.txt", name.encode() + b"\n")
            kept = read_reading(connection, item.ref, item.version)
            stored = None if kept is None else b"".join(self._vault.open(kept.ref, owner, version.version))
        except (KeyMissing, ObjectMissing):
            gathered.add(f"{stem}-gone.txt", "內容已刪除 The content is gone.\n".encode())
            return
        if stored is not None:
            text = masked(_transcription(DocumentReading.from_json(stored)), masks)
            gathered.add(f"{stem}-transcription.txt", text.encode() + b"\n")
        fields = self._usable_fields(connection, item)
        if fields:
            text = masked(json.dumps(fields, ensure_ascii=False, indent=1, sort_keys=True), masks)
            gathered.add(f"{stem}-fields.json", text.encode() + b"\n")

    def _usable_fields(self, connection: Snapshot, item: Item) -> dict[str, JSON]:
        """What was read as fields, without what nobody can rely on; that is named."""
        document = read_document(connection, item.ref)
        if document is None:
            return {}
        try:
            row, extraction = self._documents.fields_now(document, item.version)
        except (DocumentConflict, KeyMissing):
            return {}
        settled = {
            one.path
            for one in read_items(connection, item.ref, item.version)
            if one.state in {ItemState.CONFIRMED, ItemState.CORRECTED}
        }
        whole = row.state is ReviewState.CONFIRMED
        found: dict[str, JSON] = {}
        unverified: list[JSON] = []
        named = dict(extraction.fields)
        for place, line in enumerate(extraction.rows):
            named |= {f"rows/{place}/{name}": one for name, one in line.fields.items()}
        for path, one in sorted(named.items()):
            verified = whole or path in settled or EVIDENCE_REVIEWED in one.evidence
            if is_usable(one.confidence, verified=verified):
                found[path] = one.value if isinstance(one.value, str) else f"{one.value.amount} {one.value.currency}"
            else:
                unverified.append(path)
        return {"values": found, "not_verified": unverified}


def _require_packable(case: Case, items: tuple[Item, ...]) -> None:
    require_disclosable(require_kind(case, CaseKind.ACCESS))
    require_settled(items)


def _transcription(reading: DocumentReading) -> str:
    """The text of each page; a line that was read unsurely says so instead."""
    pages = []
    for page in reading.pages:
        sure = page.source is not Source.OCR
        pages.append(
            "\n".join(line.text if is_usable(line.confidence, verified=sure) else UNVERIFIED for line in page.lines)
        )
    return "\f".join(pages)


def _legend(connection: Snapshot, codes: set[str]) -> list[LegendRow]:
    """What the codes in the copy mean: types of entries, reasons, classes of documents."""
    found = [LegendRow(code, Words(*TITLES[code])) for code in codes if code in TITLES]
    found += [
        LegendRow(one.code, Words(one.name_zh, one.name_en)) for one in read_reasons(connection) if one.code in codes
    ]
    found += [
        LegendRow(one.code, Words(one.name_zh, one.name_en)) for one in read_classes(connection) if one.code in codes
    ]
    return found
