"""The closed list of purposes for which personal data can be said to be used, and which of them whose data is kept for (PDPO DPP1, DPP3).

- A code is for ever: entries hold it. Stating a purpose that is not in the list of the data concerned is a new purpose.
- A document class declares its own list. What the log says of who did what is staff data as well: it is kept to account for stock and
  documents, not to judge anybody's work, so `employment` is a new purpose for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from policies.model import Words


class UsePurpose(StrEnum):
    """What somebody uses personal data for."""

    OPERATIONS = "operations"
    TRADE = "trade"
    EMPLOYMENT = "employment"
    ASSURANCE = "assurance"
    RECORD_KEEPING = "record_keeping"
    ACCESS_REQUEST = "access_request"
    CORRECTION_REQUEST = "correction_request"
    BREACH_HANDLING = "breach_handling"
    REGULATOR_ENQUIRY = "regulator_enquiry"
    FRAUD_INVESTIGATION = "fraud_investigation"
    RECORD_CHECK = "record_check"
    DETECTION_REVIEW = "detection_review"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    DUE_DILIGENCE = "due_diligence"
    RESEARCH = "research"
    MARKETING = "marketing"


USES: Final[Mapping[UsePurpose, Words]] = {
    UsePurpose.OPERATIONS: Words("店舖日常運作", "the daily work of shops"),
    UsePurpose.TRADE: Words("處理與供應商的交易及其會計紀錄", "dealing with suppliers, and the accounts of it"),
    UsePurpose.EMPLOYMENT: Words("僱傭及人事管理", "employing staff"),
    UsePurpose.ASSURANCE: Words("審計、驗證及內部監控", "audit, verification and internal control"),
    UsePurpose.RECORD_KEEPING: Words("備存及遷移紀錄", "keeping records, and moving them"),
    UsePurpose.ACCESS_REQUEST: Words("處理查閱資料要求", "complying with a data access request"),
    UsePurpose.CORRECTION_REQUEST: Words("處理改正資料要求", "complying with a data correction request"),
    UsePurpose.BREACH_HANDLING: Words("處理資料外泄事故", "handling a data breach"),
    UsePurpose.REGULATOR_ENQUIRY: Words("回應監管機構查詢", "answering a regulator"),
    UsePurpose.FRAUD_INVESTIGATION: Words(
        "調查欺詐或嚴重不當行為", "investigating fraud or seriously improper conduct"
    ),
    UsePurpose.RECORD_CHECK: Words("核對紀錄是否準確", "checking that a record is accurate"),
    UsePurpose.DETECTION_REVIEW: Words("覆核個人資料偵測結果", "reviewing what was detected as personal data"),
    UsePurpose.LEGAL_PROCEEDINGS: Words("法律程序或法律權利", "legal proceedings or legal rights"),
    UsePurpose.DUE_DILIGENCE: Words(
        "業務轉讓或合併的盡職審查", "due diligence for a transfer or merger of the business"
    ),
    UsePurpose.RESEARCH: Words("統計及研究", "statistics and research"),
    UsePurpose.MARKETING: Words("直接促銷", "direct marketing"),
}

_ALWAYS: Final = frozenset(
    {
        UsePurpose.ASSURANCE,
        UsePurpose.RECORD_KEEPING,
        UsePurpose.ACCESS_REQUEST,
        UsePurpose.CORRECTION_REQUEST,
        UsePurpose.BREACH_HANDLING,
        UsePurpose.REGULATOR_ENQUIRY,
        UsePurpose.FRAUD_INVESTIGATION,
        UsePurpose.RECORD_CHECK,
    }
)
"""What follows from keeping any record at all: keeping it well, answering for it, and what the Ordinance itself asks."""

OF_PAPERS: Final = _ALWAYS | {UsePurpose.OPERATIONS, UsePurpose.TRADE, UsePurpose.DETECTION_REVIEW}
"""Of documents, unless their class says otherwise."""
OF_IDENTITIES: Final = _ALWAYS | {UsePurpose.EMPLOYMENT, UsePurpose.DETECTION_REVIEW}
"""Of copies of identity documents, unless their class says otherwise."""
OF_ACTIVITY: Final = _ALWAYS
"""Of what the log says of who did what."""
OF_VALUES: Final = _ALWAYS | {UsePurpose.OPERATIONS, UsePurpose.EMPLOYMENT}
"""Of the clear values beside the log: names of accounts, reasons in words, who asked for what."""
