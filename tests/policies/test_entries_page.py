"""The page about this room's entries names every type, and no other."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from policies.basis import scope_digest
from policies.bundles.model import BUNDLE_EVENT_TYPES
from policies.event_types import ACCESS_EVENT_TYPES, POLICY_EVENT_TYPES
from policies.model import Principal, PrincipalKind, Role
from policies.pending.model import PENDING_EVENT_TYPES
from policies.residency.model import RESIDENCY_EVENT_TYPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-entries.md"


def types_of(section: str) -> set[str]:
    first_cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`([a-z_.]+)`", cell)}


def test_the_page_names_every_type_of_entry() -> None:
    chapters = r"^## (?:Changes|Access|A decision taken again|What waits for a second person|Policy bundles|Where data goes|Example)$"
    _, changes, access, _, pending, bundles, residency, _ = re.split(
        chapters, PAGE.read_text("utf-8"), flags=re.MULTILINE
    )

    assert types_of(changes) == set(POLICY_EVENT_TYPES)
    assert types_of(access) == set(ACCESS_EVENT_TYPES)
    assert types_of(pending) == set(PENDING_EVENT_TYPES)
    assert types_of(bundles) == set(BUNDLE_EVENT_TYPES)
    assert types_of(residency) == set(RESIDENCY_EVENT_TYPES)


def test_the_scope_on_the_page_has_the_digest_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    said = re.search(r"```json\n(\{\"classes\".*)\n```\n\ngives `([0-9a-f]{16})`", page)

    assert said is not None
    assert sha256(said[1].encode()).hexdigest().startswith(said[2])
    stores, scopes = frozenset({"MK01"}), frozenset({"stock.adjust", "stock.read"})
    assert scope_digest(Principal("p_a", PrincipalKind.PERSON, Role.STAFF, stores, scopes)) == said[2]
