"""The front door of the sandbox: a few warm processes, and one call that runs a task in one of them.

- `run` may be called from many threads; as many tasks run at once as there are workers.
- A process that was killed, crashed or answered nonsense is not used again. One that served `recycle_after` tasks is
  replaced. Processes start when first needed, or all at once with `warm`.
- When this process dies, however it dies, the children see their socket close and end; a task at work ends some
  seconds after its time.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from documents.sandbox import frames
from documents.sandbox.child import CONTROL, ENDED, Orders, Ready
from documents.sandbox.errors import (
    ParserCrashed,
    ParserOutOfMemory,
    ParserTimeout,
    Refused,
    SandboxBusy,
    SandboxUnusable,
    TaskFailed,
)
from documents.sandbox.model import MIB, Holds, Limits, SpoolFileRef

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from documents.sandbox.frames import JSON
    from storage.objects.spool import SpoolFile

RECYCLE_FRESH: Final = 1000
RECYCLE_KEPT: Final = 50
START_S: Final = 60.0
END_S: Final = 5.0
TIMEOUT_S_MAX: Final = 900.0


class Sandbox:
    """Runs tasks on bytes from outside in child processes with little to lose."""

    def __init__(
        self,
        workers: int = 2,
        *,
        preload: Sequence[str] = (),
        memory_mb: int = 768,
        cpu_s: int = 30,
        limits: Limits | None = None,
        fresh: bool = True,
        programs: bool = False,
        recycle_after: int | None = None,
    ) -> None:
        """Nothing is started yet.

        Args:
            workers: processes, and tasks at once.
            preload: modules to import before tasks come; `module:function` also calls the function (models).
            memory_mb: what a task may map beyond what the modules have.
            cpu_s: CPU seconds of a task.
            limits: all bounds of a task, instead of the two above.
            fresh: each task in a fork of its own, so that one file cannot reach the next; False keeps the process
                and what it has loaded.
            programs: programs may be started, and files written to a scratch folder of the worker's own (for
                Tesseract); the network stays shut.
            recycle_after: tasks after which a process is replaced.
        """
        wanted = limits or Limits(memory_mb=memory_mb, cpu_s=cpu_s)
        self.limits: Final = replace(wanted, file_mb=wanted.file_mb or 256) if programs else wanted
        self._preload: Final = list(preload)
        self._fresh: Final = fresh
        self._programs: Final = programs
        self._recycle_after: Final = recycle_after or (RECYCLE_FRESH if fresh else RECYCLE_KEPT)
        self._free: Final[queue.LifoQueue[_Child | None]] = queue.LifoQueue()
        self._workers: Final = workers
        self._closed = False
        self._at_work: Final[set[_Child]] = set()
        self._mutex: Final = threading.Lock()
        for _ in range(workers):
            self._free.put(None)

    def __enter__(self) -> Self:
        """The sandbox itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self.close()

    def run(
        self,
        task: str,
        arguments: JSON = None,
        *,
        blobs: Sequence[bytes] = (),
        spool: SpoolFileRef | SpoolFile | None = None,
        timeout_s: float = 60.0,
        ahead: Callable[[JSON, list[bytes]], None] | None = None,
    ) -> tuple[JSON, list[bytes]]:
        """Runs `module:function` in a child and returns its result and blobs.

        The function takes `(arguments, blobs, file)` and returns a result, or a result and a list of blobs. A generator
        yields such a pair once, ahead of what it returns; `ahead` is called with it, in this thread.
        `timeout_s` is the wait for a free process and, again, the time of the task itself.

        Raises:
            Refused: the task refused the file.
            ParserTimeout, ParserCrashed, ParserOutOfMemory, TaskFailed: it did not come to an answer.
            SandboxBusy: no process became free in time.
            SandboxUnusable: no process can be started, or the sandbox is closed.
        """
        if not 0 < timeout_s <= TIMEOUT_S_MAX:
            raise ValueError(f"timeout_s: expected 0 to {TIMEOUT_S_MAX:g}, got {timeout_s}")
        child = self._take(task, timeout_s)
        usable = False
        try:
            if child is not None and not child.is_free():
                child.end()
                child = None
            self._require_open(task)
            if child is None:
                child = self._start()
            with self._mutex:
                self._require_open(task)
                self._at_work.add(child)
            try:
                reply, answer = child.run(task, arguments, blobs, spool, timeout_s, ahead)
            except ParserCrashed:
                # Killed by us, it says nothing of the file.
                self._require_open(task)
                raise
            usable = not child.is_spent
        finally:
            if child is not None:
                with self._mutex:
                    self._at_work.discard(child)
                if self._closed or not usable:
                    child.end()
                    child = None
            self._free.put(child)
        return _judge(task, reply, self.limits), answer

    def warm(self) -> Holds:
        """Starts every process that is not yet there, and says which barriers stand.

        Raises:
            SandboxUnusable: a process does not start.
        """
        taken: list[_Child | None] = []
        try:
            for _ in range(self._workers):
                taken.append(self._take("warm", START_S))
                taken[-1] = taken[-1] or self._start()
            return next(child.holds for child in taken if child is not None)
        finally:
            for child in taken:
                self._free.put(child)

    def close(self, wait_s: float = END_S) -> None:
        """Ends the processes; tasks at work are waited for, and killed after `wait_s`: for them the sandbox is unusable.

        Repeating it does nothing.
        """
        with self._mutex:
            if self._closed:
                return
            self._closed = True
        deadline_s = time.monotonic() + wait_s
        for _ in range(self._workers):
            try:
                child = self._free.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                break
            if child is not None:
                child.end()
        with self._mutex:
            for child in self._at_work:
                child.kill()
        # Who waits for a process is told at once.
        self._free.put(None)

    def _require_open(self, task: str) -> None:
        if self._closed:
            raise SandboxUnusable(f"{task}: expected an open sandbox, got a closed one")

    def _take(self, task: str, wait_s: float) -> _Child | None:
        self._require_open(task)
        try:
            return self._free.get(timeout=wait_s)
        except queue.Empty:
            raise SandboxBusy(task, wait_s) from None

    def _start(self) -> _Child:
        scratch = Path(tempfile.mkdtemp(prefix="chopbook-scratch-")) if self._programs else None
        orders = Orders(
            path=[each or str(Path.cwd()) for each in sys.path],
            preload=self._preload,
            fresh=self._fresh,
            scratch=str(scratch or ""),
            tasks=self._recycle_after,
            limits=self.limits,
        )
        return _Child(orders, scratch)


