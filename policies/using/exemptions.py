"""The exemptions of Part 8 that a retailer may meet, and which data protection principles each lifts (Cap. 486).

- An exemption lifts the principles it names and no others. One that lifts the limitation of use alone (s.60B, legal proceedings) refuses no
  access request: that is principle 6.
- `verified` says whether the section was read in the Ordinance or the Commissioner's own words for this table; others are
  shown as unverified until a solicitor has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policies.model import Words


class Principle(StrEnum):
    """The data protection principles of Schedule 1."""

    COLLECTION = "dpp1"
    ACCURACY_RETENTION = "dpp2"
    USE = "dpp3"
    SECURITY = "dpp4"
    OPENNESS = "dpp5"
    ACCESS = "dpp6"


class ExemptionId(StrEnum):
    """Sections of Part 8 that a retailer may meet."""

    S53 = "53"
    S55 = "55"
    S56 = "56"
    S57 = "57"
    S58 = "58"
    S59 = "59"
    S60 = "60"
    S60A = "60A"
    S60B = "60B"
    S62 = "62"
    S63 = "63"
    S63B = "63B"
    S63C = "63C"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A section of Part 8 and the principles it lifts."""

    section: str
    words: Words
    lifts: frozenset[Principle]
    verified: bool


_ACCESS: Final = frozenset({Principle.ACCESS})
_USE: Final = frozenset({Principle.USE})


def _exemption(section: str, zh: str, en: str, lifts: frozenset[Principle], *, verified: bool = False) -> Exemption:
    return Exemption(f"s.{section}", Words(zh, en), lifts, verified)


EXEMPTIONS: Final[Mapping[ExemptionId, Exemption]] = MappingProxyType(
    {
        ExemptionId.S53: _exemption("53", "僱傭──職工策劃", "employment: staff planning", _ACCESS),
        ExemptionId.S55: _exemption("55", "有關程序", "relevant process", _ACCESS),
        ExemptionId.S56: _exemption("56", "個人評介", "personal references", _ACCESS),
        ExemptionId.S57: _exemption("57", "關於香港的保安等", "security in respect of Hong Kong", _ACCESS | _USE),
        ExemptionId.S58: _exemption("58", "罪行等", "crime and the like", _ACCESS | _USE, verified=True),
        ExemptionId.S59: _exemption("59", "健康", "health", _ACCESS | _USE),
        ExemptionId.S60: _exemption("60", "法律專業保密權", "legal professional privilege", _ACCESS, verified=True),
        ExemptionId.S60A: _exemption("60A", "導致自己入罪", "self-incrimination", _ACCESS, verified=True),
        ExemptionId.S60B: _exemption("60B", "法律程序等", "legal proceedings and rights", _USE, verified=True),
        ExemptionId.S62: _exemption("62", "統計及研究", "statistics and research", _USE),
        ExemptionId.S63: _exemption(
            "63", "不確認或否認是否持有資料", "not confirming or denying that data is held", _ACCESS
        ),
        ExemptionId.S63B: _exemption("63B", "盡職審查", "due diligence", _USE, verified=True),
        ExemptionId.S63C: _exemption("63C", "危急處境", "emergency", frozenset({Principle.COLLECTION, Principle.USE})),
    }
)
