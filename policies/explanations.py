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
    DATES = "dates"
    UNBROKEN_GLASS = "unbroken_glass"
    SIGN_IN = "sign_in"
    USE = "use"


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

    @property
    def nearest(self) -> Words | None:
        """How near it was to being allowed, as a sentence; None: it was, or no condition of the policies stood against it."""
        if not self.needs:
            return None
        if len(self.needs) == 1:
            return Words("只欠這一項，其他條件全部符合。", "This alone is missing; every other condition is met.")
        count = len(self.needs)
        return Words(
            f"共欠 {count} 項，其他條件全部符合。", f"{count} things are missing; every other condition is met."
        )
