"""The stable names of the problems that arise in this room, and what a row of their table holds.

- A code is for ever: clients match on it. A text may be improved at any time.
- Rooms below have codes of their own, with their own sentences; where the meaning is the same, the name is the same, and
  the sentence is theirs.
- Statuses: 400 the bytes or a parameter cannot be read; 401 who are you; 403 not allowed; 404 no such thing;
  409 it contradicts what is already recorded; 413 too much; 415 not a form we read; 422 read, but a member is wrong;
  429 too often; 503 not now, try again.
"""

from dataclasses import dataclass
from enum import StrEnum

from api.languages import Wording


class Code(StrEnum):
    """The stable name of a kind of problem."""

    # the request as HTTP
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    HEADER_REPEATED = "header_repeated"
    BODY_MISSING = "body_missing"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    MEDIA_TYPE_UNSUPPORTED = "media_type_unsupported"
    CHARSET_UNSUPPORTED = "charset_unsupported"
    CONTENT_CODING_UNSUPPORTED = "content_coding_unsupported"
    # the bytes as JSON
    WRONG_ENCODING = "wrong_encoding"
    CHARACTER_CUT = "character_cut"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_JSON = "not_json"
    NDJSON_TRUNCATED = "ndjson_truncated"
    DUPLICATE_MEMBER = "duplicate_member"
    NUMBER_IS_FLOAT = "number_is_float"
    INTEGER_OUT_OF_RANGE = "integer_out_of_range"
    LONE_SURROGATE = "lone_surrogate"
    NUL_CHARACTER = "nul_character"
    NESTED_TOO_DEEP = "nested_too_deep"
    TOO_MANY_ROWS = "too_many_rows"
    NO_ROWS = "no_rows"
    ROW_COUNT_DIFFERS = "row_count_differs"
    # members and parameters
    MEMBER_UNKNOWN = "member_unknown"
    MEMBER_MISSING = "member_missing"
    PARAMETER_UNKNOWN = "parameter_unknown"
    PARAMETERS_EXCLUDE = "parameters_exclude"
    PARAMETER_REPEATED = "parameter_repeated"
    OBJECT_EXPECTED = "object_expected"
    LIST_EXPECTED = "list_expected"
    TEXT_EXPECTED = "text_expected"
    INTEGER_EXPECTED = "integer_expected"
    BOOLEAN_EXPECTED = "boolean_expected"
    UUID_FORM = "uuid_form"
    DATE_FORM = "date_form"
    TIME_FORM = "time_form"
    TIME_WITHOUT_ZONE = "time_without_zone"
    TIME_TOO_EARLY = "time_too_early"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_CHARACTERS = "text_characters"
    CODE_FORM = "code_form"
    LIST_EMPTY = "list_empty"
    LIST_TOO_LONG = "list_too_long"
    CHOICE_UNKNOWN = "choice_unknown"
    NAME_MISSING = "name_missing"
    NOTHING_CHANGED = "nothing_changed"
    NOTICE_INVALID = "notice_invalid"
    NOTHING_TO_FIND = "nothing_to_find"
    SEARCH_UNAVAILABLE = "search_unavailable"
    CURSOR_INVALID = "cursor_invalid"
    RANGE_REVERSED = "range_reversed"
    SIZE_BEYOND_LOG = "size_beyond_log"
    INDEX_BEYOND_LOG = "index_beyond_log"
    # who is calling, and may they
    NOT_AUTHENTICATED = "not_authenticated"
    CREDENTIALS_MALFORMED = "credentials_malformed"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - the name of a problem
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the same
    TOKEN_NOT_YET_VALID = "token_not_yet_valid"  # noqa: S105 - the same
    TOKEN_FOR_SOMEBODY_ELSE = "token_for_somebody_else"  # noqa: S105 - the same
    TOKEN_KEYS_UNAVAILABLE = "token_keys_unavailable"  # noqa: S105 - the same
    ACTING_FOR_UNFIT = "acting_for_unfit"
    SIGN_IN_FOR_PEOPLE = "sign_in_for_people"
    FORM_FOREIGN = "form_foreign"
    TOO_MANY_STREAMS = "too_many_streams"
    # the log
    BATCH_REFUSED = "batch_refused"
    EVENT_ID_REUSED = "event_id_reused"
    ENTRY_TOO_LARGE = "entry_too_large"
    LOG_BUSY = "log_busy"
    LOG_CLOSED = "log_closed"
    STORAGE_FAILED = "storage_failed"
    COMMIT_UNKNOWN = "commit_unknown"
    NO_CHECKPOINT = "no_checkpoint"
    JOB_FINISHED = "job_finished"
    SCHEDULE_UNCHANGED = "schedule_unchanged"
    # documents
    OBJECT_STORE_UNAVAILABLE = "object_store_unavailable"
    PARSER_UNAVAILABLE = "parser_unavailable"
    PRINT_FONT_MISSING = "print_font_missing"
    FORM_ORDER = "form_order"
    HEADER_FORM = "header_form"
    # anything else
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table; `detail` has placeholders in braces."""

    code: str
    status: int
    title: Wording
    detail: Wording


def kind(code: Code, status: int, en: tuple[str, str], zh: tuple[str, str]) -> Kind:
    """Return a row of the table; each pair is (title, detail)."""
    return Kind(code.value, status, Wording(en[0], zh[0]), Wording(en[1], zh[1]))
