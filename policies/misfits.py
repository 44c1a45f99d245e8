"""Why a value does not fit a type of `msgspec`, in both languages: it says so in English.

English is the message as it stands. Chinese is made by its form; a form that is new is told without the detail.
"""

from __future__ import annotations

import re
from typing import Final

from audit.words import Words

_KINDS: Final = {
    "str": "文字",
    "int": "整數",
    "float": "數字",
    "bool": "真假值（true 或 false）",
    "array": "清單",
    "object": "物件",
    "date": "日期",
    "datetime": "時間",
    "uuid": "UUID",
    "null": "空值（null）",
}
_MEASURES: Final = {"str": "個字元", "array": "項", "object": "項"}
_LENGTHS: Final = {"<=": "最多", ">=": "最少", "==": "必須是"}
_NUMBERS: Final = {"<=": "最大為", ">=": "最小為"}

_LENGTH = re.compile(r"Expected `(str|array|object)` of length (<=|>=|==) (\d+)")
_NUMBER = re.compile(r"Expected `(?:int|float)` (<=|>=) (-?[0-9.]+)")
_KIND = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`")
_SENTENCES: Final = (
    (re.compile(r"Object missing required field `(.+)`"), r"欠缺必填欄位 \1"),
    (re.compile(r"Object contains unknown field `(.+)`"), r"不認識欄位 \1"),
    (re.compile(r"Invalid enum value (.+)"), r"\1 並非可選的值"),
    (re.compile(r"Expected `str` matching regex (.+)", re.DOTALL), r"格式須符合 \1"),
    (re.compile(r"Invalid RFC3339 encoded date"), "日期須如 2026-11-22（RFC 3339），而且真實存在"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), "時間須如 2026-11-22T20:00:00+08:00（RFC 3339），而且真實存在"),
    (re.compile(r"Invalid UUID"), "須為 UUID"),
)


def misfit(message: str) -> Words:
    """What a message of `msgspec.ValidationError` says, which has no place behind it any more."""
    return Words(_chinese(message), message)


def _chinese(message: str) -> str:
    if found := _LENGTH.fullmatch(message):
        return f"{_LENGTHS[found[2]]} {found[3]} {_MEASURES[found[1]]}"
    if found := _NUMBER.fullmatch(message):
        return f"{_NUMBERS[found[1]]} {found[2]}"
    if found := _KIND.fullmatch(message):
        expected = "或".join(_KINDS.get(kind, kind) for kind in found[1].split(" | "))
        return f"須為{expected}，現為{_KINDS.get(found[2], found[2])}"
    for form, chinese in _SENTENCES:
        if found := form.fullmatch(message):
            return found.expand(chinese)
    return "不符合此欄的格式"
