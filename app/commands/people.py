"""People and machine clients: accounts, where their roles apply, erasure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import Refused
from app.usage import WrongUsage
from app.wiring import House
from policies.model import Action, ErasureGround, PrincipalKind, PrincipalRecord, Resource, Role, ScopeKind
from policies.using.purposes import UsePurpose
from policies.using.rules import Use

F = TypeVar("F", bound=Callable[..., Any])

_PERSON_ROLES = [role.value for role in Role if role is not Role.API_CLIENT]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A principal as the lists show it."""

    id: str
    role: str
    state: str
    assigned_to: tuple[str, ...]


@group("user")
def user_group() -> None:
    """Groups the commands of people."""


@group("client")
def client_group() -> None:
    """Groups the commands of machine clients."""


@user_group.command("add", help="Add a person. The name is kept encrypted, under a key of their own.")
@click.option("--name", "display_name", required=True, help="How the person is called.")
@click.option("--role", type=click.Choice(_PERSON_ROLES), required=True, help="What the person is for.")
@click.option("--pics", help="The collection statement they were given, with its version: STAFF/3 (PDPO DPP1(3)).")
@as_option
@command
def add_user(run: Run, display_name: str, role: str, pics: str | None, principal_id: str | None) -> None:
    """Adds a person."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        change = house.policies.create_person(
            principal, role=Role(role), display_name=display_name, statement=pics, event_id=run.new_id()
        )
        committed = house.storage.log.commit(change)
    _answer_record(run, committed.result, committed.receipt.index)


@client_group.command("add", help="Add a machine client; then assign it and issue it a key.")
@click.argument("label")
@as_option
@command
def add_client(run: Run, label: str, principal_id: str | None) -> None:
    """Adds a machine client."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(
            house.policies.create_api_client(principal, label=label, event_id=run.new_id())
        )
    _answer_record(run, committed.result, committed.receipt.index)


@user_group.command("list", help="List people. Names are shown with --names, which the log records.")
@click.option("--names", is_flag=True, help="Show names.")
@as_option
@command
def list_users(run: Run, *, names: bool, principal_id: str | None) -> None:
    """Lists people."""
    with run.house() as house:
        records = _records(house, PrincipalKind.PERSON)
        known = _recorded_names(run, house, records, principal_id) if names else {}
        listed = [_listed(house, record) for record in records]
    headers = ["id", "role", "state", "assigned to"]
    rows = [[person.id, person.role, person.state, " ".join(person.assigned_to)] for person in listed]
    documents = [asdict(person) for person in listed]
    if names:
        headers.append("name")
        for row, document, person in zip(rows, documents, listed, strict=True):
            document["name"] = known.get(person.id)
            row.append(known.get(person.id) or "—")
    run.out.answer({"users": documents}, table(headers, rows))


@client_group.command("list", help="List machine clients.")
@command
def list_clients(run: Run) -> None:
    """Lists machine clients."""
    with run.house() as house:
        records = _records(house, PrincipalKind.API_CLIENT)
        listed = [(_listed(house, record), record.label) for record in records]
    rows = [(client.id, label, client.state, " ".join(client.assigned_to)) for client, label in listed]
    documents = [{**asdict(client), "label": label} for client, label in listed]
    run.out.answer({"clients": documents}, table(("id", "label", "state", "assigned to"), rows))


def _scope_options(function: F) -> F:
    """The options that say where."""
    for option in (
        click.option("--everywhere", is_flag=True, help="At every store, also those to come."),
        click.option("--area", help="At the stores of this area."),
        click.option("--store", help="At this store."),
    ):
        function = option(function)
    return function


def _scope(store: str | None, area: str | None, *, everywhere: bool) -> tuple[ScopeKind, str]:
    if sum((store is not None, area is not None, everywhere)) != 1:
        msg = "expected one of --store, --area and --everywhere"
        raise WrongUsage(msg, "須有 --store、--area 或 --everywhere 其中之一")
    if store is not None:
        return ScopeKind.STORE, store
    return (ScopeKind.ALL, "") if area is None else (ScopeKind.AREA, area)


@user_group.command("assign", help="Let the role of a person or machine client apply somewhere.")
@click.argument("who")
@_scope_options
@as_option
@command
def assign(
    run: Run, who: str, store: str | None, area: str | None, *, everywhere: bool, principal_id: str | None
) -> None:
    """Assigns a principal."""
    kind, target = _scope(store, area, everywhere=everywhere)
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(house.policies.assign(principal, who, kind, target, event_id=run.new_id()))
    _answer_assignment(run, who, kind, target, committed.receipt.index, active=True)


