"""What can go wrong with jobs, as one tree.

    WorkflowError
    ├── InvalidJob       a kind, key, payload or time that no job can have
    ├── JobNotFound      no such job
    ├── JobFinished      the job has ended: nothing is left to cancel
    ├── ScheduleNotFound   no such schedule
    ├── ScheduleUnchanged  it is paused already, or not paused
    ├── LeaseLost        another worker may hold the job now: stop, and change nothing
    ├── JobCancelled     someone cancelled the job while it ran: stop
    ├── WorkerStopping   the worker shuts down: stop, the job goes back to the queue
    ├── JobSetAside      a handler gives way to other jobs: what it did so far is kept, and it goes on later
    └── JobFailed        a handler gives up: `code` says why, `retry` whether to try again

A handler may raise anything. `JobFailed` alone says something to a reader of the queue: the message of any other
error stays out of the database, since it may quote what it choked on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.model import JobState


class WorkflowError(Exception):
    """Base of every error this room raises on purpose.

    Attributes:
        zh: the message in Chinese, where somebody at a terminal may cause the error.
    """

    zh: str | None = None


class InvalidJob(WorkflowError):
    """A member of a job breaks its rule.

    Attributes:
        member: the member's name.
        reason: what was expected and what was got.
    """

    def __init__(self, member: str, reason: str) -> None:
        self.member = member
        self.reason = reason
        super().__init__(f"{member}: {reason}")


class JobNotFound(WorkflowError):
    """There is no job of this id."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.zh = f"沒有工作 {job_id}"
        super().__init__(f"job: expected the id of a job, got {job_id!r}")


class JobFinished(WorkflowError):
    """The job has ended."""

    def __init__(self, job_id: str, state: JobState) -> None:
        self.job_id = job_id
        self.state = state
        self.zh = f"工作 {job_id} 已經完結"
        super().__init__(f"job {job_id}: expected one that waits or runs, got one that is {state.value}")


class ScheduleNotFound(WorkflowError):
    """There is no schedule of this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.zh = f"沒有排程 {code}"
        super().__init__(f"schedule: expected the code of one, got {code!r}")


class ScheduleUnchanged(WorkflowError):
    """The schedule stands already as it should.

    Attributes:
        paused: how it stands.
    """

    def __init__(self, code: str, *, paused: bool) -> None:
        self.code = code
        self.paused = paused
        expected, got = ("goes on", "paused") if paused else ("is paused", "going on")
        self.zh = f"排程 {code} {'已經暫停' if paused else '已在進行中'}"
        super().__init__(f"schedule {code}: expected one that {expected}, got one that is {got}")


class LeaseLost(WorkflowError):
    """The lease ran out or was taken: whatever this worker still does no longer counts."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"job {job_id}: expected this worker's lease, got none or another's")


class JobCancelled(WorkflowError):
    """The job was cancelled while it ran."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"job {job_id} was cancelled")


class WorkerStopping(WorkflowError):
    """The worker shuts down: the job goes back to the queue, and this attempt does not count."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"job {job_id}: the worker is stopping")


class JobSetAside(WorkflowError):
    """The handler gives way: its work so far is kept, and the job goes on behind those that wait. The attempt does not count."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"job {job_id} gives way to others")


class JobFailed(WorkflowError):
    """A handler's own account of a failure; without personal data, since readers of the queue see it.

    Attributes:
        code: short and stable, for programs.
        reason: one sentence, for people.
        retry: whether another attempt could succeed.
    """

    def __init__(self, code: str, reason: str, *, retry: bool = True) -> None:
        self.code = code
        self.reason = reason
        self.retry = retry
        super().__init__(f"{code}: {reason}")
