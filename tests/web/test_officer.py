"""What a data protection officer and an auditor read: where data goes, requests with their clocks, the log book, breaches."""

from __future__ import annotations

import pytest

from api.residency_shapes import DESTINATION_EXAMPLE, PROCESSOR_EXAMPLE, TRANSFER_EXAMPLE
from policies.model import Role, ScopeKind
from policies.residency.authorities import RULES, STATUSES
from tests.api.test_cases import Bureau
from tests.stock.shop import ALLOWS
from tests.web.readers import Site, links_of, text_of

PLACES = ["/residency", "/cases", "/cases/log-book", "/cases/breaches"]


@pytest.fixture
def bureau(site: Site) -> Bureau:
    return Bureau(site.desk)


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
def test_every_rule_of_residency_shows_authority_status_and_day(site: Site, language: str) -> None:
    said = text_of(site.reader(Role.DPO).get(f"/residency?lang={language}"))

    for rule in RULES:
        status = STATUSES[rule.status]
        words = (
            (rule.title.en, rule.authority.en, status.en)
            if language == "en"
            else (rule.title.zh, rule.authority.zh, status.zh)
        )
        assert [one for one in words if one not in said] == []
    assert ("1 Nov 2026" if language == "en" else "2026年11月1日") in said


def test_the_registers_are_shown_as_the_api_has_them(site: Site) -> None:
    officer = site.desk.token(Role.COMPLIANCE_OFFICER)
    for path, body in (
        ("processors/CLOUD", PROCESSOR_EXAMPLE),
        ("destinations/STORE", DESTINATION_EXAMPLE),
        ("transfers/T1", TRANSFER_EXAMPLE),
    ):
        assert site.desk.call("PUT", f"/api/v1/residency/{path}", json=body, by=officer).status_code == 200

    page = site.reader(Role.DPO).get("/residency")

    said = text_of(page)
    assert [one for one in ("Cloud Ltd", "CLOUD", "STORE", "T1", "DPA-2026-07") if one not in said] == []
    assert "/trail?subject=destination%3ASTORE" in links_of(page)


def test_a_rehearsal_is_told_as_one(site: Site) -> None:
    officer = site.desk.token(Role.COMPLIANCE_OFFICER)
    body = {"mode": "s33_shadow"}
    assert site.desk.call("PUT", "/api/v1/residency/mode", json=body, by=officer).status_code == 200

    said = text_of(site.reader(Role.DPO).get("/residency"))

    assert "Rehearsal of s.33(2), which is not in force" in said
    assert "Reported, never applied" in said


def test_a_request_counts_down_to_its_target_and_stands_out_once_that_is_over(site: Site, bureau: Bureau) -> None:
    case = bureau.opened()
    reader = site.reader(Role.DPO)
    shown = bureau.get(f"cases/{case}")

    listed, page = reader.get("/cases"), reader.get(f"/cases/{case}")
    site.desk.world.clock.advance(days=60)
    later = site.reader(Role.DPO).get("/cases?lang=zh-Hant-HK")

    assert f"/cases/{case}" in links_of(listed)
    assert "days left" in text_of(listed)
    assert str(shown["requestor"]) in text_of(page)
    assert "已逾目標" in text_of(later)
    assert "第 19 條" in text_of(later), "what an auditor would find"


def test_who_asks_is_shown_on_asking_and_the_log_says_who_looked(site: Site, bureau: Bureau) -> None:
    case = bureau.opened(requestor_name="李小明")
    reader = site.reader(Role.DPO)

    page = reader.get(f"/cases/{case}")
    shown = reader.post(f"/cases/{case}/particulars")

    entry = site.desk.entry()
    assert "李小明" not in page.text
    assert "李小明" in shown.text
    assert (entry["type"], entry["actor"]["id"]) == ("access.read", reader.id)


def test_a_refusal_is_reviewed_on_its_page_and_stands_in_the_log_book(site: Site, bureau: Bureau) -> None:
    case = bureau.opened()
    refusal = {"ground": "identity_not_shown", "reason": "無證明"}
    proposed = bureau.post(f"cases/{case}/refusals", refusal, expect=201)["result"]
    officer = site.reader(Role.COMPLIANCE_OFFICER)
    pending = proposed["id"]  # type: ignore[index]

    waiting = officer.get(f"/cases/{case}")
    approved = officer.post(f"/pending/{pending}/approval")
    book = officer.get("/cases/log-book?lang=zh-Hant-HK")
    taken = officer.post("/cases/log-book/export")

    assert f"/pending/{pending}" in links_of(waiting)
    assert approved.headers["location"] == f"/pending/{pending}?said=approved"
    assert "第 20(1)(a) 條" in text_of(book) or "s.20(1)(a)" in text_of(book)
    assert taken.headers["content-disposition"] == 'attachment; filename="log-book.csv"'
    assert "s.20(1)(a)" in taken.text


def test_breaches_show_only_clocks_that_there_are(site: Site) -> None:
    body = {
        "kind": "disclosed",
        "regimes": ["pdpo", "gdpr"],
        "known_at": "2026-11-22T04:00:00Z",
        "data_kinds": ["name"],
        "facts": "名單誤傳",
    }
    made = site.desk.post("/api/v1/breaches", body, by=site.desk.token(Role.DPO))
    assert made.status_code == 201, made.text

    said = text_of(site.reader(Role.DPO).get("/cases/breaches"))

    assert "recommended, no deadline in law" in said
    assert "until 25 Nov 2026 12:00:00" in said


@pytest.mark.parametrize("place", PLACES)
def test_others_are_denied_with_the_reason(site: Site, place: str) -> None:
    page = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS)).get(place)

    assert page.status_code == 403
    assert "role_lacks_action" in page.text
    assert place not in links_of(site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS)).get("/"))
