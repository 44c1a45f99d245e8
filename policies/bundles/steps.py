"""What the steps of a bundle have in common: they decide, look at how it stands under the lock, append, and note the step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from audit.entry import derived_event_id
from audit.event import Event, Subject
from policies.bundles import store as rows
from policies.bundles.manifest import BundleInvalid, digest_of, read_manifest
from policies.bundles.model import BUNDLE_STATES, SUBJECT_BUNDLE, BundleRecord, BundleState, Step
from policies.codes import Code
from policies.engine import load, shipped
from policies.errors import InvalidValue, PolicyConflict, UnknownThing
from policies.model import Resource
from policies.pending.acting import PendingActions
from storage.either import select_in
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Actor, Decided
    from policies.bundles.manifest import Manifest
    from policies.bundles.ports import BundlePart
    from policies.engine import Bundle
    from policies.model import Action, Decision, Principal
    from storage.either import Reader
    from storage.personal import PersonalField
    from storage.transaction import Transaction

    T = TypeVar("T")

PENDING_PLACE: Final = 1_000
"""Of the derived event id of what waits, so that it never meets one of the course's own."""


@dataclass(slots=True)
class Course:
    """One change at work: its entries have event ids derived from that of the first."""

    tx: Transaction
    actor: Actor
    event_id: UUID
    request: bytes
    basis: Decided | None
    place: int = 0

    def append(
        self, event_type: str, subject: Subject, data: Mapping[str, JSON], personal: Sequence[PersonalField] = ()
    ) -> Entry:
        """Appends the next entry."""
        event = Event(
            type=event_type,
            subjects=(subject,),
            data=data,
            actor=self.actor,
            event_id=derived_event_id(self.event_id, self.place),
            personal={field.field: field.digest for field in personal},
            request=self.request,
            decision=self.basis,
        )
        self.place += 1
        return self.tx.append(event, personal)

    def step(
        self,
        record: BundleRecord,
        state: BundleState,
        event_type: str,
        data: Mapping[str, JSON],
        *,
        detail: Mapping[str, Any] | None = None,
        personal: Sequence[PersonalField] = (),
    ) -> BundleRecord:
        """Appends the entry of a step and notes it; `detail` is what the row keeps, by default what the entry says."""
        named: dict[str, JSON] = {"bundle": record.digest, **data}
        entry = self.append(event_type, Subject(SUBJECT_BUNDLE, record.digest), named, personal)
        kept = data if detail is None else detail
        made = Step(len(record.steps), state, self.actor.id, self.tx.now, kept, entry.index)
        self.tx.put(entry, rows.STEP_ROWS, (record.digest, made.number), rows.step_values(made))
        return replace(record, steps=(*record.steps, made), state=state)


class BundleSteps(PendingActions):
    """How a step is made."""

    _parts: tuple[BundlePart, ...] = ()

    def join(self, *parts: BundlePart) -> None:
        """Takes the rooms that act on members of bundles; called once, while a process starts."""
        self._parts = (*self._parts, *parts)

    def _stepping(
        self,
        principal: Principal,
        action: Action,
        digest: str,
        event_id: UUID,
        content: Mapping[str, JSON],
        run: Callable[[Course, Decision], T],
    ) -> Change[T]:
        """A change by somebody who was allowed `action`; recognised when it comes again.

        Raises:
            Denied.
        """
        decision = self.require(principal, action, bundle_at(digest))
        request = self._log.request_digest({"action": action.value, "bundle": digest, **content})

        def change(tx: Transaction) -> T:
            current = self._confirm(tx, decision)
            tx.refuse_known(current.principal.id, event_id, request)
            return run(Course(tx, current.principal.actor, event_id, request, self.basis(current)), current)

        return Change(change, reads=self.reads, event_ids=((decision.principal.id, event_id),))

    def _sound(self, reader: Reader, digest: str) -> Bundle:
        """The bundle with that address, ready to decide.

        Raises:
            PolicyConflict: its bytes are gone, are others, or hold nothing to decide by.
        """
        try:
            return load(_bytes_in(reader, digest))
        except BundleInvalid as error:
            raise PolicyConflict(Code.BUNDLE_UNREADABLE) from error


def bundle_at(digest: str = "") -> Resource:
    """A bundle, or all of them, as decisions know it."""
    return Resource("bundle", digest, whole_log=True)


def record_in(reader: Reader, digest: str) -> BundleRecord:
    """How a bundle stands.

    Raises:
        UnknownThing: there is none with that digest.
    """
    found = rows.read_bundle(partial(select_in, reader), digest)
    if found is None:
        raise UnknownThing(Code.BUNDLE_UNKNOWN, "bundle")
    return found


def content_in(reader: Reader, digest: str) -> bytes:
    """The bytes kept under a digest, as they are; empty if there are none."""
    content = rows.read_content(partial(select_in, reader), digest)
    manifest = shipped().manifest
    if content is None and manifest is not None and manifest.digest == digest:
        return manifest.content
    return content or b""


def manifest_in(reader: Reader, digest: str) -> Manifest:
    """What the bundle with that digest holds.

    Raises:
        PolicyConflict: its bytes are gone, or are others.
    """
    try:
        return read_manifest(_bytes_in(reader, digest))
    except BundleInvalid as error:
        raise PolicyConflict(Code.BUNDLE_UNREADABLE) from error


def _bytes_in(reader: Reader, digest: str) -> bytes:
    content = content_in(reader, digest)
    if digest_of(content) != digest:
        raise PolicyConflict(Code.BUNDLE_UNREADABLE)
    return content


def active_in(reader: Reader) -> str:
    """The digest of the bundle that decides."""
    return rows.active_digest(partial(select_in, reader)) or shipped().digest


def require_state(record: BundleRecord, *states: BundleState) -> None:
    """Check that a step may be made.

    Raises:
        PolicyConflict: not from where the bundle stands.
    """
    if record.state not in states:
        raise PolicyConflict(Code.BUNDLE_STATE, values={"state": BUNDLE_STATES[record.state]})


def refused_member(error: BundleInvalid) -> InvalidValue:
    """A bundle whose form is wrong, as callers are told."""
    return InvalidValue(Code.BUNDLE_MEMBER, error.member[:64], {"expected": str(error)[:500]})
