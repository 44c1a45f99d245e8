"""The tables of the policies room, and the statements on them.

- `areas`, `stores`: the organisation tree. `principals`: people and machine clients. `assignments`: where their roles
  apply. `api_keys`: hashes of secrets, and what they narrow to. Nothing is deleted: rows change state.
- `erasures`: whose personal key was destroyed; by pseudonym, so that a restored key store can be cleaned again. The
  entry that such a row names does not name the person.
- `policy_head`: one row; the last entry that could change a decision. Every change of this room moves it, so that one
  cheap read tells whether a snapshot is current. `mark` is that entry's leaf hash: unlike an index it also tells
  apart two batches of which one was rolled back.
- `key_usage`, `key_last_used`: counters; operational.

Times are microseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Select, Text, select, update
from sqlalchemy.dialects import postgresql, sqlite

from audit.event import time_of, time_us
from policies.bundles.store import read_active
from policies.directory import Directory, build_directory
from policies.grants.store import grant_of, grants, row_values
from policies.model import (
    ApiKey,
    Area,
    Assignment,
    NegativeStockRule,
    PrincipalKind,
    PrincipalRecord,
    PrincipalState,
    Role,
    ScopeKind,
    Store,
)
from policies.usage import KeyUsage
from storage.rows import KeyedRows
from storage.schema import BigInt, operational_table, subject_table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from storage.transaction import Operation


def _deferred(column: str) -> ForeignKey:
    """A reference checked at COMMIT: a batch writes table by table, not change by change."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


areas: Final = subject_table(
    "areas",
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
)

