"""Every error of the core is told in Chinese, too, without its English message."""

from __future__ import annotations

import pytest

from audit import errors
from audit.error_words import MEANINGS, words_of

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AuditError)]


def test_every_kind_of_error_has_a_meaning_of_its_own() -> None:
    named = {kind for kind in KINDS if not kind.__name__.startswith("_")}

    assert {kind for kind, _ in MEANINGS} == named
    assert len({meaning for _, meaning in MEANINGS}) == len(named)


@pytest.mark.parametrize("kind", [errors.UntrustedNote, errors.MalformedCheckpoint, errors.WrongLog])
def test_a_kind_of_a_kind_is_told_by_its_own_name(kind: type[errors.AuditError]) -> None:
    words = words_of(kind("note: expected one, got none"))

    assert (words.zh, words.en) == (dict(MEANINGS)[kind], "note: expected one, got none")


def test_the_place_is_told_where_there_is_one() -> None:
    inside, whole = errors.MalformedEntry("/data", "expected one"), errors.NotCanonical("", "expected JSON, got none")

    assert words_of(inside).zh == "/data：並非格式正確的紀錄"
    assert words_of(whole).zh == "並非標準 JSON（RFC 8785）"
