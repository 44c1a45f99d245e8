"""SKUs, lots, reasons, labels, balances, stocktakes."""

from typing import Any
from uuid import uuid4

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.stock.shop import GTIN


def result(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()["result"]
    return found


def test_a_sku_is_made_changed_found_and_scanned(desk: Desk) -> None:
    body = {"code": "TEA 1#", "name_zh": "普洱", "unit": "piece", "gtin": "4006381333931"}

    made = desk.post("/api/v1/skus", body)
    changed = desk.call("PATCH", "/api/v1/skus/TEA%201%23", json={"name_en": "Pu-erh"})
    nothing = desk.call("PATCH", "/api/v1/skus/TEA%201%23", json={"name_en": "Pu-erh"})

    assert made.status_code == 201
    assert result(changed)["name_en"] == "Pu-erh"
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_changed")
    assert desk.get("/api/v1/skus/TEA%201%23").json() == result(changed)
    assert [item["code"] for item in desk.get("/api/v1/skus", params={"text": "puER"}).json()["items"]] == []
    assert [item["code"] for item in desk.get("/api/v1/skus", params={"text": "pu-ER"}).json()["items"]] == ["TEA 1#"]
    assert desk.get("/api/v1/scans", params={"scan": "4006381333931"}).json()["sku"]["code"] == "TEA 1#"
    assert desk.post("/api/v1/skus", {**body, "code": "TEA2"}).json()["code"] == "gtin_taken"
    assert desk.call("PATCH", "/api/v1/skus/NONE", json={"name_en": "x"}).status_code == 404


def test_a_gtin_is_taken_away_by_null(desk: Desk) -> None:
    assert desk.get("/api/v1/skus/A1").json()["gtin"] == GTIN

    changed = desk.call("PATCH", "/api/v1/skus/A1", json={"gtin": None})

    assert "gtin" not in result(changed)


def test_a_label_tells_the_lot_it_names(desk: Desk) -> None:
    desk.lot("C1", "L1", "2028-01-31")

    found = desk.get("/api/v1/scans", params={"scan": "(01)09506000134352(17)280131(10)L1"}).json()

    assert found["sku"]["code"] == "C1"
    assert (found["batch"], found["expiry"]) == ("L1", "2028-01-31")
    assert found["lot"] == {"sku": "C1", "batch": "L1", "expiry": "2028-01-31"}
    assert desk.get("/api/v1/scans", params={"scan": "4006381333931"}).status_code == 404
    assert desk.get("/api/v1/scans", params={"scan": "hello world"}).status_code in {400, 404}


def test_lots_and_reasons_are_made_and_listed(desk: Desk) -> None:
    lot = desk.post("/api/v1/lots", {"sku": "C1", "batch": "L1", "expiry": "2028-01-31"})
    reason = desk.post("/api/v1/reasons", {"code": "charity", "name_zh": "捐贈", "direction": "out"})
    retired = desk.call("PATCH", "/api/v1/reasons/charity", json={"active": False})

    assert result(lot) == {"sku": "C1", "batch": "L1", "expiry": "2028-01-31"}
    assert desk.get("/api/v1/lots", params={"sku": "C1"}).json()["items"] == [result(lot)]
    assert desk.get("/api/v1/lots", params={"expiring_by": "2027-12-31"}).json()["items"] == []
    assert result(reason)["name_en"] == "捐贈"
    assert result(retired)["active"] is False
    codes = [item["code"] for item in desk.get("/api/v1/reasons").json()["items"]]
    assert codes == sorted(codes)
    assert "charity" in codes
    assert desk.post("/api/v1/lots", {"sku": "C1", "batch": "L1"}).json()["code"] == "lot_exists"
    assert desk.call("PATCH", "/api/v1/reasons/none", json={"active": False}).status_code == 404


def test_balances_are_those_of_the_stores_in_reach(desk: Desk) -> None:
    desk.adjust(5)
    desk.adjust("1.5", store="TST1", sku="W1")
    desk.adjust(3, sku="C1", batch="L1", expiry="2028-01-31")
    staff = desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))

    everything = desk.get("/api/v1/balances").json()["items"]
    mine = desk.get("/api/v1/balances", by=staff).json()["items"]

    assert [(item["store"], item["sku"], item["quantity"], item["scale"]) for item in everything] == [
        ("MK01", "A1", 5, 0),
        ("MK01", "C1", 3, 0),
        ("TST1", "W1", 1500, 3),
    ]
    assert {item["store"] for item in mine} == {"MK01"}
    assert desk.get("/api/v1/balances", by=staff, params={"store": "TST1"}).status_code == 403
    assert [item["sku"] for item in desk.get("/api/v1/balances", params={"batch": ""}).json()["items"]] == ["A1", "W1"]
    assert [item["batch"] for item in desk.get("/api/v1/balances", params={"batch": "L1"}).json()["items"]] == ["L1"]
    expiring = desk.get("/api/v1/balances/expiring", params={"by": "2028-12-31"}).json()["items"]
    assert [(item["batch"], item["expiry"], item["quantity"]) for item in expiring] == [("L1", "2028-01-31", 3)]


