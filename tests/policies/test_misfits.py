"""What does not fit is told in Chinese, by what msgspec says of values that really do not fit."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest

from policies.misfits import misfit


class Colour(Enum):
    RED = "red"


class Form(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=3, pattern="^[a-z]*$")]
    number: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    items: Annotated[list[int], msgspec.Meta(min_length=1, max_length=2)] = []
    truth: bool = True
    day: date | None = None
    moment: datetime | None = None
    id: UUID | None = None
    colour: Colour = Colour.RED


@pytest.mark.parametrize(
    ("members", "chinese"),
    [
        ({"text": ""}, "最少 1 個字元"),
        ({"text": "abcd"}, "最多 3 個字元"),
        ({"text": "A"}, "格式須符合 '^[a-z]*$'"),
        ({"text": 1}, "須為文字，現為整數"),
        ({"number": 0}, "最小為 1"),
        ({"number": 10}, "最大為 9"),
        ({"items": []}, "最少 1 項"),
        ({"items": [1, 2, 3]}, "最多 2 項"),
        ({"items": {}}, "須為清單，現為物件"),
        ({"truth": None}, "須為真假值（true 或 false），現為空值（null）"),
        ({"day": 1}, "須為日期或空值（null），現為整數"),
        ({"day": "2026-13-01"}, "日期須如 2026-11-22（RFC 3339），而且真實存在"),
        ({"moment": "now"}, "時間須如 2026-11-22T20:00:00+08:00（RFC 3339），而且真實存在"),
        ({"id": "x"}, "須為 UUID"),
        ({"colour": "blue"}, "'blue' 並非可選的值"),
        ({"color": "red"}, "不認識欄位 color"),
        ({"text": None}, "須為文字，現為空值（null）"),
    ],
)
def test_each_form_of_misfit_has_its_sentence(members: dict[str, Any], chinese: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"text": "a", **members}, Form)

    message = re.sub(r" - at `.*`$", "", str(caught.value))

    assert (misfit(message).zh, misfit(message).en) == (chinese, message)


def test_what_is_missing_is_named_and_a_new_form_is_told_without_its_english() -> None:
    assert misfit("Object missing required field `text`").zh == "欠缺必填欄位 text"
    assert misfit("Expected something of another kind").zh == "不符合此欄的格式"
