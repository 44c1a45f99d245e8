"""The document classes a shop starts with, in the words used in Hong Kong.

They are created in the log like any other class, once; more can be added at any time, none is ever deleted. Records of
business transactions are kept seven years (Inland Revenue Ordinance s 51C).
"""

from __future__ import annotations

from typing import Final

from documents.model import DocumentClass

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

SEVEN_YEARS_DAYS: Final = 2_557


def _standard(code: str, zh: str, en: str, media_types: frozenset[str], **options: bool | int) -> DocumentClass:
    return DocumentClass(
        code=code,
        name_zh=zh,
        name_en=en,
        sensitive=bool(options.get("sensitive", False)),
        strip=bool(options.get("strip", True)),
        restricts_release=bool(options.get("restricts_release", False)),
        retain_days=int(options.get("retain_days", SEVEN_YEARS_DAYS)),
        media_types=media_types,
    )


STANDARD_CLASSES: Final = (
    _standard("contract", "供應商合約", "Supplier contract", PAPER | OFFICE, sensitive=True),
    _standard("inspection_report", "驗貨報告", "Inspection report", PAPER | OFFICE),
    _standard(PURCHASE_ORDER, "訂購單", "Purchase order", PAPER | OFFICE | TEXTS),
    _standard(DELIVERY_NOTE, "送貨單", "Delivery note", PAPER | OFFICE),
    _standard(RETURN_NOTE, "退貨單", "Return note", PAPER | OFFICE),
    _standard("invoice", "發票", "Invoice", PAPER | OFFICE),
    _standard("certificate", "證書", "Certificate", PAPER),
    _standard("photo", "相片", "Photo", IMAGES, retain_days=0),
    _standard("other", "其他", "Other", MEDIA_TYPES, restricts_release=True),
)
