"""Lists do not leak with any one barrier alone: the scope in SQL, each row decided again, PostgreSQL's row security.

The others are switched off by constructor arguments and subclasses, not by patching: `Blind` filters nothing, `Trusting` decides on no
row again, and a database opened with `row_security=False` keeps its barrier down. What is counted (totals, folders) is no row that
leaves: the second barrier cannot hold it, and is not asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest
from sqlalchemy import ColumnElement, text, true

from audit.event import time_us
from documents.errors import FileRefused
from documents.model import Step
from migrations.rooms import load_metadata
from policies.model import Action, Decision, Principal, Resource, Role, ScopeKind
from policies.scope import EVERYTHING, Scope
from policies.service import Policies
from storage import Storage
from storage.row_security import READER, narrowed
from storage.schema import is_operational
from tests.api.desk import EVERY_SCOPE, Desk
from tests.stock.shop import ALLOWS, REFUSES
from tests.worlds import World, world_at

T = TypeVar("T")

HIDDEN = REFUSES
MINE = ALLOWS
HIDDEN_QUANTITY = "70007"

UNGUARDED: set[str] = set()
"""Tables with a store or a document that no list is made of."""


class Unfiltered(Scope):
    """A scope whose conditions hold for every row."""

    __slots__ = ()

    def shows_quarantine(self) -> bool:
        return True

    def store_in(self, store: ColumnElement[Any]) -> ColumnElement[bool]:
        return true()

    def time_in(self, recorded_us: ColumnElement[Any]) -> ColumnElement[bool]:
        return true()

    def class_in(self, class_code: ColumnElement[Any]) -> ColumnElement[bool]:
        return true()


class Blind(Policies):
    """Filters no list."""

    def scope(self, decision: Decision) -> Scope:
        made = super().scope(decision)
        return Unfiltered(made.stores, made.classes, made.hidden_classes, made.quarantined, made.from_us, made.until_us)


class Trusting(Policies):
    """Decides on no row again."""

    def leaving(
        self, principal: Principal, rows: Iterable[T], asked: Callable[[T], Iterable[tuple[Action, Resource]]]
    ) -> tuple[T, ...]:
        return tuple(rows)


class BlindAndTrusting(Blind, Trusting):
    """Leaves it all to the database."""


class Guarded(Desk):
    """A desk with policies of another kind."""

    kind: type[Policies] = Policies

    def another(self, storage: Storage) -> Policies:
        return self.kind(
            storage.database, storage.log, storage.keys, clock=self.world.clock, entropy=self.world.entropy
        )


def desk_of(world: World, kind: type[Policies]) -> Guarded:
    made: type[Guarded] = type("Desk", (Guarded,), {"kind": kind})
    return made(world)


PHOTO: dict[str | None, dict[str, str]] = {MINE: {}, HIDDEN: {"class": "photo"}, None: {}}


def fill(desk: Desk) -> set[str]:
    """Puts the same kinds of things into both stores; returns the marks of what is hidden."""
    desk.lot("C1", "L1", "2026-12-01")
    marks = {HIDDEN}
    for store, quantity in ((MINE, 11), (HIDDEN, 70007)):
        desk.adjust(str(quantity), store=store)
        desk.adjust(str(quantity), store=store, sku="C1", batch="L1")
        desk.open(store)
    for place in (MINE, HIDDEN, None):
        found = desk.add(f"paper of {place}".encode(), store=place, folders=["general/papers"], **PHOTO[place]).document
        if place != MINE:
            marks.add(found)
    return marks


LISTS = (
    "/api/v1/entries?total=false",
    "/api/v1/entries?total=false&order=oldest_first&type=stock.adjusted",
    "/api/v1/export",
    "/api/v1/balances",
    "/api/v1/balances/expiring?by=2026-12-31",
    "/api/v1/lots/expiring?by=2026-12-31",
    "/api/v1/lots/recall?sku=C1&batch=L1",
    "/api/v1/lots/movements?sku=C1&batch=L1",
    "/api/v1/lots/recall/export?sku=C1&batch=L1",
    "/api/v1/lots/recall/export.csv?sku=C1&batch=L1",
    "/api/v1/stocktakes",
    "/api/v1/documents",
)
FOLDERS = tuple(f"/api/v1/folders?kind={kind}" for kind in ("sku", "store", "supplier", "general"))


def leaking(desk: Desk, paths: Iterable[str], marks: set[str], key: str) -> dict[str, list[str]]:
    """Which answers hold a mark of what is hidden."""
    found = {}
    for path in paths:
        answer = desk.take(path, by=key)
        assert answer.status_code == 200, (path, answer.text)
        seen = sorted(mark for mark in (*marks, HIDDEN_QUANTITY) if mark in answer.text)
        if seen:
            found[path] = seen
    return found


def counts(desk: Desk, key: str) -> tuple[int, ...]:
    """The total of entries, and how many documents lie in the general folder."""
    total = desk.get("/api/v1/entries?type=document.added", by=key).json()["total"]
    folders = desk.get("/api/v1/folders?kind=general", by=key).json()["items"]
    return (total, *(folder["documents"] for folder in folders))


BARRIERS: dict[str, tuple[type[Policies], bool, bool]] = {
    "scope": (Trusting, False, True),
    "again": (Blind, False, False),
    "database": (BlindAndTrusting, True, True),
}
"""By name: the policies, whether the database guards rows, and whether what is counted is held too."""


@pytest.mark.parametrize(
    ("dialect", "barrier"),
    [
        ("sqlite", "scope"),
        ("sqlite", "again"),
        ("postgresql", "scope"),
        ("postgresql", "again"),
        ("postgresql", "database"),
    ],
)
def test_each_barrier_alone_stops_every_leak(
    dialect: str, barrier: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    kind, row_security, holds_counts = BARRIERS[barrier]
    url = request.getfixturevalue(f"{dialect}_url")
    with world_at(url, tmp_path, row_security=row_security) as world:
        desk = desk_of(world, kind)
        marks = fill(desk)
        key = desk.till(MINE, scopes=EVERY_SCOPE)

        with desk.serving():
            leaks = leaking(desk, (*LISTS, *(FOLDERS if holds_counts else ())), marks, key)
            counted = counts(desk, key)

        assert leaks == {}
        assert not holds_counts or counted == (1, 1)
        assert (desk.policies.leaks_stopped > 0) is (barrier == "again")
        world.check()


def test_with_no_barrier_everything_leaks(sqlite_url: str, tmp_path: Path) -> None:
    with world_at(sqlite_url, tmp_path) as world:
        desk = desk_of(world, BlindAndTrusting)
        marks = fill(desk)
        key = desk.till(MINE, scopes=EVERY_SCOPE)

        with desk.serving():
            leaks = leaking(desk, LISTS, marks, key)

    # Or the test above could not fail.
    assert leaks.keys() == set(LISTS)


@pytest.mark.parametrize("barrier", ["scope", "again", "database"])
def test_each_barrier_alone_keeps_classes_and_quarantine(barrier: str, postgresql_url: str, tmp_path: Path) -> None:
    kind, row_security, _ = BARRIERS[barrier]
    with world_at(postgresql_url, tmp_path, row_security=row_security) as world:
        desk = desk_of(world, kind)
        seen = desk.add(b"note", store=MINE).document
        desk.add(b"contract", store=MINE, **{"class": "contract"})
        kept = desk.add(b"kept", store=MINE).document
        desk.do(desk.documents.decide_stage(desk.clerk, kept, 1, Step.QUARANTINE, event_id=desk.id()))
        staff = desk.token(Role.STAFF, (ScopeKind.STORE, MINE))

        with desk.serving():
            found = desk.get("/api/v1/documents", by=staff).json()["items"]

        assert [one["id"] for one in found] == [seen]


class Timeless(Unfiltered):
    """A scope that forgets its times where statements are made; the database is still told them."""

    __slots__ = ()

    @property
    def timed(self) -> bool:
        return False

    def at_any_time(self) -> Scope:
        return self


class Forgetful(Trusting):
    """Limits no statement by time."""

    def scope(self, decision: Decision) -> Scope:
        made = super().scope(decision)
        return Timeless(made.stores, made.classes, made.hidden_classes, made.quarantined, made.from_us, made.until_us)


BALANCES = (
    "/api/v1/balances",
    "/api/v1/balances?with_zero=true",
    "/api/v1/balances/expiring?by=2026-12-31",
    "/api/v1/lots/expiring?by=2026-12-31",
    f"/api/v1/lots/picking?store={MINE}&sku=C1&quantity=5",
    "/api/v1/lots/recall?sku=C1&batch=L1",
)
LATER = "80008"


def said_of_balances(world: World, kind: type[Policies]) -> dict[str, str]:
    """What an auditor of an hour is told, at the end of which there was 11 of one thing, and later much of three."""
    desk = desk_of(world, kind)
    for batch in ("L1", "L2"):
        desk.lot("C1", batch, "2026-12-01")
    begin = world.clock()
    desk.adjust("11", store=MINE)
    world.clock.advance(minutes=60)
    end = world.clock()
    for batch in ("L1", "L2"):
        desk.adjust(LATER, store=MINE, sku="C1", batch=batch)
    desk.adjust(LATER, store=MINE, sku="A2")
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, stores=[MINE], dates_from=begin, dates_until=end)
    token = desk.token_of(auditor)
    with desk.serving():
        answers = {path: desk.get(path, by=token) for path in BALANCES}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: answer.text for path, answer in answers.items()}


def tells_later(path: str, answer: str) -> bool:
    """Whether an answer has a quantity, a thing, or a lot to take, that came after the auditor's dates."""
    return LATER in answer or "A2" in answer or ("picking" in path and '"L1"' in answer)


