"""From the outbox to the other side.

1. Take: under the channel's line, the message that is not settled, or a new one of what waits and the pace allows. The attempt is
   counted, the line held. Durable.
2. Deliver: outside any transaction, if the gate admits the destination.
3. Settle: sent; or not before a later moment; or failed, after an entry says so. Durable.

Killed after 1 or 2, the line is free again when its lease has run out, and the message goes out once more under the same id: at
least once. Who takes webhooks knows a repetition by the id, mail by its Message-ID; a group sees the entry's number twice.
"""

from __future__ import annotations

import hashlib
import logging
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import Event, Subject
from policies.quota import month_end, month_of
from storage.opening import SYSTEM
from storage.outbound import OutboundRefused
from storage.transaction import Change
from workflow.notices import store
from workflow.notices.channels.port import Deliverer, Outgoing
from workflow.notices.errors import DeliveryFailed, NoticeError
from workflow.notices.following import Following
from workflow.notices.model import (
    ATTEMPTS_MAX,
    DIGEST_MAX,
    NOTICE_FAILED,
    QUOTA_REACHED,
    SUBJECT_CHANNEL,
    Channel,
    Message,
    MessageKind,
    MessageState,
    Taken,
)
from workflow.notices.outbox import store as outbox
from workflow.notices.rules import PACES, Hold, Send, decide, next_attempt
from workflow.notices.texts import telling_of
from workflow.rules import JITTER_BYTES

if TYPE_CHECKING:
    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.transaction import Operation, Transaction

LEASE_FOR: Final = timedelta(seconds=60)
"""Longer than any delivery takes."""
KEPT_FOR: Final = timedelta(days=30)
"""So long it can be seen what became of a message; the log keeps failures for ever."""
TOKEN_BYTES: Final = 16

_log = logging.getLogger("chopbook.notices")


