"""The rules: how far each role reaches, what it may be assigned to, and what a well-formed value is. Pure.

- What a role may do is written in a bundle (`policies/cedar` at first) and decided by `policies.engine`. A decision has four conditions: the
  role permits the action; the key's scopes include it; what concerns the whole organisation is asked by somebody who
  reaches all of it; every store concerned is in reach. All must hold.
- An action that happens at a store must name it. A list need not: it is filtered by the caller's stores.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from policies.codes import Code
from policies.engine import Question, Verdict, shipped, verdict
from policies.model import Action, Decision, Principal, Reach, Resource, Role, ScopeKind

if TYPE_CHECKING:
    from policies.engine import Bundle

CODE_CHARS_MAX: Final = 32
NAME_CHARS_MAX: Final = 80
RATE_PER_MINUTE_MAX: Final = 10_000_000
RATE_PER_MINUTE_DEFAULT: Final = 600
QUOTA_PER_MONTH_MAX: Final = 10**12
KEY_LIFETIME_MAX: Final = timedelta(days=731)
KEY_LIFETIME_DEFAULT: Final = timedelta(days=365)

REACH: Final[Mapping[Role, Reach]] = {
    Role.STAFF: Reach.ASSIGNED,
    Role.STORE_MANAGER: Reach.ASSIGNED,
    Role.AREA_MANAGER: Reach.ASSIGNED,
    Role.COMPLIANCE_OFFICER: Reach.ALL,
    Role.DPO: Reach.ALL,
    Role.AUDITOR: Reach.ALL,
    Role.OPERATOR: Reach.ALL,
    Role.API_CLIENT: Reach.ASSIGNED,
    Role.POLICY_ADMIN: Reach.ALL,
}

ASSIGNABLE: Final[Mapping[Role, frozenset[ScopeKind]]] = {
    Role.STAFF: frozenset({ScopeKind.STORE}),
    Role.STORE_MANAGER: frozenset({ScopeKind.STORE}),
    Role.AREA_MANAGER: frozenset({ScopeKind.AREA, ScopeKind.STORE}),
    Role.COMPLIANCE_OFFICER: frozenset(),
    Role.DPO: frozenset(),
    Role.AUDITOR: frozenset(),
    Role.OPERATOR: frozenset(),
    Role.API_CLIENT: frozenset({ScopeKind.STORE, ScopeKind.AREA, ScopeKind.ALL}),
    Role.POLICY_ADMIN: frozenset(),
}
"""By what each role may be assigned; none for roles that reach everything."""

CONFIRMED: Final = frozenset(
    {
        Action.STOCK_ADJUST,
        Action.STOCK_CORRECT,
        Action.STOCKTAKE_OPEN,
        Action.STOCKTAKE_COUNT,
        Action.STOCKTAKE_CLOSE,
        Action.DOCUMENT_WRITE,
        Action.DOCUMENT_REVIEW,
        Action.DOCUMENT_RELEASE,
        Action.CATALOG_WRITE,
        Action.DOCUMENT_CLASSES,
        Action.ORGANISATION_WRITE,
        Action.PEOPLE_WRITE,
        Action.PEOPLE_ERASE,
        Action.KEYS_MANAGE,
        Action.SIGNING_ROTATE,
        Action.NOTICES_WRITE,
        Action.JOBS_CANCEL,
        Action.STOCK_APPROVE,
        Action.PERSONAL_UNMASK,
        Action.GRANT_WRITE,
        Action.BREAK_GLASS_OPEN,
        Action.BREAK_GLASS_REVIEW,
        Action.RETENTION_WRITE,
        Action.HOLD_PLACE,
        Action.HOLD_RELEASE,
        Action.DISPOSAL_PROPOSE,
        Action.DISPOSAL_APPROVE,
        Action.LOCK_PROBE,
        Action.LOCK_COMPLIANCE,
        Action.BUNDLE_DRAFT,
        Action.BUNDLE_APPROVE,
        Action.RESIDENCY_WRITE,
        Action.FINDING_SETTLE,
        Action.CASE_WRITE,
        Action.CASE_DECIDE,
        Action.BREACH_WRITE,
        Action.CESSATION_WRITE,
    }
)
"""Actions that end in a change, which confirms the decision under the log's lock; all others are reads."""

PERSON_ROLES: Final = frozenset(Role) - {Role.API_CLIENT}


def judge(bundle: Bundle, principal: Principal, action: Action, resource: Resource) -> Verdict:
    """What the policies say: every condition that fails, none if the principal may do it."""
    return verdict(
        bundle,
        Question(
            principal.role,
            principal.stores,
            principal.scopes,
            action,
            resource.stores,
            resource.whole_log,
            principal.lapsed,
            principal.classes,
            resource.classes,
            in_time(principal, resource),
            principal.emergency,
        ),
    )


def in_time(principal: Principal, resource: Resource) -> bool:
    """Whether what is concerned was recorded within the dates that are reached; the first instant is, the last is not."""
    if resource.at_us is None:
        return True
    after = principal.from_us is None or resource.at_us >= principal.from_us
    return after and (principal.until_us is None or resource.at_us < principal.until_us)


def decide(bundle: Bundle, principal: Principal, action: Action, resource: Resource, *, version: int) -> Decision:
    """The decision of `judge`, with what it rests on."""
    codes, policies = judge(bundle, principal, action, resource)
    code = codes[0] if codes else Code.ALLOWED
    named = policy_at(bundle, version)
    return Decision(not codes, code, named, version, principal, action, resource, bundle, policies)


def lacking_stores(principal: Principal, resource: Resource) -> tuple[str, ...]:
    """The stores concerned that are out of reach, sorted."""
    return () if principal.stores is None else tuple(sorted(resource.stores - principal.stores))


def roles_permitting(bundle: Bundle, action: Action) -> tuple[Role, ...]:
    """The roles which permit an action."""
    return tuple(role for role in Role if action in bundle.permits[role])


@lru_cache(maxsize=len(Role))
def scopes_of(role: Role) -> frozenset[str]:
    """The widest scopes of a role under the policies Chopbook ships: what a new client is given, unless told otherwise."""
    return shipped().scopes(role)


@lru_cache(maxsize=64)
def policy_at(bundle: Bundle, version: int) -> str:
    """The name of the policy with the assignments of a version: `cedar-3f8a0c12b5d6e7f9@57`."""
    return f"{bundle.name}@{version}"


# --------------------------------------------------------------------------------- well-formed values

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
# Controls, zero-width and direction marks, line separators, lone surrogates: what could make two names look alike.
STATEMENT_FORM = r"[A-Z0-9][A-Z0-9-]{0,31}/[1-9][0-9]{0,3}"
_STATEMENT = re.compile(STATEMENT_FORM)
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]")


def is_code(text: str) -> bool:
    """Whether it can be the code of an area or store."""
    return _CODE.fullmatch(text) is not None


def is_statement(text: str) -> bool:
    """Whether it names a personal information collection statement with its version: `STAFF/3`."""
    return _STATEMENT.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether it can be a name: 1 to 80 characters that can all be seen, none of them white space at an end."""
    return 1 <= len(text) <= NAME_CHARS_MAX and text == text.strip() and _UNSEEN.search(text) is None


def are_scopes(scopes: Collection[str], bundle: Bundle) -> bool:
    """Whether a key can have these scopes: at least one, and only what a client may be permitted."""
    return bool(scopes) and frozenset(scopes) <= bundle.scopes(Role.API_CLIENT)


def is_expiry(expires_at: datetime, now: datetime) -> bool:
    """Whether a key issued now can expire then."""
    return now < expires_at <= now + KEY_LIFETIME_MAX
