"""The breach register.

A breach is told from its own chain: opened, each step, the decision with its reasons, closed. Facts are sealed under its own key. An
incident at a processor is opened here under the processor's own number; the same number again is the same breach.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from audit.entry import parse_entry
from audit.event import Subject, format_time, parse_time, time_of, time_us
from cases.errors import CaseConflict, Code, InvalidCase, UnknownCase
from cases.incidents import store as rows
from cases.incidents.model import (
    BREACH_CLOSED,
    BREACH_DECIDED,
    BREACH_OPENED,
    BREACH_STEP,
    SUBJECT_BREACH,
    Breach,
    BreachState,
    BreachStep,
    Regime,
    TimelineStep,
)
from cases.incidents.rules import (
    require_breach_closable,
    require_breach_open,
)
from cases.reminding import Reminding
from cases.writing import append
from policies.model import Action, Resource
from policies.scope import scope_of
from storage.reading import EntryFilter, read_entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from cases.incidents.requests import (
        BreachRequest,
        DecisionRequest,
        StepRequest,
    )
    from cases.writing import Asked
    from documents.store import Snapshot
    from policies.model import Principal
    from stock.model import Page
    from storage import Change, Transaction

TIMELINE_MAX: Final = 1_000
BREACH: Final = Resource("breach", whole_log=True)


class Breaches(Reminding):
    """The breach register."""

    # --------------------------------------------------------------------------------------- breaches

    def open_breach(self, principal: Principal, request: BreachRequest) -> Change[Breach]:
        """Opens a breach. The organisation answers for its processors too (s.65(2)), so theirs are opened here as well.

        Raises:
            InvalidCase: it became known in the future. Denied.
            The change: CaseConflict if the processor's incident is in the register; Denied.
        """
        known_at = self._not_ahead(request.known_at, "known_at")
        regimes: list[JSON] = [*sorted(request.regimes)]
        kinds: list[JSON] = [*sorted(set(request.data_kinds))]
        content: dict[str, JSON] = {"kind": request.kind.value, "regimes": regimes, "data_kinds": kinds}
        optional: dict[str, JSON] = {
            "designated": request.designated,
            "people": request.people,
            "processor": request.processor,
            "reference": request.reference,
        }
        content |= {name: value for name, value in optional.items() if value is not None}
        asked = self._ask_breach(principal, request.event_id, {"open": content, "at": str(request.known_at or "")})
        breach = str(self._new_id())
        personal = self._personal(breach, {"facts": request.facts})

        def run(tx: Transaction) -> Breach:
            decided = self._confirm(tx, asked)
            if request.processor is not None and rows.is_reported(tx, request.processor, request.reference):
                raise CaseConflict(Code.BREACH_REPORTED)
            made = Breach(
                breach,
                BreachState.OPEN,
                request.kind,
                frozenset(request.regimes),
                request.designated,
                known_at,
                request.people,
                frozenset(request.data_kinds),
                request.processor,
                request.reference,
                None,
                None,
                tx.size,
            )
            data = {"breach": breach, **content, "known_at": format_time(time_us(known_at))}
            entry = append(tx, asked, BREACH_OPENED, (_about_breach(breach),), data, decided, personal)
            rows.put_breach(tx, entry, made)
            return made

        return self._change_of(asked, run)

    def record_step(self, principal: Principal, breach: str, request: StepRequest) -> Change[Breach]:
        """Says what was done about a breach, and when.

        Raises:
            InvalidCase: it was done in the future. Denied.
            The change: UnknownCase; CaseConflict if it is closed; Denied.
        """
        done_at = self._not_ahead(request.done_at, "done_at")
        content: dict[str, JSON] = {"step": request.step.value}
        if request.regime is not None:
            content["regime"] = request.regime.value
        asked = self._ask_breach(principal, request.event_id, {"breach": breach, **content})
        personal = self._personal(breach, {"text": request.text})

        def run(tx: Transaction) -> Breach:
            decided = self._confirm(tx, asked)
            found = require_breach_open(_breach_in(tx, breach))
            data: dict[str, JSON] = {"breach": breach, **content, "done_at": format_time(time_us(done_at))}
            entry = append(tx, asked, BREACH_STEP, (_about_breach(breach),), data, decided, personal)
            rows.put_breach(tx, entry, found)
            return found

        return self._change_of(asked, run)

    def decide_breach(self, principal: Principal, breach: str, request: DecisionRequest) -> Change[Breach]:
        """Records whether to tell the authority and the people, with the reasons; a later decision stands.

        Raises:
            Denied.
            The change: UnknownCase; CaseConflict if it is closed; Denied.
        """
        content: dict[str, JSON] = {
            "notify_authority": request.notify_authority,
            "notify_people": request.notify_people,
        }
        asked = self._ask_breach(principal, request.event_id, {"breach": breach, **content})
        personal = self._personal(breach, {"reason": request.reason})

        def run(tx: Transaction) -> Breach:
            decided = self._confirm(tx, asked)
            found = require_breach_open(_breach_in(tx, breach))
            entry = append(
                tx, asked, BREACH_DECIDED, (_about_breach(breach),), {"breach": breach, **content}, decided, personal
            )
            after = replace(
                found,
                state=BreachState.DECIDED,
                notify_authority=request.notify_authority,
                notify_people=request.notify_people,
            )
            rows.put_breach(tx, entry, after)
            return after

        return self._change_of(asked, run)

    def close_breach(self, principal: Principal, breach: str, *, event_id: UUID) -> Change[Breach]:
        """Closes a breach that was decided.

        Raises:
            Denied.
            The change: UnknownCase; CaseConflict if nothing was decided, or it is closed; Denied.
        """
        asked = self._ask_breach(principal, event_id, {"close": breach})

        def run(tx: Transaction) -> Breach:
            decided = self._confirm(tx, asked)
            found = require_breach_closable(_breach_in(tx, breach))
            entry = append(tx, asked, BREACH_CLOSED, (_about_breach(breach),), {"breach": breach}, decided)
            after = replace(found, state=BreachState.CLOSED)
            rows.put_breach(tx, entry, after)
            return after

        return self._change_of(asked, run)

    def breaches(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        state: BreachState | None = None,
        after: Sequence[str] | None = None,
        limit: int,
    ) -> Page[Breach]:
        """The register, the newest first.

        Raises:
            Denied.
        """
        self._policies.require(principal, Action.BREACH_READ, BREACH)
        return rows.read_breaches(connection, state=state, after=after, limit=limit)

    def breach(
        self, principal: Principal, connection: Snapshot, breach: str
    ) -> tuple[Breach, tuple[TimelineStep, ...]]:
        """One breach with its timeline, from its own chain.

        Raises:
            UnknownCase, Denied.
        """
        decision = self._policies.require(principal, Action.BREACH_READ, BREACH)
        found = rows.read_breach(connection, breach)
        if found is None:
            raise UnknownCase(Code.BREACH_UNKNOWN, ("breach",))
        wanted = EntryFilter(subject=f"{SUBJECT_BREACH}:{breach}", type=BREACH_STEP)
        page = read_entries(connection, scope_of(decision), wanted, cursor=0, limit=TIMELINE_MAX, newest_first=False)
        steps = []
        for stored in page.entries:
            entry = parse_entry(stored.bytes)
            data = entry.event.data
            regime = data.get("regime")
            steps.append(
                TimelineStep(
                    stored.index,
                    BreachStep(str(data["step"])),
                    time_of(parse_time(str(data["done_at"]))),
                    None if regime is None else Regime(str(regime)),
                    entry.event.actor.id,
                    self._clear(connection, stored.index).get("text"),
                )
            )
        return found, tuple(steps)

    # ------------------------------------------------------------------------------------ the steps

    def _ask_breach(self, principal: Principal, event_id: UUID, content: dict[str, JSON]) -> Asked:
        return self._ask(principal, Action.BREACH_WRITE, BREACH, event_id=event_id, content=content)

    def _not_ahead(self, moment: datetime | None, member: str) -> datetime:
        now = self._clock()
        if moment is not None and moment > now:
            raise InvalidCase(Code.TIME_AHEAD, (member,))
        return moment or now


def _breach_in(tx: Transaction, breach: str) -> Breach:
    row = tx.get(rows.BREACHES, (breach,))
    if row is None:
        raise UnknownCase(Code.BREACH_UNKNOWN, ("breach",))
    return rows.breach_of(breach, row)


def _about_breach(breach: str) -> Subject:
    return Subject(SUBJECT_BREACH, breach)
