"""The values of the policies room.

- Frozen; a value that exists is well formed (`policies.rules` parses, `policies.directory` builds).
- Ids of principals are pseudonymous: `p_` and 16 base32 characters. Codes of areas and stores are the organisation's.
- Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from audit.event import Actor
from audit.words import Words as Words  # noqa: PLC0414  the rooms above take it from here
from policies.codes import Code

if TYPE_CHECKING:
    from policies.engine import Bundle

SYSTEM_ID: Final = "system"


class Role(StrEnum):
    """What a principal is for."""

    __hash__ = str.__hash__  # that of Enum is a call in Python, and every decision hashes

    STAFF = "staff"
    STORE_MANAGER = "store_manager"
    AREA_MANAGER = "area_manager"
    COMPLIANCE_OFFICER = "compliance_officer"
    DPO = "dpo"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    API_CLIENT = "api_client"
    POLICY_ADMIN = "policy_admin"


class Action(StrEnum):
    """What can be asked for. A key's scopes are names of actions."""

    __hash__ = str.__hash__

    STOCK_ADJUST = "stock.adjust"
    STOCK_CORRECT = "stock.correct"
    STOCK_READ = "stock.read"
    STOCKTAKE_OPEN = "stocktake.open"
    STOCKTAKE_COUNT = "stocktake.count"
    STOCKTAKE_CLOSE = "stocktake.close"
    CATALOG_WRITE = "catalog.write"
    CATALOG_READ = "catalog.read"
    DOCUMENT_READ = "document.read"
    DOCUMENT_READ_SENSITIVE = "document.read_sensitive"
    DOCUMENT_WRITE = "document.write"
    DOCUMENT_REVIEW = "document.review"
    DOCUMENT_RELEASE = "document.release"
    DOCUMENT_CLASSES = "document.classes"
    LOG_READ = "log.read"
    LOG_READ_BUNDLES = "log.read_bundles"
    LOG_VERIFY = "log.verify"
    LOG_EXPORT = "log.export"
    ORGANISATION_WRITE = "organisation.write"
    ORGANISATION_READ = "organisation.read"
    PEOPLE_WRITE = "people.write"
    PEOPLE_READ = "people.read"
    PEOPLE_ERASE = "people.erase"
    PERSONAL_READ = "personal.read"
    KEYS_MANAGE = "keys.manage"
    SIGNING_ROTATE = "signing.rotate"
    NOTICES_READ = "notices.read"
    NOTICES_WRITE = "notices.write"
    JOBS_READ = "jobs.read"
    JOBS_CANCEL = "jobs.cancel"
    STOCK_APPROVE = "stock.approve"
    PERSONAL_UNMASK = "personal.unmask"
    PENDING_READ = "pending.read"
    GRANT_READ = "grant.read"
    GRANT_WRITE = "grant.write"
    BREAK_GLASS_OPEN = "break_glass.open"
    BREAK_GLASS_REVIEW = "break_glass.review"
    RETENTION_READ = "retention.read"
    RETENTION_WRITE = "retention.write"
    HOLD_PLACE = "hold.place"
    HOLD_RELEASE = "hold.release"
    DISPOSAL_PROPOSE = "disposal.propose"
    DISPOSAL_APPROVE = "disposal.approve"
    LOCK_PROBE = "lock.probe"
    LOCK_COMPLIANCE = "lock.compliance"
    BUNDLE_READ = "bundle.read"
    BUNDLE_DRAFT = "bundle.draft"
    BUNDLE_APPROVE = "bundle.approve"
    RESIDENCY_READ = "residency.read"
    RESIDENCY_WRITE = "residency.write"
    FINDING_READ = "finding.read"
    FINDING_SETTLE = "finding.settle"
    CASE_READ = "case.read"
    CASE_WRITE = "case.write"
    CASE_DECIDE = "case.decide"
    BREACH_READ = "breach.read"
    BREACH_WRITE = "breach.write"
    CESSATION_WRITE = "cessation.write"


class PrincipalKind(StrEnum):
    """A human being, a machine, or Chopbook's own commands on its own box."""

    PERSON = "person"
    API_CLIENT = "api_client"
    SYSTEM = "system"


class PrincipalState(StrEnum):
    """Whether a principal may sign in."""

    ACTIVE = "active"
    CLOSED = "closed"


class AccountState(StrEnum):
    """How an account is shown to stand: who was erased may not sign in, whatever the state was before."""

    ACTIVE = "active"
    CLOSED = "closed"
    ERASED = "erased"


class ScopeKind(StrEnum):
    """What an assignment is to."""

    STORE = "store"
    AREA = "area"
    ALL = "all"


class Reach(StrEnum):
    """Where a role applies: where it is assigned, or in the whole organisation."""

    ASSIGNED = "assigned"
    ALL = "all"


class NegativeStockRule(StrEnum):
    """Whether a store's stock may go below zero."""

    ALLOW = "allow"
    REFUSE = "refuse"


