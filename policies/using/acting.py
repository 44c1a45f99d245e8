"""Personal data used for a purpose: who, for what, on which ground; said in the entry of the reading.

    decision = policies.require(principal, Action.LOG_EXPORT, resource)
    policies.require_use(decision, use, OF_ACTIVITY)
    log.commit(policies.record_read(decision, event_id=…, use=use))
    ...                                             # only now does anything leave

A new purpose, by consent or exemption, is for those who answer for personal data: whoever may see it unmasked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.access import AccessRecording
from policies.codes import Code
from policies.errors import UseRefused
from policies.model import Action
from policies.using.rules import is_new, judge_use

if TYPE_CHECKING:
    from collections.abc import Collection

    from policies.model import Decision
    from policies.using.rules import Use


class Using(AccessRecording):
    """What personal data is used for."""

    def require_use(self, decision: Decision, use: Use, listed: Collection[str]) -> None:
        """Checks that personal data kept for the listed purposes may be used for this one.

        Raises:
            UseRefused: it may not (`purpose_needed`, `dpp3_new_purpose`, …).
            Denied: it takes a consent or an exemption, and it is not for this principal to rely on one.
        """
        code = judge_use(use, listed)
        if code is not Code.ALLOWED:
            raise UseRefused(decision, code, listed)
        if is_new(use, listed):
            self.require(decision.principal, Action.PERSONAL_UNMASK, decision.resource)
