"""The values of residency: destinations, processors, transfers, the mode, and what somebody should look at.

- Frozen; a value that exists is well formed (`policies.residency.records` parses it).
- Dates are days in Hong Kong. A period that ends on a day includes that day.
- Codes are the organisation's. Texts name firms, places and documents, no person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policies.calendar import GENERAL_HOLIDAYS, Calendar

DESTINATION_SET: Final = "residency.destination_set"
PROCESSOR_SET: Final = "residency.processor_set"
TRANSFER_SET: Final = "residency.transfer_set"
MODE_SET: Final = "residency.mode_set"
ORIGIN_COUNTED: Final = "residency.origin_counted"
CHECKED: Final = "residency.checked"
ANNEX_PUBLISHED: Final = "residency.annex_published"

RESIDENCY_EVENT_TYPES: Final = frozenset(
    {DESTINATION_SET, PROCESSOR_SET, TRANSFER_SET, MODE_SET, ORIGIN_COUNTED, CHECKED, ANNEX_PUBLISHED}
)
"""Types of entries about where data goes; what was refused is `access.outbound_summary`."""

HOME: Final = "HK"


class DestinationKind(StrEnum):
    """What a destination is for."""

    BUCKET = "bucket"
    DATABASE = "database"
    OCR = "ocr"
    CHAT = "chat"
    WEBHOOK = "webhook"
    MAIL = "mail"
    IDENTITY = "identity"
    TIMESTAMP = "timestamp"
    VIRUS_SCANNER = "virus_scanner"


class DataClass(StrEnum):
    """What is sent."""

    SEALED_OBJECTS = "sealed_objects"
    """Documents, encrypted here: personal data all the same."""
    LOG_DATA = "log_data"
    """The database: entries, and personal fields under their keys."""
    DOCUMENT_CONTENT = "document_content"
    """Documents in clear."""
    NOTICE_TEXT = "notice_text"
    """What happened, by codes and counts: no personal data."""
    KEY_REQUEST = "key_request"
    """A request for public keys."""
    HASHES = "hashes"


PERSONAL: Final = frozenset({DataClass.SEALED_OBJECTS, DataClass.LOG_DATA, DataClass.DOCUMENT_CONTENT})
"""Classes that may hold personal data."""

PURPOSES: Final[Mapping[str, tuple[DestinationKind, DataClass]]] = MappingProxyType(
    {
        "objects": (DestinationKind.BUCKET, DataClass.SEALED_OBJECTS),
        "database": (DestinationKind.DATABASE, DataClass.LOG_DATA),
        "ocr": (DestinationKind.OCR, DataClass.DOCUMENT_CONTENT),
        "virus_scan": (DestinationKind.VIRUS_SCANNER, DataClass.DOCUMENT_CONTENT),
        "notice.dingtalk": (DestinationKind.CHAT, DataClass.NOTICE_TEXT),
        "notice.webhook": (DestinationKind.WEBHOOK, DataClass.NOTICE_TEXT),
        "notice.mail": (DestinationKind.MAIL, DataClass.NOTICE_TEXT),
        "identity.keys": (DestinationKind.IDENTITY, DataClass.KEY_REQUEST),
        "timestamp": (DestinationKind.TIMESTAMP, DataClass.HASHES),
    }
)
"""Every purpose a call can have, the kind of destination it goes to, and what it sends."""


class Standing(StrEnum):
    """Whether a record counts."""

    ACTIVE = "active"
    ENDED = "ended"


class Mode(StrEnum):
    """By which rule data may leave home."""

    POLICY = "policy"
    """The organisation's own rule ORG-RES-1."""
    S33_SHADOW = "s33_shadow"
    """The same, and it is reported which conditions of s.33(2), not in force, each transfer would meet."""
    S33_IN_FORCE = "s33_in_force"
    """From a day on, s.33(2) decides as well. For the day on which it commences."""


