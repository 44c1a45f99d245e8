"""The data protection officer's desk: cases in a world with documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from app.retention import matters_of, retention_of
from cases.answering import Given
from cases.incidents.model import Breach, BreachKind, Cessation, Regime
from cases.incidents.requests import BreachRequest, CessationRequest
from cases.model import (
    Case,
    CaseKind,
    Channel,
    Evidence,
    Handling,
    Identity,
    Item,
    ItemKind,
    Language,
    NoticeKind,
    Opened,
    Proposal,
)
from cases.requests import (
    IdentityRequest,
    ItemRequest,
    NoticeRequest,
    OpenRequest,
    RefusalRequest,
)
from cases.service import Cases
from documents.service import Means
from policies.model import Principal, Role, ScopeKind, SignIn
from storage.either import Reader
from tests.documents.archive import Archive
from tests.worlds import World


class FakeFinder:
    """Finds what it is told, for any term."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def naming(self, terms: Sequence[str]) -> Sequence[str]:
        return list(self.found) if terms else []


class Office(Archive):
    """`dpo` works on cases, `officer` (compliance) reviews, `staff` is somebody with an account."""

    def __init__(self, world: World, directory: Path, people: tuple[str, str, str] | None = None) -> None:
        """Furnishes the world, unless these people are in it already."""
        super().__init__(world, directory, stocked=people is None)
        self.finder = FakeFinder()
        self.retention = retention_of(world.storage, self.policies, self.queue, grace_days=30)
        self.cases = self.cases_of()
        self.people = people or (
            self.person(Role.DPO, name="何保障").id,
            self.person(Role.COMPLIANCE_OFFICER, name="高合規").id,
            self.person(Role.STAFF, (ScopeKind.STORE, "MK01"), name="陳大文").id,
        )
        self.officer = self.policies.principal(self.people[1])
        self.staff = self.people[2]

    @property
    def dpo(self) -> Principal:
        """The officer, who signed in just now."""
        return self.policies.principal(self.people[0], SignIn(self.world.clock()))

    def cases_of(self) -> Cases:
        return Cases(self.means, self.documents, self.retention, self.world.storage.keys, self.finder)

    @property
    def means(self) -> Means:
        """With the retention room saying what is held."""
        return replace(super().means, matters=self._held_for)

    def _held_for(self, reader: Reader, document: str) -> Sequence[str]:
        return matters_of(self.retention, reader, document)

    def signed_in(self, role: Role, *targets: tuple[ScopeKind, str], name: str) -> Principal:
        return self.policies.principal(self.person(role, *targets, name=name).id)

    # ------------------------------------------------------------------------------------------ cases

    def opened(self, kind: CaseKind = CaseKind.ACCESS, **members: Any) -> Opened:
        values = {
            "channel": Channel.LETTER,
            "language": Language.CHINESE,
            "requestor_name": "陳大文",
            "requestor_contact": "九龍旺角彌敦道1號",
            "asked": "所有關於我的紀錄",
            **members,
        }
        return self.do(self.cases.open_case(self.dpo, OpenRequest(self.id(), kind, **values)))

    def shown(self, case: str, *evidence: Evidence) -> Case:
        given = evidence or (Evidence.IDENTITY_CARD_SEEN,)
        return self.do(self.cases.judge_identity(self.dpo, case, IdentityRequest(self.id(), Identity.SHOWN, given)))

    def known(self, **members: Any) -> Opened:
        """An access request of the staff member, identity shown."""
        opened = self.opened(person=self.staff, **members)
        self.shown(opened.case.id)
        return opened

    def marked(self, case: str, number: int, handling: Handling, **members: Any) -> Item:
        if handling is Handling.REDACT:
            members.setdefault("masks", ("李檢驗",))
        return self.do(self.cases.mark_item(self.dpo, case, number, ItemRequest(self.id(), handling, **members)))

    def proposed(self, case: str, ground: str, *items: int, **members: Any) -> Proposal:
        request = RefusalRequest(self.id(), ground, members.pop("reason", "理由"), items, **members)
        return self.do(self.cases.propose_refusal(self.dpo, case, request))

    def refused(self, case: str, ground: str, *items: int, **members: Any) -> int:
        """A refusal, proposed and reviewed; returns its line in the log book."""
        proposal = self.proposed(case, ground, *items, **members)
        change = self.cases.settle_refusal(self.officer, case, proposal.id, approve=True, event_id=self.id())
        return self.committed(change).receipt.index

    def told(self, case: str, kind: NoticeKind, **members: Any) -> Given:
        return self.do(self.cases.give_notice(self.dpo, case, NoticeRequest(self.id(), kind, **members)))

    def now(self, case: str) -> Case:
        with self.world.storage.database.read() as connection:
            return self.cases.case(self.dpo, connection, case)

    def items(self, case: str) -> list[Item]:
        with self.world.storage.database.read() as connection:
            return self.cases.items(self.dpo, connection, case)

    def of_kind(self, opened: Opened, kind: ItemKind) -> list[Item]:
        return [item for item in opened.items if item.kind is kind]

    # ---------------------------------------------------------------------------------------- incidents

    def breached(self, *regimes: Regime, **members: Any) -> Breach:
        request = BreachRequest(self.id(), BreachKind.DISCLOSED, regimes or (Regime.PDPO,), "電郵誤送", **members)
        return self.do(self.cases.open_breach(self.dpo, request))

    def ceased(self, document: str) -> Cessation:
        request = CessationRequest(self.id(), document, "CN-2026-7", date(2026, 11, 20))
        return self.do(self.cases.serve_cessation(self.dpo, request))


def furnish_office(world: World, directory: Path) -> tuple[str, str, str]:
    """Furnishes a world with one; returns its people."""
    return Office(world, directory).people
