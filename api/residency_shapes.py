"""How the registers of residency look in bodies and answers."""

from typing import Any, Final

from api.jobs import EVENT_ID
from api.members import Schema
from api.schemas import BOOLEAN, COUNT, DATE, INTEGER, TEXT, choice, listed, record
from api.shapes import Json
from policies.model import Words
from policies.residency.authorities import STATUSES, RuleMark, Status
from policies.residency.model import (
    Basis,
    ClauseSet,
    DataClass,
    DestinationKind,
    Mode,
    ModeRecord,
    Register,
    ResidencyFinding,
    Standing,
)
from policies.residency.records import record_json
from policies.residency.rules import reports_s33, shadow
from policies.residency.writes import day_of

WORDS: Final = record({"zh-Hant-HK": TEXT, "en": TEXT})


def words_json(words: Words) -> Json:
    """Return a text in both languages."""
    return {**words.to_json()}


def rule_json(rule: RuleMark) -> Json:
    """Return a rule with its marks."""
    return {
        "id": rule.id,
        "title": words_json(rule.title),
        "authority": words_json(rule.authority),
        "status": rule.status.value,
        "status_words": words_json(STATUSES[rule.status]),
        "verified_on": rule.verified_on.isoformat(),
    }


def record_answer(value: Any) -> Json:
    """Return a record with its code."""
    code = "mode" if isinstance(value, ModeRecord) else value.code
    return {"code": code, **record_json(value)}


def finding_json(finding: ResidencyFinding, words: Words) -> Json:
    """Return a finding with its sentence."""
    return {"code": finding.code, "about": finding.about, "detail": words_json(words)}


def state_json(register: Register, rules: tuple[RuleMark, ...], now: Any) -> Json:
    """Return the mode, the rules with their marks, and the rehearsal of the section that is not in force."""
    found: Json = {"mode": record_answer(register.mode), "rules": [rule_json(rule) for rule in rules]}
    if reports_s33(register):
        found["s33_conditions"] = [
            {"destination": code, "met": list(met)} for code, met in sorted(shadow(register, day_of(now)).items())
        ]
    return found


def _text(description: str, most: int = 200) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most, "description": description}


def _object(members: dict[str, Schema], required: tuple[str, ...]) -> Schema:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def _texts(description: str) -> Schema:
    return {"type": "array", "items": _text("One of them."), "maxItems": 32, "description": description}


_DAY: Final[Schema] = {"type": "string", "format": "date"}
_PLACE: Final[Schema] = {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "description": "ISO 3166: `HK`."}
_CODE: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"}
_CLASSES: Final[Schema] = {"type": "array", "items": choice(DataClass), "minItems": 1, "maxItems": 32}

PROCESSOR_BODY: Final = _object(
    {
        "name": _text("Of the firm."),
        "jurisdiction": _PLACE,
        "contract": _text("Reference of the contract document."),
        "contract_from": _DAY,
        "contract_until": _DAY,
        "deletion_clause": BOOLEAN,
        "sub_processors": _texts("Firms it passes data to."),
        "deletion_confirmed": _text("Reference of the deletion certificate."),
        "status": choice(Standing),
        "event_id": EVENT_ID.schema,
    },
    ("name", "jurisdiction"),
)
PROCESSOR_EXAMPLE: Final = {
    "name": "Cloud Ltd",
    "jurisdiction": "HK",
    "contract": "DPA-2026-07",
    "contract_from": "2026-01-01",
    "deletion_clause": True,
}
DESTINATION_BODY: Final = _object(
    {
        "kind": choice(DestinationKind),
        "host": {
            "type": "string",
            "pattern": "^[A-Za-z0-9]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?$",
            "description": "As the settings or the channel name it.",
        },
        "port": {"type": "integer", "minimum": 1, "maximum": 65_535},
        "jurisdiction": _PLACE,
        "region": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$", "description": "Of buckets."},
        "processor": _CODE,
        "own": {**BOOLEAN, "description": "A machine of our own: nobody else holds anything."},
        "data_classes": _CLASSES,
        "purpose_zh": _text("What for, in Traditional Chinese."),
        "purpose_en": _text("What for, in English."),
        "status": choice(Standing),
        "event_id": EVENT_ID.schema,
    },
    ("kind", "host", "jurisdiction", "data_classes", "purpose_zh", "purpose_en"),
)
DESTINATION_EXAMPLE: Final = {
    "kind": "bucket",
    "host": "s3.ap-east-1.amazonaws.com",
    "jurisdiction": "HK",
    "region": "ap-east-1",
    "processor": "CLOUD",
    "data_classes": ["sealed_objects"],
    "purpose_zh": "存放文件",
    "purpose_en": "keeps documents",
}
_CLAUSES: Final = _object(
    {
        "clause_set": choice(ClauseSet),
        "dated": _DAY,
        "onward_bound": BOOLEAN,
        "deletion_at_end": BOOLEAN,
        "helps_with_requests": BOOLEAN,
    },
    ("clause_set", "dated"),
)
_GBA: Final = _object(
    {
        "exporter_place": _text("Where the exporter is registered."),
        "recipient_place": _text("Where the recipient is registered."),
        "effective_on": _DAY,
        "assessed_on": _DAY,
        "filing_number": _text("Due on the tenth working day."),
        "onward_outside": BOOLEAN,
        "important_data": BOOLEAN,
    },
    ("exporter_place", "recipient_place", "effective_on", "assessed_on"),
)
TRANSFER_BODY: Final = _object(
    {
        "destination": _CODE,
        "data_classes": _CLASSES,
        "basis": choice(Basis),
        "evidence": _text("Reference of the document that shows it."),
        "since": _DAY,
        "until": _DAY,
        "clauses": _CLAUSES,
        "gba": _GBA,
        "status": choice(Standing),
        "event_id": EVENT_ID.schema,
    },
    ("destination", "data_classes", "basis", "evidence", "since"),
)
TRANSFER_EXAMPLE: Final = {
    "destination": "STORE",
    "data_classes": ["sealed_objects"],
    "basis": "model_clauses",
    "evidence": "RMC-2026-03",
    "since": "2026-03-01",
    "clauses": {
        "clause_set": "user_to_processor",
        "dated": "2026-02-20",
        "onward_bound": True,
        "deletion_at_end": True,
        "helps_with_requests": True,
    },
}
MODE_BODY: Final = _object(
    {
        "mode": choice(Mode),
        "home": {
            "type": "array",
            "items": _PLACE,
            "maxItems": 32,
            "description": "Where data is at home; `HK` if empty.",
        },
        "in_force_from": _DAY,
        "instrument": _text("What commences the section, for `s33_in_force`."),
        "event_id": EVENT_ID.schema,
    },
    ("mode",),
)
ORIGINS_BODY: Final = _object(
    {
        "year": {"type": "integer", "minimum": 1997, "maximum": 9999},
        "persons": {
            "type": "array",
            "items": _text("The organisation's own reference of a person; only a keyed digest is kept."),
            "minItems": 1,
            "maxItems": 1000,
        },
        "event_id": EVENT_ID.schema,
    },
    ("year", "persons"),
)

