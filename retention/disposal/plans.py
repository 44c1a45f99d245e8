"""Plans as canonical JSON: what is proposed, compared and kept.

The digest is SHA-256 over RFC 8785 JSON of the whole plan; records by kind and id, objects by bucket, key and version. It holds ids,
codes, sizes and digests of sealed bytes, nothing personal. Plans of `chopbook-disposal-plan/1`, which say nothing of clocks, are read
for ever.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from audit.canonical import encode, parse
from retention.disposal.model import Clock, Part, Planned, Target
from retention.model import Trigger
from retention.records import Record, RecordKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.canonical import JSON

FORMAT: Final = "chopbook-disposal-plan/2"


def plan_bytes(plan: Iterable[Planned]) -> bytes:
    """The canonical bytes of a plan."""
    return encode({"format": FORMAT, "records": [planned_json(one) for one in _ordered(plan)]})


def preview_of(plan: Iterable[Planned]) -> str:
    """What two persons approve: the digest of the plan, lower-case hex."""
    return hashlib.sha256(plan_bytes(plan)).hexdigest()


def parse_plan(data: bytes) -> tuple[Planned, ...]:
    """A plan from its bytes, which are ours."""
    members = cast("dict[str, Any]", parse(data))
    return tuple(_planned_of(one) for one in members["records"])


def planned_json(planned: Planned) -> dict[str, JSON]:
    """One record of a plan."""
    found: dict[str, JSON] = {
        "record": planned.record.key,
        "class": planned.class_code,
        "record_class": planned.record_class,
        "schedules": list(planned.schedules),
        "due_from": planned.due_from.isoformat(),
        "targets": [target_json(one) for one in sorted(planned.targets)],
        "search": planned.search,
        "key_id": planned.key_id,
        "clocks": [_clock_json(one) for one in planned.clocks],
    }
    if planned.dispose_by is not None:
        found["dispose_by"] = planned.dispose_by.isoformat()
    return found


def _clock_json(clock: Clock) -> dict[str, JSON]:
    found: dict[str, JSON] = {"schedule": clock.schedule, "trigger": clock.trigger.value}
    if clock.on is not None:
        found["on"] = clock.on.isoformat()
    return found


def target_json(target: Target) -> dict[str, JSON]:
    """One object."""
    found: dict[str, JSON] = {
        "bucket": target.bucket,
        "key": target.key,
        "version_id": target.version_id,
        "part": target.part.value,
        "version": target.version,
        "sha256": target.sha256,
    }
    if target.size is not None:
        found["size"] = target.size
    return found


def record_of(key: str) -> Record:
    """A record from its key, `document:018f…`."""
    kind, _, record_id = key.partition(":")
    return Record(RecordKind(kind), record_id)


def _ordered(plan: Iterable[Planned]) -> list[Planned]:
    return sorted(plan, key=lambda one: one.record)


def _planned_of(members: dict[str, Any]) -> Planned:
    dispose_by = members.get("dispose_by")
    return Planned(
        record=record_of(members["record"]),
        class_code=members["class"],
        record_class=members["record_class"],
        schedules=tuple(members["schedules"]),
        due_from=date.fromisoformat(members["due_from"]),
        dispose_by=None if dispose_by is None else date.fromisoformat(dispose_by),
        targets=tuple(
            Target(
                bucket=one["bucket"],
                key=one["key"],
                version_id=one["version_id"],
                part=Part(one["part"]),
                version=one["version"],
                size=one.get("size"),
                sha256=one["sha256"],
            )
            for one in members["targets"]
        ),
        search=members["search"],
        key_id=members["key_id"],
        clocks=tuple(
            Clock(one["schedule"], Trigger(one["trigger"]), date.fromisoformat(one["on"]) if "on" in one else None)
            for one in members.get("clocks", ())
        ),
    )
