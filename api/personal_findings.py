"""Findings of personal data: the tasks of an officer, and what became of one's own uploads."""

from dataclasses import dataclass
from typing import Any, Final

from api.calls import Call
from api.document_shapes import finding_json
from api.members import Choice, Flag
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer
from api.schemas import page, ref
from documents.findings.store import read_findings
from documents.model import FindingState, PersonalFinding
from policies.model import Action, Resource


@dataclass(frozen=True, slots=True)
class FindingsParameters:
    """A page of findings."""

    state: FindingState | None = None
    mine: bool = False
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_findings(call: Call[FindingsParameters, None]) -> Answer:
    """Return a page of findings of personal data."""
    asked = call.parameters
    action = Action.DOCUMENT_READ if asked.mine else Action.FINDING_READ
    call.require_reading(action, Resource("document" if asked.mine else "finding"))
    owner = call.principal.person if asked.mine else None
    of = ("personal_findings", asked.state, owner)
    with call.services.storage.database.read() as connection:
        found = read_findings(
            connection, state=asked.state, owner=owner, after=_place(of, asked.cursor), limit=asked.limit
        )
    return page_answer(of, call.only(found, action, lambda one: _resource(one, mine=asked.mine)), finding_json)


def _place(of: tuple[object, ...], cursor: str | None) -> tuple[str, ...] | None:
    place = place_of(of, cursor, 3)
    return place if place is None or (place[0].isdecimal() and place[2].isdecimal()) else ("0", "", "0")


def _resource(found: PersonalFinding, *, mine: bool) -> Resource:
    return Resource("document") if mine else Resource("finding", found.document)


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/personal-findings",
        name="list_personal_findings",
        tag=Tag.DOCUMENTS,
        summary="Personal data found in documents",
        description=(
            "Kinds alone, never the data. `open` ones wait for an officer, who clears or withdraws the version; "
            "`mine` are those in what the caller uploaded: `withdrawn` means that it was destroyed."
        ),
        run=list_findings,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            FindingsParameters,
            {
                "state": Choice(FindingState, "How it stands."),
                "mine": Flag("Only what the caller uploaded; needs no officer's right."),
                **PAGING,
            },
        ),
        answers=(Documented(200, "A page, the oldest first.", page(ref("PersonalFinding"))),),
    ),
)
