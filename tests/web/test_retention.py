"""Retention on pages: what each rule rests on, what is due, and holds and disposals that need two persons."""

from __future__ import annotations

import httpx
import pytest

from app.retention import seed_retention
from documents.classes import SEVEN_YEARS_DAYS
from policies.model import Role, ScopeKind
from tests.retention.offices import record
from tests.stock.shop import ALLOWS
from tests.web.readers import Site, links_of, text_of

HOLDS, DISPOSALS = "/retention/holds", "/retention/disposals"
HOLD = {
    "matter": "HCA-1234-2026",
    "kind": "legal",
    "reason": "供應商索償",
    "counsel": "陳李律師行",
    "contemplated_on": "2026-11-20",
    "review_on": "",
    "suppliers": "WING-FAT, LEE",
    "since": "2026-01-01",
}


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
def test_every_rule_is_shown_with_its_authority_its_status_and_when_it_was_checked(site: Site, language: str) -> None:
    reader = site.reader(Role.COMPLIANCE_OFFICER)
    desk = site.desk
    seed_retention(desk.services.storage, desk.services.policies, desk.services.retention, event_id=desk.id())
    rules = desk.get("/api/v1/retention/schedules", by=desk.token(Role.COMPLIANCE_OFFICER)).json()["items"]

    said = text_of(reader.get(f"/retention?versions=all&lang={language}"))

    tongue = "en" if language == "en" else "zh"
    assert len(rules) > 10
    for rule in rules:
        assert rule["code"] in said
        for name in ("title", "authority", "status", "verification"):
            assert " ".join(rule[f"{name}_{tongue}"].split()) in said


def test_a_record_is_shown_with_what_keeps_it(site: Site) -> None:
    document = site.desk.add_read().document

    page = site.reader(Role.COMPLIANCE_OFFICER).get(f"/retention/records/document/{document}")

    assert page.status_code == 200
    assert "to be kept" in text_of(page) or "undetermined" in text_of(page)
    assert str(document) in text_of(page)


def test_a_hold_is_placed_and_two_persons_release_it(site: Site) -> None:
    document = site.desk.add_read().document
    one, two = site.reader(Role.COMPLIANCE_OFFICER), site.reader(Role.DPO)

    placed = one.post(HOLDS, {**HOLD, "records": str(document)})
    here = placed.headers["location"].partition("?")[0]
    shown = one.get(here)
    prose = text_of(two.get(f"{here}?reason=shown"))
    proposed = one.post(f"{here}/release", {"reason": "已和解"})
    waiting = two.get(here)
    proposal = next(link for link in links_of(waiting) if link.startswith("/pending/"))
    own = one.post(f"{proposal}/approval")
    approved = two.post(f"{proposal}/approval")

    assert (placed.status_code, here) == (303, f"{HOLDS}/HCA-1234-2026")
    assert f"/retention/records/document/{document}" in links_of(shown)
    assert "LEE, WING-FAT" in text_of(shown)
    assert "供應商索償" in prose
    assert "供應商索償" not in text_of(shown)
    assert proposed.status_code == approved.status_code == 303
    assert "A release waits for a second person" in text_of(waiting)
    assert own.status_code == 403
    assert "released" in text_of(one.get(here))
    assert "HCA-1234-2026" not in text_of(one.get(HOLDS))
    assert "HCA-1234-2026" in text_of(one.get(f"{HOLDS}?released=true"))


def test_a_hold_that_cannot_be_placed_is_told_beside_the_form_and_nothing_typed_is_lost(site: Site) -> None:
    reader = site.reader(Role.COMPLIANCE_OFFICER)

    page = reader.post(HOLDS, {**HOLD, "contemplated_on": "yesterday"})

    assert page.status_code in {400, 422}
    assert 'role="alert"' in page.text
    assert 'value="HCA-1234-2026"' in page.text
    assert "供應商索償" in page.text


def test_two_persons_take_a_disposal_from_the_due_list_to_its_certificate(site: Site) -> None:
    desk = site.desk
    document = desk.add_read().document
    desk.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)
    one, two = site.reader(Role.COMPLIANCE_OFFICER), site.reader(Role.DPO)

    proposed = one.post(DISPOSALS, {f"record/document:{document}": "yes", "reason": "保留期已滿"})
    here = proposed.headers["location"].partition("?")[0]
    unseen = two.get(here)
    seen = two.get(f"{here}?simulated=true")
    preview = {"preview": _value(seen, "preview"), "reason": "核對無誤"}
    own = one.post(f"{here}/approval", preview)
    approved = two.post(f"{here}/approval", preview)
    begun = one.post(f"{here}/execution", preview)
    desk.services.disposals.destroy(here.rpartition("/")[2], event_id=desk.id())
    done = one.get(here)

    assert proposed.status_code == 303
    assert f"{here}/approval" not in links_of(unseen)
    assert "It is exactly what was proposed." in text_of(seen)
    assert f"{here}/approval" not in links_of(one.get(f"{here}?simulated=true"))
    assert own.status_code == 403
    assert approved.status_code == begun.status_code == 303
    assert {f"{here}/certificate", f"{here}/certificate.pdf"} <= set(links_of(done))
    assert one.get(f"{here}/certificate").headers["content-type"] == "application/json"
    assert one.get(f"{here}/certificate.pdf").content.startswith(b"%PDF")
    assert here in links_of(one.get(DISPOSALS))


def test_what_cannot_be_disposed_of_is_told_with_its_reason(site: Site) -> None:
    document = site.desk.add_read().document
    reader = site.reader(Role.COMPLIANCE_OFFICER)
    site.desk.judge.held[record(document)] = ("HCA 1/2026",)

    held = reader.post(DISPOSALS, {f"record/document:{document}": "yes", "reason": "x"})
    none = reader.post(DISPOSALS, {"reason": "x"})

    assert held.status_code == 409
    assert "HCA 1/2026" in text_of(held)
    assert none.status_code in {400, 422}
    assert "No record was chosen." in text_of(none)


def test_a_disposal_is_ended_by_whoever_may(site: Site) -> None:
    document = site.desk.add_read().document
    site.desk.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)
    one, two = site.reader(Role.COMPLIANCE_OFFICER), site.reader(Role.DPO)
    here = one.post(DISPOSALS, {f"record/document:{document}": "yes", "reason": "x"}).headers["location"]
    here = here.partition("?")[0]

    ended = two.post(f"{here}/refusal", {"reason": "仍有訴訟"})

    assert ended.status_code == 303
    assert "declined" in text_of(one.get(here))


def test_the_due_list_filters_and_leads_to_each_record(site: Site) -> None:
    desk, reader = site.desk, site.reader(Role.COMPLIANCE_OFFICER)
    document = desk.add_read().document
    desk.post("/api/v1/retention/reviews", {}, by=desk.token(Role.COMPLIANCE_OFFICER))
    desk.services.retention.review(now=desk.world.clock(), event_id=desk.id())

    every = reader.get("/retention/due?outcome=undetermined&findings_only=true")
    wrong = reader.get("/retention/due?until=soon")

    assert f"/retention/records/document/{document}" in links_of(every)
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
    assert "Nothing matches." in text_of(reader.get("/retention/due"))


def test_who_may_not_read_retention_finds_no_section_and_is_told_why(site: Site) -> None:
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    assert "/retention" not in links_of(reader.get("/"))
    assert reader.get("/retention").status_code == 403


def _value(page: httpx.Response, name: str) -> str:
    return page.text.partition(f'name="{name}" value="')[2].partition('"')[0]
