"""Seeing personal data unmasked: who, for which purpose, of what; the entry is durable before anything is handed out.

    unmask = policies.require_unmasked(principal, purpose, Resource.at("document", [store], document_id), event_id=event_id)
    log.commit(unmask)
    ...                                             # only now is the clear value read

Whoever may not, or names no purpose of the list, is denied; the caller shows what is masked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from policies.access import AccessRecording
from policies.codes import Code
from policies.errors import Denied
from policies.event_types import ACCESS_UNMASKED
from policies.model import Action
from policies.step_up import CONFIDENTIAL
from policies.unmasking.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Subject
    from policies.model import Principal, Resource
    from storage.transaction import Change

_KNOWN: Final = frozenset(purpose.value for purpose in Purpose)


class Unmasking(AccessRecording):
    """Personal data in clear."""

    def require_unmasked(
        self,
        principal: Principal,
        purpose: str | None,
        resource: Resource,
        *,
        event_id: UUID,
        detail: Mapping[str, JSON] | None = None,
        about: Sequence[Subject] = (),
    ) -> Change[Entry]:
        """A change that records the unmasking; commit it, then hand out what it is about.

        `purpose` is one of `Purpose`. `detail` holds codes, counts and indexes, no personal data; `about` are things whose chains
        tell who saw them unmasked.

        Raises:
            Denied: not allowed (`role_lacks_action`, …), or no purpose of the list is named (`purpose_needed`). The change: Denied.
            StepUpRequired: they signed in too long ago.
        """
        decision = self.require(principal, Action.PERSONAL_UNMASK, resource)
        if purpose not in _KNOWN:
            raise Denied(replace(decision, allowed=False, code=Code.PURPOSE_NEEDED))
        self.require_recent(decision, CONFIDENTIAL)
        return self._read_entry(
            decision, ACCESS_UNMASKED, {"purpose": str(purpose)}, event_id=event_id, detail=detail, about=about
        )
