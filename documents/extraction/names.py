"""Names of firms: what may be one, what is an address or a sentence instead, and how one is written."""

from __future__ import annotations

import re
from typing import Final

from documents.extraction import lexicon
from documents.extraction.dates import is_whole_date
from documents.extraction.plain import has_chinese, has_digit, key, tidy

SENTENCE_MIN: Final = 12
_SMALL_FIRST: Final = re.compile(r"^[a-z](?=[a-z]* [A-Z])")
"""A capital that looks like its small letter: `old Ceylon Tea`."""
_LOST_SPACE: Final = re.compile(r"(?<=[a-z])(?=(?:Ltd|Limited|Company)\b)|(?<=[a-z.,])(?=Co\b)")
"""Before what a firm's name ends with, where the reader lost the space: `FoodsLtd.`"""
_NUMBERED: Final = re.compile(r"\(?[0-9]{1,2}[.)] ")
"""The number of a clause: `3. Warranty`."""
_SENTENCE: Final = re.compile(
    r"(?i:\bis made\b|\bbetween\b)|[。，；、]|[\u3400-\u9fff][,;]|, [a-z]|\((?:the|hereinafter)\b|以下(?:簡)?稱|[本該此](?:合約|合同|協議)|\b(?:shall|will|must|please|agrees?|between)\b"
)


_MEMBER: Final = re.compile(
    r"(?i)\b(?:a )?(?:member|subsidiary|division|part|brand) of\b|\bsince [12][0-9]{3}|^自[12][0-9]{3}年|成員(?:公司|機構)?$|附屬(?:公司|機構)$|旗下"
)
"""What stands below or above a name and belongs to it: whose the firm is, and since when."""


_THE_SAME: Final = re.compile(
    r"(?i)同[左右上下前]|(?:the )?same as |same (?:address|above)|as (?:above|left|per)\b|ditto\b|如上|見上"
)
"""What stands where the name or address would be that stands elsewhere on the paper."""


def is_motto(text: str) -> bool:
    """Whether a text says whose a firm is or since when, and is neither a name nor a label: `Quality since 1978`."""
    return _MEMBER.search(tidy(text)) is not None


