"""Child processes in which bytes from outside are parsed: no network, no files, little memory, little time.

    from documents.sandbox import Sandbox, SpoolFileRef

`pool` has the front door, `child` what runs on the other side, `confinement` what is taken away before it runs.
docs/upload-security.md says what holds on which kernel.
"""

from __future__ import annotations

from documents.sandbox.errors import (
    ParserCrashed,
    ParserOutOfMemory,
    ParserTimeout,
    Refused,
    SandboxBusy,
    SandboxError,
    SandboxUnusable,
    TaskFailed,
)
from documents.sandbox.frames import JSON
from documents.sandbox.model import Holds, Limits, SpoolFileRef
from documents.sandbox.pool import Sandbox

__all__ = [
    "JSON",
    "Holds",
    "Limits",
    "ParserCrashed",
    "ParserOutOfMemory",
    "ParserTimeout",
    "Refused",
    "Sandbox",
    "SandboxBusy",
    "SandboxError",
    "SandboxUnusable",
    "SpoolFileRef",
    "TaskFailed",
]
