"""What a denial would have needed, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policies.codes import Code
from policies.model import Words


class NeedKind(StrEnum):
    """What kind of thing a denied principal would need."""

    ROLE = "role"
    SCOPE = "scope"
    STORE = "store"
    WHOLE_ORGANISATION = "whole_organisation"
    PURPOSE = "purpose"
    ENGAGEMENT = "engagement"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing a denied principal would need; any of `options` (roles, scopes), or each of them (stores)."""

    kind: NeedKind
    options: tuple[str, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a decision came out as it did, and all that would be needed for another outcome."""

    code: Code
    words: Words
    needs: tuple[Need, ...]
