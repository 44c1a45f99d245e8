"""Notices in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from string import Formatter

import pytest

from cases.grounds import CorrectionGround, Ground
from cases.model import CaseKind, NoticeKind
from cases.sentences import SENTENCES, Code
from cases.texts import NoticeFacts, Told, notice
from policies.using.exemptions import ExemptionId

FACTS = NoticeFacts(
    NoticeKind.COMPLIANCE, "c1", CaseKind.ACCESS, "陳大文", date(2026, 10, 12), date(2026, 11, 16), items=3, supplied=2
)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_is_written_in_both_languages(kind: NoticeKind) -> None:
    correction = kind in {NoticeKind.CORRECTION_DONE, NoticeKind.CORRECTION_REFUSED}
    asked = CaseKind.CORRECTION if correction else CaseKind.ACCESS

    words = notice(replace(FACTS, kind=kind, case_kind=asked, fee=14000, reason="理由", corrections=1))

    assert "《個人資料(私隱)條例》(第486章)" in words.zh
    assert "Cap. 486" in words.en
    assert "隱私" not in words.zh
    for text in (words.zh, words.en):
        assert "陳大文" in text
        assert "2026-10-12" in text


def test_p13_the_nil_notice_says_that_it_was_searched() -> None:
    words = notice(replace(FACTS, kind=NoticeKind.NIL, items=0))

    assert "並無持有" in words.zh
    assert "hold no personal data" in words.en


def test_p14_the_interim_notice_gives_the_reason_and_day_40() -> None:
    words = notice(replace(FACTS, kind=NoticeKind.INTERIM, reason="文件存於外地倉庫"))

    assert "2026-11-21" in words.zh
    assert "文件存於外地倉庫" in words.zh


def test_p20_a_refusal_names_ground_section_exemption_and_the_other_data_user() -> None:
    refusals = (
        Told(Ground.EXEMPT, ExemptionId.S60, 2),
        Told(Ground.OTHER_DATA_USER, None, 0, "永發物流有限公司，九龍旺角彌敦道1號"),
    )

    words = notice(replace(FACTS, kind=NoticeKind.REFUSAL, refusals=refusals))

    assert "s.20(3)(f)" in words.zh
    assert "法律專業保密權（s.60）" in words.zh
    assert "永發物流有限公司，九龍旺角彌敦道1號" in words.zh
    assert "legal professional privilege (s.60)" in words.en
    assert "the whole request" in words.en


def test_p20_under_section_63_the_notice_neither_confirms_nor_denies() -> None:
    words = notice(replace(FACTS, kind=NoticeKind.REFUSAL, refusals=(Told(Ground.EXEMPT, ExemptionId.S63, 0),)))

    assert "不確認亦不否認" in words.zh
    assert "neither confirm nor deny" in words.en


def test_p25_a_refused_correction_of_an_opinion_tells_of_the_note() -> None:
    refusals = (Told(CorrectionGround.OPINION, None, 0),)

    words = notice(replace(FACTS, kind=NoticeKind.CORRECTION_REFUSED, case_kind=CaseKind.CORRECTION, refusals=refusals))

    assert "附註" in words.zh
    assert "s.25(2)" in words.en


@pytest.mark.parametrize("code", Code)
def test_every_refusal_of_the_room_has_a_sentence_in_both_languages_with_the_same_values(code: Code) -> None:
    words = SENTENCES[code]

    names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (words.zh, words.en)]

    assert names[0] == names[1]
    assert words.zh.endswith("。")
    assert words.en.endswith(".")
