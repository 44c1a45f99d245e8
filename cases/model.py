"""The values of access and correction requests (PDPO Part 5).

- A *case* is one request of one person about the data held of one relevant person. Its day of receipt starts its clock.
- An *item* is one thing the search found: an entry, a personal value beside an entry, a version of a document. Items are
  those held at receipt (s.19(3)(a)); their digests make the snapshot's manifest.
- A *refusal* withholds items, or all of the request, on one ground of a closed list; its entry is a line of the log book
  (s.27). A *notice* is what the requestor was told.
- People are pseudonyms here. Names, addresses, what was asked and every notice's words are sealed beside the log.
- Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from cases.grounds import CorrectionGround, Ground
from policies.using.exemptions import ExemptionId

CASE_OPENED: Final = "case.opened"
CASE_SEARCHED: Final = "case.searched"
IDENTITY_JUDGED: Final = "case.identity_judged"
ITEM_MARKED: Final = "case.item_marked"
FEE_IMPOSED: Final = "case.fee_imposed"
FEE_PAID: Final = "case.fee_paid"
REFUSAL_PROPOSED: Final = "case.refusal_proposed"
REFUSAL_DECLINED: Final = "case.refusal_declined"
REFUSED: Final = "case.refused"
CORRECTED: Final = "case.corrected"
DISPUTE_NOTED: Final = "case.dispute_noted"
NOTICE_GIVEN: Final = "case.notice_given"
PACK_MADE: Final = "case.pack_made"
CASE_CLOSED: Final = "case.closed"
CASE_REMINDED: Final = "case.reminded"
RECIPIENT_TOLD: Final = "case.recipient_told"
DISCLOSED: Final = "disclosure.recorded"

EVENT_TYPES: Final = frozenset(
    {
        CASE_OPENED,
        CASE_SEARCHED,
        IDENTITY_JUDGED,
        ITEM_MARKED,
        FEE_IMPOSED,
        FEE_PAID,
        REFUSAL_PROPOSED,
        REFUSAL_DECLINED,
        REFUSED,
        CORRECTED,
        DISPUTE_NOTED,
        NOTICE_GIVEN,
        PACK_MADE,
        CASE_CLOSED,
        CASE_REMINDED,
        RECIPIENT_TOLD,
        DISCLOSED,
    }
)
"""Every type of entry about requests."""

SUBJECT_CASE: Final = "case"
CHECK_KIND: Final = "case.check"
"""The kind of the job that reminds."""


class CaseKind(StrEnum):
    """What is asked for."""

    ACCESS = "access"
    """A data access request, s.18(1)."""
    CORRECTION = "correction"
    """A data correction request, s.22(1)."""


class Channel(StrEnum):
    """How a request came."""

    LETTER = "letter"
    FORM = "form"
    """The form specified under s.67 (OPS003)."""
    EMAIL = "email"
    WEB = "web"
    COUNTER = "counter"
    SPOKEN = "spoken"
    """Not in writing; it can be refused for that, s.20(3)(a)."""


class Language(StrEnum):
    """In which language a request came."""

    CHINESE = "zh"
    ENGLISH = "en"
    OTHER = "other"


class CaseState(StrEnum):
    """How far a case is."""

    OPEN = "open"
    INTERIM = "interim"
    """Told in time that it takes longer, and why (s.19(2)); still to be complied with."""
    ANSWERED = "answered"
    """A notice that ends it was given."""
    CLOSED = "closed"


class Identity(StrEnum):
    """Whether the requestor showed who they are, and that they may ask (s.20(1)(a), s.24(1))."""

    UNSHOWN = "unshown"
    SHOWN = "shown"
    NOT_SATISFIED = "not_satisfied"


class Evidence(StrEnum):
    """How identity or authority was shown. What was seen is not kept: only that it was, and by whom."""

    IDENTITY_CARD_SEEN = "identity_card_seen"
    PASSPORT_SEEN = "passport_seen"
    STAFF_ACCOUNT = "staff_account"
    SIGNATURE_KNOWN = "signature_known"
    AUTHORISATION = "authorisation"
    """In writing, by the relevant person (s.17A, s.18(1))."""
    PARENTAL_RESPONSIBILITY = "parental_responsibility"
    COURT_APPOINTMENT = "court_appointment"


AUTHORITY: Final = frozenset({Evidence.AUTHORISATION, Evidence.PARENTAL_RESPONSIBILITY, Evidence.COURT_APPOINTMENT})


class ProposalState(StrEnum):
    """What became of a proposed refusal."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class ItemKind(StrEnum):
    """What was found."""

    ENTRY = "entry"
    PERSONAL = "personal"
    DOCUMENT = "document"


class Handling(StrEnum):
    """What becomes of an item in the copy."""

    SUPPLY = "supply"
    REDACT = "redact"
    """Others' data is masked, the rest supplied (s.20(2)); the masked part is a refusal."""
    WITHHOLD = "withhold"


