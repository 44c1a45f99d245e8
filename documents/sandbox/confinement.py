"""What a child gives up before it reads anything from outside.

- `leave_world`, once per child, before any module of a parser is loaded: network, capabilities, files. Threads that
  modules start later inherit all of it.
- `limit`, once per task: memory, CPU, descriptors, file size, and an alarm should the parent be gone.
- What the kernel does not offer is reported, not pretended (`Holds`).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Final

from documents.sandbox import landlock
from documents.sandbox.model import MIB, Limits

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_CAPABILITY_VERSION_3: Final = 0x20080522
_SYSTEM_READ: Final = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/papersize",
    "/dev/null",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/sys/kernel/mm/transparent_hugepage",
)
_SYSTEM_PROGRAMS: Final = ("/usr", "/bin", "/lib", "/lib64")
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
ALARM_AFTER_S: Final = 5.0


def leave_world(scratch: Path | None) -> tuple[bool, bool, bool, int]:
    """Gives up privileges, capabilities, network and files.

    Args:
        scratch: the one folder it may write to and where programs may run; None for none of either.

    Returns:
        no_new_privileges, capabilities_dropped, network_namespace and the version of Landlock, as in `Holds`.
    """
    libc = _LIBC
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Its memory cannot be read through /proc by processes of the same user, other children included.
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    private = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    offline = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    files = landlock.restrict(
        read=[*map(Path, _SYSTEM_READ), *_own_code(), *([scratch] if scratch else [])],
        execute=[*map(Path, _SYSTEM_PROGRAMS), Path(sys.prefix)] if scratch else (),
        write=[scratch, Path("/dev/null")] if scratch else (),
    )
    return private, _drop_capabilities(libc), offline, files


def limit(limits: Limits, *, mapped: int, cpu_before_s: float = 0.0, tasks: int = 1) -> None:
    """Sets what one task may use.

    Args:
        limits: of one task.
        mapped: bytes of address space in use before it.
        cpu_before_s: what the process used for earlier tasks.
        tasks: how many the process may serve in all; with more than one, memory has a soft limit only, as the next
            task needs it set anew.
    """
    soft_s = int(cpu_before_s) + limits.cpu_s + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft_s, max(soft_s, limits.cpu_s * (tasks + 1))))
    memory = mapped + limits.memory_mb * MIB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory if tasks == 1 else resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_mb * MIB, limits.file_mb * MIB))


def end_with_parent() -> None:
    """Ends this process when the one that forked it does; that one must have no other threads."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_after(timeout_s: float | None) -> None:
    """Ends this process some seconds after its time, should nobody be left to do it; None calls that off."""
    signal.setitimer(signal.ITIMER_REAL, 0 if timeout_s is None else timeout_s + ALARM_AFTER_S)


def mapped_bytes(statm: int) -> int:
    """The address space in use, in bytes, from an open `/proc/self/statm`."""
    return int(os.pread(statm, 64, 0).split(b" ", 1)[0]) * os.sysconf("SC_PAGE_SIZE")


def _own_code() -> list[Path]:
    """Where Python's own modules and ours lie: packages one by one, so that data beside them stays closed."""
    roots = [Path(sys.prefix), Path(sys.base_prefix)]
    for entry in map(Path, sys.path):
        is_library = entry.name in {"site-packages", "dist-packages", "lib-dynload"} or entry.name.startswith("python3")
        if is_library or not entry.is_dir():
            roots.append(entry)
        else:
            roots += [each.parent for each in entry.glob("*/__init__.py")]
            roots += entry.glob("*.py")
    return [root for root in roots if root != Path("/")]


def _drop_capabilities(libc: ctypes.CDLL) -> bool:
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    return bool(libc.capset(header, struct.pack("=6I", 0, 0, 0, 0, 0, 0)) == 0)
