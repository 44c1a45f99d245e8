"""The sandbox, on real processes: what a parser taken over by its file can and cannot do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from documents.sandbox import (
    Holds,
    Limits,
    ParserCrashed,
    ParserOutOfMemory,
    ParserTimeout,
    Refused,
    Sandbox,
    SandboxBusy,
    SandboxUnusable,
    SpoolFileRef,
    TaskFailed,
    landlock,
    seccomp,
)
from documents.sandbox.pool import END_S

TASKS = "tests.documents.sandbox.tasks"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, preload=[TASKS], limits=Limits(memory_mb=256, cpu_s=2, answer_mb=4)) as made:
        made.warm()
        yield made


@pytest.fixture
def kept() -> Iterator[Sandbox]:
    with Sandbox(1, preload=[TASKS], fresh=False, recycle_after=3, limits=Limits(memory_mb=256, cpu_s=2)) as made:
        yield made


@pytest.fixture
def with_programs() -> Iterator[Sandbox]:
    with Sandbox(1, preload=[TASKS], programs=True) as made:
        yield made


def attempt(sandbox: Sandbox, act: str) -> str:
    return str(sandbox.run(f"{TASKS}:attempt", act)[0])


def _waiting(parent: psutil.Process, *, after: int) -> psutil.Process:
    """The fork that waits for a task, once the one before it has ended."""
    for _ in range(100):
        found = [one for one in parent.children() if one.pid != after]
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("expected a fork that waits, got none")


# ------------------------------------------------------------------------------------- answers


def test_a_task_gets_its_arguments_and_blobs_and_answers(sandbox: Sandbox) -> None:
    result, blobs = sandbox.run(f"{TASKS}:echo", {"page": 1, "名": "貨"}, blobs=[b"one", b"", b"x" * 300_000])

    assert result == {"arguments": {"page": 1, "名": "貨"}, "file": None}
    assert blobs == [b"one", b"", b"x" * 300_000]


def test_a_task_can_seek_in_a_file_it_could_not_open(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "送貨單.txt"
    path.write_bytes(b"a" * 100_000 + b"the end")

    assert sandbox.run(f"{TASKS}:read_tail", 7, spool=SpoolFileRef(path)) == ("the end", [])
    assert attempt(sandbox, f"read {path}") == "PermissionError"


def test_a_task_may_tell_something_ahead_of_its_answer(sandbox: Sandbox) -> None:
    heard: list[object] = []

    result, blobs = sandbox.run(f"{TASKS}:tell_ahead", [3], ahead=lambda *told: heard.append(told))
    unheard, _ = sandbox.run(f"{TASKS}:tell_ahead", [300_000])

    assert heard == [({"size": 3}, [b"xxx"])]
    assert (result, blobs, unheard) == (1, [b"end"], 1)


@pytest.mark.parametrize("times", [0, 2])
def test_a_task_tells_ahead_once_or_fails(sandbox: Sandbox, times: int) -> None:
    with pytest.raises(TaskFailed):
        sandbox.run(f"{TASKS}:tell_ahead", [3] * times)


def test_a_refusal_comes_back_with_its_code_and_detail(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as caught:
        sandbox.run(f"{TASKS}:refuse")

    assert (caught.value.code, caught.value.detail) == ("pdf_encrypted", {"page": 3})
    assert str(caught.value) == "pdf_encrypted (page=3)"


def test_a_failure_names_the_error_and_never_its_text(sandbox: Sandbox) -> None:
    with pytest.raises(TaskFailed) as caught:
        sandbox.run(f"{TASKS}:raise_with_text")

    assert caught.value.error == "ValueError"
    assert caught.value.place.startswith("tasks.py:")
    assert "customer" not in str(caught.value)


# -------------------------------------------------------------------------------------- limits


def test_wall_clock_ends_a_task_that_sleeps(sandbox: Sandbox) -> None:
    started_s = time.monotonic()

    with pytest.raises(ParserTimeout):
        sandbox.run(f"{TASKS}:sleep", 60, timeout_s=0.3)

    assert time.monotonic() - started_s < 5
    assert sandbox.run(f"{TASKS}:echo", "still here")[0]["arguments"] == "still here"


def test_cpu_seconds_end_a_task_that_spins(sandbox: Sandbox) -> None:
    with pytest.raises(ParserTimeout) as caught:
        sandbox.run(f"{TASKS}:spin", timeout_s=60)

    assert caught.value.limit_s == 2


@pytest.mark.parametrize("act", ["crash", "leave"])
def test_a_crash_is_an_error_of_the_file_and_the_next_task_runs(sandbox: Sandbox, act: str) -> None:
    with pytest.raises(ParserCrashed) as caught:
        sandbox.run(f"{TASKS}:{act}")

    assert caught.value.signal_number == (signal.SIGSEGV if act == "crash" else 0)
    assert sandbox.run(f"{TASKS}:echo", 1)[0]["arguments"] == 1


def test_memory_is_bounded(sandbox: Sandbox) -> None:
    assert sandbox.run(f"{TASKS}:swell", 100_000_000)[0] == 100_000_000

    with pytest.raises(ParserOutOfMemory):
        sandbox.run(f"{TASKS}:swell", 300_000_000)


def test_the_answer_is_bounded(sandbox: Sandbox) -> None:
    with pytest.raises(ParserOutOfMemory):
        sandbox.run(f"{TASKS}:answer_at_length", 5_000_000)
    with pytest.raises(ParserOutOfMemory):
        sandbox.run(f"{TASKS}:tell_ahead", [5_000_000])


# ------------------------------------------------------------------------------------ barriers


def test_the_child_says_which_barriers_stand(sandbox: Sandbox) -> None:
    holds = sandbox.warm()

    assert holds.no_new_privileges
    assert holds.capabilities_dropped
    # One of the two is there on every kernel this is built for; docs/upload-security.md says which.
    assert holds.is_offline


def test_what_is_missing_is_named() -> None:
    assert Holds(True, True, False, True, 0).missing == ("network_namespace", "landlock")
    assert not Holds(True, True, False, False, 7).is_offline


def test_no_connection_leaves_the_sandbox(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert attempt(sandbox, f"connect 127.0.0.1:{port}") in {"PermissionError", "OSError"}
        assert attempt(sandbox, f"datagram 127.0.0.1:{port}") in {"PermissionError", "OSError"}

        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize("act", ["write", "truncate", "remove"])
def test_nothing_outside_is_written(sandbox: Sandbox, tmp_path: Path, act: str) -> None:
    path = tmp_path / "keystore"
    path.write_bytes(b"keys")

    assert attempt(sandbox, f"{act} {path}") == "PermissionError"
    assert path.read_bytes() == b"keys"


def test_secrets_beside_the_service_are_not_read(sandbox: Sandbox, tmp_path: Path) -> None:
    if not sandbox.warm().landlock:
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "root-key").write_bytes(b"secret")

    assert attempt(sandbox, f"read {tmp_path / 'root-key'}") == "PermissionError"
    assert attempt(sandbox, f"listing {tmp_path}") == "PermissionError"
    assert attempt(sandbox, f"read /proc/{os.getpid()}/environ") == "PermissionError"


def test_no_program_starts_and_no_process_is_made(sandbox: Sandbox) -> None:
    assert attempt(sandbox, "start /bin/true") == "PermissionError"
    assert attempt(sandbox, "fork") == "PermissionError"


def test_no_other_process_is_killed(sandbox: Sandbox) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        assert attempt(sandbox, f"kill {victim.pid}") == "PermissionError"
        assert victim.poll() is None
        victim.kill()


def test_limits_are_not_raised_from_within(sandbox: Sandbox) -> None:
    assert attempt(sandbox, "limit") == "ValueError"


def test_the_environment_holds_nothing_of_the_service(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOPBOOK_ROOT_KEY_PASSPHRASE", "secret")

    with Sandbox(1, preload=[TASKS]) as made:
        environment = made.run(f"{TASKS}:environment")[0]

    assert "secret" not in environment.values()
    assert not [name for name in environment if name.startswith("CHOPBOOK")]


def test_a_task_holds_no_descriptor_but_its_own_socket(sandbox: Sandbox) -> None:
    found = sandbox.run(f"{TASKS}:descriptors")[0]

    assert found[:3] == [0, 1, 2]
    assert len(found) == 4


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_whole_steps_and_ends_by_allowing(machine: str) -> None:
    code = seccomp.build(machine, programs=False)

    assert len(code) % 8 == 0
    assert code[-8:] == seccomp.build(machine, programs=True)[-8:]
    assert len(seccomp.build(machine, programs=True)) < len(code) < 4096 * 8


def test_an_unknown_machine_has_no_filter() -> None:
    assert seccomp.build("vax", programs=False) == b""


# --------------------------------------------------------------------------- fresh, kept, programs


def test_one_task_leaves_nothing_for_the_next(sandbox: Sandbox) -> None:
    sandbox.run(f"{TASKS}:remember", "first")

    assert sandbox.run(f"{TASKS}:remember", "second")[0] == ["second"]


def test_a_fork_that_was_killed_while_it_waited_is_replaced(sandbox: Sandbox) -> None:
    done, parent = sandbox.run(f"{TASKS}:process")[0]

    waiting = _waiting(psutil.Process(parent), after=done)
    waiting.kill()
    for _ in range(100):
        if waiting.status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.05)

    assert sandbox.run(f"{TASKS}:process")[0][1] == parent


def test_a_kept_process_remembers_until_it_is_recycled(kept: Sandbox) -> None:
    said = [kept.run(f"{TASKS}:remember", number)[0] for number in range(4)]

    assert said == [[0], [0, 1], [0, 1, 2], [3]]


def test_a_kept_process_is_confined_and_bounded_too(kept: Sandbox, tmp_path: Path) -> None:
    assert attempt(kept, f"write {tmp_path / 'x'}") == "PermissionError"
    with pytest.raises(ParserOutOfMemory):
        kept.run(f"{TASKS}:swell", 300_000_000)
    with pytest.raises(ParserTimeout):
        kept.run(f"{TASKS}:spin", timeout_s=60)
    with pytest.raises(ParserCrashed):
        kept.run(f"{TASKS}:crash")
    assert kept.run(f"{TASKS}:echo", 1)[0]["arguments"] == 1


def test_programs_start_where_they_are_allowed_and_reach_no_network(with_programs: Sandbox, tmp_path: Path) -> None:
    scratch = with_programs.run(f"{TASKS}:environment")[0]["TMPDIR"]

    assert attempt(with_programs, "start /bin/true") == "done"
    assert attempt(with_programs, f"write {scratch}/page.png") == "done"
    assert attempt(with_programs, f"read {scratch}/page.png") == "FileNotFoundError"  # gone with its task
    assert attempt(with_programs, "connect 127.0.0.1:9") in {"PermissionError", "OSError"}
    if with_programs.warm().landlock:
        assert attempt(with_programs, f"write {tmp_path / 'x'}") == "PermissionError"
    with_programs.close()
    assert not Path(scratch).exists()


# ---------------------------------------------------------------------------------------- pool


def test_as_many_tasks_run_at_once_as_there_are_workers() -> None:
    with Sandbox(2, preload=[TASKS]) as made:
        made.warm()
        seen: list[list[int]] = []
        threads = [threading.Thread(target=lambda: seen.append(made.run(f"{TASKS}:process")[0])) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len({pid for pid, _ in seen}) == 6
    assert len({parent for _, parent in seen}) <= 2


def test_a_caller_does_not_wait_for_ever_for_a_process() -> None:
    with Sandbox(1, preload=[TASKS]) as made:
        made.warm()
        thread = threading.Thread(target=made.run, args=(f"{TASKS}:sleep", 1))
        thread.start()
        time.sleep(0.1)
        with pytest.raises(SandboxBusy):
            made.run(f"{TASKS}:echo", timeout_s=0.1)
        thread.join()


def test_a_module_that_does_not_load_is_told_apart_from_a_bad_file() -> None:
    with Sandbox(1, preload=["no.such.module"]) as made, pytest.raises(SandboxUnusable, match=r"no\.such\.module"):
        made.warm()


def test_a_closed_sandbox_runs_nothing() -> None:
    made = Sandbox(1, preload=[TASKS])
    made.close()

    with pytest.raises(SandboxUnusable):
        made.run(f"{TASKS}:echo")


def test_closing_again_waits_for_nobody() -> None:
    made = Sandbox(1, preload=[TASKS])
    made.close()

    began = time.monotonic()
    made.close()

    assert time.monotonic() - began < END_S


def test_closing_kills_what_does_not_end_and_tells_who_waits() -> None:
    made = Sandbox(1, preload=[TASKS], fresh=False)
    pid = made.run(f"{TASKS}:process")[0][0]
    failures: list[BaseException] = []
    at_work = threading.Barrier(3)

    def work() -> None:
        at_work.wait()
        try:
            made.run(f"{TASKS}:sleep", 60, timeout_s=90)
        except SandboxUnusable as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    at_work.wait()
    time.sleep(0.3)
    began = time.monotonic()
    made.close(0)
    for thread in threads:
        thread.join(20)

    assert len(failures) == 2
    assert time.monotonic() - began < END_S
    assert not psutil.pid_exists(pid)


def test_close_leaves_no_process() -> None:
    made = Sandbox(1, preload=[TASKS])
    _, parent = made.run(f"{TASKS}:process")[0]

    made.close()

    assert not psutil.pid_exists(parent)


def test_children_end_when_the_service_is_killed() -> None:
    script = (
        "import sys; from documents.sandbox import Sandbox; import os, signal\n"
        f"made = Sandbox(1, preload=['{TASKS}'])\n"
        f"print(made.run('{TASKS}:process')[0][1], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    pid = int(done.stdout)

    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.05)

    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_time_without_bound_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="timeout_s"):
        sandbox.run(f"{TASKS}:echo", timeout_s=100_000)


def test_without_privileges_the_barriers_stand_as_well(tmp_path: Path) -> None:
    """As an ordinary user would start it: no capability to take a network of its own, and none to gain by a program."""
    script = (
        "import ctypes, json, struct\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.prctl(38, 1, 0, 0, 0)\n"
        "libc.capset(struct.pack('=Ii', 0x20080522, 0), bytes(24))\n"
        "from documents.sandbox import Sandbox\n"
        f"made = Sandbox(1, preload=['{TASKS}'])\n"
        "holds = made.warm()\n"
        "tried = [made.run('" + TASKS + ":attempt', act)[0] for act in\n"
        f"         ('connect 127.0.0.1:9', 'start /bin/true', 'write {tmp_path}/x')]\n"
        "made.close()\n"
        "print(json.dumps([holds.seccomp, holds.landlock, holds.is_offline, *tried]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    )

    filtered, files, is_offline, *tried = json.loads(done.stdout)
    assert is_offline
    assert files == landlock.version()
    assert set(tried) <= {"PermissionError", "OSError"}
    assert filtered
