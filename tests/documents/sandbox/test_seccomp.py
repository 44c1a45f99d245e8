"""The filter's decisions on both kinds of machine, by a small interpreter of classic BPF: one of them never runs here."""

from __future__ import annotations

import errno
import struct

import pytest

from documents.sandbox import seccomp

X86, ARM = "x86_64", "aarch64"
ARCHITECTURE = {X86: 0xC000003E, ARM: 0xC00000B7}
ALLOW = 0x7FFF0000
KILL = 0x80000000


def decide(machine: str, call: int, *arguments: int, programs: bool = False, architecture: int | None = None) -> int:
    """What the kernel would do with a call (`struct seccomp_data`)."""
    code = seccomp.build(machine, programs=programs)
    known = ARCHITECTURE[machine] if architecture is None else architecture
    data = struct.pack("=IIQ6Q", call, known, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    place, held = 0, 0
    while True:
        what, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * place)
        place += 1
        if what == 0x06:
            return int(value)
        if what == 0x20:
            held = int(struct.unpack_from("=I", data, value)[0])
        else:
            is_true = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[what]
            place += if_true if is_true else if_false


def refusal(number: int) -> int:
    return 0x00050000 | number


@pytest.mark.parametrize(
    ("machine", "call"),
    [(X86, call) for call in (41, 42, 49, 53, 59, 57, 58, 62, 101, 165, 272, 308, 321, 322, 425, 87, 82, 85, 90)]
    + [(ARM, call) for call in (198, 203, 200, 199, 221, 129, 117, 40, 97, 268, 280, 281, 425, 35, 276)],
)
def test_calls_a_parser_has_no_business_with_are_refused(machine: str, call: int) -> None:
    assert decide(machine, call) == refusal(errno.EPERM)


@pytest.mark.parametrize(
    ("machine", "call"),
    [(X86, call) for call in (0, 1, 3, 8, 9, 11, 12, 20, 47, 202, 228, 231, 234, 262)]
    + [(ARM, call) for call in (63, 64, 57, 62, 222, 215, 214, 98, 113, 94, 131)],
)
def test_calls_that_parsing_needs_are_allowed(machine: str, call: int) -> None:
    assert decide(machine, call) == ALLOW


@pytest.mark.parametrize(("machine", "openat"), [(X86, 257), (ARM, 56)])
def test_files_are_opened_for_reading_only(machine: str, openat: int) -> None:
    for flags in (0, 0o2000000):
        assert decide(machine, openat, 0, 0, flags) == ALLOW
    for flags in (0o1, 0o2, 0o100, 0o1000, 0o1101):
        assert decide(machine, openat, 0, 0, flags) == refusal(errno.EACCES)
        assert decide(machine, openat, 0, 0, flags, programs=True) == ALLOW
    if machine == X86:
        assert decide(X86, 2, 0, 0o1) == refusal(errno.EACCES)
        assert decide(X86, 2, 0, 0) == ALLOW


@pytest.mark.parametrize(("machine", "clone"), [(X86, 56), (ARM, 220)])
def test_threads_are_made_and_processes_are_not(machine: str, clone: int) -> None:
    assert decide(machine, clone, 0x3D0F00) == ALLOW
    assert decide(machine, clone, 0x1200011) == refusal(errno.EPERM)
    assert decide(machine, clone, 0x1200011, programs=True) == ALLOW
    assert decide(machine, 435) == decide(machine, 437) == refusal(errno.ENOSYS)


@pytest.mark.parametrize(("machine", "prlimit"), [(X86, 302), (ARM, 261)])
def test_only_its_own_limits_are_its_business(machine: str, prlimit: int) -> None:
    assert decide(machine, prlimit, 0) == ALLOW
    assert decide(machine, prlimit, 4321) == refusal(errno.EPERM)


@pytest.mark.parametrize("machine", [X86, ARM])
def test_the_network_is_shut_for_programs_too(machine: str) -> None:
    sockets = {X86: (41, 42, 49, 53), ARM: (198, 203, 200, 199)}[machine]

    assert {decide(machine, call, programs=True) for call in sockets} == {refusal(errno.EPERM)}
    assert decide(machine, {X86: 59, ARM: 221}[machine], programs=True) == ALLOW


def test_another_kind_of_call_table_is_no_way_round() -> None:
    assert decide(X86, 41, architecture=0x40000003) == KILL
    assert decide(X86, 41 | 0x40000000) == refusal(errno.EPERM)