def is_name(text: str) -> bool:
    """Whether a text may be the name of a party."""
    text = _CODE_BEFORE.sub("", _CODE_BEHIND.sub("", tidy(text).strip(" :.,;")))
    letters = [character for character in text if character.isalpha()]
    if _NUMBERED.match(text) or (len(text) >= SENTENCE_MIN and _SENTENCE.search(text)):
        return False
    if re.search(
        r"(?i)簽|蓋印|署|名稱|\b(?:sign|chop|received|signature)|\b(?:vendor|supplier|customer|buyer|company) name\b",
        text,
    ):
        return False
    if _MEMBER.search(text) or _THE_SAME.match(text):
        return False
    if len(letters) < 2 or is_whole_date(text) or len(text) > 90 or _PLACE.fullmatch(text):
        return False
    if text[:1].islower() and not text.casefold().rstrip(".").endswith(FIRM_ENDINGS):
        return False
    digits = sum(character.isdecimal() for character in text)
    return digits <= max(2, len(letters) // 4) and not _is_address(text)


def _is_address(text: str) -> bool:
    lowered = tidy(text).casefold()
    if lowered.rstrip(".,").endswith(FIRM_ENDINGS):
        return False
    if _PLACE_END.search(lowered):
        return True
    hits = sum(word in lowered for word in lexicon.ADDRESS_WORDS)
    return hits >= 2 or (hits >= 1 and has_digit(lowered)) or "@" in lowered or "www" in lowered


FIRM_ENDINGS: Final = (
    "limited", "ltd", "co", "公司", "洋行", "商行", "店", "士多", "藥房", "超級市場", "超市", "酒店", "餐廳", "酒家", "學校", "集團",
    "企業", "貿易", "百貨", "批發", "書局", "生活館",
)  # fmt: skip
"""How names of companies end, and addresses never do."""


_PLACE_END: Final = re.compile(
    r"(?:\bhong kong|\bh\.k\.?|\bhk|\bkowloon|\bkln\.?|\bn\.?t\.?|\bnew territories|\broad|\bstreet)[.,]?$"
)


_PLACE: Final = re.compile(r"(?i)(?:hong )?kong\.?|kowloon|kln\.?|n\.?t\.?|new territories|territories")
"""The last line of an address."""


_CODE_BEHIND: Final = re.compile(
    r"(?i)(?<=..) ?[(\[【](?:[^()\[\]【】]*(?:code|no\.?|a/c|account|id|編號|代號|號碼|客號)[^()\[\]【】]*[0-9][^()\[\]【】]*|(?=[^()]*[0-9])[A-Z0-9-]{3,12})[)\]】]$"
)
"""The code that somebody keeps of a firm, in brackets behind its name: `(Vendor code V1288)`."""
_CODE_BEFORE: Final = re.compile(
    r"^(?:[A-Z]{1,4}-?[0-9]{3,6}|[0-9]{5,10})(?: ?[:/|-] ?| |(?=[\u3400-\u9fff]))(?=[^0-9]{4})(?![\u3400-\u9fff]{2,3}店$)"
)
"""The same before it: K0337 街角士多; behind the number of a shop stands where it is: A1024 旺角店."""
_DEPARTMENT: Final = re.compile(
    r"(?i)(公司|集團|\b(?:limited|ltd\.?))(?=[ ,-]*\S)[ ,-]*(?:[\u3400-\u9fff]{1,5}[部組]|(?:[a-z]+ ){1,2}(?:department|dept\.?|division|office))?"
    r"[ ,-]*(?:[\u3400-\u9fff]{1,3}(?:先生|小姐|女士|太太|經理|主任|主管|店長|老闆)|(?:attn:? ?)?(?:mr|ms|mrs|miss)\.? [a-z][a-z. ]*)?$"
)
_DEFINED: Final = re.compile(
    r"(?i)\s*\((?=[^()]*(?:[“”\"「」『』]|\bthe (?:supplier|seller|vendor|buyer|purchaser|customer)\b|簡稱|下稱))[^()]*\)[;,]?$"
)
"""What a contract calls a party from here on: (“the Supplier”)."""


_BRANCH_BEHIND: Final = re.compile(
    r"(?i)(公司|\b(?:limited|ltd\.?))[ ,-]*(?:\([^()]*(?:[店倉]\b|店 |門市|分行|支店|中心|\b(?:branch|store|shop|outlet|warehouse|dc|mall|plaza)\b)[^()]*\)|[-–] ?[\u3400-\u9fff]{2,8}店)$"
)
"""The shop of a firm that is meant, behind its name: 繁榮士多有限公司(太古店)."""


def tidy_name(text: str) -> str:
    """A name without the marks and courtesies round it, and without the department that is written to."""
    text = tidy(text).strip(" :;,-|*").lstrip(".")
    text = re.sub(r"(?i)^(?:(?:messrs\.?|m/s\.?|the company)\s*:?\s*|from[: ]+(?=[A-Z]))", "", text)
    text = _DEPARTMENT.sub(lambda match: match[1], _CODE_BEFORE.sub("", _CODE_BEHIND.sub("", text)))
    text = re.sub(r"(?:\s*(?:台照|寶號|先生/女士|啟|照))+$", "", text).strip(" :;,-")
    text = _BRANCH_BEHIND.sub(lambda match: match[1], _DEFINED.sub("", text))
    text = _LOST_SPACE.sub(" ", text)
    text = _SMALL_FIRST.sub(lambda match: match[0].upper(), text)
    return text if re.search(r"(?i)\b(co|ltd|inc|corp|bros)\.$", text) else text.rstrip(".")


_ADDRESS_BEGINS: Final = re.compile(
    r",? (?:of|whose|having|with its|located at|situated at) (?=.*[0-9])|[,，;；]? ?(?:(?:註冊|營業|通訊)?地址|(?:註冊)?辦事處|註冊於) ?(?:[:：]|為|位於|在|設於)"
    r"|[,，;；] ?(?:其|註冊|營業|公司|通訊|聯絡|辦事處|總)*(?:地址|地點|辦事處|寫字樓|位於|設於)"
    r"|(?:(?<=limited)|(?<=ltd)|(?<=ltd\.)|(?<=公司)) ?[,，;；·|] ?(?=.*[0-9])"
    r"|(?:(?<= limited)|(?<= ltd)|(?<= ltd\.)) (?=(?-i:[A-Z])[a-z]+ )(?!(?:liability|company|partnership)\b)",
    re.IGNORECASE,
)


def before_address(text: str) -> str:
    """A name without the address that goes on behind it: `Man Tat Supplies Limited, of Room 1203`, 街角小站有限公司 地址：（…）.

    Nor what a firm says of itself in the same box: `Man Tat Limited Fine Teas & Coffees`.
    """
    match = _ADDRESS_BEGINS.search(text)
    return text if match is None else text[: match.start()]


_COMPANY_SIGNS: Final = tuple(word for word in lexicon.COMPANY_WORDS if has_chinese(word) and len(word) == 1)
"""Single ideographs, which say so at the end alone."""
_COMPANY_CHINESE: Final = tuple(word for word in lexicon.COMPANY_WORDS if has_chinese(word) and len(word) > 1)
_COMPANY_LATIN: Final = frozenset(
    form for word in lexicon.COMPANY_WORDS if not has_chinese(word) for form in (word, f"{word}s")
)


def is_company(text: str) -> bool:
    """Whether a name has a word that firms have."""
    lowered = tidy(text).casefold().rstrip(".")
    if lowered.endswith((*lexicon.COMPANY_ENDINGS, *_COMPANY_SIGNS)):
        return True
    return not _COMPANY_LATIN.isdisjoint(re.findall(r"[a-z&]+", lowered)) or any(
        word in lowered for word in _COMPANY_CHINESE
    )


def is_bare(text: str) -> bool:
    """Whether a text is one word that many firms have, and so no name: `Industrial` is a line of an address."""
    said = key(text)
    return said in lexicon.COMPANY_WORDS or said in lexicon.TRADE_WORDS


_TRADE_MORE: Final = frozenset(
    {"&", "and", "of", "the", "hk", "hong", "kong", "asia", "far", "east", "china", "primary", "secondary"}
)
_HOUSE: Final = re.compile(
    r"\b(?:hotel|school|college|university|kindergarten|restaurant|cafe|café|pharmacy|dispensary|hospital|clinic|supermarket|department stores?|mart|bakery|bookstore)$"
)
_TRADE_CHINESE: Final = re.compile(
    "(?:"
    + "|".join(sorted((word for word in lexicon.COMPANY_WORDS if has_chinese(word)), key=len, reverse=True))
    + ")+"
)


def is_of_trade(text: str) -> bool:
    """Whether a text says nothing but a trade and ends as a firm's name does: it is the end of a name, and none of its own."""
    text = tidy(text).casefold()
    if not text.rstrip(".").endswith(("limited", "ltd", "company", "co", "公司")) and not _HOUSE.search(text):
        return False
    if has_chinese(text):
        return _TRADE_CHINESE.fullmatch(re.sub(r"\([^()]{2,4}\)", "", text)) is not None
    words = re.findall(r"[a-z&]+", text)
    known = _TRADE_MORE | set(lexicon.COMPANY_WORDS) | set(lexicon.TRADE_WORDS)
    return all(word in known or word.removesuffix("s") in known or f"{word}s" in known for word in words)


_BRANCH: Final = re.compile(
    r"(?i)分店|支店|分行|門市|\bbranch\b|^(?:store|shop|outlet|warehouse|dc|depot) ?(?:no\.? ?)?#?[0-9]|^[0-9]{2,4} |倉庫?$"
)


def is_branch(text: str) -> bool:
    """Whether a name is of a place that a firm has, and not of the firm."""
    return _BRANCH.search(tidy(text)) is not None


_FOREIGN: Final = re.compile(
    r"(?i)\b(?:code|tel|attn|attention|a/c|fax|address|e-?mail|vendor|customer|ref)\b|[0-9]{4}|地址|電話|編號|傳真|聯絡|代號|號碼|客戶"
)


def is_foreign(text: str) -> bool:
    """Whether a text holds words or figures of labels and codes, which no name has."""
    return _FOREIGN.search(tidy(text)) is not None


def by_script(text: str) -> list[str]:
    """A bilingual name on one line as its Chinese and its English part; else the text as it is."""
    match = re.fullmatch(r"([\u3400-\u9fff()（）·]{3,}) ?[/|]? ?([A-Za-z][A-Za-zÀ-ÿ&'.,() -]{4,})", text)
    return [match.group(1), match.group(2)] if match else [text]


_FIRM_FIRST: Final = re.compile(
    r"(?i)([A-Z][A-Za-zÀ-ÿ&'.,() -]{3,}?\b(?:limited|ltd|co|company|inc)(?![A-Za-z])\.?\)?)[ ,]*([\u3400-\u9fff][\u3400-\u9fff()·]{3,})"
)


def in_two_languages(text: str) -> list[str]:
    """A name in two languages on one line as its two parts, whatever parts them; else the text as it is."""
    apart = by_stroke(text)
    if len(apart) < 2 and len(parts := by_script(text)) > 1 and is_company(parts[0]) and is_company(parts[1]):
        apart = parts
    match = _FIRM_FIRST.fullmatch(text) if len(apart) < 2 else None
    return apart if match is None or not is_company(match.group(2)) else [match.group(1), match.group(2)]


def in_scripts(text: str) -> list[str]:
    """The same of a sign, of which no part need say that it is a firm's: 永記 WING KEE."""
    both = in_two_languages(text)
    return both if len(both) > 1 else by_script(text)


_STROKE: Final = re.compile(r" ?[/|] ?| ?\((?=[\u3400-\u9fff]{4,}\)$|[A-Z][A-Za-z&'., -]{6,}\)$)")


def by_stroke(text: str) -> list[str]:
    """A name in two languages that a stroke or a bracket parts, as its two parts; else the text as it is."""
    parts = [part.strip() for part in _STROKE.split(text, maxsplit=1)]
    if len(parts) != 2 or has_chinese(parts[0]) == has_chinese(parts[1]):
        return [text]
    if text.endswith(")") and parts[1].count("(") < parts[1].count(")"):
        parts[1] = parts[1][:-1]
    return parts if any(is_company(part) for part in parts) else [text]
