"""The tables of policy bundles, and the statements on them.

- `policy_bundles`: the canonical bytes of each, under the digest that names them; never altered.
- `policy_bundle_steps`: every step a bundle takes, one row each; the last one says how it stands. `detail` is canonical JSON as text.

Which bundle is the active one stands in neither: it is the one that the newest `bundle.activated` entry of the log names. So
nobody changes what decides by changing a row; whoever alters the bytes of the active bundle only makes Chopbook deny everything.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Integer, LargeBinary, Text, func, select

from audit.canonical import encode
from audit.entry import parse_members
from audit.event import time_of, time_us
from policies.bundles.manifest import BundleInvalid, digest_of, read_manifest
from policies.bundles.model import BUNDLE_ACTIVATED, BundleRecord, BundleState, Step
from policies.engine import load, name_of, shipped, unreadable
from policies.model import SYSTEM_ID, Words
from storage.rows import KeyedRows
from storage.schema import BigInt, entries, subject_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Row, Select

    from policies.engine import Bundle

    Selecting = Callable[[Select[Any]], Sequence[Row[Any]]]

LISTED_MAX: Final = 1_000

bundles: Final = subject_table(
    "policy_bundles",
    Column("digest", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("drafted_by", Text, nullable=False),
)
steps: Final = subject_table(
    "policy_bundle_steps",
    Column("digest", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInt, nullable=False),
    Column("detail", Text, nullable=False),
)

BUNDLE_ROWS: Final = KeyedRows(bundles, ("digest",), ("content", "drafted_by"))
STEP_ROWS: Final = KeyedRows(steps, ("digest", "number"), ("state", "made_by", "made_at", "detail"))

_log = logging.getLogger("chopbook.policies")


def active_digest(rows: Selecting) -> str | None:
    """The digest of the active bundle by the log; None: the shipped one decides, since none was ever activated."""
    activated = entries.c.type == BUNDLE_ACTIVATED
    newest = select(entries.c.bytes).where(activated).order_by(entries.c.entry_index.desc()).limit(1)
    found = rows(newest)
    return str(parse_members(bytes(found[0].bytes))["data"]["bundle"]) if found else None


def read_active(rows: Selecting) -> Bundle:
    """What decides: the active bundle, or, if it cannot be read, what denies everything."""
    digest = active_digest(rows)
    if digest is None:
        return shipped()
    content = read_content(rows, digest)
    try:
        if content is None:
            missing = "expected its bytes, got none"
            raise BundleInvalid(missing)
        if digest_of(content) != digest:
            other = f"expected bytes with the digest {digest}, got {digest_of(content)}"
            raise BundleInvalid(other)
        return load(content)
    except BundleInvalid as error:
        _log.critical(
            "the active policy bundle cannot be read; everything is denied",
            extra={"bundle": digest, "error": str(error)[:500]},
        )
        return unreadable(digest)


def read_content(rows: Selecting, digest: str) -> bytes | None:
    """The bytes kept under a digest, as they are; whoever uses them compares."""
    found = rows(select(bundles.c.content).where(bundles.c.digest == digest))
    return bytes(found[0].content) if found else None


def read_named(rows: Selecting, name: str) -> Bundle | None:
    """The bundle that entries name so, with the bytes of its digest; None: it is not kept, or not any more what it was."""
    if name == shipped().name:
        return shipped()
    for row in rows(select(bundles)):
        if name_of(row.digest) == name and digest_of(bytes(row.content)) == row.digest:
            return load(bytes(row.content))
    return None


def read_bundle(rows: Selecting, digest: str) -> BundleRecord | None:
    """A bundle as it stands; the shipped one is there without a row."""
    taken = rows(select(steps).where(steps.c.digest == digest).order_by(steps.c.number))
    if not taken:
        return _shipped(rows) if digest == shipped().digest else None
    found = rows(select(bundles).where(bundles.c.digest == digest))
    # Bytes that are gone were somebody's all the same: the steps say whose.
    content, drafted_by = (bytes(found[0].content), found[0].drafted_by) if found else (b"", taken[0].made_by)
    return _record(digest, content, drafted_by, taken)


def read_bundles(rows: Selecting) -> list[BundleRecord]:
    """Every bundle, the one whose last step is the newest first; the shipped one last, if it has no row."""
    taken: dict[str, list[Row[Any]]] = {}
    for row in rows(select(steps).order_by(steps.c.digest, steps.c.number)):
        taken.setdefault(row.digest, []).append(row)
    found = [
        _record(row.digest, bytes(row.content), row.drafted_by, taken[row.digest])
        for row in rows(select(bundles).limit(LISTED_MAX))
    ]
    found.sort(key=lambda record: -record.steps[-1].entry_index)
    if all(record.digest != shipped().digest for record in found):
        found.append(_shipped(rows))
    return found


def read_scheduled(connection: Connection) -> list[str]:
    """The bundles that wait for their day; costs little, for a timer."""
    newest = select(steps.c.digest, func.max(steps.c.number).label("number")).group_by(steps.c.digest).subquery()
    last = (steps.c.digest == newest.c.digest) & (steps.c.number == newest.c.number)
    waiting = select(steps.c.digest).join(newest, last).where(steps.c.state == BundleState.SCHEDULED.value)
    return [row.digest for row in connection.execute(waiting)]


def step_values(step: Step) -> tuple[Any, ...]:
    """The row of a step."""
    return (step.state.value, step.by, time_us(step.at), encode(dict(step.detail)).decode())


def _record(digest: str, content: bytes, drafted_by: str, taken: Sequence[Row[Any]]) -> BundleRecord:
    made = tuple(
        Step(
            one.number,
            BundleState(one.state),
            one.made_by,
            time_of(one.made_at),
            json.loads(one.detail),
            one.entry_index,
        )
        for one in taken
    )
    return BundleRecord(digest, _title(content), drafted_by, made, made[-1].state)


def _title(content: bytes) -> Words:
    """What people call it; bytes that cannot be read have no name, and are shown all the same."""
    try:
        return read_manifest(content).title
    except BundleInvalid:
        return Words("（無法讀取）", "(cannot be read)")


def _shipped(rows: Selecting) -> BundleRecord:
    manifest = shipped().manifest
    state = BundleState.ACTIVE if active_digest(rows) is None else BundleState.RETIRED
    title = Words("", "") if manifest is None else manifest.title
    return BundleRecord(shipped().digest, title, SYSTEM_ID, (), state)
