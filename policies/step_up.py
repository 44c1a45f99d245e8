"""How recent, and how strong, a sign-in must be for what is sensitive (PDPO DPP4(1); RFC 9470). Pure.

- Each level of sensitivity has an age that a sign-in may have: the time since the person proved who they are (`auth_time`, else `iat`), not
  since a token was last renewed.
- At the highest level, where a token says how its holder signed in (`amr`, RFC 8176), a second factor must be among it; and where the operator
  names contexts (`acr`), it must be one of those. A token that says nothing of the kind is judged by its age alone.
- A machine cannot sign in again. Its key, of 256 bits and with named scopes, is good for everything below the highest level, and for nothing
  of it, acting for a person or not.
- Chopbook's own commands have the root key: whoever has that needs no other proof.
- A person of whom it is not known when they signed in is one who did so too long ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from policies.model import PrincipalKind

if TYPE_CHECKING:
    from datetime import datetime

    from policies.model import Principal, SignIn

ORDINARY: Final = 1
INTERNAL: Final = 2
CONFIDENTIAL: Final = 3
"""Levels of sensitivity, those of document classes. Personal data in clear is of the highest."""

SECOND_FACTORS: Final = frozenset({"hwk", "mfa", "otp", "pop", "sc", "swk"})
"""What of RFC 8176 shows that more than a password was asked for; a text message or a call does not."""


@dataclass(frozen=True, slots=True)
class StepUp:
    """What is asked of a sign-in.

    Attributes:
        internal: how old it may be for level 2.
        confidential: the same for level 3.
        contexts: values of `acr` of which a token must carry one for level 3; empty: any or none.
    """

    internal: timedelta = timedelta(hours=12)
    confidential: timedelta = timedelta(minutes=15)
    contexts: frozenset[str] = frozenset()

    def age_max(self, level: int) -> timedelta | None:
        """How old a sign-in may be for this level; None: any age."""
        if level <= ORDINARY:
            return None
        return self.internal if level == INTERNAL else self.confidential


def is_recent(limits: StepUp, principal: Principal, level: int, now: datetime) -> bool:
    """Whether this caller may be shown what is of this level without signing in again."""
    most = limits.age_max(level)
    if most is None or principal.kind is PrincipalKind.SYSTEM:
        return True
    if principal.key_id is not None:
        return level < CONFIDENTIAL
    signed_in = principal.signed_in
    if signed_in is None or now - signed_in.at > most:
        return False
    return level < CONFIDENTIAL or _is_strong(limits, signed_in)


def _is_strong(limits: StepUp, signed_in: SignIn) -> bool:
    if limits.contexts and signed_in.context not in limits.contexts:
        return False
    return not signed_in.methods or not SECOND_FACTORS.isdisjoint(signed_in.methods)
