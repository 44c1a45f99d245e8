"""What would change if another bundle decided, found out before it does.

- Every question is asked of both bundles (`policies.simulation`): role, action and place, whether it was ever asked or not.
- Each room says what would move of its part: which records become disposable, which registers differ.

`newly_allowed` counts what a person has to acknowledge. Lists are cut at `SHOWN_MAX`; the counts are of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.event import format_time, time_us
from policies.bundles.manifest import PARTS
from policies.bundles.model import SHOWN_MAX
from policies.residency.writes import day_of
from policies.simulation import compare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from policies.bundles.ports import BundlePart
    from policies.engine import Bundle
    from policies.simulation import Moved
    from storage.either import Reader


def simulate(
    before: Bundle, after: Bundle, parts: Sequence[BundlePart], reader: Reader, *, days: int, now: datetime
) -> dict[str, JSON]:
    """What `after` would change where `before` is the active bundle, as a report that a step keeps."""
    found = compare(before, after)
    previews = _previews(before, after, parts, reader, now)
    return {
        "base": before.digest,
        "at": format_time(time_us(now)),
        "days": days,
        "newly_allowed": len(found.newly_allowed),
        "newly_denied": len(found.newly_denied),
        "questions": {
            "asked": found.asked,
            "newly_allowed": _moved(found.newly_allowed),
            "newly_denied": _moved(found.newly_denied),
        },
        "parts": {**previews},
        "moved": sum(_count(preview, "moved") for preview in previews.values()),
        "disposable": sum(_count(preview, "disposable") for preview in previews.values()),
    }


def _previews(
    before: Bundle, after: Bundle, parts: Sequence[BundlePart], reader: Reader, now: datetime
) -> dict[str, dict[str, JSON]]:
    if before.manifest is None or after.manifest is None:
        return {}
    was, comes = before.manifest.parts, after.manifest.parts
    return {
        part.member: part.preview(reader, was[part.member], comes[part.member], day_of(now))
        for part in parts
        if part.member in PARTS
    }


def _moved(found: Sequence[Moved]) -> list[JSON]:
    return [{"role": one.role.value, "action": one.action.value, "place": one.place.value} for one in found[:SHOWN_MAX]]


def _count(preview: dict[str, JSON], name: str) -> int:
    count = preview.get(name, 0)
    return count if isinstance(count, int) else 0
