"""The front door of checking: hands a spooled file to the sandbox and turns what becomes of it into a refusal.

A parser that ran out of time or memory, or died, is the file's fault and refuses it; a sandbox that is busy or does
not start is ours, and its error goes to the caller, who tries again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from documents.checking.codes import Code
from documents.checking.model import ALL_TYPES, Checked, CheckLimits, MediaType
from documents.checking.sanitise import Sanitised
from documents.sandbox import (
    ParserCrashed,
    ParserOutOfMemory,
    ParserTimeout,
    Refused,
    Sandbox,
    SpoolFileRef,
    TaskFailed,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from documents.sandbox.frames import JSON
    from storage.objects.spool import SpoolFile

TIMEOUT_S: Final = 60.0
PRELOAD: Final = (
    "documents.checking.tasks",
    "documents.rendering.tasks",
    "storage.objects.spool",
)
"""What a sandbox for checking and rendering loads before files come."""


class Checker:
    """Checks and cleans spooled files. Safe for use from many threads."""

    def __init__(self, sandbox: Sandbox, *, timeout_s: float = TIMEOUT_S) -> None:
        """`sandbox` has `PRELOAD`; `timeout_s` is for one file."""
        self._sandbox: Final = sandbox
        self._timeout_s: Final = timeout_s

    def check(
        self,
        file: SpoolFileRef | SpoolFile,
        file_name: str,
        allowed: Collection[MediaType] = ALL_TYPES,
        limits: CheckLimits | None = None,
    ) -> Checked:
        """What is known of a file that may be accepted; see `checker.check`.

        Raises:
            Refused: with one of `codes.Code`; `codes.sentence` says it to the user.
            SandboxError: nobody looked at the file; try again.
        """
        arguments = {"name": file_name, "allowed": sorted(allowed), "limits": limits or CheckLimits()}
        told, _ = self._run("documents.checking.tasks:check", arguments, file)
        return msgspec.convert(told, Checked)

    def clean(
        self, file: SpoolFileRef | SpoolFile, media_type: MediaType, limits: CheckLimits | None = None
    ) -> tuple[bytes, Sanitised]:
        """The photo without what it tells about who took it where; see `sanitise`.

        Raises:
            Refused: it cannot be cleaned.
            SandboxError: nobody looked at the file; try again.
        """
        arguments = {"media_type": media_type, "limits": limits or CheckLimits()}
        told, blobs = self._run("documents.checking.tasks:clean", arguments, file)
        return blobs[0], msgspec.convert(told, Sanitised)

    def _run(self, task: str, arguments: JSON, file: SpoolFileRef | SpoolFile) -> tuple[JSON, list[bytes]]:
        with as_refusals():
            return self._sandbox.run(task, arguments, spool=file, timeout_s=self._timeout_s)


@contextmanager
def as_refusals() -> Iterator[None]:
    """Turns what becomes of a parser into a refusal of its file.

    Raises:
        Refused: in place of the errors that are the file's fault.
    """
    try:
        yield
    except ParserTimeout as error:
        raise Refused(Code.PARSER_TIMEOUT) from error
    except ParserOutOfMemory as error:
        raise Refused(Code.PARSER_OUT_OF_MEMORY) from error
    except (ParserCrashed, TaskFailed) as error:
        raise Refused(Code.PARSER_CRASHED) from error
