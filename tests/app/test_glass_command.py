"""`chopbook glass` and `chopbook grant`: breaking the glass, telling, closing, reviewing; engagements beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.jobs import job_handlers
from app.wiring import House, Housekeeping
from policies.model import Role, ScopeKind
from tests.app.test_cli import Terminal
from tests.stock.shop import ALLOWS, REFUSES, Shop
from workflow.worker import Worker

REASON = "停電，店長陳大文未能聯絡"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    made = Terminal(tmp_path_factory.mktemp("glass") / "data")
    made.run("log", "create", "--origin", "log.example/glass")
    made.run("area", "add", "KLN", "--name-zh", "九龍區", "--name-en", "Kowloon")
    for code in ("MK01", "TST1"):
        made.run("store", "add", code, "--area", "KLN", "--name-zh", code, "--name-en", code)
    return made


def work(house: House, kind: str) -> None:
    """Does the jobs of a kind that are due."""
    handlers = {kind: job_handlers(house)[kind]}
    worker = Worker(house.queue, handlers, name="w", clock=house.clock, entropy=house.entropy)
    assert worker.run_one()
    assert not worker.run_one()


@pytest.fixture(scope="module")
def manager(terminal: Terminal) -> str:
    person: str = terminal.json("user", "add", "--name", "陳大文", "--role", "store_manager")["id"]
    terminal.run("user", "assign", person, "--store", "MK01")
    return person


@pytest.fixture(scope="module")
def officer(terminal: Terminal) -> str:
    person: str = terminal.json("user", "add", "--name", "李小明", "--role", "compliance_officer")["id"]
    return person


def test_it_is_broken_told_closed_and_reviewed(terminal: Terminal, manager: str, officer: str, tmp_path: Path) -> None:
    file = tmp_path / "channel.json"
    file.write_text(json.dumps({"kind": "webhook", "target": {"url": "https://dpo.test/in", "secret": "A" * 32}}))
    asked = ("glass", "break", "--as", manager, "--store", "TST1", "--reason", REASON, "--told", officer)
    untold = terminal.run(*asked, "--minutes", "1").stdout
    [awaiting] = terminal.json("glass", "awaiting", "--as", officer)["items"]
    acknowledged = terminal.json("glass", "acknowledge", awaiting["id"], "--as", officer)
    terminal.run("notices", "channel", "dpo", file)
    terminal.run("notices", "rule", "dpo", "--channel", "dpo", "--event", "break_glass.*", "--told", officer)

    broken = terminal.json(*asked)
    closed = terminal.json("grant", "end", broken["id"], "--as", manager)
    reason = terminal.json("glass", "reason", broken["id"], "--as", officer)
    reviewed = terminal.json("glass", "review", broken["id"], "--not-justified", "--as", officer)
    own = terminal.error("glass", "review", broken["id"], "--justified", "--as", manager, exit_code=3)
    again = terminal.error("glass", "review", broken["id"], "--justified", exit_code=3)
    newest = terminal.json("glass", "list")["items"][0]

    assert "it awaits them in their list" in untold
    assert (acknowledged, awaiting["id"] in untold) == ({"acknowledged": awaiting["id"]}, True)
    assert (broken["stores"], broken["told"], broken["told_by"]) == (["TST1"], officer, ["dpo"])
    assert (closed, reason) == ({"ended": broken["id"]}, {"reason": REASON})
    assert reviewed == {"grant": broken["id"], "review": "not_justified"}
    assert (own["code"], again["code"]) == ("role_lacks_action", "already_reviewed")
    assert (newest["id"], newest["state"], newest["review"]) == (broken["id"], "over", "not_justified")
    assert "not_justified" in terminal.run("glass", "list").stdout
    assert terminal.json("glass", "findings") == {"items": []}


def test_an_engagement_stands_beside_it(terminal: Terminal) -> None:
    auditor = terminal.json("user", "add", "--name", "王先生", "--role", "auditor")["id"]

    given = terminal.json("grant", "engage", auditor, "--days", "10", "--store", "MK01", "--nda")
    assert given["state"] == "running"
    assert terminal.json("grant", "list")["items"][0] == given
    assert given["id"] in terminal.run("grant", "list").stdout
    assert terminal.json("grant", "end", given["id"]) == {"ended": given["id"]}
    assert terminal.error("grant", "engage", auditor, exit_code=3)["code"] == "nda_missing"


def test_the_house_says_once_what_nobody_did_in_time(house: House, shop: Shop) -> None:
    manager = shop.policies.principal(shop.person(Role.STORE_MANAGER, (ScopeKind.STORE, REFUSES)).id)
    second = shop.person(Role.COMPLIANCE_OFFICER)
    change = shop.policies.break_glass(
        manager, stores=[ALLOWS], minutes=5, reason=REASON, told=second.id, event_id=shop.id()
    )
    grant = shop.do(change)
    shop.world.clock.advance(minutes=60 * 72)

    for _ in range(2):
        Housekeeping(house).keep()
        work(house, "access.review_glass")
        shop.world.clock.advance(days=1)

    said = [entry for entry in map(shop.entry, range(shop.size())) if entry["actor"]["id"] == "system"]
    assert [(entry["type"], entry["data"]["grant"]) for entry in said if entry["type"].startswith("break_glass.")] == [
        ("break_glass.unacknowledged", grant.id),
        ("break_glass.review_overdue", grant.id),
    ]
