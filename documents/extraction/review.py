"""What a person should look at.

A document goes straight through only if every mandatory field is there, its type is plain, every header value and every
code, quantity, lot and date in its rows was read surely or is confirmed by something else, every row adds up, and the total
is the sum. For lots and expiry dates any doubt counts: also a second reader that saw something else, a date that is not
after the document's unless goods are sent back or inspected, and a reading with two meanings.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from documents.extraction.matching import looks_like_gtin
from documents.extraction.model import (
    EVIDENCE_ARITHMETIC,
    EVIDENCE_REPAIRED,
    EVIDENCE_SECOND,
    DocType,
    ReviewItem,
    ReviewReason,
)
from documents.extraction.surety import WITNESSES, is_witnessed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.found import Found
    from documents.extraction.model import Check

TYPE_MIN: Final = 0.6
HEADER_MIN: Final = 0.93
"""Raw surety a header value needs where nothing confirms it: measured at 0 of 33 wrong, 69 % straight through."""
PARTY_MIN: Final = 0.88
ROW_MIN: Final = 0.93
LOT_MIN: Final = 0.99
WITNESSED_MIN: Final = 0.5
"""Raw surety below which even a confirmed value is shown."""
TEXT_MIN: Final = 0.9
"""Raw surety that words (description, reason) need: below it those that the second reader did not see were mostly wrong."""
LISTED_MIN: Final = 0.5
"""The same for units and results, which must be of a short list: what they are taken for is hardly ever of it too."""
MANDATORY: Final = ("doc_no", "date", "supplier", "buyer")
EXPIRY_YEARS_MAX: Final = 11
PAST_DAYS_MAX: Final = 400
"""How long before the paper goods may have expired that are sent back, or inspected."""
OF_PAST_GOODS: Final = frozenset({DocType.RETURN_NOTE, DocType.INSPECTION_REPORT})


def review_items(
    doc_type: DocType,
    type_sure: float,
    fields: Mapping[str, Found],
    rows: Sequence[Mapping[str, Found]],
    checks: Sequence[Check],
    total_holds: bool | None,
) -> list[ReviewItem]:
    """Everything in doubt, header first."""
    items: list[ReviewItem] = []
    if doc_type is DocType.OTHER or type_sure < TYPE_MIN:
        items.append(ReviewItem("doc_type", ReviewReason.TYPE_UNSURE))
    items += [ReviewItem(name, ReviewReason.MISSING) for name in MANDATORY if name not in fields]
    if not rows:
        items.append(ReviewItem("rows", ReviewReason.MISSING))
    for name, found in fields.items():
        if name not in {"doc_type", "currency"} and _is_unsure(name, found):
            items.append(ReviewItem(name, ReviewReason.UNSURE))
    # A contract may fix prices alone, and leave how much is bought to the orders under it.
    priced = any("amount" in row or ("unit_price" in row and doc_type is not DocType.CONTRACT) for row in rows)
    if priced and "total" not in fields:
        items.append(ReviewItem("total", ReviewReason.MISSING))
    items += [ReviewItem(check.path, ReviewReason.SUM_WRONG) for check in checks if not check.holds]
    if "total" in fields and total_holds is None:
        items.append(ReviewItem("total", ReviewReason.SUM_WRONG))
    past_days = PAST_DAYS_MAX if doc_type in OF_PAST_GOODS else 0
    day = str(fields["date"].value) if "date" in fields else None
    items += _row_items(rows, day, past_days, coded=any("sku" in row for row in rows))
    return items


def _is_unsure(name: str, found: Found) -> bool:
    if name in {"batch", "expiry"}:
        return found.doubtful or found.sure < (WITNESSED_MIN if is_witnessed(found) else LOT_MIN)
    if found.doubtful and EVIDENCE_REPAIRED in found.evidence and not found.tokens:
        return True  # worked out, not read
    if name in {"description", "reason"}:
        return found.doubtful or found.sure < TEXT_MIN
    if name in {"unit", "result"}:
        return found.doubtful or found.sure < LISTED_MIN
    if found.doubtful and WITNESSES & set(found.evidence) == {EVIDENCE_SECOND}:
        return True  # P0913 or PO913: what looks alike to one reader does to the other
    if is_witnessed(found):
        return found.sure < WITNESSED_MIN
    if name in {"sku", "quantity", "gtin", "unit_price", "amount"}:
        return found.doubtful or found.sure < ROW_MIN
    return found.doubtful or found.sure < (PARTY_MIN if name in {"supplier", "buyer"} else HEADER_MIN)


def _row_items(
    rows: Sequence[Mapping[str, Found]], day: str | None, past_days: int, *, coded: bool
) -> list[ReviewItem]:
    items: list[ReviewItem] = []
    common = {name for name in ("sku", "quantity", "unit", "unit_price", "amount", "description", "result", "reason")
              if 2 * sum(name in row for row in rows) > len(rows)}  # fmt: skip
    if any("unit" in row for row in rows):
        common.add("unit")  # the column is there, and units are what detectors miss most
    for index, row in enumerate(rows):
        items += [
            ReviewItem(f"rows/{index}/{name}", ReviewReason.MISSING)
            for name in ("sku", "quantity")
            if name not in row and (coded or name != "sku")
        ]
        items += [
            ReviewItem(f"rows/{index}/{name}", ReviewReason.ROW_RAGGED)
            for name in sorted(common - row.keys() - {"sku", "quantity"})
        ]
        if ("batch" in row) != ("expiry" in row) and _columns(rows, "batch", "expiry"):
            missing = "expiry" if "batch" in row else "batch"
            items.append(ReviewItem(f"rows/{index}/{missing}", ReviewReason.MISSING))
        for name, found in row.items():
            if _is_unsure(name, found):
                items.append(ReviewItem(f"rows/{index}/{name}", ReviewReason.UNSURE))
        if "sku" in row and looks_like_gtin(row["sku"]) and not is_witnessed(row["sku"]):
            items.append(ReviewItem(f"rows/{index}/sku", ReviewReason.CHECK_DIGIT))
        if "expiry" in row and _is_odd_expiry(str(row["expiry"].value), day, past_days):
            items.append(ReviewItem(f"rows/{index}/expiry", ReviewReason.DATE_DOUBTFUL))
    return items


def _columns(rows: Sequence[Mapping[str, Found]], *names: str) -> bool:
    return all(any(name in row for row in rows) for name in names)


def _is_odd_expiry(expiry: str, day: str | None, past_days: int) -> bool:
    """Whether an expiry date is further before the document than so many days, or years beyond any shelf life."""
    try:
        ends = date.fromisoformat(expiry)
        begins = date.fromisoformat(day) if day is not None else ends
    except ValueError:
        return True
    return not -past_days <= (ends - begins).days <= 366 * EXPIRY_YEARS_MAX


def is_confirmed_row(row: Mapping[str, Found]) -> bool:
    """Whether arithmetic holds for a row."""
    return "quantity" in row and EVIDENCE_ARITHMETIC in row["quantity"].evidence
