"""Encodings: proved where there is proof, refused where two would do."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.checking.checker import check
from documents.checking.text import recognise_encoding
from documents.sandbox import Refused

TRADITIONAL = "送貨單號碼 DN-2026-001，今日收到李錦記蠔油十二箱，請查核數量及有效日期。"
SIMPLIFIED = "送货单号码 DN-2026-001，今日收到李锦记蚝油十二箱，请查核数量及有效日期。"
HONG_KONG = "客戶：旺角分店。𨋢、嘅、喺、咗、啲等字，商品編號及單價金額合計如下。"


@pytest.mark.parametrize(
    ("text", "codec", "expected"),
    [
        (TRADITIONAL, "utf-8", "utf-8"),
        (TRADITIONAL, "utf-8-sig", "utf-8-sig"),
        (TRADITIONAL, "utf-16", "utf-16"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (HONG_KONG, "big5hkscs", "big5hkscs"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "gbk", "gb18030"),
        ("plain ascii\n", "ascii", "utf-8"),
        ("a,b\nc,d\n", "utf-16-le", "utf-16-le"),
        ("a,b\nc,d\n", "utf-16-be", "utf-16-be"),
        ("SKU,名稱\nA1,蠔油\n" * 3, "utf-16-le", "utf-16-le"),
    ],
)
def test_an_encoding_is_recognised_and_reads_back(text: str, codec: str, expected: str) -> None:
    raw = text.encode(codec)

    assert recognise_encoding(raw) == expected
    assert raw.decode(expected) == text


def test_a_csv_in_big5_says_so() -> None:
    checked = check(io.BytesIO("貨號,商品名稱,數量\nOYS-510,蠔油,12\n".encode("big5")), "清單.csv")

    assert (checked.encoding, checked.extension, checked.pages) == ("big5hkscs", "csv", 0)


@given(st.sampled_from([TRADITIONAL, HONG_KONG]), st.integers(8, 30), st.integers(0, 8))
def test_a_few_words_of_big5_are_never_taken_for_gbk(text: str, size: int, start: int) -> None:
    raw = text[start : start + size].encode("big5hkscs")

    try:
        found = recognise_encoding(raw)
    except Refused:
        return

    assert found in {"big5hkscs", "utf-8"}


@given(st.text(max_size=300))
def test_text_in_utf_8_is_always_utf_8(text: str) -> None:
    raw = text.encode("utf-8", "ignore")

    if b"\0" not in raw and not raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        assert recognise_encoding(raw) == "utf-8"


@given(st.binary(max_size=300))
def test_any_bytes_are_recognised_or_refused(raw: bytes) -> None:
    try:
        encoding = recognise_encoding(raw)
    except Refused as refusal:
        assert refusal.code.startswith("text_")  # noqa: PT017  both ends are right
    else:
        raw.decode(encoding)
