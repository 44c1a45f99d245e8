"""What a room does with its part of a bundle, and who is asked for work that takes long. The rooms above implement it; `app` hands them over.

One of the few places where a lower room calls a higher one: policies know that a bundle brings retention rules, not what one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Subject
    from policies.bundles.model import BundleFault
    from storage.either import Reader
    from storage.transaction import Transaction

    Appending = Callable[[str, Subject, Mapping[str, JSON]], Entry]
    """Appends an entry (type, subject, data) of the change at work."""


class JobQueue(Protocol):
    """Takes work that a change asks for. It is asked for exactly if the change commits, is done at least once, and survives a killed worker."""

    def enqueue(self, tx: Transaction, entry: Entry, kind: str, payload: JSON) -> str:
        """Asks for a job inside the change that appended the entry; returns the job's id."""


class BundlePart(Protocol):
    """A member of bundles that a room acts on. Methods that read see what their reader sees, and write nothing."""

    member: str
    """The member's name."""

    def faults(self, reader: Reader, content: Any, today: date) -> Sequence[BundleFault]:
        """Why the content cannot be adopted as things stand; none: it can. Never raises, whatever the content."""

    def preview(self, reader: Reader, before: Any, after: Any, today: date) -> dict[str, JSON]:
        """What would move if `after` were adopted where `before` is the active bundle's; `after` has no faults."""

    def adopt(self, tx: Transaction, before: Any, after: Any, append: Appending) -> None:
        """Makes the content what holds, inside the change that activates the bundle.

        Raises:
            PolicyError: it cannot be adopted any more; the change is rolled back.
        """
