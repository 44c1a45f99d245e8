"""What the process writes about itself: JSON, and nothing personal."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from app.logs import set_up_logging
from tests.worlds import World


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    set_up_logging("info", "json")

    logging.getLogger("chopbook.worker").info("job %s", "succeeded", extra={"job": "ab", "duration_s": 0.5})

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    line = json.loads(lines[0])
    assert line.pop("time").endswith("Z")
    assert line == {
        "duration_s": 0.5,
        "job": "ab",
        "level": "info",
        "logger": "chopbook.worker",
        "message": "job succeeded",
    }


def test_levels_below_the_set_one_and_access_logs_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("warning", "json")

    logging.getLogger("chopbook.api").info("no")
    logging.getLogger("uvicorn.access").info("GET /api/v1/people?text=陳大文")

    assert capsys.readouterr().err == ""


def test_people_may_read_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "console")

    logging.getLogger("chopbook.app").warning("housekeeping put off", extra={"error": "LogBusy"})

    text = capsys.readouterr().err
    assert "housekeeping put off" in text
    assert "LogBusy" in text


def test_a_failing_handler_is_told_without_its_words(sqlite_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.workflow.test_worker import ask, make_worker

    set_up_logging("info", "json")
    ask(sqlite_world, "mail.send", attempts_max=1)

    def send(_context: object) -> None:
        raise ValueError("陳大文 6123 4567")

    assert make_worker(sqlite_world, {"mail.send": send}).run_one()

    text = capsys.readouterr().err
    assert "陳大文" not in text
    assert '"error": "ValueError"' in text
    assert '"message": "job poisoned"' in text
