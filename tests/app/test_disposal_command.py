"""`disposal certificate` on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.app.test_cli import Terminal


def test_a_certificate_needs_somewhere_to_go_and_a_disposal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "data")
    terminal.run("log", "create", "--origin", "log.example/shops")
    unknown, paper = "3f0c6f6e-5f77-5c1a-9a53-6a5f1b0f2c11", tmp_path / "c.pdf"

    nowhere = terminal.error("disposal", "certificate", unknown, exit_code=3)
    missing = terminal.error("disposal", "certificate", unknown, "--pdf", paper, exit_code=3)

    assert (nowhere["code"], missing["code"]) == ("refused", "disposal_unknown")
    assert not paper.exists()
