"""Shapes: recognising the canonical bytes of an entry without parsing them again.

Most entries of a log look alike: the same member names, other values. Once the strict parser has accepted one, its
*shape* (a regular expression) accepts others of the same form. Rules:

- A shape is learned only from an entry that `audit.members.parse_members` has accepted.
- What a shape accepts, the parser would accept; the reverse need not hold, and what no shape accepts is parsed.
- Member names are literal, in canonical order. A string is one that needs no escape; an integer has at most 15 digits.
- Actors and decisions are remembered word for word, since their parts have rules of their own.
- What is remembered is bounded, so that no log can make it grow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import orjson

from audit.canonical import ENCODER_OPTIONS, JSON
from audit.members import EntryMembers

SHAPES_PER_TYPE_MAX: Final = 16
TYPES_MAX: Final = 256
REMEMBERED_MAX: Final = 4_096
PATTERN_CHARS_MAX: Final = 4_096

# Possessive, so that the engine keeps no places to come back to. A string holds nothing that canonical JSON escapes.
_CHARS: Final = r'[^"\\\x00-\x1f]*+'
_INTEGER: Final = "(?:[1-9][0-9]{0,14}+|0|-[1-9][0-9]{0,14}+)"
_ACTOR: Final = r'\{"actor":(\{[^}]*+\}),"data":'
# Every pattern has the same three groups; this one stands for a store that is not there.
_NO_STORE: Final = r"(\x00)?+"
_REST: Final = r'(,"decision":\{[^}]*+\})?+,"event_id":"'

_FIELD: Final = '"[a-z0-9_]{1,64}":"[0-9a-f]{64}"'
_PERSONAL_MARK: Final = ',"personal":{'
_PERSONAL: Final = re.compile(rf',"personal":\{{{_FIELD}(?:,{_FIELD}){{0,31}}\}}')
_FIELD_NAME: Final = re.compile('"([a-z0-9_]+)":')

_Match = Callable[[str, int, int], re.Match[str] | None]


class Shapes:
    """The shapes learned so far. Not safe for use by several threads at once."""

    __slots__ = ("_actors", "_decisions", "_kinds", "_matches", "_patterns")

    def __init__(self) -> None:
        self._matches: dict[tuple[str, int], list[_Match]] = {}
        self._patterns: set[tuple[tuple[str, int], str]] = set()
        self._actors: dict[str, str] = {}
        self._decisions: set[str | None] = {None}
        self._kinds: set[str] = set()

    @property
    def kinds(self) -> set[str]:
        """The subject kinds seen so far; the set itself, so that it need not be asked for again."""
        return self._kinds

    def learn(self, members: EntryMembers) -> None:
        """Remember the form of an entry that the parser accepted."""
        for memory in (self._actors, self._decisions, self._kinds):
            if len(memory) >= REMEMBERED_MAX:
                memory.clear()
        self._actors[_text(dict(members["actor"]))] = members["actor"]["id"]
        self._kinds.update(subject["kind"] for subject in members["subjects"])
        decision = members.get("decision")
        self._decisions.add(None if decision is None else f',"decision":{_text(dict(decision))}')
        self._learn_pattern((members["type"], len(members["subjects"])), members["data"])

    def _learn_pattern(self, kind: tuple[str, int], data: dict[str, JSON]) -> None:
        matches = self._matches.get(kind, [])
        if len(matches) >= SHAPES_PER_TYPE_MAX or (not matches and len(self._matches) >= TYPES_MAX):
            return
        store = "" if type(data.get("store")) is str else _NO_STORE
        pattern = f"{_ACTOR}{_pattern_of(data, store_named=True)}{store}{_REST}"
        if len(pattern) > PATTERN_CHARS_MAX or (kind, pattern) in self._patterns:
            return
        self._patterns.add((kind, pattern))
        self._matches[kind] = [*matches, re.compile(pattern).fullmatch]

    def accept(self, text: str, end: int, kind: tuple[str, int], actor: str, store: str | None) -> bool:
        """Whether the first `end` characters are the head of an entry of this type, actor and store.

        `kind` is the type and the number of subjects. The head goes up to and including the quote before the event id.
        """
        for match in self._matches.get(kind, ()):
            found = match(text, 0, end)
            if found is not None:
                actor_text, found_store, decision = found.groups()
                return found_store == store and decision in self._decisions and self._actors.get(actor_text) == actor
        return False


def personal_start(text: str, end: int) -> int:
    """Where the member `personal`, with the comma before it, begins if it ends at `end`; -1 if it does not."""
    start = text.rfind(_PERSONAL_MARK, 0, end)
    if start < 0 or _PERSONAL.fullmatch(text, start, end) is None:
        return -1
    names = _FIELD_NAME.findall(text, start + len(_PERSONAL_MARK), end)
    in_order = all(first < second for first, second in pairwise(names))
    return start if in_order and all(len(name) <= 64 for name in names) else -1


def _pattern_of(value: JSON, *, store_named: bool = False) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _INTEGER
    if isinstance(value, str):
        return f'"{_CHARS}"'
    if isinstance(value, dict):
        members = (
            f'"{name}":'
            + (f'"({_CHARS})"' if store_named and name == "store" and isinstance(member, str) else _pattern_of(member))
            for name, member in sorted(value.items())
        )
        return rf"\{{{','.join(members)}\}}"
    return rf"\[{','.join(_pattern_of(item) for item in value)}\]"


def _text(members: dict[str, str]) -> str:
    return orjson.dumps(members, option=ENCODER_OPTIONS).decode()
