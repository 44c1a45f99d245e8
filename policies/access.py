"""What was tried and read: denials, failed sign-ins and reads, each as its own entry or gathered by the minute.

- The first denial of a principal for an action and a reason within a minute is its own entry, up to a bound; repeats
  and the rest are gathered (`policies.gathering`).
- A sensitive read (an export, clear personal data) is its own entry, written before anything is handed out; a cheap
  read is only counted.
- Entries name what we know by its code; of what a caller made up they hold a keyed digest.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import Event, Subject, format_time, time_us
from policies.event_types import ACCESS_DENIED, ACCESS_READ
from policies.gathering import Gathered, Gatherer, Window, sort_of
from policies.model import Decision, PrincipalKind
from policies.writing import Writing
from storage.errors import StorageError
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
    from policies.errors import NotAuthenticated
    from policies.using.rules import Use
    from storage.database import Database
    from storage.keystore import KeyStore
    from storage.log import Log
    from storage.transaction import Transaction

DENIALS_OWN_MAX: Final = 8
"""Denials of one principal that get an entry of their own within a minute."""
STORES_NAMED_MAX: Final = 20
TRIED_CHARS_MAX: Final = 260

_LOGGER = logging.getLogger(__name__)
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class AccessRecording(Writing):
    """Entries about access itself."""

    def __init__(
        self,
        database: Database,
        log: Log,
        keys: KeyStore,
        *,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        super().__init__(database, log, keys, clock=clock, entropy=entropy)
        self._gatherer: Final = Gatherer(entropy)
        self._names_key: Final = keys.get_or_make("secret", "tried-names")

    def record_denial(self, decision: Decision, *, now: datetime) -> Change[Entry] | None:
        """A change that records a denial, or None: then it is a repeat and has been counted.

        Whoever refuses a caller commits it before answering.
        """
        principal = decision.principal
        sort = (principal.id, decision.action.value, decision.code.value)
        basis = self.basis(decision)
        if not self._gatherer.is_first(sort, now, most=DENIALS_OWN_MAX):
            self._gatherer.count(Gathered.DENIED, sort_of(principal.actor, basis), now)
            return None
        event = Event(
            type=ACCESS_DENIED,
            subjects=(_subject(decision),),
            data={"action": decision.action.value, "resource": self._described(decision)},
            actor=principal.actor,
            event_id=UUID(bytes=self._entropy(16), version=4),
            decision=basis,
        )
        return Change(lambda tx: tx.append(event))

    def record_failed_sign_in(self, failure: NotAuthenticated | str, *, now: datetime, tried: str = "") -> None:
        """Counts a failed sign-in: an error of this room, or the name of another reason (of a token, say).

        `tried` is what the stranger claimed to be; only a keyed hash of it is kept, and only in memory until then.
        """
        if isinstance(failure, str):
            code = failure if _CODE.fullmatch(failure) else "other"
        else:
            code, tried = failure.code.value, tried or failure.tried
        self._gatherer.count(Gathered.SIGN_IN, (code, self._hidden(tried) if tried else ""), now)

    def record_list(self, decision: Decision, *, now: datetime) -> None:
        """Counts a cheap read, with the decision it rests on."""
        self._gatherer.count(Gathered.READ, sort_of(decision.principal.actor, self.basis(decision)), now)

    def count_refused_call(self, destination: str, purpose: str, code: str, *, now: datetime) -> None:
        """Counts a call outwards that the residency gate refused."""
        self._gatherer.count(Gathered.OUTBOUND, (destination[:TRIED_CHARS_MAX], purpose, code), now)

    def record_read(
        self,
        decision: Decision,
        *,
        event_id: UUID,
        detail: Mapping[str, JSON] | None = None,
        about: Sequence[Subject] = (),
        use: Use | None = None,
    ) -> Change[Entry]:
        """A change that records a sensitive read; commit it, then hand out what it is about.

        `detail` holds codes, counts and indexes, no personal data; `about` are things whose chains tell who read them;
        `use` is what personal data in it is used for, which `require_use` let through.

        The change raises Denied if the decision does not hold any more.
        """
        said = {} if use is None else use.said()
        return self._read_entry(decision, ACCESS_READ, said, event_id=event_id, detail=detail, about=about)

    def _read_entry(
        self,
        decision: Decision,
        event_type: str,
        more: Mapping[str, JSON],
        *,
        event_id: UUID,
        detail: Mapping[str, JSON] | None,
        about: Sequence[Subject],
    ) -> Change[Entry]:
        said: dict[str, JSON] = {"action": decision.action.value, "resource": self._described(decision), **more}
        content: dict[str, JSON] = {**said, "detail": dict(detail or {})}
        request = self._log.request_digest(content)

        def run(tx: Transaction) -> Entry:
            basis = self.confirm(tx, decision)
            data = {**said, "detail": dict(detail)} if detail else dict(said)
            if (signed_in := decision.principal.signed_in) is not None:
                # Not in the request: it is the same one after its reader has signed in again.
                data["signed_in_at"] = format_time(time_us(signed_in.at))
            event = Event(
                type=event_type,
                subjects=(_subject(decision), *about),
                data=data,
                actor=decision.principal.actor,
                event_id=event_id,
                request=request,
                decision=basis,
            )
            return tx.append(event)

        return Change(run, reads=self.reads, event_ids=((decision.principal.id, event_id),))

    def write_summaries(self, now: datetime, *, everything: bool = False) -> int:
        """Writes an entry for each kind of each minute that is over and had something to count; returns how many.

        For a timer of the process, and with `everything` for its end. What cannot be written now is kept.
        """
        windows = list(self._gatherer.take(now, everything=everything))
        for written, window in enumerate(windows):
            try:
                self._log.commit(_summary(window))
            except StorageError:
                self._gatherer.put_back(windows[written:])
                _LOGGER.warning("access summaries: the log did not take them; they are kept and tried again")
                return written
        return len(windows)

    def _hidden(self, text: str) -> str:
        """What is kept of a text that somebody made up."""
        return hmac.digest(self._names_key, text.encode("utf-8", "surrogatepass"), "sha256")[:8].hex()

    def _described(self, decision: Decision) -> dict[str, JSON]:
        resource = decision.resource
        found: dict[str, JSON] = {"kind": resource.kind}
        directory = self._directory
        if resource.id:
            known: tuple[Mapping[str, object], ...] = (
                directory.areas,
                directory.stores,
                directory.records,
                directory.keys,
            )
            if any(resource.id in things for things in known):
                found["id"] = resource.id
            else:
                found["id_digest"] = self._hidden(resource.id)
        if resource.stores:
            named = sorted(resource.stores & directory.stores.keys())
            found["stores"] = list(named[:STORES_NAMED_MAX])
            found["stores_count"] = len(resource.stores)
        if resource.whole_log:
            found["whole_log"] = True
        return found


def _subject(decision: Decision) -> Subject:
    principal = decision.principal
    kind = "principal" if principal.kind is PrincipalKind.SYSTEM else principal.kind.value
    return Subject(kind, principal.id)


def _summary(window: Window) -> Change[Entry]:
    event = window.event()
    return Change(lambda tx: tx.append(event), event_ids=((event.actor.id, event.event_id),))
