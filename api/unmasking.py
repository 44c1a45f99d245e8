"""Stating a purpose: the header by which an officer sees identity card numbers in full, and the entry that it is."""

from typing import Any, Final

from api.calls import Call
from audit.entry import Entry
from audit.event import Subject
from policies.model import Resource
from policies.unmasking.purposes import Purpose
from storage.transaction import Change

PURPOSE_HEADER: Final = "Unmask-Purpose"
PURPOSE_PARAMETER: Final[dict[str, Any]] = {
    "name": PURPOSE_HEADER,
    "in": "header",
    "required": False,
    "description": (
        "Why identity card numbers are to be seen in full. Needs `personal.unmask`, and is an entry. Without it they are "
        "masked, and content that shows one is not opened."
    ),
    "schema": {"type": "string", "enum": [purpose.value for purpose in Purpose]},
}


def unmasking_of(call: Call[Any, Any], operation: str) -> Change[Entry]:
    """Return the entry that must be in the log before this call's answer is made.

    Raises:
        Denied: the caller may not see them, or the purpose is none of the list.
    """
    given = call.headers[PURPOSE_HEADER.lower().encode()].decode("latin-1").strip()
    document = str(call.parameters.document)
    return call.services.policies.require_unmasked(
        call.principal,
        given,
        Resource("document", document),
        event_id=call.new_event_id(),
        detail={"operation": operation, "document": document},
        about=(Subject("document", document),),
    )
