"""How requests and the log book look in an answer, and in the description."""

from datetime import date
from typing import Final

from api.members import Schema
from api.schemas import BOOLEAN, COUNT, DATE, HASH, INTEGER, TEXT, TIME, choice, listed, nullable, record
from api.shapes import Json, present, time_json
from cases.answering import Given
from cases.clock import answer_clock
from cases.fees import Fee, FeeKind, LineRefused
from cases.grounds import GroundRule
from cases.model import (
    Case,
    CaseFinding,
    CaseKind,
    CaseState,
    Channel,
    Disclosure,
    DisputeNote,
    FindingCode,
    Grade,
    Handling,
    Identity,
    Item,
    ItemKind,
    Language,
    NoticeKind,
    Proposal,
    ProposalState,
    RecipientTask,
    Refusal,
)
from policies.calendar import Calendar
from policies.using.exemptions import Exemption, ExemptionId


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def case_json(case: Case, calendar: Calendar) -> Json:
    """Return a case with its clock by a calendar."""
    clock = answer_clock(case.received_on, calendar)
    return {
        "id": case.id,
        "kind": case.kind.value,
        "state": case.state.value,
        "channel": case.channel.value,
        "language": case.language.value,
        "requestor": case.requestor,
        "person": case.person,
        "received_on": case.received_on.isoformat(),
        "target": clock.target.isoformat(),
        "day_40": clock.day_40.isoformat(),
        "latest_arguable": clock.latest_arguable.isoformat(),
        "identity": case.identity.value,
        "items": case.items,
        "refusals": case.refusals,
        "fee_paid": case.fee_paid,
        "opened_index": case.opened_index,
        **present(
            {
                "snapshot": None if case.snapshot is None else case.snapshot.hex(),
                "fee": case.fee,
                "interim_on": _day(case.interim_on),
                "final_notice": case.final_notice,
            }
        ),
    }


def item_json(item: Item) -> Json:
    """Return an item."""
    return {
        "number": item.number,
        "kind": item.kind.value,
        "ref": item.ref,
        "version": item.version,
        "digest": item.digest.hex(),
        "third_party": item.third_party,
        "consented": item.consented,
        "handling": item.handling.value,
        **present({"refusal": item.refusal}),
    }


def proposal_json(found: Proposal) -> Json:
    """Return a proposed refusal."""
    return {
        "id": found.id,
        "case": found.case,
        "ground": found.ground,
        "items": list(found.items),
        "prejudice": found.prejudice,
        "proposed_by": found.proposed_by,
        "expires_at": time_json(found.expires_at),
        "state": found.state.value,
        "proposed_index": found.proposed_index,
        **present(
            {"exemption": None if found.exemption is None else found.exemption.value, "evidence": found.evidence}
        ),
    }


def refusal_json(line: Refusal) -> Json:
    """Return a line of the log book."""
    return {
        "index": line.index,
        "leaf_hash": line.leaf_hash.hex(),
        "entered_at": time_json(line.entered_at),
        "case": line.case,
        "kind": line.kind.value,
        "ground": line.ground.value,
        "items": list(line.items),
        "prejudice": line.prejudice,
        "approved_by": line.approved_by,
        "notices": [{"index": index, "given_at": time_json(at)} for index, at in line.notices],
        **present({"exemption": None if line.exemption is None else line.exemption.value}),
    }


def ground_json(code: str, rule: GroundRule) -> Json:
    """Return a ground with its section and words."""
    return {
        "code": code,
        "section": rule.section,
        "zh": rule.words.zh,
        "en": rule.words.en,
        "must": rule.must,
        "in_part": rule.in_part,
        "verified": rule.verified,
    }


def exemption_json(code: ExemptionId, found: Exemption) -> Json:
    """Return an exemption with the principles it lifts."""
    return {
        "code": code.value,
        "section": found.section,
        "zh": found.words.zh,
        "en": found.words.en,
        "lifts": sorted(found.lifts),
        "verified": found.verified,
    }


def fee_json(fee: Fee) -> Json:
    """Return a fee with the lines that are not charged."""
    return {
        "total": fee.total,
        "currency": "HKD",
        "capped": fee.capped,
        "refused": [{"kind": line.kind.value, "amount": line.amount, "why": why.value} for line, why in fee.refused],
    }


def given_json(given: Given, calendar: Calendar) -> Json:
    """Return a notice in both languages."""
    return {
        "index": given.index,
        "kind": given.kind.value,
        "given_at": time_json(given.given_at),
        "zh": given.words.zh,
        "en": given.words.en,
        "case": case_json(given.case, calendar),
    }


