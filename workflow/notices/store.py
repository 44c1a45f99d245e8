"""The tables of channels and rules, and the statements on them.

Each row stands under the entry that says so; `sealed` holds a channel's secrets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import Boolean, Column, Connection, LargeBinary, Text, select

from storage.rows import KeyedRows
from storage.schema import BigInt, subject_table
from workflow.notices.model import Channel, ChannelKind, Rule

Snapshot: TypeAlias = Connection
"""A connection on which a read-only transaction is open (`Database.read`)."""

notice_channels: Final = subject_table(
    "notice_channels",
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("calls_per_month", BigInt),
    Column("sealed", LargeBinary, nullable=False),
)
notice_rules: Final = subject_table(
    "notice_rules",
    Column("code", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("stores", Text),
    Column("classes", Text),
    Column("active", Boolean, nullable=False),
    Column("created_index", BigInt, nullable=False),
    Column("told", Text),
)
CHANNEL_ROWS: Final = KeyedRows.of(notice_channels, "code")
RULE_ROWS: Final = KeyedRows.of(notice_rules, "code")


def channel_of(code: str, row: Sequence[Any], entry_index: int) -> Channel:
    """A channel from its row in `CHANNEL_ROWS`."""
    kind, destination, active, calls_per_month, _ = row
    return Channel(code, ChannelKind(kind), destination, bool(active), calls_per_month, entry_index)


def rule_of(code: str, row: Sequence[Any]) -> Rule:
    """A rule from its row in `RULE_ROWS`."""
    channel, events, stores, classes, active, created_index, told = row
    return Rule(
        code, channel, tuple(json.loads(events)), _set(stores), _set(classes), _set(told), bool(active), created_index
    )


def rule_row(rule: Rule) -> tuple[Any, ...]:
    """The row in `RULE_ROWS` of a rule."""
    return (
        rule.channel,
        json.dumps(list(rule.events)),
        _text(rule.stores),
        _text(rule.classes),
        rule.active,
        rule.created_index,
        _text(rule.told),
    )


def _text(values: frozenset[str] | None) -> str | None:
    return None if values is None else json.dumps(sorted(values))


def _set(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))


def read_channels(connection: Connection) -> list[tuple[Channel, bytes]]:
    """Every channel by code, with what is sealed of it."""
    columns = [notice_channels.c[name] for name in ("code", *CHANNEL_ROWS.values)]
    rows = connection.execute(select(*columns, notice_channels.c.entry_index).order_by(notice_channels.c.code))
    return [(channel_of(row[0], row[1:6], row[6]), bytes(row[5])) for row in map(tuple, rows)]


def read_rules(connection: Connection) -> list[Rule]:
    """Every rule by code."""
    columns = [notice_rules.c[name] for name in ("code", *RULE_ROWS.values)]
    return [
        rule_of(row[0], tuple(row)[1:]) for row in connection.execute(select(*columns).order_by(notice_rules.c.code))
    ]
