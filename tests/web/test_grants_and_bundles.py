"""Bundles are read and approved, grants read, acknowledged and reviewed, accounts read, on their pages."""

from __future__ import annotations

from datetime import timedelta

from policies.engine import shipped
from policies.model import Role, ScopeKind
from tests.api.test_bundles import WIDE, Counter
from tests.api.test_grants import broken, engaged
from tests.stock.shop import ALLOWS
from tests.web.readers import Site, links_of, text_of

AT = (ScopeKind.STORE, ALLOWS)


def test_a_bundle_is_approved_by_who_says_how_much_it_newly_allows(site: Site) -> None:
    counter = Counter(site.desk)
    digest, pending, found = counter.proposed(WIDE.content)
    officer = site.reader(Role.COMPLIANCE_OFFICER)
    address = f"/policies/bundles/{digest}"

    waiting = officer.get(f"/pending/{pending}")
    page = officer.get(address)
    blind = officer.post(f"{address}/approval", {"newly_allowed": "1", "statement": ""})
    wrong = officer.post(f"{address}/approval", {"newly_allowed": "999", "statement": "已逐項查看。"})
    said = {"newly_allowed": str(found["newly_allowed"]), "statement": "已逐項查看。"}
    approved = officer.post(f"{address}/approval", said)

    assert address in links_of(waiting)
    assert f"It newly allows {found['newly_allowed']} things." in text_of(page)
    assert {blind.status_code, wrong.status_code} <= {409, 422}
    assert 'role="alert"' in wrong.text
    assert approved.headers["location"] == f"{address}?said=approved"
    assert "approved" in text_of(officer.get(address))


def test_the_bundle_that_decides_shows_its_rules_and_steps(site: Site) -> None:
    reader = site.reader(Role.COMPLIANCE_OFFICER)
    address = f"/policies/bundles/{shipped().digest}"

    page = reader.get(f"{address}?lang=zh-Hant-HK")

    assert address in links_of(reader.get("/policies"))
    assert "現正生效" in text_of(page)
    assert reader.get("/policies/bundles/" + "0" * 64).status_code == 404
    assert reader.get("/policies/bundles/x").status_code in {400, 404}


def test_a_broken_glass_is_acknowledged_and_reviewed_on_its_page(site: Site) -> None:
    officer, second = site.desk.person(Role.COMPLIANCE_OFFICER), site.desk.person(Role.DPO)
    manager = site.desk.person(Role.STORE_MANAGER, AT)
    made = broken(site.desk, manager, second)
    assert made.status_code == 201, made.text
    grant = made.json()["result"]["id"]

    told = site.reader_of(second)
    home = told.get("/")
    acknowledged = told.post(f"/grants/{grant}/acknowledgement")
    site.desk.world.clock.advance(hours=2)
    reader = site.reader_of(officer)
    before = reader.get("/grants?kind=break_glass")
    reviewed = reader.post(f"/grants/{grant}/review", {"review": "justified"})
    again = reader.post(f"/grants/{grant}/review", {"review": "justified"})

    assert acknowledged.headers["location"] == "/grants?said=acknowledged"
    assert f"/grants/{grant}/review" in links_of(before)
    assert "Broken glass that you were told of" in text_of(home)
    assert reviewed.headers["location"] == "/grants?said=reviewed"
    assert (again.status_code, 'role="alert"' in again.text) == (409, True)
    assert "justified" in text_of(reader.get("/grants"))


def test_an_engagement_shows_its_stores_and_dates(site: Site) -> None:
    officer = site.desk.person(Role.COMPLIANCE_OFFICER)
    until = site.desk.world.clock() + timedelta(days=1)
    made = engaged(site.desk, officer, stores=[ALLOWS], classes=["photo"], dates_until=until.isoformat())
    assert made.status_code == 201, made.text

    said = text_of(site.reader_of(officer).get("/grants?kind=engagement"))

    assert f"{ALLOWS} · photo" in said
    assert "23 Nov 2026 12:00:00" in said


def test_accounts_are_listed_by_pseudonym_and_no_name_is_shown(site: Site) -> None:
    person = site.desk.person(Role.STORE_MANAGER, AT, name="陳大文")
    reader = site.reader(Role.OPERATOR)

    page = reader.get("/people")

    assert person.id in page.text
    assert f"store {ALLOWS}" in text_of(page)
    assert page.text.count("陳大文") == text_of(reader.get("/why")).count("陳大文"), "the reader's own name alone"


def test_an_erased_person_is_listed_as_erased(site: Site) -> None:
    person, dpo = site.desk.person(Role.STORE_MANAGER, AT), site.desk.token(Role.DPO)
    assert site.desk.post(f"/api/v1/principals/{person.id}/erasure", {}, by=dpo).status_code == 200

    page = site.reader(Role.OPERATOR).get("/people")

    row = next(part for part in page.text.split("<tr>") if f"<code>{person.id}</code>" in part)
    assert ">erased<" in row
    assert ">active<" not in row


def test_who_may_not_read_them_is_denied(site: Site) -> None:
    staff = site.reader(Role.STAFF, AT)

    assert {staff.get(place).status_code for place in ("/people", "/grants", "/policies")} == {403}
