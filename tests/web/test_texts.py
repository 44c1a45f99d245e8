"""Every text of the pages is there in both languages, and templates name no other."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

import web
from audit.seals import CREATED, ROTATED
from cases.incidents.model import EVENT_TYPES as INCIDENTS
from cases.incidents.model import BreachKind, BreachState, CessationState
from cases.model import EVENT_TYPES as CASES
from cases.model import CaseKind, CaseState, FindingCode, Grade, Handling, Identity, ItemKind, ProposalState
from cases.model import Channel as CaseChannel
from documents.model import EVENT_TYPES as DOCUMENTS
from documents.model import FolderKind, LinkKind
from policies.bundles.model import BUNDLE_EVENT_TYPES as BUNDLES
from policies.bundles.model import BundleState
from policies.event_types import EVENT_TYPES as POLICIES
from policies.grants.model import GrantKind, GrantState, Review
from policies.model import Action, Channel, PrincipalState, Role, ScopeKind
from policies.pending.model import PENDING_EVENT_TYPES as PENDING
from policies.pending.model import PendingState
from policies.personal_data import PersonalKind
from policies.residency.model import RESIDENCY_EVENT_TYPES as RESIDENCY
from policies.residency.model import Basis, Mode, Standing
from policies.simulation import Place
from retention.disposal.model import EVENT_TYPES as DISPOSAL
from retention.locks.model import EVENT_TYPES as LOCKS
from retention.records import EVENT_TYPES as RETENTION
from stock.lots.model import EVENT_TYPES as LOTS
from stock.model import EVENT_TYPES as STOCK
from storage.key_events import EVENT_TYPES as KEYS
from web.catalogue import _PARTS, TEXTS
from workflow.model import CANCELLED_TYPE
from workflow.notices.model import EVENT_TYPES as NOTICES

ROOM = Path(web.__file__).parent
TEMPLATES = sorted((ROOM / "templates").iterdir())
SOURCES = [*TEMPLATES, *sorted(ROOM.glob("*.py"))]
EVENTS = frozenset().union(
    BUNDLES,
    CASES,
    DISPOSAL,
    DOCUMENTS,
    INCIDENTS,
    KEYS,
    LOCKS,
    LOTS,
    NOTICES,
    PENDING,
    POLICIES,
    RESIDENCY,
    RETENTION,
    STOCK,
) | {CANCELLED_TYPE, CREATED, ROTATED}

_NAMED = re.compile(r"""\b(?:t|say)\(\s*(?:language, )?["']([a-z_]+\.[a-z0-9_.]+)["']\s*[,)\]]""")
_BUILT = re.compile(r"""["']([a-z_]+(?:\.[a-z_]+)*\.)["'] ?~|f["']([a-z_.]+\.)\{""")
_PLAIN = re.compile(r"""["']([a-z_]+\.[a-z0-9_.]+)["']""")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_text_is_there_in_both_languages_with_the_same_placeholders(key: str) -> None:
    words = TEXTS[key]

    assert words.en.strip()
    assert words.zh.strip()
    assert placeholders(words.en) == placeholders(words.zh)
    assert words.zh != words.en


def test_no_key_is_in_two_subjects() -> None:
    assert sum(len(part) for part in _PARTS) == len(TEXTS)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_what_is_named_is_in_the_catalogue(source: Path) -> None:
    named = set(_NAMED.findall(source.read_text()))

    assert named - TEXTS.keys() == set()


def test_every_text_is_used() -> None:
    written = "\n".join(source.read_text() for source in SOURCES)
    plain = set(_PLAIN.findall(written))
    built = tuple({first or second for first, second in _BUILT.findall(written)})

    assert {key for key in TEXTS if key not in plain and not key.startswith(built)} == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<pre>.*?</pre>|<[^>]+>", " ", template.read_text(), flags=re.DOTALL)

    assert re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", text) == []


def test_every_type_of_entry_has_a_title() -> None:
    assert {event_type for event_type in EVENTS if f"event.{event_type}" not in TEXTS} == set()


CLOSED_SETS: dict[str, type[StrEnum]] = {
    "action.": Action,
    "breach_kind.": BreachKind,
    "breach_state.": BreachState,
    "case_channel.": CaseChannel,
    "case_finding.": FindingCode,
    "case_handling.": Handling,
    "case_identity.": Identity,
    "case_item.": ItemKind,
    "case_kind.": CaseKind,
    "case_state.": CaseState,
    "cases.grade.": Grade,
    "cessation_state.": CessationState,
    "channel.": Channel,
    "folder.": FolderKind,
    "grants.kind.": GrantKind,
    "grants.review.": Review,
    "grants.state.": GrantState,
    "link.": LinkKind,
    "pending.state.": PendingState,
    "people.scope.": ScopeKind,
    "people.state.": PrincipalState,
    "personal_kind.": PersonalKind,
    "place.": Place,
    "policies.state.": BundleState,
    "proposal_state.": ProposalState,
    "residency.basis.": Basis,
    "residency.mode.": Mode,
    "residency.standing.": Standing,
    "role.": Role,
}
"""Sets of codes that pages show, by the beginning of their texts' keys."""


@pytest.mark.parametrize("prefix", CLOSED_SETS)
def test_every_code_that_a_page_shows_has_words(prefix: str) -> None:
    assert {one.value for one in CLOSED_SETS[prefix] if f"{prefix}{one.value}" not in TEXTS} == set()


def test_chinese_is_punctuated_as_chinese() -> None:
    wrong = {
        key: words.zh
        for key, words in TEXTS.items()
        if re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", words.zh)
    }

    assert wrong == {}
