"""Changes of people and machine clients: accounts, roles, and where they apply.

- A person's name is a personal field of the entry that set it: a digest in the log, the clear value beside it under the
  person's own key. Nothing else of a person is kept.
- An account is closed and reopened, never deleted: entries name its pseudonym.
- Nobody changes the rights of their own account.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from audit.event import Subject
from policies import store as rows
from policies.codes import Code
from policies.erasing import refuse_own
from policies.errors import InvalidValue, PolicyConflict, UnknownThing
from policies.event_types import (
    ASSIGNMENT_ADDED,
    ASSIGNMENT_REMOVED,
    CLIENT_CLOSED,
    CLIENT_CREATED,
    CLIENT_REOPENED,
    PERSON_CHANGED,
    PERSON_CLOSED,
    PERSON_CREATED,
    PERSON_RENAMED,
    PERSON_REOPENED,
)
from policies.keys import new_principal_id
from policies.model import (
    Action,
    Assignment,
    Principal,
    PrincipalKind,
    PrincipalRecord,
    PrincipalState,
    Resource,
    Role,
    ScopeKind,
)
from policies.rules import ASSIGNABLE, PERSON_ROLES
from policies.writing import Asked, Draft, Writing, require_label, require_name, require_statement

if TYPE_CHECKING:
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.transaction import Change, Transaction

_STATES = {
    (PrincipalKind.PERSON, PrincipalState.CLOSED): PERSON_CLOSED,
    (PrincipalKind.PERSON, PrincipalState.ACTIVE): PERSON_REOPENED,
    (PrincipalKind.API_CLIENT, PrincipalState.CLOSED): CLIENT_CLOSED,
    (PrincipalKind.API_CLIENT, PrincipalState.ACTIVE): CLIENT_REOPENED,
}


class PeopleWrites(Writing):
    """People, machine clients, assignments."""

    # ------------------------------------------------------------------------------------- accounts

    def create_person(
        self, principal: Principal, *, role: Role, display_name: str, statement: str | None = None, event_id: UUID
    ) -> Change[PrincipalRecord]:
        """A new person, under a fresh pseudonym; they reach nothing until assigned, unless the role reaches all.

        `statement` is the collection statement they were given, with its version (`STAFF/3`); who sends a person's data from elsewhere
        is asked for it (`require_statement`), the operator at the machine may leave it out.

        Raises:
            InvalidValue, Denied. The change: Denied.
        """
        if Role(role) not in PERSON_ROLES:
            raise InvalidValue(Code.ROLE_UNFIT, "role")
        require_name(display_name, "display_name")
        said: dict[str, JSON] = {} if statement is None else {"statement": require_statement(statement, "pics_id")}
        person_id = new_principal_id(self._entropy)
        asked = _asked(principal, Resource("person"), event_id, {"create": "person", "role": role.value, **said})
        self.require(principal, asked.action, asked.resource)
        personal = self._log.personal(person_id, "display_name", display_name)

        def draft(tx: Transaction) -> Draft:
            _refuse_taken(tx, person_id)
            data: dict[str, JSON] = {"principal": person_id, "role": role.value, **said}
            return Draft(PERSON_CREATED, (Subject("person", person_id),), data, (personal,))

        def apply(tx: Transaction, entry: Entry) -> PrincipalRecord:
            active = PrincipalState.ACTIVE
            return _put(tx, entry, PrincipalRecord(person_id, PrincipalKind.PERSON, role, "", active, entry.index))

        return self._change(asked, draft, apply)

    def create_api_client(self, principal: Principal, *, label: str, event_id: UUID) -> Change[PrincipalRecord]:
        """A new machine client (a till, a scanner, an ERP), under a fresh pseudonym. `label` is no person's name.

        Raises:
            InvalidValue, Denied. The change: Denied.
        """
        require_label(label, "label")
        client_id = new_principal_id(self._entropy)

        def draft(tx: Transaction) -> Draft:
            _refuse_taken(tx, client_id)
            data: dict[str, JSON] = {"label": label, "principal": client_id, "role": Role.API_CLIENT.value}
            return Draft(CLIENT_CREATED, (Subject("api_client", client_id),), data)

        def apply(tx: Transaction, entry: Entry) -> PrincipalRecord:
            kind, active = PrincipalKind.API_CLIENT, PrincipalState.ACTIVE
            return _put(tx, entry, PrincipalRecord(client_id, kind, Role.API_CLIENT, label, active, None))

        content: dict[str, JSON] = {"create": "api_client", "label": label}
        return self._change(_asked(principal, Resource("api_client"), event_id, content), draft, apply)

    def change_role(
        self, principal: Principal, person_id: str, role: Role, *, event_id: UUID
    ) -> Change[PrincipalRecord]:
        """Gives a person another role.

        Raises:
            InvalidValue, Denied, PolicyConflict (own account). The change: UnknownThing, PolicyConflict if it is their
                role already or their assignments do not fit it, Denied.
        """
        refuse_own(principal, person_id)
        if Role(role) not in PERSON_ROLES:
            raise InvalidValue(Code.ROLE_UNFIT, "role")

        def draft(tx: Transaction) -> Draft:
            before = _require_person(tx, person_id)
            if before.role is role:
                raise PolicyConflict(Code.ALREADY_SO, "role")
            assigned = self.directory_in(tx).assignments.get(person_id, ())
            if any(assignment.kind not in ASSIGNABLE[role] for assignment in assigned):
                raise PolicyConflict(Code.ASSIGNMENTS_UNFIT, "role")
            data: dict[str, JSON] = {
                "after": {"role": role.value},
                "before": {"role": before.role.value},
                "principal": person_id,
            }
            return Draft(PERSON_CHANGED, (Subject("person", person_id),), data)

        def apply(tx: Transaction, entry: Entry) -> PrincipalRecord:
            return _put(tx, entry, replace(_require_person(tx, person_id), role=role))

        content: dict[str, JSON] = {"principal": person_id, "role": role.value}
        return self._change(_asked(principal, Resource("person", person_id), event_id, content), draft, apply)

    def rename_person(
        self, principal: Principal, person_id: str, *, display_name: str, event_id: UUID
    ) -> Change[PrincipalRecord]:
        """Sets a person's name anew; the old one stays readable beside the entry that set it.

        Raises:
            InvalidValue, UnknownThing, Denied. The change: UnknownThing if there is no such person or they are erased, Denied.
        """
        require_name(display_name, "display_name")
        asked = _asked(principal, Resource("person", person_id), event_id, {"principal": person_id, "rename": True})
        self.require(principal, asked.action, asked.resource)
        if person_id not in self.fresh_directory().records:
            raise UnknownThing(Code.PERSON_UNKNOWN, "principal")
        personal = self._log.personal(person_id, "display_name", display_name)

        def draft(tx: Transaction) -> Draft:
            _require_person(tx, person_id)
            return Draft(PERSON_RENAMED, (Subject("person", person_id),), {"principal": person_id}, (personal,))

        def apply(tx: Transaction, entry: Entry) -> PrincipalRecord:
            return _put(tx, entry, replace(_require_person(tx, person_id), name_entry=entry.index))

        return self._change(asked, draft, apply)

    def close_principal(self, principal: Principal, principal_id: str, *, event_id: UUID) -> Change[PrincipalRecord]:
        """Ends an account: it signs in no more, and its keys open nothing.

        Raises:
            Denied, PolicyConflict (own account). The change: UnknownThing, PolicyConflict if it is closed, Denied.
        """
        return self._set_state(principal, principal_id, PrincipalState.CLOSED, event_id)

    def reopen_principal(self, principal: Principal, principal_id: str, *, event_id: UUID) -> Change[PrincipalRecord]:
        """Lets a closed account sign in again, with the assignments and unrevoked keys it had.

        Raises:
            Denied, PolicyConflict (own account). The change: UnknownThing (an erased account is none), PolicyConflict
                if it is open, Denied.
        """
        return self._set_state(principal, principal_id, PrincipalState.ACTIVE, event_id)

    def _set_state(
        self, principal: Principal, principal_id: str, state: PrincipalState, event_id: UUID
    ) -> Change[PrincipalRecord]:
        refuse_own(principal, principal_id)

        def draft(tx: Transaction) -> Draft:
            record = _require_principal(tx, principal_id)
            if record.state is state:
                raise PolicyConflict(Code.ALREADY_SO, "principal")
            subject = Subject(record.kind.value, principal_id)
            return Draft(_STATES[record.kind, state], (subject,), {"principal": principal_id})

        def apply(tx: Transaction, entry: Entry) -> PrincipalRecord:
            return _put(tx, entry, replace(_require_principal(tx, principal_id), state=state))

        content: dict[str, JSON] = {"principal": principal_id, "state": state.value}
        return self._change(_asked(principal, Resource("principal", principal_id), event_id, content), draft, apply)

    # ---------------------------------------------------------------------------------- assignments

    def assign(
        self, principal: Principal, principal_id: str, kind: ScopeKind, target: str = "", *, event_id: UUID
    ) -> Change[Assignment]:
        """Lets a principal's role apply at a store, in an area, or everywhere (`target` is empty then).

        Raises:
            Denied, PolicyConflict (own account). The change: UnknownThing, InvalidValue if the role cannot be assigned
                so, PolicyConflict if it is already, Denied.
        """
        return self._set_assignment(principal, Assignment(principal_id, ScopeKind(kind), target), event_id, active=1)

    def unassign(
        self, principal: Principal, principal_id: str, kind: ScopeKind, target: str = "", *, event_id: UUID
    ) -> Change[Assignment]:
        """Takes an assignment back, at once and for the past too: what the store's history shows goes with it.

        Raises:
            Denied, PolicyConflict (own account). The change: UnknownThing, PolicyConflict if there is none, Denied.
        """
        return self._set_assignment(principal, Assignment(principal_id, ScopeKind(kind), target), event_id, active=0)

    def _set_assignment(
        self, principal: Principal, assignment: Assignment, event_id: UUID, *, active: int
    ) -> Change[Assignment]:
        refuse_own(principal, assignment.principal)
        kind, target = assignment.kind, assignment.target
        data: dict[str, JSON] = {"principal": assignment.principal, "scope": kind.value}
        if kind is not ScopeKind.ALL:
            data[kind.value] = target
        key = (assignment.principal, kind.value, target)

        def draft(tx: Transaction) -> Draft:
            record = _require_principal(tx, assignment.principal)
            _require_target(tx, kind, target)
            subjects = [Subject(record.kind.value, assignment.principal)]
            if kind is not ScopeKind.ALL:
                subjects.append(Subject(kind.value, target))
            if active and kind not in ASSIGNABLE[record.role]:
                values = {"role": record.role.value, "kind": kind.value}
                raise InvalidValue(Code.TARGET_UNFIT, "kind", values)
            if (tx.get(rows.ASSIGNMENT_ROWS, key) or (0,))[0] == active:
                raise PolicyConflict(Code.ALREADY_ASSIGNED if active else Code.NOT_ASSIGNED, "target")
            return Draft(ASSIGNMENT_ADDED if active else ASSIGNMENT_REMOVED, tuple(subjects), data)

        def apply(tx: Transaction, entry: Entry) -> Assignment:
            tx.put(entry, rows.ASSIGNMENT_ROWS, key, (active,))
            return assignment

        content: dict[str, JSON] = {**data, "active": active}
        resource = Resource("principal", assignment.principal)
        return self._change(_asked(principal, resource, event_id, content), draft, apply)


def _asked(principal: Principal, resource: Resource, event_id: UUID, content: dict[str, JSON]) -> Asked:
    return Asked(principal, Action.PEOPLE_WRITE, resource, event_id, content)


def _require_principal(tx: Transaction, principal_id: str) -> PrincipalRecord:
    """A registered principal who is not erased."""
    values = tx.get(rows.PRINCIPAL_ROWS, (principal_id,))
    if values is None or tx.get(rows.ERASURE_ROWS, (principal_id,)) is not None:
        raise UnknownThing(Code.PERSON_UNKNOWN, "principal")
    return rows.principal_of(principal_id, values)


def _require_person(tx: Transaction, principal_id: str) -> PrincipalRecord:
    record = _require_principal(tx, principal_id)
    if record.kind is not PrincipalKind.PERSON:
        raise UnknownThing(Code.PERSON_UNKNOWN, "principal")
    return record


def _require_target(tx: Transaction, kind: ScopeKind, target: str) -> None:
    if kind is ScopeKind.STORE and tx.get(rows.STORE_ROWS, (target,)) is None:
        raise UnknownThing(Code.STORE_UNKNOWN, "target")
    if kind is ScopeKind.AREA and tx.get(rows.AREA_ROWS, (target,)) is None:
        raise UnknownThing(Code.AREA_UNKNOWN, "target")
    if kind is ScopeKind.ALL and target:
        raise InvalidValue(Code.TARGET_NOT_EMPTY, "target")


def _refuse_taken(tx: Transaction, principal_id: str) -> None:
    if tx.get(rows.PRINCIPAL_ROWS, (principal_id,)) is not None:
        raise PolicyConflict(Code.ID_TAKEN)


def _put(tx: Transaction, entry: Entry, record: PrincipalRecord) -> PrincipalRecord:
    tx.put(entry, rows.PRINCIPAL_ROWS, (record.id,), rows.principal_values(record))
    return record
