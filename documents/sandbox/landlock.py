"""Landlock: the kernel lets a process give up every file but those it lists (Linux 5.13 and later).

Versions: 1 files; 2 moving between folders; 3 truncation; 4 TCP; 5 device control; 6 signals and abstract sockets
to processes outside. Each is used where the kernel has it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_FILE_RIGHTS: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READING: Final = _READ_FILE | _READ_DIR
_TCP: Final = 1 | 2
_SCOPES: Final = 1 | 2


def version() -> int:
    """The version of Landlock this kernel speaks; 0 if none."""
    found = _libc().syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    return max(0, int(found))


def restrict(*, read: Iterable[Path], execute: Iterable[Path] = (), write: Iterable[Path] = ()) -> int:
    """Leaves the calling thread only these files and what lies beneath them, and no TCP.

    `no_new_privs` must be set. Returns the version in force, 0 if nothing is.
    """
    speaks = version()
    if speaks == 0:
        return 0
    libc = _libc()
    every = _all_rights(speaks)
    attributes = struct.pack("=QQQ", every, _TCP if speaks >= 4 else 0, _SCOPES if speaks >= 6 else 0)
    size = 24 if speaks >= 6 else 16 if speaks >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        return 0
    try:
        for paths, rights in ((read, _READING), (execute, _READING | _EXECUTE), (write, every & ~_EXECUTE)):
            for path in paths:
                _allow(libc, ruleset, path, rights)
        return speaks if libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    """A path that is not there needs no right."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_RIGHTS
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _all_rights(speaks: int) -> int:
    rights = (1 << 13) - 1
    if speaks >= 2:
        rights |= 1 << 13
    if speaks >= 3:
        rights |= _TRUNCATE
    if speaks >= 5:
        rights |= _IOCTL_DEV
    return rights


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
