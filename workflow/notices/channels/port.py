"""What a channel is to whoever sends: somewhere a message can be delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from storage.outbound import Destination
from workflow.notices.texts import Link, Telling


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to deliver. `id` is the same over all attempts, so that the other side can tell a repetition."""

    id: str
    origin: str
    tellings: Sequence[Telling]
    link: Link | None
    now: datetime


class Deliverer(Protocol):
    """Somewhere to deliver messages. It keeps no connection; each delivery has its own, with a time-out."""

    @property
    def destination(self) -> Destination:
        """Where calls go: what the gate decides about."""

    def deliver(self, message: Outgoing) -> None:
        """Hands the message over; returns when the other side has taken it.

        Raises:
            DeliveryFailed: it has not, or we do not know.
        """
