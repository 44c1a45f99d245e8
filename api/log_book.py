"""The log book of refusals (PDPO s.27), the grounds there are, and what an auditor would find."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from api.calls import Call
from api.case_shapes import FINDING, GROUNDS, REFUSAL, exemption_json, finding_json, ground_json, refusal_json
from api.cases import CASES
from api.entries import INDEX
from api.lot_shapes import csv_line
from api.members import Uuid
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.paging import PAGING, PageParameters, page_answer, place_of
from api.problem_codes import Code
from api.problems import Fault, Invalid
from api.replies import Answer, json_answer
from api.schemas import TEXT, listed, page, record
from api.using import stated_or
from cases.grounds import CORRECTION_GROUNDS, rule_of
from cases.grounds import GROUNDS as ACCESS_GROUNDS
from cases.model import Refusal
from cases.rules import hong_kong_day
from policies.model import Action
from policies.using.exemptions import EXEMPTIONS
from policies.using.purposes import UsePurpose

CSV_TYPE: Final = "text/csv"
CHUNK: Final = 1_000
COLUMNS: Final = (
    "index",
    "entered_at",
    "case",
    "kind",
    "ground",
    "section",
    "exemption",
    "items",
    "prejudice",
    "approved_by",
    "notices",
    "leaf_hash",
)


def list_grounds(call: Call[None, None]) -> Answer:
    """Return the closed lists of grounds and exemptions."""
    call.require_reading(Action.CASE_READ, CASES)
    return json_answer(
        {
            "access": [ground_json(code.value, rule) for code, rule in ACCESS_GROUNDS.items()],
            "correction": [ground_json(code.value, rule) for code, rule in CORRECTION_GROUNDS.items()],
            "exemptions": [exemption_json(code, found) for code, found in EXEMPTIONS.items()],
        }
    )


def list_findings(call: Call[None, None]) -> Answer:
    """Return what an auditor would find today."""
    call.require_reading(Action.CASE_READ, CASES)
    with call.services.storage.database.read() as connection:
        found = call.services.cases.findings(call.principal, connection, hong_kong_day(call.now))
    return json_answer({"items": [finding_json(one) for one in found]})


def list_log_book(call: Call[PageParameters, None]) -> Answer:
    """Return a page of the log book, the newest first."""
    call.require_reading(Action.CASE_READ, CASES)
    of = ("log_book",)
    place = place_of(of, call.parameters.cursor, 1)
    if place is not None and not place[0].isdecimal():
        raise Invalid([Fault.of(Code.CURSOR_INVALID)]).of_parameter("cursor")
    after = None if place is None else int(place[0])
    with call.services.storage.database.read() as connection:
        found = call.services.cases.log_book(call.principal, connection, after=after, limit=call.parameters.limit)
    return page_answer(of, found, refusal_json)


@dataclass(frozen=True, slots=True)
class ExportParameters:
    """An export of the log book."""

    event_id: UUID | None = None


def export_log_book(call: Call[ExportParameters, None]) -> Answer:
    """Return the whole log book as JSON, for the Commissioner."""
    lines = [refusal_json(line) for line in _exported(call, "json")]
    headers = (("Content-Disposition", 'attachment; filename="log-book.json"'),)
    return Answer(orjson.dumps({"items": lines}), headers=headers)


def export_log_book_csv(call: Call[ExportParameters, None]) -> Answer:
    """Return the whole log book as CSV, for the Commissioner."""
    lines = [csv_line(COLUMNS)]
    for line in _exported(call, "csv"):
        shape = refusal_json(line)
        shape |= {
            "section": rule_of(line.ground).section,
            "items": " ".join(map(str, line.items)),
            "notices": " ".join(str(index) for index, _ in line.notices),
        }
        lines.append(csv_line([shape.get(name, "") for name in COLUMNS]))
    headers = (("Content-Disposition", 'attachment; filename="log-book.csv"'),)
    return Answer(b"".join(lines), media_type=CSV_TYPE, headers=headers)


def _exported(call: Call[ExportParameters, None], form: str) -> Iterator[Refusal]:
    """Put the export into the log, as any sensitive read, and read every line."""
    services = call.services
    decision = call.require(Action.CASE_READ, CASES)
    event_id = call.parameters.event_id or call.new_event_id()
    detail = {"log_book": form}
    use = stated_or(call, decision, UsePurpose.REGULATOR_ENQUIRY)
    services.storage.log.commit(services.policies.record_read(decision, event_id=event_id, detail=detail, use=use))
    after: int | None = None
    with services.storage.database.read() as connection:
        while True:
            found = services.cases.log_book(call.principal, connection, after=after, limit=CHUNK)
            yield from found.items
            if found.next is None:
                return
            after = int(found.next[0])


@dataclass(frozen=True, slots=True)
class LineParameters:
    """A line of the log book."""

    index: int


def delete_line(call: Call[LineParameters, None]) -> Answer:
    """Refuse: a line of the log book is never deleted."""
    raise call.services.cases.refusal_to_delete(call.principal, call.parameters.index, call.now)


_EXPORT: Final = Parameters(ExportParameters, {"event_id": Uuid("Names this export for ever.")})
_NAMED: Final = {"Content-Disposition": "A name to keep it under."}

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/cases/grounds",
        name="list_case_grounds",
        tag=Tag.CASES,
        summary="Grounds and exemptions there are",
        description="Closed lists. `verified` false: the section was not read in a primary source.",
        run=list_grounds,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "With sections and words.", GROUNDS),),
    ),
    Operation(
        method="GET",
        path="/api/v1/cases/findings",
        name="list_case_findings",
        tag=Tag.CASES,
        summary="What an auditor would find today",
        description="Late requests, recipients not told, overdue directions. Gradings are proposed; auditors grade.",
        run=list_findings,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "Today.", record({"items": listed(FINDING)})),),
    ),
    Operation(
        method="GET",
        path="/api/v1/cases/log-book",
        name="list_log_book",
        tag=Tag.CASES,
        summary="The log book of refusals",
        description="A view on the log (PDPO s.27): each line is the entry of a reviewed refusal.",
        run=list_log_book,
        runs=Runs.IN_THREAD,
        parameters=Parameters(PageParameters, PAGING),
        answers=(Documented(200, "A page, the newest first.", page(REFUSAL)),),
    ),
    Operation(
        method="GET",
        path="/api/v1/cases/log-book/export",
        name="export_log_book",
        tag=Tag.CASES,
        summary="The log book for the Commissioner",
        run=export_log_book,
        uses=Stated.MAYBE,
        runs=Runs.IN_THREAD,
        parameters=_EXPORT,
        answers=(Documented(200, "Every line.", record({"items": listed(REFUSAL)}), headers=_NAMED),),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/cases/log-book/export.csv",
        name="export_log_book_csv",
        tag=Tag.CASES,
        summary="The log book for the Commissioner, as CSV",
        run=export_log_book_csv,
        uses=Stated.MAYBE,
        runs=Runs.IN_THREAD,
        parameters=_EXPORT,
        answers=(Documented(200, "Every line.", TEXT, media_type=CSV_TYPE, headers=_NAMED),),
        refusals=(409,),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/cases/log-book/{index}",
        name="delete_log_book_line",
        tag=Tag.CASES,
        summary="Refused: a line is never deleted",
        description="`s27_4y` for four years (PDPO s.27), `log_book_kept` afterwards: the log is append-only.",
        run=delete_line,
        runs=Runs.IN_THREAD,
        parameters=Parameters(LineParameters, {"index": INDEX}, ("index",)),
        answers=(),
        refusals=(404, 409),
    ),
)
