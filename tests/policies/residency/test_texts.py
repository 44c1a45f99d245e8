"""No text of the product says that the law of Hong Kong forbids a transfer: PDPO s.33 is enacted and not in force."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from policies.codes import Code
from policies.reasons import words_of
from policies.residency.authorities import RULES, STATUSES, Status

ROOT = Path(__file__).resolve().parents[3]
ROOMS = (
    "api",
    "app",
    "cases",
    "documents",
    "evidence",
    "policies",
    "retention",
    "stock",
    "storage",
    "web",
    "workflow",
    "audit",
)
SECTION = re.compile(r"(?i)\b(?:s\. ?|section )33\b|第\s?33(?:\(2\))?\s?條")
NOT_IN_FORCE = re.compile(
    r"(?i)not in force|not commenced|commences|rehears|shadow|switch|尚未實施|尚未生效|未實施|預演|開關"
)
OTHER_LAW = re.compile(r"GDPR|歐盟")
FORBIDS = re.compile(
    r"(?i)(?:illegal|unlawful|prohibited by law|forbidden by law|law (?:forbids|prohibits))[^.。]{0,80}"
    r"(?:transfer|outside Hong Kong|abroad|overseas|cross-border)"
    r"|(?:transfer|outside Hong Kong|abroad|overseas|cross-border)[^.。]{0,80}(?:is|are) (?:illegal|unlawful|an offence|prohibited by)"
    r"|(?:違法|非法|法例禁止|法律禁止)[^。]{0,40}(?:轉移|境外|香港以外)|(?:轉移|境外|香港以外)[^。]{0,40}(?:違法|屬非法|法例所禁)"
)
DENIES = re.compile(r"(?i)\b(?:none of them|no text|never|nothing) (?:of the product )?(?:says?|claims?|told)")
"""A sentence which says that nothing says so."""


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the product: what its code says in string literals, its pages, its templates, its policies."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield name, node.value
            elif path.suffix in {".html", ".js", ".cedar", ".json", ".txt", ".md", ".toml"}:
                yield from ((name, paragraph) for paragraph in path.read_text("utf-8").split("\n\n"))
    for path in sorted((ROOT / "docs").rglob("*.md")):
        yield from ((path.relative_to(ROOT).as_posix(), one) for one in path.read_text("utf-8").split("\n\n"))


def faults(name: str, text: str) -> list[str]:
    """What is wrong with one text."""
    found = []
    if SECTION.search(text) and not NOT_IN_FORCE.search(text) and not OTHER_LAW.search(text):
        found.append(f"{name}: names section 33 without saying that it is not in force: {text[:80]!r}")
    found += [
        f"{name}: says that the law forbids a transfer: {sentence[:80]!r}"
        for sentence in re.split(r"[.。;]\s", text)
        if FORBIDS.search(sentence) and not DENIES.search(sentence)
    ]
    return found


def test_no_text_cites_section_33_as_in_force_or_calls_a_transfer_illegal() -> None:
    assert [fault for name, text in texts() for fault in faults(name, text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Illegal under PDPO s.33.",
        "Section 33 forbids this.",
        "根據第33條，資料不可離開香港。",
        "It is unlawful to transfer personal data outside Hong Kong.",
        "A transfer to Singapore is illegal.",
        "將資料轉移至境外屬違法。",
    ],
)
def test_the_scan_finds_what_it_looks_for(text: str) -> None:
    assert faults("x", text)


def test_p_30_a_refusal_by_the_organisations_rule_cites_no_law() -> None:
    words = words_of(Code.ORG_RES_1)

    for text in (words.zh, words.en):
        assert "33" not in text
        assert not faults("org_res_1", text)
    assert "ORG-RES-1" in {rule.id for rule in RULES}


def test_every_rule_shows_its_authority_status_and_when_it_was_checked() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert all((rule.authority.zh, rule.authority.en, rule.title.zh, rule.title.en))
        assert rule.verified_on.year >= 2026
    assert set(STATUSES) == set(Status)
    assert {rule.id: rule.status for rule in RULES}["S33-2"] is Status.NOT_IN_FORCE
    assert {rule.id: rule.status for rule in RULES}["ORG-RES-1"] is Status.POLICY
