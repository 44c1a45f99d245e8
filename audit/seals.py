"""Seals: which key may sign a checkpoint of which size, and judging the notes a log keeps.

- The log names its keys itself: `log.created` at index 0 and each `key.rotated` hold a `vkey`. A key is valid for tree
  sizes, not for times: from the size that includes its entry to the size before that of the next one.
- A note must carry a signature by the key valid at its size. A wrong signature by any known key condemns it; further
  good ones by earlier keys are how a rotation is vouched for; those by strangers say nothing.
- A key is trusted if it was given from outside (pinned), or if a trusted key signed a checkpoint together with it.
  One pinned key that signed the head is enough: the root it signed covers the entries that name all keys before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.errors import AuditError, InvalidSignature, MalformedKey
from audit.faults import Fault, FaultKind
from audit.keys import parse_vkey
from audit.members import EntryMembers
from audit.note import Verifier, parse_note

CREATED: Final = "log.created"
ROTATED: Final = "key.rotated"
KEY_TYPES: Final = (CREATED, ROTATED)
HEAD_NOTE: Final = "log_head.note"
WHERE: Final = "entries.bytes"


@dataclass(frozen=True, slots=True)
class Seal:
    """A note that was looked at.

    Attributes:
        where: the place it is stored at, as faults name it.
        checkpoint: what it claims; None if it claims nothing that can be read.
        signers: vkeys of the known keys whose signatures on it verify.
        faults: what is wrong with it by itself; its root is not compared here.
    """

    where: str
    checkpoint: Checkpoint | None
    signers: frozenset[str]
    faults: tuple[Fault, ...]

    @property
    def is_good(self) -> bool:
        """Whether the key valid at its size signed it and nothing is wrong."""
        return self.checkpoint is not None and not self.faults


@dataclass(slots=True)
class KeyRing:
    """The log's keys by tree size, and those given from outside.

    Attributes:
        origin: the log's name.
        pinned: vkeys given from outside.
        starts: the first size at which each of the log's keys is valid, rising.
        vkeys: the log's keys, in the same order.
        faults: what is wrong with the entries that name keys, and with pinned keys.
        is_created: whether entry 0 was there, and named the first key.
    """

    origin: str
    pinned: tuple[str, ...] = ()
    starts: list[int] = field(default_factory=list)
    vkeys: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    is_created: bool = False
    _verifiers: dict[tuple[str, bytes], Verifier] = field(default_factory=dict)
    _vouched: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for vkey in self.pinned:
            self._learn(vkey, None, "pinned vkey")

    def add_entry(self, members: EntryMembers) -> None:
        """Takes in an entry that names a key; they come in the order of the log."""
        index = members["index"]
        vkey = members["data"].get("vkey")
        if (members["type"] == CREATED) != (index == 0):
            wanted = CREATED if index == 0 else ROTATED
            self.faults.append(Fault(FaultKind.KEY_UNKNOWN, index, f"{WHERE} type", wanted, members["type"]))
            return
        if not isinstance(vkey, str) or not self._learn(vkey, index, f"{WHERE} vkey"):
            return
        before = members["data"].get("previous_vkey")
        if (
            index
            and not self.vkeys
            and isinstance(before, str)
            and self._learn(before, index, f"{WHERE} previous_vkey")
        ):
            # The entry that named the first key cannot be read; this one vouches for it.
            self.starts.append(1)
            self.vkeys.append(before)
        if index and (not self.vkeys or before != self.vkeys[-1]):
            wanted = self.vkeys[-1] if self.vkeys else "a vkey"
            self.faults.append(Fault(FaultKind.KEY_UNKNOWN, index, f"{WHERE} previous_vkey", wanted, str(before)))
        self.is_created = self.is_created or not index
        self.starts.append(index + 1)
        self.vkeys.append(vkey)

    def vkey_at(self, size: int) -> str | None:
        """The log's key valid at a tree size; None if no entry of that tree names one."""
        place = bisect_left(self.starts, size + 1)
        return self.vkeys[place - 1] if place else None

    def judge(self, note: object, where: str, *, unreadable: FaultKind = FaultKind.CHECKPOINT_WRONG) -> Seal:
        """Look at a note: form, origin, signatures. Faults name `where`; what is no text at all is unreadable."""
        try:
            parsed = parse_note(note if isinstance(note, str) else "")
            checkpoint = parse_checkpoint(parsed.text)
        except AuditError as error:
            return Seal(where, None, frozenset(), (Fault(unreadable, None, where, "a signed checkpoint", str(error)),))
        faults = []
        if checkpoint.origin != self.origin:
            faults.append(Fault(FaultKind.ORIGIN_WRONG, None, where, self.origin, checkpoint.origin))
        text = parsed.text.encode()
        signers = set()
        for signature in parsed.signatures:
            verifier = self._verifiers.get((signature.name, signature.key_id))
            if verifier is None:
                continue
            try:
                verifier.verify(text, signature.value)
            except InvalidSignature as error:
                faults.append(
                    Fault(FaultKind.SIGNATURE_BAD, None, where, f"a signature by {verifier.vkey}", str(error))
                )
            else:
                signers.add(verifier.vkey)
        current = self.vkey_at(checkpoint.size)
        # If no entry says whose turn it is, a key from outside will do.
        signed = current in signers if current is not None else not signers.isdisjoint(self.pinned)
        if not signed and not any(fault.kind is FaultKind.SIGNATURE_BAD for fault in faults):
            wanted = f"a signature by {current}" if current else "a key named by the log"
            faults.append(Fault(FaultKind.KEY_UNKNOWN, None, where, wanted, f"{len(parsed.signatures)} by others"))
        if not faults:
            self.vouch(signers)
        return Seal(where, checkpoint, frozenset(signers), tuple(faults))

    def vouch(self, signers: Iterable[str]) -> None:
        """Take note that these keys all signed one good checkpoint."""
        together = set(signers)
        for signer in together:
            self._vouched.setdefault(signer, set()).update(together)

    def trusts(self, seal: Seal) -> bool:
        """Whether a key given from outside signed it, directly or by way of rotations; judge all notes first."""
        return self._reaches(self.pinned, seal)

    def answers_for(self, seal: Seal) -> bool:
        """Whether it is good and the keys hang together up to it: from those given from outside, else from the first.

        The log's own entries can name any key; that its former key signed beside it is what lets it speak for the log.
        """
        return seal.is_good and self._reaches(self.pinned or self.vkeys[:1], seal)

    def _reaches(self, start: Sequence[str], seal: Seal) -> bool:
        trusted = set(start)
        waiting = list(start)
        while waiting:
            found = self._vouched.get(waiting.pop(), set()) - trusted
            trusted |= found
            waiting += found
        return bool(trusted & seal.signers)

    def _learn(self, vkey: str, index: int | None, where: str) -> bool:
        try:
            verifier = parse_vkey(vkey)
        except MalformedKey as error:
            self.faults.append(Fault(FaultKind.KEY_UNKNOWN, index, where, "a vkey", str(error)))
            return False
        other = self._verifiers.setdefault((verifier.name, verifier.key_id), verifier)
        if other.vkey != vkey:
            self.faults.append(Fault(FaultKind.KEY_UNKNOWN, index, where, "one key for a name and key id", "two"))
            return False
        return True


def key_ring(origin: str, pinned: Sequence[str], key_entries: Iterable[EntryMembers]) -> KeyRing:
    """The keys of a log whose entries of type `log.created` and `key.rotated` are given in order."""
    ring = KeyRing(origin, tuple(pinned))
    for members in key_entries:
        ring.add_entry(members)
    return ring
