"""Filling buffers that are used again, from a file or from chunks of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def filler(source: Iterable[bytes] | BinaryIO) -> Callable[[memoryview], int]:
    """What fills views from a file or from chunks; fewer bytes than fit only at the end."""
    if hasattr(source, "readinto"):
        return lambda view: _fill_from_file(cast("BinaryIO", source), view)
    chunks = iter(source)
    rest = memoryview(b"")

    def fill(view: memoryview) -> int:
        nonlocal rest
        have = 0
        while have < len(view):
            if not rest:
                chunk = next(chunks, None)
                if chunk is None:
                    break
                rest = memoryview(chunk)
            piece = rest[: len(view) - have]
            view[have : have + len(piece)] = piece
            rest = rest[len(piece) :]
            have += len(piece)
        return have

    return fill


def _fill_from_file(source: BinaryIO, view: memoryview) -> int:
    have = 0
    while have < len(view):
        got: int = source.readinto(view[have:])  # type: ignore[attr-defined]  # every file of the library has it
        if not got:
            break
        have += got
    return have
