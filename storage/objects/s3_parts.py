"""An object cut into parts, and the parts on their way, a bounded number at a time."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from storage.objects.model import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor

PART_BYTES: Final = 8 * 1024 * 1024
PARTS_UNDER_WAY: Final = 2


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that the store took: how the completion names it, its digest, and whether the store told the same digest."""

    named: dict[str, Any]
    sha256: bytes
    confirmed: bool


class Sending:
    """Sends the parts of one object, a bounded number at a time, and digests them in order.

    `confirmed` stays True while the store told the digest of each part it took.
    """

    def __init__(self, pool: ThreadPoolExecutor, send: Callable[[int, bytearray], SentPart]) -> None:
        self._pool: Final = pool
        self._send: Final = send
        self._under_way: Final[deque[Future[SentPart]]] = deque()
        self._done: Final[list[dict[str, Any]]] = []
        self._hash: Final = hashlib.sha256()
        self.parts: Final[list[Part]] = []
        self.size = 0
        self.confirmed = True

    @property
    def digest(self) -> bytes:
        """Of all parts."""
        return self._hash.digest()

    def add(self, body: bytearray) -> None:
        """Sends one more; waits while too many are under way."""
        number, self.size = len(self.parts) + 1, self.size + len(body)
        sent: Future[SentPart] = self._pool.submit(self._send, number, body)
        self._under_way.append(sent)
        self.parts.append(Part(len(body), b""))
        self._hash.update(body)
        while len(self._under_way) > PARTS_UNDER_WAY:
            self._take()

    def finish(self) -> list[dict[str, Any]]:
        """Waits for the rest."""
        while self._under_way:
            self._take()
        return self._done

    def _take(self) -> None:
        sent = self._under_way.popleft().result()
        number = len(self._done)
        self.parts[number] = Part(self.parts[number].size, sent.sha256)
        self._done.append(sent.named)
        self.confirmed &= sent.confirmed


def parts_of(chunks: Iterable[bytes | memoryview]) -> Iterator[tuple[bytearray, bool]]:
    """The chunks as parts of full size, the last one shorter; each with whether it is all there is."""
    # Grown as it is filled: eight MiB of zeros for a small object would cost more than sealing it.
    part, is_first = bytearray(), True
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            if len(part) == PART_BYTES:
                # Only now is it known that more follows.
                yield part, False
                part, is_first = bytearray(), False
            piece = rest[: PART_BYTES - len(part)]
            part += piece
            rest = rest[len(piece) :]
    yield part, is_first


def checksum_text(digest: bytes) -> str:
    """A digest as S3 has it in headers."""
    return base64.b64encode(digest).decode("ascii")
