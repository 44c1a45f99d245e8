"""Verification and reconciliation as jobs."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from itertools import pairwise
from time import sleep
from typing import Any

import pytest
from sqlalchemy import text

from api.job_handlers import api_job_handlers
from api.job_progress import POLL_S
from api.job_results import redacted
from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from workflow.schedules.model import Daily, Plan
from workflow.worker import Worker

VERIFY = "/api/v1/verifications"


def work(desk: Desk) -> None:
    """Lets a worker do what waits."""
    handlers = api_job_handlers(desk.world.storage.database, desk.stock)
    worker = Worker(desk.queue, handlers, name="w", clock=desk.world.clock, entropy=desk.world.entropy, poll_s=0.01)
    worker.start()
    wait_for(lambda: all(depth.state.is_final for depth in desk.queue.depths()))
    worker.stop(timedelta(seconds=5).total_seconds())


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        sleep(0.01)
    pytest.fail("waited ten seconds in vain")


def done(desk: Desk, answer: Any, by: str = "") -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    work(desk)
    found: dict[str, Any] = desk.get(answer.headers["location"], by=by).json()
    return found


@pytest.mark.parametrize(
    ("asked", "scope"),
    [
        ({"scope": "whole"}, "whole"),
        ({"scope": "range", "start": 2, "stop": 9}, "range 2 9"),
        ({"scope": "subject", "subject": "sku:A1"}, "subject sku:A1"),
    ],
)
def test_a_verification_is_asked_for_done_and_told(desk: Desk, asked: dict[str, object], scope: str) -> None:
    answer = desk.post(VERIFY, asked, by=desk.token(Role.AUDITOR))

    waiting = answer.json()
    assert (waiting["kind"], waiting["state"], waiting["payload"]) == ("log.verify", "waiting", asked)
    assert desk.entry(waiting["requested_by_entry"])["type"] == "verification.requested"
    found = done(desk, answer)
    assert found["state"] == "succeeded"
    assert found["result"]["verdict"] == "valid_unanchored"
    assert found["result"]["scope"] == scope
    assert found["progress"]["done"] == found["progress"]["total"]
    assert found["result"]["faults"] == []


def test_a_request_sent_again_is_the_same_job(desk: Desk) -> None:
    body = {"scope": "whole", "event_id": "01890a5d-ac96-774b-bcce-b302099a8057"}

    first, again = desk.post(VERIFY, body), desk.post(VERIFY, body)

    assert first.json()["id"] == again.json()["id"]
    assert [item["id"] for item in desk.get("/api/v1/jobs?kind=log.verify").json()["items"]] == [first.json()["id"]]
    assert desk.post(VERIFY, {**body, "scope": "range", "start": 0, "stop": 1}).json()["code"] == "event_id_reused"


def test_a_tampered_entry_is_named_and_redacted_for_who_may_not_see_it(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    client = desk.client((ScopeKind.STORE, "MK01"))
    key = desk.key(client.id, ("log.verify",)).secret
    mine, other = desk.adjust(1).index, desk.adjust(2, store="TST1").index
    before = tamper(desk, mine, other)
    try:
        with desk.serving():
            answer = desk.post(VERIFY, {"scope": "whole"})
            whole = done(desk, answer)["result"]
            some = desk.get(answer.headers["location"], by=key).json()["result"]
    finally:
        restore(desk, before)

    assert whole["verdict"] == some["verdict"] == "tampered"
    assert {fault["index"] for fault in whole["faults"]} == {mine, other}
    assert all("where" in fault for fault in whole["faults"])
    by_index = {fault["index"]: fault for fault in some["faults"]}
    assert "where" in by_index[mine]
    assert by_index[other] == {"kind": by_index[other]["kind"], "index": other, "redacted": True}
    assert some["counts"] == whole["counts"]
    assert whole["words"]["column_disagrees"]["zh-Hant-HK"] == "資料列的欄位與該項的位元組不符"
    assert whole["words"]["column_disagrees"]["en"] == "a stored column of the entry is not what its bytes give"


def tamper(desk: Desk, *indexes: int) -> list[tuple[int, str]]:
    """Does what an administrator of the database could: other actors in the index columns."""
    with desk.world.storage.database.writing_connection() as connection:
        rows = [
            (index, connection.execute(text(f"SELECT actor FROM entries WHERE entry_index={index}")).scalar_one())
            for index in indexes
        ]
    write(desk, [(index, "somebody") for index in indexes])
    return rows


def write(desk: Desk, rows: list[tuple[int, str]]) -> None:
    with desk.world.storage.database.writing_connection() as connection:
        guards = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='entries'")
        ).all()
        for name, _ in guards:
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        for index, actor in rows:
            connection.execute(
                text("UPDATE entries SET actor=:actor WHERE entry_index=:index"), {"actor": actor, "index": index}
            )
        for _, sql in guards:
            connection.exec_driver_sql(sql)


def restore(desk: Desk, rows: list[tuple[int, str]]) -> None:
    write(desk, rows)


def test_a_reconciliation_finds_nothing_where_nothing_is_wrong(desk: Desk) -> None:
    desk.adjust(5)

    found = done(desk, desk.post("/api/v1/reconciliations", {}))

    assert found["result"] == {"disagreements": [], "disagreement_count": 0}


def test_disagreements_beyond_the_readers_stores_keep_their_kind_only(desk: Desk) -> None:
    client = desk.client((ScopeKind.STORE, "MK01"))
    reader = desk.caller(desk.key(client.id, ("log.verify",)).secret)
    result: dict[str, Any] = {
        "disagreements": [
            {"kind": "quantity", "store": "MK01", "sku": "A1", "expected": 1, "found": 2},
            {"kind": "quantity", "store": "TST1", "sku": "A1", "expected": 3, "found": 4},
        ],
        "disagreement_count": 2,
    }

    found = redacted(result, reader, desk.world.storage.database)

    assert found["disagreements"] == [result["disagreements"][0], {"kind": "quantity", "redacted": True}]
    assert found["disagreement_count"] == 2


def test_a_job_that_waits_is_called_off(desk: Desk) -> None:
    job = desk.post(VERIFY, {"scope": "whole"}).json()["id"]
    operator = desk.token(Role.OPERATOR)

    cancelled = desk.post(f"/api/v1/jobs/{job}/cancellation", by=operator)
    again = desk.post(f"/api/v1/jobs/{job}/cancellation", by=operator)
    told = desk.post(f"/api/v1/jobs/{job}/cancellation", by=operator, headers={"Accept-Language": "zh-HK"})

    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert (again.status_code, again.json()["code"]) == (409, "job_finished")
    assert again.json()["detail"] == "The job has ended already (cancelled)."
    assert told.json()["detail"] == "此工作已經完結（已取消）。"


@pytest.mark.parametrize(
    ("body", "status", "place", "code"),
    [
        ({}, 422, "#/scope", "member_missing"),
        ({"scope": "half"}, 422, "#/scope", "choice_unknown"),
        ({"scope": "range", "start": 1}, 422, "#/stop", "member_missing"),
        ({"scope": "range", "start": 5, "stop": 1}, 422, "#/stop", "range_reversed"),
        ({"scope": "whole", "subject": "sku:A1"}, 422, "#/subject", "member_unknown"),
        ({"scope": "subject", "subject": "A1"}, 422, "#/subject", "code_form"),
        ({"scope": "range", "start": 0, "stop": 9_999}, 404, None, "size_beyond_log"),
    ],
)
def test_a_verification_of_nothing_is_refused(
    desk: Desk, body: dict[str, object], status: int, place: str | None, code: str
) -> None:
    answer = desk.post(VERIFY, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if place is not None:
        assert answer.json()["errors"][0]["pointer"] == place


def test_jobs_are_for_those_who_may_verify(desk: Desk) -> None:
    staff = desk.token(Role.STAFF)

    assert desk.post(VERIFY, {"scope": "whole"}, by=staff).status_code == 403
    assert desk.get("/api/v1/jobs?kind=log.verify", by=staff).status_code == 403
    assert desk.get(f"/api/v1/jobs/{'0' * 32}").status_code == 404


def test_jobs_come_in_pages(desk: Desk) -> None:
    ids = [desk.post(VERIFY, {"scope": "whole"}).json()["id"] for _ in range(3)]

    first = desk.get("/api/v1/jobs?kind=log.verify&limit=2").json()
    rest = desk.get("/api/v1/jobs", params={"kind": "log.verify", "limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None


def test_jobs_of_every_kind_that_the_caller_may_read_are_listed_by_how_they_stand(desk: Desk) -> None:
    done(desk, desk.post(VERIFY, {"scope": "whole"}))
    checked = desk.get("/api/v1/jobs").json()["items"][0]["id"]
    called_off = desk.post("/api/v1/reconciliations", {}).json()["id"]
    waiting = desk.post(VERIFY, {"scope": "whole"}).json()["id"]
    operator = desk.token(Role.OPERATOR)
    desk.post(f"/api/v1/jobs/{called_off}/cancellation", by=operator)

    def listed(by: str = "", **params: str) -> list[str]:
        return [item["id"] for item in desk.get("/api/v1/jobs", params=params, by=by).json()["items"]]

    assert listed() == listed(by=operator) == [waiting, called_off, checked]
    assert listed(state="waiting") == [waiting]
    assert listed(state="cancelled") == [called_off]
    assert listed(state="succeeded", kind="log.verify") == [checked]
    assert listed(state="succeeded", kind="stock.reconcile") == []
    assert desk.get("/api/v1/jobs", params={"state": "lost"}).status_code == 400
    assert desk.get("/api/v1/jobs", by=desk.token(Role.STAFF)).status_code == 403


def test_a_cursor_goes_on_with_the_list_it_is_of(desk: Desk) -> None:
    for _ in range(3):
        desk.post(VERIFY, {"scope": "whole"})
    cursor = desk.get("/api/v1/jobs?state=waiting&limit=2").json()["next_cursor"]

    rest = desk.get("/api/v1/jobs", params={"state": "waiting", "cursor": cursor}).json()
    other = desk.get("/api/v1/jobs", params={"cursor": cursor})

    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)
    assert (other.status_code, other.json()["errors"][0]["parameter"]) == (400, "cursor")


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in text.split("\n") if line.startswith("data: ")]


def test_a_job_is_followed_to_its_end(desk: Desk) -> None:
    asked = desk.post(VERIFY, {"scope": "whole"}, by=desk.token(Role.AUDITOR))
    path = f"{asked.headers['location']}/events"

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(desk.get, path)
        wait_for(lambda: desk.services.tails.followers == 1)
        work(desk)
        text = answer.result(30).text

    told = events_of(text)
    assert told[0]["state"] == "waiting"
    assert told[-1]["state"] == "succeeded"
    assert told[-1] == desk.get(asked.headers["location"]).json()
    assert desk.services.tails.followers == 0


def test_a_job_that_has_ended_is_told_in_one_event(desk: Desk) -> None:
    found = done(desk, desk.post(VERIFY, {"scope": "whole"}, by=desk.token(Role.AUDITOR)))

    answer = desk.get(f"/api/v1/jobs/{found['id']}/events")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events_of(answer.text) == [found]


def test_an_unknown_job_has_no_events(desk: Desk) -> None:
    assert desk.get(f"/api/v1/jobs/{'0' * 32}/events").status_code == 404
    assert (
        desk.get(f"/api/v1/jobs/{'0' * 32}/events", by=desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))).status_code
        == 403
    )


# --------------------------------------------------------------------------------------- recurring jobs

SCHEDULES = "/api/v1/job-schedules"


def test_recurring_jobs_are_listed_paused_and_resumed(each_desk: Desk) -> None:
    desk = each_desk
    operator, auditor = desk.token(Role.OPERATOR), desk.token(Role.AUDITOR)
    schedules = desk.services.schedules
    schedules.keep((Plan("nightly", "每晚", "Nightly", Daily(time(2, 30)), ("log.verify",)),))
    schedules.ask_for_due(desk.world.clock())

    (listed,) = desk.get(SCHEDULES, by=auditor).json()["items"]
    paused = desk.post(f"{SCHEDULES}/nightly/pause", {}, by=operator)
    again = desk.post(f"{SCHEDULES}/nightly/pause", {}, by=operator)
    resting = desk.get(SCHEDULES, by=auditor).json()["items"][0]
    denied = desk.post(f"{SCHEDULES}/nightly/resume", {}, by=auditor)
    staff = desk.get(SCHEDULES, by=desk.token(Role.STAFF, (ScopeKind.STORE, "MK01")))
    absent = desk.post(f"{SCHEDULES}/never/pause", {}, by=operator)
    resumed = desk.post(f"{SCHEDULES}/nightly/resume", {}, by=operator)

    (job,) = desk.queue.page(kinds=("log.verify",))
    assert listed == {
        "schedule": "nightly",
        "name_zh": "每晚",
        "name_en": "Nightly",
        "jobs": ["log.verify"],
        "paused": False,
        "at": "02:30",
        "next_due": "2026-11-22T18:30:00.000000Z",
        "last_due": "2026-11-21T18:30:00.000000Z",
        "last_entry": job.job.entry_index,
    }
    assert (paused.status_code, paused.json()["paused"], "next_due" in paused.json()) == (200, True, False)
    assert desk.entry(paused.json()["receipt"]["index"])["type"] == "job_schedule.paused"
    assert (again.status_code, again.json()["code"]) == (409, "schedule_unchanged")
    assert resting["paused"] is True
    assert (denied.status_code, staff.status_code, absent.status_code) == (403, 403, 404)
    assert (resumed.json()["paused"], resumed.json()["next_due"]) == (False, "2026-11-22T18:30:00.000000Z")


def test_who_may_see_a_paper_follows_how_it_is_read(each_desk: Desk) -> None:
    desk = each_desk
    staff = desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))
    elsewhere = desk.token(Role.STAFF, (ScopeKind.STORE, "TST1"))
    sent = desk.call(
        "POST",
        "/api/v1/documents",
        data={"class": "delivery_note", "store": "MK01", "pics_id": "STAFF/3"},
        files={"file": ("note.jpg", b"paper", "image/jpeg")},
    )
    path = f"/api/v1/jobs/{sent.json()['reading_job']}"

    before = desk.get(path, by=staff)
    cancelled = desk.post(f"{path}/cancellation", by=desk.token(Role.OPERATOR))
    hidden, absent = (desk.get(one, by=elsewhere) for one in (path, f"/api/v1/jobs/{'0' * 32}"))
    Desk.work(desk)
    after = desk.get(path, by=staff).json()
    told = desk.get(f"{path}/events", by=staff)

    assert (before.status_code, before.json()["state"], before.json()["kind"]) == (200, "waiting", "document.read")
    assert cancelled.status_code in {403, 404}
    assert hidden.status_code == absent.status_code == 403
    own = ("request_id", "instance")
    assert {name: said for name, said in hidden.json().items() if name not in own} == {
        name: said for name, said in absent.json().items() if name not in own
    }
    assert (after["state"], after["result"]["pages"]) == ("succeeded", 1)
    assert events_of(told.text)[-1] == after


def test_how_many_pages_are_read_is_told_to_who_polls_and_to_who_follows(desk: Desk) -> None:
    def sent(content: bytes) -> str:
        form = {"class": "delivery_note", "store": "MK01", "pics_id": "STAFF/3"}
        answer = desk.call("POST", "/api/v1/documents", data=form, files={"file": ("note.tiff", content, "image/tiff")})
        return f"/api/v1/jobs/{answer.json()['reading_job']}"

    long, photo = sent(b"a1\fa2\fa3"), ""
    polled: list[tuple[str, str, Any]] = []

    def told(page: str) -> None:
        nonlocal photo
        found = desk.get(long).json()
        polled.append((page, found["state"], found.get("progress")))
        if page == "a2":
            photo = sent(b"photo")
        # Long enough for who follows to see it.
        sleep(2 * POLL_S)

    desk.reader.told = told
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(desk.get, f"{long}/events")
        wait_for(lambda: desk.services.tails.followers == 1)
        Desk.work(desk)
        followed = events_of(answer.result(30).text)

    assert polled == [
        ("a1", "running", {"done": 0, "total": 3}),
        ("a2", "running", {"done": 1, "total": 3}),
        ("photo", "waiting", {"done": 2, "total": 3}),
        ("a3", "running", {"done": 2, "total": 3}),
    ]
    told_to_follower = [one["progress"] for one in followed if "progress" in one]
    assert [one for one, after in pairwise([*told_to_follower, None]) if one != after] == [
        {"done": 0, "total": 3},
        {"done": 1, "total": 3},
        {"done": 2, "total": 3},
        {"done": 3, "total": 3},
    ]
    assert (followed[-1]["state"], followed[-1]["attempts"]) == ("succeeded", 1)
