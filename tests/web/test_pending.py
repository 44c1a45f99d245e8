"""What waits for a second person is approved, declined or taken back on its page, by whom it may be and by nobody else."""

from __future__ import annotations

import pytest

from policies.model import Role, ScopeKind
from tests.stock.shop import ALLOWS
from tests.web.readers import Reader, Site, links_of, text_of

AT = (ScopeKind.STORE, ALLOWS)


@pytest.fixture
def waiting(site: Site) -> tuple[Site, Reader, str]:
    """A movement above what one person may move, who proposed it, and its id."""
    site.desk.do(site.desk.policies.set_approval(site.desk.admin, ALLOWS, 5, event_id=site.desk.id()))
    person = site.desk.person(Role.STORE_MANAGER, AT)
    body = {"store": ALLOWS, "sku": "A1", "reason": "receive", "change": 40}
    answer = site.desk.post("/api/v1/adjustments", body, by=site.desk.token_of(person))
    assert answer.status_code == 202, answer.text
    return site, site.reader_of(person), answer.json()["id"]


def balance(site: Site) -> int:
    found = site.desk.get("/api/v1/balances", params={"store": ALLOWS, "sku": "A1"}).json()["items"]
    return sum(item["quantity"] for item in found)


def test_another_person_finds_it_at_home_and_approves_what_they_see(waiting: tuple[Site, Reader, str]) -> None:
    site, _, pending = waiting
    other = site.reader(Role.AREA_MANAGER, AT)

    home = other.get("/")
    page = other.get(f"/pending/{pending}")
    answer = other.post(f"/pending/{pending}/approval")
    after = other.get(answer.headers["location"])

    assert f"/pending/{pending}" in links_of(home)
    assert "Exactly what would be done" in text_of(page)
    assert "+40" in text_of(page) or "40" in text_of(page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/pending/{pending}?said=approved")
    assert "You approved it." in text_of(after)
    assert balance(site) == 40


def test_nobody_approves_their_own_and_may_take_it_back(waiting: tuple[Site, Reader, str]) -> None:
    site, proposer, pending = waiting

    page = proposer.get(f"/pending/{pending}")
    approved = proposer.post(f"/pending/{pending}/approval")
    taken_back = proposer.post(f"/pending/{pending}/withdrawal", {"reason": "數量有誤"})

    assert f"/pending/{pending}/approval" not in links_of(page)
    assert approved.status_code == 403
    assert "own_approval" in approved.text
    assert taken_back.headers["location"].endswith("said=withdrawn")
    assert balance(site) == 0


def test_it_is_declined_once_and_a_second_word_comes_too_late(waiting: tuple[Site, Reader, str]) -> None:
    site, _, pending = waiting
    other = site.reader(Role.AREA_MANAGER, AT)

    declined = other.post(f"/pending/{pending}/refusal", {"reason": ""})
    late = other.post(f"/pending/{pending}/approval")

    assert declined.headers["location"].endswith("said=declined")
    assert late.status_code == 409
    assert 'role="alert"' in late.text
    assert pending in other.get("/pending?state=declined").text
    assert pending not in other.get("/pending").text
    assert balance(site) == 0


def test_staff_see_their_own_alone_and_another_store_sees_nothing(waiting: tuple[Site, Reader, str]) -> None:
    site, _, pending = waiting
    staff = site.reader(Role.STAFF, AT)

    assert pending not in staff.get("/pending?state=every").text
    assert staff.get(f"/pending/{pending}").status_code in {403, 404}
    assert staff.post(f"/pending/{pending}/refusal").status_code in {403, 404}


@pytest.mark.parametrize("query", ["state=nothing", "cursor=zz"])
def test_a_list_that_cannot_be_read_is_a_problem_on_a_page(site: Site, query: str) -> None:
    page = site.reader(Role.COMPLIANCE_OFFICER).get(f"/pending?{query}")

    assert page.status_code == 400
    assert "text/html" in page.headers["content-type"]
