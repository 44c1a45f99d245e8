"""P-40 over HTTP: an aggregate export with its small cells suppressed, and an entry that says who took it."""

import csv
import io

import pytest

from policies.model import Role, ScopeKind
from stock.shrinkage.model import By
from tests.api.desk import Desk

PATH = "/api/v1/shrinkage"
MONTHS = {"first_month": "2026-11", "last_month": "2026-11"}


def staffed(desk: Desk, store: str, people: int) -> None:
    """A store of so many staff, each of whom recorded damaged goods, the first one of them most."""
    desk.adjust(100, store=store)
    for number in range(people):
        by = desk.token(Role.STAFF, (ScopeKind.STORE, store))
        body = {"store": store, "sku": "A1", "reason": "damaged", "change": number - 9}
        assert desk.post("/api/v1/adjustments", body, by=by).status_code == 201


def test_p_40_a_store_with_two_staff_is_suppressed_and_one_with_enough_is_not(each_desk: Desk) -> None:
    desk = each_desk
    staffed(desk, "MK01", 2)
    staffed(desk, "TST1", 6)

    body = desk.get(PATH, params={**MONTHS, "by": "staff"}).json()

    small, large = body["stores"]
    assert (small["store"], small["total"], [row["figure"] for row in small["rows"]]) == ("MK01", None, [None, None])
    assert (body["persons_min"], body["by"]) == (5, "staff")
    # The small store could be worked out from the total of both: nothing of the large one is shown beside it.
    assert (large["total"], {row["figure"] for row in large["rows"]}, body["suppressed"]) == (None, {None}, 10)
    assert body["total"] == {"movements": 8, "quantity": "56"}
    alone = desk.get(PATH, params={**MONTHS, "by": "staff", "store": "TST1"}).json()
    assert [row["key"] for row in alone["stores"][0]["rows"]] == ["1", "2", "3", "4", "5", "6"]
    assert alone["stores"][0]["rows"][0]["figure"] == {"movements": 1, "quantity": "9"}
    assert "p_" not in str(alone)


def test_a_report_is_an_entry_that_says_which(desk: Desk) -> None:
    staffed(desk, "MK01", 2)

    answer = desk.get(f"{PATH}.csv", params={**MONTHS, "by": "sku"})

    assert answer.headers["content-disposition"] == 'attachment; filename="shrinkage-2026-11-2026-11.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["store"], one["key"], one["movements"], one["suppressed"]) for one in lines] == [
        ("MK01", "A1", "", "true"),
        ("MK01", "", "", "true"),
        ("*", "", "", "true"),
    ]
    entry = desk.entry()
    assert entry["type"] == "access.read"
    assert entry["data"]["detail"] == {
        "aggregate": "shrinkage",
        "by": "sku",
        "first_month": "2026-11",
        "last_month": "2026-11",
        "format": "csv",
        "persons_min": 5,
        "suppressed": 3,
    }


@pytest.mark.parametrize("by", By)
def test_a_caller_gets_the_stores_in_reach_alone(desk: Desk, by: By) -> None:
    staffed(desk, "MK01", 5)
    staffed(desk, "TST1", 5)
    manager = desk.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    body = desk.get(PATH, by=manager, params={**MONTHS, "by": by.value}).json()

    assert [one["store"] for one in body["stores"]] == ["MK01"]
    assert body["total"] == {"movements": 5, "quantity": "35"}
    assert desk.get(PATH, by=manager, params={**MONTHS, "store": "TST1"}).status_code == 403


@pytest.mark.parametrize(
    ("months", "code"),
    [
        ({"first_month": "2026-12", "last_month": "2026-11"}, "shrinkage_period"),
        ({"first_month": "2020-01", "last_month": "2026-11"}, "shrinkage_period"),
        ({"first_month": "2026-13", "last_month": "2026-11"}, "code_form"),
        ({"first_month": "2026-11"}, "member_missing"),
    ],
)
def test_months_that_are_none_are_told(desk: Desk, months: dict[str, str], code: str) -> None:
    answer = desk.get(PATH, params=months)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code
