"""Labels that no list has, by how they end or begin: 對應訂單, `Orig. P.O.`, 安裝費, `Total Minimum Purchase`.

Weaker than a known label: only asked where a token is none of those.
"""

from __future__ import annotations

import re
from typing import Final

from documents.extraction import lexicon
from documents.extraction.dates import is_whole_date
from documents.extraction.flat import Token
from documents.extraction.labels import Label, cut, is_firm
from documents.extraction.plain import has_chinese, has_digit, tidy

LENGTH_MAX: Final = 36
WORDS_MAX: Final = 5
NAME_MIN: Final = 6
"""Letters from which what ends as a party is called may be a name: 和記棧百貨供應商."""
_PERCENT: Final = re.compile(r"\s*[(（]?\s*[0-9.]+\s*%\s*[)）]?\s*$|\s*[(（][^()（）]{1,12}[)）]\s*$")
_CHINESE: Final = (
    (lexicon.IGNORED, r"(?:數量|件數|箱數|地址|電話|條款|條件|方式|簽署|簽名|蓋章|地點|人員|員|人)$"),
    (lexicon.DATE_OTHER, r".(?:日期|日)$"),
    (lexicon.CUSTOMER_PO, r"(?:訂單|採購單|訂購單|訂貨單)(?:號碼?|編號|參考)?$"),
    (lexicon.UNKNOWN_NUMBER, r"(?:單號|編號|號碼|書號|.號)$"),
    (lexicon.SUPPLIER, r"(?:供應商|供貨商|賣方)(?:名稱)?$"),
    (lexicon.BUYER, r"(?:客戶|買方|收貨方)(?:名稱)?$"),
    (lexicon.DISCOUNT, r"(?:折扣|優惠|回贈)$"),
    (lexicon.FREIGHT, r".(?:費|費用)$"),
    (
        lexicon.TOTAL,
        r"^(?:總|合計|合共|應付|應收|應退|退款).{0,5}(?:額|計|值|款|價|銀|金額)$|.(?:總額|總值|總數|總金額|總價|總計|合計)$",
    ),
)
_LATIN: Final = (
    (lexicon.IGNORED, r"\b(?:qty|quantity|units|cartons|ctns|pieces|pcs|weight|items|lines|packages|volume|name|by|terms?|address|tel)$"),
    (lexicon.DATE_OTHER, r"\bdate$|^date (?:of|for)\b"),
    (lexicon.CUSTOMER_PO, r"\b(?:p\.?/?o\.?|purchase order|customer order|order)(?: (?:no|ref|number|#)\.?)?$"),
    (lexicon.UNKNOWN_NUMBER, r"\b(?:no|number|ref|reference)\.?$|#$"),
    (lexicon.SUPPLIER, r"\b(?:supplier|vendor|seller)$"),
    (lexicon.BUYER, r"\b(?:customer|buyer|purchaser)$"),
    (lexicon.DISCOUNT, r"\b(?:discount|rebate)$"),
    (lexicon.FREIGHT, r"\b(?:fee|charges?|surcharge|levy)$"),
    (lexicon.TOTAL, r"^(?:grand )?total\b|\btotal(?: \(?hk[d$]\)?)?$"),
)  # fmt: skip


def guess_label(token: Token) -> Label | None:
    """The label that a token looks like by its ending, with what stands behind a colon; None if it looks like none."""
    text = tidy(token.text)
    said, mark, rest = _parted(text)
    said = _PERCENT.sub("", said).strip(" *-")
    if not said or len(said) > LENGTH_MAX or has_digit(said) or is_firm(said):
        return None
    role = lexicon.DATE_OTHER if mark and is_whole_date(rest) else _role(said)
    if role is None or (role in {lexicon.SUPPLIER, lexicon.BUYER} and not mark and len(said) > NAME_MIN):
        return None
    value = cut(token, text.index(rest, len(said)), text) if rest else None
    return Label(token, role, value, exact=False, closed=bool(mark) or value is None)


def _parted(text: str) -> tuple[str, str, str]:
    parts = re.split(r"\s*([:：])\s*", text, maxsplit=1)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def _role(said: str) -> str | None:
    chinese = re.sub(r"[^\u3400-\u9fff]", "", said)
    latin = " ".join(re.sub(r"[\u3400-\u9fff]", " ", said).split())
    if has_chinese(said) and len(chinese) <= 8:
        for role, pattern in _CHINESE:
            if re.search(pattern, chinese):
                return role
    if latin and len(latin.split(" ")) <= WORDS_MAX:
        for role, pattern in _LATIN:
            if re.search(f"(?i){pattern}", latin):
                return role
    return None