class _Child:
    """One process and its control socket; used by one thread at a time."""

    def __init__(self, orders: Orders, scratch: Path | None) -> None:
        self._scratch: Final = scratch
        self._left = orders.tasks
        self._is_ending = False
        self._limits: Final = orders.limits
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = _spawn(theirs, scratch)
        try:
            frames.send(self._control, orders, [], time.monotonic() + START_S)
            ready, _ = frames.receive(self._control, Ready, MIB, time.monotonic() + START_S)
        except (frames.Gone, frames.BadFrame, TimeoutError) as error:
            self.end()
            raise SandboxUnusable("sandbox: expected a child that is ready, got none") from error
        if ready.error:
            self.end()
            raise SandboxUnusable(f"sandbox: expected modules that load, got {ready.error}")
        self.holds: Final[Holds] = ready.holds

    @property
    def is_spent(self) -> bool:
        """Whether it is to be replaced."""
        return self._left <= 0

    def run(
        self,
        task: str,
        arguments: JSON,
        blobs: Sequence[bytes],
        spool: SpoolFileRef | SpoolFile | None,
        timeout_s: float,
        ahead: Callable[[JSON, list[bytes]], None] | None,
    ) -> tuple[frames.Reply, list[bytes]]:
        """One task; after an error other than a refusal the process is not to be used again."""
        self._left -= 1
        deadline_s = time.monotonic() + timeout_s
        request = frames.Request(
            task,
            arguments,
            [len(blob) for blob in blobs],
            timeout_s,
            None if spool is None else spool.key.hex(),
            None if spool is None else spool.size,
        )
        ours, theirs = socket.socketpair()
        with ours:
            self._hand_over(theirs, spool)
            try:
                try:
                    frames.send(ours, request, blobs, deadline_s)
                except frames.Gone:
                    # It may have died for a reason that its status tells.
                    pass
                most = (self._limits.answer_mb + 64) * MIB
                answer = frames.receive(ours, frames.Reply, most, deadline_s)
                if answer[0].kind == "ahead":
                    if ahead is not None:
                        ahead(answer[0].result, answer[1])
                    answer = frames.receive(ours, frames.Reply, most, deadline_s)
            except TimeoutError:
                raise ParserTimeout(task, timeout_s) from None
            except frames.BadFrame:
                raise ParserCrashed(task, 0) from None
            except frames.Gone:
                raise self._what_ended(task) from None
        # The answer stands, whatever becomes of the process that gave it: nobody waits for its end but the next task.
        self._is_ending = True
        return answer

    def is_free(self) -> bool:
        """Whether the task before has ended, for which it waits some seconds; one that does not end is not used again."""
        if self._is_ending:
            self._is_ending = False
            try:
                self._await_end(time.monotonic() + END_S)
            except (TimeoutError, frames.Gone):
                return False
        return True

    def kill(self) -> None:
        """Kills the process and what it started; whoever has a task there sees it end."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            # It ended first.
            pass

    def end(self) -> None:
        """Kills the process and what it started, and removes its scratch folder."""
        self._control.close()
        self.kill()
        self._process.wait()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _hand_over(self, theirs: socket.socket, spool: SpoolFileRef | SpoolFile | None) -> None:
        with theirs:
            try:
                if spool is None:
                    socket.send_fds(self._control, [b"T"], [theirs.fileno()])
                else:
                    with spool.path.open("rb", buffering=0) as file:
                        socket.send_fds(self._control, [b"T"], [theirs.fileno(), file.fileno()])
            except (BrokenPipeError, ConnectionResetError) as error:
                raise SandboxUnusable("sandbox: expected a child that waits, got a dead one") from error

    def _what_ended(self, task: str) -> ParserCrashed | ParserTimeout:
        """The error for a process that closed its socket without an answer."""
        try:
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status := self._await_end(time.monotonic() + END_S)) else 0
        except (TimeoutError, frames.Gone):
            try:
                number = -self._process.wait(timeout=END_S)
            except subprocess.TimeoutExpired:
                number = 0
        if number in {signal.SIGXCPU, signal.SIGALRM}:
            return ParserTimeout(task, self._limits.cpu_s)
        return ParserCrashed(task, max(0, number))

    def _await_end(self, deadline_s: float) -> int:
        """The wait status of the task's own process."""
        self._control.settimeout(max(0.001, deadline_s - time.monotonic()))
        told = self._control.recv(ENDED.size, socket.MSG_WAITALL)
        if len(told) < ENDED.size:
            raise frames.Gone("control: expected a status, got the end")
        return int(ENDED.unpack(told)[0])


def _spawn(theirs: socket.socket, scratch: Path | None) -> subprocess.Popen[bytes]:
    """Starts the interpreter with an environment that holds nothing of ours."""
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        # Threads would be lost by the fork; pages are read in parallel by processes.
        **dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        "TMPDIR": str(scratch or "/nonexistent"),
    }
    number = theirs.fileno()
    moved = f"os.dup2({number}, {CONTROL}); os.close({number}); " if number != CONTROL else ""
    start = f"import os; {moved}from documents.sandbox.child import main; main()"
    return subprocess.Popen(  # noqa: S603  our own interpreter and our own text
        [sys.executable, "-s", "-c", start],
        pass_fds=[number],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def _judge(task: str, reply: frames.Reply, limits: Limits) -> JSON:
    if reply.kind == "done":
        return reply.result
    if reply.kind == "refused":
        raise Refused(reply.code, reply.detail)
    if reply.kind == "memory":
        raise ParserOutOfMemory(task, limits.memory_mb)
    raise TaskFailed(task, reply.error[:100], reply.place[:200])
