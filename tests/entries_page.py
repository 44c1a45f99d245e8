"""A page of docs/ about the entries of a room, held against entries that were written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"

Names = tuple[set[str], set[str]]
"""Those always there, and those that may be."""


class EntriesPage:
    """The table of a page: for each type of entry its subjects and members, in brackets those that may be absent."""

    def __init__(self, name: str) -> None:
        self._text = (DOCS / name).read_text("utf-8")

    def documented(self) -> dict[str, tuple[Names, Names]]:
        """The kinds of subjects and the members of `data`, by type of entry."""
        rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+?) \| (.+?) \|$", self._text, re.MULTILINE)
        return {kind: (_names(subjects), _names(members)) for kind, subjects, members in rows}

    def held_by(self, entries: Iterable[Mapping[str, Any]]) -> set[str]:
        """Checks every entry of a type the page speaks of; returns the types seen."""
        page = self.documented()
        seen: set[str] = set()
        for entry in entries:
            if entry["type"] not in page:
                continue
            seen.add(entry["type"])
            found = [{subject["kind"] for subject in entry["subjects"]}, set(entry["data"])]
            for (always, sometimes), names in zip(page[entry["type"]], found, strict=True):
                assert always <= names <= always | sometimes, entry
        return seen


def _names(cell: str) -> Names:
    optional = set(re.findall(r"\[`([a-z0-9_]+)`\]", cell))
    return set(re.findall(r"`([a-z0-9_]+)`", cell)) - optional, optional
