"""What an export states of each version, from the log and from the vault: commitment, format, origin, times, place, proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.checkpoint import tlog_proof
from audit.event import format_time, time_us
from audit.members import parse_entry
from documents import store as rows
from documents.errors import ContentGone
from documents.exported.model import EVIDENCE, Commitment, FormatNote, Origin, Place
from documents.exported.words import format_note
from documents.taking import Taking
from policies.model import SYSTEM_ID, Action, Resource, Role
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing
from storage.reading import inclusion_proof, read_entry, read_head
from storage.signing import verifier_key

if TYPE_CHECKING:
    from audit.members import ParsedEntry
    from documents.model import Version
    from policies.model import Principal

PERSON: Final = "person"
CLIENT: Final = "api_client"
OPERATOR: Final = "system"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of one version. `files` are the entry and its proof, by name; empty for who may not read the log."""

    commitment: Commitment
    format: FormatNote
    origin: Origin
    received_at: str
    recorded_at: str
    occurred_at: str | None
    destination: Place
    files: dict[str, bytes]


class Stating(Taking):
    """Statements for exports."""

    def log_named(self) -> tuple[str, str]:
        """The log's origin, and its verifier key as it names it itself."""
        with self._database.read() as connection:
            return read_head(connection).origin, verifier_key(connection)

    def state(self, principal: Principal, version: Version) -> Statement:
        """What can be stated of a version that the caller may open.

        Raises:
            ContentGone: its key or object is gone.
        """
        try:
            salt = self._vault.commitment_salt(version.ref, UUID(version.document))
        except (KeyMissing, ObjectMissing) as error:
            raise ContentGone from error
        with self._database.read() as connection:
            document = rows.read_document(connection, version.document)
            stored = read_entry(connection, version.added_index)
            head = read_head(connection)
            proof = inclusion_proof(connection, stored.index, head.size)
        entry = parse_entry(stored.bytes)
        event = entry.event
        note = format_note(version.media_type, ", ".join(str(one) for one in _listed(entry, "stripped")))
        files: dict[str, bytes] = {}
        resource = _entry_resource(entry)
        if principal.classes is not None and document is not None:
            # Whoever reaches some classes reaches entries about those alone.
            resource = replace(resource, classes=frozenset((document.class_code,)))
        if self._policies.decide(principal, Action.LOG_READ, resource).allowed:
            name = f"{EVIDENCE}/{version.document}-v{version.version}"
            files[f"{name}.entry.json"] = stored.bytes
            files[f"{name}.tlog-proof"] = tlog_proof(stored.index, proof, head.note).encode()
        recorded = format_time(entry.recorded_at)
        return Statement(
            commitment=Commitment(salt.hex(), version.commitment.hex()),
            format=FormatNote(version.media_type, note.zh, note.en),
            origin=Origin(event.actor.id, event.actor.role, _channel(entry), event.actor.acting_for),
            received_at=format_time(time_us(version.added_at)),
            recorded_at=recorded,
            occurred_at=None if event.occurred_at is None else format_time(time_us(event.occurred_at)),
            destination=self._place_of(version),
            files=files,
        )

    def _place_of(self, version: Version) -> Place:
        if self._bucket_place is None:
            return Place(version.ref.bucket.value)
        return self._bucket_place(version.ref.bucket)


def _entry_resource(entry: ParsedEntry) -> Resource:
    store = entry.event.data.get("store")
    if isinstance(store, str):
        return Resource("entry", str(entry.index), frozenset((store,)), at_us=entry.recorded_at)
    return Resource("entry", str(entry.index), whole_log=True, at_us=entry.recorded_at)


def _channel(entry: ParsedEntry) -> str:
    actor = entry.event.actor
    if actor.id == SYSTEM_ID:
        return OPERATOR
    return CLIENT if actor.role == Role.API_CLIENT.value else PERSON


def _listed(entry: ParsedEntry, member: str) -> list[object]:
    found = entry.event.data.get(member)
    return list(found) if isinstance(found, list) else []
