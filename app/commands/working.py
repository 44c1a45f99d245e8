"""Waiting for a job that a command asked for; it is done here unless a server is quicker to take it."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Final

from app.exits import Refused
from workflow.model import JOB_STATES, JobState
from workflow.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.commands.output import Output
    from app.wiring import House
    from workflow.worker import Handler

POLL_S: Final = 0.2


def work_off(house: House, out: Output, kind: str, asked: int, handlers: Mapping[str, Handler]) -> None:
    """Waits for the job of this kind that entry `asked` asked for, with a bar; `handlers` do what no server takes first.

    A command that is ended meanwhile gives the job back: a server, or the next such command, goes on with it.

    Raises:
        Refused: it was called off or given up.
    """
    job_id = house.queue.job_of(kind, asked)
    worker = Worker(
        house.queue,
        handlers,
        name=f"{socket.gethostname()}-{os.getpid()}-{kind}",
        clock=house.clock,
        entropy=house.entropy,
    )
    worker.start()
    try:
        with out.progress("working") as step:
            run = house.queue.status(job_id).run
            while not run.state.is_final:
                time.sleep(POLL_S)
                run = house.queue.status(job_id).run
                if run.progress is not None:
                    step(run.progress.done, run.progress.total or None)
    finally:
        worker.stop()
    if run.state is not JobState.SUCCEEDED:
        why = run.state.value if run.failure is None else f"{run.failure.code}: {run.failure.reason}"
        msg = f"job {job_id}: expected it to be done, got {why}"
        raise Refused(
            msg, f"工作 {job_id}：未能完成（{JOB_STATES[run.state].zh if run.failure is None else run.failure.code}）"
        )
