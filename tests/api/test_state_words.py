"""A refusal that names a state names it in the language of the sentence around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import pytest

from policies.bundles.model import BUNDLE_STATES, BundleState
from policies.codes import Code as PolicyCode
from policies.errors import PolicyConflict
from policies.model import Words
from policies.pending.model import PENDING_STATES, PendingState
from retention.disposal.errors import Code as DisposalCode
from retention.disposal.errors import DisposalConflict
from retention.disposal.model import DISPOSAL_STATES, DisposalState
from retention.model import Disposition
from retention.records import RecordState
from retention.words import DISPOSITION_WORDS, RECORD_STATE_WORDS
from workflow.model import JOB_STATES, JobState


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (BundleState, BUNDLE_STATES),
        (PendingState, PENDING_STATES),
        (DisposalState, DISPOSAL_STATES),
        (JobState, JOB_STATES),
        (Disposition, DISPOSITION_WORDS),
        (RecordState, RECORD_STATE_WORDS),
    ],
)
def test_every_state_has_words_in_both_languages(states: type[StrEnum], words: Mapping[StrEnum, Words]) -> None:
    assert set(words) == set(states)
    assert all(re.fullmatch("[\u4e00-\u9fff]+", one.zh) and re.fullmatch("[a-z ,]+", one.en) for one in words.values())


def test_a_refusal_tells_a_state_in_each_language() -> None:
    settled = PolicyConflict(PolicyCode.PENDING_SETTLED, values={"state": PENDING_STATES[PendingState.WITHDRAWN]})
    disposal = DisposalConflict(DisposalCode.DISPOSAL_STATE, (), {"state": DISPOSAL_STATES[DisposalState.DESTROYING]})

    assert settled.words() == Words(
        "此事項已有結果（已撤回），不可再更改。", "This is settled already (taken back) and cannot be changed."
    )
    assert disposal.sentence() == Words(
        "此項處置的狀態為「銷毀中」，不能進行這個步驟。",
        "The disposal is being destroyed, from where this step is not possible.",
    )
