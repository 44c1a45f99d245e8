"""Access for a time as it is read: one, all, why a glass was broken, and what nobody reviewed in time.

What is told of one to whom it is not about asks for `grant.read` where it applies (`resource_of`); their own anybody may see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from audit.entry import parse_members
from audit.event import Event, Subject, format_time, time_us
from policies.codes import Code
from policies.deciding import Deciding
from policies.errors import UnknownThing
from policies.grants.model import GLASS_BROKEN, GLASS_OVERDUE, GLASS_UNACKNOWLEDGED, Grant, GrantKind
from policies.grants.rules import GlassFinding, acknowledge_by, glass_findings, is_unheard
from policies.model import Action, Resource
from policies.scope import scope_of
from storage.opening import SYSTEM
from storage.personal import Erased, reveal_personal
from storage.reading import EntryFilter, read_entries
from storage.transaction import Change

if TYPE_CHECKING:
    from datetime import datetime

    from audit.canonical import JSON
    from policies.model import Principal
    from storage.transaction import Transaction

_NAMESPACE: Final = UUID("5b0f3c1e-9a47-5d0c-8f57-6e1d2a4c7b90")


class GrantReads(Deciding):
    """Engagements and broken glass, read."""

    def find_grant(self, grant_id: str) -> Grant | None:
        """Access for a time by its id; None: there is none."""
        for grants in self.fresh_directory().grants.values():
            for grant in grants:
                if grant.id == grant_id:
                    return grant
        return None

    def grants(self) -> list[Grant]:
        """Every engagement and broken glass, past ones too, the newest first."""
        found = [grant for grants in self.fresh_directory().grants.values() for grant in grants]
        return sorted(found, key=lambda grant: (grant.starts_at, grant.id), reverse=True)

    def glass_findings(self, now: datetime) -> tuple[GlassFinding, ...]:
        """Broken glass that nobody reviewed in time, the longest overdue first."""
        return glass_findings(self.grants(), now, self.calendar)

    def glass_awaiting(self, person: str) -> list[Grant]:
        """Broken glass that awaits a person: they were told, and have not said that they heard; the first broken comes first."""
        return [grant for grant in reversed(self.grants()) if grant.told == person and is_unheard(grant)]

    def glass_reason(self, principal: Principal, grant_id: str) -> str | None:
        """Why a glass was broken, in the words of whoever broke it; None if they were erased. The caller records the reading first.

        Raises:
            Denied, UnknownThing: no glass was broken under that id.
        """
        decision = self.require(principal, Action.PERSONAL_READ, Resource("grant", grant_id))
        found = self.find_grant(grant_id)
        if found is None or found.kind is not GrantKind.BREAK_GLASS:
            raise UnknownThing(Code.GRANT_UNKNOWN, "grant")
        opening = EntryFilter(subject=f"grant:{grant_id}", type=GLASS_BROKEN)
        with self._database.read() as connection:
            [entry] = read_entries(connection, scope_of(decision), opening, cursor=None, limit=1).entries
            digests = parse_members(entry.bytes).get("personal", {})
            reason = reveal_personal(connection, self._keys, entry.index, digests)["reason"]
        return None if isinstance(reason, Erased) else reason

    def record_overdue(self, finding: GlassFinding) -> Change[GlassFinding]:
        """Says in the log, once, what nobody did about a broken glass in time; whoever comes later with the same replays it."""
        grant = finding.grant
        data: dict[str, JSON] = {"grant": grant.id}
        if finding.code is Code.REVIEW_OVERDUE:
            event_type, name = GLASS_OVERDUE, grant.id
            data["due_on"] = finding.due_on.isoformat()
        else:
            event_type, name = GLASS_UNACKNOWLEDGED, f"{grant.id}/unacknowledged"
            data["due_at"] = format_time(time_us(acknowledge_by(grant)))
        if grant.told is not None:
            data["told"] = grant.told
        request = self._log.request_digest({"overdue": name})
        event_id = uuid5(_NAMESPACE, name)

        def run(tx: Transaction) -> GlassFinding:
            tx.refuse_known(SYSTEM.id, event_id, request)
            tx.append(
                Event(
                    type=event_type,
                    subjects=(Subject("grant", grant.id),),
                    data=data,
                    actor=SYSTEM,
                    event_id=event_id,
                    request=request,
                )
            )
            return finding

        return Change(run, event_ids=((SYSTEM.id, event_id),))


def resource_of(grant: Grant, reader: Principal) -> Resource:
    """Access for a time, as decisions on who reads it know it; their own is nowhere in particular."""
    if grant.principal == reader.person:
        return Resource("grant", grant.id)
    return Resource("grant", grant.id, grant.stores or frozenset(), whole_log=grant.stores is None)
