"""The page that explains says what the policies say, and what `policy explain` says."""

from __future__ import annotations

import pytest

from policies.engine import shipped
from policies.model import Role, ScopeKind
from tests.stock.shop import ALLOWS, REFUSES
from tests.web.readers import Site, text_of


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (f"action=stock.adjust&store={ALLOWS}", ["Allowed"]),
        (
            f"action=stock.adjust&store={REFUSES}",
            [
                "Denied",
                "store_out_of_reach",
                f"An assignment to the store is needed: {REFUSES}.",
                "This alone is missing",
            ],
        ),
        ("action=bundle.approve&whole=true", ["Denied", "role_lacks_action", "One of these roles is needed:"]),
        (
            "action=bundle.approve&whole=true",
            ["A role or assignment for the whole organisation is needed.", "2 things are missing"],
        ),
    ],
)
def test_a_decision_is_explained_with_its_nearest_miss(site: Site, query: str, says: list[str]) -> None:
    page = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS)).get(f"/why?{query}")

    assert page.status_code == 200
    assert [one for one in says if one not in text_of(page)] == []


def test_it_is_explained_in_chinese_too(site: Site) -> None:
    page = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS)).get(
        f"/why?action=stock.adjust&store={REFUSES}&lang=zh-Hant-HK"
    )

    assert f"需要獲指派分店：{REFUSES}。" in text_of(page)
    assert "只欠這一項，其他條件全部符合。" in text_of(page)


def test_a_question_changes_nothing_and_is_no_denial(site: Site) -> None:
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))
    before = site.desk.size()

    reader.get("/why?action=bundle.approve&whole=true")

    assert site.desk.size() == before


def test_about_others_one_asks_with_the_right_to_read_accounts(site: Site) -> None:
    other = site.desk.person(Role.STAFF, (ScopeKind.STORE, ALLOWS))
    asking = f"/why?action=stock.adjust&store={REFUSES}&principal={other.id}"

    officer = site.reader(Role.COMPLIANCE_OFFICER).get(asking)
    nobody = site.reader(Role.COMPLIANCE_OFFICER).get("/why?action=stock.adjust&principal=p_nobody")
    refused = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS)).get(asking)

    assert other.id in text_of(officer)
    assert "store_out_of_reach" in text_of(officer)
    assert "There is no active person" in text_of(nobody)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "action=nothing",
        "action=stock.adjust&recorded=today",
        "action=stock.adjust&store=" + "+".join(f"S{n}" for n in range(60)),
    ],
)
def test_a_question_that_cannot_be_read_is_told_beside_the_form(site: Site, query: str) -> None:
    page = site.reader(Role.AUDITOR).get(f"/why?{query}")

    assert page.status_code == 400
    assert 'role="alert"' in page.text


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
def test_every_rule_that_decides_is_shown_with_its_title(site: Site, language: str) -> None:
    page = site.reader(Role.COMPLIANCE_OFFICER).get(f"/policies?lang={language}")

    said = text_of(page)
    titles = [policy.title.en if language == "en" else policy.title.zh for policy in shipped().policies.values()]
    assert [title for title in titles if " ".join(title.split()) not in said] == []
    assert shipped().digest in said
    assert {"en": "organisation's rule, not law", "zh-Hant-HK": "機構規則，並非法律"}[language] in said
