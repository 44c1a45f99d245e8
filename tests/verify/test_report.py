"""Faults and reports as values."""

from __future__ import annotations

import json
import re

import pytest

from audit.fault_words import FAULT_WORDS, LIMIT_WORDS, VERDICT_WORDS, report_words
from audit.faults import FAULTS_MAX, Fault, FaultKind, FaultList, Limit, Report, Undecided, Verdict
from audit.verify import limits_of, verdict_of
from audit.words import Words

K = FaultKind


def test_a_report_is_json() -> None:
    fault = Fault(K.ALTERED, 5, "entries.bytes", "aa", "bb")
    report = Report(
        Verdict.TAMPERED, "log.test/1", "whole", 9, "cc", faults=(fault,), counts=((K.ALTERED, 1),),
        undecided=(Undecided(Limit.TAIL_UNANCHORED, 9),),
    )  # fmt: skip

    found = json.loads(json.dumps(report.to_json()))

    assert found["verdict"] == "tampered"
    assert found["faults"] == [
        {"kind": "altered", "index": 5, "where": "entries.bytes", "expected": "aa", "found": "bb"}
    ]
    assert found["counts"] == {"altered": 1}
    assert found["undecided"] == [{"limit": "tail_unanchored", "start": 9, "stop": None}]
    assert set(found) == {
        "verdict", "origin", "scope", "size", "root", "entries_checked", "checkpoints_checked", "anchored_size",
        "key_pinned", "faults", "counts", "undecided",
    }  # fmt: skip


@pytest.mark.parametrize("verdict", Verdict)
def test_only_the_valid_verdicts_are_valid(verdict: Verdict) -> None:
    assert Report(verdict, "", "", 0, "").is_valid == verdict.value.startswith("valid_")


def test_all_faults_are_counted_and_the_first_thousand_kept() -> None:
    found = FaultList()

    found.extend(Fault(K.ALTERED, index, "entries.bytes") for index in range(FAULTS_MAX + 500))
    found.add(Fault(K.ALTERED, 3, "entries.bytes", "again"))

    assert len(found.kept) == FAULTS_MAX
    assert found.counts == {K.ALTERED: FAULTS_MAX + 500}
    assert found
    assert not FaultList()


@pytest.mark.parametrize(
    ("kinds", "complete", "anchored", "pinned", "wanted"),
    [
        ([], True, 0, False, Verdict.VALID_UNANCHORED),
        ([], True, 5, False, Verdict.VALID_UNANCHORED),
        ([], True, 5, True, Verdict.VALID_ANCHORED),
        ([], True, 9, False, Verdict.VALID_ANCHORED),
        ([], True, 0, True, Verdict.VALID_UNANCHORED),
        ([], False, 9, True, Verdict.INCOMPLETE),
        ([K.KEY_UNKNOWN], False, 9, True, Verdict.UNKNOWN_KEY),
        ([K.KEY_UNKNOWN, K.ALTERED], True, 9, True, Verdict.TAMPERED),
    ],
    ids=str,
)
def test_the_verdict_fails_closed(
    kinds: list[FaultKind], complete: bool, anchored: int, pinned: bool, wanted: Verdict
) -> None:
    found = FaultList()
    found.extend(Fault(kind, None, "somewhere") for kind in kinds)

    assert verdict_of(found, complete=complete, size=9, anchored_size=anchored, key_pinned=pinned) is wanted


def test_what_an_anchor_settles_is_no_limit_any_more() -> None:
    def limits(anchored: int, *, pinned: bool) -> list[Limit]:
        return [item.limit for item in limits_of(9, anchored, key_pinned=pinned)]

    assert limits(0, pinned=False) == [Limit.TAIL_UNANCHORED, Limit.REWRITE_UNANCHORED, Limit.KEY_SELF_ATTESTED]
    assert limits(4, pinned=True) == [Limit.TAIL_UNANCHORED, Limit.REWRITE_UNANCHORED]
    assert limits(9, pinned=False) == [Limit.TAIL_UNANCHORED]


def test_every_verdict_fault_and_limit_has_words_in_both_languages() -> None:
    tables: list[tuple[str, Words]] = [*VERDICT_WORDS.items(), *FAULT_WORDS.items(), *LIMIT_WORDS.items()]

    assert [code for code, _ in tables] == [*Verdict, *FaultKind, *Limit]
    for _, words in tables:
        assert re.search("[\u4e00-\u9fff]", words.zh)
        assert not re.search("[\u4e00-\u9fff]", words.en)


def test_a_report_has_words_for_the_codes_it_holds_and_no_others() -> None:
    report = Report(
        Verdict.TAMPERED, "", "whole", 9, "", counts=((K.ALTERED, 2), (K.MOVED, 1)),
        undecided=(Undecided(Limit.TAIL_UNANCHORED, 9), Undecided(Limit.TAIL_UNANCHORED, 12)),
    )  # fmt: skip

    found = report_words(report)

    assert list(found) == ["tampered", "altered", "moved", "tail_unanchored"]
    assert found["moved"]["zh-Hant-HK"] == "記錄於另一位置的一項存於此處"


def test_each_kind_and_limit_has_a_sentence() -> None:
    import inspect

    from audit import faults

    source = inspect.getsource(faults)
    for member in (*FaultKind, *Limit, *Verdict):
        _, _, after = source.partition(f'= "{member.value}"\n')
        assert after.lstrip().startswith('"""')
