"""The document classes a shop starts with, in the words used in Hong Kong.

They are created in the log like any other class, once; more can be added at any time, none is ever deleted. Records of
business transactions are kept seven years (Inland Revenue Ordinance s 51C).
"""

from __future__ import annotations

from typing import Final

from documents.model import DocumentClass
from policies.using.purposes import OF_IDENTITIES, OF_PAPERS

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
WEBP: Final = "image/webp"
HEIC: Final = "image/heic"
TIFF: Final = "image/tiff"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN: Final = "text/plain"
CSV: Final = "text/csv"

IMAGES: Final = frozenset({JPEG, PNG, WEBP, HEIC, TIFF})
PAPER: Final = IMAGES | {PDF}
OFFICE: Final = frozenset({DOCX, XLSX})
TEXTS: Final = frozenset({PLAIN, CSV})
MEDIA_TYPES: Final = PAPER | OFFICE | TEXTS
"""Every media type that can be a document. Anything else is refused, archives and active content first."""

PURCHASE_ORDER: Final = "purchase_order"
DELIVERY_NOTE: Final = "delivery_note"
RETURN_NOTE: Final = "return_note"
IDENTITY_COPY: Final = "identity_copy"

SEVEN_YEARS_DAYS: Final = 2_557
IDENTITY_DAYS: Final = 0
"""No lock of the store keeps a copy of an identity card: it goes as soon as its purpose is served (Code 3.9 to 3.12)."""


BUSINESS: Final = frozenset({"name", "phone", "address"})
"""What stands on papers between firms: a contact's name and telephone number, an address."""
PERSONAL_KINDS: Final = frozenset({"hkid", "phone", "name", "address"})
"""Kinds a class may declare. Payment card numbers are none: they are destroyed wherever they are found."""
CARD: Final = "card"
HKID: Final = "hkid"


def _standard(code: str, zh: str, en: str, media_types: frozenset[str], **options: bool | int) -> DocumentClass:
    purpose_zh, purpose_en, personal_kinds, level = _HANDLING[code]
    return DocumentClass(
        code=code,
        name_zh=zh,
        name_en=en,
        sensitive=bool(options.get("sensitive", False)),
        strip=bool(options.get("strip", True)),
        restricts_release=bool(options.get("restricts_release", False)),
        retain_days=int(options.get("retain_days", SEVEN_YEARS_DAYS)),
        media_types=media_types,
        purpose_zh=purpose_zh,
        purpose_en=purpose_en,
        personal_kinds=personal_kinds,
        level=level,
        purposes=OF_IDENTITIES if code == IDENTITY_COPY else OF_PAPERS,
    )


_TRADE: Final = ("處理與供應商的交易及其會計紀錄", "Dealing with suppliers, and the accounts of it", BUSINESS, 1)
_HANDLING: Final = {
    "contract": ("訂立及履行供應商合約", "Making and keeping contracts with suppliers", BUSINESS, 2),
    "inspection_report": ("記錄貨品檢驗結果", "Recording what inspections of goods found", BUSINESS, 1),
    PURCHASE_ORDER: _TRADE,
    DELIVERY_NOTE: _TRADE,
    RETURN_NOTE: _TRADE,
    "invoice": _TRADE,
    "certificate": ("證明貨品符合規定", "Showing that goods meet requirements", BUSINESS, 1),
    "photo": ("記錄貨品及店舖狀況", "Recording the state of goods and shops", frozenset({"phone", "address"}), 1),
    IDENTITY_COPY: ("依法核實身分", "Checking an identity where the law asks for it", PERSONAL_KINDS, 3),
    "other": ("店舖日常運作", "The daily work of a shop", BUSINESS, 1),
}
"""What each class is for, which kinds of personal data it may hold, and its level."""


STANDARD_CLASSES: Final = (
    _standard("contract", "供應商合約", "Supplier contract", PAPER | OFFICE, sensitive=True),
    _standard("inspection_report", "驗貨報告", "Inspection report", PAPER | OFFICE),
    _standard(PURCHASE_ORDER, "訂購單", "Purchase order", PAPER | OFFICE | TEXTS),
    _standard(DELIVERY_NOTE, "送貨單", "Delivery note", PAPER | OFFICE),
    _standard(RETURN_NOTE, "退貨單", "Return note", PAPER | OFFICE),
    _standard("invoice", "發票", "Invoice", PAPER | OFFICE),
    _standard("certificate", "證書", "Certificate", PAPER),
    _standard("photo", "相片", "Photo", IMAGES, retain_days=0),
    _standard(
        IDENTITY_COPY,
        "身份證副本",
        "Identity card copy",
        PAPER,
        sensitive=True,
        restricts_release=True,
        retain_days=IDENTITY_DAYS,
    ),
    _standard("other", "其他", "Other", MEDIA_TYPES, restricts_release=True),
)
