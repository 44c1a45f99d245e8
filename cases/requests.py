"""What callers ask of the cases room.

- Every request carries the caller's `event_id`; sent again with the same content, it is the same event.
- Texts for people (names, addresses, reasons, facts) are personal until shown otherwise: they are sealed, and entries hold salted
  digests of them. Codes, days, numbers and choices stand in entries in clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.model import CaseKind, Channel, Evidence, Handling, Identity, ItemKind, Language, NoticeKind

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from cases.fees import FeeLine
    from policies.using.exemptions import ExemptionId

NAME_CHARS_MAX: Final = 200
CONTACT_CHARS_MAX: Final = 500
PROSE_CHARS_MAX: Final = 4_000
TERM_CHARS_MAX: Final = 60
TERMS_MAX: Final = 10
MASKS_MAX: Final = 100
ITEMS_MAX: Final = 10_000
CODE_FORM: Final = "[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
REFERENCE_FORM: Final = "[A-Za-z0-9][A-Za-z0-9._/-]{0,63}"
REF_FORM: Final = "[0-9a-f-]{36}(?:/[a-z0-9_/]{1,64})?|(?:0|[1-9][0-9]{0,15})(?:/[a-z0-9_]{1,64})?"
"""An entry's index, `index/field`, a document's id, or `id/path` of one of its fields."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A new case.

    Attributes:
        event_id: of the event.
        kind: what is asked for.
        channel: how it came.
        language: in which language.
        received_on: day of receipt; None: today.
        requestor_name: who asks.
        requestor_contact: where the answer goes.
        asked: what they ask, in their words.
        person: pseudonym of the relevant person, if they have an account.
        on_behalf: whether somebody else is the relevant person.
        person_name: that person's name.
        terms: names and numbers to look for in documents.
    """

    event_id: UUID
    kind: CaseKind
    channel: Channel
    language: Language
    requestor_name: str
    received_on: date | None = None
    requestor_contact: str | None = None
    asked: str | None = None
    person: str | None = None
    on_behalf: bool = False
    person_name: str | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchAgain:
    """Other terms, once the requestor said more."""

    event_id: UUID
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentityRequest:
    """Whether identity and authority are shown, and by what."""

    event_id: UUID
    identity: Identity
    evidence: tuple[Evidence, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """What becomes of one item. `masks` are the others' names and numbers in it."""

    event_id: UUID
    handling: Handling
    third_party: bool = False
    consented: bool = False
    masks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalRequest:
    """A refusal for a second person to review. `prejudice`: particulars that are not told to the requestor (s.21(2))."""

    event_id: UUID
    ground: str
    reason: str
    items: tuple[int, ...] = ()
    exemption: ExemptionId | None = None
    evidence: str | None = None
    other_user: str | None = None
    prejudice: str | None = None


@dataclass(frozen=True, slots=True)
class FeeRequest:
    """What is to be charged."""

    event_id: UUID
    lines: tuple[FeeLine, ...]
    cheapest_form: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeRequest:
    """A notice to the requestor. `reason`: why it takes longer, or what is still needed."""

    event_id: UUID
    kind: NoticeKind
    given_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CorrectRequest:
    """A correction: the new value, or the version that supersedes the old one."""

    event_id: UUID
    kind: ItemKind
    ref: str
    value: str | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class DisputeRequest:
    """What is disputed about an opinion, to travel with it."""

    event_id: UUID
    kind: ItemKind
    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class DisclosureRequest:
    """That a recipient was given an item."""

    event_id: UUID
    kind: ItemKind
    ref: str
    recipient: str
    purpose: str
    disclosed_on: date
    still_using: bool = True
