"""A retailer with documents that may be disposed of, and the people who decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from documents.classes import SEVEN_YEARS_DAYS
from documents.retaining.sources import DocumentRecords
from documents.rules import GOING
from documents.search.index import SearchIndex
from documents.search.sqlite.store import SqliteIndexStore
from documents.store import read_document
from policies.model import Principal, Role
from retention.disposal.model import Disposal
from retention.disposal.ports import Judge
from retention.disposal.service import Disposals
from retention.locks.modes import ModeMeans
from retention.model import Disposition, Judgement, Outcome, Schedule
from retention.records import Described, Judged, Record, RecordKind, RecordState
from retention.seed import SEEDED
from storage.either import Reader
from storage.transaction import Transaction
from tests.documents.archive import Archive
from tests.worlds import World


@dataclass(frozen=True)
class Book:
    """Rules as they are shipped."""

    schedules: Sequence[Schedule]


class Told:
    """A judge that is told: everything is due save what is held or kept."""

    def __init__(self) -> None:
        self.held: dict[Record, tuple[str, ...]] = {}
        self.kept: set[Record] = set()
        self.schedules: tuple[str, ...] = ("HK-TAX-7Y/1",)

    def rulebook(self, reader: Reader) -> Book:
        return Book(SEEDED)

    def judge_records(self, reader: Reader, records: Sequence[Record], on: date) -> Mapping[Record, Judged]:
        connection = reader.connection if isinstance(reader, Transaction) else reader
        found: dict[Record, Judged] = {}
        for record in records:
            document = read_document(connection, record.id)
            if document is None:
                continue
            matters = self.held.get(record, ())
            outcome = Outcome.HELD if matters else Outcome.KEPT if record in self.kept else Outcome.DUE
            judgement = Judgement(
                outcome,
                on,
                due_from=on - timedelta(days=3),
                deciding=self.schedules,
                matters=matters,
                disposition=Disposition.DESTROY,
            )
            state = RecordState.DESTROYING if document.stage in GOING else RecordState.KEPT
            described = Described(record, document.class_code, on, state)
            found[record] = Judged(described, document.class_code, judgement)
        return found


class Office(Archive):
    """Two officers and the disposals of their archive."""

    def __init__(self, world: World, directory: Path, people: tuple[str, str] | None = None) -> None:
        """Furnishes the world, unless these people are in it already."""
        super().__init__(world, directory, stocked=people is None)
        self.search = SearchIndex(SqliteIndexStore(directory / "search.db"))
        self.documents.index = self.search
        self.judge = Told()
        self.disposals = self.disposals_of()
        self.people = people or (self.person(Role.COMPLIANCE_OFFICER).id, self.person(Role.DPO).id)
        self.officer, self.second = (self.policies.principal(one) for one in self.people)

    def disposals_of(self) -> Disposals:
        """Disposals as another process has them."""
        storage = self.world.storage
        return Disposals(
            storage.database,
            storage.log,
            self.policies,
            self.queue,
            self.judge,
            self.documents,
            clock=self.world.clock,
        )

    def signed_in(self, role: Role) -> Principal:
        return self.policies.principal(self.person(role).id)

    def paper(self, content: bytes = b"paper", **options: Any) -> str:
        """A document that was read, released and kept until its lock has ended."""
        document = self.add_read(content, **options).document
        self.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)
        return document

    def proposed(self, *records: Record, by: Principal | None = None) -> Disposal:
        return self.do(self.disposals.propose(by or self.officer, records, "保留期已滿", event_id=self.id()))

    def approved(self, *records: Record) -> Disposal:
        made = self.proposed(*records)
        return self.do(self.disposals.approve(self.second, made.id, made.preview, "核對無誤", event_id=self.id()))

    def begun(self, *records: Record) -> Disposal:
        made = self.approved(*records)
        return self.do(self.disposals.execute(self.second, made.id, made.preview, event_id=self.id()))

    def disposed(self, *records: Record) -> Disposal:
        made = self.begun(*records)
        self.disposals.destroy(made.id, event_id=self.id())
        return self.disposal(made.id)

    def disposal(self, disposal: str) -> Disposal:
        with self.world.storage.database.read() as connection:
            return self.disposals.get(connection, disposal)[0]


def mode_means(archive: Archive, judge: Judge) -> ModeMeans:
    """What lock modes stand on, in this archive."""
    storage = archive.world.storage
    return ModeMeans(
        storage.database, storage.log, archive.policies, archive.queue, judge, DocumentRecords(), archive.world.clock
    )


def record(document: str | UUID) -> Record:
    """A document as a record."""
    return Record(RecordKind.DOCUMENT, str(document))


def furnish_office(world: World, directory: Path) -> tuple[str, str]:
    """Furnishes a world with one; returns its people."""
    return Office(world, directory).people
