"""People and machine clients: accounts, roles, where they apply, names, erasure.

Lists show pseudonyms. A name is read on its own, and the log says who read it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.calls import Call
from api.jobs import PlainRequest
from api.paging import PageParameters, slice_answer
from api.replies import Answer, json_answer
from api.shapes import Json, change_answer, receipt_json
from api.using import stated_or
from policies.codes import Code
from policies.directory import Directory
from policies.errors import UnknownThing
from policies.model import (
    Action,
    Assignment,
    ErasureGround,
    PrincipalKind,
    PrincipalRecord,
    Resource,
    Role,
    ScopeKind,
)
from policies.using.purposes import UsePurpose
from policies.writing import require_statement


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A new person."""

    role: Role
    display_name: str
    pics_id: str | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewClient:
    """A new machine client."""

    label: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewRole:
    """Another role."""

    role: Role
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewName:
    """Another name."""

    display_name: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """Why somebody is erased."""

    ground: ErasureGround = ErasureGround.REQUESTED
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """Where a role is to apply; `target` is a code, absent for the whole organisation."""

    kind: ScopeKind
    target: str = ""
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PrincipalParameters:
    """Which principal."""

    principal: str


@dataclass(frozen=True, slots=True)
class NameParameters:
    """Whose name; the reading is an event of its own."""

    principal: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AssignmentParameters:
    """Which assignment."""

    principal: str
    kind: ScopeKind
    target: str = ""
    event_id: UUID | None = None


def _list(call: Call[PageParameters, None], kind: PrincipalKind) -> Answer:
    call.require_reading(Action.PEOPLE_READ, Resource(kind.value))
    directory = call.services.policies.directory()
    found = [record for _, record in sorted(directory.records.items()) if record.kind is kind]
    return slice_answer(
        (kind.value,),
        found,
        lambda record: record.id,
        lambda record: principal_json(record, directory),
        call.parameters,
    )


def list_people(call: Call[PageParameters, None]) -> Answer:
    """Return a page of people, by pseudonym."""
    return _list(call, PrincipalKind.PERSON)


def list_clients(call: Call[PageParameters, None]) -> Answer:
    """Return a page of machine clients."""
    return _list(call, PrincipalKind.API_CLIENT)


def get_principal(call: Call[PrincipalParameters, None]) -> Answer:
    """Return one person or machine client."""
    principal = call.parameters.principal
    call.require_reading(Action.PEOPLE_READ, Resource("principal", principal))
    directory = call.services.policies.directory()
    found = directory.records.get(principal)
    if found is None:
        raise UnknownThing(Code.PERSON_UNKNOWN)
    return json_answer(principal_json(found, directory))


def create_person(call: Call[None, NewPerson]) -> Answer:
    """Create a person's account under a fresh pseudonym."""
    change = call.services.policies.create_person(
        call.principal,
        role=call.body.role,
        display_name=call.body.display_name,
        statement=require_statement(call.body.pics_id, "pics_id"),
        event_id=call.body.event_id or call.new_event_id(),
    )
    return _changed(call, change, status=201)


def create_client(call: Call[None, NewClient]) -> Answer:
    """Create a machine client under a fresh pseudonym."""
    change = call.services.policies.create_api_client(
        call.principal, label=call.body.label, event_id=call.body.event_id or call.new_event_id()
    )
    return _changed(call, change, status=201)


def change_role(call: Call[PrincipalParameters, NewRole]) -> Answer:
    """Give a person another role."""
    change = call.services.policies.change_role(
        call.principal,
        call.parameters.principal,
        call.body.role,
        event_id=call.body.event_id or call.new_event_id(),
    )
    return _changed(call, change)


def get_name(call: Call[NameParameters, None]) -> Answer:
    """Return a person's name, once the log says who reads it; null if it was erased."""
    principal = call.parameters.principal
    services = call.services
    decision = call.require(Action.PERSONAL_READ, Resource("person", principal))
    if services.policies.fresh_directory().records.get(principal) is None:
        raise UnknownThing(Code.PERSON_UNKNOWN)
    event_id = call.parameters.event_id or call.new_event_id()
    use = stated_or(call, decision, UsePurpose.OPERATIONS)
    services.storage.log.commit(services.policies.record_read(decision, event_id=event_id, use=use))
    names = services.policies.display_names((principal,))
    return json_answer({"principal": principal, "display_name": names.get(principal)})


def rename(call: Call[PrincipalParameters, NewName]) -> Answer:
    """Set a person's name anew."""
    change = call.services.policies.rename_person(
        call.principal,
        call.parameters.principal,
        display_name=call.body.display_name,
        event_id=call.body.event_id or call.new_event_id(),
    )
    return _changed(call, change)


def erase(call: Call[PrincipalParameters, Erasure]) -> Answer:
    """Erase what is held of a person in clear, for ever."""
    policies = call.services.policies
    change = policies.erase_person(
        call.principal,
        call.parameters.principal,
        ground=call.body.ground,
        event_id=call.body.event_id or call.new_event_id(),
    )
    committed = call.services.storage.log.commit(change)
    # The key is gone already, unless the key store failed just then: whoever asked is told only when it is gone.
    policies.complete_erasures()
    return json_answer({"replayed": committed.replayed, "receipt": receipt_json(committed.receipt)})


def close_account(call: Call[PrincipalParameters, PlainRequest]) -> Answer:
    """End an account: it signs in no more, and its keys open nothing."""
    change = call.services.policies.close_principal(
        call.principal, call.parameters.principal, event_id=call.body.event_id or call.new_event_id()
    )
    return _changed(call, change)


def reopen_account(call: Call[PrincipalParameters, PlainRequest]) -> Answer:
    """Let a closed account sign in again."""
    change = call.services.policies.reopen_principal(
        call.principal, call.parameters.principal, event_id=call.body.event_id or call.new_event_id()
    )
    return _changed(call, change)


def assign(call: Call[PrincipalParameters, NewAssignment]) -> Answer:
    """Let a principal's role apply at a store, in an area, or everywhere."""
    change = call.services.policies.assign(
        call.principal,
        call.parameters.principal,
        call.body.kind,
        call.body.target,
        event_id=call.body.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), assignment_json)


def unassign(call: Call[AssignmentParameters, None]) -> Answer:
    """Take an assignment back."""
    asked = call.parameters
    change = call.services.policies.unassign(
        call.principal, asked.principal, asked.kind, asked.target, event_id=asked.event_id or call.new_event_id()
    )
    return change_answer(call.services.storage.log.commit(change), assignment_json, status=200)


def _changed(call: Call[Any, Any], change: Any, *, status: int = 200) -> Answer:
    committed = call.services.storage.log.commit(change)
    directory = call.services.policies.directory()
    return change_answer(committed, lambda record: principal_json(record, directory), status=status)


def principal_json(found: PrincipalRecord, directory: Directory) -> Json:
    """Return a person or machine client; a machine client's label is no personal data."""
    shape: Json = {
        "id": found.id,
        "kind": found.kind.value,
        "role": found.role.value,
        "state": directory.state_of(found).value,
        "erased": found.id in directory.erased,
        "assignments": [assignment_json(assignment) for assignment in directory.assignments.get(found.id, ())],
    }
    return {**shape, "label": found.label} if found.kind is PrincipalKind.API_CLIENT else shape


def assignment_json(assignment: Assignment) -> Json:
    """Return where a role applies."""
    shape: Json = {"principal": assignment.principal, "kind": assignment.kind.value}
    return {**shape, "target": assignment.target} if assignment.target else shape
