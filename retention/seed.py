"""The schedules a new Chopbook starts with: what Hong Kong law and guidance ask of a retailer's records.

Each says on whose authority, how it was checked and when. Before anyone relies on them a Hong Kong solicitor signs them
off; the screens show the marks. A period that was found in no source is not seeded: its rule waits for the organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from policies.model import Words
from retention.model import Authority, Period, Schedule, Status, Trigger, Verification
from retention.records import RecordKind

VERIFIED_ON: Final = date(2026, 11, 1)

FOOD_SHORT: Final = "food.shelf_life_short"
"""The food keeps for three months or less."""
FOOD_LONG: Final = "food.shelf_life_long"
FOOD_LIVE_AQUATIC: Final = "food.live_aquatic"
DEED: Final = "contract.deed"
PERSONAL: Final = "staff.personal"
ON_PREMISES: Final = "medicine.on_premises"

TRADE_CLASSES: Final = frozenset(
    {"purchase_order", "delivery_note", "return_note", "invoice", "stock_adjustment", "stocktake"}
)
CONTRACT_CLASSES: Final = frozenset({"supplier_contract"})
ASSURANCE_CLASSES: Final = frozenset({"inspection_report", "certificate"})


def _law(zh: str, en: str, verification: Verification = Verification.PRIMARY) -> Authority:
    return Authority(Words(zh, en), Status.LAW, verification, VERIFIED_ON)


def _guidance(zh: str, en: str) -> Authority:
    return Authority(Words(zh, en), Status.GUIDANCE, Verification.SECONDARY, VERIFIED_ON)


def _policy(zh: str, en: str) -> Authority:
    return Authority(Words(zh, en), Status.POLICY, Verification.PRIMARY, VERIFIED_ON)


def _keep(
    code: str,
    title: Words,
    classes: frozenset[str],
    trigger: Trigger,
    minimum: Period,
    authority: Authority,
    *,
    only_if: frozenset[str] = frozenset(),
    note: Words | None = None,
) -> Schedule:
    return Schedule(code, 1, title, classes, trigger, minimum, None, authority, only_if=only_if, note=note)


def _cap(
    code: str, title: Words, classes: frozenset[str], trigger: Trigger, maximum: Period, authority: Authority
) -> Schedule:
    return Schedule(code, 1, title, classes, trigger, None, maximum, authority)


_FOOD_LAW: Final = _law("《食物安全條例》(第612章)第26條", "Food Safety Ordinance (Cap. 612) s.26")
_FOOD_NOTE: Final = Words(
    "同一張發票亦受稅務紀錄七年期限約束；短期限主要適用於獨立的食物追溯紀錄。",
    "The same invoice is under the seven years for tax records too; the short period decides for stand-alone traceability sheets.",
)
_FOOD_CLASSES: Final = frozenset({"food_trace", "delivery_note", "invoice"})

SEEDED: Final[tuple[Schedule, ...]] = (
    _keep(
        "HK-TAX-7Y",
        Words("業務及稅務紀錄", "Business and tax records"),
        TRADE_CLASSES,
        Trigger.TRANSACTION_COMPLETED,
        Period.years(7),
        _law("《稅務條例》(第112章)第51C條", "Inland Revenue Ordinance (Cap. 112) s.51C", Verification.SECONDARY),
        note=Words(
            "包括買賣貨物的紀錄，以及盤點表和年終存貨報表。",
            "Covers goods bought and sold, stocktake sheets and year-end stock statements.",
        ),
    ),
    _keep(
        "HK-ACCOUNTS-7Y",
        Words("公司會計紀錄", "Accounting records of a company"),
        TRADE_CLASSES,
        Trigger.FINANCIAL_YEAR_END,
        Period.years(7),
        _law("《公司條例》(第622章)第377條", "Companies Ordinance (Cap. 622) s.377", Verification.SECONDARY),
    ),
    _keep(
        "HK-CONTRACT-6Y",
        Words("簡單合約", "Simple contract"),
        CONTRACT_CLASSES,
        Trigger.CONTRACT_ENDED,
        Period.years(6),
        _law("《時效條例》(第347章)第 4(1) 條", "Limitation Ordinance (Cap. 347) s.4(1)"),
        note=Words("屬訴訟時效，並非保存責任。", "A limitation period, not a duty to keep."),
    ),
    _keep(
        "HK-DEED-12Y",
        Words("契據", "Contract by deed"),
        CONTRACT_CLASSES,
        Trigger.CONTRACT_ENDED,
        Period.years(12),
        _law("《時效條例》(第347章)第 4(3) 條", "Limitation Ordinance (Cap. 347) s.4(3)"),
        only_if=frozenset({DEED}),
        note=Words("屬訴訟時效，並非保存責任。", "A limitation period, not a duty to keep."),
    ),
    _keep(
        "HK-INJURY-3Y",
        Words("人身傷害及產品責任檔案", "Injury and product-liability file"),
        frozenset({"injury_file"}),
        Trigger.INJURY_KNOWN,
        Period.years(3),
        _law("《時效條例》(第347章)第27條", "Limitation Ordinance (Cap. 347) s.27", Verification.SECONDARY),
    ),
    _keep(
        "HK-FOOD-3M",
        Words("食物紀錄：保質期三個月或以下", "Food records: shelf life of three months or less"),
        _FOOD_CLASSES,
        Trigger.ACQUIRED,
        Period(months=3),
        _FOOD_LAW,
        only_if=frozenset({FOOD_SHORT}),
        note=_FOOD_NOTE,
    ),
    _keep(
        "HK-FOOD-24M",
        Words("食物紀錄：保質期超過三個月", "Food records: shelf life over three months"),
        _FOOD_CLASSES,
        Trigger.ACQUIRED,
        Period(months=24),
        _FOOD_LAW,
        only_if=frozenset({FOOD_LONG}),
        note=_FOOD_NOTE,
    ),
    _keep(
        "HK-FOOD-LIVE-3M",
        Words("活水產紀錄", "Live aquatic products"),
        _FOOD_CLASSES,
        Trigger.ACQUIRED,
        Period(months=3),
        _FOOD_LAW,
        only_if=frozenset({FOOD_LIVE_AQUATIC}),
    ),
    _keep(
        "HK-HERBAL-2Y",
        Words("中藥材零售商購貨發票", "Chinese herbal medicine retailer: acquisition invoices"),
        frozenset({"invoice", "delivery_note"}),
        Trigger.TRANSACTION_COMPLETED,
        Period.years(2),
        _law("《中藥規例》(第549F章)第8條", "Chinese Medicines Regulation (Cap. 549F) s.8"),
        only_if=frozenset({ON_PREMISES}),
        note=Words("須存放於領牌處所內。", "Kept in the licensed premises."),
    ),
    _keep(
        "HK-JEWELLERY-3Y",
        Words("鑽石及天然翡翠零售發票", "Diamond and natural fei cui retail invoices"),
        frozenset({"retail_invoice_jewellery"}),
        Trigger.CREATED,
        Period.years(3),
        _law("《商品說明條例》(第362章)下的命令", "Orders under the Trade Descriptions Ordinance (Cap. 362)"),
    ),
    _keep(
        "HK-PDPO-LOGBOOK-4Y",
        Words("拒絕查閱或改正資料要求的紀錄簿", "Log book of refused access and correction requests"),
        frozenset({"privacy_log_book"}),
        Trigger.CREATED,
        Period.years(4),
        _law("《個人資料(私隱)條例》(第486章)第27條", "Personal Data (Privacy) Ordinance (Cap. 486) s.27"),
    ),
    _cap(
        "HK-STAFF-LEFT-7Y",
        Words("前僱員的個人資料", "Personal data of former staff"),
        frozenset({"staff_file"}),
        Trigger.LEFT_EMPLOYMENT,
        Period.years(7),
        _guidance("私隱專員公署《人力資源管理實務守則》", "PCPD Code of Practice on Human Resource Management"),
    ),
    _cap(
        "HK-APPLICANT-2Y",
        Words("落選求職者的個人資料", "Personal data of unsuccessful applicants"),
        frozenset({"applicant_file"}),
        Trigger.APPLICATION_REJECTED,
        Period.years(2),
        _guidance("私隱專員公署《人力資源管理實務守則》", "PCPD Code of Practice on Human Resource Management"),
    ),
    _keep(
        "ORG-ASSURANCE-6Y",
        Words("檢驗報告及證書", "Inspection reports and certificates"),
        ASSURANCE_CLASSES,
        Trigger.LOT_LAST_SOLD,
        Period.years(6),
        _policy("本機構規則；沒有發現法定期限", "The organisation's own rule; no statutory period was found"),
    ),
    _keep(
        "ORG-OTHER-7Y",
        Words("相片及其他文件", "Photos and other documents"),
        frozenset({"photo", "other"}),
        Trigger.CREATED,
        Period.years(7),
        _policy("本機構規則", "The organisation's own rule"),
    ),
)

SEEDED_CLASSES: Final[Mapping[tuple[RecordKind, str], str]] = {
    (RecordKind.ADJUSTMENT, "adjustment"): "stock_adjustment",
    (RecordKind.DOCUMENT, "contract"): "supplier_contract",
    (RecordKind.STOCKTAKE, "stocktake"): "stocktake",
}
"""Under which record class a room's class is kept, where it has another name; any other is kept under its own."""
