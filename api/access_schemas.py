"""JSON Schemas of what the API answers about access itself, by name; in the way of `api.schemas`."""

from typing import Final

from api.members import Schema
from api.schemas import ANYTHING, COUNT, DATE, HASH, TEXT, TIME, choice, described, listed, nullable, record
from policies.grants.model import GrantKind, GrantState, Review
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
    "Grant": record(
        {
            "id": TEXT,
            "kind": choice(GrantKind),
            "state": choice(GrantState),
            "principal": described(TEXT, "Whose; of a broken glass, who broke it."),
            "starts_at": TIME,
            "ends_at": TIME,
            "given_by": TEXT,
        },
        optional={
            "stores": described(listed(TEXT), "Absent: every one."),
            "classes": described(listed(TEXT), "Documents of which classes; absent: of any."),
            "dates_from": described(TIME, "Only what was recorded at or after this."),
            "dates_until": described(TIME, "Only what was recorded before this."),
            "ended_at": described(TIME, "It was ended before its time."),
            "told": described(TEXT, "The second person, who was told of the broken glass."),
            "told_by": described(
                listed(TEXT),
                "When it is broken: channels that tell the second person. None: it awaits them in their list alone.",
            ),
            "acknowledge_by": described(TIME, "Until when the second person says that they heard of a broken glass."),
            "acknowledged_at": described(TIME, "When they said so."),
            "review": choice(Review),
            "reviewed_by": TEXT,
            "review_due_on": described(DATE, "The last day on which the review of a broken glass is in time."),
        },
        description="Access for a time: an auditor's engagement, or a broken glass.",
    ),
}
