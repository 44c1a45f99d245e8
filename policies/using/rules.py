"""Whether personal data may be used for a stated purpose (PDPO DPP3, s.2(3), Part 8). Pure.

- No purpose, or none of the closed list: refused, whatever else is said.
- A purpose in the list of the data concerned: allowed.
- Another is a new purpose. It takes the prescribed consent of those concerned, kept as a document, or an exemption of Part 8 that lifts
  principle 3, with the document that shows it. An exemption that lifts another principle helps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.codes import Code
from policies.using.exemptions import EXEMPTIONS, ExemptionId, Principle

if TYPE_CHECKING:
    from collections.abc import Collection

    from audit.canonical import JSON
    from policies.using.purposes import UsePurpose


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody says they use personal data for.

    Attributes:
        purpose: of the closed list; None: they said none, or none of the list.
        consent: the document that holds the prescribed consent.
        exemption: of Part 8.
        evidence: the document that shows the exemption.
    """

    purpose: UsePurpose | None
    consent: str | None = None
    exemption: ExemptionId | None = None
    evidence: str | None = None

    def said(self) -> dict[str, JSON]:
        """As an entry says it: codes and ids."""
        members = {
            "purpose": self.purpose,
            "consent": self.consent,
            "exemption": self.exemption,
            "evidence": self.evidence,
        }
        return {name: str(value) for name, value in members.items() if value is not None}


def is_new(use: Use, listed: Collection[str]) -> bool:
    """Whether the purpose is none of those the data is kept for."""
    return use.purpose not in listed


def judge_use(use: Use, listed: Collection[str]) -> Code:
    """`ALLOWED`, or why the data may not be used so."""
    if use.purpose is None:
        return Code.PURPOSE_NEEDED
    if not is_new(use, listed) or use.consent is not None:
        return Code.ALLOWED
    if use.exemption is None:
        return Code.DPP3_NEW_PURPOSE
    if Principle.USE not in EXEMPTIONS[use.exemption].lifts:
        return Code.EXEMPTION_LIFTS_OTHER
    return Code.ALLOWED if use.evidence is not None else Code.EXEMPTION_EVIDENCE_MISSING
