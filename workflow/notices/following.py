"""From the log into the outbox.

The cursor and the outbox move in one transaction that demands the cursor be where this process saw it. Killed before it: the same
entries are looked at again. Killed after it: they are not. Two processes at once: one of them does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.entry import parse_entry
from audit.errors import AuditError
from storage.reading import read_head
from workflow.notices import store
from workflow.notices.model import NOTICE_FAILED, Rule
from workflow.notices.outbox import store as outbox
from workflow.notices.rules import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.transaction import Operation
    from workflow.notices.means import Means

STEP: Final = 50_000
"""Entries passed in one step, most of them by their type alone."""
CANDIDATES_MAX: Final = 1_000
"""Entries looked into in one step."""


class Following:
    """Moves the cursor."""

    def __init__(self, means: Means) -> None:
        self._means: Final = means

    def follow(self) -> bool:
        """Queues what was committed since the last time, a bounded part of it; returns whether there is more at once.

        Raises:
            StorageError: nothing was done; try again.
        """
        database = self._means.database
        with database.read() as connection:
            seen = outbox.read_follower(connection)
            size = read_head(connection).size
            made = [rule for rule in store.read_rules(connection) if rule.active]
            start = seen if seen is not None else min([size, *(rule.created_index + 1 for rule in made)])
            rules = [*made, *standing_rules(connection, self._means.glass_channel)]
            until, told = self._told(connection, start, min(size, start + STEP), rules)
        if seen is not None and until <= seen:
            return False
        if not told and seen is not None and until == size and not rules:
            # Nobody wants anything: a rule made later begins behind its own entry anyway.
            return False
        dialect = database.dialect

        def operation(operation: Operation) -> bool:
            return outbox.advance(operation, dialect, seen=seen, until=until, told=told)

        moved = database.operate(operation)
        return until < size or not moved

    def _told(
        self, connection: store.Snapshot, start: int, stop: int, rules: list[Rule]
    ) -> tuple[int, list[tuple[str, int, str]]]:
        events = {event for rule in rules for event in rule.events}
        candidates = outbox.read_candidates(connection, start, stop, events, CANDIDATES_MAX)
        if len(candidates) == CANDIDATES_MAX:
            stop = candidates[-1][0] + 1
        return stop, [told for candidate in candidates for told in _for_channels(candidate, rules)]


def standing_rules(connection: store.Snapshot, glass_channel: str | None) -> list[Rule]:
    """What is told without anybody's rule: broken glass, by the channel that the operator named, once that is made.

    It applies from where telling stands when the channel is named, or from the end of the log if nothing was ever told.
    """
    known = {channel.code for channel, _ in store.read_channels(connection)} if glass_channel else set()
    if glass_channel is None or glass_channel not in known:
        return []
    return [Rule("", glass_channel, GLASS_EVENTS, None, None, None, active=True, created_index=-1)]


GLASS_EVENTS: Final = ("break_glass.*",)


def _for_channels(candidate: tuple[int, str, str | None, bytes], rules: list[Rule]) -> Iterator[tuple[str, int, str]]:
    index, event_type, column_store, content = candidate
    document_class, told, failed_channel = None, None, None
    try:
        data = parse_entry(content).event.data
    except AuditError:
        # What was altered is told of as it stands in the columns; verification names it.
        data = {}
    given, named = data.get("class"), data.get("told")
    if isinstance(given, str):
        document_class = given
    if isinstance(named, str):
        told = named
    if event_type == NOTICE_FAILED:
        channel = data.get("channel")
        failed_channel = channel if isinstance(channel, str) and not data.get("about_failure") else ""
    channels = set()
    for rule in rules:
        if rule.channel not in channels and matches(
            rule,
            index=index,
            event_type=event_type,
            store=column_store,
            document_class=document_class,
            told=told,
            failed_channel=failed_channel,
        ):
            channels.add(rule.channel)
            yield rule.channel, index, rule.code
