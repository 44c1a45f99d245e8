"""On whose word each rule of residency stands, what kind of word that is, and when it was last looked up.

The screens show these marks beside every rule. A rule that is not in force is never told as one that binds: the test of texts holds
every sentence of the product to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from policies.model import Words

CHECKED_ON: Final = date(2026, 11, 1)


class Status(StrEnum):
    """What kind of authority a rule has."""

    LAW = "law"
    GUIDANCE = "guidance"
    NOT_IN_FORCE = "not_in_force"
    PROPOSAL = "proposal"
    UNVERIFIED = "unverified"
    POLICY = "policy"
    """The organisation's own rule."""


STATUSES: Final[dict[Status, Words]] = {
    Status.LAW: Words("現行法例", "law in force"),
    Status.GUIDANCE: Words("監管機構指引或自願計劃", "regulator's guidance or voluntary scheme"),
    Status.NOT_IN_FORCE: Words("已制定但尚未實施", "enacted, not in force"),
    Status.PROPOSAL: Words("建議", "proposal"),
    Status.UNVERIFIED: Words("未經核實", "unverified"),
    Status.POLICY: Words("本機構的規則", "the organisation's own rule"),
}


@dataclass(frozen=True, slots=True)
class RuleMark:
    """A rule as the screens show it."""

    id: str
    title: Words
    authority: Words
    status: Status
    verified_on: date


def _mark(rule: str, title: tuple[str, str], authority: tuple[str, str], status: Status) -> RuleMark:
    return RuleMark(rule, Words(*title), Words(*authority), status, CHECKED_ON)


RULES: Final[tuple[RuleMark, ...]] = (
    _mark(
        "ORG-RES-1",
        (
            "可能載有個人資料的內容留在指定的資料存放地；轉移須先登記依據。",
            "What may hold personal data stays in the places named; a transfer needs a registered basis first.",
        ),
        ("本機構的資料存放地政策", "The organisation's residency policy"),
        Status.POLICY,
    ),
    _mark(
        "DPP4-2",
        (
            "聘用資料處理者時，須以合約或其他方法保障資料（P-09）。",
            "A processor is bound by contract or other means to protect the data (P-09).",
        ),
        ("《個人資料(私隱)條例》(第486章)保障資料第4(2)原則", "PDPO (Cap. 486) DPP4(2)"),
        Status.LAW,
    ),
    _mark(
        "DPP2-3",
        (
            "資料處理者保存資料的時間不得超過所需（P-06）。",
            "A processor keeps transferred data no longer than needed (P-06).",
        ),
        ("《個人資料(私隱)條例》(第486章)保障資料第2(3)原則", "PDPO (Cap. 486) DPP2(3)"),
        Status.LAW,
    ),
    _mark(
        "DPP5",
        (
            "公開所持個人資料的種類、用途及政策（P-10）。",
            "The kinds of personal data held, their purposes and the policies are open to all (P-10).",
        ),
        ("《個人資料(私隱)條例》(第486章)保障資料第5原則", "PDPO (Cap. 486) DPP5"),
        Status.LAW,
    ),
    _mark(
        "S33-2",
        (
            "轉移至香港以外地方的條件(a)至(f)；條文尚未實施，只作預演報告（P-30）。",
            "Conditions (a) to (f) of a transfer to a place outside Hong Kong; not in force, reported as a rehearsal only (P-30).",
        ),
        ("《個人資料(私隱)條例》(第486章)第 33(2) 條（尚未實施）", "PDPO (Cap. 486) s.33(2) (not in force)"),
        Status.NOT_IN_FORCE,
    ),
    _mark(
        "RMC-2022",
        (
            "建議合約條文範本：資料使用者之間，以及資料使用者與資料處理者之間（P-31）。",
            "Recommended model clauses, user to user and user to processor (P-31).",
        ),
        ("私隱專員公署跨境資料轉移指引（2022年5月12日）", "PCPD guidance on cross-border transfer, 12 May 2022"),
        Status.GUIDANCE,
    ),
    _mark(
        "GBA-SC",
        (
            "粵港澳大灣區標準合同：雙方所在地、影響評估、十個工作天內備案、不得再轉移至區外（P-32）。",
            "GBA standard contract: places of both parties, impact assessment, filing in ten working days, no onward transfer outside (P-32).",
        ),
        (
            "粵港澳大灣區（內地、香港）個人信息跨境流動標準合同（自願計劃）",
            "GBA (Mainland, Hong Kong) standard contract, a voluntary scheme",
        ),
        Status.GUIDANCE,
    ),
    _mark(
        "CN-EXPORT",
        (
            "源自內地的個人資料：每曆年所涉人數，只作提示（P-33）。",
            "Personal data from the Mainland: persons per calendar year, a warning only (P-33).",
        ),
        ("內地法規（第二手資料，未經核實）", "Mainland rules (secondary source, unverified)"),
        Status.UNVERIFIED,
    ),
)
"""Every rule of residency, in the order of the screens."""
