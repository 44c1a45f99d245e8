"""Every type of entry the policies room writes; those of rooms inside it are with their values."""

from __future__ import annotations

from typing import Final

from policies.grants.model import GLASS_OVERDUE, GLASS_UNACKNOWLEDGED, GRANT_EVENT_TYPES

AREA_CREATED: Final = "area.created"
AREA_CHANGED: Final = "area.changed"
STORE_CREATED: Final = "store.created"
STORE_CHANGED: Final = "store.changed"
PERSON_CREATED: Final = "person.created"
PERSON_CHANGED: Final = "person.changed"
PERSON_RENAMED: Final = "person.renamed"
PERSON_CLOSED: Final = "person.closed"
PERSON_REOPENED: Final = "person.reopened"
PRIVACY_ERASED: Final = "privacy.erased"
CLIENT_CREATED: Final = "api_client.created"
CLIENT_CLOSED: Final = "api_client.closed"
CLIENT_REOPENED: Final = "api_client.reopened"
ASSIGNMENT_ADDED: Final = "assignment.added"
ASSIGNMENT_REMOVED: Final = "assignment.removed"
KEY_ISSUED: Final = "key.issued"
KEY_REVOKED: Final = "key.revoked"
ACCESS_DENIED: Final = "access.denied"
ACCESS_READ: Final = "access.read"
ACCESS_UNMASKED: Final = "access.unmasked"
DENIED_SUMMARY: Final = "access.denied_summary"
READ_SUMMARY: Final = "access.read_summary"
SIGN_IN_SUMMARY: Final = "sign_in.failed_summary"
SESSION_BEGUN: Final = "session.begun"
SESSION_ENDED: Final = "session.ended"
OUTBOUND_SUMMARY: Final = "access.outbound_summary"
LEAK_STOPPED: Final = "access.leak_stopped"

POLICY_EVENT_TYPES: Final = GRANT_EVENT_TYPES | frozenset(
    {
        AREA_CREATED,
        AREA_CHANGED,
        STORE_CREATED,
        STORE_CHANGED,
        PERSON_CREATED,
        PERSON_CHANGED,
        PERSON_RENAMED,
        PERSON_CLOSED,
        PERSON_REOPENED,
        PRIVACY_ERASED,
        CLIENT_CREATED,
        CLIENT_CLOSED,
        CLIENT_REOPENED,
        ASSIGNMENT_ADDED,
        ASSIGNMENT_REMOVED,
        KEY_ISSUED,
        KEY_REVOKED,
    }
)
"""Types of entries that move the policy version: decisions made before one of them are taken again."""

ACCESS_EVENT_TYPES: Final = frozenset(
    {
        ACCESS_DENIED,
        ACCESS_READ,
        ACCESS_UNMASKED,
        DENIED_SUMMARY,
        READ_SUMMARY,
        SIGN_IN_SUMMARY,
        SESSION_BEGUN,
        SESSION_ENDED,
        OUTBOUND_SUMMARY,
        LEAK_STOPPED,
        GLASS_OVERDUE,
        GLASS_UNACKNOWLEDGED,
    }
)
"""Types of entries that say what was tried, read or left undone, and move nothing."""

EVENT_TYPES: Final = POLICY_EVENT_TYPES | ACCESS_EVENT_TYPES
"""Every type of entry this room writes."""
