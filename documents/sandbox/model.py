"""The values of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use.

    Attributes:
        memory_mb: address space in MiB on top of what the process has mapped when its modules are loaded.
        cpu_s: CPU seconds; the soft limit of RLIMIT_CPU.
        open_files: descriptors, standard streams and libraries included.
        file_mb: the largest file it may write; 0 where it may write none.
        answer_mb: the largest answer, its blobs included.
    """

    memory_mb: int = 768
    cpu_s: int = 30
    open_files: int = 256
    file_mb: int = 0
    answer_mb: int = 256


@dataclass(frozen=True, slots=True)
class Holds:
    """Which barriers stand in a child, as the child itself found.

    Attributes:
        no_new_privileges: set-uid programs give nothing.
        capabilities_dropped: root inside is an ordinary user to the kernel.
        network_namespace: it has a network of its own with nothing in it.
        seccomp: system calls for sockets, programs, signals and writing are refused.
        landlock: the version of the kernel's Landlock, which bounds what files can be opened; 0 if there is none.
    """

    no_new_privileges: bool
    capabilities_dropped: bool
    network_namespace: bool
    seccomp: bool
    landlock: int

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the barriers that do not stand."""
        return tuple(each.name for each in fields(self) if not getattr(self, each.name))

    @property
    def is_offline(self) -> bool:
        """Whether a parser cannot reach a network: either barrier is enough."""
        return self.network_namespace or self.seccomp


@dataclass(frozen=True, slots=True)
class SpoolFileRef:
    """A file for a task to read: the parent opens it, the child gets the descriptor and never the name.

    Attributes:
        path: where it is.
        key: opens an encrypted spool (`storage.objects.spool`); empty for a plain file.
        size: bytes of a spool's content; one of another length is not read.
    """

    path: Path
    key: bytes = field(default=b"", repr=False)
    size: int | None = None