@pytest.mark.parametrize(
    ("dialect", "kind", "row_security"),
    [
        ("sqlite", Policies, False),
        ("postgresql", Policies, True),
        ("postgresql", Trusting, False),
        ("postgresql", Forgetful, True),
    ],
    ids=["all, sqlite", "all, postgresql", "scope", "database"],
)
def test_each_barrier_alone_keeps_what_was_moved_after_an_auditors_dates(
    dialect: str, kind: type[Policies], row_security: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with world_at(request.getfixturevalue(f"{dialect}_url"), tmp_path, row_security=row_security) as world:
        said = said_of_balances(world, kind)

        assert [path for path in BALANCES if tells_later(path, said[path])] == []
        assert [one["quantity"] for one in orjson.loads(said["/api/v1/balances"])["items"]] == [11]
        world.check()


def test_with_no_barrier_what_was_moved_later_leaks(postgresql_url: str, tmp_path: Path) -> None:
    with world_at(postgresql_url, tmp_path, row_security=False) as world:
        said = said_of_balances(world, Forgetful)

    # Or the test above could not fail.
    assert [path for path in BALANCES if tells_later(path, said[path])] == list(BALANCES)


class Classless(Unfiltered):
    """A scope that forgets its classes where statements are made; the database is still told them."""

    __slots__ = ()

    @property
    def classed(self) -> bool:
        return False


class Undivided(Policies):
    """Limits no statement by class."""

    def scope(self, decision: Decision) -> Scope:
        made = super().scope(decision)
        return Classless(made.stores, made.classes, made.hidden_classes, made.quarantined, made.from_us, made.until_us)


class UndividedAndTrusting(Undivided, Trusting):
    """Leaves classes to the database."""


TOLD = (
    "/api/v1/entries?limit=1000",
    "/api/v1/entries?order=oldest_first&limit=1000&type=document.added",
    "/api/v1/export",
    "/api/v1/export?type=document.read_done",
)


def told_of_entries(world: World, kind: type[Policies]) -> tuple[dict[str, str], set[str], int]:
    """What an auditor of photos is told of the log, marks of what is of other classes, and how many additions they are told of."""
    desk = desk_of(world, kind)
    desk.adjust(5, store=MINE)
    other = desk.add_read(b"note", store=MINE).document
    photo = desk.add_read(b"photo", store=MINE, **{"class": "photo"}).document
    desk.add(b"second note", document=other)
    for code in ("delivery_note", "photo"):
        with suppress(FileRefused):
            desk.add(b"EICAR", store=MINE, **{"class": code})
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, classes=["photo"])
    token = desk.token_of(auditor)
    with desk.serving():
        said = {path: desk.take(path, by=token) for path in TOLD}
        total = desk.get("/api/v1/entries?type=document.added", by=token).json()["total"]
        one = [
            desk.get(f"/api/v1/entries?subject=document:{paper}", by=token).json()["items"] for paper in (other, photo)
        ]
    assert {answer.status_code for answer in said.values()} == {200}
    assert '"stock.adjusted"' in said[TOLD[0]].text
    assert photo in said[TOLD[1]].text
    answers = {path: answer.text for path, answer in said.items()}
    return {**answers, "one": str(one[0])}, {other, "document.upload_refused"}, total


