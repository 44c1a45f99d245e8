"""P-07: personal data is used for the purposes it is kept for; another takes consent or an exemption that lifts principle 3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.codes import Code
from policies.errors import Denied, UseRefused
from policies.model import Action, Resource, Role
from policies.using.exemptions import EXEMPTIONS, ExemptionId, Principle
from policies.using.purposes import OF_ACTIVITY, OF_IDENTITIES, OF_PAPERS, OF_VALUES, USES, UsePurpose
from policies.using.rules import Use, is_new, judge_use
from tests.policies.house import House

ORDER = "11111111-1111-4111-8111-111111111111"
P = UsePurpose
LOG = Resource("log")

CASES = {
    "P-07 staff data for marketing": (Use(P.MARKETING), Code.DPP3_NEW_PURPOSE),
    "P-07 the same with exemption 60B and the court order": (
        Use(P.MARKETING, exemption=ExemptionId.S60B, evidence=ORDER),
        Code.ALLOWED,
    ),
    "P-07 the same without the court order": (
        Use(P.MARKETING, exemption=ExemptionId.S60B),
        Code.EXEMPTION_EVIDENCE_MISSING,
    ),
    "P-07 an exemption that lifts principle 6 alone": (
        Use(P.MARKETING, exemption=ExemptionId.S60, evidence=ORDER),
        Code.EXEMPTION_LIFTS_OTHER,
    ),
    "P-07 with prescribed consent": (Use(P.MARKETING, consent=ORDER), Code.ALLOWED),
    "P-07 a document that is said to show nothing": (Use(P.MARKETING, evidence=ORDER), Code.DPP3_NEW_PURPOSE),
    "P-07 what the log is kept for": (Use(P.ASSURANCE), Code.ALLOWED),
    "P-07 judging somebody's work by the log": (Use(P.EMPLOYMENT), Code.DPP3_NEW_PURPOSE),
    "P-07 no purpose": (Use(None), Code.PURPOSE_NEEDED),
    "P-07 no purpose, whatever else": (
        Use(None, ORDER, ExemptionId.S60B, ORDER),
        Code.PURPOSE_NEEDED,
    ),
}


@pytest.mark.parametrize(("use", "code"), CASES.values(), ids=CASES)
def test_whether_staff_data_may_be_used_so(use: Use, code: Code) -> None:
    assert judge_use(use, OF_ACTIVITY) is code


@given(
    purpose=st.sampled_from([None, *UsePurpose]),
    consent=st.sampled_from([None, ORDER]),
    exemption=st.sampled_from([None, *ExemptionId]),
    evidence=st.sampled_from([None, ORDER]),
    listed=st.frozensets(st.sampled_from(UsePurpose)),
)
def test_a_new_purpose_is_never_allowed_without_a_document(
    purpose: UsePurpose | None,
    consent: str | None,
    exemption: ExemptionId | None,
    evidence: str | None,
    listed: frozenset[UsePurpose],
) -> None:
    use = Use(purpose, consent, exemption, evidence)

    allowed = judge_use(use, listed) is Code.ALLOWED

    if allowed and is_new(use, listed):
        lifted = exemption is not None and Principle.USE in EXEMPTIONS[exemption].lifts and evidence is not None
        assert consent is not None or lifted
    if purpose is not None and purpose in listed:
        assert allowed
    if purpose is None:
        assert not allowed


def test_nothing_is_kept_for_direct_marketing_and_every_purpose_has_its_words() -> None:
    assert set(USES) == set(UsePurpose)
    for listed in (OF_PAPERS, OF_IDENTITIES, OF_ACTIVITY, OF_VALUES):
        assert P.MARKETING not in listed
        assert P.ACCESS_REQUEST in listed


def test_p_07_a_new_purpose_is_for_those_who_answer_for_personal_data(sqlite_house: House) -> None:
    policies = sqlite_house.policies
    court = Use(P.MARKETING, exemption=ExemptionId.S60B, evidence=ORDER)

    for role, is_allowed in (
        (Role.DPO, True),
        (Role.COMPLIANCE_OFFICER, True),
        (Role.AUDITOR, False),
        (Role.OPERATOR, False),
    ):
        decision = policies.require(policies.local_principal(role), Action.LOG_EXPORT, LOG)
        policies.require_use(decision, Use(P.ASSURANCE), OF_ACTIVITY)
        if is_allowed:
            policies.require_use(decision, court, OF_ACTIVITY)
        else:
            with pytest.raises(Denied) as caught:
                policies.require_use(decision, court, OF_ACTIVITY)
            assert caught.value.code is Code.ROLE_LACKS_ACTION


def test_a_refusal_says_which_purposes_would_do_in_both_languages(sqlite_house: House) -> None:
    policies = sqlite_house.policies
    decision = policies.require(policies.local_principal(Role.DPO), Action.LOG_EXPORT, LOG)

    with pytest.raises(UseRefused) as caught:
        policies.require_use(decision, Use(P.MARKETING), OF_ACTIVITY)

    assert caught.value.decision.code is Code.DPP3_NEW_PURPOSE
    (need,) = caught.value.explain().needs
    assert need.options == tuple(sorted(OF_ACTIVITY))
    assert "審計、驗證及內部監控" in need.words.zh
    assert "audit, verification and internal control" in need.words.en