class Basis(StrEnum):
    """Why a transfer may be made."""

    CONSENT = "consent"
    MODEL_CLAUSES = "model_clauses"
    GBA_CONTRACT = "gba_contract"
    SIMILAR_LAW = "similar_law"
    CONTRACT_NECESSITY = "contract_necessity"
    MITIGATION = "mitigation"
    EXEMPTION = "exemption"
    GAZETTED = "gazetted"


class ClauseSet(StrEnum):
    """Which of the two sets of recommended model clauses."""

    USER_TO_USER = "user_to_user"
    USER_TO_PROCESSOR = "user_to_processor"


@dataclass(frozen=True, slots=True)
class Processor:
    """A firm that holds data for us (PDPO DPP2(3), DPP4(2)).

    `contract` is the document that binds it, in force from and until; `deletion_confirmed` the paper which says that it
    has deleted what it held.
    """

    code: str
    name: str
    jurisdiction: str
    contract: str | None = None
    contract_from: date | None = None
    contract_until: date | None = None
    deletion_clause: bool = False
    sub_processors: tuple[str, ...] = ()
    deletion_confirmed: str | None = None
    status: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class DeclaredDestination:
    """Somewhere data may be sent. `own`: our own machine, so that nobody else holds anything. `port` None: any."""

    code: str
    kind: DestinationKind
    host: str
    port: int | None
    jurisdiction: str
    data_classes: frozenset[DataClass]
    purpose_zh: str
    purpose_en: str
    processor: str | None = None
    own: bool = False
    region: str | None = None
    status: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class ModelClauses:
    """What P-31 wants to know of a contract with recommended model clauses."""

    clause_set: ClauseSet
    dated: date
    onward_bound: bool
    """Whether whoever gets it next is bound to the same."""
    deletion_at_end: bool
    helps_with_requests: bool


@dataclass(frozen=True, slots=True)
class GbaContract:
    """What P-32 wants to know of a Greater Bay Area standard contract."""

    exporter_place: str
    recipient_place: str
    effective_on: date
    assessed_on: date
    filing_number: str | None = None
    onward_outside: bool = False
    important_data: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Data that leaves home for a destination, and why it may."""

    code: str
    destination: str
    data_classes: frozenset[DataClass]
    basis: Basis
    evidence: str
    since: date
    until: date | None = None
    clauses: ModelClauses | None = None
    gba: GbaContract | None = None
    status: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class ModeRecord:
    """The rule in force. `home` are the jurisdictions from which nothing has left; `instrument` commences s.33."""

    mode: Mode = Mode.POLICY
    home: frozenset[str] = frozenset({HOME})
    in_force_from: date | None = None
    instrument: str | None = None

    def s33_decides(self, day: date) -> bool:
        """Whether the dated switch lets s.33 decide on that day."""
        return self.mode is Mode.S33_IN_FORCE and self.in_force_from is not None and self.in_force_from <= day


@dataclass(frozen=True, slots=True)
class Observation:
    """Where a store says a bucket is, beside what is declared. `attested`: the answer is a provider's, not ours."""

    destination: str
    bucket: str
    declared: str
    answered: str
    attested: bool


@dataclass(frozen=True, slots=True)
class Register:
    """Everything that is declared, as of one version."""

    destinations: Mapping[str, DeclaredDestination] = field(default_factory=lambda: MappingProxyType({}))
    processors: Mapping[str, Processor] = field(default_factory=lambda: MappingProxyType({}))
    transfers: Mapping[str, Transfer] = field(default_factory=lambda: MappingProxyType({}))
    mode: ModeRecord = field(default_factory=ModeRecord)
    observed: tuple[Observation, ...] = ()
    origins: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """Distinct persons whose data came from the Mainland, by calendar year."""
    calendar: Calendar = GENERAL_HOLIDAYS
    """The days that count, as the active bundle has them."""


@dataclass(frozen=True, slots=True, order=True)
class ResidencyFinding:
    """Something that somebody should look at: its code, and which record it is about."""

    code: str
    about: str


Record = Processor | DeclaredDestination | Transfer | ModeRecord
