"""What a new Chopbook is given: complete, bilingual, and honest about how it was checked."""

import re
from collections import Counter

import pytest

from retention.model import Schedule, Status, Verification
from retention.seed import SEEDED

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_version_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(schedule.id for schedule in SEEDED).items() if count > 1] == []


@pytest.mark.parametrize("schedule", SEEDED, ids=lambda schedule: schedule.id)
def test_a_schedule_says_what_on_whose_word_and_in_both_languages(schedule: Schedule) -> None:
    assert (schedule.minimum is None) != (schedule.maximum is None)
    assert schedule.record_classes
    for words in (schedule.title, schedule.authority.citation, *([schedule.note] if schedule.note else [])):
        assert HAN.search(words.zh)
        assert not HAN.search(words.en)
    assert schedule.code.startswith("ORG-" if schedule.authority.status is Status.POLICY else "HK-")


def test_nothing_unverified_is_seeded_as_law() -> None:
    assert [s.id for s in SEEDED if s.authority.verification is Verification.UNVERIFIED] == []


def test_caps_are_guidance_and_minimums_by_law_are_cited_by_chapter() -> None:
    for schedule in SEEDED:
        if schedule.authority.status is Status.LAW:
            assert schedule.minimum is not None
            assert "Cap. " in schedule.authority.citation.en
            assert "章" in schedule.authority.citation.zh
        if schedule.maximum is not None:
            assert schedule.authority.status is Status.GUIDANCE
