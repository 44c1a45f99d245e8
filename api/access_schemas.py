"""JSON Schemas of what the API answers about access itself, by name; in the way of `api.schemas`."""

from typing import Final

from api.members import Schema
from api.schemas import ANYTHING, COUNT, HASH, TEXT, TIME, choice, described, listed, nullable, record
from policies.model import Action
from policies.pending.model import PendingKind, PendingState

ACCESS_SCHEMAS: Final[dict[str, Schema]] = {
    "Pending": record(
        {
            "id": TEXT,
            "kind": choice(PendingKind),
            "kind_zh": TEXT,
            "kind_en": TEXT,
            "state": choice(PendingState),
            "subject": described(TEXT, "What it would be done to, `kind/id`."),
            "store": described(nullable(TEXT), "null: it is the whole organisation's."),
            "content": described(ANYTHING, "What was proposed, exactly."),
            "content_sha256": HASH,
            "steps": described(listed(choice(Action)), "What whoever gives each approval must be allowed, in order."),
            "approvers": described(listed(TEXT), "Who gave which, in order."),
            "proposer": TEXT,
            "proposed_at": TIME,
            "expires_at": TIME,
            "proposed_entry": COUNT,
            "entry": described(COUNT, "The entry that moved it last."),
        },
        description="Something that waits for approval, or did.",
    ),
}
