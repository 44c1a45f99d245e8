"""Sessions of the pages: begun by somebody verified, known by a secret that is kept nowhere, over when they are over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from policies.codes import Code
from policies.errors import NotAuthenticated
from policies.model import Channel, Role, SignIn
from policies.sessions.acting import SESSION_MAX, SESSIONS_OF_ONE_MAX
from policies.sessions.store import page_sessions
from tests.policies.house import House


def begun(house: House, person: str, *, lasts: timedelta = timedelta(days=7)) -> str:
    now = house.world.clock()
    signed_in = SignIn(now, frozenset({"otp", "pwd"}), "gold")
    secret, _ = house.policies.begin_session(house.policies.principal(person), signed_in, until=now + lasts, now=now)
    return secret


def is_over(house: House, secret: str) -> bool:
    try:
        house.policies.session_principal(secret, house.world.clock())
    except NotAuthenticated as failure:
        return failure.code is Code.SESSION_OVER
    return False


def kept(house: House) -> list[bytes]:
    with house.world.storage.database.read() as connection:
        return [bytes(row.digest) for row in connection.execute(select(page_sessions.c.digest))]


def test_a_session_is_its_person_as_they_stand_and_as_they_signed_in(house: House) -> None:
    person = house.person(Role.AUDITOR)
    began = house.world.clock()
    secret = begun(house, person.id)
    house.world.clock.advance(hours=1)

    found, session = house.policies.session_principal(secret, house.world.clock())

    assert (found.id, found.role, found.channel) == (person.id, Role.AUDITOR, Channel.WEB)
    assert found.signed_in == SignIn(began, frozenset({"otp", "pwd"}), "gold")
    assert session.ends_at == began + SESSION_MAX
    assert secret.encode() not in b"".join(kept(house))


def test_another_process_knows_it_and_ends_it_for_all(house: House) -> None:
    person = house.person(Role.AUDITOR)
    secret = begun(house, person.id)
    with_storage = house.world.open_another()
    try:
        other = house.another(with_storage)
        found, _ = other.session_principal(secret, house.world.clock())
        other.end_session(found, secret)
    finally:
        with_storage.close()

    assert is_over(house, secret)
    assert kept(house) == []


@pytest.mark.parametrize("secret", ["", "x" * 64, "0" * 64, "\udc80"])
def test_a_secret_that_nobody_was_told_opens_nothing(house: House, secret: str) -> None:
    begun(house, house.person(Role.AUDITOR).id)

    assert is_over(house, secret)


def test_the_oldest_of_one_person_go_and_those_of_others_stay(house: House) -> None:
    one, other = house.person(Role.AUDITOR), house.person(Role.AUDITOR)
    theirs, first = begun(house, other.id), begun(house, one.id)
    newest = first
    for _ in range(SESSIONS_OF_ONE_MAX):
        house.world.clock.advance(seconds=1)
        newest = begun(house, one.id)

    assert is_over(house, first)
    assert not is_over(house, newest)
    assert not is_over(house, theirs)
    assert len(kept(house)) == SESSIONS_OF_ONE_MAX + 1


def test_what_is_over_is_forgotten_when_the_next_begins(house: House) -> None:
    person = house.person(Role.AUDITOR)
    secret = begun(house, person.id, lasts=timedelta(minutes=5))
    house.world.clock.advance(minutes=5)

    assert is_over(house, secret)
    assert len(kept(house)) == 1
    begun(house, house.person(Role.AUDITOR).id)
    assert len(kept(house)) == 1


def test_a_closed_account_has_no_session_any_more(house: House) -> None:
    person = house.person(Role.AUDITOR)
    secret = begun(house, person.id)

    house.do(house.policies.close_principal(house.admin, person.id, event_id=house.id()))

    with pytest.raises(NotAuthenticated) as refused:
        house.policies.session_principal(secret, house.world.clock())
    assert refused.value.code is Code.PRINCIPAL_CLOSED
