"""Notices in the words of people: Traditional Chinese as written in Hong Kong, and English. Pure: facts in, text out.

- Every notice is written in both languages, so that neither version says what the other does not.
- A notice of refusal names each ground with its section and, where that is the ground, the other data user (s.21(1)). Where
  whether data is held is itself not to be said (s.63), the notice says so in the words of that section and nothing more.
- Days are written with their clock: day 40 as the Ordinance counts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.clock import day_40_of
from cases.grounds import rule_of
from cases.model import CaseKind, NoticeKind
from policies.model import Words
from policies.using.exemptions import EXEMPTIONS, ExemptionId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from cases.grounds import CorrectionGround, Ground

_ORDINANCE: Final = Words("《個人資料(私隱)條例》(第486章)", "Personal Data (Privacy) Ordinance (Cap. 486)")
_KINDS: Final = {
    CaseKind.ACCESS: Words("查閱資料要求", "data access request"),
    CaseKind.CORRECTION: Words("改正資料要求", "data correction request"),
}
_COMPLAIN: Final = Words(
    "如不同意本決定，可向個人資料私隱專員公署投訴。",
    "If you disagree, you may complain to the Office of the Privacy Commissioner for Personal Data.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One refusal as a notice tells it. `items` 0: the whole request."""

    ground: Ground | CorrectionGround
    exemption: ExemptionId | None
    items: int
    other_user: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice is written from.

    Attributes:
        kind: of the notice.
        case: id of the case.
        case_kind: what was asked for.
        requestor: name of who is told.
        received: day of receipt.
        given: day of the notice.
        items: how many items are held.
        supplied: how many of them the copy holds, whole or in part.
        refusals: what is refused, and why.
        fee: in cents of Hong Kong.
        reason: why the answer takes longer, or what is still needed.
        corrections: how many corrections were made.
    """

    kind: NoticeKind
    case: str
    case_kind: CaseKind
    requestor: str
    received: date
    given: date
    items: int = 0
    supplied: int = 0
    refusals: Sequence[Told] = ()
    fee: int | None = None
    reason: str | None = None
    corrections: int = 0


def notice(facts: NoticeFacts) -> Words:
    """The notice in both languages."""
    asked = _KINDS[facts.case_kind]
    body = _BODIES[facts.kind](facts)
    refused = _refused(facts)
    zh = [
        f"致：{facts.requestor}",
        f"個案編號：{facts.case}",
        f"日期：{facts.given.isoformat()}",
        "",
        f"{_ORDINANCE.zh}：{asked.zh}",
        f"本公司於{facts.received.isoformat()}收到你的{asked.zh}。",
        body.zh,
        *refused.zh.splitlines(),
    ]
    en = [
        f"To: {facts.requestor}",
        f"Case: {facts.case}",
        f"Date: {facts.given.isoformat()}",
        "",
        f"{_ORDINANCE.en}: {asked.en}",
        f"We received your {asked.en} on {facts.received.isoformat()}.",
        body.en,
        *refused.en.splitlines(),
    ]
    return Words("\n".join(zh).rstrip() + "\n", "\n".join(en).rstrip() + "\n")


def _refused(facts: NoticeFacts) -> Words:
    if not facts.refusals:
        return Words("", "")
    zh, en = ["以下部分拒絕依從，理由如下："], ["We refuse to comply with the following, for these reasons:"]
    for told in facts.refusals:
        rule = rule_of(told.ground)
        what = Words(f"{told.items}項", f"{told.items} items") if told.items else Words("整項要求", "the whole request")
        why_zh, why_en = f"{rule.words.zh}（{rule.section}）", f"{rule.words.en} ({rule.section})"
        if told.exemption is not None:
            exemption = EXEMPTIONS[told.exemption]
            why_zh += f"：{exemption.words.zh}（{exemption.section}）"
            why_en += f": {exemption.words.en} ({exemption.section})"
        if told.other_user:
            why_zh += f"。有關的另一資料使用者：{told.other_user}"
            why_en += f". The other data user concerned: {told.other_user}"
        zh.append(f"- {what.zh}：{why_zh}。")
        en.append(f"- {what.en}: {why_en}.")
    return Words("\n".join([*zh, _COMPLAIN.zh]), "\n".join([*en, _COMPLAIN.en]))


def _further(facts: NoticeFacts) -> Words:
    return Words(
        f"在處理要求之前，請提供進一步資料：{facts.reason or ''}。在信納你的身分及授權前，我們不會披露任何資料。",
        f"Before we can deal with it we need further information: {facts.reason or ''}. "
        "Nothing is disclosed until your identity and authority are shown.",
    )


def _fee(facts: NoticeFacts) -> Words:
    amount = f"{(facts.fee or 0) // 100}.{(facts.fee or 0) % 100:02}"
    return Words(
        f"依從要求的費用為港幣{amount}元，僅包括與依從要求直接有關而必需的成本。收到費用後，我們便會提供資料的複本。",
        f"The fee for complying is HK${amount}, which covers only costs that are directly related and necessary. "
        "We supply the copy once it is paid.",
    )


def _interim(facts: NoticeFacts) -> Words:
    last = day_40_of(facts.received).isoformat()
    return Words(
        f"我們未能於{last}（第40日）或之前完全依從要求，理由：{facts.reason or ''}。"
        "我們會在切實可行範圍內盡快依從，並已先依從能夠依從的部分（第 19(2) 條）。",
        f"We cannot fully comply by {last} (day 40), because: {facts.reason or ''}. "
        "We comply as far as we can now, and with the rest as soon as practicable (s.19(2)).",
    )


def _compliance(facts: NoticeFacts) -> Words:
    return Words(
        f"我們持有你所要求的個人資料共{facts.items}項，現隨本通知提供其中{facts.supplied}項於收到要求當日的複本及代碼說明。",
        f"We hold {facts.items} items of the data you asked for. With this notice we supply a copy of {facts.supplied} of them "
        "as they were on the day of receipt, with the meaning of codes.",
    )


def _nil(_facts: NoticeFacts) -> Words:
    return Words(
        "經搜尋後，我們並無持有你所要求的個人資料（第 19(1)(b) 條）。",
        "We have searched, and hold no personal data of the kind you asked for (s.19(1)(b)).",
    )


def _refusal(facts: NoticeFacts) -> Words:
    if any(told.exemption is ExemptionId.S63 for told in facts.refusals):
        return Words(
            "根據第63條，我們不確認亦不否認持有你所要求的資料。",
            "Under s.63 we neither confirm nor deny that we hold the data you asked for.",
        )
    return Words("我們拒絕依從你的要求（第20條）。", "We refuse to comply with your request (s.20).")


def _correction_done(facts: NoticeFacts) -> Words:
    return Words(
        f"我們已按要求改正{facts.corrections}項資料，現隨本通知提供經改正資料的複本；在過去12個月內獲提供該資料的第三者亦會獲通知（第 23(1) 條）。",
        f"We have corrected {facts.corrections} items as you asked and supply a copy of the corrected data; third parties who "
        "received it in the last 12 months are told too (s.23(1)).",
    )


def _correction_refused(_facts: NoticeFacts) -> Words:
    return Words("我們拒絕依從你的改正要求（第24條）。", "We refuse to comply with your correction request (s.24).")


_BODIES: Final = {
    NoticeKind.FURTHER_INFORMATION: _further,
    NoticeKind.FEE: _fee,
    NoticeKind.INTERIM: _interim,
    NoticeKind.COMPLIANCE: _compliance,
    NoticeKind.NIL: _nil,
    NoticeKind.REFUSAL: _refusal,
    NoticeKind.CORRECTION_DONE: _correction_done,
    NoticeKind.CORRECTION_REFUSED: _correction_refused,
}
