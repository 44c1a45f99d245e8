"""What callers ask of this room, checked: unknown members, forms and bounds. `null` is the same as absent.

What they wrote about a matter is part of the request only: it is sealed before it is kept.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec

from policies.misfits import misfit
from policies.model import Words
from policies.personal_data import may_be_personal_code
from retention.errors import Code, InvalidRetention
from retention.model import Disposition, FindingCode, HoldKind, Schedule, Status, Trigger, Verification
from retention.records import LiveQuery, Record, RecordKind, TriggerState
from retention.row_values import PERIOD_FORM, schedule_of
from storage.objects.model import LockMode

CODE_FORM: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
MATTER_FORM: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
NAME_FORM: Final = r"[a-z][a-z0-9_]{0,31}"
FACT_FORM: Final = r"[a-z][a-z_]{0,30}\.[a-z][a-z_]{0,40}"
SUBJECT_FORM: Final = (
    r"(?:document|adjustment|stocktake|supplier|sku|store|person):[A-Za-z0-9][A-Za-z0-9._/#:+ -]{0,80}"
)
RECORD_FORM: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
MONTH_DAY_FORM: Final = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-9]))"
PROSE_CHARS_MAX: Final = 2_000
TEXT_CHARS_MAX: Final = 300
LIST_MAX: Final = 100
RECORDS_MAX: Final = 500
"""Records that one request names; more are added by further ones."""
DAY_MIN: Final = date(1900, 1, 1)
DAY_MAX: Final = date(2199, 12, 31)

_UNSEEN: Final = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"


def _form(form: str) -> msgspec.Meta:
    return msgspec.Meta(pattern=f"^(?:{form})$", max_length=TEXT_CHARS_MAX)


ClassCode = Annotated[str, _form(CODE_FORM)]
RecordClass = Annotated[str, _form(NAME_FORM)]
ScheduleCode = Annotated[str, _form(CODE_FORM)]
MatterNumber = Annotated[str, _form(MATTER_FORM)]
Fact = Annotated[str, _form(FACT_FORM)]
SubjectKey = Annotated[str, _form(SUBJECT_FORM)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARS_MAX, pattern=rf"^{_UNSEEN}*$")]
Prose = Annotated[str, msgspec.Meta(min_length=1, max_length=PROSE_CHARS_MAX, pattern=rf"^{_UNSEEN}*$")]
PeriodText = Annotated[str, _form(PERIOD_FORM)]
MonthDay = Annotated[str, _form(MONTH_DAY_FORM)]
Few = msgspec.Meta(max_length=LIST_MAX)
Plain = Annotated[str, _form(r"[A-Za-z0-9][A-Za-z0-9._/#:+ -]{0,63}")]


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    event_id: UUID


class _RecordMembers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: RecordKind
    id: Annotated[str, _form(RECORD_FORM)]


class _QueryMembers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    skus: Annotated[list[Plain], Few] = []
    stores: Annotated[list[ClassCode], Few] = []
    suppliers: Annotated[list[ClassCode], Few] = []
    classes: Annotated[list[ClassCode], Few] = []
    since: date | None = None
    until: date | None = None


class ScheduleRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new version of a rule, or a new rule. Titles and authority in both languages."""

    code: ScheduleCode
    version: Annotated[int, msgspec.Meta(ge=1, le=9_999)]
    title_zh: Line
    title_en: Line
    classes: Annotated[list[RecordClass], msgspec.Meta(min_length=1, max_length=LIST_MAX)]
    trigger: Trigger
    authority_zh: Line
    authority_en: Line
    status: Status
    verification: Verification
    verified_on: date
    disposition: Disposition = Disposition.DESTROY
    minimum: PeriodText | None = None
    maximum: PeriodText | None = None
    in_force: date | None = None
    until: date | None = None
    only_if: Annotated[list[Fact], Few] = []
    note_zh: Line | None = None
    note_en: Line | None = None

    @property
    def schedule(self) -> Schedule:
        """The rule that is asked for."""
        members = {
            name: value for name, value in msgspec.to_builtins(self).items() if name != "event_id" and value is not None
        }
        return schedule_of(members)


class MappingRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Under which record class a room's class is kept."""

    kind: RecordKind
    code: ClassCode
    record_class: RecordClass


class YearEndRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How financial years end from a day on: `12-31`."""

    valid_from: date
    month_day: MonthDay


class TriggerRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of a trigger. `happened_on` if and only if it happened."""

    subject: SubjectKey
    trigger: Trigger
    state: TriggerState = TriggerState.HAPPENED
    happened_on: date | None = None


class FactRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether a fact is true of a subject: `contract.deed` of a document, `food.shelf_life_short` of a SKU."""

    subject: SubjectKey
    fact: Fact
    stands: bool = True


class SettleRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a finding of a record needs no more doing, as it stands today."""

    record: _RecordMembers
    finding: FindingCode
    reason: Prose

    @property
    def named(self) -> Record:
        """The record."""
        return Record(self.record.kind, self.record.id)


class HoldRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A matter, and what it holds."""

    matter: MatterNumber
    kind: HoldKind
    reason: Prose
    counsel: Line | None = None
    contemplated_on: date | None = None
    review_on: date | None = None
    records: Annotated[list[_RecordMembers], msgspec.Meta(max_length=RECORDS_MAX)] = []
    query: _QueryMembers | None = None

    @property
    def named(self) -> list[Record]:
        """The records it names."""
        return _records(self.records)

    @property
    def live(self) -> LiveQuery | None:
        """What it holds beside them."""
        asked = self.query
        if asked is None:
            return None
        return LiveQuery(
            skus=frozenset(asked.skus),
            stores=frozenset(asked.stores),
            suppliers=frozenset(asked.suppliers),
            classes=frozenset(asked.classes),
            since=asked.since,
            until=asked.until,
        )


class WidenRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """More records for a matter."""

    records: Annotated[list[_RecordMembers], msgspec.Meta(min_length=1, max_length=RECORDS_MAX)]

    @property
    def named(self) -> list[Record]:
        """The records it names."""
        return _records(self.records)


class ReasonRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step that needs a person's reason."""

    reason: Prose


class ModeRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How hard the locks of a class are to be, and why."""

    mode: LockMode
    reason: Prose


class ModeApproval(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The approval of a mode, with the last day that the approver was shown."""

    mode: LockMode
    until: date | None = None


class EventRequest(_Request, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step that needs nothing but its event id."""


R = TypeVar("R", bound=_Request)


def parse(kind: type[R], content: object, *, event_id: UUID | None = None) -> R:
    """A request from its JSON; `event_id` is used if the content brings none.

    Raises:
        InvalidRetention: the first member that is wrong.
    """
    if isinstance(content, dict):
        given = {name: value for name, value in content.items() if value is not None}
        if event_id is not None:
            given.setdefault("event_id", str(event_id))
        content = given
    try:
        found = msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    _check(found)
    return found


def _check(found: _Request) -> None:
    for name, value in ((name, getattr(found, name)) for name in found.__struct_fields__):
        if isinstance(value, date) and not DAY_MIN <= value <= DAY_MAX:
            raise _wrong(
                (name,), Words(f"日期須為 {DAY_MIN} 至 {DAY_MAX}", f"expected a day from {DAY_MIN} to {DAY_MAX}")
            )
    match found:
        case ScheduleRequest():
            if (found.minimum is None) == (found.maximum is None):
                raise _wrong(
                    ("minimum",),
                    Words("最短和最長期限須有其一，不可兩者都有或都沒有", "expected either a minimum or a maximum"),
                )
            if "P" in (found.minimum, found.maximum):
                raise _wrong(("minimum",), Words("格式應如 P7Y 或 P3M", "expected a form like P7Y or P3M"))
            if (found.note_zh is None) != (found.note_en is None):
                raise _wrong(
                    ("note_zh",), Words("附註須有兩種語文，或都沒有", "expected a note in both languages, or none")
                )
        case TriggerRequest():
            if (found.happened_on is None) == (found.state is TriggerState.HAPPENED):
                raise _wrong(
                    ("happened_on",),
                    Words("已發生便須有日期，否則不可有日期", "expected a day if it happened, and none otherwise"),
                )
        case HoldRequest():
            _check_hold(found)
        case _:
            pass


def _check_hold(found: HoldRequest) -> None:
    if may_be_personal_code(found.matter):
        raise _wrong(("matter",), Words("編號不可是身份證號碼或電話號碼", "expected a number that is no person's"))
    if not found.records and found.query is None:
        raise _wrong(("records",), Words("須有紀錄、條件，或兩者", "expected records, a query, or both"))
    if found.live == LiveQuery():
        raise _wrong(
            ("query",),
            Words(
                "最少須有一項條件：保全一切等於沒有保全",
                "expected at least one member: a hold on everything is none",
            ),
        )


def parse_record(text: str) -> Record:
    """A record from `kind:id`.

    Raises:
        InvalidRetention: another form.
    """
    kind, _, record_id = text.partition(":")
    if kind not in set(RecordKind) or re.fullmatch(RECORD_FORM, record_id) is None:
        raise _wrong(
            ("record",),
            Words(
                "格式應如 document:018f0000-0000-7000-8000-000000000000",
                "expected a form like document:018f0000-0000-7000-8000-000000000000",
            ),
        )
    return Record(RecordKind(kind), record_id)


def _records(members: list[_RecordMembers]) -> list[Record]:
    return sorted({Record(one.kind, one.id) for one in members})


_PLACE: Final = re.compile(r"(.*) - at `(?:key in )?\$(.*)`", re.DOTALL)
_PART: Final = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]")


def _refused(message: str) -> InvalidRetention:
    match = _PLACE.fullmatch(message)
    if match is None:
        return _wrong((), misfit(message))
    parts: list[str | int] = [int(number) if number else name for name, number in _PART.findall(match[2])]
    return _wrong(tuple(parts), misfit(match[1]))


def _wrong(path: tuple[str | int, ...], reason: Words) -> InvalidRetention:
    return InvalidRetention(Code.RETENTION_INVALID, path, {"reason": reason})
