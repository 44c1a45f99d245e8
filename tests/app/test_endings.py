"""How commands tell in Chinese what went wrong."""

from __future__ import annotations

import pytest

from app.endings import ending_of
from app.exits import NotUpgraded, Refused
from documents.search.errors import InvalidQuery
from storage.errors import EventIdReused, KeyUnreadable, LogBusy, NoLog, NotFound, StorageFailed
from storage.root_key import parse_recovery_share
from workflow.errors import JobNotFound, ScheduleUnchanged
from workflow.notices.errors import UnknownNotice


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (NotUpgraded("a1", "b2"), "資料庫的結構為 a1，此 Chopbook 需要 b2；請執行 chopbook db upgrade"),
        (LogBusy(1), "日誌繁忙，請稍後再試"),
        (EventIdReused("x", 3), "事件編號 x 已用於第 3 項，內容不同"),
        (NoLog("expected a log", "沒有日誌"), "沒有日誌"),
        (NotFound("expected an entry", "日誌沒有第 9 項"), "日誌沒有第 9 項"),
        (ScheduleUnchanged("nightly", paused=True), "排程 nightly 已經暫停"),
        (JobNotFound("j1"), "沒有工作 j1"),
        (UnknownNotice("channel", "ops"), "沒有此通知渠道或規則：ops"),
        (InvalidQuery("text", "expected a word"), "搜尋條件不符要求：text"),
        (Refused("expected one", "須有其一"), "須有其一"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_somebody_at_a_terminal_causes_is_told_in_chinese_alone(error: Exception, chinese: str) -> None:
    ending = ending_of(error)

    assert ending is not None
    assert (ending.zh, ending.en) == (chinese, str(error))


@pytest.mark.parametrize(
    ("typed", "chinese"),
    [
        ("", "復原紙：須為 9 行，現為 0 行"),
        ("\n".join(["0000-0000"] * 9), "復原紙：第 1 行與所印的不符，請核對"),
        ("\n".join(["short"] * 9), "復原紙：第 1 行須為 8 個字母及數字"),
    ],
)
def test_a_slip_in_a_recovery_share_is_told_in_chinese(typed: str, chinese: str) -> None:
    with pytest.raises(KeyUnreadable) as caught:
        parse_recovery_share(typed)

    ending = ending_of(caught.value)
    assert ending is not None
    assert ending.zh == chinese


def test_what_a_database_says_itself_stays_behind_the_sentence() -> None:
    ending = ending_of(StorageFailed("disk I/O error"))

    assert ending is not None
    assert ending.zh == "資料庫或密鑰庫無法使用（disk I/O error）"
