"""A store that is made when it is first called: clients take half a second to load, and most commands need none."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from storage.objects.model import Bucket, Health, LockMode, ObjectInfo, ObjectRef, ObjectVersion, Stored
    from storage.objects.port import ObjectStore
    from storage.outbound import Destination, OutboundGate


class DelegatingStore(ABC):
    """An `ObjectStore` that hands each call to another."""

    @abstractmethod
    def reached(self) -> ObjectStore:
        """The store behind this one, made now if need be."""

    def put_new(
        self,
        bucket: Bucket,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        content_type: str = "application/octet-stream",
        check: Callable[[Stored], None] | None = None,
    ) -> Stored:
        """See the port."""
        return self.reached().put_new(bucket, key, chunks, content_type=content_type, check=check)

    def read(self, ref: ObjectRef, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port."""
        yield from self.reached().read(ref, start, stop)

    def head(self, ref: ObjectRef) -> ObjectInfo:
        """See the port."""
        return self.reached().head(ref)

    def lock(self, ref: ObjectRef, mode: LockMode, until: datetime) -> None:
        """See the port."""
        self.reached().lock(ref, mode, until)

    def hold(self, ref: ObjectRef, on: bool) -> None:
        """See the port."""
        self.reached().hold(ref, on)

    def delete_version(self, ref: ObjectRef) -> None:
        """See the port."""
        self.reached().delete_version(ref)

    def delete_batch(self, refs: Sequence[ObjectRef]) -> frozenset[ObjectRef]:
        """See the port."""
        return self.reached().delete_batch(refs)

    def set_versioning(self, bucket: Bucket, on: bool) -> None:
        """See the port."""
        self.reached().set_versioning(bucket, on)

    def versions(self, bucket: Bucket, prefix: str) -> Iterator[ObjectVersion]:
        """See the port."""
        yield from self.reached().versions(bucket, prefix)

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        """See the port."""
        return self.reached().presign_get(ref, seconds)

    def check(self) -> Health:
        """See the port."""
        return self.reached().check()


class LazyStore(DelegatingStore):
    """Makes its store once, at the first call; before each call the gate is asked, so that nothing goes where it may not."""

    def __init__(self, make: Callable[[], ObjectStore], gate: OutboundGate, destination: Destination) -> None:
        self._make: Final = make
        self._gate: Final = gate
        self._destination: Final = destination
        self._mutex: Final = threading.Lock()
        self._made: ObjectStore | None = None

    def reached(self) -> ObjectStore:
        """The store.

        Raises:
            OutboundRefused: it is not declared, or not allowed.
        """
        self._gate.admit(self._destination)
        with self._mutex:
            if self._made is None:
                self._made = self._make()
            return self._made

    def close(self) -> None:
        """Closes it, if it was made."""
        with self._mutex:
            if self._made is not None:
                self._made.close()
            self._made = None
