"""What is asked of the table of uploads every few seconds finds its rows by an index, however many have ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event

from documents.uploads.store import read_due, read_expired, read_live_count, read_reserved
from tests.worlds import START

QUESTIONS: dict[str, Callable[[Connection], object]] = {
    "which wait": lambda connection: read_due(connection, START, 10),
    "how many bytes are under way": read_reserved,
    "how many somebody has under way": lambda connection: read_live_count(connection, "p_x"),
    "whose time is over": lambda connection: read_expired(connection, START, 10),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_reads_no_whole_table(sqlite_url: str, question: str) -> None:
    engine = create_engine(sqlite_url)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _d, sql, values, *_: asked.append((sql, values)))

    with engine.connect() as connection:
        QUESTIONS[question](connection)
        ((sql, values),) = asked
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]

    engine.dispose()
    assert [step for step in plan if step.startswith("SCAN")] == []
    assert any("USING INDEX" in step or "USING COVERING INDEX" in step for step in plan)
