"""The closed set of reasons this room gives, by stable name. Their texts are in `policies.reasons`.

A code is for ever: entries hold it. It is never renamed and never given another meaning.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why something was allowed, denied or refused."""

    # allowed
    ALLOWED = "allowed"
    # denied
    ROLE_LACKS_ACTION = "role_lacks_action"
    SCOPE_MISSING = "scope_missing"
    WHOLE_ORGANISATION_NEEDED = "whole_organisation_needed"
    STORE_NOT_NAMED = "store_not_named"
    STORE_OUT_OF_REACH = "store_out_of_reach"
    POLICY_ERROR = "policy_error"
    ACTING_FOR_NOT_A_PERSON = "acting_for_not_a_person"
    # not authenticated; denied too, if it came about after sign-in
    KEY_MALFORMED = "key_malformed"
    KEY_UNKNOWN = "key_unknown"
    KEY_EXPIRED = "key_expired"
    KEY_REVOKED = "key_revoked"
    PRINCIPAL_UNKNOWN = "principal_unknown"
    PRINCIPAL_CLOSED = "principal_closed"
    PRINCIPAL_ERASED = "principal_erased"
    # bounded
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    # a member is wrong
    CODE_FORM = "code_form"
    NAME_FORM = "name_form"
    ROLE_UNFIT = "role_unfit"
    SCOPES_UNFIT = "scopes_unfit"
    TARGET_UNFIT = "target_unfit"
    TARGET_NOT_EMPTY = "target_not_empty"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    EXPIRY_OUT_OF_RANGE = "expiry_out_of_range"
    NOTHING_TO_CHANGE = "nothing_to_change"
    # no such thing
    AREA_UNKNOWN = "area_unknown"
    STORE_UNKNOWN = "store_unknown"
    PERSON_UNKNOWN = "person_unknown"
    CLIENT_UNKNOWN = "client_unknown"
    API_KEY_UNKNOWN = "api_key_unknown"
    # not as things stand
    AREA_EXISTS = "area_exists"
    STORE_EXISTS = "store_exists"
    ID_TAKEN = "id_taken"
    ALREADY_SO = "already_so"
    ALREADY_ASSIGNED = "already_assigned"
    NOT_ASSIGNED = "not_assigned"
    ASSIGNMENTS_UNFIT = "assignments_unfit"
    ALREADY_REVOKED = "already_revoked"
    ALREADY_ERASED = "already_erased"
    OWN_ACCOUNT = "own_account"
