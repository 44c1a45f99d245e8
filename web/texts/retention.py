"""Retention: schedules, what is due, one record."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "retention.title": Wording("Retention schedules", "保留時間表"),
    "retention.views": Wording("Retention", "保留與處置"),
    "retention.view.schedules": Wording("Schedules", "保留規則"),
    "retention.view.due": Wording("Due list", "到期清單"),
    "retention.view.holds": Wording("Legal holds", "法律保全"),
    "retention.view.disposals": Wording("Disposals", "處置"),
    "retention.lead": Wording(
        "How long each class of record is kept, from when, and what says so. When several rules speak of a record:",
        "每類紀錄保留多久、由何時起計，以及依據。同一紀錄有多項規則時：",
    ),
    "retention.order.1": Wording("A hold stops every disposal.", "受法律保全者，一律不得處置。"),
    "retention.order.2": Wording(
        "Of what the law demands, the latest day counts.", "法例要求的最短保留期，以最遲者為準。"
    ),
    "retention.order.3": Wording(
        "Of what privacy allows, the earliest day counts.", "私隱規定的最長保留期，以最早者為準。"
    ),
    "retention.order.4": Wording(
        "A law comes before guidance; where they conflict, that is recorded.", "法例先於指引；兩者衝突時會記錄在案。"
    ),
    "retention.order.5": Wording(
        "While nobody knows when a period began, nothing is disposed of.", "起計日未明，不作任何處置。"
    ),
    "retention.rule": Wording("Rule", "規則"),
    "retention.version": Wording("version {version}", "第 {version} 版"),
    "retention.classes": Wording("Classes", "適用類別"),
    "retention.only_if": Wording("only if:", "只限："),
    "retention.kept": Wording("Kept", "保留期"),
    "retention.minimum": Wording("at least {period}", "最少 {period}"),
    "retention.maximum": Wording("at most {period}", "最多 {period}"),
    "retention.from": Wording("from: {trigger}", "起計：{trigger}"),
    "retention.in_force": Wording("in force from", "生效日期"),
    "retention.until": Wording("until", "至"),
    "retention.authority": Wording("Authority", "依據"),
    "retention.checked": Wording("last checked", "最近核對"),
    "retention.disposition.destroy": Wording("destroyed", "銷毀"),
    "retention.disposition.review": Wording("reviewed by a person", "由人覆核"),
    "retention.disposition.transfer": Wording("handed over", "移交"),
    "retention.disposition.keep": Wording("kept permanently", "永久保留"),
    "retention.newest_only": Wording("Only the newest version of each rule", "只顯示每項規則的最新版本"),
    "retention.earlier": Wording(
        "Show earlier versions too ({count}); they never change", "同時顯示舊版本（{count} 項）；舊版本不會更改"
    ),
    "retention.not_advice": Wording(
        "These rules are the organisation's reading of their authorities, not legal advice. What is marked unverified was found in no source.",
        "以上為本機構對有關依據的理解，並非法律意見。標示「未經核實」者未有來源可證。",
    ),
    "retention.proposed_grades": Wording(
        "Grades of findings are proposed by rule; auditors grade.", "發現事項的級別由規則擬議，最終由審核員評定。"
    ),
    "record_kind.document": Wording("document", "文件"),
    "record_kind.adjustment": Wording("adjustment", "倉存調整"),
    "record_kind.stocktake": Wording("stocktake", "盤點"),
    "record_state.kept": Wording("here", "現存"),
    "record_state.destroying": Wording("being destroyed", "銷毀中"),
    "record_state.destroyed": Wording("destroyed", "已銷毀"),
    "due.title": Wording("Due list", "到期清單"),
    "due.lead": Wording(
        "What the last review found: what may be disposed of, what is held or kept, and what somebody must look at.",
        "最近一次覆核的結果：可處置的、受保全或須保留的，以及須有人跟進的。",
    ),
    "due.outcome": Wording("Outcome", "結果"),
    "due.outcome.due": Wording("due for disposal", "可處置"),
    "due.outcome.held": Wording("held", "受法律保全"),
    "due.outcome.kept": Wording("to be kept", "須保留"),
    "due.outcome.permanent": Wording("kept permanently", "永久保留"),
    "due.outcome.undetermined": Wording("undetermined", "未能確定"),
    "due.until": Wording("Due by", "於此日或以前到期"),
    "due.class": Wording("Class", "類別"),
    "due.schedule": Wording("Rule (code)", "規則代碼"),
    "due.findings_only": Wording("only with findings", "只看有發現事項的"),
    "due.found": Wording("{count} records", "共 {count} 項"),
    "due.nothing": Wording("Nothing matches.", "沒有符合的紀錄。"),
    "due.record": Wording("Record", "紀錄"),
    "due.dates": Wording("Days", "日期"),
    "due.findings": Wording("Findings", "發現事項"),
    "due.from": Wording("may go from", "可處置日期"),
    "due.by": Wording("must be gone after", "最遲保留至"),
    "due.choose": Wording("Choose", "選取"),
    "due.choose_one": Wording("Choose {record}", "選取 {record}"),
    "due.propose": Wording("Propose to dispose of the chosen", "建議處置所選紀錄"),
    "due.propose_help": Wording(
        "Nothing is destroyed by this. Another person sees exactly what would go, and approves or declines within seven days.",
        "此舉不會銷毀任何東西。另一人會先看清楚將銷毀的內容，並於七日內批准或拒絕。",
    ),
    "due.propose_button": Wording("Propose", "提出建議"),
    "record.title": Wording("Why it is kept", "為何保留"),
    "record.trail": Wording("its entries in the log", "審計紀錄"),
    "record.supplier": Wording("Supplier", "供應商"),
    "record.created": Wording("Came in on", "收錄日期"),
    "record.dated": Wording("Date on it", "文件日期"),
    "record.state": Wording("State", "狀況"),
    "record.judged": Wording("Judged on", "判斷日期"),
    "record.keep_until": Wording("To be kept until", "須保留至"),
    "record.lock_until": Wording("Locked in the store until, at most", "儲存鎖定最遲至"),
    "record.then": Wording("Then", "其後"),
    "record.clocks": Wording("What started its periods", "保留期的起計"),
    "record.not_yet": Wording("has not happened yet", "尚未發生"),
    "record.deciding": Wording("Rules that decide", "據以決定的規則"),
    "record.others": Wording("Other rules that were considered", "已考慮的其他規則"),
}
