"""`pending`: what waits for a second person; declined or taken back here, approved with the thing it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode
from audit.event import format_time, time_us
from policies.model import Role
from policies.pending.model import KINDS, PendingKind, PendingState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from audit.canonical import JSON
    from policies.pending.model import PendingAction

LISTED_MAX = 500


@group("pending")
def pending_group() -> None:
    """Groups the commands of what waits."""


@pending_group.command("list", help="What waits, the newest first.")
@click.option("--all", "everything", is_flag=True, help="What was settled or is over too.")
@click.option("--kind", type=click.Choice([one.value for one in PendingKind]), help="Only of this kind.")
@as_option
@command
def list_pending(run: Run, kind: str | None, *, everything: bool, principal_id: str | None) -> ExitCode:
    """Lists what waits."""
    now = run.now()
    with run.house() as house, house.storage.database.read() as connection:
        found = house.policies.pending_actions(
            acting_principal(house, principal_id, Role.OPERATOR),
            connection,
            now=now,
            state=None if everything else PendingState.OPEN,
            kind=None if kind is None else PendingKind(kind),
            limit=LISTED_MAX,
        )
    chinese = run.out.language is Language.ZH
    rows = [
        (
            one.id,
            KINDS[one.kind].zh if chinese else KINDS[one.kind].en,
            one.subject,
            one.state_at(now).value,
            format_time(time_us(one.expires_at)),
        )
        for one in found
    ]
    headers = ("id", "kind", "of", "state", "until")
    run.out.answer({"items": [_shown(one, now) for one in found]}, table(headers, rows))
    return ExitCode.OK


@pending_group.command("decline", help="Decline what another person proposed.")
@click.argument("pending")
@click.option("--reason", default="", help="Why; kept sealed.")
@as_option
@command
def decline(run: Run, pending: str, reason: str, principal_id: str | None) -> ExitCode:
    """Declines."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.policies.decline_pending(principal, pending, event_id=run.new_id(), reason=reason)
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"pending": pending, "entry": index}, f"{pending}: declined, entry {index}")
    return ExitCode.OK


@pending_group.command("withdraw", help="Take back what one proposed oneself.")
@click.argument("pending")
@click.option("--reason", default="", help="Why; kept sealed.")
@as_option
@command
def withdraw(run: Run, pending: str, reason: str, principal_id: str | None) -> ExitCode:
    """Withdraws."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.policies.withdraw_pending(principal, pending, event_id=run.new_id(), reason=reason)
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"pending": pending, "entry": index}, f"{pending}: taken back, entry {index}")
    return ExitCode.OK


def _shown(one: PendingAction, now: datetime) -> Mapping[str, JSON]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "subject": one.subject,
        "state": one.state_at(now).value,
        "content": one.content,
        "proposer": one.proposer,
        "approvers": list(one.approvers),
        "expires_at": format_time(time_us(one.expires_at)),
        "entry": one.entry_index,
    }
