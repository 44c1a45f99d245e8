"""The one gate: asked before every call outwards, and at the start of a process for everything the settings name.

- A refusal is counted, and becomes part of an `access.outbound_summary` entry a minute.
- It decides from the registers as of the newest version of any process, on the day in Hong Kong.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from policies.codes import Code
from policies.reasons import words_of
from policies.residency.rules import admitted
from policies.residency.writes import day_of
from storage.outbound import OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from policies.residency.writes import ResidencyWrites
    from storage.outbound import Destination

_log = logging.getLogger("chopbook.policies")


class ResidencyGate:
    """An `OutboundGate` on the registers; safe to share between threads."""

    def __init__(
        self,
        policies: ResidencyWrites,
        *,
        clock: Callable[[], datetime],
        listed: Mapping[str, str] | None = None,
    ) -> None:
        """`listed`: hosts with jurisdictions that the operator's settings declare, for what holds no personal data."""
        self._policies: Final = policies
        self._clock: Final = clock
        self._listed: Final = {host.lower(): jurisdiction for host, jurisdiction in (listed or {}).items()}

    def admit(self, destination: Destination) -> str:
        """As `OutboundGate.admit`."""
        now = self._clock()
        found = admitted(self._policies.residency(), destination, day_of(now), listed=self._listed)
        if isinstance(found, Code):
            self._policies.count_refused_call(str(destination), destination.purpose, found.value, now=now)
            _log.warning(
                "call outwards refused",
                extra={"destination": str(destination), "purpose": destination.purpose, "code": found.value},
            )
            raise OutboundRefused(destination, found.value)
        return found

    def faults(self, configured: Iterable[tuple[str, Destination]]) -> tuple[str, ...]:
        """A sentence for each configured endpoint that would be refused: (name of the setting, where it leads)."""
        sentences = []
        for setting, destination in configured:
            try:
                self.admit(destination)
            except OutboundRefused as refused:
                words = words_of(Code(refused.code))
                sentences.append(f"{setting}: {destination} ({destination.purpose}): {words.en} {words.zh}")
        return tuple(sentences)
