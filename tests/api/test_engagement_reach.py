"""What an engagement leaves out changes nothing that its auditor is told: totals, order, cursors, balances and lots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from api.application import OPERATIONS
from policies.model import NegativeStockRule, Role, ScopeKind
from tests.api.desk import Desk
from tests.stock.shop import ALLOWS, REFUSES

ASKED = (
    "/api/v1/search?q=paper",
    "/api/v1/search?q=paper&limit=1",
    "/api/v1/search?q=paper&order=relevance",
    "/api/v1/search?q=paper%20note&order=relevance&limit=1",
    "/api/v1/search?order=relevance",
    "/api/v1/documents",
    "/api/v1/folders?kind=general",
    "/api/v1/balances",
    "/api/v1/balances?limit=1",
    "/api/v1/balances?with_zero=true",
    "/api/v1/lots/expiring?by=2027-12-31",
    "/api/v1/lots/expiring?by=2027-12-31&limit=1",
    "/api/v1/lots/recall?sku=C1&batch=L1",
    "/api/v1/lots/picking?store=MK01&sku=C1&quantity=5",
    "/api/v1/stocktakes",
    "/api/v1/entries?limit=50",
)
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def later(desk: Desk) -> datetime:
    desk.world.clock.advance(minutes=10)
    return desk.world.clock()


def said(desk: Desk, token: str, address: str) -> list[Any]:
    """Every page of an answer, less where the whole log stands."""
    pages: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"cursor": cursor} if cursor else {}
        joint = "&" if "?" in address else "?"
        found = desk.get(address + (f"{joint}cursor={cursor}" if params else ""), by=token)
        body = found.json()
        pages.append(
            (
                found.status_code,
                {name: value for name, value in body.items() if name != "tree_size"},
            )
        )
        cursor = body.get("next_cursor")
    return pages


def paper(desk: Desk, name: str, document_class: str, store: str = REFUSES, **members: Any) -> str:
    added = desk.add_read(
        name.encode(),
        store=store,
        title=name,
        name=f"{name}.jpg",
        folders=["general/papers"],
        **members,
        **{"class": document_class},
    )
    desk.work()
    return added.document


def moves(desk: Desk, change: object, **members: object) -> None:
    for sku, lot in (("A1", {}), ("C1", {"batch": "L1"}), ("C1", {"batch": "L2"})):
        desk.adjust(change, sku=sku, **lot, **members)


@pytest.fixture
def window(desk: Desk) -> Any:
    """An auditor engaged for one class and an hour that is over, in which something was recorded."""
    for batch in ("L1", "L2"):
        desk.lot("C1", batch, "2027-01-31")
    moves(desk, 3)
    paper(desk, "paper before", "photo", number="DN-0")
    begin = later(desk)
    moves(desk, 10)
    desk.adjust(-2)
    opened = desk.open(REFUSES)
    desk.count_one(opened.id, "A1", 11)
    for number in range(3):
        paper(desk, f"paper {number}", "photo", number=f"note/DN-{number + 1}")
    end = later(desk)
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, classes=["photo"], dates_from=begin, dates_until=end)
    return auditor


def hide(desk: Desk) -> None:
    """More of everything, of another class in no time, of the class after the time, and of movements after it."""
    for number in range(4):
        paper(desk, f"paper note paper {number}", "delivery_note", number=f"H-{number}")
        paper(desk, f"paper late {number}", "photo", number=f"L-{number}")
        paper(desk, f"paper elsewhere {number}", "photo", ALLOWS, number=f"E-{number}")
    moves(desk, -3)
    desk.adjust(5, sku="A2")
    desk.adjust(7, store=ALLOWS, sku="C1", batch="L1")
    desk.open(ALLOWS)


def test_what_an_engagement_leaves_out_changes_nothing_that_is_answered(desk: Desk, window: Any) -> None:
    token = desk.token_of(window, minutes=24 * 60)
    before = {address: said(desk, token, address) for address in ASKED}
    hide(desk)
    after = {address: said(desk, token, address) for address in ASKED}

    assert [address for address in ASKED if after[address] != before[address]] == []
    assert {pages[0][0] for pages in before.values()} == {200}


def test_documents_of_other_classes_change_nothing_either_whenever_they_come(desk: Desk) -> None:
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, classes=["photo"])
    token = desk.token_of(auditor, minutes=24 * 60)
    for number in range(3):
        paper(desk, f"paper {number}", "photo", number=f"note/DN-{number + 1}")
    asked = (*ASKED[:7], "/api/v1/entries?limit=50&order=oldest_first", "/api/v1/entries?type=document.added")
    before = {address: said(desk, token, address) for address in asked}
    for number in range(4):
        paper(desk, f"paper note paper {number}", "delivery_note", number=f"H-{number}")

    after = {address: said(desk, token, address) for address in asked}

    assert [address for address in asked if after[address] != before[address]] == []
    assert before[ASKED[0]][0][1]["total"] == 3


def test_no_list_at_all_names_a_document_of_another_class(desk: Desk) -> None:
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, classes=["photo"])
    token = desk.token_of(auditor, minutes=24 * 60)
    mine = paper(desk, "paper", "photo", number="DN-1")
    other = paper(desk, "HKID A123456(3)", "delivery_note", number="DN-2")
    lists = [
        operation
        for operation in OPERATIONS
        if operation.method == "GET" and not operation.parameters.required and operation.name != "follow"
    ]

    answers = {operation.path: desk.take(operation.path, by=token) for operation in lists}

    assert [path for path, answer in answers.items() if other in answer.text] == []
    assert {path for path, answer in answers.items() if mine in answer.text} >= {"/api/v1/entries", "/api/v1/documents"}


def test_an_entry_about_a_document_of_another_class_is_like_one_that_is_not_there(desk: Desk) -> None:
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, classes=["photo"])
    token = desk.token_of(auditor)
    first = desk.size()
    paper(desk, "other", "delivery_note", number="X-1")
    added = next(index for index in range(first, desk.size()) if desk.entry(index)["type"] == "document.added")

    answers = [desk.get(f"/api/v1/entries/{added}{what}", by=token) for what in ("", "/bytes", "/proof")]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}


def test_it_reaches_what_was_recorded_in_its_classes_and_dates_and_counts_no_more(desk: Desk, window: Any) -> None:
    hide(desk)
    token = desk.token_of(window, minutes=24 * 60)

    found = desk.get("/api/v1/search?q=paper", by=token).json()
    balances = desk.get("/api/v1/balances", by=token).json()["items"]
    lots = desk.get("/api/v1/lots/expiring?by=2027-12-31", by=token).json()["items"]

    assert (found["total"], len(found["items"])) == (3, 3)
    assert {hit["class"] for hit in found["items"]} == {"photo"}
    assert [(held["sku"], held.get("batch"), held["quantity"]) for held in balances] == [
        ("A1", None, 11),
        ("C1", "L1", 13),
        ("C1", "L2", 13),
    ]
    assert [(lot["batch"], lot["quantity"]) for lot in lots] == [("L1", 13), ("L2", 13)]


def test_things_of_other_classes_and_times_are_answered_like_those_that_are_not_there(desk: Desk, window: Any) -> None:
    token = desk.token_of(window, minutes=24 * 60)
    other_class = paper(desk, "other", "delivery_note", number="X-1")
    late = paper(desk, "late", "photo", number="X-2")
    opened = desk.open(ALLOWS).id

    answers = [desk.get(f"/api/v1/documents/{one}", by=token) for one in (other_class, late, UNKNOWN)]
    stocktakes = [desk.get(f"/api/v1/stocktakes/{one}", by=token) for one in (opened, "st_99999")]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "document_unknown")}
    assert {(answer.status_code, answer.json()["code"]) for answer in stocktakes} == {(404, "stocktake_unknown")}


def test_pages_of_balances_that_were_have_no_gaps(desk: Desk) -> None:
    begin = later(desk)
    for sku in ("A1", "A2", "W1"):
        desk.adjust(4, sku=sku)
        desk.adjust(4, sku=sku, store=ALLOWS)
    end = later(desk)
    desk.adjust(-4, sku="A1")
    desk.adjust(9, sku="O1")
    auditor = desk.person(Role.AUDITOR, engaged=False)
    desk.engage(auditor.id, dates_from=begin, dates_until=end)
    token = desk.token_of(auditor)

    pages = said(desk, token, "/api/v1/balances?limit=2")

    assert [len(body["items"]) for _, body in pages] == [2, 2, 2]
    assert {held["quantity"] for _, body in pages for held in body["items"] if held["sku"] != "W1"} == {4}


def test_an_area_manager_is_told_of_the_other_leg_what_is_not_where_or_by_whom(desk: Desk) -> None:
    desk.area("NT")
    desk.store("ST01", "NT", NegativeStockRule.ALLOW)
    desk.adjust(20)
    sent = desk.adjust(-8, reason="transfer_out", reference="TN-1").index
    desk.adjust(7, store="ST01", reason="transfer_in", reference="TN-1")
    manager = desk.token(Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))

    answer = desk.get("/api/v1/stock-transfers", by=manager)

    [item] = answer.json()["items"]
    assert (item["leg"]["entry"], item["leg"]["store"], item["leg"]["masked"]) == (sent, REFUSES, False)
    assert {name: item["others"][0][name] for name in ("masked", "reason", "change")} == {
        "masked": True,
        "reason": "transfer_in",
        "change": 7,
    }
    assert set(item["others"][0]) == {"masked", "reason", "change", "scale", "recorded_at"}
    assert "ST01" not in answer.text
