"""Reading document classes: what a class is called, how its documents are treated, what they may hold and be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from documents.classes import MEDIA_TYPES, PERSONAL_KINDS
from documents.errors import Code, InvalidDocument
from documents.parsing import list_of, parse_class_code, parse_name
from documents.requests import LEVEL_MAX, PURPOSE_CHARS_MAX, RETAIN_DAYS_MAX, ClassChangeRequest, ClassRequest
from policies.using.purposes import OF_PAPERS, UsePurpose
from stock.errors import Code as StockCode
from stock.errors import InvalidRequest
from stock.members import Members, both_names, parse_choice, parse_line, parse_truth, parse_whole

if TYPE_CHECKING:
    from typing import TypeVar
    from uuid import UUID

    from policies.refusals import Path

    T = TypeVar("T")

_parse_days = parse_whole(0, RETAIN_DAYS_MAX)
_parse_purpose = parse_line(PURPOSE_CHARS_MAX)
_parse_level = parse_whole(1, LEVEL_MAX)
_parse_use_purpose = parse_choice(UsePurpose)
_HANDLING: Final = ("purpose_zh", "purpose_en", "personal_kinds", "level", "purposes")


def parse_class(content: object, *, event_id: UUID | None = None) -> ClassRequest:
    """Read a new document class.

    Raises:
        InvalidRequest, InvalidDocument: the first member that is wrong.
    """
    members = Members(
        content,
        (
            "event_id",
            "code",
            "name_zh",
            "name_en",
            "sensitive",
            "strip",
            "restricts_release",
            "retain_days",
            "media_types",
            *_HANDLING,
        ),
    )
    name_zh, name_en = both_names(members, parse_name)
    return ClassRequest(
        event_id=members.event_id(event_id),
        code=members.required("code", parse_class_code),
        name_zh=name_zh,
        name_en=name_en,
        sensitive=members.optional("sensitive", parse_truth) or False,
        strip=_or(members.optional("strip", parse_truth), True),
        restricts_release=members.optional("restricts_release", parse_truth) or False,
        retain_days=_or(members.optional("retain_days", _parse_days), 0),
        media_types=members.required("media_types", _parse_media_types),
        purpose_zh=members.optional("purpose_zh", _parse_purpose) or "",
        purpose_en=members.optional("purpose_en", _parse_purpose) or "",
        personal_kinds=members.optional("personal_kinds", _parse_personal_kinds) or frozenset(),
        level=members.optional("level", _parse_level) or 1,
        purposes=_or(members.optional("purposes", _parse_purposes), OF_PAPERS),
    )


def parse_class_change(content: object, *, code: str, event_id: UUID | None = None) -> ClassChangeRequest:
    """Read a change of the class `code`.

    Raises:
        InvalidRequest, InvalidDocument: the first member that is wrong.
    """
    members = Members(
        content,
        (
            "event_id",
            "name_zh",
            "name_en",
            "sensitive",
            "strip",
            "restricts_release",
            "retain_days",
            "media_types",
            "active",
            *_HANDLING,
        ),
    )
    return ClassChangeRequest(
        event_id=members.event_id(event_id),
        code=parse_class_code(code, ("code",)),
        name_zh=members.optional("name_zh", parse_name),
        name_en=members.optional("name_en", parse_name),
        sensitive=members.optional("sensitive", parse_truth),
        strip=members.optional("strip", parse_truth),
        restricts_release=members.optional("restricts_release", parse_truth),
        retain_days=members.optional("retain_days", _parse_days),
        media_types=members.optional("media_types", _parse_media_types),
        active=members.optional("active", parse_truth),
        purpose_zh=members.optional("purpose_zh", _parse_purpose),
        purpose_en=members.optional("purpose_en", _parse_purpose),
        personal_kinds=members.optional("personal_kinds", _parse_personal_kinds),
        level=members.optional("level", _parse_level),
        purposes=members.optional("purposes", _parse_purposes),
    )


def _parse_media_types(value: object, path: Path) -> frozenset[str]:
    def parse(item: object, at: Path) -> str:
        if item not in MEDIA_TYPES or not isinstance(item, str):
            raise InvalidDocument(Code.MEDIA_TYPE_FORM, at, {"expected": ", ".join(sorted(MEDIA_TYPES))})
        return item

    found = list_of(parse, len(MEDIA_TYPES))(value, path)
    if not found:
        raise InvalidRequest(StockCode.LIST_EMPTY, path)
    return frozenset(found)


def _parse_personal_kinds(value: object, path: Path) -> frozenset[str]:
    def parse(item: object, at: Path) -> str:
        if item not in PERSONAL_KINDS or not isinstance(item, str):
            raise InvalidDocument(Code.PERSONAL_KIND_FORM, at, {"expected": ", ".join(sorted(PERSONAL_KINDS))})
        return item

    return frozenset(list_of(parse, len(PERSONAL_KINDS))(value, path))


def _parse_purposes(value: object, path: Path) -> frozenset[str]:
    return frozenset(str(one) for one in list_of(_parse_use_purpose, len(UsePurpose))(value, path))


def _or(value: T | None, default: T) -> T:
    return default if value is None else value
