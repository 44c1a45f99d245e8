"""What notices say: short, in both languages, without personal data.

Only members named in `SHOWN` are shown, and of those only values shaped like a code or a number, and like no identity or payment
card's: whoever writes prose into an entry (nobody should) still sees none of it here. Actors are never named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from audit.entry import parse_entry
from audit.errors import AuditError
from audit.event import parse_time, time_of
from audit.merkle import leaf_hash
from policies.personal_data import PersonalKind, detect
from workflow.notices.titles import TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.canonical import JSON

HONG_KONG: Final = timezone(timedelta(hours=8), "HKT")
LINES_MAX: Final = 12
"""Events a digest spells out; it counts all and names the entry of each."""
_NEVER: Final = (PersonalKind.HKID, PersonalKind.CARD)
_CODE: Final = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._:/#+-]{0,63}")

SHOWN: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "store": ("店舖", "Store"),
        "sku": ("貨品", "SKU"),
        "batch": ("批次", "Batch"),
        "expiry": ("到期日", "Expiry"),
        "horizon_days": ("提前日數", "Days ahead"),
        "lots": ("批次數目", "Lots"),
        "expired": ("已過期", "Expired"),
        "reason": ("原因", "Reason"),
        "document": ("文件", "Document"),
        "class": ("類別", "Class"),
        "number": ("單據編號", "Number"),
        "supplier": ("供應商", "Supplier"),
        "folder": ("資料夾", "Folder"),
        "kind": ("種類", "Kind"),
        "state": ("狀態", "State"),
        "version": ("版本", "Version"),
        "stocktake": ("盤點", "Stocktake"),
        "matter": ("保全事項", "Matter"),
        "day": ("日期", "Day"),
        "records": ("紀錄數目", "Records"),
        "lines": ("行數", "Lines"),
        "differences": ("差異", "Differences"),
        "days": ("已過日數", "Days passed"),
        "days_left": ("剩餘日數", "Days left"),
        "target": ("目標日期", "Target"),
        "channel": ("渠道", "Channel"),
        "code": ("代碼", "Code"),
        "notices": ("通知數目", "Notices"),
        "grant": ("授權", "Grant"),
        "stores": ("店舖", "Stores"),
        "ends_at": ("至", "Until"),
        "due_at": ("限期", "By"),
        "due_on": ("覆核限期", "Review by"),
        "review": ("覆核結果", "Review"),
        "bundle": ("政策摘要", "Bundle"),
        "newly_allowed": ("新准許", "Newly allowed"),
        "newly_denied": ("新拒絕", "Newly denied"),
    }
)
"""Members of an entry's data that a notice may show, in this order."""
CODES_MAX: Final = 12
"""Codes of a list that a notice shows; it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What may be told of an entry. `facts` are pairs of a member's name and its text."""

    index: int
    leaf_hash: str
    type: str
    store: str | None
    document_class: str | None
    recorded_at: datetime | None
    subjects: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """What happened, in both languages."""
        return title_of(self.type)


@dataclass(frozen=True, slots=True)
class Text:
    """A message for people. `markdown` and `plain` say the same."""

    title: str
    markdown: str
    plain: str


Link = Callable[[int], str]
"""The address of an entry, for people."""


def title_of(event_type: str) -> str:
    """What an event type is called."""
    zh, en = TITLES.get(event_type, ("紀錄", f"Entry {event_type}"))
    return f"{zh} {en}"


def telling_of(index: int, content: bytes) -> Telling:
    """What may be told of an entry; of one that cannot be read, only that."""
    try:
        entry = parse_entry(content)
    except AuditError:
        return Telling(index, "", "unreadable", None, None, None, (), ())
    data = entry.event.data
    return Telling(
        index=index,
        leaf_hash=leaf_hash(content).hex(),
        type=entry.event.type,
        store=_code(data.get("store")),
        document_class=_code(data.get("class")),
        recorded_at=time_of(entry.recorded_at),
        subjects=tuple(
            subject.key for subject in entry.event.subjects if subject.kind in _THINGS and _code(subject.id) is not None
        ),
        facts=tuple(_facts(data)),
    )


_THINGS: Final = frozenset({"stock", "sku", "lot", "reason", "stocktake", "document", "store", "notice_channel"})
"""Kinds of subjects that are no people."""


def _facts(data: Mapping[str, JSON]) -> list[tuple[str, str]]:
    found = [(name, text) for name in SHOWN if (text := _shown(name, data.get(name))) is not None]
    change, before, after, scale = (data.get(name) for name in ("change", "before", "after", "scale"))
    if isinstance(change, int) and isinstance(before, int) and isinstance(after, int) and isinstance(scale, int):
        moved = f"{_quantity(change, scale, sign=True)} ({_quantity(before, scale)} → {_quantity(after, scale)})"
        found.append(("change", moved))
    return found


