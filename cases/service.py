"""The front door of the cases room.

    opened = log.commit(cases.open_case(principal, request)).result
    log.commit(cases.judge_identity(principal, opened.case.id, ...))
    log.commit(cases.give_notice(principal, opened.case.id, ...))

Methods that change something return a Change, and the caller commits it. Requests are made from `cases.requests`; whoever makes them
checks their forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases import store as rows
from cases.errors import Code, UnknownCase
from cases.model import CaseState
from cases.packing import Packing
from policies.model import Action
from policies.pending.model import PendingKind
from retention.model import HoldKind
from retention.records import Record, RecordKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases.model import Case, CaseKind, Item, RecipientTask
    from cases.writing import Finder
    from documents.service import Documents
    from documents.store import Snapshot
    from documents.writing import Means
    from policies.model import Principal
    from retention.service import Retention
    from stock.model import Page
    from storage.either import Reader
    from storage.keystore import KeyStore


class Cases(Packing):
    """Requests, breaches and notices; safe to share between threads."""

    def __init__(
        self, means: Means, documents: Documents, retention: Retention, keys: KeyStore, finder: Finder
    ) -> None:
        super().__init__(means, documents, retention, keys, finder)
        means.policies.follow_pending(PendingKind.CASE_DECISION, self._refusal_settled)
        means.policies.keep_people("cases", self._needing)

    def cases(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        kind: CaseKind | None = None,
        state: CaseState | None = None,
        after: Sequence[str] | None = None,
        limit: int,
    ) -> Page[Case]:
        """Cases, the newest first.

        Raises:
            Denied.
        """
        self._require_reading(principal)
        return rows.read_cases(connection, kind=kind, state=state, after=after, limit=limit)

    def case(self, principal: Principal, connection: Snapshot, case: str) -> Case:
        """One case.

        Raises:
            UnknownCase, Denied.
        """
        self._require_reading(principal, case=case)
        found = rows.read_case(connection, case)
        if found is None:
            raise UnknownCase(Code.CASE_UNKNOWN, ("case",))
        return found

    def items(self, principal: Principal, connection: Snapshot, case: str) -> list[Item]:
        """What was held at receipt.

        Raises:
            Denied.
        """
        self._require_reading(principal, case=case)
        return rows.read_items(connection, case)

    def tasks(self, principal: Principal, connection: Snapshot, case: str) -> list[RecipientTask]:
        """Who is to be told of the corrections of a case.

        Raises:
            Denied.
        """
        self._require_reading(principal, case=case)
        return rows.read_tasks(connection, case)

    def particulars(self, principal: Principal, connection: Snapshot, index: int) -> dict[str, str | None]:
        """The clear values beside an entry of this room: who asked, what was told; the caller records the reading.

        Raises:
            Denied.
        """
        self._require_reading(principal, Action.CASE_READ)
        return self._clear(connection, index)

    def _needing(self, reader: Reader, person: str) -> list[str]:
        """Why nothing of a person may be erased now: requests by or about them, and matters that hold what they made.

        A matter of somebody else's request needs the documents, not who filed them.
        """
        records = [Record(RecordKind.DOCUMENT, document) for document in self._documents.of_person(reader, person)]
        holding = self._retention.holds_standing(reader, records)
        matters = {
            hold.matter for holds in holding.values() for hold in holds if hold.kind is not HoldKind.DATA_ACCESS_REQUEST
        }
        matters |= self._retention.matters_of_entries_by(reader, person)
        return [*(f"case:{case}" for case in rows.needing(reader, person)), *sorted(matters)]

    def is_open(self, connection: Snapshot, case: str) -> bool:
        """Whether there is such a case and it is still worked on: what a search of somebody's entries may cite."""
        found = rows.read_case(connection, case)
        return found is not None and found.state is not CaseState.CLOSED