@user_group.command("unassign", help="Take an assignment back.")
@click.argument("who")
@_scope_options
@as_option
@command
def unassign(
    run: Run, who: str, store: str | None, area: str | None, *, everywhere: bool, principal_id: str | None
) -> None:
    """Takes an assignment back."""
    kind, target = _scope(store, area, everywhere=everywhere)
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(
            house.policies.unassign(principal, who, kind, target, event_id=run.new_id())
        )
    _answer_assignment(run, who, kind, target, committed.receipt.index, active=False)


@user_group.command("close", help="End an account: it signs in no more, its keys open nothing.")
@click.argument("who")
@as_option
@command
def close(run: Run, who: str, principal_id: str | None) -> None:
    """Closes an account."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(house.policies.close_principal(principal, who, event_id=run.new_id()))
    run.out.answer({"closed": who, "entry": committed.receipt.index}, f"{who} closed: entry {committed.receipt.index}")


@user_group.command("reopen", help="Let a closed account sign in again.")
@click.argument("who")
@as_option
@command
def reopen(run: Run, who: str, principal_id: str | None) -> None:
    """Reopens an account."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(house.policies.reopen_principal(principal, who, event_id=run.new_id()))
    run.out.answer(
        {"reopened": who, "entry": committed.receipt.index}, f"{who} reopened: entry {committed.receipt.index}"
    )


@user_group.command("erase", help="Erase a person: destroys the key of everything kept of them in clear.")
@click.argument("who")
@click.option(
    "--ground",
    type=click.Choice([ground.value for ground in ErasureGround]),
    default=ErasureGround.REQUESTED.value,
    show_default=True,
    help="Why (PDPO DPP2(2), s.26).",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@command
def erase(run: Run, who: str, ground: str, *, yes: bool, principal_id: str | None) -> None:
    """Erases a person."""
    if not yes and not click.confirm(f"Erase everything kept of {who} in clear? It cannot be undone", err=True):
        msg = "not erased: expected yes, got no"
        raise Refused(msg, "沒有刪除：未獲確認")
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        change = house.policies.erase_person(principal, who, ground=ErasureGround(ground), event_id=run.new_id())
        committed = house.storage.log.commit(change)
        # The commit destroys the key; this makes sure of it before anybody is told.
        house.policies.complete_erasures()
    run.out.answer(
        {"erased": who, "entry": committed.receipt.index},
        f"erased: entry {committed.receipt.index}, which does not name the person; every proof still holds. "
        "Backups of the key store made before still hold the wrapped key: let them expire.",
    )


def _records(house: House, kind: PrincipalKind) -> list[PrincipalRecord]:
    directory = house.policies.directory()
    return sorted((record for record in directory.records.values() if record.kind is kind), key=lambda r: r.id)


def _recorded_names(
    run: Run, house: House, records: list[PrincipalRecord], principal_id: str | None
) -> dict[str, str | None]:
    principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
    decision = house.policies.require(principal, Action.PERSONAL_READ, Resource("person"))
    # Names are personal data: that they are read is an entry before they are shown.
    house.storage.log.commit(
        house.policies.record_read(
            decision, event_id=run.new_id(), detail={"people": len(records)}, use=Use(UsePurpose.OPERATIONS)
        )
    )
    return house.policies.display_names(record.id for record in records)


def _listed(house: House, record: PrincipalRecord) -> _Listed:
    directory = house.policies.directory()
    assigned = tuple(
        "everywhere" if assignment.kind is ScopeKind.ALL else f"{assignment.kind.value}:{assignment.target}"
        for assignment in directory.assignments.get(record.id, ())
    )
    return _Listed(record.id, record.role.value, directory.state_of(record).value, assigned)


def _answer_record(run: Run, record: PrincipalRecord | None, index: int) -> None:
    if record is None:  # a fresh event id is never a replay
        msg = "expected a new principal, got a replay"
        raise Refused(msg, "須為新的人士或用戶端，但這是重複的請求")
    document = {"id": record.id, "role": record.role.value, "entry": index}
    run.out.answer(document, f"{record.id} ({record.role.value}): entry {index}")


def _answer_assignment(run: Run, who: str, kind: ScopeKind, target: str, index: int, *, active: bool) -> None:
    where = "everywhere" if kind is ScopeKind.ALL else f"{kind.value} {target}"
    document = {"id": who, "scope": kind.value, "target": target, "active": active, "entry": index}
    run.out.answer(document, f"{who} {'assigned to' if active else 'no longer assigned to'} {where}: entry {index}")
