"""API keys: issued once, kept as a hash, narrowed, bounded in time, revocable at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policies.codes import Code
from policies.errors import InvalidValue, NotAuthenticated, PolicyConflict, UnknownThing
from policies.keys import hash_key
from policies.model import Role, ScopeKind
from tests.policies.house import SCOPES, House


def refused(house: House, secret: str) -> Code:
    with pytest.raises(NotAuthenticated) as caught:
        house.caller(secret)
    return caught.value.code


def test_a_key_signs_its_client_in(house: House) -> None:
    house.tree()
    client = house.client((ScopeKind.AREA, "KLN"))

    issued = house.key(client.id)

    principal = house.caller(issued.secret)
    assert (principal.id, principal.key_id, principal.role) == (client.id, issued.key.id, Role.API_CLIENT)
    assert principal.stores == frozenset({"MK01", "TST1"})
    assert principal.scopes == frozenset(SCOPES)
    assert principal.actor.id == client.id


def test_the_entry_names_prefix_scopes_and_bounds_but_no_secret(house: House) -> None:
    client = house.client()

    issued = house.key(client.id, rate_per_minute=60, quota_per_month=1000)

    entry = house.entry()
    assert entry["type"] == "key.issued"
    assert entry["data"] == {
        "key": issued.key.id,
        "principal": client.id,
        "scopes": sorted(SCOPES),
        "rate_per_minute": 60,
        "quota_per_month": 1000,
        "expires_at": "2027-11-22T04:00:00.000000Z",
    }
    log = house.everything()
    assert issued.secret.encode() not in log
    assert hash_key(issued.secret).hex().encode() not in log
    assert issued.secret not in repr(issued)


def test_a_repeated_call_issues_no_second_key_and_shows_no_secret(house: House) -> None:
    client, event_id = house.client(), house.id()
    issue = house.policies.issue_key
    first = house.do(issue(house.admin, client.id, scopes=SCOPES, event_id=event_id))

    again = house.committed(issue(house.admin, client.id, scopes=SCOPES, event_id=event_id))

    assert again.replayed
    assert again.result is None
    assert list(house.policies.directory().keys) == [first.key.id]


def test_a_revoked_key_is_refused(house: House) -> None:
    issued = house.key(house.client().id)
    house.caller(issued.secret)

    revoked = house.revoke(issued.key.id)

    assert revoked.revoked_at == house.world.clock()
    assert refused(house, issued.secret) is Code.KEY_REVOKED
    assert house.entry()["type"] == "key.revoked"
    with pytest.raises(PolicyConflict):
        house.revoke(issued.key.id)


def test_a_key_ends_at_the_moment_it_says(house: House) -> None:
    expires_at = house.world.clock() + timedelta(hours=1)
    issued = house.key(house.client().id, expires_at=expires_at)

    house.world.clock.now = expires_at - timedelta(microseconds=1)
    house.caller(issued.secret)

    house.world.clock.now = expires_at
    assert refused(house, issued.secret) is Code.KEY_EXPIRED


def test_a_key_of_a_closed_client_opens_nothing(house: House) -> None:
    client = house.client()
    issued = house.key(client.id)

    house.do(house.policies.close_principal(house.admin, client.id, event_id=house.id()))

    assert refused(house, issued.secret) is Code.PRINCIPAL_CLOSED
    assert house.entry()["type"] == "api_client.closed"


def test_only_the_right_secret_learns_why_it_is_refused(house: House) -> None:
    issued = house.key(house.client().id)
    house.revoke(issued.key.id)
    wrong = f"ck_{issued.key.id}_{'x' * 43}"

    assert refused(house, wrong) is Code.KEY_UNKNOWN
    assert refused(house, f"ck_aaaaaaaa_{'x' * 43}") is Code.KEY_UNKNOWN
    assert refused(house, "password") is Code.KEY_MALFORMED


def test_what_no_key_can_have_is_refused(house: House) -> None:
    client = house.client()
    now = house.world.clock()
    refusals: list[tuple[dict[str, object], Code]] = [
        ({"scopes": ()}, Code.SCOPES_UNFIT),
        ({"scopes": ("keys.manage",)}, Code.SCOPES_UNFIT),
        ({"rate_per_minute": 0}, Code.NUMBER_OUT_OF_RANGE),
        ({"rate_per_minute": 10**9}, Code.NUMBER_OUT_OF_RANGE),
        ({"quota_per_month": 0}, Code.NUMBER_OUT_OF_RANGE),
        ({"expires_at": now}, Code.EXPIRY_OUT_OF_RANGE),
        ({"expires_at": now + timedelta(days=732)}, Code.EXPIRY_OUT_OF_RANGE),
    ]

    for options, code in refusals:
        with pytest.raises(InvalidValue) as caught:
            house.key(client.id, **options)  # type: ignore[arg-type]
        assert caught.value.code is code
    with pytest.raises(UnknownThing):
        house.revoke("aaaaaaaa")


def test_only_machine_clients_that_are_there_have_keys(house: House) -> None:
    person = house.person(Role.OPERATOR)
    erased = house.client()
    house.committed(house.policies.erase_person(house.admin, erased.id, event_id=house.id()))

    for principal_id in (person.id, erased.id, "p_nobody"):
        with pytest.raises(UnknownThing) as caught:
            house.key(principal_id)
        assert caught.value.code is Code.CLIENT_UNKNOWN


def test_a_prefix_that_is_taken_is_drawn_again_by_the_caller(house: House) -> None:
    from tests.worlds import seeded

    client, storage = house.client(), house.world.storage
    twins = [
        type(house.policies)(storage.database, storage.log, storage.keys, clock=house.world.clock, entropy=seeded(5))
        for _ in range(2)
    ]
    first, second = (twin.issue_key(house.admin, client.id, scopes=SCOPES, event_id=house.id()) for twin in twins)
    house.do(first)

    with pytest.raises(PolicyConflict) as caught:
        house.do(second)

    assert caught.value.code is Code.ID_TAKEN