PROCESSOR: Final = record(
    {
        "code": TEXT,
        "name": TEXT,
        "jurisdiction": TEXT,
        "deletion_clause": BOOLEAN,
        "sub_processors": listed(TEXT),
        "status": choice(Standing),
    },
    optional={"contract": TEXT, "contract_from": DATE, "contract_until": DATE, "deletion_confirmed": TEXT},
)
DESTINATION: Final = record(
    {
        "code": TEXT,
        "kind": choice(DestinationKind),
        "host": TEXT,
        "jurisdiction": TEXT,
        "data_classes": listed(choice(DataClass)),
        "purpose_zh": TEXT,
        "purpose_en": TEXT,
        "own": BOOLEAN,
        "status": choice(Standing),
    },
    optional={"port": INTEGER, "processor": TEXT, "region": TEXT},
)
_CLAUSES_ANSWER: Final = record(
    {
        "clause_set": choice(ClauseSet),
        "dated": DATE,
        "onward_bound": BOOLEAN,
        "deletion_at_end": BOOLEAN,
        "helps_with_requests": BOOLEAN,
    }
)
_GBA_ANSWER: Final = record(
    {
        "exporter_place": TEXT,
        "recipient_place": TEXT,
        "effective_on": DATE,
        "assessed_on": DATE,
        "onward_outside": BOOLEAN,
        "important_data": BOOLEAN,
    },
    optional={"filing_number": TEXT},
)
TRANSFER: Final = record(
    {
        "code": TEXT,
        "destination": TEXT,
        "data_classes": listed(choice(DataClass)),
        "basis": choice(Basis),
        "evidence": TEXT,
        "since": DATE,
        "status": choice(Standing),
    },
    optional={"until": DATE, "clauses": _CLAUSES_ANSWER, "gba": _GBA_ANSWER},
)
MODE: Final = record(
    {"code": TEXT, "mode": choice(Mode), "home": listed(TEXT)}, optional={"in_force_from": DATE, "instrument": TEXT}
)
_RULE: Final = record(
    {
        "id": TEXT,
        "title": WORDS,
        "authority": WORDS,
        "status": choice(Status),
        "status_words": WORDS,
        "verified_on": DATE,
    }
)
STATE: Final = record(
    {"mode": MODE, "rules": listed(_RULE)},
    optional={"s33_conditions": listed(record({"destination": TEXT, "met": listed(TEXT)}))},
)
FINDING: Final = record({"code": TEXT, "about": TEXT, "detail": WORDS})
OBSERVED: Final = record({"destination": TEXT, "bucket": TEXT, "declared": TEXT, "answered": TEXT, "attested": BOOLEAN})
FINDINGS: Final = record(
    {
        "items": listed(FINDING),
        "buckets": listed(OBSERVED),
        "origins": listed(record({"year": INTEGER, "persons": COUNT})),
    }
)
ANNEX: Final = record(
    {
        "version": COUNT,
        "entry_index": COUNT,
        "content": {"type": "object", "description": "Chapters, each a list of items with an `id`."},
    }
)
ORIGINS: Final = record({"added": COUNT, "persons": COUNT})
