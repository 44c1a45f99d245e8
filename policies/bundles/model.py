"""The values of a bundle's life: the steps it takes from a draft to the one in force, each of them an entry.

draft → validated → simulating → simulated → proposed → approved → scheduled → active → retired. A simulation is a job: if it cannot
come to an end, the bundle goes back to where it stood, and the step says why. A retired one is simulated anew before it is proposed again; one
whose base has moved (another became active) goes back to validated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from audit.words import Words
from policies.codes import Code

if TYPE_CHECKING:
    from audit.canonical import JSON

BUNDLE_DRAFTED: Final = "bundle.drafted"
BUNDLE_VALIDATED: Final = "bundle.validated"
BUNDLE_SIMULATING: Final = "bundle.simulation_requested"
BUNDLE_SIMULATED: Final = "bundle.simulated"
BUNDLE_PROPOSED: Final = "bundle.proposed"
BUNDLE_APPROVED: Final = "bundle.approved"
BUNDLE_SCHEDULED: Final = "bundle.scheduled"
BUNDLE_ACTIVATED: Final = "bundle.activated"
BUNDLE_RETIRED: Final = "bundle.retired"
BUNDLE_SET_BACK: Final = "bundle.set_back"
BUNDLE_RESTORED: Final = "bundle.restored"

BUNDLE_EVENT_TYPES: Final = frozenset(
    {
        BUNDLE_DRAFTED,
        BUNDLE_VALIDATED,
        BUNDLE_SIMULATING,
        BUNDLE_SIMULATED,
        BUNDLE_PROPOSED,
        BUNDLE_APPROVED,
        BUNDLE_SCHEDULED,
        BUNDLE_ACTIVATED,
        BUNDLE_RETIRED,
        BUNDLE_SET_BACK,
        BUNDLE_RESTORED,
    }
)
"""Every type of entry about bundles. `bundle.activated` and `bundle.restored` move the policy version, the others nothing."""

SIMULATE_KIND: Final = "bundle.simulate"
"""The kind of job that simulates. Its payload: `bundle`, the digest, and `step`, the number of the step that asks."""
SUBJECT_BUNDLE: Final = "bundle"
SCHEDULE_MAX: Final = timedelta(days=366)
DAYS_MAX: Final = 90
DAYS_DEFAULT: Final = 30
STATEMENT_CHARS_MAX: Final = 500
FAULTS_MAX: Final = 64
SHOWN_MAX: Final = 200
"""Rows of a list in a simulation; the counts are of all."""


class BundleState(StrEnum):
    """How far a bundle has come."""

    DRAFT = "draft"
    VALIDATED = "validated"
    SIMULATING = "simulating"
    SIMULATED = "simulated"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    RETIRED = "retired"


BUNDLE_STATES: Final[Mapping[BundleState, Words]] = {
    BundleState.DRAFT: Words("草擬", "draft"),
    BundleState.VALIDATED: Words("已查核", "validated"),
    BundleState.SIMULATING: Words("模擬中", "being simulated"),
    BundleState.SIMULATED: Words("已模擬", "simulated"),
    BundleState.PROPOSED: Words("待批", "waits for approval"),
    BundleState.APPROVED: Words("已批核", "approved"),
    BundleState.SCHEDULED: Words("已排期", "scheduled"),
    BundleState.ACTIVE: Words("生效", "active"),
    BundleState.RETIRED: Words("已停用", "retired"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it led to, who made it and when, and what was found or said.

    `by` is a pseudonym, or `system` for what the clock did. `detail` holds codes, counts and ids.
    """

    number: int
    state: BundleState
    by: str
    at: datetime
    detail: Mapping[str, Any]
    entry_index: int = -1


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """A bundle as it stands.

    Attributes:
        digest: its address.
        title: what people call it.
        drafted_by: who wrote it down; `system`: it came with the program.
        steps: in order; none for the one that came with the program, while it was never asked for by name.
        state: what the last step led to.
    """

    digest: str
    title: Words
    drafted_by: str
    steps: tuple[Step, ...]
    state: BundleState

    @property
    def simulation(self) -> Step | None:
        """The step that holds the newest simulation."""
        return next((step for step in reversed(self.steps) if "questions" in step.detail), None)

    @property
    def due_at(self) -> datetime | None:
        """When it becomes the active one, if that is set."""
        if self.state is not BundleState.SCHEDULED:
            return None
        return datetime.fromisoformat(str(self.steps[-1].detail["at"]))


@dataclass(frozen=True, slots=True)
class BundleFault:
    """Why a bundle cannot be used: a code that has words, the member, and what was expected there."""

    code: Code
    member: str
    expected: str

    def json(self) -> dict[str, JSON]:
        """As reports hold it."""
        return {"code": self.code.value, "member": self.member[:128], "expected": self.expected[:500]}


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That somebody looked at what would be newly allowed: how many there are, and their own words."""

    newly_allowed: int
    statement: str