stores: Final = subject_table(
    "stores",
    Column("code", Text, primary_key=True),
    Column("area", Text, _deferred("areas.code"), nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("negative_stock", Text, nullable=False),
    Column("approval_above", BigInt),
)

principals: Final = subject_table(
    "principals",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("name_entry", BigInt),
)

assignments: Final = subject_table(
    "assignments",
    Column("principal", Text, _deferred("principals.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("active", Integer, nullable=False),
)

api_keys: Final = subject_table(
    "api_keys",
    Column("id", Text, primary_key=True),
    Column("principal", Text, _deferred("principals.id"), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("issued_at", BigInt, nullable=False),
    Column("expires_at", BigInt, nullable=False),
    Column("revoked_at", BigInt),
    Column("rate_per_minute", Integer, nullable=False),
    Column("quota_per_month", BigInt),
    Index(None, "principal"),
)

erasures: Final = subject_table(
    "erasures",
    Column("person", Text, primary_key=True),
    Column("erased_at", BigInt, nullable=False),
)

policy_head: Final = subject_table(
    "policy_head",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInt, nullable=False),
    Column("mark", LargeBinary, nullable=False),
)

key_usage: Final = operational_table(
    "key_usage",
    Column("key_id", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("calls", BigInt, nullable=False),
)

key_last_used: Final = operational_table(
    "key_last_used",
    Column("key_id", Text, primary_key=True),
    Column("used_at", BigInt, nullable=False),
)

AREA_ROWS: Final = KeyedRows(areas, ("code",), ("name_zh", "name_en"))
STORE_ROWS: Final = KeyedRows(stores, ("code",), ("area", "name_zh", "name_en", "negative_stock", "approval_above"))
PRINCIPAL_ROWS: Final = KeyedRows(principals, ("id",), ("kind", "role", "label", "state", "name_entry"))
ASSIGNMENT_ROWS: Final = KeyedRows(assignments, ("principal", "kind", "target"), ("active",))
KEY_ROWS: Final = KeyedRows(
    api_keys,
    ("id",),
    (
        "principal",
        "secret_hash",
        "scopes",
        "issued_at",
        "expires_at",
        "revoked_at",
        "rate_per_minute",
        "quota_per_month",
    ),
)
ERASURE_ROWS: Final = KeyedRows(erasures, ("person",), ("erased_at",))
HEAD_ROWS: Final = KeyedRows(policy_head, ("id",), ("version", "mark"))
HEAD_KEY: Final = (1,)

Selecting = Callable[[Select[Any]], Sequence["Row[Any]"]]
Values = tuple[Any, ...]


# ---------------------------------------------------------------------------------- the directory


def read_head(connection: Connection) -> tuple[int, bytes]:
    """Version and mark of what decisions rest on; (0, b"") before the first."""
    row = connection.execute(_HEAD).one_or_none()
    return (0, b"") if row is None else (row.version, bytes(row.mark))


def head_of(values: Values | None) -> tuple[int, bytes]:
    """The same from the row's values, as a transaction gives them."""
    return (0, b"") if values is None else (values[0], bytes(values[1]))


def read_directory(connection: Connection) -> Directory:
    """Everything, in the connection's snapshot."""
    return load_directory(lambda statement: connection.execute(statement).all(), *read_head(connection))


def load_directory(rows: Selecting, version: int, mark: bytes) -> Directory:
    """Everything that `rows` (a connection's or a transaction's select) can see."""
    return build_directory(
        version=version,
        mark=mark,
        areas=[Area(row.code, row.name_zh, row.name_en) for row in rows(select(areas))],
        stores=[store_of(row.code, _values(row, STORE_ROWS)) for row in rows(select(stores))],
        records=[principal_of(row.id, _values(row, PRINCIPAL_ROWS)) for row in rows(select(principals))],
        assignments=[
            Assignment(row.principal, ScopeKind(row.kind), row.target)
            for row in rows(select(assignments).where(assignments.c.active == 1))
        ],
        keys=[key_of(row.id, _values(row, KEY_ROWS)) for row in rows(select(api_keys))],
        erased=[row.person for row in rows(select(erasures.c.person))],
        grants=[grant_of(row.id, row_values(row)) for row in rows(select(grants))],
        bundle=read_active(rows),
    )


def _values(row: Row[Any], rows: KeyedRows) -> Values:
    return tuple(getattr(row, name) for name in rows.values)


def store_of(code: str, values: Values) -> Store:
    """A store from its row."""
    return Store(code, values[0], values[1], values[2], NegativeStockRule(values[3]), values[4])


def store_values(store: Store) -> Values:
    """The row of a store."""
    return (store.area, store.name_zh, store.name_en, store.negative_stock.value, store.approval_above)


def principal_of(principal_id: str, values: Values) -> PrincipalRecord:
    """A person or machine client from its row."""
    kind, role, label, state, name_entry = values
    return PrincipalRecord(principal_id, PrincipalKind(kind), Role(role), label, PrincipalState(state), name_entry)


def principal_values(record: PrincipalRecord) -> Values:
    """The row of a person or machine client."""
    return (record.kind.value, record.role.value, record.label, record.state.value, record.name_entry)


def key_of(key_id: str, values: Values) -> ApiKey:
    """A key from its row."""
    principal, secret_hash, scopes, issued_at, expires_at, revoked_at, rate, quota = values
    return ApiKey(
        id=key_id,
        principal=principal,
        secret_hash=bytes(secret_hash),
        scopes=frozenset(scopes.split()),
        issued_at=time_of(issued_at),
        expires_at=time_of(expires_at),
        revoked_at=None if revoked_at is None else time_of(revoked_at),
        rate_per_minute=rate,
        quota_per_month=quota,
    )


def key_values(key: ApiKey) -> Values:
    """The row of a key."""
    return (
        key.principal,
        key.secret_hash,
        " ".join(sorted(key.scopes)),
        time_us(key.issued_at),
        time_us(key.expires_at),
        None if key.revoked_at is None else time_us(key.revoked_at),
        key.rate_per_minute,
        key.quota_per_month,
    )


def read_erased(connection: Connection) -> frozenset[str]:
    """Everybody whose personal key is to be destroyed, or is."""
    return frozenset(row.person for row in connection.execute(select(erasures.c.person)))


_HEAD: Final = select(policy_head.c.version, policy_head.c.mark).where(policy_head.c.id == 1)


# ------------------------------------------------------------------------------------ the counters


def reserve_calls(
    operation: Operation, dialect: str, *, key_id: str, month: str, wanted: int, quota: int | None
) -> tuple[int, int]:
    """Adds up to `wanted` calls to the month's count; returns (granted, count afterwards). Durable once it returns."""
    mine = (key_usage.c.key_id == key_id, key_usage.c.month == month)
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(key_usage)
    operation.execute(insert.values(key_id=key_id, month=month, calls=0).on_conflict_do_nothing())
    before: int = operation.execute(select(key_usage.c.calls).where(*mine).with_for_update()).scalar_one()
    granted = wanted if quota is None else max(0, min(wanted, quota - before))
    operation.execute(update(key_usage).where(*mine).values(calls=before + granted))
    return granted, before + granted


def return_calls(operation: Operation, *, key_id: str, month: str, calls: int) -> None:
    """Gives back what was reserved and not used."""
    operation.execute(
        update(key_usage)
        .where(key_usage.c.key_id == key_id, key_usage.c.month == month)
        .values(calls=key_usage.c.calls - calls)
    )


def write_last_used(operation: Operation, dialect: str, used: Mapping[str, datetime]) -> None:
    """Keeps the later of what is known and `used`, key by key in one order, so that two processes never wait in a circle."""
    for key_id in sorted(used):
        insert = (sqlite if dialect == "sqlite" else postgresql).insert(key_last_used)
        statement = insert.values(key_id=key_id, used_at=time_us(used[key_id]))
        operation.execute(
            statement.on_conflict_do_update(
                index_elements=[key_last_used.c.key_id],
                set_={"used_at": statement.excluded.used_at},
                where=statement.excluded.used_at > key_last_used.c.used_at,
            )
        )


def read_usage(connection: Connection, key_ids: Sequence[str], month: str) -> dict[str, KeyUsage]:
    """The counters of some keys; keys never used are absent."""
    used = {
        row.key_id: time_of(row.used_at)
        for row in connection.execute(select(key_last_used).where(key_last_used.c.key_id.in_(key_ids)))
    }
    counted = {
        row.key_id: row.calls
        for row in connection.execute(
            select(key_usage).where(key_usage.c.key_id.in_(key_ids), key_usage.c.month == month)
        )
    }
    return {
        key_id: KeyUsage(key_id, month, counted.get(key_id, 0), used.get(key_id))
        for key_id in key_ids
        if key_id in counted or key_id in used
    }
