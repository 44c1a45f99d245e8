"""Answers: notices in both languages, and the end of a case.

- A notice is written before the commit from how the case stands, and given only if it still stands so under the lock.
- A notice that refuses names lines of the log book, which were entered before it; its time is never before theirs (s.27).
- When a case is closed, the documents that it kept as they were are free again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.event import Event
from cases import store as rows
from cases.errors import CaseConflict, Code, InvalidCase
from cases.log_book import LogBook
from cases.model import CASE_CLOSED, NOTICE_GIVEN, CaseState, Handling, NoticeKind
from cases.rules import (
    hong_kong_day,
    require_closable,
    require_entered_first,
    require_notice,
)
from cases.searching import documents_of
from cases.texts import NoticeFacts, Told, notice
from cases.writing import about, case_in, is_as_it_stood
from documents.marking import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from audit.event import Decided
    from cases.model import Case, Item, Refusal
    from cases.requests import NoticeRequest
    from cases.writing import Asked, Stands
    from documents.store import Snapshot
    from policies.model import Principal, Words
    from storage import Change, Transaction
    from storage.personal import PersonalField

_NEEDS_REASON = frozenset({NoticeKind.INTERIM, NoticeKind.FURTHER_INFORMATION})
_TELLS_REFUSALS = frozenset({NoticeKind.COMPLIANCE, NoticeKind.REFUSAL, NoticeKind.CORRECTION_REFUSED})


@dataclass(frozen=True, slots=True)
class Given:
    """A notice that was given; `words` are what the requestor is told."""

    index: int
    case: Case
    kind: NoticeKind
    given_at: datetime
    words: Words


@dataclass(frozen=True, slots=True)
class _Prepared:
    request: NoticeRequest
    stands: Stands
    refusals: tuple[Refusal, ...]
    given_at: datetime
    words: Words
    personal: tuple[PersonalField, ...]


class Answering(LogBook):
    """Notices, and the end."""

    def give_notice(self, principal: Principal, case: str, request: NoticeRequest) -> Change[Given]:
        """Gives a notice; what it says must be so under the lock.

        Raises:
            InvalidCase: it lacks a reason, is dated ahead, or before the log book's entry. UnknownCase, Denied.
            The change: CaseConflict if it is not so, not yet, or the case moved meanwhile; Denied.
        """
        now = self._clock()
        given_at = request.given_at or now
        if given_at > now:
            raise InvalidCase(Code.NOTICE_IN_FUTURE, ("given_at",))
        if request.kind in _NEEDS_REASON and not request.reason:
            raise InvalidCase(Code.INTERIM_REASON_MISSING, ("reason",))
        content: dict[str, JSON] = {"notice": request.kind.value, "given_at": given_at.isoformat()}
        if request.given_at is None:
            del content["given_at"]
        stands, asked = self._ask_case(principal, case, request.event_id, content)
        prepared = self._prepare_notice(principal, request, stands, given_at)

        def run(tx: Transaction) -> Given:
            decided = self._confirm(tx, asked)
            found, items = case_in(tx, case), rows.items_in(tx, case)
            corrections = len(rows.corrections_in(tx, case))
            state = require_notice(found, request.kind, items, corrections=corrections)
            for line in prepared.refusals:
                require_entered_first(line.entered_at, given_at)
            if not is_as_it_stood(stands, found, items):
                raise CaseConflict(Code.CASE_MOVED)
            entry = tx.append(_notice_event(asked, prepared, items, decided), prepared.personal)
            interim = hong_kong_day(given_at) if request.kind is NoticeKind.INTERIM else found.interim_on
            final = entry.index if state is CaseState.ANSWERED else found.final_notice
            after = replace(found, state=state, interim_on=interim, final_notice=final)
            rows.put_case(tx, entry, after)
            return Given(entry.index, after, request.kind, given_at, prepared.words)

        return self._change_of(asked, run)

    def close_case(self, principal: Principal, case: str, *, event_id: UUID) -> Change[Case]:
        """Closes an answered case; documents it kept as they were are free again.

        Raises:
            UnknownCase, Denied.
            The change: CaseConflict if no notice ended it; Denied.
        """
        _, asked = self._ask_case(principal, case, event_id, {"close": True})

        def run(tx: Transaction) -> Case:
            decided = self._confirm(tx, asked)
            found = case_in(tx, case)
            require_closable(found)
            documents = documents_of(rows.items_in(tx, case))
            self._let_go(tx, asked, decided, about(case))
            data: dict[str, JSON] = {"case": case, "kind": found.kind.value, "documents": len(documents)}
            entry = tx.append(asked.event(CASE_CLOSED, (about(case),), data, decided))
            for document in documents:
                self._documents.mark(tx, entry, document, Mark.KEPT, case, active=False)
            after = replace(found, state=CaseState.CLOSED)
            rows.put_case(tx, entry, after)
            return after

        return self._change_of(asked, run)

    def _prepare_notice(
        self, principal: Principal, request: NoticeRequest, stands: Stands, given_at: datetime
    ) -> _Prepared:
        case, items = stands.case, stands.items
        with self._database.read() as connection:
            lines = self._lines_of(principal, connection, case.id) if request.kind in _TELLS_REFUSALS else ()
            told = tuple(
                Told(one.ground, one.exemption, len(one.items), self._other_user(principal, connection, one))
                for one in lines
            )
            name = self._clear(connection, case.opened_index).get("requestor_name")
            corrections = rows.count_corrections(connection, case.id)
        supplied = sum(item.handling is not Handling.WITHHOLD for item in items)
        words = notice(
            NoticeFacts(
                kind=request.kind,
                case=case.id,
                case_kind=case.kind,
                requestor=name or "",
                received=case.received_on,
                given=hong_kong_day(given_at),
                items=len(items),
                supplied=supplied,
                refusals=told,
                fee=case.fee,
                reason=request.reason,
                corrections=corrections,
            )
        )
        values = {"notice_zh": words.zh, "notice_en": words.en, "reason": request.reason}
        return _Prepared(request, stands, lines, given_at, words, self._personal(case.requestor, values))

    def _lines_of(self, principal: Principal, connection: Snapshot, case: str) -> tuple[Refusal, ...]:
        return tuple(reversed(self.log_book(principal, connection, case=case).items))

    def _other_user(self, principal: Principal, connection: Snapshot, line: Refusal) -> str | None:
        return self.reasons(principal, connection, line).get("other_user")


def _notice_event(asked: Asked, prepared: _Prepared, items: Sequence[Item], decided: Decided | None) -> Event:
    case = prepared.stands.case
    data: dict[str, JSON] = {
        "case": case.id,
        "kind": prepared.request.kind.value,
        "items": len(items),
        "supplied": sum(item.handling is not Handling.WITHHOLD for item in items),
        "refusals": [line.index for line in prepared.refusals],
    }
    return Event(
        type=NOTICE_GIVEN,
        subjects=(about(case.id),),
        data=data,
        actor=asked.actor,
        event_id=asked.event_id,
        occurred_at=prepared.given_at,
        personal={field.field: field.digest for field in prepared.personal},
        request=asked.digest,
        decision=decided,
    )
