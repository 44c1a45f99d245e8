"""Links of a document over HTTP: what stands at their other ends is named, as far as the reader may see it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.api.test_documents import D, added
from tests.documents.archive import note, row
from tests.stock.shop import ALLOWS as THERE
from tests.stock.shop import REFUSES as HERE


def linked(desk: Desk, document: str, kind: str, target: str) -> None:
    answer = desk.post(f"{D}/{document}/links", {"kind": kind, "target": target})
    assert answer.status_code == 201, answer.text


def test_a_link_names_the_document_at_its_other_end(each_desk: Desk) -> None:
    desk = each_desk
    order = added(desk, b"order", title="十一月訂單", number="PO-7", **{"class": "purchase_order"})
    delivered = added(desk, b"note", number="DN-1")
    linked(desk, delivered, "fulfils", order)

    there = desk.get(f"{D}/{delivered}/links").json()["items"]
    back = desk.get(f"{D}/{order}/links").json()["items"]

    link = {"document": delivered, "kind": "fulfils", "target": order}
    assert there == [{**link, "other": {"class": "purchase_order", "title": "十一月訂單", "number": "PO-7"}}]
    assert [one["other"]["number"] for one in back] == ["DN-1"]


def test_evidence_says_how_the_stock_moved(each_desk: Desk) -> None:
    desk = each_desk
    desk.extraction = note(row(sku="A1", quantity="5"), row(sku="A2", quantity="3"))
    document = added(desk)
    moved = desk.post(f"{D}/{document}/adjustments").json()["result"]["adjustments"]
    linked(desk, document, "evidence_of", "0")

    found = {one["target"]: one.get("moved") for one in desk.get(f"{D}/{document}/links").json()["items"]}

    assert found == {"0": None, **{str(one["index"]): one for one in moved}}
    assert [one["change"] for one in moved] == [5, 3]


@pytest.mark.parametrize(
    "filing",
    [{"store": THERE}, {"class": "identity_copy", "pics_id": "STAFF/3"}, {"class": "other"}],
    ids=["another store", "a hidden class", "quarantine"],
)
def test_what_may_not_be_seen_is_not_named(each_desk: Desk, filing: dict[str, str]) -> None:
    desk = each_desk
    mine, other = added(desk, b"mine"), added(desk, b"other", title="不可見", **filing)
    linked(desk, mine, "fulfils", other)
    if "store" not in filing:
        desk.post(f"{D}/{other}/versions/1/quarantine")

    found = desk.get(f"{D}/{mine}/links", by=desk.token(Role.STAFF, (ScopeKind.STORE, HERE))).json()["items"]

    assert found == []
    assert [one["other"]["title"] for one in desk.get(f"{D}/{mine}/links").json()["items"]] == ["不可見"]


def test_stock_of_another_store_is_linked_without_saying_how_it_moved(each_desk: Desk) -> None:
    desk = each_desk
    document = added(desk)
    index = desk.post(
        "/api/v1/adjustments",
        {"event_id": str(uuid4()), "store": THERE, "sku": "A1", "reason": "receive", "change": 4},
    ).json()["index"]
    linked(desk, document, "evidence_of", str(index))

    def seen(by: str) -> list[dict[str, object]]:
        return list(desk.get(f"{D}/{document}/links", by=by).json()["items"])

    link = {"document": document, "kind": "evidence_of", "target": str(index)}
    assert seen(desk.token(Role.STAFF, (ScopeKind.STORE, HERE))) == [link]
    assert seen(desk.token(Role.DPO)) == [link]
    assert seen("")[0]["moved"]["change"] == 4  # type: ignore[index]
