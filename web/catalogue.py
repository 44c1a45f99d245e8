"""Every string of the pages, in Traditional Chinese and English; the two are complete by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.languages import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """The front page's words in one language."""

    tag: str
    other: str
    other_name: str
    title: str
    lead: str
    size: str
    root: str
    recorded: str
    checkpoint: str
    checkpoint_help: str
    none_yet: str
    for_programs: str
    description: str
    health: str
    how: str
    sign_in: str
    proved: str
    not_proved: str


TEXTS: Final[dict[Language, Texts]] = {
    Language.ENGLISH: Texts(
        tag="en",
        other="zh-Hant-HK",
        other_name="繁體中文",
        title="Chopbook",
        lead="Every stock movement bears a chop: nobody can later alter, drop, reorder or back-date one without it showing.",
        size="Entries in the log",
        root="Root hash of all entries",
        recorded="Newest entry",
        checkpoint="Newest checkpoint",
        checkpoint_help="Keep a copy somewhere else: whoever holds one can tell if this log was ever rewritten.",
        none_yet="none yet",
        for_programs="For programs",
        description="Description of the API (OpenAPI 3.1)",
        health="Readiness",
        how="Log an adjustment from a terminal",
        sign_in="KEY is an API key; the command that started Chopbook printed one for the sample data.",
        proved="The signature and root above prove which entries this log holds, once you have checked them yourself.",
        not_proved="They do not prove that what was recorded is true, nor that nothing was left unrecorded.",
    ),
    Language.CHINESE: Texts(
        tag="zh-Hant-HK",
        other="en",
        other_name="English",
        title="Chopbook 印簿",
        lead="每次倉存變動都蓋上印記：事後任何人改動、刪去、調換次序或倒填日期，都會露出痕跡。",
        size="紀錄總數",
        root="全部紀錄的根雜湊值",
        recorded="最新紀錄",
        checkpoint="最新檢查點",
        checkpoint_help="請另存一份於別處：手上有檢查點的人，可看出這份紀錄有否被改寫。",
        none_yet="暫時未有",
        for_programs="供程式使用",
        description="API 說明 (OpenAPI 3.1)",
        health="服務狀態",
        how="在終端機記錄一次倉存調整",
        sign_in="KEY 是 API 金鑰；以示範資料啟動 Chopbook 時會印出一條。",
        proved="上述簽署和根雜湊值，經你親自核對後，可證明這份紀錄載有哪些內容。",
        not_proved="它們不能證明所記錄的內容屬實，亦不能證明沒有遺漏。",
    ),
}
