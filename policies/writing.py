"""How every change of this room is made: decide, confirm under the lock, append, write, move the version.

- A change that succeeded once is a replay when it comes again, whatever else has happened since. So the log is asked
  for the event before the change looks at anything that its own first time has altered (a code in use, a key revoked).
- The request's digest covers what the caller asked for, without personal fields and without what was drawn at random.
- A member that is wrong whatever the state of things is refused before there is a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from audit.event import Event, Subject
from policies import store
from policies.codes import Code
from policies.deciding import Deciding
from policies.errors import InvalidValue
from policies.model import Action, Principal, Resource
from policies.personal_data import detect, holds_hkid_number, is_personal_code, may_be_personal_code
from policies.rules import CODE_CHARS_MAX, NAME_CHARS_MAX, is_code, is_name, is_statement
from storage.transaction import Change

if TYPE_CHECKING:
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.personal import PersonalField
    from storage.rows import KeyedRows
    from storage.transaction import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry is going to say."""

    type: str
    subjects: tuple[Subject, ...]
    data: Mapping[str, JSON]
    personal: tuple[PersonalField, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what: the decision's three, the idempotency key, and what makes the request this one."""

    principal: Principal
    action: Action
    resource: Resource
    event_id: UUID
    content: Mapping[str, JSON]
    reads: tuple[tuple[KeyedRows, tuple[str, ...]], ...] = field(default=())


class Writing(Deciding):
    """What the rooms' changes have in common."""

    def _change(
        self,
        asked: Asked,
        draft: Callable[[Transaction], Draft],
        apply: Callable[[Transaction, Entry], T],
    ) -> Change[T]:
        """A change that appends one entry, writes its rows and moves the policy version.

        `draft` checks that it can be done and says what the entry says; `apply` only writes. Both run under the log's
        lock and may run twice.

        Raises:
            Denied: at once, as far as this process knows; the change itself may raise it again.
        """
        decision = self.require(asked.principal, asked.action, asked.resource)
        request = self._log.request_digest({"action": asked.action.value, **asked.content})

        def run(tx: Transaction) -> T:
            current = self._confirm(tx, decision)
            tx.refuse_known(current.principal.id, asked.event_id, request)
            drafted = draft(tx)
            event = Event(
                type=drafted.type,
                subjects=drafted.subjects,
                data=drafted.data,
                actor=current.principal.actor,
                event_id=asked.event_id,
                personal={personal.field: personal.digest for personal in drafted.personal},
                request=request,
                decision=self.confirm(tx, current),
            )
            entry = tx.append(event, drafted.personal)
            result = apply(tx, entry)
            self._move(tx, entry)
            return result

        return Change(
            run,
            reads=(*self.reads, *asked.reads),
            event_ids=((decision.principal.id, asked.event_id),),
        )

    def _move(self, tx: Transaction, entry: Entry) -> None:
        """Moves the policy version: what was decided before this entry is decided again."""
        tx.put(entry, store.HEAD_ROWS, store.HEAD_KEY, (entry.index, entry.leaf_hash))
        self._moving = True


def require_code(code: str, member: str) -> str:
    """The code of an area or store. Whoever chooses one may choose another, so what may be an identity card number is none.

    Raises:
        InvalidValue: it is none, or personal data.
    """
    if not is_code(code):
        raise InvalidValue(Code.CODE_FORM, member, {"most": CODE_CHARS_MAX})
    if may_be_personal_code(code):
        raise InvalidValue(Code.CODE_PERSONAL, member)
    return code


def require_label(label: str, member: str) -> str:
    """The label of a machine, which entries hold in clear.

    Raises:
        InvalidValue: it is no name, or it holds personal data.
    """
    require_name(label, member)
    if is_personal_code(label) or detect(label):
        raise InvalidValue(Code.CODE_PERSONAL, member)
    return label


def require_name(name: str, member: str) -> str:
    """A name that can be shown.

    Raises:
        InvalidValue: it is none.
    """
    if not is_name(name):
        raise InvalidValue(Code.NAME_FORM, member, {"most": NAME_CHARS_MAX})
    if holds_hkid_number(name):
        raise InvalidValue(Code.NAME_FROM_HKID, member)
    return name


def require_statement(statement: str | None, member: str) -> str:
    """The collection statement that somebody was given before their data was collected (PDPO DPP1(3)).

    Raises:
        InvalidValue: none is named, or it names none.
    """
    if statement is None:
        raise InvalidValue(Code.PICS_MISSING, member)
    if not is_statement(statement):
        raise InvalidValue(Code.PICS_FORM, member)
    return statement


def require_range(number: int, least: int, most: int, member: str) -> int:
    """A number within bounds.

    Raises:
        InvalidValue: it is not.
    """
    if not least <= number <= most:
        raise InvalidValue(Code.NUMBER_OUT_OF_RANGE, member, {"least": least, "most": most})
    return number
