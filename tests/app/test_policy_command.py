"""`chopbook policy`: what decides, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.engine import shipped
from tests.app.test_cli import Terminal


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    made = Terminal(tmp_path_factory.mktemp("policy") / "data")
    made.run("log", "create", "--origin", "log.example/policies")
    made.run("area", "add", "KLN", "--name-zh", "九龍區", "--name-en", "Kowloon")
    for code in ("MK01", "TST1"):
        made.run("store", "add", code, "--area", "KLN", "--name-zh", code, "--name-en", code)
    return made


@pytest.fixture(scope="module")
def clerk(terminal: Terminal) -> str:
    person: str = terminal.json("user", "add", "--name", "陳大文", "--role", "staff")["id"]
    terminal.run("user", "assign", person, "--store", "MK01")
    return person


def test_every_policy_is_listed_by_its_title_in_both_languages(terminal: Terminal) -> None:
    english, chinese = terminal.run("policy", "show").stdout, terminal.run("policy", "show", "--language", "zh").stdout
    for policy in shipped().policies.values():
        assert policy.id in english
        assert policy.title.en in english
        assert policy.title.zh in chinese


def test_the_text_shown_is_the_text_that_decides(terminal: Terminal) -> None:
    document = terminal.json("policy", "show")
    assert (document["text"], document["digest"]) == (shipped().text, shipped().digest)
    assert shipped().text in terminal.run("policy", "show", "--text").stdout


def test_what_is_allowed_names_the_policy_that_permits(terminal: Terminal, clerk: str) -> None:
    answer = terminal.json("policy", "explain", clerk, "stock.adjust", "--store", "MK01")
    assert (answer["allowed"], answer["policies"], answer["needs"]) == (True, ["role.staff"], [])


def test_what_is_denied_says_what_would_be_needed(terminal: Terminal, clerk: str) -> None:
    answer = terminal.json("policy", "explain", clerk, "stock.adjust", "--store", "TST1")
    assert (answer["allowed"], answer["code"], answer["policies"]) == (False, "store_out_of_reach", ["limit.store"])
    assert answer["needs"] == [
        {
            "kind": "store",
            "options": ["TST1"],
            "zh-Hant-HK": "需要獲指派分店：TST1。",
            "en": "An assignment to the store is needed: TST1.",
        }
    ]
    assert answer["nearest"]["en"] == "This alone is missing; every other condition is met."
    said = terminal.run("policy", "explain", clerk, "keys.manage", "--language", "zh").stdout
    assert said.startswith(
        "你的職位不可進行此操作。\n只欠這一項，其他條件全部符合。\n  需要以下其中一個職位：系統操作員、政策管理員。"
    )
    far = terminal.json("policy", "explain", clerk, "keys.manage", "--store", "TST1", "--whole")
    assert far["nearest"]["zh-Hant-HK"] == "共欠 2 項，其他條件全部符合。"


def test_an_engagement_is_asked_about_by_its_id_with_class_and_day(terminal: Terminal) -> None:
    auditor = terminal.json("user", "add", "--name", "李審", "--role", "auditor")["id"]
    dates = ("--from", "2026-01-01T00:00:00+08:00", "--until", "2026-02-01T00:00:00+08:00")
    grant = terminal.json("grant", "engage", auditor, "--class", "photo", *dates, "--nda")["id"]
    ask = ("policy", "explain", grant, "document.read")

    allowed = terminal.json(*ask, "--class", "photo", "--recorded", "2026-01-15")
    other_class = terminal.json(*ask, "--class", "contract", "--recorded", "2026-01-15")
    other_day = terminal.json(*ask, "--class", "photo", "--recorded", "2026-03-01")

    assert (allowed["allowed"], allowed["grant"], allowed["nearest"]) == (True, grant, None)
    assert (other_class["code"], other_class["needs"][0]["kind"]) == ("class_out_of_reach", "class")
    assert (other_day["code"], other_day["needs"][0]["kind"]) == ("time_out_of_reach", "dates")
    assert other_day["needs"][0]["zh-Hant-HK"].startswith("需要委聘範圍包括該日期")


def test_recorded_decisions_come_out_as_they_did(terminal: Terminal, clerk: str) -> None:
    terminal.error("area", "add", "X", "--name-zh", "X", "--name-en", "X", "--as", clerk, exit_code=3)

    found = terminal.json("policy", "replay")
    none = terminal.json("policy", "replay", "--from", "2001-01-01", "--until", "2001-01-31")

    assert (found["differing"], found["differing_count"], found["not_taken_again"]) == ([], 0, {})
    assert found["decisions"] >= 4
    assert none["decisions"] == 0
    assert "0 come out otherwise" in terminal.run("policy", "replay").stdout
    assert terminal.error("policy", "replay", "--as", clerk, exit_code=3)["code"] == "role_lacks_action"


def test_a_stranger_is_refused_by_name(terminal: Terminal) -> None:
    error = terminal.error("policy", "explain", "p_nobody", "log.read", exit_code=3)
    assert error["message"].startswith("p_nobody: expected the id of an active person")


def test_other_policies_are_compared_before_anybody_decides_by_them(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "all.cedar").write_text(shipped().text)
    same = terminal.json("policy", "compare", tmp_path)
    (tmp_path / "more.cedar").write_text(
        '@id("more") @title_zh("審計師可取消工作") @title_en("Auditors may cancel jobs")'
        'permit (principal in Chopbook::Role::"auditor", action in [Chopbook::Action::"jobs.cancel"], resource);'
    )
    wider = terminal.json("policy", "compare", tmp_path, exit_code=1)
    (tmp_path / "more.cedar").write_text("permit (principal, action, resource) when { principal.nothing };")

    assert (same["newly_allowed"], same["newly_denied"]) == ([], [])
    assert {(one["role"], one["action"]) for one in wider["newly_allowed"]} == {("auditor", "jobs.cancel")}
    assert (
        "expected some that the schema accepts" in terminal.error("policy", "compare", tmp_path, exit_code=3)["message"]
    )