def test_lists_of_the_catalogue_come_in_pages(desk: Desk) -> None:
    desk.adjust(1)
    desk.adjust(1, sku="A2")
    for path in ("/api/v1/skus", "/api/v1/balances"):
        whole = desk.get(path).json()["items"]
        found, cursor = [], None
        while True:
            page = desk.get(path, params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == whole


def test_a_stocktake_is_opened_counted_and_closed(desk: Desk) -> None:
    desk.adjust(10)
    opened = desk.post("/api/v1/stocktakes", {"store": "MK01"})
    stocktake = result(opened)["id"]
    path = f"/api/v1/stocktakes/{stocktake}"
    lines = {"lines": [{"sku": "A1", "counted": 7}, {"scan": GTIN}], "event_id": str(uuid4())}

    counted = desk.post(f"{path}/counts", lines)
    again = desk.post(f"{path}/counts", lines)
    shown = desk.get(f"{path}/lines").json()["items"]
    desk.world.clock.advance(minutes=30)
    closed = desk.post(f"{path}/closing", {})

    assert opened.status_code == 201
    assert [line["total"] for line in result(counted)["lines"]] == [7, 8]
    assert (again.status_code, again.json()["replayed"]) == (200, True)
    assert [(line["sku"], line["counted"], line["expected"], line["difference"]) for line in shown] == [
        ("A1", 8, 10, -2)
    ]
    assert result(closed)["duration_s"] == 1_800
    assert [(moved["before"], moved["change"], moved["after"]) for moved in result(closed)["adjustments"]] == [
        (10, -2, 8)
    ]
    assert desk.get(path).json()["state"] == "closed"
    assert desk.held() == 8
    assert desk.post(f"{path}/closing", {}).json()["code"] == "stocktake_not_open"


def test_a_stocktake_that_is_cancelled_changes_nothing(desk: Desk) -> None:
    desk.adjust(10)
    stocktake = result(desk.post("/api/v1/stocktakes", {"store": "MK01"}))["id"]
    desk.post(f"/api/v1/stocktakes/{stocktake}/counts", {"lines": [{"sku": "A1", "counted": 1}]})

    cancelled = desk.post(f"/api/v1/stocktakes/{stocktake}/cancellation")

    assert result(cancelled)["state"] == "cancelled"
    assert desk.held() == 10
    open_ones = desk.get("/api/v1/stocktakes", params={"state": "open"}).json()["items"]
    assert open_ones == []
    assert len(desk.get("/api/v1/stocktakes").json()["items"]) == 1


@pytest.mark.parametrize("what", ["", "/lines", "/counts", "/closing", "/cancellation"])
def test_a_stocktake_that_is_not_there_is_not_found(desk: Desk, what: str) -> None:
    path = f"/api/v1/stocktakes/st_9999{what}"
    body = {"lines": [{"sku": "A1", "counted": 1}]} if what == "/counts" else {}

    answer = desk.get(path) if what in {"", "/lines"} else desk.post(path, body)

    assert (answer.status_code, answer.json()["code"]) == (404, "stocktake_unknown")


def test_a_stocktake_elsewhere_is_answered_as_one_that_is_not_there(desk: Desk) -> None:
    stocktake = result(desk.post("/api/v1/stocktakes", {"store": "TST1"}))["id"]
    manager = desk.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    for path in ("", "/lines"):
        hidden = desk.get(f"/api/v1/stocktakes/{stocktake}{path}", by=manager)
        absent = desk.get(f"/api/v1/stocktakes/st_999999{path}", by=manager)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "stocktake_unknown")
        assert hidden.json()["detail"].replace(stocktake, "") == absent.json()["detail"].replace("st_999999", "")
        assert hidden.json().keys() == absent.json().keys()
    assert desk.post(f"/api/v1/stocktakes/{stocktake}/closing", by=manager).status_code == 404
    assert desk.get("/api/v1/stocktakes", by=manager).json()["items"] == []


def test_two_stocktakes_at_once_are_refused(desk: Desk) -> None:
    desk.post("/api/v1/stocktakes", {"store": "MK01"})

    again = desk.post("/api/v1/stocktakes", {"store": "MK01"}, headers={"Accept-Language": "zh-HK"})

    assert (again.status_code, again.json()["code"]) == (409, "stocktake_is_open")
    assert "進行中的盤點" in again.json()["detail"]
