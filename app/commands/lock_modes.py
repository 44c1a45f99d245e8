"""`lock-mode`: how hard the locks of a class are, decided by two persons."""

from __future__ import annotations

from datetime import datetime

import rich_click as click

from api.lock_modes import mode_json, preview_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode
from policies.model import Role
from retention.locks.words import MODE_WORDS
from retention.requests import ModeApproval, ModeRequest, parse
from storage.objects.model import LockMode

_MODE = click.Choice([one.value for one in LockMode], case_sensitive=False)


@group("lock-mode")
def mode_group() -> None:
    """Groups the commands of lock modes."""


@mode_group.command("list", help="The classes on which two persons decided; every other one is locked in GOVERNANCE.")
@as_option
@command
def list_modes(run: Run, principal_id: str | None) -> ExitCode:
    """Lists modes."""
    with run.house() as house, house.storage.database.read() as connection:
        found = house.locks.modes(acting_principal(house, principal_id, Role.OPERATOR), connection)
    rows = [(one.class_code, one.mode.value, "" if one.until is None else one.until.isoformat()) for one in found]
    run.out.answer({"items": [mode_json(one) for one in found]}, table(("class", "mode", "approved until"), rows))
    return ExitCode.OK


@mode_group.command("show", help="How a class is locked, and until when a lock in COMPLIANCE could not be undone.")
@click.argument("class_code")
@as_option
@command
def show(run: Run, class_code: str, principal_id: str | None) -> ExitCode:
    """Shows a mode."""
    with run.house() as house:
        found = house.locks.preview_mode(acting_principal(house, principal_id, Role.OPERATOR), class_code)
    words = MODE_WORDS[found.mode]
    if run.out.language is Language.ZH:
        until = (
            "沒有法例規定保留其中任何文件"
            if found.until is None
            else f"COMPLIANCE 鎖定於 {found.until} 前任何人都不能解除"
        )
        text = f"{class_code}：{words.zh}；文件：{found.documents}；{until}"
    else:
        until = (
            "no law keeps any of them"
            if found.until is None
            else f"nobody could undo a COMPLIANCE lock until {found.until}"
        )
        text = f"{class_code}: {words.en}; documents: {found.documents}; {until}"
    run.out.answer(preview_json(found), text)
    return ExitCode.OK


@mode_group.command("propose", help="Propose another mode; nothing changes until another person approves.")
@click.argument("class_code")
@click.argument("mode", type=_MODE)
@click.option("--reason", required=True, help="Why; kept sealed.")
@as_option
@command
def propose(run: Run, class_code: str, mode: str, reason: str, principal_id: str | None) -> ExitCode:
    """Proposes a mode."""
    request = parse(ModeRequest, {"mode": str(mode), "reason": reason}, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        shown = house.locks.preview_mode(principal, class_code)
        pending = house.storage.log.commit(house.locks.propose_mode(principal, class_code, request)).result
    if pending is not None:
        until = None if shown.until is None else shown.until.isoformat()
        text = f"{class_code}: waits as {pending.id}; nobody could undo it until {until or '-'}"
        run.out.answer({"class": class_code, "pending": pending.id, "until": until}, text)
    return ExitCode.OK


@mode_group.command("approve", help="Approve the mode that another person proposed.")
@click.argument("class_code")
@click.argument("mode", type=_MODE)
@click.argument("pending")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day that `show` says: nobody undoes it before.")
@as_option
@command
def approve(
    run: Run, /, class_code: str, mode: str, pending: str, until: datetime | None, principal_id: str | None
) -> ExitCode:
    """Approves a mode."""
    content = {"mode": str(mode), "until": None if until is None else f"{until:%Y-%m-%d}"}
    request = parse(ModeApproval, content, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.locks.approve_mode(principal, class_code, pending, request)
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"class": class_code, "mode": str(mode), "entry": index}, f"{class_code}: {mode}, entry {index}")
    return ExitCode.OK
