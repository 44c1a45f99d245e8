"""Looking through what one employee did: monitoring of staff, for which a manager names an open case (PCPD guideline of 2004).

- It concerns roles that reach only where they are assigned: staff and managers. Officers and auditors do it as their work, and every
  search of theirs is recorded like any other.
- One's own entries need no case. A search by a person's id as actor, as subject, or anywhere in the text counts.
- A search that is let through is an entry of its own, which names the case and the person.
"""

import re
from dataclasses import replace
from typing import Any, Final, Protocol

from api.calls import Call
from policies.codes import Code
from policies.errors import Denied
from policies.model import Decision, PrincipalKind, Role

WATCHERS: Final = frozenset({Role.STAFF, Role.STORE_MANAGER, Role.AREA_MANAGER})
_PERSON: Final = re.compile(r"p_[a-z2-7]{16}")


class Search(Protocol):
    """What is looked for, as far as it can name somebody."""

    @property
    def actor(self) -> str | None:
        """Who did it."""

    @property
    def subject(self) -> str | None:
        """What it is about."""

    @property
    def text(self) -> str | None:
        """What stands in it."""

    @property
    def case(self) -> str | None:
        """The case it is done for."""


def require_case(call: Call[Any, Any], wanted: Search, decision: Decision) -> None:
    """Check that a search for another's entries names a case that is open, and record it.

    Raises:
        Denied: it names none, or one that is not open.
    """
    principal = decision.principal
    named = set(_PERSON.findall(" ".join(part for part in (wanted.actor, wanted.subject, wanted.text) if part)))
    records = call.services.policies.directory().records
    others = sorted(
        one
        for one in named - {principal.id, principal.acting_for}
        # Somebody who is not known is asked about as a person is: the answer must not tell that they are none.
        if one not in records or records[one].kind is PrincipalKind.PERSON
    )
    if not others or principal.role not in WATCHERS:
        return
    services = call.services
    with services.storage.database.read() as connection:
        known = wanted.case is not None and services.cases.is_open(connection, wanted.case)
    if not known:
        raise Denied(replace(decision, allowed=False, code=Code.MONITORING_CASE_NEEDED))
    detail = {"case": wanted.case, "people": others}
    services.storage.log.commit(services.policies.record_read(decision, event_id=call.new_event_id(), detail=detail))
