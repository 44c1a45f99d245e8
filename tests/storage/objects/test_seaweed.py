"""The embedded server starts quickly, listens to this machine only, has no side door, and never outlives its owner."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from storage.objects import Bucket, LockMode, ObjectRef
from storage.objects.embedded import EmbeddedStore
from storage.objects.errors import ObjectLocked, ObjectRefused, ObjectStoreUnavailable
from storage.objects.s3 import S3Store
from storage.objects.seaweed import SeaweedServer
from storage.objects.seaweed_files import Folder, Ports, State
from tests.objects import real_clock
from tests.worlds import seeded


def _server(directory: Path) -> SeaweedServer:
    return SeaweedServer(directory, prefix="t-", clock=real_clock, entropy=os.urandom)


def _embedded(directory: Path) -> EmbeddedStore:
    return EmbeddedStore(directory, prefix="t-", clock=real_clock, entropy=os.urandom)


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def _child(server: SeaweedServer) -> psutil.Process:
    assert server.state is not None
    return psutil.Process(server.state.pid)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[SeaweedServer]:
    server = _server(tmp_path / "objects")
    server.start()
    yield server
    server.stop()


# ------------------------------------------------------------------------------------------------ what it shows


def test_it_listens_to_this_machine_only(seaweed: SeaweedServer) -> None:
    listening = [c.laddr for c in _child(seaweed).net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]

    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert seaweed.state is not None
    assert {address.port for address in listening} <= set(_numbers(seaweed.state.ports))


def test_it_calls_nobody(seaweed: SeaweedServer) -> None:
    child = _child(seaweed)
    remote = {c.raddr.ip for c in child.net_connections(kind="inet") if c.raddr}

    assert remote <= {"127.0.0.1"}
    assert "-master.telemetry=false" in child.cmdline()


def test_it_has_a_memory_limit_and_nothing_of_our_environment(seaweed: SeaweedServer) -> None:
    environment = _child(seaweed).environ()

    assert environment["GOMEMLIMIT"] == "300MiB"
    # Python itself may add the last one, to be in UTF-8.
    assert set(environment) <= {"PATH", "HOME", "TMPDIR", "GOMEMLIMIT", "LC_CTYPE"}


def test_what_it_keeps_is_for_its_owner_only_and_secrets_twice_so(seaweed: SeaweedServer) -> None:
    folder = seaweed.folder

    secrets = [folder.path / "credentials.json", *(folder.run.glob("*.*"))]
    open_to_others = [path for path in secrets if not path.is_socket() and path.stat().st_mode & 0o077]

    assert len(secrets) > 5
    assert open_to_others == []
    assert {path.stat().st_mode & 0o777 for path in (folder.path, folder.run, folder.volumes)} == {0o700}


def test_no_secret_is_in_its_command_line(seaweed: SeaweedServer) -> None:
    secret = seaweed.endpoint().secret_key

    assert secret is not None
    assert secret not in " ".join(_child(seaweed).cmdline())


# ---------------------------------------------------------------------------------------------- the side doors


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_the_filers_door_is_shut(seaweed: SeaweedServer, objects: S3Store, method: str) -> None:
    stored = objects.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"content"])
    assert seaweed.state is not None
    paths = [
        f"/buckets/{objects.bucket_name(Bucket.RECORDS)}/{stored.ref.key}",
        f"/buckets/{objects.bucket_name(Bucket.RECORDS)}/?recursive=true",
        "/etc/seaweedfs/filer.conf",
    ]

    for path in paths:
        request = urllib.request.Request(
            f"http://127.0.0.1:{seaweed.state.ports.filer}{path}", method=method, data=b"x" if method == "PUT" else None
        )
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request, timeout=5)  # noqa: S310

    assert b"".join(objects.read(stored.ref)) == b"content"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_the_volume_servers_door_is_shut(seaweed: SeaweedServer, objects: S3Store, method: str) -> None:
    objects.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [os.urandom(100_000)])
    assert seaweed.state is not None
    request = urllib.request.Request(
        f"http://127.0.0.1:{seaweed.state.ports.volume}/1,0101010101",
        method=method,
        data=b"x" if method == "PUT" else None,
    )

    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=5)  # noqa: S310


def test_the_grpc_doors_want_a_certificate(seaweed: SeaweedServer, tmp_path: Path) -> None:
    state = seaweed.state
    assert state is not None

    def shell(folder: Path) -> str:
        done = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "shell",
                f"-master=127.0.0.1:{state.ports.master}.{state.ports.master_grpc}",
                f"-filer=127.0.0.1:{state.ports.filer}.{state.ports.filer_grpc}",
            ],
            cwd=folder, env={"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            return done.communicate("fs.ls /buckets\nexit\n", timeout=4)[0]
        except subprocess.TimeoutExpired:
            # Without a certificate it tries for ever.
            done.kill()
            return done.communicate()[0]

    assert "test-records" in shell(seaweed.folder.run)
    assert "test-records" not in shell(tmp_path)


def test_the_sealed_buckets_are_synced_on_each_put(seaweed: SeaweedServer) -> None:
    assert seaweed.state is not None
    ports = seaweed.state.ports
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "shell",
            f"-master=127.0.0.1:{ports.master}.{ports.master_grpc}",
            f"-filer=127.0.0.1:{ports.filer}.{ports.filer_grpc}",
        ],
        input="fs.configure\nexit\n", cwd=seaweed.folder.run, capture_output=True, text=True, timeout=30, check=True,
        env={"PATH": os.defpath, "HOME": str(seaweed.folder.run), "TMPDIR": str(seaweed.folder.run)},
    )  # fmt: skip

    for bucket in Bucket:
        _, _, rule = done.stdout.partition(f'"/buckets/test-{bucket}"')
        assert '"fsync":  true' in rule.split("}")[0]


# -------------------------------------------------------------------------------------------- starting and ending


def test_it_starts_within_seconds_and_ends_with_its_owner(tmp_path: Path) -> None:
    server = _server(tmp_path / "objects")
    server.start()
    child = _child(server)

    server.stop()

    assert not child.is_running()
    assert server.folder.read_state() is None
    assert server.state is None


def test_objects_survive_kill_9_and_a_new_start_on_other_ports(tmp_path: Path) -> None:
    server = _server(tmp_path / "objects")
    store = S3Store(server.start(), after_write=server.sync)
    contents = {number: os.urandom(5_000) for number in range(30)}
    refs = {
        number: store.put_new(Bucket.RECORDS, f"v1/d/{number}", [content]).ref for number, content in contents.items()
    }
    store.close()
    before = server.state
    assert before is not None

    os.kill(before.pid, signal.SIGKILL)
    with _taken(before.ports):
        assert _until(lambda: server.state is not None and server.state.pid != before.pid)
        again = S3Store(server.endpoint())
        assert {number: b"".join(again.read(ref)) for number, ref in refs.items()} == contents
        assert server.state is not None
        assert server.state.ports != before.ports
        again.close()

    server.stop()


def test_a_copy_of_the_folder_made_while_nothing_runs_is_a_backup(tmp_path: Path) -> None:
    first = _embedded(tmp_path / "objects")
    content = os.urandom(300_000)
    stored = first.put_new(Bucket.RECORDS, "v1/d/1", [content])
    first.lock(stored.ref, LockMode.COMPLIANCE, real_clock() + timedelta(days=1))
    first.close()
    shutil.copytree(tmp_path / "objects", tmp_path / "elsewhere" / "objects", ignore=shutil.ignore_patterns("*.sock"))
    shutil.rmtree(tmp_path / "objects")

    again = _embedded(tmp_path / "elsewhere" / "objects")

    assert b"".join(again.read(stored.ref)) == content
    with pytest.raises(ObjectLocked):
        again.delete_version(stored.ref)
    assert again.check().is_good
    again.close()


def test_a_clash_of_ports_is_tried_again_with_others(tmp_path: Path) -> None:
    clashing = _ClashingServer(tmp_path / "objects", prefix="t-", clock=real_clock, entropy=os.urandom)

    clashing.start()

    assert clashing.tried == 2
    clashing.stop()


def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path; from tests.storage.objects.test_seaweed import _server;"
        "server = _server(Path(sys.argv[1])); server.start(); print(server.state.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "objects")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())

    parent.kill()
    parent.wait()

    assert _until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    parent.stdout.close()
    server = _server(tmp_path / "objects")
    server.start()
    server.stop()


def test_an_orphan_is_ended_before_a_new_start(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "objects")
    folder.make()
    # Nothing but the argument matters for being recognised.
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", f"-dir={folder.volumes}"])
    innocent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    folder.write_state(State(orphan.pid, 1, Ports(*range(1, 11))))
    server = _server(folder.path)

    server.start()

    assert orphan.wait(5) == -signal.SIGKILL
    server.stop()
    folder.write_state(State(innocent.pid, 1, Ports(*range(1, 11))))
    server = _server(folder.path)
    server.start()
    assert innocent.poll() is None
    server.stop()
    innocent.kill()
    innocent.wait()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "weed"
    program.write_text("#!/bin/sh\necho no room on the disk\nexit 3\n")
    program.chmod(0o755)
    server = SeaweedServer(tmp_path / "objects", prefix="t-", clock=real_clock, entropy=os.urandom, program=program)

    with pytest.raises(ObjectStoreUnavailable, match="got exit code 3: no room on the disk"):
        server.start()

    assert not server.is_owner
    with pytest.raises(ObjectStoreUnavailable, match="expected a running server, got none"):
        server.endpoint()


def test_damaged_credentials_are_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "credentials.json").write_text("{}")

    with pytest.raises(ObjectRefused, match=r"credentials.json: expected access_key and secret_key"):
        folder.credentials(seeded())


# -------------------------------------------------------------------------------------------------- sharing it


def test_nothing_is_started_before_it_is_needed(tmp_path: Path) -> None:
    store = _embedded(tmp_path / "objects")

    store.close()

    assert not (tmp_path / "objects").exists()


def test_a_second_process_uses_the_server_of_the_first_and_takes_over(tmp_path: Path) -> None:
    first, second = _embedded(tmp_path / "objects"), _embedded(tmp_path / "objects")
    first.start()
    stored = first.put_new(Bucket.RECORDS, "v1/d/1", [b"content"])

    assert b"".join(second.read(stored.ref)) == b"content"
    assert (first.is_owner, second.is_owner) == (True, False)
    first.close()
    assert b"".join(second.read(stored.ref)) == b"content"

    assert second.is_owner
    assert second.head(stored.ref).size == 7
    second.close()
    assert not second.is_running


def test_a_process_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.storage.objects.test_seaweed import _embedded;"
        "from storage.objects import Bucket; store = _embedded(Path(sys.argv[1])); store.start();"
        "print(store.put_new(Bucket.RECORDS, 'v1/d/1', [b'content']).ref.version_id, flush=True); time.sleep(60)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "objects")], stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    ref = ObjectRef(Bucket.RECORDS, "v1/d/1", first.stdout.readline().strip())
    second = _embedded(tmp_path / "objects")
    assert b"".join(second.read(ref)) == b"content"
    owned_before = second.is_owner

    first.kill()
    first.wait()
    first.stdout.close()

    assert b"".join(second.read(ref)) == b"content"
    assert (owned_before, second.is_owner) == (False, True)
    second.close()


def _numbers(ports: Ports) -> list[int]:
    return [getattr(ports, name) for name in Ports.__slots__]


class _ClashingServer(SeaweedServer):
    """Somebody takes a port between the choice and the start."""

    tried = 0

    def _spawn(self, ports: Ports) -> subprocess.Popen[bytes]:
        self.tried += 1
        if self.tried == 1:
            with socket.create_server(("127.0.0.1", ports.master)):
                child = super()._spawn(ports)
                _until(lambda: child.poll() is not None, 10)
                return child
        return super()._spawn(ports)


class _taken:  # noqa: N801
    """Holds the ports of a server that is gone, as soon as they are free."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._held: list[socket.socket] = []

    def __enter__(self) -> None:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                self._held.append(socket.create_server(("127.0.0.1", self._ports.volume)))
            except OSError:
                time.sleep(0.002)
            else:
                return

    def __exit__(self, *_: object) -> None:
        for held in self._held:
            held.close()
