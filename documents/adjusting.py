"""From paper to stock: a delivery or return note becomes stock adjustments with lots and expiry, in one change.

- Each adjustment names the document; the document has a link `evidence_of` to each adjustment's entry, and an entry of its
  own after them that lists them. All of it is committed together or not at all.
- Lots come with the goods: a batch with its expiry date that we do not know yet is made. A SKU without lots takes none.
- It happens once for a version, and only when no question is open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from documents import store as rows
from documents.errors import Code, DocumentConflict, InvalidDocument, VersionOvertaken
from documents.extraction.model import Money
from documents.model import DOCUMENT_ADJUSTED, LinkKind, ReviewState
from documents.reviewing import Reviewing, fields_in
from documents.rules import STOCK_REASONS, require_adjustable
from documents.writing import about
from stock import store as stock_rows
from stock.model import Direction, LotTracking
from stock.parsing import REFERENCE_CHARS_MAX, parse_adjustment
from storage import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from documents.extraction.model import Extraction, Row
    from documents.requests import AdjustRequest
    from policies.model import Principal
    from stock.model import RowResult, Sku
    from stock.requests import AdjustmentRequest
    from storage import Transaction

FIRST_ROW_ID: Final = 1_000
"""Event ids of the adjustments are derived from the request's from here on; what comes before belongs to other entries."""
_REFERENCE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/#:+-")


@dataclass(frozen=True, slots=True)
class AdjustedFrom:
    """Stock that moved by what a paper says."""

    document: str
    version: int
    index: int
    store: str
    reason: str
    results: tuple[RowResult, ...]


class Adjusting(Reviewing):
    """Stock adjustments from papers."""

    def adjust_from(self, principal: Principal, request: AdjustRequest, *, now: datetime) -> Change[AdjustedFrom]:
        """Moves stock by the rows of a document's newest version.

        Raises:
            UnknownDocument, InvalidDocument, InvalidRequest, Denied.
            DocumentConflict: no stock paper, questions are open, it was done before, or a row lacks SKU or quantity.
            The change: BatchRefused with every row's result; DocumentConflict; VersionOvertaken; Denied.
        """
        rows_said: JSON = None if request.rows is None else [*request.rows]
        content: dict[str, JSON] = {"adjust": request.store, "reason": request.reason, "rows": rows_said}
        document, asked = self._ask_reviewing(principal, request.document, request.event_id, content)
        seen, extraction = self.fields_now(document, document.version)
        store = request.store or document.store
        if store is None:
            raise InvalidDocument(Code.STORE_MISSING, ("store",))
        # A repeated call is judged by the log, which knows its event.
        if seen.adjusted_index is None:
            require_adjustable(seen, seen.doc_type)
        reason = request.reason or STOCK_REASONS.get(seen.doc_type or "")
        if reason is None:
            raise DocumentConflict(Code.NO_STOCK_DOCUMENT)
        requests = self._requests(request, extraction, store=store, reason=reason)
        moving = self._stock.adjust_many(principal, requests, all_or_nothing=True, now=now)

        def run(tx: Transaction) -> AdjustedFrom:
            decided = self._confirm(tx, asked)
            current = fields_in(tx, document.id, document.version)
            require_adjustable(current, current.doc_type)
            if current.revision != seen.revision:
                raise VersionOvertaken
            results = moving.run(tx)
            entries: list[JSON] = [result.index for result in results if result.index is not None]
            data: dict[str, JSON] = {
                "document": document.id,
                "version": document.version,
                "store": store,
                "reason": reason,
                "revision": current.revision,
                "adjustments": entries,
            }
            entry = tx.append(asked.event(DOCUMENT_ADJUSTED, (about(document.id),), data, decided))
            for index in entries:
                tx.put(entry, rows.LINKS, (document.id, LinkKind.EVIDENCE_OF.value, str(index)), (True,))
            after = replace(current, adjusted_index=entry.index, state=ReviewState.CONFIRMED)
            self._put_reviewed(tx, entry, after)
            return AdjustedFrom(document.id, document.version, entry.index, store, reason, results)

        return Change(
            run,
            reads=(*self._policies.reads, *moving.reads),
            event_ids=((asked.actor.id, asked.event_id), *moving.event_ids),
            subjects=moving.subjects,
        )

    def _requests(
        self, request: AdjustRequest, extraction: Extraction, *, store: str, reason: str
    ) -> Sequence[AdjustmentRequest]:
        numbers = range(len(extraction.rows)) if request.rows is None else request.rows
        with self._database.read() as connection:
            reasons = {found.code: found.direction for found in stock_rows.read_reasons(connection)}
            wanted = {_sku_of(extraction.rows[n]) for n in numbers if n < len(extraction.rows)} - {None}
            skus = {code: stock_rows.read_sku(connection, code) for code in wanted if code is not None}
        sign = "-" if reasons.get(reason) is Direction.OUT else ""
        found: list[AdjustmentRequest] = []
        for number in numbers:
            if number >= len(extraction.rows):
                raise DocumentConflict(Code.ROW_WITHOUT_SKU, ("rows",), {"row": number + 1})
            row = extraction.rows[number]
            sku = skus.get(_sku_of(row) or "")
            if sku is None:
                raise DocumentConflict(Code.ROW_WITHOUT_SKU, ("rows",), {"row": number + 1})
            quantity = row.text("quantity")
            if quantity is None:
                raise DocumentConflict(Code.ROW_WITHOUT_QUANTITY, ("rows",), {"row": number + 1})
            content: dict[str, object] = {
                "store": store,
                "sku": sku.code,
                "reason": reason,
                "change": sign + quantity.removeprefix("-"),
                "document": request.document,
                "reference": _reference_of(extraction),
                "unit_price": _price_of(row),
                **_lot_of(row, sku, comes_in=not sign),
            }
            found.append(
                parse_adjustment(content, event_id=row_event_id(request.event_id, number), path=("rows", number))
            )
        return found


def row_event_id(event_id: UUID, number: int) -> UUID:
    """The event id of the adjustment of one row."""
    return derived_event_id(event_id, FIRST_ROW_ID + number)


def _sku_of(row: Row) -> str | None:
    field = row.fields.get("sku")
    return None if field is None else field.code or row.text("sku")


def _lot_of(row: Row, sku: Sku, *, comes_in: bool) -> dict[str, object]:
    """Batch and expiry, as far as the SKU has lots; only goods that come in may bring a new one."""
    batch = row.text("batch")
    if sku.lot_tracking is LotTracking.NONE or batch is None:
        return {}
    return {"batch": batch, "expiry": row.text("expiry")} if comes_in else {"batch": batch}


def _reference_of(extraction: Extraction) -> str | None:
    """The paper's number, if it can stand in the log in clear."""
    field = extraction.fields.get("doc_no")
    text = field.value if field is not None and isinstance(field.value, str) else ""
    fits = 0 < len(text) <= REFERENCE_CHARS_MAX and _REFERENCE.issuperset(text) and any(c.isdigit() for c in text)
    return text if fits else None


def _price_of(row: Row) -> dict[str, object] | None:
    field = row.fields.get("unit_price")
    if field is None or not isinstance(field.value, Money) or field.value.amount < 0:
        return None
    return {"amount": field.value.amount, "currency": field.value.currency}
