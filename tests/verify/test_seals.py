"""Which key may sign which checkpoint, and who vouches for it."""

from __future__ import annotations

import pytest

from audit.canonical import JSON
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.entry import Actor, Event, Subject, parse_members, seal
from audit.event import ZERO_HASH, Link
from audit.faults import FaultKind
from audit.keys import Ed25519Signer
from audit.members import EntryMembers
from audit.seals import KeyRing, key_ring
from tests.verify.synthetic import ORIGIN, Forge, signer_of

K = FaultKind
ROOT = bytes(32)


def key_entry(index: int, kind: str = "key.rotated", **data: JSON) -> EntryMembers:
    subject = Subject("log", ORIGIN)
    event = Event(kind, (subject,), data, Actor("system", "system"), Forge().event_id())
    hash_ = b"\1" * 32 if index else ZERO_HASH
    link = Link(subject, index, hash_)
    return parse_members(seal(event, origin=ORIGIN, index=index, previous=hash_, recorded_at_us=5, links=[link]).bytes)


def rotated(*indexes: int, pinned: tuple[str, ...] = ()) -> KeyRing:
    """A log whose key was rotated at these indexes."""
    entries = [key_entry(0, "log.created", vkey=signer_of(1).vkey)]
    for number, index in enumerate(indexes, 2):
        entries.append(key_entry(index, vkey=signer_of(number).vkey, previous_vkey=signer_of(number - 1).vkey))
    return key_ring(ORIGIN, pinned, entries)


def note(size: int, *signers: Ed25519Signer, origin: str = ORIGIN) -> str:
    return sign_checkpoint(Checkpoint(origin, size, ROOT), signers)


def test_a_key_is_valid_from_the_size_that_holds_its_entry() -> None:
    ring = rotated(10, 20)

    assert ring.vkey_at(0) is None
    assert [ring.vkey_at(size) for size in (1, 10)] == [signer_of(1).vkey] * 2
    assert [ring.vkey_at(size) for size in (11, 20)] == [signer_of(2).vkey] * 2
    assert ring.vkey_at(21) == ring.vkey_at(10**9) == signer_of(3).vkey
    assert not ring.faults
    assert ring.is_created


@pytest.mark.parametrize(("size", "signers", "good"), [
    (10, (1,), True), (10, (2,), False), (11, (2,), True), (11, (1,), False), (11, (2, 1), True), (11, (1, 2), True),
])  # fmt: skip
def test_the_key_of_the_size_must_sign(size: int, signers: tuple[int, ...], good: bool) -> None:
    seal_ = rotated(10).judge(note(size, *map(signer_of, signers)), "here")

    assert seal_.is_good == good
    assert [fault.kind for fault in seal_.faults] == ([] if good else [K.KEY_UNKNOWN])


def test_a_wrong_signature_of_a_known_key_condemns_the_note() -> None:
    good, other = note(5, signer_of(1)), note(6, signer_of(1))
    broken = good[: good.index("\n\n") + 2] + other[other.index("\n\n") + 2 :]

    seal_ = rotated(10).judge(broken, "here")

    assert [(fault.kind, fault.where) for fault in seal_.faults] == [(K.SIGNATURE_BAD, "here")]


def test_signatures_by_strangers_say_nothing() -> None:
    assert rotated(10).judge(note(5, signer_of(1), signer_of(9)), "here").is_good


def test_a_note_of_another_log_is_named() -> None:
    seal_ = rotated().judge(note(5, signer_of(1), origin="log.other/1"), "here")

    assert [fault.kind for fault in seal_.faults] == [K.ORIGIN_WRONG]


def test_what_is_no_note_claims_nothing() -> None:
    seal_ = rotated().judge("x", "here", unreadable=K.HEAD_WRONG)

    assert seal_.checkpoint is None
    assert not seal_.is_good
    assert [fault.kind for fault in seal_.faults] == [K.HEAD_WRONG]


def test_a_pinned_key_is_trusted_and_hands_its_trust_on() -> None:
    ring = rotated(10, 20, pinned=(signer_of(1).vkey,))
    head = ring.judge(note(25, signer_of(3)), "head")

    assert not ring.trusts(head)
    ring.judge(note(11, signer_of(2), signer_of(1)), "first rotation")
    assert not ring.trusts(head)
    ring.judge(note(21, signer_of(3), signer_of(2)), "second rotation")
    assert ring.trusts(head)