class NoticeKind(StrEnum):
    """What the requestor is told."""

    FURTHER_INFORMATION = "further_information"
    FEE = "fee"
    INTERIM = "interim"
    COMPLIANCE = "compliance"
    NIL = "nil"
    REFUSAL = "refusal"
    CORRECTION_DONE = "correction_done"
    CORRECTION_REFUSED = "correction_refused"


class Grade(StrEnum):
    """How a finding is proposed to be graded; auditors grade."""

    MAJOR = "major"
    MINOR = "minor"
    OBSERVATION = "observation"


class FindingCode(StrEnum):
    """What somebody should look at."""

    S19_BREACH = "s19_breach"
    S23_BREACH = "s23_breach"
    TARGET_PASSED = "target_passed"
    RECIPIENT_NOT_TOLD = "recipient_not_told"
    DIRECTION_OVERDUE = "direction_overdue"


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """One such thing, proposed by the rule of its code. `subject` is a case or notice, `days` how late it is."""

    code: FindingCode
    grade: Grade
    subject: str
    days: int


@dataclass(frozen=True, slots=True)
class Case:
    """A request as it stands.

    Attributes:
        id: of the case.
        kind: what is asked for.
        state: how far it is.
        channel: how it came.
        language: in which language.
        requestor: pseudonym of who asks; under its key lie name and address.
        person: pseudonym of the relevant person, whose data it is.
        received_on: day of receipt in Hong Kong.
        identity: whether the requestor may be told anything.
        items: how many things the search found.
        snapshot: SHA-256 of the manifest of what was held at receipt; None before the search.
        fee: imposed, in cents of Hong Kong; None: none.
        fee_paid: whether it was paid.
        refusals: lines of the log book about it.
        refused_whole: whether one of them refuses all of it.
        interim_on: day of the interim notice.
        final_notice: entry of the notice that ended it.
        reminded: the highest reminder sent, in days after receipt; 0: none.
        opened_index: the entry that opened it; the sealed values lie beside it.
        entry_index: the entry that changed it last; -1 while it is not written.
    """

    id: str
    kind: CaseKind
    state: CaseState
    channel: Channel
    language: Language
    requestor: str
    person: str
    received_on: date
    identity: Identity
    items: int
    snapshot: bytes | None
    fee: int | None
    fee_paid: bool
    refusals: int
    refused_whole: bool
    interim_on: date | None
    final_notice: int | None
    reminded: int
    opened_index: int
    entry_index: int = -1

    @property
    def in_writing(self) -> bool:
        """Whether it came in writing in Chinese or English, as s.18(1) and s.20(3)(a) want it."""
        return self.channel is not Channel.SPOKEN and self.language is not Language.OTHER

    @property
    def is_open(self) -> bool:
        """Whether it is still to be answered."""
        return self.state in {CaseState.OPEN, CaseState.INTERIM}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was held at receipt.

    Attributes:
        case: of which request.
        number: from 1, in the manifest's order.
        kind: what it is.
        ref: index of an entry, `index/field` of a personal value, id of a document.
        version: of a document; 0 for others.
        digest: leaf hash, salted digest, or commitment: what the log has of it.
        third_party: whether others can be identified from it.
        consented: whether those others agreed.
        handling: what becomes of it.
        refusal: the log book's line about what is withheld; None: none yet.
        marked_index: the entry beside which the texts to mask are sealed.
    """

    case: str
    number: int
    kind: ItemKind
    ref: str
    version: int
    digest: bytes
    third_party: bool = False
    consented: bool = False
    handling: Handling = Handling.SUPPLY
    refusal: int | None = None
    marked_index: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A refusal that waits for a second person. `proposed_index`: the entry beside which its reasons are sealed."""

    id: str
    case: str
    ground: str
    exemption: ExemptionId | None
    evidence: str | None
    prejudice: bool
    items: tuple[int, ...]
    proposed_by: str
    expires_at: datetime
    state: ProposalState
    proposed_index: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line of the log book (s.27(2)): what was refused, on which ground, when it was entered."""

    index: int
    leaf_hash: bytes
    entered_at: datetime
    case: str
    kind: CaseKind
    ground: Ground | CorrectionGround
    exemption: ExemptionId | None
    items: tuple[int, ...]
    """Empty: the whole request."""
    prejudice: bool
    """Whether particulars of prejudice are recorded, because the reasons themselves were not given (s.21(2))."""
    approved_by: str
    notices: tuple[tuple[int, datetime], ...] = ()
    """Entries of the notices that told of it, with their times."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That a recipient was given something: for telling of corrections (s.23(1)(c)). `recipient` is a code, no name."""

    index: int
    kind: ItemKind
    ref: str
    recipient: str
    purpose: str
    disclosed_on: date
    still_using: bool


@dataclass(frozen=True, slots=True)
class RecipientTask:
    """That a recipient is to be told of a correction."""

    case: str
    recipient: str
    disclosure: int
    told_index: int | None


@dataclass(frozen=True, slots=True)
class DisputeNote:
    """What stands beside a disputed opinion, so that it cannot be used without (s.25(2)). `text` None: erased."""

    kind: ItemKind
    ref: str
    case: str
    index: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that was opened."""

    case: Case
    items: tuple[Item, ...]