def _shown(name: str, value: JSON) -> str | None:
    if isinstance(value, list):
        return _codes(value)
    text = _code(value)
    return text if text is None or not name.endswith("_at") else _moment(text)


def _codes(values: Sequence[JSON]) -> str | None:
    codes = [code for value in values if (code := _code(value)) is not None]
    if not codes or len(codes) < len(values):
        return None
    more = len(codes) - CODES_MAX
    return ", ".join(codes[:CODES_MAX]) + (f" … +{more}" if more > 0 else "")


def _moment(text: str) -> str | None:
    """A time of an entry as people in Hong Kong read it; None: it is none."""
    try:
        return f"{time_of(parse_time(text)).astimezone(HONG_KONG):%Y-%m-%d %H:%M} HKT"
    except AuditError:
        return None


def _code(value: JSON) -> str | None:
    """A value as it may be shown: a number, or something shaped like a code."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or _CODE.fullmatch(value) is None:
        return None
    return None if detect(value, _NEVER) else value


def _quantity(value: int, scale: int, *, sign: bool = False) -> str:
    mark = "-" if value < 0 else "+" if sign else ""
    digits = str(abs(value)).rjust(scale + 1, "0")
    return mark + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def text_of(tellings: Sequence[Telling], link: Link | None) -> Text:
    """One event, or a digest of many."""
    return _single(tellings[0], link) if len(tellings) == 1 else _digest(tellings, link)


def _single(telling: Telling, link: Link | None) -> Text:
    title = f"{telling.title} {telling.store}" if telling.store else telling.title
    lines = [f"{_label(name)}: {text}" for name, text in telling.facts]
    when = "" if telling.recorded_at is None else f"{telling.recorded_at.astimezone(HONG_KONG):%Y-%m-%d %H:%M:%S} HKT"
    entry, entry_plain = _entry(telling.index, link)
    markdown = [
        f"### {telling.title}",
        *(f"- {line}" for line in [*lines, f"紀錄 Entry: {entry}"]),
        f"> {when} {RECORD}",
    ]
    plain = [telling.title, *lines, f"紀錄 Entry: {entry_plain}", "", f"{when} {RECORD}"]
    return Text(title, "\n\n".join([markdown[0], "\n".join(markdown[1:-1]), markdown[-1]]), "\n".join(plain))


RECORD: Final = "以審計日誌為準。The log is the record."


def _label(name: str) -> str:
    zh, en = SHOWN.get(name, ("變動", "Change"))
    return f"{zh} {en}"


def _entry(index: int, link: Link | None) -> tuple[str, str]:
    if link is None:
        return f"#{index}", f"#{index}"
    return f"[#{index}]({link(index)})", f"#{index} {link(index)}"


def _digest(tellings: Sequence[Telling], link: Link | None) -> Text:
    count = len(tellings)
    title = f"{count} 項變動 {count} events"
    by_type = Counter(telling.title for telling in tellings)
    by_store = Counter(telling.store or "–" for telling in tellings)
    counted = [f"{name}: {number}" for name, number in sorted(by_type.items(), key=lambda item: (-item[1], item[0]))]
    stores = [f"{store}: {number}" for store, number in sorted(by_store.items(), key=lambda item: (-item[1], item[0]))]
    spelled = [(_entry(telling.index, link), _said(telling)) for telling in tellings[:LINES_MAX]]
    more = [f"… 另有 {count - LINES_MAX} 項, {count - LINES_MAX} more"] if count > LINES_MAX else []
    entries = f"紀錄 Entries: {ranges([telling.index for telling in tellings])}"
    every = "店舖 Stores: " + ", ".join(stores[:LINES_MAX]) + (" …" if len(stores) > LINES_MAX else "")
    blocks = [
        [f"### {title}"],
        [f"- {line}" for line in counted],
        [every],
        [*(f"- {entry} {said}" for (entry, _), said in spelled), *more],
    ]
    markdown = "\n\n".join("\n".join(block) for block in [*blocks, [entries], [f"> {RECORD}"]])
    told = [f"{entry} {said}" for (_, entry), said in spelled]
    plain = "\n".join([title, "", *counted, "", every, "", *told, *more, "", entries, "", RECORD])
    return Text(title, markdown, plain)


def _said(telling: Telling) -> str:
    return f"{telling.title}: {', '.join(text for _, text in telling.facts)}"


def ranges(indexes: Sequence[int]) -> str:
    """Indexes in order, shortened: `#3–5, 9`."""
    found: list[list[int]] = []
    for index in sorted(indexes):
        if found and index == found[-1][1] + 1:
            found[-1][1] = index
        else:
            found.append([index, index])
    return "#" + ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in found)
