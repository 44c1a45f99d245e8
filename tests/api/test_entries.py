"""Looking the log up."""

import hashlib
import json
from typing import Any

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk

PATH = "/api/v1/entries"


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk with ten movements at two stores, a minute apart."""
    for n in range(10):
        desk.world.clock.advance(minutes=1)
        store, sku = ("MK01", "A1") if n % 2 else ("TST1", "A2")
        desk.adjust(n + 1, store=store, sku=sku, reference=f"DN-{n}")
    return desk


def indexes(answer: Any) -> list[int]:
    return [item["index"] for item in answer.json()["items"]]


def test_entries_come_byte_for_byte_with_their_leaf_hash(busy: Desk) -> None:
    item = busy.get(PATH, params={"limit": 1}).json()["items"][0]
    raw = busy.get(f"{PATH}/{item['index']}/bytes")

    assert hashlib.sha256(b"\0" + raw.content).hexdigest() == item["leaf_hash"]
    assert raw.headers["chopbook-leaf-hash"] == item["leaf_hash"]
    assert json.loads(raw.content) == item["entry"]
    assert raw.content in busy.get(f"{PATH}/{item['index']}").content


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
def test_pages_neither_repeat_nor_lose_an_entry_while_the_log_grows(busy: Desk, order: str) -> None:
    wanted = {"order": order, "type": "stock.adjusted", "limit": 3}
    everything = indexes(busy.get(PATH, params={**wanted, "limit": 100}))

    found: list[int] = []
    page = busy.get(PATH, params=wanted)
    while True:
        found += indexes(page)
        busy.adjust(1)
        if page.json()["next_cursor"] is None or len(found) >= len(everything):
            break
        page = busy.get(PATH, params={**wanted, "cursor": page.json()["next_cursor"]})

    assert found[: len(everything)] == everything
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"type": "stock.adjusted"}, 10),
        ({"store": "MK01", "type": "stock.adjusted"}, 5),
        ({"sku": "A2", "type": "stock.adjusted"}, 5),
        ({"subject": "stock:MK01/A1"}, 5),
        ({"sku": "A1", "store": "TST1"}, 0),
        ({"actor": "nobody"}, 0),
        ({"recorded_from": "2026-11-22T12:03:00+08:00", "recorded_until": "2026-11-22T12:05:00+08:00"}, 2),
        ({"text": "DN-7"}, 1),
        ({"text": "dn-7"}, 0),
    ],
)
def test_filters_hold_together_and_the_total_counts_all_matches(busy: Desk, wanted: dict[str, str], count: int) -> None:
    page = busy.get(PATH, params={**wanted, "limit": 1}).json()

    assert page["total"] == count
    assert len(indexes(busy.get(PATH, params=wanted))) == count


def test_the_actor_and_the_claimed_time_are_filters_too(busy: Desk) -> None:
    answer = busy.post(
        "/api/v1/adjustments",
        {"store": "MK01", "sku": "A1", "reason": "receive", "change": 1, "occurred_at": "2026-11-01T00:00:00Z"},
    )
    till = busy.get("/api/v1/me").json()["id"]
    claimed = {"occurred_from": "2026-10-31T00:00:00Z", "occurred_until": "2026-11-02T00:00:00Z"}

    assert indexes(busy.get(PATH, params={"actor": till})) == [answer.json()["index"]]
    assert indexes(busy.get(PATH, params=claimed)) == [answer.json()["index"]]
    assert busy.get(PATH, params={**claimed, "total": "false"}).json()["total"] is None


def test_somebody_with_some_stores_sees_the_entries_of_those(busy: Desk) -> None:
    manager = busy.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    page = busy.get(PATH, by=manager, params={"limit": 100}).json()

    assert {item["entry"]["data"]["store"] for item in page["items"]} == {"MK01"}
    assert page["total"] == len(page["items"])
    assert busy.get(PATH, by=manager, params={"store": "TST1"}).status_code == 403
    assert busy.get(f"{PATH}/0", by=manager).json()["code"] == "not_found"
    other = indexes(busy.get(PATH, params={"store": "TST1"}))[0]
    assert busy.get(f"{PATH}/{other}", by=manager).json()["code"] == "not_found"
    mine = page["items"][0]["index"]
    assert busy.get(f"{PATH}/{mine}", by=manager).status_code == 200


def test_who_loses_a_store_loses_its_history_at_once(busy: Desk) -> None:
    person = busy.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))
    token = busy.token_of(person)
    assert busy.get(PATH, by=token).json()["total"] > 0

    busy.unassign(person.id, ScopeKind.STORE, "MK01")

    assert busy.get(PATH, by=token).json() == {"items": [], "next_cursor": None, "total": 0, "tree_size": busy.size()}


def test_an_index_beyond_the_log_is_told_with_its_size(desk: Desk) -> None:
    answer = desk.get(f"{PATH}/{2**53 - 1}")

    assert (answer.status_code, answer.json()["code"]) == (404, "index_beyond_log")
    assert str(desk.size()) in answer.json()["detail"]


def test_an_unknown_parameter_is_answered_with_those_there_are(desk: Desk) -> None:
    english = desk.get("/api/v1/entries", params={"since": "2026-11-22T12:00:00Z"}).json()
    none = desk.get("/api/v1/me", params={"x": "1"}, headers={"Accept-Language": "zh-HK"}).json()

    assert "recorded_from, recorded_until" in english["errors"][0]["detail"]
    assert none["detail"] == "此處沒有這個查詢參數。可用的參數：—。"


@pytest.mark.parametrize(
    ("wanted", "parameter", "code"),
    [
        ({"limt": "2"}, "limt", "parameter_unknown"),
        ({"limit": "0"}, "limit", "integer_out_of_range"),
        ({"limit": "two"}, "limit", "integer_expected"),
        ({"limit": "٣"}, "limit", "integer_expected"),
        ({"order": "sideways"}, "order", "choice_unknown"),
        ({"recorded_from": "2026-11-22T12:00:00"}, "recorded_from", "time_without_zone"),
        ({"recorded_from": "yesterday"}, "recorded_from", "time_form"),
        ({"subject": "A1"}, "subject", "code_form"),
        ({"text": "a\0b"}, "text", "text_characters"),
        ({"text": ""}, "text", "text_empty"),
        ({"cursor": "nonsense"}, "cursor", "cursor_invalid"),
        ({"total": "yes"}, "total", "boolean_expected"),
        ({"subject": "sku:A1", "sku": "A1"}, "sku", "parameters_exclude"),
        (
            {"recorded_from": "2026-11-22T12:00:00Z", "recorded_until": "2026-11-22T11:00:00Z"},
            "recorded_until",
            "range_reversed",
        ),
    ],
)
def test_a_wrong_parameter_is_named(desk: Desk, wanted: dict[str, str], parameter: str, code: str) -> None:
    answer = desk.get(PATH, params=wanted)

    assert answer.status_code == 400
    assert [(fault["parameter"], fault["code"]) for fault in answer.json()["errors"]] == [(parameter, code)]


def test_every_wrong_parameter_is_named_at_once(desk: Desk) -> None:
    answer = desk.get(PATH + "?limit=0&order=x&limit=1&what=is")

    assert [fault["parameter"] for fault in answer.json()["errors"]] == ["limit", "order", "limit", "what"]


def test_a_cursor_of_other_filters_is_refused(busy: Desk) -> None:
    cursor = busy.get(PATH, params={"limit": 1}).json()["next_cursor"]

    assert busy.get(PATH, params={"limit": 5, "cursor": cursor}).status_code == 200
    assert busy.get(PATH, params={"type": "stock.adjusted", "cursor": cursor}).json()["code"] == "cursor_invalid"


@pytest.mark.parametrize("query", ["%ff=1", "text=%ff", "a=1&" * 100])
def test_a_query_that_is_no_text_is_refused(desk: Desk, query: str) -> None:
    answer = desk.get(f"{PATH}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_erased_values_are_null_and_the_entry_stays(desk: Desk) -> None:
    clerk = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    body = {"store": "MK01", "sku": "A1", "reason": "receive", "change": 1, "note": "陳太"}
    index = desk.post("/api/v1/adjustments", body, by=desk.token_of(clerk)).json()["index"]
    officer, dpo = desk.token(Role.COMPLIANCE_OFFICER), desk.token(Role.DPO)
    path = f"{PATH}/{index}/personal"

    assert desk.take(path, by=officer).json()["values"] == {"note": "陳太"}
    assert desk.post(f"/api/v1/principals/{clerk.id}/erasure", {}, by=dpo).status_code == 200
    assert desk.take(path, by=officer).json()["values"] == {"note": None}
    assert desk.get(f"{PATH}/{index}").status_code == 200
