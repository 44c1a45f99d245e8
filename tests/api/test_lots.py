"""Lots through the API."""

from __future__ import annotations

import csv
import io
import json

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.stock.shop import ALLOWS, REFUSES

LOT = {"sku": "C1", "batch": "SOON"}


@pytest.fixture
def lots(desk: Desk) -> Desk:
    for batch, expiry in (("SOON", "2026-11-27"), ("LATE", "2027-06-30")):
        desk.adjust(5, sku="C1", batch=batch, expiry=expiry, reference="DN-1")
    desk.adjust(2, sku="C1", batch="SOON", store=ALLOWS)
    return desk


def test_what_expires_is_listed_by_days(lots: Desk) -> None:
    found = lots.get("/api/v1/lots/expiring", params={"days": 7, "limit": 1}).json()
    rest = lots.get("/api/v1/lots/expiring", params={"days": 7, "limit": 1, "cursor": found["next_cursor"]}).json()

    assert [(item["store"], item["batch"]) for item in (*found["items"], *rest["items"])] == [
        (REFUSES, "SOON"),
        (ALLOWS, "SOON"),
    ]
    assert len(lots.get("/api/v1/lots/expiring", params={"by": "2027-12-31", "store": REFUSES}).json()["items"]) == 2
    assert lots.get("/api/v1/lots/expiring", params={"by": "2027-12-31", "days": 1}).status_code == 400


def test_what_the_books_have_below_zero_is_a_balance_that_expires_and_no_goods(lots: Desk) -> None:
    lots.adjust(-9, sku="C1", batch="SOON", store=ALLOWS, reason="sale")

    def listed(path: str) -> dict[str, int]:
        items = lots.get(path, params={"by": "2026-11-30"}).json()["items"]
        return {item["store"]: item["quantity"] for item in items}

    described = lots.get("/api/v1/openapi.json").json()["paths"]
    assert listed("/api/v1/lots/expiring") == {REFUSES: 5}
    assert listed("/api/v1/balances/expiring") == {REFUSES: 5, ALLOWS: -7}
    assert "/api/v1/lots/expiring" in described["/api/v1/balances/expiring"]["get"]["description"]
    assert "/api/v1/balances/expiring" in described["/api/v1/lots/expiring"]["get"]["description"]


def test_what_to_take_first(lots: Desk) -> None:
    answer = lots.get("/api/v1/lots/picking", params={"store": REFUSES, "sku": "C1", "quantity": 7})

    assert answer.json()["take"] == [
        {"batch": "SOON", "expiry": "2026-11-27", "quantity": 5, "left": 0},
        {"batch": "LATE", "expiry": "2027-06-30", "quantity": 2, "left": 3},
    ]
    assert lots.get("/api/v1/lots/picking", params={"store": REFUSES, "sku": "ZZ", "quantity": 1}).status_code == 404


def test_a_recall_as_a_list_and_as_files(lots: Desk) -> None:
    found = lots.get("/api/v1/lots/recall", params=LOT).json()
    page = lots.get("/api/v1/lots/movements", params={**LOT, "limit": 1}).json()
    rest = lots.get("/api/v1/lots/movements", params={**LOT, "cursor": page["next_cursor"]}).json()
    size = lots.world.storage.log.head().size
    lines = lots.get("/api/v1/lots/recall/export", params=LOT)
    table = lots.get("/api/v1/lots/recall/export.csv", params=LOT)

    assert [at["store"] for at in found["stores"]] == [REFUSES, ALLOWS]
    assert (found["complete"], found["references"]) == (True, ["DN-1"])
    movements = [*page["items"], *rest["items"]]
    assert [json.loads(line) for line in lines.text.splitlines()] == movements
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["index"] for row in rows] == [str(item["index"]) for item in movements]
    assert [row["change"] for row in rows][1:] == ["5", "2"]
    # Both files are sensitive reads.
    assert lots.world.storage.log.head().size == size + 2


def test_a_recall_names_papers_that_were_linked_to_a_movement_later(lots: Desk) -> None:
    certificate, hidden = (
        lots.add(b"certified", store=store, **{"class": "certificate"}).document for store in (REFUSES, ALLOWS)
    )
    indexes = [item["index"] for item in lots.get("/api/v1/lots/movements", params=LOT).json()["items"]]
    for document, index in ((certificate, indexes[1]), (hidden, indexes[2])):
        answer = lots.post(f"/api/v1/documents/{document}/links", {"kind": "evidence_of", "target": str(index)})
        assert answer.status_code == 201, answer.text
    staff = lots.token(Role.STAFF, (ScopeKind.STORE, REFUSES))

    everything = lots.get("/api/v1/lots/recall", params=LOT).json()
    mine = lots.get("/api/v1/lots/recall", params=LOT, by=staff).json()
    lots.call("DELETE", f"/api/v1/documents/{certificate}/links/evidence_of/{indexes[1]}")
    after = lots.get("/api/v1/lots/recall", params=LOT).json()

    assert everything["documents"] == sorted([certificate, hidden])
    assert mine["documents"] == [certificate]
    assert after["documents"] == [hidden]
    assert everything["movements"] == len(indexes)


def test_a_lot_that_is_not_there_is_no_empty_file(lots: Desk) -> None:
    for path in ("recall", "recall/export", "recall/export.csv"):
        assert lots.get(f"/api/v1/lots/{path}", params={"sku": "C1", "batch": "NO"}).status_code == 404


def test_a_store_sees_its_own_part(lots: Desk) -> None:
    token = lots.token(Role.STORE_MANAGER, (ScopeKind.STORE, ALLOWS))

    found = lots.get("/api/v1/lots/recall", params=LOT, by=token).json()
    file = lots.get("/api/v1/lots/recall/export", params=LOT, by=token)

    assert ([at["store"] for at in found["stores"]], found["complete"]) == ([ALLOWS], False)
    assert {json.loads(line)["store"] for line in file.text.splitlines()} == {ALLOWS}


def test_text_that_is_a_formula_is_marked_as_text() -> None:
    from api.lot_shapes import csv_line

    assert csv_line(["=1+1", -2, "@x", "ok"]) == b"'=1+1,-2,'@x,ok\r\n"


@pytest.mark.parametrize(
    "path", ["/api/v1/lots/recall", "/api/v1/lots/recall/export", "/api/v1/lots/recall/export.csv"]
)
def test_a_recall_of_what_was_never_recorded_says_where_to_look(path: str, lots: Desk) -> None:
    lot, sku = (
        lots.get(path, params=params)
        for params in ({**LOT, "batch": "L-O1"}, {"sku": "NONE", "batch": str(LOT["batch"])})
    )

    assert (lot.status_code, lot.json()["code"]) == (404, "lot_not_recorded")
    assert "Compare the number with the goods" in lot.json()["detail"]
    assert f"/api/v1/lots?sku={LOT['sku']}" in lot.json()["detail"]
    assert "create" not in lot.json()["detail"]
    assert (sku.status_code, sku.json()["code"]) == (404, "sku_unknown")
