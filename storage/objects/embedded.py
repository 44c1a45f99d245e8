"""The embedded store as the port: started by the first process that needs it, shared by the others.

- Nothing is started before the first call, so a command that touches no document stays quick. `serve` and `worker`
  call `start` at once.
- The process that gets the folder's lock runs the server (`chopbook serve`, usually); others read where it is. When the
  one that ran it ends, the next call of another starts it again. A call that was under way then fails as
  `ObjectStoreUnavailable`, and may be repeated.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from storage.objects.delegating import DelegatingStore
from storage.objects.errors import ObjectStoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from storage.objects.s3 import S3Endpoint, S3Store
    from storage.objects.seaweed import SeaweedServer

JOIN_S: Final = 40.0


class EmbeddedStore(DelegatingStore):
    """An `ObjectStore` on a folder of this machine."""

    def __init__(
        self,
        directory: Path,
        *,
        prefix: str,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._directory: Final = directory
        self._prefix: Final = prefix
        self._clock: Final = clock
        self._entropy: Final = entropy
        self._mutex: Final = threading.RLock()
        self._server: SeaweedServer | None = None
        self._store: S3Store | None = None
        self._endpoint: S3Endpoint | None = None
        self._is_closed = False

    def start(self) -> None:
        """Starts the server, or finds the one that runs.

        Raises:
            ObjectStoreUnavailable: it does not come up.
        """
        self.reached()

    @property
    def is_running(self) -> bool:
        """Whether a server was started or found by this process."""
        return self._store is not None

    @property
    def is_owner(self) -> bool:
        """Whether this process runs the server."""
        return self._server is not None and self._server.is_owner

    def close(self) -> None:
        """Closes connections, and ends the server if this process runs it."""
        self._is_closed = True
        server = self._server
        if server is not None:
            server.interrupt()
        with self._mutex:
            if self._store is not None:
                self._store.close()
            self._store = self._endpoint = None
            if self._server is not None:
                self._server.stop()
            self._server = None

    def reached(self) -> S3Store:
        """The store, after making sure that there is one: it may have been started again, elsewhere, by another."""
        with self._mutex:
            if self._is_closed:
                msg = "object store: expected an open store, got one that was closed"
                raise ObjectStoreUnavailable(msg)
            server = self._the_server()
            # The lock tells whether another process still runs the server: what it wrote down outlives a `kill -9`.
            if self._store is not None and (self.is_owner or not server.try_own()):
                found = server.folder.read_state()
                if found is not None and server.endpoint() == self._endpoint:
                    return self._store
            return self._join(server)

    def _join(self, server: SeaweedServer) -> S3Store:
        from storage.objects.s3 import S3Store  # noqa: PLC0415  half a second that only this needs

        # The store before stays open: calls that are under way in other threads end as they can.
        self._endpoint = endpoint = self._found(server)
        self._store = S3Store(endpoint, after_write=server.sync)
        return self._store

    def _found(self, server: SeaweedServer) -> S3Endpoint:
        deadline = time.monotonic() + JOIN_S
        while not server.try_own():
            if server.folder.read_state() is not None:
                return server.endpoint()
            if time.monotonic() > deadline:
                msg = f"object store: expected the process that runs it to say where in {JOIN_S:.0f} s, got nothing"
                raise ObjectStoreUnavailable(msg)
            time.sleep(0.05)
        return server.start()

    def _the_server(self) -> SeaweedServer:
        from storage.objects.seaweed import SeaweedServer  # noqa: PLC0415  likewise

        if self._server is None:
            self._server = SeaweedServer(self._directory, prefix=self._prefix, clock=self._clock, entropy=self._entropy)
        return self._server
