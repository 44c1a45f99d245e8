"""A seccomp filter written by hand: the system calls a parser has no business with answer EPERM.

- Classic BPF (Linux `Documentation/userspace-api/seccomp_filter.rst`), x86-64 and AArch64; elsewhere there is none.
- A list of what is refused, not of what is allowed: libraries fail softly on EPERM, and a new C library does not
  break the service. Landlock and the network namespace stand behind it.
- It is inherited by everything the process starts and cannot be taken off.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from functools import cache
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_RET_ALLOW: Final = 0x7FFF0000
_RET_ERRNO: Final = 0x00050000
_RET_KILL: Final = 0x80000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCHITECTURE = 0, 4
_X32_BIT: Final = 0x40000000
_CLONE_THREAD: Final = 0x00010000
_WRITE_FLAGS: Final = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC

_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# name: (number on x86-64, number on AArch64); None where that kernel has no such call.
_NETWORK: Final[dict[str, tuple[int | None, int | None]]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
}
_OTHER_PROCESSES: Final[dict[str, tuple[int | None, int | None]]] = {
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "setpriority": (141, 140),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
}
_KERNEL: Final[dict[str, tuple[int | None, int | None]]] = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "iopl": (172, None),
    "ioperm": (173, None),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "setgroups": (116, 159),
    "capset": (126, 91),
    "personality": (135, 92),
}
_PROGRAMS: Final[dict[str, tuple[int | None, int | None]]] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
}
_WRITING: Final[dict[str, tuple[int | None, int | None]]] = {
    "creat": (85, None),
    "truncate": (76, 45),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "utimensat": (280, 88),
}
_OPEN, _OPENAT, _OPENAT2 = (2, None), (257, 56), (437, 437)
_CLONE, _CLONE3 = (56, 220), (435, 435)
_PRLIMIT: Final = (302, 261)


_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("size", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid(*, programs: bool) -> bool:
    """Installs the filter on the calling thread; returns whether it stands.

    `programs` leaves starting programs and writing files to the other barriers.
    """
    code = build(platform.machine(), programs=programs)
    if not code:
        return False
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    program = _Program(len(code) // 8, code)
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


@cache
def build(machine: str, *, programs: bool) -> bytes:
    """The filter for a kind of machine; empty for one that is not known."""
    if machine not in _ARCHITECTURES:
        return b""
    architecture, column = _ARCHITECTURES[machine]
    code = [_step(_LOAD, _AT_ARCHITECTURE), _step(_EQUAL, architecture, 1, 0), _step(_RETURN, _RET_KILL)]
    code += [_step(_LOAD, _AT_NUMBER), _step(_AT_LEAST, _X32_BIT, 0, 1), _refuse(errno.EPERM)]
    refused = _NETWORK | _OTHER_PROCESSES | _KERNEL
    if not programs:
        refused |= _PROGRAMS | _WRITING
    for numbers in refused.values():
        number = numbers[column]
        if number is not None:
            code += [_step(_EQUAL, number, 0, 1), _refuse(errno.EPERM)]
    # The limits of another process are not ours to change.
    code += _when_argument(_PRLIMIT[column], 0, _step(_EQUAL, 0, 1, 0), errno.EPERM)
    if not programs:
        # The C library falls back to the older call, whose flags lie where a filter can see them.
        code += [_step(_EQUAL, number, 0, 1), _refuse(errno.ENOSYS)] if (number := _CLONE3[column]) else []
        code += [_step(_EQUAL, number, 0, 1), _refuse(errno.ENOSYS)] if (number := _OPENAT2[column]) else []
        code += _when_argument(_CLONE[column], 0, _step(_ANY_BIT, _CLONE_THREAD, 1, 0), errno.EPERM)
        code += _when_argument(_OPENAT[column], 2, _step(_ANY_BIT, _WRITE_FLAGS, 0, 1), errno.EACCES)
        opening = _OPEN[column]
        if opening is not None:
            code += _when_argument(opening, 1, _step(_ANY_BIT, _WRITE_FLAGS, 0, 1), errno.EACCES)
    code.append(_step(_RETURN, _RET_ALLOW))
    return b"".join(code)


def _when_argument(number: int | None, argument: int, test: bytes, error: int) -> list[bytes]:
    """Refuses call `number` if `test`, on the low half of an argument, leads to the next step rather than past it."""
    if number is None:
        return []
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, 16 + 8 * argument),
        test,
        _refuse(error),
        _step(_RETURN, _RET_ALLOW),
    ]


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _RET_ERRNO | error)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
