"""What every change of this room has in common.

As in the document room: a repeated event is recognised before anything is judged, the decision is confirmed under the lock, and
nothing is written until nothing can be refused any more. What could be personal is sealed under the key of the person it is about,
or of the case, and stands in the entry as a salted digest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from audit.entry import parse_members
from audit.event import Subject
from cases import store as rows
from cases.errors import Code, UnknownCase
from cases.incidents.model import SUBJECT_CESSATION
from cases.model import SUBJECT_CASE
from cases.row_values import case_of
from documents.writing import Asked, SealedField
from documents.writing import Writing as DocumentWriting
from policies.model import Action, Resource
from retention.records import Record, RecordKind
from retention.writing import Cause
from storage import Change
from storage.personal import Erased, reveal_personal
from storage.reading import read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Decided
    from cases.model import Case, Item
    from documents.service import Documents
    from documents.store import Snapshot
    from documents.writing import Means
    from policies.model import Decision, Principal
    from retention.model import HoldKind
    from retention.service import Retention
    from storage import Transaction
    from storage.keystore import KeyStore
    from storage.personal import PersonalField

_MATTERS: Final = {SUBJECT_CASE: "DAR", SUBJECT_CESSATION: "CN"}

__all__ = ["Asked", "Finder", "Writing", "about", "case_at"]


class Finder(Protocol):
    """Finds documents by what stands in them: `app` fills it with the search index."""

    def naming(self, terms: Sequence[str]) -> Sequence[str]:
        """Ids of all indexed documents that hold one of the terms, whoever may see them.

        Raises:
            IndexUnavailable: the index is away or not whole, so the answer would not be.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stands:
    """How a case stood when a change was prepared: what it writes rests on this."""

    case: Case
    items: tuple[Item, ...]


class Writing(DocumentWriting):
    """The room's means, and the steps its changes share."""

    def __init__(
        self, means: Means, documents: Documents, retention: Retention, keys: KeyStore, finder: Finder
    ) -> None:
        super().__init__(means)
        self._documents: Final = documents
        self._retention: Final = retention
        self._keys: Final = keys
        self._finder: Final = finder

    def _change_of(self, asked: Asked, run: Callable[[Transaction], Any]) -> Change[Any]:
        return Change(run, reads=self._policies.reads, event_ids=((asked.actor.id, asked.event_id),))

    def _ask_case(
        self, principal: Principal, case: str, event_id: UUID, content: Mapping[str, JSON], *, decide: bool = False
    ) -> tuple[Stands, Asked]:
        """A decision about a case, and how it stands.

        Raises:
            UnknownCase, Denied.
        """
        action = Action.CASE_DECIDE if decide else Action.CASE_WRITE
        asked = self._ask(principal, action, case_at(case), event_id=event_id, content={"case": case, **content})
        with self._database.read() as connection:
            found = rows.read_case(connection, case)
            items = tuple(rows.read_items(connection, case))
        if found is None:
            raise UnknownCase(Code.CASE_UNKNOWN, ("case",))
        return Stands(found, items), asked

    def _personal(self, person: str, values: Mapping[str, str | None]) -> tuple[PersonalField, ...]:
        """Those values that are there, sealed under a person's or a case's key."""
        return tuple(self._log.personal(person, name, value) for name, value in values.items() if value)

    def _keep(
        self,
        tx: Transaction,
        asked: Asked,
        decided: Decided | None,
        owner: Subject,
        kind: HoldKind,
        documents: Sequence[str],
    ) -> None:
        """Holds documents for a case or a notice, so that disposal and the store's locks see it; before that one's own entry.

        Raises:
            RetentionConflict: a person placed a matter of that number.
        """
        records = [Record(RecordKind.DOCUMENT, document) for document in documents]
        self._retention.keep_in(tx, _cause(asked, decided, owner), matter_of(owner), kind, records)

    def _let_go(self, tx: Transaction, asked: Asked, decided: Decided | None, owner: Subject) -> None:
        """Ends that hold, before the entry that ends its cause."""
        self._retention.end_in(tx, _cause(asked, decided, owner), matter_of(owner))

    def _clear(self, connection: Snapshot, index: int) -> dict[str, str | None]:
        """The clear values beside an entry; None: erased. The caller has decided."""
        digests = parse_members(read_entry(connection, index).bytes).get("personal", {})
        found = reveal_personal(connection, self._keys, index, digests)
        return {name: None if isinstance(value, Erased) else value for name, value in found.items()}

    def _require_reading(self, principal: Principal, action: Action = Action.CASE_READ, case: str = "") -> Decision:
        return self._policies.require(principal, action, case_at(case))


def case_at(case: str = "") -> Resource:
    """A case as policies see it: of the whole organisation."""
    return Resource("case", case, whole_log=True)


def about(case: str) -> Subject:
    """A case as the subject of an entry."""
    return Subject(SUBJECT_CASE, case)


def decision_of(asked: Asked) -> Decision:
    """On what a request of a person rests."""
    if asked.decision is None:
        msg = "decision: expected that of a person, got the system's own step"
        raise ValueError(msg)
    return asked.decision


def matter_of(owner: Subject) -> str:
    """The number of the matter for which a case or a notice holds documents."""
    return f"{_MATTERS[owner.kind]}-{owner.id}"


def _cause(asked: Asked, decided: Decided | None, owner: Subject) -> Cause:
    return Cause(asked.actor, decided, asked.event_id, asked.digest, owner)


def case_in(tx: Transaction, case: str) -> Case:
    """A case as the transaction sees it.

    Raises:
        UnknownCase: there is none.
    """
    row = tx.get(rows.CASES, (case,))
    if row is None:
        raise UnknownCase(Code.CASE_UNKNOWN, ("case",))
    return case_of(case, row)


def is_as_it_stood(stands: Stands, case: Case, items: Sequence[Item]) -> bool:
    """Whether nothing moved since a change was prepared."""
    return replace(stands.case, entry_index=-1) == case and list(stands.items) == list(items)


def append(
    tx: Transaction,
    asked: Asked,
    kind: str,
    subjects: tuple[Subject, ...],
    data: Mapping[str, JSON],
    decided: Decided | None,
    personal: Sequence[PersonalField] = (),
) -> Entry:
    """Appends an entry with its personal values beside it."""
    digests = [SealedField(field.field, field.digest, b"") for field in personal]
    return tx.append(asked.event(kind, subjects, data, decided, personal=digests), personal)
