"""The front door of the retention room.

    log.commit(retention.place_hold(principal, parse(HoldRequest, content)))
    with database.read() as connection: retention.judge_record(connection, record, on)

Methods that write return a Change, and the caller commits it. What they raise before that, they raise at once; what is
listed as "The change:" comes out of the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.model import Action, Resource
from retention import store as rows
from retention.holding import Holding
from retention.reviewing import Reviewing
from retention.scheduling import Scheduling

if TYPE_CHECKING:
    from policies.model import Principal
    from retention.model import Schedule

__all__ = ["Retention"]


class Retention(Scheduling, Holding, Reviewing):
    """Schedules, clocks, holds, and what they make of records; safe to share between threads."""

    def schedules(self, principal: Principal, connection: rows.Snapshot) -> list[tuple[Schedule, int]]:
        """Every version of every rule with the entry that added it, by code and version.

        Raises:
            Denied.
        """
        self._means.policies.require(principal, Action.RETENTION_READ, Resource("retention"))
        return rows.read_schedules(connection)
