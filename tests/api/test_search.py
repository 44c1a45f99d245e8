"""Finding documents through the API."""

from __future__ import annotations

from uuid import UUID

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.documents.search.texts import Source, text
from tests.stock.shop import ALLOWS, REFUSES


@pytest.fixture
def found(desk: Desk) -> Desk:
    desk.search.rebuild(
        Source(
            {
                "d1": text(1, "普洱茶餅 PO-2026-001", store=REFUSES, supplier="V1", skus=("A1",)),
                "d2": text(2, "普洱散茶", store=ALLOWS, document_class="invoice"),
                "d3": text(3, "普洱合約", store=None),
            }
        )
    )
    return desk


def test_documents_are_found_in_either_script_and_paged(found: Desk) -> None:
    first = found.get("/api/v1/search", params={"q": "普洱", "limit": 2}).json()
    second = found.get("/api/v1/search", params={"q": "普洱", "limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["document"] for item in (*first["items"], *second["items"])] == ["d3", "d2", "d1"]
    assert (first["total"], first["total_is_least"], first["complete"]) == (3, False, True)
    (hit,) = found.get("/api/v1/search", params={"q": "茶饼 2026*"}).json()["items"]
    assert hit["snippets"][0]["marks"] == [[2, 4], [8, 12]]


def test_filters_and_scope_hold(found: Desk) -> None:
    token = found.token(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    assert [item["document"] for item in found.get("/api/v1/search", params={"sku": "A1"}).json()["items"]] == ["d1"]
    assert [item["document"] for item in found.get("/api/v1/search", params={"class": "invoice"}).json()["items"]] == [
        "d2"
    ]
    mine = found.get("/api/v1/search", params={"q": "普洱"}, by=token).json()
    assert ([item["document"] for item in mine["items"]], mine["total"]) == (["d2"], 1)
    assert found.get("/api/v1/search", params={"q": "普洱", "store": REFUSES}, by=token).status_code == 403


@pytest.mark.parametrize(
    "params", [{"q": "!?"}, {"q": "普洱", "cursor": "xx"}, {"q": "普洱", "limit": 0}, {"nothing": "1"}]
)
def test_what_cannot_be_looked_for_is_a_problem(found: Desk, params: dict[str, str]) -> None:
    answer = found.get("/api/v1/search", params=params)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cursor_is_of_its_own_query(found: Desk) -> None:
    first = found.get("/api/v1/search", params={"q": "普洱", "limit": 2}).json()

    answer = found.get("/api/v1/search", params={"q": "茶餅", "limit": 2, "cursor": first["next_cursor"]})

    assert answer.status_code == 400


def test_an_index_that_is_not_whole_says_so(desk: Desk) -> None:
    assert desk.get("/api/v1/search", params={"q": "普洱"}).json()["complete"] is False


def test_what_is_found_is_called_by_its_title_while_that_can_be_opened(desk: Desk) -> None:
    named, bare = (desk.add_read(content, title="茶餅送貨單").document for content in (b"one", b"two"))
    desk.search.rebuild(Source({each: text(index, "普洱") for index, each in enumerate((named, bare), start=1)}))
    desk.vault.destroy_key(UUID(bare))

    hits = desk.get("/api/v1/search", params={"q": "普洱"}).json()["items"]

    assert {hit["document"]: hit.get("title") for hit in hits} == {named: "茶餅送貨單", bare: None}
