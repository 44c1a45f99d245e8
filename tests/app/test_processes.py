"""Real processes: the demonstration, the server's beginning and end, kill -9 in the middle of an import."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.app.houses import ROOT, Shell

MAPPING = """
format = "chopbook-import/1"
[columns]
sku = "SKU"
quantity = "Qty"
[constants]
store = "WEB1"
[sku]
create = true
name_zh = "SKU"
[[rule]]
name = "all"
change = "keep"
reason = "stocktake"
"""
QUIET = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@contextmanager
def serving(shell: Shell, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that answers, and its address; killed if the block leaves it running."""
    process = shell.start("serve", "--port", "0", *arguments, **QUIET)
    assert process.stderr is not None
    try:
        yield process, _address(process.stderr)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _address(stderr: IO[str]) -> str:
    for line in stderr:
        found = re.search(r"listening on http://([0-9.:]+)", line)
        if found is not None:
            return found[1]
    pytest.fail("the server ended before it listened")


def get(address: str, path: str, key: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def post(address: str, key: str, document: dict[str, Any]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(address, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/adjustments", json.dumps(document), headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, dict[str, Any]]:
    """A data folder with the sample, and what the demonstration told."""
    shell = Shell(tmp_path_factory.mktemp("demo") / "data")
    told: dict[str, Any] = shell.json("demo", "--no-serve")
    return shell, told


@pytest.mark.timeout(300)
def test_the_demonstration_can_be_run_again_and_its_lines_work(demo: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = demo
    process = shell.start("demo", "--port", "0", **QUIET)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        address = _address(process.stderr)
        text = ""
        while text.count("\ncurl ") < 4:
            text += process.stdout.readline()
        lines = [line for line in text.splitlines() if line.startswith("curl ")]
        answers = [subprocess.check_output(line, shell=True, text=True, timeout=60) for line in lines]  # noqa: S602
        process.terminate()
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()

    assert address in text
    assert told["api_key"] in text
    assert told["entries"] < 900
    receipt = json.loads(answers[0])
    assert (receipt["store"], receipt["change"]) == ("MK01", -1)
    assert receipt["index"] >= told["entries"]
    assert json.loads(answers[1])["items"]
    assert "items" in json.loads(answers[2])
    assert answers[3].startswith("c2sp.org/tlog-proof@v1\nindex 20\n")
    assert process.returncode == 0
    assert "everybody was answered" in errors
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"
    assert shell.json("stock", "reconcile")["disagreements"] == []


@pytest.mark.timeout(300)
def test_a_server_says_that_it_lives_is_ready_and_how_it_does(demo: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = demo

    with serving(shell) as (_, address):
        live = get(address, "/health/live")
        ready = get(address, "/health/ready")
        refused = get(address, "/api/v1/entries")
        posted = post(address, told["api_key"], {"store": "WEB1", "sku": "TISSUE-10", "reason": "sale", "change": -1})
        metrics = get(address, "/metrics")[1].decode()

    assert live == (200, b'{"status":"live"}')
    assert ready[0] == 200
    assert json.loads(ready[1])["checks"] == {
        "database": "ok",
        "disk": "ok",
        "log_queue": "ok",
        "object_store": "ok",
        "policies": "ok",
    }
    assert refused[0] == 401
    assert posted[0] == 201
    page = (ROOT / "docs" / "watching.md").read_text("utf-8")
    told_of = {*re.findall(r"^# HELP (chopbook_\w+)", metrics, re.MULTILINE), *json.loads(ready[1])["checks"]}
    assert {name for name in told_of if f"`{name}`" not in page} == set()
    assert f"chopbook_log_size {posted[1]['index'] + 1}.0" in metrics
    assert 'status="201"' in metrics
    assert told["token_principal"] not in metrics


@pytest.mark.timeout(300)
def test_a_server_that_is_told_to_stop_answers_everybody(demo: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = demo
    answers: list[tuple[int, Any]] = []
    cut: list[Exception] = []

    with serving(shell) as (process, address):
        go = threading.Event()

        def call(number: int) -> None:
            go.wait()
            while True:
                document = {
                    "store": "WEB1",
                    "sku": "TISSUE-10",
                    "reason": "sale",
                    "change": -1,
                    "reference": f"S-{number}",
                }
                try:
                    answers.append(post(address, told["api_key"], document))
                except ConnectionRefusedError:
                    return
                except (OSError, http.client.HTTPException) as error:
                    # A connection the server had not accepted when it stopped; one it had would be answered.
                    cut.append(error)
                    return

        threads = [threading.Thread(target=call, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        go.set()
        while len(answers) < 50:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(60)
        process.wait(60)

    assert process.returncode == 0
    assert {status for status, _ in answers} <= {201, 503}
    committed = {body["index"] for status, body in answers if status == 201}
    references = len(committed)
    assert references == sum(status == 201 for status, _ in answers)
    assert all(isinstance(error, ConnectionResetError) for error in cut), cut
    exported = shell.run("log", "export", "--purpose", "assurance").stdout.splitlines()
    logged = {json.loads(line)["index"] for line in exported if '"reference":"S-' in line}
    # Nobody was told of an entry that is not there, and whoever was not answered left nothing behind.
    assert committed == logged
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"


@pytest.mark.timeout(300)
def test_an_address_in_use_is_refused(demo: tuple[Shell, dict[str, Any]]) -> None:
    shell, _ = demo

    with serving(shell) as (_, address):
        done = shell.run("serve", "--port", address.rpartition(":")[2], exit_code=3)

    assert "to be free" in done.stderr


@pytest.mark.timeout(300)
def test_an_import_killed_at_any_moment_is_taken_up_again(demo: tuple[Shell, dict[str, Any]], tmp_path: Path) -> None:
    shell, _ = demo
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "moves.csv"
    file.write_text("SKU,Qty\n" + "".join(f"K{n % 50},1\n" for n in range(6_000)), encoding="utf-8")
    arguments = ["import", "adjustments", str(file), "--mapping", str(tmp_path / "m.toml")]
    size = shell.json("log", "checkpoint")["size"]

    killed = shell.start(*arguments, **QUIET)
    while killed.poll() is None and _size(shell.data_dir) < size + 1_500:
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    done = shell.json(*arguments)
    balances = _balances(shell)

    assert killed.returncode == -signal.SIGKILL
    assert done["rows"] == 6_000 == done["logged"] + done["replayed"]
    assert done["replayed"] >= 1_000
    assert done["logged"] > 0
    assert balances == {f"K{n}": 120 for n in range(50)}
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"


def _size(data_dir: Path) -> int:
    import sqlite3

    connection = sqlite3.connect(f"file:{data_dir / 'chopbook.db'}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT size FROM log_head").fetchone()[0])
    finally:
        connection.close()


def _balances(shell: Shell) -> dict[str, int]:
    import sqlite3

    connection = sqlite3.connect(f"file:{shell.data_dir / 'chopbook.db'}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT sku, quantity FROM balances WHERE sku LIKE 'K%' AND store = 'WEB1'")
        return dict(rows.fetchall())
    finally:
        connection.close()


@pytest.mark.timeout(300)
def test_a_worker_does_what_the_server_asked_for(demo: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = demo
    apart = Shell(shell.data_dir, CHOPBOOK_EMBEDDED_WORKER="false")

    with serving(apart) as (_, address):
        request = urllib.request.Request(
            f"http://{address}/api/v1/verifications",
            data=b'{"scope":"whole"}',
            headers={"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  our own server
            assert answer.status == 202
            place = answer.headers["Location"]
        worker = shell.start("worker", **QUIET)
        try:
            status: dict[str, Any] = {}
            while status.get("state") not in {"succeeded", "poisoned"}:
                time.sleep(0.2)
                status = json.loads(get(address, place, told["token"])[1])
            worker.send_signal(signal.SIGTERM)
            _, errors = worker.communicate(timeout=60)
        finally:
            worker.kill()

    assert status["state"] == "succeeded"
    assert status["result"]["verdict"] == "valid_unanchored"
    assert worker.returncode == 0
    assert "stopped" in errors
