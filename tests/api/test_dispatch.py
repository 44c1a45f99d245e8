"""What happens around every operation: request ids, faults of ours, stores that are away."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from litestar.testing import TestClient

from api.application import OPERATIONS, create_api
from api.operations import Operation, Runs
from storage.errors import CommitUnknown, LogBusy, LogClosed, StorageFailed
from tests.api.desk import URL, Desk

ONE = "/api/v1/adjustments"
BODY = {"store": "MK01", "sku": "A1", "reason": "receive", "change": 1}


def failing(desk: Desk, error: Exception) -> Callable[[str], Any]:
    """The API with a log that fails so."""

    async def commit(_change: object) -> Any:
        raise error

    services = replace(desk.services, commit=commit)  # type: ignore[arg-type]

    def post(tag: str) -> Any:
        with TestClient(create_api(services), base_url=URL) as client:
            headers = {"Authorization": f"Bearer {desk.whole_key}", "Accept-Language": tag}
            return client.post(ONE, json=BODY, headers=headers)

    return post


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.name in {"adjust", "get_me"}], ids=lambda o: o.name)
def test_a_fault_of_ours_is_told_by_request_id_and_logged_without_its_message(
    sqlite_desk: Desk, operation: Operation[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_call: object) -> Any:
        msg = "the note says 陳太"
        raise RuntimeError(msg)

    app = create_api(sqlite_desk.services, operations=[replace(operation, run=broken)])
    with TestClient(app, base_url=URL, raise_server_exceptions=True) as client, caplog.at_level(logging.ERROR):
        headers = {"Authorization": f"Bearer {sqlite_desk.whole_key}", "X-Request-ID": "till-7.42"}
        answer = client.request(operation.method, operation.path, json=BODY, headers=headers)

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "till-7.42"
    assert "Traceback" not in answer.text
    assert "陳太" not in answer.text
    record = next(record for record in caplog.records if record.name == "chopbook.api")
    assert record.request_id == "till-7.42"  # type: ignore[attr-defined]
    assert record.error == "builtins.RuntimeError"  # type: ignore[attr-defined]
    assert "陳太" not in str(record.__dict__)
    assert any("broken" in place for place in record.places)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LogBusy(4096), "log_busy"),
        (LogClosed(), "log_closed"),
        (StorageFailed("disk full at /secret"), "storage_failed"),
        (CommitUnknown("connection lost"), "commit_unknown"),
    ],
)
def test_a_log_that_is_away_is_503_with_a_time_to_come_back(sqlite_desk: Desk, error: Exception, code: str) -> None:
    post = failing(sqlite_desk, error)

    for tag in ("en", "zh-HK"):
        answer = post(tag)
        assert (answer.status_code, answer.json()["code"]) == (503, code)
        assert answer.headers["retry-after"] == "1"
        assert "secret" not in answer.text


def test_a_call_is_named_by_its_caller_or_by_us(desk: Desk) -> None:
    mine = desk.get("/api/v1/me", headers={"X-Request-ID": "abc-1"})
    odd = desk.get("/api/v1/me", headers={"X-Request-ID": "a b\tc"})
    none = desk.get("/api/v1/me")

    assert mine.headers["x-request-id"] == "abc-1"
    assert odd.headers["x-request-id"] != "a b\tc"
    assert len(none.headers["x-request-id"]) == 32


def test_answers_are_not_stored_or_guessed_at(desk: Desk) -> None:
    answer = desk.get("/api/v1/me")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("DELETE", "/api/v1/entries", 405, "method_not_allowed"),
        ("POST", "/api/v1/entries/1", 405, "method_not_allowed"),
    ],
)
def test_where_there_is_nothing_a_problem_says_so(desk: Desk, method: str, path: str, status: int, code: str) -> None:
    answer = desk.call(method, path, headers={"Accept-Language": "zh-HK"})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-language"] == "zh-Hant-HK"
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/entries/"),
        ("GET", "/api/v1/entries/0/"),
        ("GET", "/api/v1//entries"),
        ("HEAD", "/api/v1/entries/"),
        ("GET", "/problems/"),
        ("GET", "/log/checkpoint/"),
        ("POST", "/api/v1/adjustments/"),
    ],
)
def test_an_address_has_one_spelling(desk: Desk, method: str, path: str) -> None:
    size = desk.size()

    answer = desk.call(method, path, json={"store": "MK01", "sku": "A1", "reason": "receive", "change": 1})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert desk.size() == size
    assert desk.get("/api/v1/entries?limit=1").status_code == 200


def test_a_host_header_that_is_none_is_a_bad_request(desk: Desk) -> None:
    answer = desk.get("/api/v1/me", headers={"Host": "a b"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_compressed_body_is_refused_by_name(desk: Desk) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    answer = desk.call("POST", ONE, content=b"\x1f\x8b", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "content_coding_unsupported")


def test_every_answer_is_observed_by_operation_and_status(sqlite_desk: Desk) -> None:
    seen: list[tuple[str, int]] = []

    def observe(name: str, status: int, seconds: float) -> None:
        assert seconds > 0
        seen.append((name, status))

    app = create_api(sqlite_desk.services, observe=observe)
    with TestClient(app, base_url=URL) as client:
        headers = {"Authorization": f"Bearer {sqlite_desk.whole_key}"}
        client.get("/api/v1/me", headers=headers)
        client.get("/api/v1/me")
        client.post(ONE, json=BODY, headers=headers)

    assert seen == [("get_me", 200), ("get_me", 401), ("adjust", 201)]


def test_operations_are_named_once_and_appends_wait_on_the_loop() -> None:
    names = [operation.name for operation in OPERATIONS]

    assert len(set(names)) == len(names)
    assert {operation.name for operation in OPERATIONS if operation.runs is Runs.ON_LOOP} == {
        "add_document",
        "add_version",
        "adjust",
        "correct",
        "discover_uploads",
        "export",
        "export_folder",
        "export_recall",
        "export_recall_csv",
        "follow",
        "follow_job",
        "get_content",
        "get_problem",
        "get_rendition",
        "list_problems",
        "patch_upload",
    }
