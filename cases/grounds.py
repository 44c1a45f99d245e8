"""On which grounds a request may be refused: closed lists, with the section each rests on (Cap. 486).

- Free text is no ground: a wrong ground is itself a contravention in the Commissioner's view.
- The exemptions of Part 8 that go with some are in `policies.using.exemptions`.
- `verified` says whether the section was read in the Ordinance or the Commissioner's own words for this table; others are
  shown as unverified until a solicitor has looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from policies.model import Words

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ground(StrEnum):
    """Why an access request is refused, s.20."""

    IDENTITY_NOT_SHOWN = "identity_not_shown"
    THIRD_PARTY = "third_party"
    PROHIBITED = "prohibited"
    NOT_IN_WRITING = "not_in_writing"
    NOT_LOCATABLE = "not_locatable"
    REPEATED = "repeated"
    OTHER_DATA_USER = "other_data_user"
    NOT_IN_FORM = "not_in_form"
    ENTITLED = "entitled"
    EXEMPT = "exempt"


class CorrectionGround(StrEnum):
    """Why a correction request is refused, s.24."""

    IDENTITY_NOT_SHOWN = "identity_not_shown"
    NOT_IN_WRITING = "not_in_writing"
    NOT_INACCURATE = "not_inaccurate"
    NOT_EXPLAINED = "not_explained"
    NOT_SATISFIED = "not_satisfied"
    OTHER_DATA_USER = "other_data_user"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class GroundRule:
    """A ground with its section, its words, and what it needs.

    Attributes:
        section: of the Ordinance.
        words: how a notice names it.
        must: whether the request must be refused on it; others may.
        verified: whether the section was read in a primary source.
        needs_exemption: an exemption goes with it.
        needs_other_user: the other data user is named in the notice (s.21(1)(c)).
        in_part: whether it can be about some items alone.
    """

    section: str
    words: Words
    must: bool = False
    verified: bool = True
    needs_exemption: bool = False
    needs_other_user: bool = False
    in_part: bool = False


GROUNDS: Final[Mapping[Ground, GroundRule]] = MappingProxyType(
    {
        Ground.IDENTITY_NOT_SHOWN: GroundRule(
            "s.20(1)(a)",
            Words(
                "未獲提供足夠資料，以信納要求者的身分或其代表有關人士提出要求的授權",
                "the information needed to be satisfied of the requestor's identity or authority was not supplied",
            ),
            must=True,
        ),
        Ground.THIRD_PARTY: GroundRule(
            "s.20(1)(b)",
            Words(
                "依從要求便會披露其他資料當事人的個人資料，而該人並未同意",
                "complying would disclose personal data of another individual, who has not consented",
            ),
            must=True,
            in_part=True,
        ),
        Ground.PROHIBITED: GroundRule(
            "s.20(1)(c)",
            Words(
                "本條例或其他條例當其時禁止依從該項要求",
                "compliance is for the time being prohibited under this or another Ordinance",
            ),
            must=True,
            verified=False,
            in_part=True,
        ),
        Ground.NOT_IN_WRITING: GroundRule(
            "s.20(3)(a)",
            Words("要求並非以中文或英文書面提出", "the request is not in writing in Chinese or English"),
        ),
        Ground.NOT_LOCATABLE: GroundRule(
            "s.20(3)(b)",
            Words(
                "未獲提供為找出有關個人資料而合理所需的資料",
                "the information reasonably needed to locate the data was not supplied",
            ),
        ),
        Ground.REPEATED: GroundRule(
            "s.20(3)(c)",
            Words(
                "該項要求是在兩項或以上類似的要求之後提出，在有關情況下要求依從並不合理",
                "the request follows two or more similar requests, and compliance is unreasonable in the circumstances",
            ),
        ),
        Ground.OTHER_DATA_USER: GroundRule(
            "s.20(3)(d)",
            Words(
                "另一資料使用者控制該資料的使用，以致禁止依從該項要求",
                "another data user controls the use of the data so as to prohibit compliance",
            ),
            needs_other_user=True,
            in_part=True,
        ),
        Ground.NOT_IN_FORM: GroundRule(
            "s.20(3)(e)",
            Words("要求並非以指明的表格提出", "the request is not made in the specified form"),
        ),
        Ground.ENTITLED: GroundRule(
            "s.20(3)(ea)",
            Words(
                "根據本條例或其他條例，有權不依從該項要求",
                "there is an entitlement under this or another Ordinance not to comply",
            ),
            in_part=True,
        ),
        Ground.EXEMPT: GroundRule(
            "s.20(3)(f)",
            Words("該資料根據第8部獲豁免", "the data is exempt under Part 8"),
            needs_exemption=True,
            in_part=True,
        ),
    }
)

CORRECTION_GROUNDS: Final[Mapping[CorrectionGround, GroundRule]] = MappingProxyType(
    {
        CorrectionGround.IDENTITY_NOT_SHOWN: GroundRule(
            "s.24(1)",
            GROUNDS[Ground.IDENTITY_NOT_SHOWN].words,
            must=True,
        ),
        CorrectionGround.NOT_IN_WRITING: GroundRule("s.24(3)(a)", GROUNDS[Ground.NOT_IN_WRITING].words, verified=False),
        CorrectionGround.NOT_INACCURATE: GroundRule(
            "s.24(3)(b)",
            Words("不信納該資料並不準確", "it is not shown that the data is inaccurate"),
            verified=False,
        ),
        CorrectionGround.NOT_EXPLAINED: GroundRule(
            "s.24(3)(c)",
            Words(
                "未獲提供為確定該資料如何不準確而合理所需的資料",
                "the information reasonably needed to see in what way the data is inaccurate was not supplied",
            ),
            verified=False,
        ),
        CorrectionGround.NOT_SATISFIED: GroundRule(
            "s.24(3)(d)",
            Words("不信納所要求的改正是準確的", "it is not shown that the correction asked for is accurate"),
            verified=False,
        ),
        CorrectionGround.OTHER_DATA_USER: GroundRule(
            "s.24(3)(e)",
            Words(
                "另一資料使用者控制該資料的處理，以致禁止依從該項要求",
                "another data user controls the processing of the data so as to prohibit compliance",
            ),
            verified=False,
            needs_other_user=True,
        ),
        CorrectionGround.OPINION: GroundRule(
            "s.25(2)",
            Words(
                "該資料屬意見表達；已將述明爭議事項的附註附於該資料",
                "the data is an expression of opinion; a note of what is disputed is attached to it",
            ),
        ),
    }
)


def rule_of(ground: Ground | CorrectionGround) -> GroundRule:
    """What is known of a ground."""
    return GROUNDS[ground] if isinstance(ground, Ground) else CORRECTION_GROUNDS[ground]
