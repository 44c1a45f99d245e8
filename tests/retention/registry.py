"""A retailer with documents and the retention room on top, and short ways to hold and to judge."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from app.retention import retention_of, seed_retention
from documents.model import Stage
from documents.store import read_document
from policies.model import Principal, Role
from retention.model import Outcome, Schedule, Trigger
from retention.records import Judged, Matter, Record, RecordKind
from retention.requests import (
    FactRequest,
    HoldRequest,
    MappingRequest,
    ScheduleRequest,
    TriggerRequest,
    WidenRequest,
    YearEndRequest,
    parse,
)
from retention.rules import hong_kong_day
from retention.service import Retention
from tests.documents.archive import Archive
from tests.policies.house import House
from tests.worlds import World

GRACE_DAYS = 30


def document(record_id: str) -> Record:
    return Record(RecordKind.DOCUMENT, record_id)


def ruled(house: House, retention: Retention, officer: Principal, request: ScheduleRequest) -> Schedule:
    """A rule that an officer proposed and Chopbook's own command approved."""
    pending = house.do(retention.propose_schedule(officer, request))
    local = house.policies.local_principal(Role.COMPLIANCE_OFFICER)
    return house.do(retention.approve_schedule(local, request.code, pending.id, event_id=house.id()))


class Registry(Archive):
    """Retention in a world. `officer` places holds; `dpo` is somebody else."""

    def __init__(self, world: World, directory: Path, people: tuple[str, str] | None = None) -> None:
        """Furnishes the world, unless these people are in it already."""
        super().__init__(world, directory, stocked=people is None)
        self.retention = retention_of(world.storage, self.policies, self.queue, grace_days=GRACE_DAYS)
        self.people = people or (self.person(Role.COMPLIANCE_OFFICER).id, self.person(Role.DPO).id)
        self.officer, self.dpo = (self.policies.principal(one) for one in self.people)
        if people is None:
            seed_retention(world.storage, self.policies, self.retention, event_id=self.id())

    def somebody(self, role: Role) -> Principal:
        return self.policies.principal(self.person(role).id)

    @property
    def today(self) -> date:
        return hong_kong_day(self.world.clock())

    def paper(self, class_code: str = "photo", content: bytes = b"paper", **filing: Any) -> Record:
        """A document that nothing has read yet."""
        return document(self.add(content, **{"class": class_code, **filing}).document)

    # -------------------------------------------------------------------------------- clocks and rules

    def trigger(self, subject: str, trigger: Trigger, on: str | None = None, state: str = "happened") -> None:
        content = {"subject": subject, "trigger": trigger.value, "state": state, "happened_on": on}
        self.do(self.retention.record_trigger(self.officer, parse(TriggerRequest, content, event_id=self.id())))

    def fact(self, subject: str, fact: str, *, stands: bool = True) -> None:
        content = {"subject": subject, "fact": fact, "stands": stands}
        self.do(self.retention.record_fact(self.officer, parse(FactRequest, content, event_id=self.id())))

    def year_end(self, month_day: str, valid_from: str = "2000-01-01") -> None:
        content = {"month_day": month_day, "valid_from": valid_from}
        self.do(self.retention.set_year_end(self.officer, parse(YearEndRequest, content, event_id=self.id())))

    def map(self, code: str, record_class: str, kind: str = "document") -> None:
        content = {"kind": kind, "code": code, "record_class": record_class}
        self.do(self.retention.map_class(self.officer, parse(MappingRequest, content, event_id=self.id())))

    def rule(self, **members: object) -> None:
        request = parse(ScheduleRequest, {**RULE, **members}, event_id=self.id())
        ruled(self, self.retention, self.officer, request)

    # ---------------------------------------------------------------------------------------- holds

    def hold(self, matter: str, *records: Record, by: Principal | None = None, **members: Any) -> Matter:
        return self.do(self.retention.place_hold(by or self.officer, self.hold_request(matter, *records, **members)))

    def hold_request(self, matter: str, *records: Record, **members: Any) -> HoldRequest:
        content = {
            "matter": matter,
            "kind": "legal",
            "reason": "張大文訴本公司",
            "records": [{"kind": record.kind.value, "id": record.id} for record in records],
            **members,
        }
        return parse(HoldRequest, content, event_id=self.id())

    def widen(self, matter: str, *records: Record) -> Matter:
        content = {"records": [{"kind": record.kind.value, "id": record.id} for record in records]}
        request = parse(WidenRequest, content, event_id=self.id())
        return self.do(self.retention.widen_hold(self.officer, matter, request))

    def holding(self, record: Record) -> list[str]:
        with self.world.storage.database.read() as connection:
            return [hold.matter for hold in self.retention.holds_of(connection, record)]

    # --------------------------------------------------------------------------------------- judging

    def judged(self, record: Record, on: date | None = None) -> Judged:
        with self.world.storage.database.read() as connection:
            return self.retention.judge_record(connection, record, on or self.today)

    def stage_of(self, record: Record) -> Stage:
        with self.world.storage.database.read() as connection:
            found = read_document(connection, record.id)
        assert found is not None
        return found.stage

    def outcome(self, record: Record, on: date | None = None) -> Outcome:
        return self.judged(record, on).judgement.outcome

    def review(self) -> dict[str, Any]:
        return self.retention.review(now=self.world.clock(), event_id=self.id())


RULE = {
    "code": "ORG-TEST",
    "version": 1,
    "title_zh": "測試規則",
    "title_en": "Test rule",
    "classes": ["photo"],
    "trigger": "created",
    "minimum": "P1Y",
    "authority_zh": "本機構規則",
    "authority_en": "The organisation's own rule",
    "status": "policy",
    "verification": "primary",
    "verified_on": "2026-11-01",
}


def furnish_registry(world: World, directory: Path) -> tuple[str, str]:
    """Furnishes a world with one; returns its people."""
    return Registry(world, directory).people
