"""What every change of this room has in common: decide, then under the log's lock judge, append, write rows.

- A repeated event is recognised before anything is judged, and the decision is confirmed under the lock.
- What a person wrote about a matter is personal until shown otherwise: it stands sealed beside the entry, under a key of the
  matter's own, and in the entry only as a salted digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from audit.event import Event
from policies.model import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Actor, Decided, Subject
    from policies.model import Action, Decision, Principal
    from policies.service import Policies
    from retention.records import RecordKind, RecordSource, TriggerSource
    from storage.database import Database
    from storage.keystore import KeyStore
    from storage.log import Log
    from storage.personal import PersonalField
    from storage.transaction import Transaction
    from workflow.service import Queue


FIRST_DERIVED: Final = 100
"""Derived event ids below are the other room's."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the room stands on; the rooms above fill the sources.

    `grace_days`: for so long something that is due may wait before it is a finding.
    """

    database: Database
    log: Log
    policies: Policies
    queue: Queue
    keys: KeyStore
    records: Sequence[RecordSource]
    triggers: Sequence[TriggerSource]
    grace_days: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was allowed, ready to be tried."""

    decision: Decision
    event_id: UUID
    digest: bytes

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return self.decision.principal


@dataclass(frozen=True, slots=True)
class Cause:
    """What another room does, in whose change this one writes: who, on which decision, under which event, and about what."""

    actor: Actor
    decision: Decided | None
    event_id: UUID
    request: bytes
    owner: Subject

    def event(self, kind: str, subject: Subject, data: Mapping[str, JSON], number: int) -> Event:
        """An entry of this room beside that room's own; `number` tells those of one change apart."""
        return Event(
            type=kind,
            subjects=(subject, self.owner),
            data=data,
            actor=self.actor,
            event_id=derived_event_id(self.event_id, FIRST_DERIVED + number),
            request=self.request,
            decision=self.decision,
        )


class Writing:
    """The room's means, and the steps its changes share."""

    def __init__(self, means: Means) -> None:
        self._means: Final = means
        self._sources: Final[Mapping[RecordKind, RecordSource]] = {
            kind: source for source in means.records for kind in source.kinds
        }

    def _ask(
        self,
        principal: Principal,
        action: Action,
        event_id: UUID,
        content: Mapping[str, JSON],
        *,
        resource: Resource | None = None,
    ) -> Asked:
        """Decides, and prepares what needs no lock; personal members are no part of `content`.

        Raises:
            Denied: the principal may not do this.
        """
        decision = self._means.policies.require(principal, action, resource or Resource("retention"))
        digest = self._means.log.request_digest({"action": action.value, **content})
        return Asked(decision, event_id, digest)

    def _begin(self, tx: Transaction, asked: Asked) -> None:
        """Recognises a repeated event before anything else is looked at."""
        tx.refuse_known(asked.principal.actor.id, asked.event_id, asked.digest)

    def _append(
        self,
        tx: Transaction,
        asked: Asked,
        kind: str,
        subjects: tuple[Subject, ...],
        data: Mapping[str, JSON],
        *,
        event_id: UUID | None = None,
        personal: Sequence[PersonalField] = (),
    ) -> Entry:
        event = Event(
            type=kind,
            subjects=subjects,
            data=data,
            actor=asked.principal.actor,
            event_id=event_id or asked.event_id,
            personal={field.field: field.digest for field in personal},
            request=asked.digest,
            decision=self._means.policies.confirm(tx, asked.decision),
        )
        return tx.append(event, personal)

    def _sealed(self, owner: str, fields: Mapping[str, str | None]) -> list[PersonalField]:
        """Prose ready to be logged, as far as there is any."""
        return [self._means.log.personal(owner, name, text) for name, text in fields.items() if text is not None]


def event_ids_of(asked: Asked) -> tuple[tuple[str, UUID], ...]:
    """The hint by which a batch looks up whether the event is known."""
    return ((asked.principal.actor.id, asked.event_id),)
