"""Who calls, and what they have left."""

import asyncio
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from policies.model import Role, ScopeKind
from policies.service import Policies
from tests.api.desk import URL, Desk

ME = "/api/v1/me"


def test_a_person_signs_in_with_a_token(desk: Desk) -> None:
    person = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"))

    answer = desk.get(ME, by=desk.token_of(person), headers={"Accept-Language": "zh-HK"})

    assert answer.json()["id"] == person.id
    assert (answer.json()["role"], answer.json()["role_name"]) == ("staff", "店員")
    assert answer.json()["stores"] == ["MK01"]


def test_where_somebody_else_was_assigned_meanwhile_is_told(desk: Desk) -> None:
    person = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    token = desk.token_of(person)
    assert desk.get(ME, by=token).json()["stores"] == ["MK01"]

    with closing(desk.world.open_another()) as storage:
        # As `chopbook user assign` beside a server does.
        there = Policies(
            storage.database, storage.log, storage.keys, clock=desk.world.clock, entropy=desk.world.entropy
        )
        assign = there.assign(there.local_principal(), person.id, ScopeKind.STORE, "TST1", event_id=uuid4())
        storage.log.commit(assign)

    assert desk.get(ME, by=token).json()["stores"] == ["MK01", "TST1"]


def test_a_machine_signs_in_with_a_key(desk: Desk) -> None:
    found = desk.get(ME).json()

    assert (found["kind"], found["stores"]) == ("api_client", None)
    assert desk.whole_key.startswith(f"ck_{found['key']}_")


