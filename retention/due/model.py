"""The values of the due list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from retention.model import FindingCode, Outcome
    from retention.records import Record


@dataclass(frozen=True, slots=True)
class Item:
    """A row. `next_on`: first day on which it may, or last on which it must go; None: nobody can tell, or never.

    `findings` are codes with their grade: `disposal_overdue/minor`.
    """

    record: Record
    class_code: str
    record_class: str
    store: str | None
    outcome: Outcome
    next_on: date | None
    schedules: tuple[str, ...]
    findings: tuple[str, ...]
    judged_on: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page is limited to; None: not by this. `until`: what comes by that day. `schedule` is a rule's code."""

    outcome: Outcome | None = None
    until: date | None = None
    class_code: str | None = None
    store: str | None = None
    schedule: str | None = None
    finding: FindingCode | None = None
    with_findings: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Which records a page has, where the following one begins, and how long the whole list is."""

    records: tuple[Record, ...]
    next: tuple[str, str, str] | None
    total: int
