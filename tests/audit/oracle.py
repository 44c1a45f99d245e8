"""A slow tree, transcribed from the recursive definitions of RFC 6962 §2.1: what the quick one must agree with."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def root(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n]), §2.1."""
    if len(entries) == 0:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = largest_power_of_two_below(len(entries))
    return sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]), §2.1.1."""
    if len(entries) == 1:
        return []
    k = largest_power_of_two_below(len(entries))
    if m < k:
        return [*path(m, entries[:k]), root(entries[k:])]
    return [*path(m - k, entries[k:]), root(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n]), §2.1.2."""
    return subproof(m, entries, complete=True)


def subproof(m: int, entries: Sequence[bytes], *, complete: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b), §2.1.2."""
    if m == len(entries):
        return [] if complete else [root(entries)]
    k = largest_power_of_two_below(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], complete=complete), root(entries[k:])]
    return [*subproof(m - k, entries[k:], complete=False), root(entries[:k])]


def largest_power_of_two_below(n: int) -> int:
    """The largest power of two smaller than n, for n above 1."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k