def test_a_denial_says_whether_a_person_or_a_machine_asked(desk: Desk) -> None:
    denied = [
        desk.get("/api/v1/keys", by=desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))),
        desk.get("/api/v1/keys"),
    ]
    entries = [entry for entry in map(desk.entry, range(desk.size())) if entry["type"] == "access.denied"]

    assert [answer.status_code for answer in denied] == [403, 403]
    assert [entry["decision"]["channel"] for entry in entries] == ["api", "device"]


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "not_authenticated"),
        ("", "credentials_malformed"),
        ("Bearer", "credentials_malformed"),
        ("Bearer ", "credentials_malformed"),
        ("Basic dXNlcjpwYXNz", "credentials_malformed"),
        ("Bearer " + "x" * 9000, "credentials_malformed"),
        ("Bearer nonsense", "token_invalid"),
        ("Bearer ck_nonsense", "key_malformed"),
        ("Bearer ck_aaaaaaaa_" + "x" * 43, "key_unknown"),
        ("bearer nonsense", "token_invalid"),
    ],
)
def test_credentials_that_open_nothing_are_told_apart(desk: Desk, authorization: str | None, code: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = desk.get(ME, by=None, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    challenge = 'Bearer realm="chopbook"'
    assert answer.headers["www-authenticate"] == (
        challenge if authorization is None else challenge + ', error="invalid_token"'
    )


@pytest.mark.parametrize(
    ("path", "repeated"),
    [
        (ME, [("Authorization", "Bearer ck_aaaaaaaa_x"), ("Authorization", "Bearer {key}")]),
        (ME, [("Authorization", "Bearer {key}"), ("authorization", "Bearer {key}")]),
        ("/problems", [("Authorization", "Bearer {key}"), ("Authorization", "Bearer {key}")]),
        (ME, [("Authorization", "Bearer {key}"), ("Chopbook-Acting-For", "p_a"), ("Chopbook-Acting-For", "p_b")]),
    ],
)
def test_of_two_headers_that_say_who_calls_none_counts(desk: Desk, path: str, repeated: list[tuple[str, str]]) -> None:
    headers = [(name, value.format(key=desk.whole_key)) for name, value in repeated]

    answer = as_sent(desk, path, [*headers, ("Accept-Language", "zh-HK")])

    assert (answer.status_code, answer.json()["code"]) == (400, "header_repeated")
    assert answer.json()["detail"].startswith(f"標頭 {repeated[-1][0].title()} 只可出現一次")


def test_a_header_that_is_a_list_may_stand_twice(desk: Desk) -> None:
    headers = [("Authorization", f"Bearer {desk.whole_key}"), ("Accept", "a/b"), ("Accept", "c/d")]

    assert as_sent(desk, ME, headers).status_code == 200


def as_sent(desk: Desk, path: str, headers: list[tuple[str, str]]) -> httpx.Response:
    """A call whose headers arrive one by one, as over a network; the test client joins those of one name."""

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(desk.http.app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            return await client.get(path, headers=headers)

    return asyncio.run(get())


def test_a_key_that_was_revoked_or_has_expired_opens_nothing(desk: Desk) -> None:
    client = desk.client((ScopeKind.ALL, ""))
    revoked, dated = desk.key(client.id), desk.key(client.id, expires_at=desk.world.clock() + timedelta(hours=1))
    assert desk.get(ME, by=revoked.secret).status_code == 200

    desk.revoke(revoked.key.id)
    desk.world.clock.advance(hours=1)

    assert desk.get(ME, by=revoked.secret).json()["code"] == "key_revoked"
    assert desk.get(ME, by=dated.secret).json()["code"] == "key_expired"


def test_a_closed_account_is_told_so_and_its_token_opens_nothing(desk: Desk) -> None:
    person = desk.person(Role.STAFF)
    token = desk.token_of(person)

    desk.committed(desk.policies.close_principal(desk.admin, person.id, event_id=desk.id()))

    assert desk.get(ME, by=token).json()["code"] == "principal_closed"


def test_a_token_names_people_only(desk: Desk) -> None:
    client = desk.client((ScopeKind.ALL, ""))

    assert desk.get(ME, by=desk.token_of(client)).status_code == 401


def test_failed_sign_ins_are_gathered_into_one_entry_without_names(desk: Desk) -> None:
    for _ in range(5):
        desk.get(ME, by="ck_aaaaaaaa_" + "x" * 43)
    desk.get(ME, by="nonsense")
    size = desk.size()

    desk.world.clock.advance(minutes=2)
    desk.policies.housekeeping(desk.world.clock())

    assert desk.size() == size + 1
    entry = desk.entry()
    assert entry["type"] == "sign_in.failed_summary"
    assert "aaaaaaaa" not in str(entry["data"])


def test_what_a_caller_has_left_is_in_headers(desk: Desk) -> None:
    client = desk.client((ScopeKind.ALL, ""))
    key = desk.key(client.id, rate_per_minute=3, quota_per_month=1_000).secret

    answers = [desk.get(ME, by=key) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60, "month";q=1000;w=2678400'
    assert [answer.headers["ratelimit"].split(",")[0] for answer in answers[:3]] == [
        '"minute";r=2;t=20',
        '"minute";r=1;t=40',
        '"minute";r=0;t=60',
    ]
    assert '"month";r=997;' in answers[2].headers["ratelimit"]
    refused = answers[3]
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit"] == '"minute";r=0;t=20'


def test_a_month_that_is_used_up_is_told_with_when_the_next_begins(desk: Desk) -> None:
    client = desk.client((ScopeKind.ALL, ""))
    key = desk.key(client.id, quota_per_month=2).secret

    answers = [desk.get(ME, by=key, headers={"Accept-Language": "zh-HK"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem = answers[2].json()
    assert problem["code"] == "quota_exceeded"
    assert "2026-12-01" in problem["detail"]
    # 22 November, noon in Hong Kong, to 1 December, midnight there.
    assert abs(int(answers[2].headers["retry-after"]) - (8 * 86_400 + 12 * 3_600)) <= 1


def test_calls_without_credentials_are_not_limited_and_not_counted(desk: Desk) -> None:
    answer = desk.get("/problems/rate_limited", by=None)

    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
