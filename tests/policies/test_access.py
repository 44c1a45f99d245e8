"""Denials, failed sign-ins and reads reach the log: the first on its own, the many gathered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from audit.event import format_time, time_us
from policies.access import DENIALS_OWN_MAX
from policies.basis import WORDS_MAX, decided, scope_digest
from policies.codes import Code
from policies.errors import Denied, NotAuthenticated
from policies.model import Action, Decision, Principal, PrincipalKind, Resource, Role, ScopeKind
from storage.errors import LogBusy
from tests.policies.house import House

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(sqlite_house: House) -> House:
    """What is tested here is the same on every database."""
    return sqlite_house


def denial(house: House, resource: Resource | None = None, action: Action = Action.KEYS_MANAGE) -> Decision:
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)
    return house.policies.decide(auditor, action, resource or Resource("api_key"))


def said(decision: Decision) -> dict[str, str]:
    """What an entry says of a decision in a house with the stores of `House.tree`."""
    return decided(decision, {"MK01", "TST1", "ST01"}).members


def record(house: House, decision: Decision) -> bool:
    change = house.policies.record_denial(decision, now=house.world.clock())
    if change is not None:
        house.do(change)
    return change is not None


def test_the_first_denial_is_an_entry_of_its_own(house: House) -> None:
    decision = denial(house)

    assert record(house, decision)

    entry = house.entry()
    assert entry["type"] == "access.denied"
    assert entry["actor"] == {"id": decision.principal.id, "role": "auditor"}
    assert entry["data"] == {"action": "keys.manage", "resource": {"kind": "api_key"}}
    assert entry["decision"] == said(decision)
    assert entry["subjects"][0]["id"] == decision.principal.id


def test_its_repeats_within_the_minute_are_gathered_into_one(house: House) -> None:
    decision = denial(house)

    own = [record(house, decision) for _ in range(5)]
    house.world.clock.advance(minutes=1)
    written = house.policies.write_summaries(house.world.clock())

    assert own == [True, False, False, False, False]
    assert written == 1
    entry = house.entry()
    assert entry["type"] == "access.denied_summary"
    assert entry["actor"] == {"id": "system", "role": "system"}
    assert entry["data"]["count"] == 4
    assert entry["data"]["rows"] == [
        {"principal": decision.principal.id, "role": "auditor", **said(decision), "count": 4}
    ]
    assert (entry["data"]["from"], entry["data"]["until"]) == (
        "2026-11-22T04:00:00.000000Z",
        "2026-11-22T04:01:00.000000Z",
    )
    assert record(house, decision)


def test_one_principal_gets_no_more_than_some_entries_of_its_own_a_minute(house: House) -> None:
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)
    decisions = [house.policies.decide(auditor, action, Resource("thing")) for action in Action]
    denied = [decision for decision in decisions if not decision.allowed]
    assert len(denied) > DENIALS_OWN_MAX

    own = [record(house, decision) for decision in denied]

    assert sum(own) == DENIALS_OWN_MAX


def test_a_denial_names_what_we_know_and_hides_what_the_caller_made_up(house: House) -> None:
    house.tree()
    client = house.client((ScopeKind.STORE, "MK01"))
    caller = house.caller(house.key(client.id).secret)
    made_up = Resource.at("stock", ["ST01", "A123456(7)"], "陳大文")

    record(house, house.policies.decide(caller, Action.STOCK_ADJUST, made_up))
    hidden = house.entry()["data"]["resource"]
    record(house, house.policies.decide(caller, Action.KEYS_MANAGE, Resource("store", "MK01", whole_log=True)))
    known = house.entry()["data"]["resource"]

    assert isinstance(hidden, dict)
    assert set(hidden) == {"kind", "id_digest", "stores", "stores_count"}
    assert hidden["stores"] == ["ST01"]
    assert hidden["stores_count"] == 2
    assert known == {"kind": "store", "id": "MK01", "whole_log": True}
    assert "A123456" not in str(house.everything())


def test_failed_sign_ins_are_one_entry_a_minute_with_names_only_salted(house: House) -> None:
    now = house.world.clock()
    for _ in range(3):
        with pytest.raises(NotAuthenticated) as caught:
            house.caller(f"ck_aaaaaaaa_{'x' * 43}")
        house.policies.record_failed_sign_in(caught.value, now=now)
    house.policies.record_failed_sign_in("token-expired", tried="陳大文", now=now)
    house.policies.record_failed_sign_in("Bad code!", now=now)

    house.world.clock.advance(minutes=1)
    house.policies.write_summaries(house.world.clock())

    entry = house.entry()
    assert entry["type"] == "sign_in.failed_summary"
    assert entry["data"]["count"] == 5
    rows = entry["data"]["rows"]
    assert isinstance(rows, list)
    counted = {(row["code"], row["count"]) for row in rows if isinstance(row, dict)}
    assert counted == {("key_unknown", 3), ("token-expired", 1), ("other", 1)}
    log = house.everything()
    assert b"aaaaaaaa" not in log
    assert "陳大文".encode() not in log


def test_nothing_is_written_of_a_quiet_minute_or_of_one_that_runs(house: House) -> None:
    size = house.size()
    assert house.policies.write_summaries(house.world.clock()) == 0

    house.policies.record_failed_sign_in("token_expired", now=house.world.clock())

    assert house.policies.write_summaries(house.world.clock()) == 0
    assert house.size() == size
    assert house.policies.write_summaries(house.world.clock(), everything=True) == 1


def test_cheap_reads_are_counted_by_the_minute(house: House) -> None:
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)
    decision = house.policies.require(auditor, Action.LOG_READ, Resource("log"))
    for _ in range(7):
        house.policies.record_list(decision, now=house.world.clock())

    house.policies.close(house.world.clock())

    entry = house.entry()
    assert entry["type"] == "access.read_summary"
    assert entry["data"]["rows"] == [{"principal": auditor.id, "role": "auditor", **said(decision), "count": 7}]
    assert said(decision) == {
        "action": "log.read",
        "by": "role.auditor",
        "code": "allowed",
        "grant": decision.principal.grant,
        "policy": decision.policy,
        "resource": "log",
        "scope": scope_digest(decision.principal),
    }


def test_a_decision_names_stores_that_are_there_the_whole_and_what_was_made_up(house: House) -> None:
    house.tree()
    manager = house.policies.principal(house.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")).id)

    made_up = house.policies.decide(manager, Action.STOCK_ADJUST, Resource.at("stock", ["ST01", "A123456(7)", "X"]))
    whole = house.policies.decide(manager, Action.LOG_EXPORT, Resource("log", whole_log=True))
    classed = house.policies.decide(
        manager, Action.DOCUMENT_READ, Resource("document", classes=frozenset({"a", "b(7)"}))
    )

    assert said(made_up)["stores"] == "? ST01"
    assert said(made_up)["by"] == "limit.store"
    assert said(whole)["stores"] == "*"
    assert said(classed)["classes"] == "? a"


def test_a_decision_names_no_more_stores_than_an_entry_has_room_for(house: House) -> None:
    known = {f"S{number:03}": None for number in range(200)}
    decision = house.policies.decide(house.admin, Action.STOCK_READ, Resource.at("stock", known))

    words = decided(decision, known.keys()).stores.split()

    assert words[:2] == ["S000", "S001"]
    assert len(words) == WORDS_MAX
    assert words[-1] == "~"


def test_a_scope_digest_tells_every_part_of_a_reach_apart(house: House) -> None:
    plain = Principal("p_a", PrincipalKind.PERSON, Role.AUDITOR, frozenset({"MK01"}), frozenset({"log.read"}))
    others = [
        replace(plain, role=Role.STAFF),
        replace(plain, stores=None),
        replace(plain, stores=frozenset()),
        replace(plain, scopes=frozenset()),
        replace(plain, classes=frozenset()),
        replace(plain, from_us=1),
        replace(plain, until_us=1),
        replace(plain, lapsed=True),
        replace(plain, emergency=True),
    ]

    digests = {scope_digest(principal) for principal in (plain, *others)}

    assert len(digests) == 1 + len(others)
    assert scope_digest(replace(plain, id="p_b", version=7)) == scope_digest(plain)


def test_when_a_thing_was_recorded_is_named_to_those_whose_reach_ends_with_dates(house: House) -> None:
    now = house.world.clock()
    limited = house.person(Role.AUDITOR, engaged=False)
    house.engage(limited.id, dates_from=now)
    free = house.person(Role.AUDITOR)
    thing = Resource("document", at_us=time_us(now))

    named, unnamed = (
        said(house.policies.decide(house.policies.principal(one.id), Action.DOCUMENT_READ, thing))
        for one in (limited, free)
    )

    assert named["at"] == format_time(time_us(now))
    assert "at" not in unnamed


def test_a_sensitive_read_is_an_entry_before_it_is_answered(house: House) -> None:
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)
    decision = house.policies.require(auditor, Action.LOG_EXPORT, Resource("log", whole_log=True))
    event_id = house.id()

    change = house.policies.record_read(decision, event_id=event_id, detail={"from": 0, "until": 10})
    house.do(change)
    again = house.committed(house.policies.record_read(decision, event_id=event_id, detail={"from": 0, "until": 10}))

    assert again.replayed
    entry = house.entry()
    assert entry["type"] == "access.read"
    assert entry["data"] == {
        "action": "log.export",
        "resource": {"kind": "log", "whole_log": True},
        "detail": {"from": 0, "until": 10},
    }
    house.do(house.policies.record_read(decision, event_id=house.id()))
    assert "detail" not in house.entry()["data"]


def test_a_sensitive_read_is_refused_under_the_lock(house: House) -> None:
    record_ = house.person(Role.AUDITOR)
    decision = house.policies.require(house.policies.principal(record_.id), Action.LOG_EXPORT, Resource("log"))
    change = house.policies.record_read(decision, event_id=house.id())

    house.do(house.policies.close_principal(house.admin, record_.id, event_id=house.id()))

    with pytest.raises(Denied) as caught:
        house.do(change)
    assert caught.value.decision.code is Code.PRINCIPAL_CLOSED


def test_the_systems_own_denial_has_a_subject_too(house: House) -> None:
    decision = house.policies.decide(house.admin, Action.STOCK_ADJUST, Resource.at("stock", ["MK01"]))

    assert record(house, decision)

    assert house.entry()["subjects"][0]["kind"] == "principal"


def test_what_the_log_does_not_take_now_is_kept_for_later(house: House) -> None:
    log = house.world.storage.log

    class Busy:
        busy = True

        def __getattr__(self, name: str) -> object:
            return getattr(log, name)

        def commit(self, change: object) -> object:
            if self.busy:
                raise LogBusy(1)
            return log.commit(change)  # type: ignore[arg-type]

    busy = Busy()
    storage = house.world.storage
    policies = type(house.policies)(
        storage.database,
        busy,  # type: ignore[arg-type]
        storage.keys,
        clock=house.world.clock,
        entropy=house.world.entropy,
    )
    policies.record_failed_sign_in("token_expired", now=house.world.clock())
    house.world.clock.advance(minutes=1)
    assert policies.write_summaries(house.world.clock()) == 0

    busy.busy = False

    assert policies.write_summaries(house.world.clock()) == 1
    assert house.entry()["data"]["count"] == 1
