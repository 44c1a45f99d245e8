"""What can become of a task in the sandbox.

    SandboxError
    ├── ParserTimeout       wall clock or CPU seconds ran out; the process was killed
    ├── ParserCrashed       the process died: a signal, or an exit nobody asked for
    ├── ParserOutOfMemory   it asked for more memory than it may have
    ├── TaskFailed          the task raised what it should not; names the error and the line, never its text
    ├── SandboxBusy         no process became free in time: nothing was said about the file
    └── SandboxUnusable     a process does not start: a fault of the installation, not of the file
    Refused                 the task looked and said no: a code and what the sentence for it names

The first four are about the file, and mean "not accepted". None carries text from the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class SandboxError(Exception):
    """Base of what can go wrong with a task."""


class ParserTimeout(SandboxError):
    """The task took longer than it may."""

    def __init__(self, task: str, limit_s: float) -> None:
        self.task: Final = task
        self.limit_s: Final = limit_s
        super().__init__(f"{task}: expected an answer within {limit_s:g} s, got none")


class ParserCrashed(SandboxError):
    """The process of the task died.

    Attributes:
        signal_number: the signal that ended it, 0 if it left by itself.
    """

    def __init__(self, task: str, signal_number: int) -> None:
        self.task: Final = task
        self.signal_number: Final = signal_number
        super().__init__(f"{task}: expected an answer, got the end of the process (signal {signal_number})")


class ParserOutOfMemory(SandboxError):
    """The task asked for more memory than it may have."""

    def __init__(self, task: str, limit_mb: int) -> None:
        self.task: Final = task
        self.limit_mb: Final = limit_mb
        super().__init__(f"{task}: expected at most {limit_mb} MB of memory, got a demand for more")


class TaskFailed(SandboxError):
    """The task raised an error that is neither a refusal nor a limit.

    Attributes:
        error: the class of the error.
        place: file and line that raised it.
    """

    def __init__(self, task: str, error: str, place: str) -> None:
        self.task: Final = task
        self.error: Final = error
        self.place: Final = place
        super().__init__(f"{task}: expected an answer, got {error} at {place}")


class SandboxBusy(SandboxError):
    """All processes were at work for as long as the caller would wait."""

    def __init__(self, task: str, waited_s: float) -> None:
        super().__init__(f"{task}: expected a free process within {waited_s:g} s, got none")


class SandboxUnusable(SandboxError):
    """A process could not be started or confined."""


class Refused(Exception):
    """A task looked at the file and refused it.

    Attributes:
        code: stable name of the reason.
        detail: what its sentence names: numbers, kinds, codes; never free text from the file.
    """

    def __init__(self, code: str, detail: Mapping[str, str | int] | None = None) -> None:
        self.code: Final = str(code)
        self.detail: Final[dict[str, str | int]] = dict(detail or {})
        super().__init__(self.code, self.detail)

    def __str__(self) -> str:
        """The code, and what it names."""
        named = ", ".join(f"{name}={value}" for name, value in self.detail.items())
        return f"{self.code} ({named})" if named else self.code
