"""The page about this room's entries names every type, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from policies.model import ACCESS_EVENT_TYPES, POLICY_EVENT_TYPES
from policies.pending.model import PENDING_EVENT_TYPES
from policies.residency.model import RESIDENCY_EVENT_TYPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-entries.md"


def types_of(section: str) -> set[str]:
    first_cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`([a-z_.]+)`", cell)}


def test_the_page_names_every_type_of_entry() -> None:
    chapters = r"^## (?:Changes|Access|What waits for a second person|Where data goes|Example)$"
    _, changes, access, pending, residency, _ = re.split(chapters, PAGE.read_text("utf-8"), flags=re.MULTILINE)

    assert types_of(changes) == set(POLICY_EVENT_TYPES)
    assert types_of(access) == set(ACCESS_EVENT_TYPES)
    assert types_of(pending) == set(PENDING_EVENT_TYPES)
    assert types_of(residency) == set(RESIDENCY_EVENT_TYPES)
