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
    ENGAGEMENT_OVER = "engagement_over"
    CLASS_OUT_OF_REACH = "class_out_of_reach"
    TIME_OUT_OF_REACH = "time_out_of_reach"
    BREAK_GLASS_BARRED = "break_glass_barred"
    POLICY_ERROR = "policy_error"
    PURPOSE_NEEDED = "purpose_needed"
    MONITORING_CASE_NEEDED = "monitoring_purpose_required"
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
    NAME_FROM_HKID = "name_from_hkid"
    ROLE_UNFIT = "role_unfit"
    SCOPES_UNFIT = "scopes_unfit"
    TARGET_UNFIT = "target_unfit"
    TARGET_NOT_EMPTY = "target_not_empty"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    EXPIRY_OUT_OF_RANGE = "expiry_out_of_range"
    REASON_FORM = "reason_form"
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
    # what waits for a second person (policies.pending)
    OWN_APPROVAL = "own_approval"
    NOT_PROPOSER = "not_proposer"
    PENDING_UNKNOWN = "pending_unknown"
    PENDING_SETTLED = "pending_settled"
    PENDING_EXPIRED = "pending_expired"
    PENDING_CHANGED = "pending_changed"
    # access for a time (policies.grants)
    GRANT_UNKNOWN = "grant_unknown"
    GRANT_OVER = "grant_over"
    GRANT_OVERLAPS = "grant_overlaps"
    GRANT_PERIOD = "grant_period"
    GRANT_DATES = "grant_dates"
    NOT_AN_AUDITOR = "not_an_auditor"
    NDA_MISSING = "nda_missing"
    SECOND_PERSON_UNFIT = "second_person_unfit"
    ALREADY_REVIEWED = "already_reviewed"
    OWN_REVIEW = "own_review"
    CODES_UNFIT = "codes_unfit"
    # where data goes (policies.residency)
    DESTINATION_UNDECLARED = "destination_undeclared"
    DESTINATION_ENDED = "destination_ended"
    DATA_CLASS_REFUSED = "data_class_refused"
    ORG_RES_1 = "org_res_1"
    S33_CONDITION_MISSING = "s33_condition_missing"
    PROCESSOR_NO_CONTRACT = "processor_no_contract"
    REGION_ELSEWHERE = "region_elsewhere"
    MODEL_CLAUSES_INCOMPLETE = "model_clauses_incomplete"
    GBA_PLACE_UNFIT = "gba_place_unfit"
    GBA_ONWARD = "gba_onward"
    GBA_IMPORTANT_DATA = "gba_important_data"
    GBA_ASSESSMENT_STALE = "gba_assessment_stale"
    RESIDENCY_MEMBER = "residency_member"
    PROCESSOR_UNKNOWN = "processor_unknown"
    DESTINATION_UNKNOWN = "destination_unknown"
    # findings about it
    TRANSFER_NO_BASIS = "transfer_no_basis"
    DELETION_UNCONFIRMED = "deletion_unconfirmed"
    GBA_FILING_OVERDUE = "gba_filing_overdue"
    BUCKET_LOCATION_DRIFT = "bucket_location_drift"
    CN_ASSESSMENT_DUE = "cn_assessment_due"
    # a finding about broken glass
    REVIEW_OVERDUE = "break_glass_review_overdue"
