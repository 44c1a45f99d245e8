"""The other side: loads modules once, then runs tasks.

- Started by `documents.sandbox.pool` with one socket, the control socket, as descriptor 3. There it is told what to
  load, then once per task is handed a socket of the task's own and, if there is one, the file.
- Fresh: each task runs in a fork of this process and ends with it, so that nothing of one file is there for the next.
  The fork stands ready, confined and without a file, before the task comes: its making is nobody's wait.
- Kept: tasks run here, one after the other, where loading (models) costs more than a fork may lose.
- A task is a function `(arguments, blobs, file) -> result | (result, blobs)`; `file` is a seekable binary file or None. A
  generator yields a pair of these once, which is told ahead of what it returns.
"""

from __future__ import annotations

import array
import gc
import importlib
import os
import platform
import resource
import shutil
import socket
import struct
import sys
import traceback
from pathlib import Path
from types import GeneratorType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import msgspec

from documents.sandbox import confinement, frames, seccomp
from documents.sandbox.errors import Refused
from documents.sandbox.model import MIB, Holds, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CONTROL: Final = 3
ENDED: Final = struct.Struct("=i")
"""What the control socket answers when a task's process has ended: its wait status."""


class Orders(msgspec.Struct, frozen=True):
    """What a child is told at its start.

    Attributes:
        path: where modules are looked for.
        preload: modules to import; with `:function`, a function to call once besides.
        fresh: whether each task runs in a fork.
        scratch: a folder to write to, with which programs may be started; empty for neither.
        tasks: how many it serves.
    """

    path: list[str]
    preload: list[str]
    fresh: bool
    scratch: str
    tasks: int
    limits: Limits
    blobs: list[int] = []


class Ready(msgspec.Struct, frozen=True):
    """What a child says once it can work; `error` if it never will."""

    holds: Holds
    error: str = ""
    blobs: list[int] = []


def main() -> None:
    """Serves tasks until the control socket closes."""
    control = socket.socket(fileno=CONTROL)
    orders, _ = frames.receive(control, Orders, MIB, None)
    sys.path[:] = orders.path
    statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    holds, error = _prepare(orders)
    frames.send(control, Ready(holds, error), [], None)
    if error:
        return
    gc.collect()
    gc.freeze()
    ready = _Ready(orders, statm, control, filtered=holds.seccomp) if orders.fresh else None
    for number in range(orders.tasks):
        handed = _take_task(control)
        if handed is None:
            return
        status = 0
        if ready is None:
            used = resource.getrusage(resource.RUSAGE_SELF)
            mapped = confinement.mapped_bytes(statm)
            confinement.limit(orders.limits, mapped=mapped, cpu_before_s=_seconds(used), tasks=orders.tasks)
            _serve(handed, orders.limits)
        else:
            status = ready.run(handed)
        if orders.scratch:
            _empty(Path(orders.scratch))
        control.sendall(ENDED.pack(status))
        if ready is not None and number + 1 < orders.tasks:
            ready.fork()


def _prepare(orders: Orders) -> tuple[Holds, str]:
    scratch = Path(orders.scratch) if orders.scratch else None
    private, powerless, offline, files = confinement.leave_world(scratch)
    filtered = seccomp.forbid(programs=bool(scratch)) if not orders.fresh else _can_filter(programs=bool(scratch))
    holds = Holds(private, powerless, offline, filtered, files)
    for name in orders.preload:
        try:
            _load(name)
        except Exception as error:  # noqa: BLE001  whatever a module raises, the parent is told that it does not load
            return holds, f"{name}: {type(error).__name__}: {error}"
    # What every fork would otherwise make for itself.
    seccomp.build(platform.machine(), programs=bool(scratch))
    frames.warm()
    return holds, ""


def _load(name: str) -> None:
    module, _, function = name.partition(":")
    loaded = importlib.import_module(module)
    if function:
        getattr(loaded, function)()


def _can_filter(*, programs: bool) -> bool:
    """Whether the filter can be installed, found out in a fork: this process must still be able to fork itself."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if seccomp.forbid(programs=programs) else 1)
    return os.waitpid(pid, 0)[1] == 0


def _take_task(control: socket.socket) -> tuple[socket.socket, int | None] | None:
    """The next task's socket and file; None when the parent is gone."""
    descriptors = array.array("i")
    message, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(2 * descriptors.itemsize))
    if not message:
        return None
    for _, _, carried in ancillary:
        descriptors.frombytes(carried[: len(carried) - len(carried) % descriptors.itemsize])
    return socket.socket(fileno=descriptors[0]), descriptors[1] if len(descriptors) > 1 else None


