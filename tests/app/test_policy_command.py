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
    said = terminal.run("policy", "explain", clerk, "keys.manage", "--language", "zh").stdout
    assert said.startswith("你的職位不可進行此操作。\n  需要以下其中一個職位：系統操作員、政策管理員。")


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