def test_a_bad_note_hands_no_trust_on() -> None:
    ring = rotated(10, pinned=(signer_of(1).vkey,))
    head = ring.judge(note(11, signer_of(2)), "head")

    ring.judge(note(11, signer_of(2), signer_of(1), origin="log.other/1"), "elsewhere")

    assert not ring.trusts(head)


def test_a_key_that_only_an_entry_names_does_not_answer_for_a_note() -> None:
    ring = rotated(10)
    head = ring.judge(note(25, signer_of(2)), "head")
    stranger = ring.judge(note(25, signer_of(9)), "stranger")

    assert head.is_good
    assert not ring.answers_for(head)
    ring.judge(note(11, signer_of(2), signer_of(1)), "rotation")
    assert ring.answers_for(head)
    assert not ring.answers_for(stranger)


def test_with_a_key_from_outside_the_first_one_answers_for_nothing() -> None:
    ring = rotated(pinned=(signer_of(7).vkey,))

    assert not ring.answers_for(ring.judge(note(5, signer_of(1)), "head"))


@pytest.mark.parametrize("stored", [None, b"a note", 7])
def test_a_note_that_is_no_text_is_unreadable(stored: object) -> None:
    seal_ = rotated().judge(stored, "here")

    assert seal_.checkpoint is None
    assert [(fault.kind, fault.where) for fault in seal_.faults] == [(K.CHECKPOINT_WRONG, "here")]


def test_without_entries_a_pinned_key_will_do() -> None:
    ring = key_ring(ORIGIN, (signer_of(4).vkey,), [])

    assert ring.judge(note(5, signer_of(4)), "here").is_good
    assert not ring.judge(note(5, signer_of(1)), "here").is_good


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        pytest.param([(0, "key.rotated", {"vkey": signer_of(1).vkey})], "entries.bytes type", id="first is no creation"),
        pytest.param([(5, "log.created", {"vkey": signer_of(1).vkey})], "entries.bytes type", id="created later"),
        pytest.param([(0, "log.created", {"vkey": "x"})], "entries.bytes vkey", id="no vkey"),
        pytest.param(
            [(0, "log.created", {"vkey": signer_of(1).vkey}), (5, "key.rotated", {"vkey": signer_of(2).vkey, "previous_vkey": signer_of(3).vkey})],
            "entries.bytes previous_vkey", id="another before",
        ),
        pytest.param([(5, "key.rotated", {"vkey": signer_of(2).vkey})], "entries.bytes previous_vkey", id="none before"),
    ],
)  # fmt: skip
def test_entries_that_name_keys_wrongly_are_named(entries: list[tuple[int, str, dict[str, JSON]]], where: str) -> None:
    ring = key_ring(ORIGIN, (), [key_entry(index, kind, **data) for index, kind, data in entries])

    assert [(fault.kind, fault.where) for fault in ring.faults] == [(K.KEY_UNKNOWN, where)]


def test_an_entry_without_a_vkey_text_names_no_key() -> None:
    ring = key_ring(ORIGIN, (), [key_entry(0, "log.created", vkey=5)])

    assert ring.vkey_at(1) is None


def test_a_rotation_vouches_for_a_first_key_that_is_lost() -> None:
    entry = key_entry(10, vkey=signer_of(2).vkey, previous_vkey=signer_of(1).vkey)

    ring = key_ring(ORIGIN, (), [entry])

    assert ring.vkey_at(5) == signer_of(1).vkey
    assert not ring.faults
    assert not ring.is_created


def test_two_keys_of_one_name_and_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from audit import keys

    monkeypatch.setattr(keys, "key_id", lambda *_: b"same")

    ring = key_ring(ORIGIN, tuple(_vkey_with_id(seed) for seed in (1, 2)), [])

    assert [(fault.kind, fault.where) for fault in ring.faults] == [(K.KEY_UNKNOWN, "pinned vkey")]


def _vkey_with_id(seed: int) -> str:
    name, _, material = signer_of(seed).vkey.split("+", 2)
    return f"{name}+{b'same'.hex()}+{material}"
