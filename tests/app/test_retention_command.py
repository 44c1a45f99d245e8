"""`retention` and `hold` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.test_cli import Terminal
from tests.retention.registry import RULE


def test_retention_and_holds_from_the_command_line(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "data")
    terminal.run("log", "create", "--origin", "log.example/shops")
    seeded = terminal.json("retention", "schedules")["items"]
    assert {"HK-TAX-7Y/1", "HK-FOOD-3M/1"} <= {rule["id"] for rule in seeded}
    assert all(rule["verified_on"] for rule in seeded)
    assert "《稅務條例》" in terminal.run("retention", "schedules", "--language", "zh").output
    assert terminal.json("db", "upgrade") == {"upgraded": True}

    file = tmp_path / "rule.json"
    file.write_text(json.dumps(RULE))
    officer = terminal.json("user", "add", "--name", "李主任", "--role", "compliance_officer")["id"]
    asked = terminal.json("retention", "propose-schedule", file)
    approving = ("retention", "approve-schedule", "ORG-TEST", asked["pending"])
    assert asked["of"] == "ORG-TEST/1"
    assert terminal.error(*approving, exit_code=3)["code"] == "own_approval"
    assert terminal.json(*approving, "--as", officer)["of"] == "ORG-TEST"
    assert terminal.error("retention", "propose-schedule", file, exit_code=3)["code"] == "schedule_version_taken"
    terminal.run("retention", "year-end", "12-31", "--from", "2000-01-01")
    terminal.run("retention", "map", "photo", "menu")
    terminal.run("retention", "trigger", "supplier:SUP1", "contract_ended", "--on", "2020-01-01")
    terminal.run("retention", "trigger", "supplier:SUP1", "contract_ended", "--withdraw")
    terminal.run("retention", "fact", "sku:A1", "food.shelf_life_short")
    assert terminal.json("retention", "review")["records"] == 0
    assert terminal.json("retention", "due", "--outcome", "due") == {"items": [], "total": 0}
    assert terminal.error("retention", "explain", "document:none", exit_code=3)["code"] == "record_unknown"

    terminal.run("hold", "place", "HCA-1", "--reason", "索償", "--supplier", "SUP1", "--since", "2026-01-01")
    assert terminal.json("hold", "list")["items"][0]["query"] == {"since": "2026-01-01", "suppliers": ["SUP1"]}
    assert terminal.json("hold", "show", "HCA-1")["records"] == []
    pending = terminal.json("hold", "release", "HCA-1", "--reason", "和解")["pending"]
    assert terminal.error("hold", "approve", "HCA-1", pending, exit_code=3)["code"] == "own_approval"
    assert terminal.error("hold", "widen", "HCA-2", "document:none", exit_code=3)["code"] == "hold_unknown"