class Sending(Following, ABC):
    """Delivers what waits."""

    @abstractmethod
    def _open(self, channel: Channel, sealed: bytes) -> Deliverer:
        """What delivers to a channel."""

    def send_due(self) -> int:
        """Makes one attempt for each channel that may have one now; returns how many were made.

        Raises:
            StorageError: try again.
        """
        now = self._means.clock()
        with self._means.database.read() as connection:
            due = outbox.channels_with_work(connection, now)
            channels = (
                {channel.code: (channel, sealed) for channel, sealed in store.read_channels(connection)} if due else {}
            )
        return sum(self._send(*channels[code]) for code in due)

    def prune(self) -> int:
        """Forgets messages settled long ago, a bounded number; returns how many."""
        before = self._means.clock() - KEPT_FOR
        return self._means.database.operate(lambda operation: outbox.prune(operation, before))

    # ----------------------------------------------------------------------------- one attempt

    def _send(self, channel: Channel, sealed: bytes) -> bool:
        taken = self._take(channel)
        if taken is None:
            return False
        try:
            self._deliver(channel, sealed, taken)
        except DeliveryFailed as failed:
            self._failed(channel, taken, failed)
        except OutboundRefused as refused:
            self._failed(channel, taken, DeliveryFailed(refused.code, retry=False))
        except NoticeError:
            self._failed(channel, taken, DeliveryFailed("channel_unreadable", retry=False))
        else:
            self._settle(taken, MessageState.SENT, attempts=taken.message.attempts)
        return True

    def _take(self, channel: Channel) -> Taken | None:
        means = self._means
        token, now, dialect = means.entropy(TOKEN_BYTES).hex(), means.clock(), means.database.dialect
        pace, month = PACES[channel.kind], month_of(now)
        reached: list[datetime] = []

        def operation(operation: Operation) -> Taken | None:
            reached.clear()
            attempts = outbox.take_line(operation, dialect, channel.code, now)
            if attempts is None:
                return None
            message = outbox.open_message(operation, channel.code)
            waiting = 1 if message is not None else outbox.count_waiting(operation, channel.code)
            decided = decide(pace, now=now, attempts=attempts, waiting=waiting)
            if isinstance(decided, Hold):
                if decided.until is not None:
                    outbox.hold_line(operation, channel.code, decided.until)
                return None
            left = _calls_left(channel, outbox.calls_in(operation, channel.code, month))
            if left == 0:
                reached.append(month_end(now))
                return None
            if left is not None and waiting > left and pace.digests:
                # What is left of the month is for all that waits, not for the first few.
                decided = Send(min(waiting, DIGEST_MAX))
            if message is None:
                indexes = outbox.oldest_waiting(operation, channel.code, decided.notices)
                message = _message(channel.code, indexes, now)
                outbox.make_message(operation, message, indexes)
            else:
                indexes = outbox.notices_of(operation, message)
            taken = Taken(replace(message, attempts=message.attempts + 1), indexes, token)
            outbox.begin_attempt(
                operation, dialect, taken, attempts=[*attempts, now], lease_until=now + LEASE_FOR, month=month
            )
            return taken

        taken = means.database.operate(operation)
        if reached:
            # The entry first: killed in between, it is a replay the next time.
            self._commit_once(QUOTA_REACHED, channel, f"{channel.code}\0{month}", {"month": month})
            means.database.operate(lambda operation: outbox.hold_line(operation, channel.code, reached[0]))
        return taken

    def _deliver(self, channel: Channel, sealed: bytes, taken: Taken) -> None:
        means = self._means
        deliverer = self._open(channel, sealed)
        means.gate.admit(deliverer.destination)
        with means.database.read() as connection:
            contents = outbox.read_bytes(connection, taken.indexes)
        tellings = [telling_of(index, contents.get(index, b"")) for index in taken.indexes]
        deliverer.deliver(Outgoing(taken.message.id, means.log.origin, tellings, means.link, means.clock()))

    def _failed(self, channel: Channel, taken: Taken, failed: DeliveryFailed) -> None:
        now = self._means.clock()
        made = taken.message.attempts
        attempts = made if failed.counts else made - 1
        _log.warning("notice not taken", extra={"channel": channel.code, "code": failed.code, "attempt": made})
        if failed.retry and attempts < ATTEMPTS_MAX:
            again = next_attempt(failed, attempt=max(1, attempts), now=now, entropy=self._means.entropy(JITTER_BYTES))
            self._settle(taken, MessageState.SENDING, attempts=attempts, not_before=again, code=failed.code)
            return
        message = taken.message
        data: dict[str, JSON] = {
            "about_failure": self._tells_of_failure(taken),
            "attempts": made,
            "code": failed.code,
            "first_index": message.first_index,
            "last_index": message.last_index,
            "message": message.id,
            "notices": message.notices,
        }
        # The entry first: killed in between, it is a replay the next time.
        self._commit_once(NOTICE_FAILED, channel, message.id, data)
        self._settle(taken, MessageState.FAILED, attempts=attempts, code=failed.code)

    def _settle(
        self,
        taken: Taken,
        state: MessageState,
        *,
        attempts: int,
        not_before: datetime | None = None,
        code: str | None = None,
    ) -> None:
        now, dialect = self._means.clock(), self._means.database.dialect
        held = self._means.database.operate(
            lambda operation: outbox.settle(
                operation,
                dialect,
                taken,
                state=state,
                now=now,
                not_before=not_before,
                attempts=attempts,
                failure_code=code,
                month=month_of(now),
            )
        )
        if not held:
            _log.warning("notice line lost", extra={"channel": taken.message.channel})

    def _tells_of_failure(self, taken: Taken) -> bool:
        with self._means.database.read() as connection:
            contents = outbox.read_bytes(connection, taken.indexes)
        return any(telling_of(index, content).type == NOTICE_FAILED for index, content in contents.items())

    def _commit_once(self, kind: str, channel: Channel, name: str, data: dict[str, JSON]) -> None:
        """Appends an entry of the system that the same name never appends twice."""
        digest = hashlib.sha256(f"{kind}\0{name}".encode()).digest()
        event = Event(
            type=kind,
            subjects=(Subject(SUBJECT_CHANNEL, channel.code),),
            data={"channel": channel.code, "kind": channel.kind.value, **data},
            actor=SYSTEM,
            event_id=UUID(bytes=digest[:16], version=4),
            # By the name alone: a second attempt may count one more, and is the same failure.
            request=digest[16:],
        )

        def run(tx: Transaction) -> Entry:
            return tx.append(event)

        self._means.log.commit(Change(run, event_ids=((event.actor.id, event.event_id),)))


def _calls_left(channel: Channel, used: int) -> int | None:
    """How many calls the channel may still make this month; None: as many as it likes."""
    return None if channel.calls_per_month is None else max(0, channel.calls_per_month - used)


def _message(channel: str, indexes: tuple[int, ...], now: datetime) -> Message:
    named = f"{channel}\0{','.join(map(str, indexes))}"
    return Message(
        id=hashlib.sha256(named.encode()).hexdigest()[:32],
        channel=channel,
        kind=MessageKind.SINGLE if len(indexes) == 1 else MessageKind.DIGEST,
        state=MessageState.SENDING,
        notices=len(indexes),
        first_index=indexes[0],
        last_index=indexes[-1],
        attempts=0,
        started_at=now,
        finished_at=None,
        failure_code=None,
    )
