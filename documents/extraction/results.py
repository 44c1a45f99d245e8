"""What an inspection found, from its own words: 驗收合格, `Not accepted`, 有條件接收.

A list has the usual words. Others are told by the stem in them and by what denies it, which counts for more.
"""

from __future__ import annotations

import re
from typing import Final

from documents.extraction import lexicon
from documents.extraction.plain import key, tidy

_HOLD: Final = re.compile(
    r"(?i)讓步|特採|有條件|暫[存收緩]|待[定檢驗處覆]|保留|隔離|\b(?:concession|conditional(?:ly)?|hold|pending|quarantine)\b"
)
_GOOD: Final = r"合格|通過|接納|[接允收]收|接受|符合|達標|放行|良好|滿意"
_BAD_CHINESE: Final = re.compile(
    rf"[不未非無](?:予|獲|能|可|准)?(?:{_GOOD}|符|良|足)|不合|拒[收絕]|判退|異常|有問題|欠佳|次品|瑕疵|缺陷"
)
_BAD_LATIN: Final = re.compile(
    r"(?i)\b(?:not|un|non|in|dis)[ -]?(?:pass|accept|conform|satisf|compl|approv)|\b(?:fail|reject|defect|unfit)"
)
_GOOD_CHINESE: Final = re.compile(_GOOD)
_GOOD_LATIN: Final = re.compile(r"(?i)\b(?:pass|accept|conform|satisf|compliant|approved)")
_PLAIN: Final = re.compile(
    rf"(?:全部|全數|驗收|檢驗|檢查|抽檢|品質|判定|准予|可予?|已)*[不未非]?(?:予|獲|能|可)?(?:{_GOOD})(?:標準|要求|規格|接收)?"
)


def result_of(text: str) -> tuple[str | None, bool]:
    """PASS, FAIL or HOLD, and whether that is sure; None where a text says nothing of the kind."""
    text = tidy(text)
    known = lexicon.RESULTS.get(key(text))
    if known is not None:
        return known, True
    named = {lexicon.RESULTS[part] for word in re.split(r"[ /]+", text) if (part := key(word)) in lexicon.RESULTS}
    told = _told(text)
    if len(named) == 1 and told in {None, *named}:
        return named.pop(), True
    return told, told is not None and is_result(text)


def is_result(text: str) -> bool:
    """Whether a text is the word of a result and nothing else."""
    return key(text) in lexicon.RESULTS or _PLAIN.fullmatch(tidy(text)) is not None


def _told(text: str) -> str | None:
    if _HOLD.search(text):
        return "HOLD"
    if _BAD_CHINESE.search(text) or _BAD_LATIN.search(text):
        return "FAIL"
    return "PASS" if _GOOD_CHINESE.search(text) or _GOOD_LATIN.search(text) else None
