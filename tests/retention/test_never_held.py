"""No sequence of calls, jobs, clock moves and crashes destroys a held record; what was destroyed is gone for every reader."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.retention import retention_of, seed_retention
from documents.classes import SEVEN_YEARS_DAYS
from documents.errors import ContentGone, DocumentError
from documents.model import Stage, Step
from documents.retaining.sources import DocumentRecords
from documents.search.model import Scope, SearchQuery
from policies.errors import PolicyError
from retention.disposal.certificates import verify_certificate
from retention.disposal.errors import DisposalError
from retention.disposal.model import DisposalState
from retention.disposal.service import Disposals
from retention.errors import RetentionError
from retention.locks.reconciling import LockKeeper
from retention.records import Record
from retention.requests import HoldRequest, ReasonRequest, ScheduleRequest, WidenRequest, parse
from storage.objects.errors import ObjectLocked
from storage.objects.model import Bucket
from tests.furnished import Dialect, Furnished
from tests.retention.offices import Office, furnish_office, record
from tests.retention.registry import RULE, ruled

STEPS = 80


class Killed(BaseException):
    """The process is gone; nothing that handles errors sees it."""


class Walk:
    """A walk by chance over everything that may be asked, with what must hold remembered beside it."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.retention = retention_of(office.world.storage, office.policies, office.queue, grace_days=30)
        seed_retention(office.world.storage, office.policies, self.retention, event_id=office.id())
        rule = parse(ScheduleRequest, {**RULE, "minimum": "P30D"}, event_id=office.id())
        ruled(office, self.retention, office.officer, rule)
        office.judge = self.retention  # type: ignore[assignment]
        self.disposals = office.disposals_of()
        storage = office.world.storage
        self.keeper = LockKeeper(
            storage.database,
            storage.log,
            self.retention,
            DocumentRecords(),
            office.documents,
            office.objects,
            clock=office.world.clock,
        )
        self.placed = 0
        self.acts = {
            self.hold: 2,
            self.widen: 1,
            self.release: 2,
            self.take_to_the_store: 1,
            self.compare: 1,
            self.propose: 4,
            self.approve: 4,
            self.decline: 1,
            self.execute: 4,
            self.work: 2,
            self.withdraw: 1,
            self.overwrite: 1,
            self.sweep: 1,
            self.wait: 2,
        }
        self.again(seed)

    def again(self, seed: int) -> Walk:
        """Another walk, over new documents."""
        self.chance = random.Random(seed)
        self.content = {self._added(number): b"photo %d" % number for number in range(4)}
        self.office.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)
        self.matters: dict[str, set[str]] = {}
        self.made: list[str] = []
        return self

    def _added(self, number: int) -> str:
        title = f"相片{number}"
        return self.office.add_read(b"photo %d" % number, title=title, **{"class": "photo"}).document

    def step(self) -> None:
        """One act of somebody, or of the world; what is refused changes nothing."""
        (act,) = self.chance.choices(list(self.acts), weights=list(self.acts.values()))
        with suppress(DisposalError, RetentionError, PolicyError, DocumentError, Killed):
            act()
        self.office.objects.faults = lambda _method: None
        for document in self.held:
            assert self.office.stage(document) is Stage.RELEASED
            assert self.office.content(document) == self.content[document]

    def hold(self) -> None:
        """A matter that names a document, or whose query fits all there are of a SKU that only these have."""
        document = self.chance.choice(sorted(self.content))
        number = f"HCA-{self.chance.randrange(10**9)}"
        content = {
            "matter": number,
            "kind": "legal",
            "reason": "訴訟",
            "records": [{"kind": "document", "id": document}],
        }
        request = parse(HoldRequest, content, event_id=self.office.id())
        try:
            self.office.do(self.retention.place_hold(self.office.officer, request))
        except RetentionError:
            assert self.office.stage(document) in {Stage.DESTROYING, Stage.DESTROYED}
            raise
        self.matters[number] = {document}
        self.placed += 1

    def widen(self) -> None:
        if not self.matters:
            return
        number = self.chance.choice(sorted(self.matters))
        document = self.chance.choice(sorted(self.content))
        content = {"records": [{"kind": "document", "id": document}]}
        request = parse(WidenRequest, content, event_id=self.office.id())
        self.office.do(self.retention.widen_hold(self.office.officer, number, request))
        self.matters[number].add(document)

    def release(self) -> None:
        """Two persons release a matter; another one may go on holding."""
        if not self.matters:
            return
        number = self.chance.choice(sorted(self.matters))
        request = parse(ReasonRequest, {"reason": "已和解"}, event_id=self.office.id())
        pending = self.office.do(self.retention.propose_release(self.office.officer, number, request))
        if self.chance.random() < 0.3:
            self.office.do(
                self.office.policies.decline_pending(self.office.second, pending.id, event_id=self.office.id())
            )
            return
        self.office.do(
            self.retention.approve_release(self.office.second, number, pending.id, event_id=self.office.id())
        )
        del self.matters[number]

    def take_to_the_store(self) -> None:
        """The job of a hold, killed at some call of the store or not."""
        numbers = sorted({*self.matters, *self.every_matter()})
        if numbers:
            self._perhaps_killed()
            self.keeper.apply_hold(self.chance.choice(numbers), event_id=self.office.id())

    def every_matter(self) -> list[str]:
        """Released ones too."""
        with self.office.world.storage.database.read() as connection:
            found = self.retention.matters(self.office.officer, connection, standing=None, limit=100)
        return [one.number for one in found]

    def compare(self) -> None:
        """The night's comparison of locks, killed or not."""
        self._perhaps_killed()
        self.keeper.reconcile(event_id=self.office.id())

    def decline(self) -> None:
        if self.made:
            made = self.chance.choice(self.made)
            self.office.do(self.disposals.decline(self.office.second, made, "再查", event_id=self.office.id()))

    def withdraw(self) -> None:
        """Somebody tries to withdraw what was released, or is going."""
        document = self.chance.choice(sorted(self.content))
        change = self.office.documents.decide_stage(
            self.office.officer, document, 1, Step.WITHDRAW, event_id=self.office.id()
        )
        self.office.do(change)

    def overwrite(self) -> None:
        """Somebody with the store's own key deletes what is under a lock or a hold."""
        document = self.chance.choice(sorted(self.held) or [""])
        for ref in self.office.objects.refs():
            if document and document in ref.key and ref.bucket is Bucket.RECORDS:
                info = self.office.objects.head(ref)
                if info.legal_hold:
                    with pytest.raises(ObjectLocked):
                        self.office.objects.delete_version(ref)

    def sweep(self) -> None:
        """Orphans go; what a row names does not."""
        self.office.documents.sweep_objects(self.office.world.clock())
        self.office.documents.destroy_waiting(new_event_id=lambda _name: self.office.id())

    @property
    def held(self) -> set[str]:
        """What a matter holds that stands."""
        return {document for named in self.matters.values() for document in named}

    def _perhaps_killed(self) -> None:
        left = self.chance.randrange(1, 14) if self.chance.random() < 0.6 else 10**6

        def kill(_method: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        self.office.objects.faults = kill

    def propose(self) -> None:
        wanted: list[Record] = [
            record(one) for one in self.chance.sample(sorted(self.content), k=self.chance.choice([1, 2]))
        ]
        change = self.disposals.propose(self.office.officer, wanted, "保留期已滿", event_id=self.office.id())
        self.made.append(self.office.do(change).id)

    def approve(self) -> None:
        self._decide(
            lambda made, preview, rooms: rooms.approve(
                self.office.second, made, preview, "核對無誤", event_id=self.office.id()
            )
        )

    def execute(self) -> None:
        self._decide(
            lambda made, preview, rooms: rooms.execute(self.office.second, made, preview, event_id=self.office.id())
        )

    def _decide(self, act: Callable[[str, str, Disposals], object]) -> None:
        if self.made:
            made = self.chance.choice(self.made[-3:])
            self.office.do(act(made, self.office.disposal(made).preview, self.disposals))  # type: ignore[arg-type]

    def work(self) -> None:
        """The job of a disposal, killed at some call of the store or not; then another process comes."""
        waiting = [one for one in self.made if self.office.disposal(one).state is DisposalState.DESTROYING]
        if not waiting:
            return
        self._perhaps_killed()
        with suppress(Killed):
            self.disposals.destroy(self.chance.choice(waiting), event_id=self.office.id())
        self.office.objects.faults = lambda _method: None
        self.disposals = self.office.disposals_of()

    def wait(self) -> None:
        self.office.world.clock.advance(days=self.chance.choice([0.1, 1, 3, 400]))

    def end(self) -> int:
        """Finishes what was begun, and looks at what is left; returns how many documents are gone."""
        gone: set[str] = set()
        for made in self.made:
            if self.office.disposal(made).state is DisposalState.DESTROYING:
                self.disposals.destroy(made, event_id=self.office.id())
            if self.office.disposal(made).state is DisposalState.CERTIFIED:
                assert verify_certificate(self.disposals.certificate(made)).disposal == made
        everyone = Scope(frozenset({"MK01"}), organisation=True)
        found = {hit.document_id for hit in self.office.search.query(SearchQuery("相片"), everyone).hits}
        for document, content in self.content.items():
            if self.office.stage(document) is Stage.DESTROYED:
                gone.add(document)
                with pytest.raises(ContentGone):
                    self.office.content(document)
                assert not self.office.world.storage.keys.has("document", document)
                assert not [ref for ref in self.office.objects.refs() if document in ref.key]
            else:
                assert self.office.content(document) == content
        assert found & set(self.content) == set(self.content) - gone
        assert not gone & self.held
        return len(gone)


@pytest.mark.parametrize("seeds", [(1, 2, 3), (4, 5)])
def test_nothing_that_is_held_is_ever_destroyed(furnished: Furnished, tmp_path: Path, seeds: tuple[int, ...]) -> None:
    dialect: Dialect = "sqlite" if 1 in seeds else "postgresql"
    gone = 0
    with furnished.opened(dialect, furnish_office, tmp_path) as (world, people):
        office = Office(world, tmp_path, people)
        walk = Walk(office, seeds[0])
        for seed in seeds:
            walk.again(seed)
            for _ in range(STEPS):
                walk.step()
            gone += walk.end()
        world.check()

    assert gone, "a walk that destroys nothing proves nothing"
    assert walk.placed, "a walk that holds nothing proves nothing"
