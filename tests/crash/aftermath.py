"""What must be true of a database after its writer was killed."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checkpoint import open_checkpoint
from audit.entry import parse_entry
from audit.keys import parse_vkey
from audit.proof import verify_inclusion
from storage import open_storage
from storage.reading import read_head, stream_entries
from tests.crash.load import Answer, change_of, count_of, ticking
from tests.worlds import ORIGIN, ROOT_KEY, check_log

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from storage import Storage

RECEIPTS_CHECKED = 20
"""Receipts of a run whose proof and signature are checked, and changes that are sent again."""


@dataclass(frozen=True, slots=True)
class Told:
    """What callers were told before the kill."""

    answers: tuple[Answer, ...]

    @classmethod
    def read(cls, path: Path) -> Told:
        """The whole lines of the file; a last one without its end was being written at the kill."""
        if not path.exists():
            return cls(())
        *lines, _ = path.read_bytes().split(b"\n")
        records = [json.loads(line) for line in lines]
        errors = [record for record in records if "error" in record]
        assert not errors, errors
        return cls(tuple(Answer(**record) for record in records))


def reopened(url: str, keystore_url: str) -> Storage:
    """The storage as a restarted process opens it."""
    return open_storage(url, keystore_url, ROOT_KEY, clock=ticking, entropy=os.urandom)


def check(storage: Storage, told: Iterable[Answer]) -> int:
    """Fails unless every promise was kept; returns the size of the log.

    - every acknowledged entry is there, with the hash that its caller was told, and its receipt proves it;
    - a change is there whole or not at all, and one that failed is not there;
    - the head agrees with the rows, and the whole log verifies.
    """
    answers = list(told)
    size = check_log(storage)
    with storage.database.read() as connection:
        head = read_head(connection)
        stored = list(stream_entries(connection, 0, head.size))
    assert [entry.index for entry in stored] == list(range(size))
    parts: dict[str, list[int]] = defaultdict(list)
    wanted: dict[str, int] = {}
    for entry in stored[1:]:
        data = parse_entry(entry.bytes).event.data
        assert data["fails"] is False, f"entry {entry.index} is of a change that failed"
        parts[str(data["change"])].append(int(str(data["part"])))
        wanted[str(data["change"])] = int(str(data["of"]))
    halves = {change for change, found in parts.items() if found != list(range(wanted[change]))}
    assert not halves, f"half of a change is there: {halves}"
    for answer in answers:
        assert answer.index < size, f"acknowledged entry {answer.index} is lost; the log has {size}"
        assert stored[answer.index].leaf_hash.hex() == answer.leaf_hash
        assert answer.change in parts
    _check_receipts(stored[0].bytes, answers)
    return size


def check_replays(storage: Storage, told: Iterable[Answer], *, run: int) -> None:
    """Sends acknowledged changes again: each answers with its first entry, and nothing is added."""
    before = storage.log.head().size
    for answer in _some(list(told)):
        change = int(answer.change.replace("-", ""), 16)
        producer, number = change >> 32 & 0xFFFF, change >> 8 & 0xFFFFFF
        committed = storage.log.commit(change_of(storage, run, producer, number))
        assert committed.replayed
        assert committed.receipt.index == answer.index - count_of(number) + 1
    assert storage.log.head().size == before


def _check_receipts(first: bytes, answers: list[Answer]) -> None:
    verifier = parse_vkey(str(parse_entry(first).event.data["vkey"]))
    for answer in _some(answers):
        checkpoint = open_checkpoint(answer.checkpoint, [verifier], origin=ORIGIN)
        assert checkpoint.size == answer.size
        verify_inclusion(
            leaf_hash=bytes.fromhex(answer.leaf_hash),
            index=answer.index,
            size=checkpoint.size,
            proof=[bytes.fromhex(hash_) for hash_ in answer.proof],
            root=checkpoint.root,
        )


def _some(answers: list[Answer]) -> list[Answer]:
    step = max(1, len(answers) // RECEIPTS_CHECKED)
    return answers[::step]
