"""The lock probe: attacks canaries of its own to see whether the store's locks hold, whatever its documentation says.

- Each attack has a canary of its own, so that a store that gives in to one does not spoil the next.
- Judged is the effect, never the answer: an attack that is answered "done" and changed nothing did not succeed, and one
  that is answered "forbidden" and changed something did.
- Canaries are locked for `LOCK_FOR` in COMPLIANCE, which nobody can lift; each probe removes those of earlier ones.
- No attack touches anything but canaries, save that on versioning, which is about the bucket: where a store gives in, it
  is switched on again at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

from storage.objects.errors import (
    ObjectExists,
    ObjectLocked,
    ObjectMissing,
    ObjectRefused,
    ObjectStoreUnavailable,
)
from storage.objects.model import LOCKABLE, Bucket, LockMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from storage.objects.model import ObjectInfo, ObjectRef
    from storage.objects.port import ObjectStore

LOCK_FOR: Final = timedelta(minutes=5)
PREFIX: Final = "v1/probe/"
CANARY: Final = b"canary of the lock probe"
_REFUSALS: Final = (ObjectLocked, ObjectRefused, ObjectExists, ObjectMissing)


class Attack(StrEnum):
    """What is tried."""

    DELETE_VERSION = "delete_version"
    DELETE_BATCH = "delete_batch"
    DELETE_UNDER_HOLD = "delete_under_hold"
    SHORTEN = "shorten"
    WEAKEN = "weaken"
    """COMPLIANCE to GOVERNANCE."""
    SUSPEND_VERSIONING = "suspend_versioning"
    OVERWRITE = "overwrite"
    """A second put with `If-None-Match: *`."""


class Strength(StrEnum):
    """What became of an attack."""

    ENFORCED = "enforced"
    NOT_ENFORCED = "accepted_not_enforced"
    """The store takes locks and does not keep them: worse than none, for it looks like one."""
    UNSUPPORTED = "unsupported"
    """The store takes no such lock."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a probe found."""

    bucket: Bucket
    results: Mapping[Attack, Strength]

    @property
    def is_good(self) -> bool:
        """Whether everything is enforced."""
        return all(strength is Strength.ENFORCED for strength in self.results.values())


def probe_locks(store: ObjectStore, *, entropy: Callable[[int], bytes], bucket: Bucket = Bucket.RECORDS) -> ProbeReport:
    """Attacks the store's locks in one bucket.

    Raises:
        ObjectStoreUnavailable: it gives no answer; then nothing is known.
        ObjectRefused: it takes no objects, or the bucket is not one with locks.
    """
    if bucket not in LOCKABLE:
        msg = f"lock probe: expected a bucket with object lock, got {bucket}"
        raise ObjectRefused(msg)
    _remove_old_canaries(store, bucket)
    return ProbeReport(bucket, {attack: _Canary(store, bucket, entropy).attacked(attack) for attack in Attack})


class _Canary:
    """One object, and what is done to it."""

    def __init__(self, store: ObjectStore, bucket: Bucket, entropy: Callable[[int], bytes]) -> None:
        self._store: Final = store
        self._ref: Final = store.put_new(bucket, f"{PREFIX}{UUID(bytes=entropy(16), version=4)}", [CANARY]).ref
        self._before: Final = store.head(self._ref)

    def attacked(self, attack: Attack) -> Strength:
        """Protect it, attack it, and look at it."""
        try:
            self._protect(attack)
        except (ObjectRefused, ObjectLocked):
            self._store.delete_batch([self._ref])
            return Strength.UNSUPPORTED
        before = self._store.head(self._ref)
        try:
            self._attack(attack)
        except _REFUSALS:
            pass  # An answer is not believed either way; the effect is looked at.
        strength = self._judged(attack, before)
        self._tidy(attack)
        return strength

    def _protect(self, attack: Attack) -> None:
        if attack is Attack.DELETE_UNDER_HOLD:
            self._store.hold(self._ref, on=True)
        elif attack not in {Attack.SUSPEND_VERSIONING, Attack.OVERWRITE}:
            self._store.lock(self._ref, LockMode.COMPLIANCE, self._until)

    @property
    def _until(self) -> datetime:
        """By the store's own clock."""
        return (self._before.modified_at + LOCK_FOR).replace(microsecond=0)

    def _attack(self, attack: Attack) -> None:
        match attack:
            case Attack.DELETE_VERSION | Attack.DELETE_UNDER_HOLD:
                self._store.delete_version(self._ref)
            case Attack.DELETE_BATCH:
                self._store.delete_batch([self._ref])
            case Attack.SHORTEN:
                self._store.lock(self._ref, LockMode.COMPLIANCE, self._until - LOCK_FOR / 2)
            case Attack.WEAKEN:
                self._store.lock(self._ref, LockMode.GOVERNANCE, self._until)
            case Attack.SUSPEND_VERSIONING:
                self._store.set_versioning(self._ref.bucket, on=False)
            case Attack.OVERWRITE:
                self._store.put_new(self._ref.bucket, self._ref.key, [b"forged"])

    def _judged(self, attack: Attack, before: ObjectInfo) -> Strength:
        held = self._is_whole() and self._is_protected(attack, before)
        return Strength.ENFORCED if held else Strength.NOT_ENFORCED

    def _is_whole(self) -> bool:
        try:
            content = b"".join(self._store.read(self._ref))
            versions = list(self._store.versions(self._ref.bucket, self._ref.key))
        except _REFUSALS:
            return False
        return content == CANARY and [one.ref for one in versions] == [self._ref]

    def _is_protected(self, attack: Attack, before: ObjectInfo) -> bool:
        """Whether the protection that was asked for is there, and still is."""
        match attack:
            case Attack.OVERWRITE:
                return True
            case Attack.SUSPEND_VERSIONING:
                return all(one.versioned for one in self._store.check().buckets if one.bucket is self._ref.bucket)
            case Attack.DELETE_UNDER_HOLD:
                return before.legal_hold and self._store.head(self._ref).legal_hold
        found = self._store.head(self._ref)
        wanted = (LockMode.COMPLIANCE, self._until)
        return (before.lock_mode, before.locked_until) == wanted == (found.lock_mode, found.locked_until)

    def _tidy(self, attack: Attack) -> None:
        """Switches on again what an attack may have switched off, and removes the canary if it can be."""
        try:
            if attack is Attack.SUSPEND_VERSIONING:
                self._store.set_versioning(self._ref.bucket, on=True)
            if attack is Attack.DELETE_UNDER_HOLD:
                self._store.hold(self._ref, on=False)
        except ObjectMissing:
            return
        self._store.delete_batch([self._ref])


def _remove_old_canaries(store: ObjectStore, bucket: Bucket) -> None:
    """What is still locked, or under a hold that a crash left, stays for the next probe."""
    refs: list[ObjectRef] = [one.ref for one in store.versions(bucket, PREFIX)]
    for ref in refs:
        try:
            if store.head(ref).legal_hold:
                store.hold(ref, on=False)
            store.delete_version(ref)
        except ObjectStoreUnavailable:
            raise
        except _REFUSALS:
            continue
