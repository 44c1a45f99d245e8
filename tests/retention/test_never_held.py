"""No sequence of calls, jobs, clock moves and crashes destroys a held record; what was destroyed is gone for every reader."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.retention import retention_of, seed_retention
from documents.classes import SEVEN_YEARS_DAYS
from documents.errors import ContentGone
from documents.model import Stage
from documents.search.model import Scope, SearchQuery
from policies.errors import PolicyError
from retention.disposal.certificates import verify_certificate
from retention.disposal.errors import DisposalError
from retention.disposal.model import DisposalState
from retention.disposal.service import Disposals
from retention.errors import RetentionError
from retention.records import Record
from retention.requests import HoldRequest, ScheduleRequest, parse
from tests.furnished import Dialect, Furnished
from tests.retention.offices import Office, furnish_office, record
from tests.retention.registry import RULE

STEPS = 40


class Killed(BaseException):
    """The process is gone; nothing that handles errors sees it."""


class Walk:
    """A walk by chance over everything that may be asked, with what must hold remembered beside it."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.retention = retention_of(office.world.storage, office.policies, office.queue, grace_days=30)
        seed_retention(office.world.storage, office.policies, self.retention, event_id=office.id())
        rule = parse(ScheduleRequest, {**RULE, "minimum": "P30D"}, event_id=office.id())
        office.do(self.retention.add_schedule(office.officer, rule))
        office.judge = self.retention  # type: ignore[assignment]
        self.disposals = office.disposals_of()
        self.again(seed)

    def again(self, seed: int) -> Walk:
        """Another walk, over new documents."""
        self.chance = random.Random(seed)
        self.content = {self._added(number): b"photo %d" % number for number in range(4)}
        self.office.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)
        self.held: set[str] = set()
        self.made: list[str] = []
        return self

    def _added(self, number: int) -> str:
        title = f"相片{number}"
        return self.office.add_read(b"photo %d" % number, title=title, **{"class": "photo"}).document

    def step(self) -> None:
        """One act of somebody, or of the world; what is refused changes nothing."""
        act = self.chance.choice([self.hold, self.propose, self.approve, self.execute, self.work, self.work, self.wait])
        with suppress(DisposalError, RetentionError, PolicyError):
            act()
        for document in self.held:
            assert self.office.stage(document) is Stage.RELEASED
            assert self.office.content(document) == self.content[document]

    def hold(self) -> None:
        if self.chance.random() < 0.7:
            return
        document = self.chance.choice(sorted(self.content))
        number = f"HCA {len(self.held)}-{self.chance.randrange(10**6)}"
        members = {"matter": number, "kind": "legal", "reason": "訴訟"}
        content = {**members, "records": [{"kind": "document", "id": document}]}
        request = parse(HoldRequest, content, event_id=self.office.id())
        try:
            self.office.do(self.retention.place_hold(self.office.officer, request))
        except RetentionError:
            assert self.office.stage(document) in {Stage.DESTROYING, Stage.DESTROYED}
            raise
        self.held.add(document)

    def propose(self) -> None:
        wanted: list[Record] = [record(one) for one in self.content if self.chance.random() < 0.5]
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
            made = self.chance.choice(self.made)
            self.office.do(act(made, self.office.disposal(made).preview, self.disposals))  # type: ignore[arg-type]

    def work(self) -> None:
        """The job of a disposal, killed at some call of the store or not; then another process comes."""
        waiting = [one for one in self.made if self.office.disposal(one).state is DisposalState.DESTROYING]
        if not waiting:
            return
        left = self.chance.randrange(1, 14) if self.chance.random() < 0.6 else 10**6

        def kill(_method: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        self.office.objects.faults = kill
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
