"""What verifying a log needs of an entry, read quickly from its bytes.

- `read_facts` accepts exactly the byte strings `audit.members.parse_members` accepts.
- The usual entry (ASCII ids, no personal fields) is matched by its one possible spelling, with only
  `data` read as JSON. Whatever does not match goes through `parse_members`, which either accepts it
  or names what is wrong.
- The match cannot be led astray by an entry's own text: `data` must be a complete JSON object from
  where it begins, so the place where it ends is not a matter of choice.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from audit.canonical import DEPTH_MAX, ENCODER_OPTIONS, ENTRY_BYTES_MAX, INTEGER_MAX, holds_nul, is_plain
from audit.errors import MalformedEntry
from audit.event import ZERO_HASH, check_type, parse_time
from audit.members import FORMAT, Columns, EntryMembers, columns, parse_members

LinkFact: TypeAlias = tuple[str, int, bytes]


@dataclass(slots=True)
class Facts:
    """What an entry says about its place, and the columns that must agree with it.

    Not frozen only because making millions of frozen ones costs a tenth of a verification.

    Attributes:
        index: position in the log, from 0.
        origin: the log's name.
        previous: leaf hash of the entry before.
        columns: derived from the bytes.
        links: for each subject its key (`kind:id`), the position in its chain, and the leaf hash
            of the entry before in that chain.
    """

    index: int
    origin: str
    previous: bytes
    columns: Columns
    links: tuple[LinkFact, ...]


_ID = r"[ !#-\[\]-~]{1,128}"
_INTEGER = r"0|[1-9][0-9]{0,15}"
_TIME = r"[0-9T:.-]{26}Z"
_LINK = rf'\{{"id":"({_ID})","index":({_INTEGER}),"kind":"([a-z_]{{1,32}})","previous":"([0-9a-f]{{64}})"\}}'
_HEAD = re.compile(rf'\{{"actor":\{{(?:"for":"{_ID}",)?"id":"({_ID})","role":"[a-z_]{{1,32}}"\}},"data":'.encode())
_TAIL_MARK = b'},"event_id":"'
_DECISION_MARK = b',"decision":{"code":"'
_TAIL = re.compile(
    (
        rf'(?:,"decision":\{{"code":"[A-Za-z0-9_.-]{{1,64}}","policy":"{_ID}"\}})?'
        r',"event_id":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"'
        rf',"format":"{FORMAT}","index":({_INTEGER})(?:,"occurred_at":"({_TIME})")?'
        rf',"origin":"([!#-*,-\[\]-~]{{1,128}})","previous":"([0-9a-f]{{64}})","recorded_at":"({_TIME})"'
        r'(?:,"request":"([0-9a-f]{32})")?'
        rf',"subjects":\[{_LINK}(?:,{_LINK})?(?:,{_LINK})?(?:,{_LINK})?\]'
        r',"type":"([a-z_]+(?:\.[a-z_]+)+)"\}'
    ).encode()
)
_LINK_GROUPS = range(7, 23, 4)


def read_facts(data: bytes) -> Facts:
    """Return the facts of the entry whose canonical bytes are exactly `data`.

    Raises:
        NotCanonical: not JSON, outside the canonical profile, or another spelling.
        MalformedEntry: canonical, but not an entry of format `chopbook-entry/1`.
    """
    facts = _usual_facts(data)
    return _facts_of(parse_members(data)) if facts is None else facts


def _usual_facts(data: bytes) -> Facts | None:
    head = _HEAD.match(data)
    if head is None or len(data) > ENTRY_BYTES_MAX:
        return None
    start, end = head.end(), data.rfind(_TAIL_MARK) + 1
    mark = data.rfind(_DECISION_MARK, start, end)
    tail = _TAIL.fullmatch(data, mark) if mark > 0 else None
    if tail is None:
        # No decision, or the mark is part of the data.
        mark = end
        tail = _TAIL.fullmatch(data, end)
    if tail is None:
        return None
    body = _usual_data(data[start:mark])
    if body is None:
        return None
    groups = tail.groups()
    links = _usual_links(groups)
    index, previous = int(groups[1]), unhexlify(groups[4])
    if links is None or index > INTEGER_MAX or (index == 0) != (previous == ZERO_HASH):
        return None
    event_id, _, occurred_at, origin, _, recorded_at, request = groups[:7]
    store = body.get("store")
    try:
        check_type(groups[-1].decode())
        derived = Columns(
            parse_time(recorded_at.decode()),
            None if occurred_at is None else parse_time(occurred_at.decode()),
            groups[-1].decode(),
            head[1].decode(),
            store if type(store) is str else None,
            unhexlify(event_id.replace(b"-", b"")),
            None if request is None else unhexlify(request),
        )
    except MalformedEntry:
        return None
    return Facts(index, origin.decode(), previous, derived, links)


def _usual_data(text: bytes) -> dict[str, object] | None:
    try:
        body = orjson.loads(text)
        if type(body) is not dict or not is_plain(body, DEPTH_MAX - 1):
            return None
        if orjson.dumps(body, option=ENCODER_OPTIONS) != text or holds_nul(text, body):
            return None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return body


def _usual_links(groups: tuple[Any, ...]) -> tuple[LinkFact, ...] | None:
    links: list[LinkFact] = []
    for first in _LINK_GROUPS:
        if groups[first] is None:
            break
        index, previous = int(groups[first + 1]), unhexlify(groups[first + 3])
        if index > INTEGER_MAX or (index == 0) != (previous == ZERO_HASH):
            return None
        links.append((f"{groups[first + 2].decode()}:{groups[first].decode()}", index, previous))
    if len(links) > 1 and len({link[0] for link in links}) != len(links):
        return None
    return tuple(links)


def _facts_of(members: EntryMembers) -> Facts:
    links = tuple(
        (f"{item['kind']}:{item['id']}", item["index"], bytes.fromhex(item["previous"])) for item in members["subjects"]
    )
    previous = bytes.fromhex(members["previous"])
    return Facts(members["index"], members["origin"], previous, columns(members), links)
