"""The trail: entries by filter, and one entry with its proof."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from api.languages import Language
from api.problems import Problem
from api.replies import Answer
from policies.quota import HONG_KONG
from web.catalogue import TEXTS
from web.entries import actor_of, laid_out, line_of, subject_of, title_of
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "50"
FIELDS: Final = ("type", "store", "sku", "actor", "subject", "text", "case")
_EVENT: Final = "event."


def show_list(visit: Visit) -> Outcome:
    """A page of entries, by the filter in the address."""
    asked = {name: visit.query.get(name, "").strip() for name in (*FIELDS, "from", "until")}
    values: dict[str, object] = {
        "asked": asked,
        "types": _types(visit.language),
        "stores": visit.stores(),
        "chips": [
            (name, _shown(visit, name, text), visit.address(**{name: None, "cursor": None}))
            for name, text in asked.items()
            if text
        ],
        "is_first": "cursor" not in visit.query,
    }
    try:
        found = visit.ask(
            "list_entries",
            limit=PAGE,
            cursor=visit.query.get("cursor"),
            recorded_from=_midnight(asked["from"], 0),
            recorded_until=_midnight(asked["until"], 1),
            **{name: asked[name] for name in FIELDS},
        )
    except Problem as problem:
        if problem.status != 400:
            raise
        told = visit.told(problem)
        return Shown("trail.html", {**values, "problem": told, "lines": [], "total": 0, "following": None}, 400)
    return Shown(
        "trail.html",
        {
            **values,
            "problem": None,
            "lines": [line_of(visit, item) for item in found["items"]],
            "total": found["total"],
            "following": visit.following(found),
        },
    )


def show_entry(visit: Visit) -> Outcome:
    """One entry: what it says, on which decision it rests, its bytes and its proof."""
    index = visit.one_of("index")
    item = visit.ask("get_entry", index=index)
    proof = visit.ask("get_inclusion", index=index)
    entry = item["entry"]
    known = item["index"]
    size = proof["tree_size"]
    return Shown(
        "entry.html",
        {
            "index": known,
            "entry": entry,
            "title": title_of(visit, entry["type"]),
            "actor": actor_of(visit, entry["actor"]),
            "subjects": [subject_of(visit, subject) for subject in entry["subjects"]],
            "data": laid_out(visit, entry["data"]),
            "decision": _decision(entry.get("decision")),
            "proof": proof,
            "bytes": visit.answer("get_entry_bytes", index=index).body.decode(),
            "before": None if known == 0 else known - 1,
            "after": None if known + 1 >= size else known + 1,
        },
    )


def download_proof(visit: Visit) -> Answer:
    """The proof of an entry, with its checkpoint, to be checked elsewhere."""
    return visit.answer("get_tlog_proof", index=visit.one_of("index"))


def download_bytes(visit: Visit) -> Answer:
    """The exact bytes of an entry."""
    index = visit.one_of("index")
    answer = visit.answer("get_entry_bytes", index=index)
    name = f'attachment; filename="entry-{int(index)}.json"'
    return Answer(answer.body, media_type=answer.media_type, headers=(*answer.headers, ("Content-Disposition", name)))


def _decision(decision: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if decision is None:
        return None
    return {"action": "", "by": "", "scope": "", "stores": "", **decision}


def _types(language: Language) -> list[tuple[str, str]]:
    """Every type of entry with its title, in the order of the titles."""
    named = ((key.removeprefix(_EVENT), words.of(language)) for key, words in TEXTS.items() if key.startswith(_EVENT))
    return sorted(named, key=lambda pair: pair[1])


def _shown(visit: Visit, name: str, text: str) -> str:
    """What a filter is set to, as people call it."""
    return title_of(visit, text) if name == "type" else text


def _midnight(day: str, later: int) -> str:
    """The beginning of a day in Hong Kong, or of one some days later; what is no day is left for the operation to refuse."""
    try:
        known = date.fromisoformat(day) + timedelta(days=later)
        return datetime.combine(known, time(), HONG_KONG).isoformat()
    except (ValueError, OverflowError):
        return day


PAGES: Final = (
    Page("/trail", "page_trail", show_list, query=(*FIELDS, "from", "until", "cursor")),
    Page("/trail/{index}", "page_entry", show_entry),
    Page("/trail/{index}/proof", "page_entry_proof", download_proof),
    Page("/trail/{index}/bytes", "page_entry_bytes", download_bytes),
)