class ErasureGround(StrEnum):
    """Why a person's data is erased (PDPO DPP2(2), s.26)."""

    REQUESTED = "requested"
    NO_LONGER_NEEDED = "no_longer_needed"


@dataclass(frozen=True, slots=True)
class Area:
    """A group of stores."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Store:
    """A shop or warehouse in one area; what moves more than `approval_above` units there waits for another person."""

    code: str
    area: str
    name_zh: str
    name_en: str
    negative_stock: NegativeStockRule
    approval_above: int | None = None


@dataclass(frozen=True, slots=True)
class PrincipalRecord:
    """A person or machine client as it is registered.

    `label` is a machine client's name, empty for people. `name_entry` is the entry that holds the digest of a
    person's name, None for machine clients.
    """

    id: str
    kind: PrincipalKind
    role: Role
    label: str
    state: PrincipalState
    name_entry: int | None


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """Where a principal's role applies; `target` is a code, empty for the whole organisation."""

    principal: str
    kind: ScopeKind
    target: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is registered. `id` is its public prefix; of the secret only a SHA-256 is kept."""

    id: str
    principal: str
    secret_hash: bytes = field(repr=False)
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    rate_per_minute: int
    quota_per_month: int | None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is shown this once and kept nowhere."""

    secret: str = field(repr=False)
    key: ApiKey


class Channel(StrEnum):
    """By which way something was asked for."""

    WEB = "web"
    """The pages, in a browser."""
    API = "api"
    """The API, by somebody who signed in."""
    CLI = "cli"
    """A command on Chopbook's own box."""
    JOB = "job"
    """A worker, on behalf of who asked."""
    DEVICE = "device"
    """The API, by a machine with its key: a till, a scanner, another system."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """When and how a person proved who they are.

    Attributes:
        at: when; that a token was renewed since does not count.
        methods: how, by the names of RFC 8176; empty: it is not said.
        context: what the identity provider vouches for (`acr`); empty: it is not said.
    """

    at: datetime
    methods: frozenset[str] = frozenset()
    context: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, as of one version of the directory.

    Attributes:
        id: pseudonymous id.
        kind: person, machine client or system.
        role: what the principal is for.
        stores: codes of the stores in reach; None: every store.
        scopes: names of the actions that may be asked for, if the role permits them.
        key_id: the API key that signed in, None for people.
        acting_for: the person a machine client acts for; both must be permitted.
        classes: documents of which classes are in reach; None: of any.
        from_us, until_us: what was recorded at or after, and before, is in reach, in microseconds since 1970; None: no such limit.
        grant: the engagement or broken glass that this reach rests on.
        lapsed: an auditor without an engagement that runs.
        emergency: the glass is broken.
        version: the directory's version this was made from.
        signed_in: when a person did, as far as is known; no part of what policies look at.
        channel: by which way they call, as far as is known; no part of it either.
        actor: how entries name the principal.
    """

    id: str
    kind: PrincipalKind
    role: Role
    stores: frozenset[str] | None
    scopes: frozenset[str]
    key_id: str | None = None
    acting_for: str | None = None
    classes: frozenset[str] | None = None
    from_us: int | None = None
    until_us: int | None = None
    grant: str | None = None
    lapsed: bool = False
    emergency: bool = False
    version: int = field(default=0, compare=False)
    signed_in: SignIn | None = field(default=None, compare=False)
    channel: Channel | None = field(default=None, compare=False)
    actor: Actor = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "actor", Actor(self.id, self.role.value, self.acting_for))

    @property
    def person(self) -> str:
        """Under whose key personal fields of this caller are kept."""
        return self.acting_for or self.id


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action is on.

    Attributes:
        kind: what it is, such as `stock` or `log`.
        id: which one; empty for all of a kind.
        stores: codes of the stores concerned; for a list, none: it is filtered by the principal's stores instead.
        whole_log: the answer cannot be limited to some stores.
        classes: classes of the documents concerned; for a list, none.
        at_us: when it was recorded, in microseconds since 1970; None: it is no record, or a list.
    """

    kind: str
    id: str = ""
    stores: frozenset[str] = frozenset()
    whole_log: bool = False
    classes: frozenset[str] = frozenset()
    at_us: int | None = None

    @classmethod
    def at(cls, kind: str, stores: Iterable[str], resource_id: str = "") -> Resource:
        """A resource at some stores."""
        return cls(kind, resource_id, frozenset(stores))


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Decision:
    """Whether a principal may do something, why, and on what version of policies and assignments that rests.

    `principal` is the one decided on: it may be newer than the one that was asked about. `bundle` is what decided, and
    `policies` are the ids of those in it that did; none where nothing permits.
    """

    allowed: Final[bool]
    code: Final[Code]
    policy: Final[str]
    version: Final[int]
    principal: Final[Principal]
    action: Final[Action]
    resource: Final[Resource]
    bundle: Final[Bundle] = field(compare=False, repr=False)
    policies: Final[tuple[str, ...]] = ()
