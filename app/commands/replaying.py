"""`policy replay`: recorded decisions, taken again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command
from app.commands.output import table
from app.exits import ExitCode, Refused
from policies.bundles.manifest import BUNDLE_BYTES_MAX, BundleInvalid
from policies.bundles.store import read_named
from policies.engine import load
from policies.model import Action, Resource, Role
from policies.quota import HONG_KONG
from policies.replaying import Differing, TooMany, Untaken, entries_to_replay, replay

if TYPE_CHECKING:
    from policies.engine import Bundle

SHOWN_MAX: Final = 200
ONE_DAY: Final = timedelta(days=1)
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.command(
    "replay",
    help="Take recorded decisions again, from the log and the bundles it names, and name each that comes out otherwise. Exit code 1 "
    "if one does, or if a bundle is not at hand.",
)
@click.option("--from", "begin", type=_DAY, help="From this day on (Hong Kong time).")
@click.option("--until", "end", type=_DAY, help="Until this day, which is included.")
@click.option(
    "--bundle",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A file with a bundle that is not kept here any more; may be given several times.",
)
@as_option
@command
def replay_command(
    run: Run, begin: datetime | None, end: datetime | None, files: tuple[Path, ...], principal_id: str | None
) -> ExitCode:
    """Takes decisions again."""
    given = [_bundle(path) for path in files]
    first, behind = _midnight(begin), None if end is None else _midnight(end + ONE_DAY)
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        house.policies.require(principal, Action.LOG_VERIFY, Resource("log", whole_log=True))

        def bundles(name: str) -> Bundle | None:
            kept = read_named(lambda statement: connection.execute(statement).all(), name)
            return kept or next((bundle for bundle in given if bundle.name == name), None)

        try:
            entries = entries_to_replay(connection, begin=first, end=behind)
            found = replay(entries, bundles=bundles, begin=first, end=behind)
        except TooMany as error:
            msg = "decisions: expected fewer different ones; choose a shorter period with --from and --until"
            raise Refused(msg, "決定：相異的決定過多；請以 --from 及 --until 縮短期間") from error
    document = {
        "decisions": found.decisions,
        "differing": [_plain(one) for one in found.differing[:SHOWN_MAX]],
        "differing_count": len(found.differing),
        "not_taken_again": {reason.value: count for reason, count in sorted(found.untaken.items())},
    }
    rows = [
        (
            " ".join(map(str, one.entries)),
            one.count,
            one.recorded.principal,
            one.recorded.decided.action,
            f"{one.recorded.decided.code} -> {one.again.code}",
            f"{one.recorded.decided.by} -> {one.again.by}",
            f"{one.recorded.decided.scope} -> {one.again.scope}",
        )
        for one in found.differing[:SHOWN_MAX]
    ]
    headers = ("entries", "count", "principal", "action", "code", "by", "scope")
    told = f"{found.decisions} decisions, {len(found.differing)} come out otherwise"
    lines = [told, *(f"  {count} not taken again: {reason.value}" for reason, count in sorted(found.untaken.items()))]
    run.out.answer(document, [*lines, table(headers, rows)] if rows else lines)
    return ExitCode.FAULTS if found.differing or Untaken.BUNDLE_MISSING in found.untaken else ExitCode.OK


def _plain(one: Differing) -> dict[str, Any]:
    return {
        "entries": list(one.entries),
        "count": one.count,
        "principal": one.recorded.principal,
        "role": one.recorded.role,
        "acting_for": one.recorded.acting_for or None,
        "recorded": one.recorded.decided.members,
        "again": one.again.members,
    }


def _bundle(path: Path) -> Bundle:
    """The bundle in a file.

    Raises:
        Refused: it holds none.
    """
    try:
        return load(path.read_bytes()[: BUNDLE_BYTES_MAX + 1])
    except BundleInvalid as error:
        msg = f"{path.name}: expected a policy bundle, got: {error}"
        raise Refused(msg, f"{path.name}：並非政策版本") from error


def _midnight(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=HONG_KONG)