class _Ready:
    """The fork that waits for the next task, and how to make another."""

    def __init__(self, orders: Orders, statm: int, control: socket.socket, *, filtered: bool) -> None:
        self._orders: Final = orders
        self._statm: Final = statm
        self._control: Final = control
        self._filtered: Final = filtered
        self.fork()

    def fork(self) -> None:
        """Makes the next."""
        self._socket, theirs = socket.socketpair()
        mapped = confinement.mapped_bytes(self._statm)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                # What the control socket says is believed by the parent.
                self._control.close()
                self._socket.close()
                os.close(self._statm)
                confinement.end_with_parent()
                if seccomp.forbid(programs=bool(self._orders.scratch)) or not self._filtered:
                    confinement.limit(self._orders.limits, mapped=mapped)
                    handed = _take_task(theirs)
                    theirs.close()
                    if handed is not None:
                        _serve(handed, self._orders.limits)
                    os._exit(0)
            finally:
                os._exit(1)
        theirs.close()

    def run(self, handed: tuple[socket.socket, int | None]) -> int:
        """Hands it a task; its wait status when it has ended."""
        connection, file = handed
        with connection:
            descriptors = [connection.fileno(), *([] if file is None else [file])]
            try:
                socket.send_fds(self._socket, [b"T"], descriptors)
            except (BrokenPipeError, ConnectionResetError):
                # It was killed while it waited, by no fault of this task's.
                self._end()
                self.fork()
                socket.send_fds(self._socket, [b"T"], descriptors)
            finally:
                if file is not None:
                    os.close(file)
        return self._end()

    def _end(self) -> int:
        self._socket.close()
        return os.waitpid(self._pid, 0)[1]


def _serve(handed: tuple[socket.socket, int | None], limits: Limits) -> None:
    """Runs one task and answers; an answer that nobody waits for is dropped."""
    connection, file = handed
    with connection:
        try:
            request, blobs = frames.receive(connection, frames.Request, frames.REQUEST_BYTES_MAX, None)
        except frames.Gone:
            return
        confinement.end_after(request.timeout_s)
        reply, answer = _answer(request, blobs, file, limits, connection)
        try:
            frames.send(connection, reply, answer, None)
        except frames.Gone:
            pass
        except MemoryError:
            frames.send(connection, frames.Reply("memory"), [], None)
        finally:
            confinement.end_after(None)


def _answer(
    request: frames.Request, blobs: list[bytes], file: int | None, limits: Limits, connection: socket.socket
) -> tuple[frames.Reply, list[bytes]]:
    task: Callable[[Any, list[bytes], BinaryIO | None], Any]
    try:
        task = _find(request.task)
        opened = _open(file, request.spool, request.spool_bytes)
        try:
            made = task(request.arguments, blobs, opened)
            if isinstance(made, GeneratorType):
                made = _told_ahead(made, connection, limits)
        finally:
            if opened is not None:
                opened.close()
        result, answer = made if isinstance(made, tuple) else (made, [])
        reply = _reply("done", result, answer, limits)
    except Refused as refusal:
        return frames.Reply("refused", code=refusal.code, detail=refusal.detail), []
    except MemoryError:
        return frames.Reply("memory"), []
    except Exception as error:  # noqa: BLE001  a parser may raise anything; its text may quote the file
        return frames.Reply("failed", error=type(error).__name__, place=_place(error)), []
    return reply, answer


def _told_ahead(steps: Generator[tuple[Any, list[bytes]], None, Any], connection: socket.socket, limits: Limits) -> Any:
    """Tells what a task yields, and gives what it returns."""
    result, answer = next(steps)
    frames.send(connection, _reply("ahead", result, answer, limits), answer, None)
    try:
        next(steps)
    except StopIteration as end:
        return end.value
    raise TypeError("task: expected one answer ahead, got more")


def _reply(kind: str, result: Any, answer: list[bytes], limits: Limits) -> frames.Reply:
    """The head of an answer.

    Raises:
        MemoryError: it is larger than it may be.
    """
    reply = frames.Reply(kind, [len(blob) for blob in answer], result)
    if sum(reply.blobs) > limits.answer_mb * MIB:
        raise MemoryError
    return reply


def _empty(folder: Path) -> None:
    """What one task wrote is not there for the next."""
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)


def _find(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _open(file: int | None, spool: str | None, size: int | None) -> BinaryIO | None:
    if file is None or spool is None:
        return None
    if not spool:
        return os.fdopen(file, "rb")
    from storage.objects.spool_reader import SpoolReader  # noqa: PLC0415  loaded only where a spool is read

    return cast("BinaryIO", SpoolReader.open(file, bytes.fromhex(spool), size=size))


def _place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
