"""`chopbook policy bundle`: from a folder to what decides, and back."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from policies.engine import shipped
from tests.app.test_cli import Terminal
from tests.policies.bundles.office import narrower


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path / "data")
    made.run("log", "create", "--origin", "log.example/bundles")
    return made


def test_a_bundle_goes_from_a_folder_to_what_decides_and_back(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    officer = terminal.json("user", "add", "--name", "李主任", "--role", "compliance_officer")["id"]
    terminal.run("policy", "bundle", "show", shipped().digest[:12], "--into", folder)
    roles = folder / "roles.cedar"
    roles.write_text(narrower(roles.read_text("utf-8")), "utf-8")

    digest = terminal.json("policy", "bundle", "draft", folder)["digest"]
    assert terminal.json("policy", "bundle", "validate", digest[:12])["state"] == "validated"
    found = terminal.json("policy", "bundle", "simulate", digest, "--days", "7")["steps"][-1]["detail"]
    pending = terminal.json("policy", "bundle", "propose", digest)["pending"]
    own = terminal.error("policy", "bundle", "approve", digest, pending, exit_code=3)
    terminal.run("policy", "bundle", "approve", digest, pending, "--as", officer)
    terminal.run("policy", "bundle", "schedule", digest, "--as", officer)

    assert found["newly_allowed"] == 0
    assert found["newly_denied"] > 0
    assert own["code"] == "approver_not_a_person"
    assert terminal.json("policy", "bundle", "list")["active"] == digest
    assert terminal.json("policy", "show")["digest"] == digest
    assert terminal.error("policy", "bundle", "rollback", digest, exit_code=3)["code"] == "bundle_state"
    waits = terminal.json("policy", "bundle", "rollback", shipped().digest)
    number = waits["content"]["newly_allowed"]
    said = ("--acknowledge", str(number), "--statement", "還原")
    terminal.run("policy", "bundle", "approve", shipped().digest, waits["pending"], *said, "--as", officer)
    terminal.run("policy", "bundle", "schedule", shipped().digest, "--as", officer)
    assert terminal.json("policy", "show")["digest"] == shipped().digest


def test_a_bundle_with_faults_ends_with_1_and_stays_a_draft(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "roles.cedar").write_text("permit (principal, action, resource);", "utf-8")
    digest = terminal.json("policy", "bundle", "draft", folder)["digest"]

    found = terminal.json("policy", "bundle", "validate", digest, exit_code=1)

    assert found["state"] == "draft"
    assert found["steps"][-1]["detail"]["codes"] == ["policies_refused"]
    assert (
        "expected the first digits of one" in terminal.error("policy", "bundle", "show", "zz", exit_code=3)["message"]
    )


def test_what_was_spoilt_is_put_back_from_its_folder(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    officer = terminal.json("user", "add", "--name", "李主任", "--role", "compliance_officer")["id"]
    terminal.run("policy", "bundle", "show", shipped().digest, "--into", folder)
    (folder / "roles.cedar").write_text(narrower((folder / "roles.cedar").read_text("utf-8")), "utf-8")
    digest = terminal.json("policy", "bundle", "draft", folder)["digest"]
    terminal.run("policy", "bundle", "validate", digest)
    terminal.run("policy", "bundle", "simulate", digest)
    pending = terminal.json("policy", "bundle", "propose", digest)["pending"]
    terminal.run("policy", "bundle", "approve", digest, pending, "--as", officer)
    terminal.run("policy", "bundle", "schedule", digest, "--as", officer)
    _spoil(tmp_path / "data", digest)

    told = terminal.run("--json", "policy", "bundle", "list", exit_code=3).stderr.splitlines()
    terminal.run("policy", "bundle", "restore", folder)

    assert json.loads(told[-1])["error"]["code"] == "policy_error"
    assert any("everything is denied" in line for line in told)
    assert terminal.json("policy", "bundle", "list")["active"] == digest


def _spoil(data: Path, digest: str) -> None:
    [database] = [path for path in data.rglob("*.db") if _has_bundles(path)]
    with sqlite3.connect(database) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'policy_bundles'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE policy_bundles SET content = x'00' WHERE digest = ?", (digest,))
    connection.close()


def _has_bundles(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'policy_bundles'").fetchone()
    connection.close()
    return found is not None
