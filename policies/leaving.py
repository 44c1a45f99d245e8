"""Rows that are about to leave: each is decided again, from what it says itself.

- This is the second barrier, behind the scope a list is filtered by. It takes no notice of that scope: if a statement is wrong, the
  policies still are not.
- A row that may not leave is dropped. That is an alarm: a line in the log, a counter, and an entry by the minute (`access.leak_stopped`).
- Whoever lost a right between the list and its leaving is no leak: rows are dropped then, and nothing is said.
- Decisions are remembered, so a page costs microseconds a row.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from policies.access import AccessRecording
from policies.deciding import decide_in
from policies.gathering import Gathered
from policies.scope import scope_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policies.model import Action, Decision, Principal, Resource
    from policies.scope import Scope
    from storage.scope import ClassOf

T = TypeVar("T")

_LOGGER: Final = logging.getLogger("chopbook.policies")


class Leaving(AccessRecording):
    """What a list may hold, before and after it is read."""

    class_of: ClassOf | None = None
    """How the class of a document is found: the document room says."""
    leaks_stopped = 0
    """Rows this process stopped."""

    def scope(self, decision: Decision) -> Scope:
        """What rows a decision lets its principal see.

        Raises:
            Denied: it lets them see none.
        """
        scope = scope_of(decision)
        return scope if scope.classes is None else replace(scope, class_of=self.class_of)

    def leaving(
        self, principal: Principal, rows: Iterable[T], asked: Callable[[T], Iterable[tuple[Action, Resource]]]
    ) -> tuple[T, ...]:
        """Those of the rows that may leave; `asked` says of a row all that its reader must be allowed."""
        directory, now = self.directory(), self._clock()
        kept: list[T] = []
        for row in rows:
            for action, resource in asked(row):
                decision = decide_in(directory, principal, action, resource, now=now)
                if not decision.allowed:
                    if decision.principal == principal:
                        self._stop(decision)
                    break
            else:
                kept.append(row)
        return tuple(kept)

    def _stop(self, decision: Decision) -> None:
        self.leaks_stopped += 1
        kind, action, code = decision.resource.kind, decision.action.value, decision.code.value
        self._gatherer.count(Gathered.LEAK, (decision.principal.id, action, kind, code), self._clock())
        _LOGGER.error("a row was about to leak and was dropped", extra={"action": action, "kind": kind, "code": code})
