"""What would change if another bundle decided, found out before it does.

- Every question is asked of both bundles (`policies.simulation`): role, action and place, whether it was ever asked or not; and with each that moves,
  how many people and clients have that role now.
- Decisions of the last days are taken again under the other bundle (`policies.replaying`), as the log says who reached what then. What a room refused
  beyond the policies stays refused, and is no difference.
- Each room says what would move of its part: which records become disposable, which registers differ.

The log is read as a stream, and what is held has bounds, however many decisions there are. `newly_allowed` counts what a person has to acknowledge. Lists are cut at `SHOWN_MAX`; the counts are of all.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from audit.event import format_time, time_us
from policies.bundles.manifest import PARTS
from policies.bundles.model import SHOWN_MAX
from policies.codes import Code
from policies.engine import DENIALS
from policies.replaying import STANDING, Retaking, TooMany, entries_to_replay
from policies.residency.writes import day_of
from policies.simulation import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import EntryMembers
    from policies.bundles.ports import BundlePart
    from policies.directory import Directory
    from policies.engine import Bundle
    from policies.model import Role
    from policies.pending.store import Snapshot
    from policies.simulation import Moved
    from storage.either import Reader


SORTS_MAX: Final = 100_000
"""Sorts of decisions (role, action, stores) that may come out otherwise."""
STORES_CHARS_MAX: Final = 200

_REFUSED: Final = frozenset(code.value for code in DENIALS) | STANDING


def simulate(
    directory: Directory,
    after: Bundle,
    parts: Sequence[BundlePart],
    connection: Snapshot,
    *,
    days: int,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    sorts_max: int = SORTS_MAX,
) -> dict[str, JSON]:
    """What `after` would change in a directory, as a report that a step keeps.

    `progress` is told how many entries were looked at, of how many; what it raises ends the simulation.

    Raises:
        TooMany: more sorts of decisions than `sorts_max` would come out otherwise.
    """
    before, holders = directory.bundle, holders_of(directory)
    found = compare(before, after)
    previews = _previews(before, after, parts, connection, now)
    since = now - timedelta(days=days)
    entries = entries_to_replay(connection, begin=since, progress=progress)
    decisions, allowed, denied = _decisions(after, entries, since, sorts_max)
    return {
        "base": before.digest,
        "at": format_time(time_us(now)),
        "days": days,
        "newly_allowed": len(found.newly_allowed) + allowed,
        "newly_denied": len(found.newly_denied) + denied,
        "questions": {
            "asked": found.asked,
            "newly_allowed": _moved(found.newly_allowed, holders),
            "newly_denied": _moved(found.newly_denied, holders),
        },
        "decisions": decisions,
        "parts": {**previews},
        "moved": sum(_count(preview, "moved") for preview in previews.values()),
        "disposable": sum(_count(preview, "disposable") for preview in previews.values()),
    }


def _decisions(
    after: Bundle, entries: Iterator[EntryMembers], since: datetime, sorts_max: int
) -> tuple[dict[str, JSON], int, int]:
    """Recorded decisions that would come out otherwise, and how many sorts of them would be allowed and denied."""
    retaking = Retaking(lambda _name: after)
    allowed: Counter[tuple[str, str, str]] = Counter()
    denied: Counter[tuple[str, str, str]] = Counter()
    for one in retaking.differing(entries, since, None):
        was = one.recorded.decided
        permitted, permits = was.code not in _REFUSED, one.again.code == Code.ALLOWED.value
        if permitted != permits:
            key = (one.recorded.role, was.action, was.stores[:STORES_CHARS_MAX])
            (allowed if permits else denied)[key] += one.count
            if len(allowed) + len(denied) > sorts_max:
                raise TooMany
    said: dict[str, JSON] = {
        "since": format_time(time_us(since)),
        "taken": retaking.decisions - retaking.untaken.total(),
        "untaken": {reason.value: count for reason, count in sorted(retaking.untaken.items())},
        "newly_allowed": _counted(allowed),
        "newly_denied": _counted(denied),
    }
    return said, len(allowed), len(denied)


def _counted(found: Counter[tuple[str, str, str]]) -> list[JSON]:
    return [
        {"role": role, "action": action, "stores": stores, "count": count}
        for (role, action, stores), count in found.most_common(SHOWN_MAX)
    ]


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


def holders_of(directory: Directory) -> Counter[Role]:
    """How many people, and clients with a key that was not revoked, have each role."""
    clients = {key.principal for key in directory.keys.values() if key.revoked_at is None}
    active = [directory.records[one] for one in clients if directory.standing(one) is Code.ALLOWED]
    return Counter(person.role for person in directory.people.values()) + Counter(client.role for client in active)


def _moved(found: Sequence[Moved], holders: Counter[Role]) -> list[JSON]:
    return [
        {
            "role": one.role.value,
            "action": one.action.value,
            "place": one.place.value,
            "holders": holders[one.role],
        }
        for one in found[:SHOWN_MAX]
    ]


def _count(preview: dict[str, JSON], name: str) -> int:
    count = preview.get(name, 0)
    return count if isinstance(count, int) else 0
