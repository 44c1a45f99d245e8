"""What the server writes about a refused call."""

from __future__ import annotations

import logging

import pytest

from api.dispatch import report
from api.problem_codes import Code
from api.problems import Problem
from storage.errors import CommitUnknown, LogBusy


def test_an_operator_reads_what_ails_the_database(caplog: pytest.LogCaptureFixture) -> None:
    error = CommitUnknown("commit: expected an answer, got OperationalError (SQLITE_FULL, the disk is full)")

    with caplog.at_level(logging.WARNING):
        report(error, Problem.of(Code.COMMIT_UNKNOWN), operation="adjust", request_id="0" * 32)
        report(LogBusy(1), Problem.of(Code.LOG_BUSY), operation="adjust", request_id="0" * 32)

    told, busy = caplog.records
    assert "the disk is full" in vars(told)["cause"]
    assert "cause" not in vars(busy)
