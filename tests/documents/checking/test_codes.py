"""The table of reasons: whole, in both languages, saying what to do."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from documents.checking.codes import NOTES, SENTENCES, Code, sentence


@pytest.mark.parametrize("code", list(Code))
def test_each_code_has_both_sentences_with_the_same_members(code: Code) -> None:
    words = SENTENCES[code]

    members = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in words]

    assert members[0] == members[1]
    assert words.zh.endswith("。")
    assert words.en.endswith(".")
    assert any("\u4e00" <= each <= "\u9fff" for each in words.zh)
    assert words.en.isascii()


@pytest.mark.parametrize("code", sorted(set(Code) - NOTES))
def test_each_refusal_says_what_is_wrong_and_then_what_to_do(code: Code) -> None:
    words = SENTENCES[code]

    assert words.zh.count("。") >= 2
    assert words.en.count(". ") >= 1


def test_a_sentence_names_what_it_knows_and_leaves_blank_what_not() -> None:
    told = sentence("too_many_pages", {"pages": 900})

    assert told.en == "There are too many pages: 900, ? at most. Upload it in parts."
    assert told.zh == "頁數太多：900 頁，上限 ?。請分成數份上載。"


def test_a_code_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no_such_code"):
        sentence("no_such_code")


@pytest.mark.parametrize("code", list(Code))
def test_the_page_about_upload_security_has_each_code_with_its_sentences(code: Code) -> None:
    page = (Path(__file__).parents[3] / "docs" / "upload-security.md").read_text("utf-8")

    assert f"| `{code}` | {SENTENCES[code].zh} | {SENTENCES[code].en} |" in page
