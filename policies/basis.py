"""What a decision rests on, as entries record it: enough to take it again from the log alone.

- `policy` names the bundle by digest and the directory by version; the entries up to that version say who reached what
  (`policies.replaying` reads them so). `scope` is a digest of that reach: where it differs, the tables said something else than the log.
- Store codes that a caller made up are `?`, whatever there is of them; `*` is the whole organisation.
- The digest of a reach and the record of a decision are remembered: a till asks the same thing all day.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from audit.canonical import encode
from audit.event import Decided, format_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from audit.canonical import JSON
    from policies.codes import Code
    from policies.model import Action, Channel, Decision, Principal, Role

SCOPE_HEX: Final = 16
KEPT: Final = 4096
WORDS_MAX: Final = 128
"""Stores, or classes, that a record names; beyond, it says so with `MORE` and cannot be taken again."""
UNKNOWN: Final = "?"
WHOLE: Final = "*"
MORE: Final = "~"

_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def decided(decision: Decision, known: AbstractSet[str]) -> Decided:
    """The record of a decision; `known` are the codes of stores there are."""
    principal, resource = decision.principal, decision.resource
    timed = principal.from_us is not None or principal.until_us is not None
    stores = resource.stores
    if not stores <= known and not (principal.stores is not None and stores <= principal.stores):
        stores = frozenset(store if store in known else UNKNOWN for store in stores)
    return _decided(
        decision.policy,
        decision.code,
        decision.action,
        resource.kind,
        decision.policies,
        stores,
        resource.whole_log,
        resource.classes,
        resource.at_us if timed else None,
        (principal.key_id, principal.grant, principal.channel),
        scope_digest(principal),
    )


def scope_digest(principal: Principal) -> str:
    """A digest of all that policies look at of a principal: role, stores, scopes, classes, dates, and how it came by them."""
    return _scope_digest(
        principal.role,
        principal.stores,
        principal.scopes,
        principal.classes,
        principal.from_us,
        principal.until_us,
        principal.lapsed,
        principal.emergency,
    )


@lru_cache(maxsize=KEPT)
def _decided(
    policy: str,
    code: Code,
    action: Action,
    kind: str,
    policies: tuple[str, ...],
    stores: frozenset[str],
    whole_log: bool,
    classes: frozenset[str],
    at_us: int | None,
    came_by: tuple[str | None, str | None, Channel | None],
    scope: str,
) -> Decided:
    key, grant, channel = came_by
    return Decided(
        policy,
        code.value,
        action=action.value,
        resource=kind,
        scope=scope,
        by=_words(policies),
        stores=_words((*((WHOLE,) if whole_log else ()), *stores)),
        classes=_words(name if _WORD.fullmatch(name) else UNKNOWN for name in classes),
        at="" if at_us is None else format_time(at_us),
        key=key or "",
        grant=grant or "",
        channel="" if channel is None else channel.value,
    )


def _words(words: Iterable[str]) -> str:
    ordered = sorted(set(words))
    return " ".join(ordered if len(ordered) <= WORDS_MAX else [*ordered[: WORDS_MAX - 1], MORE])


@lru_cache(maxsize=KEPT)
def _scope_digest(
    role: Role,
    stores: frozenset[str] | None,
    scopes: frozenset[str],
    classes: frozenset[str] | None,
    from_us: int | None,
    until_us: int | None,
    lapsed: bool,
    emergency: bool,
) -> str:
    said: dict[str, JSON] = {
        "classes": None if classes is None else [*sorted(classes)],
        "emergency": emergency,
        "from": from_us,
        "lapsed": lapsed,
        "role": role.value,
        "scopes": [*sorted(scopes)],
        "stores": None if stores is None else [*sorted(stores)],
        "until": until_us,
    }
    return hashlib.sha256(encode(said)).hexdigest()[:SCOPE_HEX]
