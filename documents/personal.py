"""What becomes of a version in which personal data was found: pure decisions, and how they are written.

- A payment card number is never kept: the version is withdrawn and destroyed, whatever its class.
- A kind that the class does not declare puts the version into quarantine, as the open task of an officer (PDPO DPP1(1)).
- What the class may hold is accepted, and noted with its kinds.

An entry names kinds and a reason, never what was found or where. Identity card numbers are kept as keyed digests beside the finding, so
that a request for access finds them (PDPO s.18), where the search index has only masks. They go when the version goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from documents import store as rows
from documents.classes import CARD, HKID
from documents.model import (
    INDEX_KIND,
    QUARANTINED,
    WITHDRAW_KIND,
    WITHDRAWN,
    FindingState,
    PersonalFinding,
    Step,
)
from documents.requests import LEVEL_MAX
from documents.row_values import finding_of, finding_row
from documents.rules import advance
from documents.writing import about

if TYPE_CHECKING:
    from collections.abc import Collection

    from audit.canonical import JSON
    from audit.entry import Entry
    from documents.model import DocumentClass, Version
    from documents.writing import Asked
    from storage import Transaction
    from workflow.service import Queue

NOT_IN_CLASS: Final = "PII_NOT_IN_CLASS"
CARD_NUMBER: Final = "CARD_NUMBER"

READING: Final = "reading"
READ_FIELDS: Final = "fields"

_STATES: Final = {
    None: FindingState.ACCEPTED,
    Step.QUARANTINE: FindingState.OPEN,
    Step.WITHDRAW: FindingState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, what of it the class may not hold, and what follows; `step` None: it stays as it is."""

    kinds: tuple[str, ...]
    outside: tuple[str, ...]
    step: Step | None
    reason: str


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What was found in a version: kinds, and keyed digests of identity card numbers, in hex."""

    kinds: tuple[str, ...]
    identities: tuple[str, ...]


NOTHING_FOUND: Final = PersonalData((), ())
IDENTITIES_MAX: Final = 1_000
"""Digests kept of one version; a paper with more is a register, which is in quarantine or declared as one."""


def judge(kinds: Collection[str], document_class: DocumentClass) -> Verdict:
    """What follows from these kinds of personal data in a version of this class."""
    found = tuple(sorted(set(kinds)))
    outside = tuple(kind for kind in found if kind == CARD or kind not in document_class.personal_kinds)
    if CARD in found:
        return Verdict(found, outside, Step.WITHDRAW, CARD_NUMBER)
    if outside:
        return Verdict(found, outside, Step.QUARANTINE, NOT_IN_CLASS)
    return Verdict(found, outside, None, "")


def shows_in_clear(what: str, document_class: DocumentClass, finding: PersonalFinding | None) -> bool:
    """Whether opening this would show an identity card number, or something confidential, to whoever opens it.

    Readings and fields are masked on their way out; a picture of a page cannot be.
    """
    if document_class.level == LEVEL_MAX:
        return True
    return what not in {READING, READ_FIELDS} and finding is not None and HKID in finding.kinds


def record_verdict(
    tx: Transaction,
    queue: Queue,
    asked: Asked,
    entry: Entry,
    version: Version,
    verdict: Verdict,
    identities: tuple[str, ...],
) -> tuple[Entry, Version]:
    """Writes what was found in a version that was just read; returns the version, and the entry it stands under."""
    step = verdict.step
    if step is not None:
        version = replace(version, stage=advance(version.stage, step))
        data: dict[str, JSON] = {
            "document": version.document,
            "version": version.version,
            "stage": version.stage.value,
            "reason": verdict.reason,
            "kinds": [*verdict.outside],
            # Whoever brought it hears of it: a notice rule may be for them alone.
            "told": version.added_by,
        }
        kind = QUARANTINED if step is Step.QUARANTINE else WITHDRAWN
        own = derived_event_id(asked.event_id, 1)
        entry = tx.append(asked.event(kind, (about(version.document),), data, None, event_id=own))
        if step is Step.WITHDRAW:
            payload: dict[str, JSON] = {"document": version.document, "version": version.version}
            queue.enqueue(tx, entry, WITHDRAW_KIND, payload)
            queue.enqueue(tx, entry, INDEX_KIND, {"document": version.document})
    if verdict.kinds:
        found = PersonalFinding(
            document=version.document,
            version=version.version,
            kinds=verdict.kinds,
            outside=verdict.outside,
            state=_STATES[step],
            owner=version.added_by,
            found_at=tx.now,
            identities=identities,
        )
        tx.put(entry, rows.FINDINGS, (version.document, version.version), finding_row(found))
    return entry, version


def settle_finding(tx: Transaction, entry: Entry, document: str, version: int, step: Step) -> None:
    """Closes the officer's task, if there is one, by what a person decided."""
    state = {Step.CLEAR: FindingState.CLEARED, Step.WITHDRAW: FindingState.WITHDRAWN}.get(step)
    row = tx.get(rows.FINDINGS, (document, version))
    if state is None or row is None:
        return
    found = finding_of(document, version, row)
    if found.state is FindingState.OPEN or step is Step.WITHDRAW:
        tx.put(entry, rows.FINDINGS, (document, version), finding_row(replace(found, state=state)))


def forget_identities(tx: Transaction, entry: Entry, document: str, version: int) -> None:
    """Takes the digests of identity numbers off a version that is destroyed: nobody can ask any more whether one was in it."""
    row = tx.get(rows.FINDINGS, (document, version))
    if row is not None:
        found = finding_of(document, version, row)
        if found.identities:
            tx.put(entry, rows.FINDINGS, (document, version), finding_row(replace(found, identities=())))
