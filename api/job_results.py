"""What the result of a job shows to whoever reads it.

- The result as it is kept holds codes alone. What they say, in both languages, is put beside them when they are shown.
- A verification runs above what anybody may see: of entries beyond the reader's stores only index and kind of fault leave.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from api.shapes import Json
from audit.canonical import JSON
from audit.fault_words import words_of
from policies.model import Principal
from storage.database import Database
from storage.errors import NotFound
from storage.reading import read_entry


def shown(result: Mapping[str, JSON], principal: Principal, database: Database) -> Json:
    """Return the result of a job as the principal may see it, with the words of the codes that a verification gives."""
    found = redacted(result, principal, database)
    if "verdict" in result:
        found["words"] = words_of(_codes(result))
    return found


def redacted(result: Mapping[str, JSON], principal: Principal, database: Database) -> Json:
    """Return the result of a job as the principal may see it."""
    found: Json = dict(result)
    if principal.stores is None:
        return found
    if isinstance(result.get("faults"), list):
        found["faults"] = _faults_within(found["faults"], principal.stores, database)
    if isinstance(result.get("disagreements"), list):
        found["disagreements"] = [
            item if item.get("store") in principal.stores else {"kind": item["kind"], "redacted": True}
            for item in found["disagreements"]
        ]
    return found


def _faults_within(faults: list[Json], stores: frozenset[str], database: Database) -> list[Json]:
    with database.read() as connection:
        return [
            fault
            if _store_of(connection, fault.get("index")) in stores
            else {"kind": fault["kind"], "index": fault.get("index"), "redacted": True}
            for fault in faults
        ]


def _store_of(connection: Any, index: object) -> str | None:
    """Return the store a stored entry says it is of; it may be altered, missing, or no entry at all."""
    if not isinstance(index, int):
        return None
    try:
        store = orjson.loads(read_entry(connection, index).bytes)["data"]["store"]
    except (NotFound, ValueError, KeyError, TypeError):
        return None
    return store if isinstance(store, str) else None


def _codes(result: Mapping[str, JSON]) -> Iterator[str]:
    match result:
        case {"verdict": str(verdict), "counts": dict(counts), "undecided": list(undecided)}:
            yield verdict
            yield from counts
            yield from (str(item["limit"]) for item in undecided if isinstance(item, dict))
