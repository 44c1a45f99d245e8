"""Tags: words of any script, one however it was typed, and none that is personal data or cannot be seen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.errors import Code, InvalidDocument
from documents.requests import TAG_CHARS_MAX
from documents.tagging import parse_tag


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("月結", "月結"),
        ("待覆核", "待覆核"),
        ("月結３０日", "月結30日"),
        ("Urgent", "urgent"),
        ("ＱＣ", "qc"),
        ("late-delivery_2", "late-delivery_2"),
        ("方便麵 促銷", "方便麵 促銷"),
        ("cafe\u0301", "café"),
        ("ส้มโอ", unicodedata.normalize("NFKC", "ส้มโอ")),
        ("𠮷記", "𠮷記"),
        ("字" * TAG_CHARS_MAX, "字" * TAG_CHARS_MAX),
    ],
)
def test_a_tag_is_a_word_of_any_script_and_one_however_it_is_typed(typed: str, kept: str) -> None:
    assert parse_tag(typed) == kept
    assert parse_tag(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " 月結",
        "月結 ",
        "月結\u3000",
        "月  結",
        "月\t結",
        "月\n結",
        "月\u200b結",
        "月\u202e結",
        "月\ufe0f",
        "\u3164",
        "\u0301a",
        "-月",
        "月_",
        "月/結",
        "月#結",
        "月,結",
        "（月結）",
        "😀",
        "月\x00結",
        "\ud800",
        "字" * (TAG_CHARS_MAX + 1),
        "\ufdfa" * 3,
        7,
        None,
    ],
)
def test_what_is_no_word_is_refused(typed: object) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_tag(typed, ("tag",))

    assert (caught.value.code, caught.value.path) == (Code.TAG_FORM, ("tag",))


@pytest.mark.parametrize("typed", ["A1234563", "ａ１２３４５６３", "電話 9123 4567", "陳大文先生", "4111111111111111"])
def test_what_is_personal_data_is_refused(typed: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_tag(typed)

    assert caught.value.code is Code.TAG_PERSONAL


@given(st.text(max_size=TAG_CHARS_MAX + 2))
def test_what_is_read_once_reads_the_same_again(typed: str) -> None:
    try:
        kept = parse_tag(typed)
    except InvalidDocument:
        return

    assert parse_tag(kept) == kept == unicodedata.normalize("NFC", kept) == kept.strip()
    assert 0 < len(kept) <= TAG_CHARS_MAX
