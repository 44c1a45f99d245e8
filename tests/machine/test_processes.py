"""Several operating system processes on one database: no gap, no duplicate, no lost update, no deadlock."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.checkpoint import open_checkpoint
from audit.entry import parse_entry
from audit.keys import parse_vkey
from audit.proof import verify_consistency, verify_inclusion
from policies.store import key_usage
from storage import create_log, open_storage
from storage.reading import consistency_proof, read_head, root_at, stream_entries
from tests.crash.load import Answer, ticking
from tests.forks import forking
from tests.machine.rivals import OPERATIONS_EVERY, SHARED_EVERY, Rival, event_id, main, settled_balance
from tests.worlds import ORIGIN, ROOT_KEY, check_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage import Storage

PROCESSES = 4
THREADS = 4
CHANGES = 24
DONE_WITHIN_S = 90


@pytest.fixture
def settled(database_url: str, tmp_path: Path) -> Iterator[tuple[Storage, dict[int, list[Answer]]]]:
    """The log after all processes are done, and what each was told."""
    keystore_url = f"sqlite:///{tmp_path / 'keys.db'}"
    create_log(database_url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=ticking, entropy=os.urandom)
    context = forking()
    rivals = [
        Rival(database_url, keystore_url, str(tmp_path / f"answers-{name}"), name, THREADS, CHANGES)
        for name in range(PROCESSES)
    ]
    processes = [context.Process(target=main, args=(rival,)) for rival in rivals]
    for process in processes:
        process.start()
    for process in processes:
        process.join(DONE_WITHIN_S)
        if process.is_alive():
            process.kill()
            pytest.fail("a process never came to its end: deadlock")
        assert process.exitcode == 0
        process.close()
    answers = {rival.name: _read(tmp_path / f"answers-{rival.name}") for rival in rivals}
    storage = open_storage(database_url, keystore_url, ROOT_KEY, clock=ticking, entropy=os.urandom)
    yield storage, answers
    storage.close()


def _read(path: Path) -> list[Answer]:
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    errors = [record["error"] for record in records if "error" in record]
    assert not errors, errors
    return [Answer(**record) for record in records]


def test_processes_that_commit_at_once_make_one_history(
    settled: tuple[Storage, dict[int, list[Answer]]],
) -> None:
    storage, answers = settled
    expected = {
        str(event_id(rival, thread, number))
        for rival in range(PROCESSES)
        for thread in range(THREADS)
        for number in range(CHANGES)
    }

    size = check_log(storage)

    # Each process was answered for all it sent, and each event is there once.
    assert {rival: len(found) for rival, found in answers.items()} == dict.fromkeys(range(PROCESSES), THREADS * CHANGES)
    with storage.database.read() as connection:
        stored = [parse_entry(entry.bytes) for entry in stream_entries(connection, 1, size)]
    assert sorted(str(entry.event.event_id) for entry in stored) == sorted(expected)
    # Events that all processes sent were answered with their first entry, to all of them alike.
    places = defaultdict(set)
    for told in answers.values():
        for answer in told:
            places[answer.change].add((answer.index, answer.leaf_hash))
    assert all(len(found) == 1 for found in places.values())
    assert sorted(index for found in places.values() for index, _ in found) == list(range(1, size))
    shared = THREADS * len(range(0, CHANGES, SHARED_EVERY))
    assert size - 1 == shared + PROCESSES * (THREADS * CHANGES - shared)
    # Nobody's update was lost, of rows or of counters.
    assert settled_balance(storage) == size - 1
    with storage.database.read() as connection:
        calls = connection.execute(select(key_usage.c.calls)).scalar_one()
    assert calls == PROCESSES * THREADS * len(range(0, CHANGES, OPERATIONS_EVERY))
    _check_receipts(storage, [answer for told in answers.values() for answer in told])


def _check_receipts(storage: Storage, answers: list[Answer]) -> None:
    """Every receipt proves its entry, and all of them speak of the same growing tree."""
    with storage.database.read() as connection:
        head = read_head(connection)
        first = parse_entry(next(iter(stream_entries(connection, 0, 1))).bytes)
        verifier = parse_vkey(str(first.event.data["vkey"]))
        roots: dict[int, bytes] = {}
        for answer in answers:
            checkpoint = open_checkpoint(answer.checkpoint, [verifier], origin=ORIGIN)
            verify_inclusion(
                leaf_hash=bytes.fromhex(answer.leaf_hash),
                index=answer.index,
                size=answer.size,
                proof=[bytes.fromhex(hash_) for hash_ in answer.proof],
                root=checkpoint.root,
            )
            assert roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
        for size, root in roots.items():
            assert root_at(connection, size) == root
            proof = consistency_proof(connection, size, head.size)
            verify_consistency(first=size, second=head.size, first_root=root, second_root=head.root, proof=proof)