def tasks_json(tasks: tuple[RecipientTask, ...] | list[RecipientTask]) -> Json:
    """Return who is to be told."""
    return {
        "items": [
            {"recipient": task.recipient, "disclosure": task.disclosure, **present({"told_index": task.told_index})}
            for task in tasks
        ]
    }


def disclosure_json(found: Disclosure) -> Json:
    """Return a disclosure."""
    return {
        "index": found.index,
        "kind": found.kind.value,
        "ref": found.ref,
        "recipient": found.recipient,
        "purpose": found.purpose,
        "disclosed_on": found.disclosed_on.isoformat(),
        "still_using": found.still_using,
    }


def dispute_json(note: DisputeNote) -> Json:
    """Return a note of what is disputed."""
    return {"index": note.index, "kind": note.kind.value, "ref": note.ref, "case": note.case, "text": note.text}


def finding_json(found: CaseFinding) -> Json:
    """Return a finding with the grade that its rule proposes."""
    return {"code": found.code.value, "proposed": found.grade.value, "subject": found.subject, "days": found.days}


CASE: Final[Schema] = record(
    {
        "id": TEXT,
        "kind": choice(CaseKind),
        "state": choice(CaseState),
        "channel": choice(Channel),
        "language": choice(Language),
        "requestor": TEXT,
        "person": TEXT,
        "received_on": DATE,
        "target": DATE,
        "day_40": DATE,
        "latest_arguable": DATE,
        "identity": choice(Identity),
        "items": COUNT,
        "refusals": COUNT,
        "fee_paid": BOOLEAN,
        "opened_index": COUNT,
    },
    optional={"snapshot": HASH, "fee": COUNT, "interim_on": DATE, "final_notice": COUNT},
)
ITEM: Final[Schema] = record(
    {
        "number": COUNT,
        "kind": choice(ItemKind),
        "ref": TEXT,
        "version": COUNT,
        "digest": HASH,
        "third_party": BOOLEAN,
        "consented": BOOLEAN,
        "handling": choice(Handling),
    },
    optional={"refusal": COUNT},
)
PROPOSAL: Final[Schema] = record(
    {
        "id": TEXT,
        "case": TEXT,
        "ground": TEXT,
        "items": listed(COUNT),
        "prejudice": BOOLEAN,
        "proposed_by": TEXT,
        "expires_at": TIME,
        "state": choice(ProposalState),
        "proposed_index": COUNT,
    },
    optional={"exemption": choice(ExemptionId), "evidence": TEXT},
)
REFUSAL: Final[Schema] = record(
    {
        "index": COUNT,
        "leaf_hash": HASH,
        "entered_at": TIME,
        "case": TEXT,
        "kind": choice(CaseKind),
        "ground": TEXT,
        "items": listed(COUNT),
        "prejudice": BOOLEAN,
        "approved_by": TEXT,
        "notices": listed(record({"index": COUNT, "given_at": TIME})),
    },
    optional={"exemption": choice(ExemptionId)},
)
_WORDED: Final[dict[str, Schema]] = {"code": TEXT, "section": TEXT, "zh": TEXT, "en": TEXT, "verified": BOOLEAN}
GROUND: Final[Schema] = record({**_WORDED, "must": BOOLEAN, "in_part": BOOLEAN})
GROUNDS: Final[Schema] = record(
    {
        "access": listed(GROUND),
        "correction": listed(GROUND),
        "exemptions": listed(record({**_WORDED, "lifts": listed(TEXT)})),
    }
)
FEE: Final[Schema] = record(
    {
        "total": COUNT,
        "currency": TEXT,
        "capped": BOOLEAN,
        "refused": listed(record({"kind": choice(FeeKind), "amount": COUNT, "why": choice(LineRefused)})),
    }
)
GIVEN: Final[Schema] = record(
    {"index": COUNT, "kind": choice(NoticeKind), "given_at": TIME, "zh": TEXT, "en": TEXT, "case": CASE}
)
TASKS: Final[Schema] = record(
    {"items": listed(record({"recipient": TEXT, "disclosure": COUNT}, optional={"told_index": COUNT}))}
)
DISCLOSURE: Final[Schema] = record(
    {
        "index": COUNT,
        "kind": choice(ItemKind),
        "ref": TEXT,
        "recipient": TEXT,
        "purpose": TEXT,
        "disclosed_on": DATE,
        "still_using": BOOLEAN,
    }
)
DISPUTE: Final[Schema] = record(
    {"index": COUNT, "kind": choice(ItemKind), "ref": TEXT, "case": TEXT, "text": nullable(TEXT)}
)
FINDING: Final[Schema] = record(
    {"code": choice(FindingCode), "proposed": choice(Grade), "subject": TEXT, "days": INTEGER}
)
