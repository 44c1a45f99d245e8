"""The closed list of purposes for which personal data may be seen unmasked (PDPO DPP3; PCPD Code on the identity card number 2.7).

A code is for ever: entries hold it. A purpose that is not in the list is a new one, and a new purpose needs more than a click.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from policies.model import Words


class Purpose(StrEnum):
    """What somebody needs to see personal data for."""

    ACCESS_REQUEST = "access_request"
    CORRECTION_REQUEST = "correction_request"
    BREACH_HANDLING = "breach_handling"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    REGULATOR_ENQUIRY = "regulator_enquiry"
    FRAUD_INVESTIGATION = "fraud_investigation"
    RECORD_CHECK = "record_check"
    DETECTION_REVIEW = "detection_review"


PURPOSES: Final[Mapping[Purpose, Words]] = {
    Purpose.ACCESS_REQUEST: Words("處理查閱資料要求", "complying with a data access request"),
    Purpose.CORRECTION_REQUEST: Words("處理改正資料要求", "complying with a data correction request"),
    Purpose.BREACH_HANDLING: Words("處理資料外泄事故", "handling a data breach"),
    Purpose.LEGAL_PROCEEDINGS: Words("法律程序或法律權利", "legal proceedings or legal rights"),
    Purpose.REGULATOR_ENQUIRY: Words("回應監管機構查詢", "answering a regulator"),
    Purpose.FRAUD_INVESTIGATION: Words("調查欺詐或嚴重不當行為", "investigating fraud or seriously improper conduct"),
    Purpose.RECORD_CHECK: Words("核對紀錄是否準確", "checking that a record is accurate"),
    Purpose.DETECTION_REVIEW: Words("覆核個人資料偵測結果", "reviewing what was detected as personal data"),
}