CLASS_BARRIERS = {
    "all, sqlite": ("sqlite", Policies, False, True),
    "all, postgresql": ("postgresql", Policies, True, True),
    "scope, sqlite": ("sqlite", Trusting, False, True),
    "scope, postgresql": ("postgresql", Trusting, False, True),
    "again": ("sqlite", Undivided, False, False),
    "database": ("postgresql", UndividedAndTrusting, True, True),
}


@pytest.mark.parametrize(
    ("dialect", "kind", "row_security", "holds_counts"), CLASS_BARRIERS.values(), ids=CLASS_BARRIERS
)
def test_each_barrier_alone_keeps_entries_about_documents_of_other_classes(
    dialect: str,
    kind: type[Policies],
    row_security: bool,
    holds_counts: bool,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with world_at(request.getfixturevalue(f"{dialect}_url"), tmp_path, row_security=row_security) as world:
        said, marks, added = told_of_entries(world, kind)

        assert {path: mark for path, text in said.items() for mark in marks if mark in text} == {}
        assert not holds_counts or added == 1
        world.check()


def test_with_no_barrier_entries_of_other_classes_leak(sqlite_url: str, tmp_path: Path) -> None:
    with world_at(sqlite_url, tmp_path) as world:
        said, marks, added = told_of_entries(world, UndividedAndTrusting)

    # Or the test above could not fail.
    assert [path for path in said if any(mark in said[path] for mark in marks)]
    assert added == 2


def test_a_stopped_row_is_an_alarm(sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with world_at(sqlite_url, tmp_path) as world:
        desk = desk_of(world, Blind)
        desk.adjust("5", store=HIDDEN)
        person = desk.person(Role.STAFF, (ScopeKind.STORE, MINE))
        token = desk.token_of(person)
        with desk.serving():
            assert desk.get("/api/v1/balances", by=token).json()["items"] == []

        desk.policies.write_summaries(world.clock(), everything=True)

        assert "a row was about to leak and was dropped" in caplog.messages
        written = [desk.entry(index) for index in range(desk.size())]
        (entry,) = [one for one in written if one["type"] == "access.leak_stopped"]
        row = {"action": "stock.read", "kind": "stock", "code": "store_out_of_reach", "count": 1}
        assert entry["data"]["rows"] == [{**row, "principal": person.id}]
        world.check()


def test_who_lost_a_right_meanwhile_is_no_alarm(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    record = desk.person(Role.STAFF, (ScopeKind.STORE, MINE))
    before = desk.policies.principal(record.id)
    desk.unassign(record.id, ScopeKind.STORE, MINE)

    kept = desk.policies.leaving(before, [MINE], lambda store: ((Action.STOCK_READ, Resource.at("stock", [store])),))

    assert kept == ()
    assert desk.policies.leaks_stopped == 0


# --------------------------------------------------------------------------------- the database's own barrier


SCOPED_TABLES = (
    "balances",
    "document_folders",
    "document_links",
    "document_versions",
    "documents",
    "entries",
    "entry_subjects",
    "personal_values",
    "stocktake_counts",
    "stocktakes",
)


@pytest.fixture
def guarded(postgresql_url: str, tmp_path: Path) -> Iterator[Desk]:
    with world_at(postgresql_url, tmp_path) as world:
        desk = Desk(world)
        fill(desk)
        yield desk
        world.check()


def seen_by(desk: Desk, scope: Scope, table: str) -> int:
    with desk.world.storage.database.read() as connection, narrowed(connection, scope):
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_the_database_shows_a_reader_their_stores_and_no_more(guarded: Desk) -> None:
    everything, mine = Scope(None, quarantined=True), Scope(frozenset({MINE}))

    for table in SCOPED_TABLES:
        whole = seen_by(guarded, EVERYTHING, table)
        assert seen_by(guarded, everything, table) == whole
        assert seen_by(guarded, mine, table) < max(1, whole), table
        assert seen_by(guarded, Scope(frozenset()), table) == 0
    assert seen_by(guarded, mine, "documents") == seen_by(guarded, mine, "document_versions") == 1
    assert seen_by(guarded, mine, "balances") == 2


def test_the_database_holds_classes_and_times_too(guarded: Desk) -> None:
    cases: tuple[tuple[Scope, int], ...] = (
        (Scope(None, classes=frozenset({"delivery_note"})), 2),
        (Scope(None, classes=frozenset()), 0),
        (Scope(None, hidden_classes=frozenset({"delivery_note"})), 1),
        (Scope(None, until_us=0), 0),
        (Scope(None, from_us=2**62), 0),
        (Scope(None, from_us=0, until_us=2**62), 3),
        (Scope(frozenset({'"} or', "\\"})), 0),
    )
    for scope, documents in cases:
        assert seen_by(guarded, scope, "documents") == documents, scope


def test_the_database_shows_a_balance_to_dates_only_if_its_last_movement_lies_in_them(guarded: Desk) -> None:
    clock = guarded.world.clock
    guarded.adjust("3", store=MINE, sku="A1")
    begin = time_us(clock()) + 1
    clock.advance(minutes=1)
    guarded.adjust("4", store=MINE, sku="A2")
    end = time_us(clock()) + 1
    clock.advance(minutes=1)
    guarded.adjust("5", store=MINE, sku="C1", batch="L1")

    def seen(from_us: int | None, until_us: int | None) -> list[str]:
        scope = Scope(frozenset({MINE}), from_us=from_us, until_us=until_us)
        with guarded.world.storage.database.read() as connection, narrowed(connection, scope):
            return [row[0] for row in connection.execute(text("SELECT sku FROM balances ORDER BY sku"))]

    assert seen(None, None) == ["A1", "A2", "C1"]
    assert seen(begin, end) == ["A2"]
    assert seen(None, end) == ["A1", "A2"]
    assert seen(begin, None) == ["A2", "C1"]


def test_a_reader_that_was_told_nothing_sees_nothing(guarded: Desk) -> None:
    with guarded.world.storage.database.read() as connection:
        connection.execute(text(f"SET LOCAL ROLE {READER}"))
        for table in SCOPED_TABLES:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_every_table_of_stores_or_documents_is_guarded(guarded: Desk) -> None:
    ours = {
        table.name
        for table in load_metadata().sorted_tables
        if ({"store", "document"} & set(table.columns.keys()) or table.name.startswith("entr"))
        and not table.name.startswith("test_")
        and not is_operational(table)
    }
    query = "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'"

    with guarded.world.storage.database.read() as connection:
        guarded_tables = {row[0] for row in connection.execute(text(query))}

    assert ours - guarded_tables == UNGUARDED


def test_an_error_inside_gives_the_role_back(guarded: Desk) -> None:
    with guarded.world.storage.database.read() as connection:
        with pytest.raises(KeyError), narrowed(connection, Scope(frozenset())):
            raise KeyError
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar_one() > 0
