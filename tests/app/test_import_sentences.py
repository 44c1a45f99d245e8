"""Every sentence of an import speaks both languages, with the same values."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from app.endings import ending_of
from app.exits import ExitCode
from app.importing.errors import EncodingRefused, MappingRefused
from app.importing.mapping import parse_mapping
from app.importing.sentences import SENTENCES, Said, told
from policies.model import Words


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("said", Said)
def test_every_sentence_is_in_both_languages_and_names_the_same_values(said: Said) -> None:
    words = SENTENCES[said]

    assert re.search("[\u4e00-\u9fff]", words.zh)
    assert not re.search("[\u4e00-\u9fff]", words.en)
    assert placeholders(words.zh) == placeholders(words.en)


def test_no_sentence_stands_for_a_name_that_does_not_exist() -> None:
    assert set(SENTENCES) == set(Said)


def test_words_within_words_are_told_in_each_language() -> None:
    words = told(Said.HEADER_LINE, line=3, reason=told(Said.QUOTE_OPEN, quote='"'))

    assert words == Words(
        '第 3 行的標題：引號 " 必須關閉，但檔案已完結',
        'the header on line 3: expected the quote " to be closed, got the end of the file',
    )


def test_a_refused_encoding_is_named_in_both_languages() -> None:
    ending = ending_of(EncodingRefused("big5", "utf-8"))

    assert ending is not None
    assert (ending.exit_code, ending.code) == (ExitCode.REFUSED, "encoding_refused")
    assert ending.en.startswith("the file: expected utf-8, got big5;")
    assert ending.zh is not None
    assert ending.zh.startswith("檔案：編碼應為 utf-8，現為 big5；")


def test_a_refused_mapping_names_its_member_in_both_languages() -> None:
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(b'format = "chopbook-import/2"')

    assert str(refused.value) == "mapping: format: expected \"chopbook-import/1\", got 'chopbook-import/2'"
    assert refused.value.words.zh == "對應檔：format：必須是 \"chopbook-import/1\"，現為 'chopbook-import/2'"
