"""`search`, `index`, `lots` and `notices` on the command line; and what the house does by itself."""

from __future__ import annotations

import json
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from app.endpoints import declared
from app.index_keeping import IndexKeeper
from app.jobs import job_handlers
from app.schedules import PLANS
from app.wiring import House, Housekeeping
from stock.lots.model import EXPIRY_KIND, EXPIRY_WARNED
from tests.app.test_cli import Terminal
from tests.stock.shop import Shop
from workflow.worker import Worker

CHANNEL = {"kind": "dingtalk", "target": {"access_token": "tok-tok", "secret": "SECsecret"}}


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a log, to be copied."""
    terminal = Terminal(tmp_path_factory.mktemp("finding") / "data")
    terminal.run("log", "create", "--origin", "log.example/shops")
    return terminal.data_dir


@pytest.fixture
def terminal(set_up: Path, tmp_path: Path) -> Terminal:
    shutil.copytree(set_up, tmp_path / "data")
    return Terminal(tmp_path / "data")


def test_the_index_is_made_and_searched(terminal: Terminal) -> None:
    assert terminal.json("index", "state", exit_code=1)["needs_rebuild"] is True
    assert terminal.json("index", "rebuild") == {"documents": 0}
    assert terminal.json("index", "state")["needs_rebuild"] is False

    assert terminal.json("search", "普洱", "--class", "invoice")["total"] == 0
    filters = ("--state", "released", "--amount-from", "1", "--amount-until", "9", "--currency", "HKD", "--sku", "A1")
    assert terminal.json("search", *filters)["total"] == 0
    assert terminal.error("search", "!?", exit_code=3)["code"] == "invalid_query"
    assert terminal.error("search", "普洱", "--from", "soon", exit_code=3)["code"] == "refused"


def test_notices_are_set_up_from_a_file_that_is_never_repeated(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "channel.json"
    file.write_text(json.dumps(CHANNEL))

    said = terminal.run("notices", "channel", "group", file).output
    terminal.run("notices", "rule", "stock", "--channel", "group", "--event", "stock.*", "--store", "MK01")
    listed = terminal.run("notices", "list", "--json").stdout

    found = json.loads(listed)
    assert found["channels"][0]["destination"] == "oapi.dingtalk.com:443"
    assert found["rules"][0]["stores"] == ["MK01"]
    assert "SECsecret" not in said + listed
    assert "tok-tok" not in said + listed
    assert terminal.json("notices", "send") == {"attempts": 0}
    assert terminal.json("notices", "messages") == {"messages": []}
    file.write_text('{"kind": "dingtalk", SECsecret')
    assert "SECsecret" not in terminal.run("notices", "channel", "group", file, exit_code=3).output


def test_a_recall_goes_into_a_new_file(house: House, shop: Shop, tmp_path: Path) -> None:
    from app.commands.lots import _write

    shop.adjust(5, sku="C1", batch="L1", expiry="2026-12-01")
    with shop.world.storage.database.read() as connection:
        lot = shop.stock.recall(shop.clerk, connection, "C1", "L1").lot
    for name in ("recall.ndjson", "recall.csv"):
        _write(house, shop.clerk, lot, tmp_path / name)

    lines = [json.loads(line) for line in (tmp_path / "recall.ndjson").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["lot.created", "stock.adjusted"]
    assert len((tmp_path / "recall.csv").read_text().splitlines()) == 3


def test_lots_are_refused_where_they_are_wrong(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.json("lots", "expiring")["items"] == []
    assert terminal.error("lots", "recall", "NONE", "L1", exit_code=3)["code"] == "sku_unknown"
    assert terminal.error("lots", "recall", "A1", "L1", "--out", tmp_path / "x.pdf", exit_code=3)["code"] == "refused"


def test_the_house_asks_for_the_days_check_and_the_job_warns(house: House, shop: Shop) -> None:
    shop.adjust(5, sku="C1", batch="L1", expiry="2026-11-25")
    for keeping in (Housekeeping(house), Housekeeping(house)):
        keeping.keep()
        keeping.keep()
    worker = Worker(
        house.queue,
        job_handlers(house),
        name="w",
        clock=house.clock,
        entropy=house.entropy,
        lease_for=timedelta(minutes=1),
    )
    while worker.run_one():
        pass

    (status,) = house.queue.page(kinds=(EXPIRY_KIND,))
    assert status.run.result == {"day": "2026-11-22", "entries": 1, "lots": 1}
    (warned,) = (entry for entry in map(shop.entry, range(shop.size())) if entry["type"] == EXPIRY_WARNED)
    assert '"batch":"L1"' in json.dumps(warned["data"]["items"], separators=(",", ":"))


def test_every_recurring_job_has_a_handler_and_is_asked_for(house: House) -> None:
    Housekeeping(house).keep()

    asked = {status.job.kind for status in house.queue.page(limit=100)}
    assert asked == {kind for plan in PLANS for kind in plan.kinds}
    assert asked <= job_handlers(house).keys()


def test_recurring_jobs_rest_and_go_on(terminal: Terminal) -> None:
    assert terminal.json("schedule", "list") == {"items": []}
    paused = terminal.json("schedule", "pause", "sweep")
    again = terminal.error("schedule", "pause", "sweep", exit_code=3)
    listed = {one["schedule"]: one for one in terminal.json("schedule", "list")["items"]}
    shown = terminal.run("schedule", "list").stdout
    resumed = terminal.json("schedule", "resume", "sweep")

    assert (paused["paused"], again["code"]) == (True, "schedule_unchanged")
    assert listed.keys() == {plan.code for plan in PLANS}
    assert (listed["sweep"]["paused"], listed["locks"]["at"]) == (True, "02:00")
    assert "paused" in shown
    assert resumed["next_due"].endswith("T20:00:00.000000Z")
    assert terminal.error("schedule", "pause", "never", exit_code=3)["code"] == "schedule_not_found"


def test_a_house_without_an_index_makes_one(house: House) -> None:
    house.search.state()
    keeper = IndexKeeper(house)
    assert house.search.state().needs_rebuild

    keeper.start()
    for _ in range(400):
        if not house.search.state().needs_rebuild:
            break
        time.sleep(0.025)
    keeper.stop()

    assert not house.search.state().needs_rebuild


def test_declared_destinations_are_hosts_with_their_jurisdiction() -> None:
    assert declared(("oapi.dingtalk.com=CN", "erp.test:8443=HK")) == {"oapi.dingtalk.com": "CN", "erp.test:8443": "HK"}
