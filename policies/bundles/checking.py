"""Whether a bundle can be used: its policies, its calendar, and what each room says of its own part.

Nothing is repaired. What is found is listed, so that a drafter mends everything at once.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from policies.bundles.manifest import PARTS, BundleInvalid
from policies.bundles.model import FAULTS_MAX, BundleFault
from policies.codes import Code
from policies.engine import Question, load
from policies.model import Action, Reach, Role
from policies.rules import REACH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policies.bundles.manifest import Manifest
    from policies.bundles.ports import BundlePart
    from policies.engine import Bundle
    from storage.either import Reader

NAMED_MIN: Final = 17
"""Named general holidays of a year (Cap. 149, Schedule)."""
_SUNDAY: Final = 6


def faults_of(manifest: Manifest, parts: Sequence[BundlePart], reader: Reader, today: date) -> tuple[BundleFault, ...]:
    """Why the bundle cannot be used as things stand; none: it can."""
    found = [*_of_policies(manifest), *_of_calendar(manifest)]
    by_member = {part.member: part for part in parts}
    for member in PARTS:
        content = manifest.parts[member]
        part = by_member.get(member)
        if part is not None:
            found += part.faults(reader, content, today)
        elif content:
            found.append(BundleFault(Code.PART_UNKNOWN, member, "nothing"))
    return tuple(found[:FAULTS_MAX])


def _of_policies(manifest: Manifest) -> Iterator[BundleFault]:
    try:
        made = load(manifest.content)
    except BundleInvalid as error:
        yield BundleFault(Code.POLICIES_REFUSED, error.member, str(error))
        return
    for action in (Action.BUNDLE_DRAFT, Action.BUNDLE_APPROVE):
        if not any(_may(made, role, action) for role in Role):
            yield BundleFault(Code.NOBODY_COULD_CHANGE, "policies", action.value)


def _may(bundle: Bundle, role: Role, action: Action) -> bool:
    """Whether somebody of the role, without any key, could do it for the whole organisation."""
    if REACH[role] is not Reach.ALL:
        return False
    question = Question(role, None, bundle.scopes(role), action, frozenset(), whole_log=True)
    return not bundle.judge(question).codes


def _of_calendar(manifest: Manifest) -> Iterator[BundleFault]:
    for year, days in sorted(manifest.calendar.items()):
        named = [day for day in days if day.weekday() != _SUNDAY]
        if len(named) < NAMED_MIN:
            yield BundleFault(Code.CALENDAR_SHORT, "calendar", f"{year}: {NAMED_MIN}, got {len(named)}")
