"""The front door of checking: hands a spooled file to the sandbox and turns what becomes of it into a refusal.

A parser that ran out of time or memory, or died, is the file's fault and refuses it; a sandbox that is busy or does
not start is ours, and its error goes to the caller, who tries again.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
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
    from collections.abc import Callable, Collection, Iterator

    from documents.sandbox.frames import JSON
    from storage.objects.spool import SpoolFile

TIMEOUT_S: Final = 60.0
PRELOAD: Final = (
    "documents.checking.tasks:warm",
    "storage.objects.spool_reader:warm",
)
"""What a sandbox for checking loads before files come: no more, since each check forks a process of that size."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that may be accepted.

    Attributes:
        checked: what is known of it.
        sanitised: what became of it, if it is a photo that was to be cleaned.
        content: the cleaned photo; None: the file as it came.
    """

    checked: Checked
    sanitised: Sanitised | None
    content: bytes | None


class Checker:
    """Checks and cleans spooled files. Safe for use from many threads."""

    def __init__(self, sandbox: Sandbox, *, timeout_s: float = TIMEOUT_S) -> None:
        """`sandbox` has `PRELOAD`; `timeout_s` is for one file."""
        self._sandbox: Final = sandbox
        self._timeout_s: Final = timeout_s

    def look(
        self,
        file: SpoolFileRef | SpoolFile,
        file_name: str,
        allowed: Collection[MediaType] = ALL_TYPES,
        limits: CheckLimits | None = None,
        *,
        clean: bool = False,
        ahead: Callable[[bytes | None], None] | None = None,
    ) -> Looked:
        """What is known of a file that may be accepted (`checker.check`), and with `clean` a photo without its secrets.

        `ahead` is told what would be sealed, in this thread, when all that takes little work is done: the cleaned photo, or
        None for the file as it came. Only the end of this call says whether the file may be accepted.

        Raises:
            Refused: with one of `codes.Code`; `codes.sentence` says it to the user.
            SandboxError: nobody looked at the file; try again.
        """
        content: bytes | None = None

        def told_ahead(_: JSON, blobs: list[bytes]) -> None:
            nonlocal content
            content = blobs[0] if blobs else None
            if ahead is not None:
                ahead(content)

        arguments = {
            "name": file_name,
            "allowed": sorted(allowed),
            "limits": limits or CheckLimits(),
            "clean": clean,
        }
        with as_refusals():
            told, _ = self._sandbox.run(
                "documents.checking.tasks:look", arguments, spool=file, timeout_s=self._timeout_s, ahead=told_ahead
            )
        sanitised = None if told["sanitised"] is None else msgspec.convert(told["sanitised"], Sanitised)
        return Looked(msgspec.convert(told["checked"], Checked), sanitised, content)


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
