"""How disposals look in an answer."""

from collections.abc import Iterable
from typing import Final

from api.schemas import BOOLEAN, COUNT, DATE, HASH, TEXT, TIME, UUID, choice, described, listed, nullable, record
from api.shapes import Json, present, time_json
from retention.disposal.model import LIFETIME, Disposal, DisposalState, Planned, Simulation
from retention.disposal.plans import planned_json, target_json

PREVIEW: Final = "5f70bf18a08600707eea6b6b5d5a5f1e2b2f7a5f0cfb5d3c0b2a19080706f504"
EXAMPLE: Final[Json] = {"id": "3f0c6f6e-5f77-5c1a-9a53-6a5f1b0f2c11"}

DISPOSAL: Final = record(
    {
        "id": UUID,
        "state": choice(DisposalState),
        "preview": described(HASH, "SHA-256 of exactly what goes."),
        "records": COUNT,
        "objects": COUNT,
        "size": described(COUNT, "Sealed bytes, as far as they are counted."),
        "proposed_by": TEXT,
        "proposed_at": TIME,
        "proposed_entry": COUNT,
        "expires_at": TIME,
    },
    optional={
        "approved_by": TEXT,
        "approved_entry": COUNT,
        "begun_entry": COUNT,
        "ended_entry": COUNT,
    },
)
_TARGET: Final = record(
    {"bucket": TEXT, "key": TEXT, "version_id": TEXT, "part": TEXT, "version": COUNT, "sha256": HASH},
    optional={"size": COUNT},
)
PLAN: Final = listed(
    record(
        {
            "record": TEXT,
            "class": TEXT,
            "record_class": TEXT,
            "schedules": listed(TEXT),
            "due_from": DATE,
            "targets": listed(_TARGET),
            "search": BOOLEAN,
            "key_id": TEXT,
        },
        optional={"dispose_by": DATE},
    )
)
SIMULATION: Final = record(
    {
        "preview": HASH,
        "current": described(BOOLEAN, "It is still what was proposed."),
        "plan": PLAN,
        "objects": listed(
            record(
                {
                    "target": _TARGET,
                    "exists": BOOLEAN,
                    "legal_hold": BOOLEAN,
                    "lock_mode": nullable(TEXT),
                    "locked_until": nullable(TIME),
                }
            )
        ),
        "copies": listed(record({"record": TEXT, "entry": COUNT, "what": TEXT})),
    }
)
CERTIFICATE: Final = record(
    {"certificate": {"type": "object"}, "entry": TEXT, "tlog_proof": TEXT, "vkey": TEXT},
    description="docs/formats/disposal-certificate.md",
)


def disposal_json(found: Disposal) -> Json:
    """Return a disposal."""
    shown: Json = {
        "id": found.id,
        "state": found.state.value,
        "preview": found.preview,
        "records": found.records,
        "objects": found.objects,
        "size": found.size,
        "proposed_by": found.proposed_by,
        "proposed_at": time_json(found.proposed_at),
        "proposed_entry": found.proposed_index,
        "expires_at": time_json(found.proposed_at + LIFETIME),
    }
    more = {
        "approved_by": found.approved_by,
        "approved_entry": found.approved_index,
        "begun_entry": found.begun_index,
        "ended_entry": found.ended_index,
    }
    return {**shown, **present(more)}


def plan_json(plan: Iterable[Planned]) -> list[Json]:
    """Return the records of a plan."""
    return [dict(planned_json(one)) for one in plan]


def simulation_json(found: Simulation) -> Json:
    """Return exactly what would go, and what would stay."""
    return {
        "preview": found.preview,
        "current": found.is_current,
        "plan": plan_json(found.plan),
        "objects": [
            {
                "target": target_json(one.target),
                "exists": one.exists,
                "legal_hold": one.legal_hold,
                "lock_mode": one.lock_mode,
                "locked_until": None if one.locked_until is None else time_json(one.locked_until),
            }
            for one in found.objects
        ],
        "copies": [{"record": one.record.key, "entry": one.entry_index, "what": one.what} for one in found.copies],
    }
