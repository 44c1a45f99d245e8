"""How an entry looks on a page: a line of a list, and what it says, member by member."""

import re
from collections.abc import Mapping
from typing import Any, Final

from stock.model import SUBJECT_DOCUMENT, SUBJECT_LOT
from web.catalogue import said
from web.showing import SHORT_DIGITS, grouped, scaled
from web.visits import Visit

ITEMS_MAX: Final = 200
"""Members and items that are laid out; the exact bytes below show the rest."""
FIRST: Final = ("store", "sku", "batch", "expiry", "reason", "reference", "before", "change", "after")
"""Members that are read in this order; others follow as they stand."""
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SCALE_MAX: Final = 9
SCALED: Final = frozenset({"after", "before", "change", "counted", "expected", "quantity"})
"""Quantities, which are integers at the `scale` that stands beside them."""


def line_of(visit: Visit, item: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a list of entries, from an item of the API's list."""
    entry = item["entry"]
    return {
        "index": item["index"],
        "type": entry["type"],
        "title": title_of(visit, entry["type"]),
        "recorded_at": entry["recorded_at"],
        "subjects": [subject_of(visit, subject) for subject in entry["subjects"]],
        "actor": actor_of(visit, entry["actor"]),
        "store": entry["data"].get("store"),
        "data": entry["data"],
    }


def title_of(visit: Visit, event_type: str) -> str:
    """What a type of entry is called."""
    return said(visit.language, f"event.{event_type}", event_type)


def subject_of(visit: Visit, subject: Mapping[str, Any]) -> dict[str, Any]:
    """A thing an entry is about, and where else it is spoken of."""
    key = f"{subject['kind']}:{subject['id']}"
    kind = said(visit.language, f"kind.{subject['kind']}", subject["kind"])
    return {
        "kind": kind,
        "id": subject["id"],
        "index": subject["index"],
        "label": subject["id"][:SHORT_DIGITS] if _UUID.fullmatch(subject["id"]) else subject["id"],
        "address": visit.address("/trail", subject=key),
        "page": _page_of(visit, subject["kind"], subject["id"]),
    }


def _page_of(visit: Visit, kind: str, id_: str) -> str | None:
    """The page of a thing that an entry is about, for those that have one of their own."""
    if kind == SUBJECT_DOCUMENT:
        return f"/documents/{id_}"
    if kind == SUBJECT_LOT:
        sku, _, batch = id_.partition("/")
        return visit.address("/stock/lots", sku=sku, batch=batch)
    return None


def actor_of(visit: Visit, actor: Mapping[str, Any]) -> dict[str, Any]:
    """Who did it: role and pseudonym; the reader knows themselves."""
    return {
        "id": actor["id"],
        "role": said(visit.language, f"role.{actor['role']}", actor["role"]),
        "for": actor.get("for"),
        "is_me": visit.caller is not None and visit.caller.id == actor["id"],
    }


def laid_out(visit: Visit, value: object, room: list[int] | None = None) -> dict[str, Any]:
    """A JSON value as a tree that a template can walk: `members`, `entries` or `text`."""
    left = [ITEMS_MAX] if room is None else room
    if isinstance(value, dict):
        members = [_member(visit, value, name, left) for name in _in_order(value) if _take(left)]
        return {"members": members, "cut": len(members) < len(value)}
    if isinstance(value, list):
        entries = [laid_out(visit, inner, left) for inner in value if _take(left)]
        return {"entries": entries, "cut": len(entries) < len(value)}
    if value is None or isinstance(value, bool):
        return {"text": visit.say("frame.none" if value is None else "frame.yes" if value else "frame.no")}
    return {"text": grouped(value) if isinstance(value, int) else str(value)}


def _member(visit: Visit, members: Mapping[str, Any], name: str, left: list[int]) -> dict[str, Any]:
    value, scale = members[name], members.get("scale", -1)
    is_scaled = name in SCALED and type(value) is int and type(scale) is int and 0 <= scale <= SCALE_MAX
    shown = {"text": scaled(value, scale, signed=name == "change")} if is_scaled else laid_out(visit, value, left)
    return {"label": said(visit.language, f"member.{name}", ""), "name": name, "value": shown}


def _in_order(members: Mapping[str, Any]) -> list[str]:
    return [name for name in FIRST if name in members] + [name for name in members if name not in FIRST]


def _take(left: list[int]) -> bool:
    """Whether there is room for one more, which is taken."""
    left[0] -= 1
    return left[0] >= 0
