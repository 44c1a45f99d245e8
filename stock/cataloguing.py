"""The catalogue: SKUs, their trade item numbers, lots, reasons.

- Codes are for ever, because entries name them; so are a SKU's unit and scale, a lot's expiry date, a reason's
  direction.
- A GTIN belongs to one SKU at a time. It can be taken away and given to another.
- The way of lot tracking can change as long as no store holds stock that the new way could not name.
- An entry of a change says, of the members that changed, what was before and what is after.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from audit.entry import derived_event_id
from audit.event import Subject
from policies.model import Action, Resource
from stock import store as rows
from stock.errors import Code, StockConflict
from stock.model import (
    LOT_CREATED,
    REASON_CHANGED,
    REASON_CREATED,
    SKU_CHANGED,
    SKU_CREATED,
    SUBJECT_REASON,
    SUBJECT_SKU,
    Direction,
    Lot,
    LotTracking,
    Reason,
    Sku,
)
from stock.reasons import STANDARD_REASONS
from stock.requests import KEEP
from stock.row_values import reason_row, sku_row
from stock.rules import require_batch, tracking_allows
from stock.units import Unit
from stock.writing import Asked, Writing, append_lot, lot_in, reason_in, sku_in
from storage import Change

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from audit.canonical import JSON
    from audit.event import Decided
    from policies.model import Principal
    from stock.requests import LotRequest, ReasonChangeRequest, ReasonRequest, SkuChangeRequest, SkuRequest
    from storage import KeyedRows, Transaction

GTIN_DIGITS = 14


class Cataloguing(Writing):
    """What there is to be moved, and why it may."""

    def create_sku(self, principal: Principal, request: SkuRequest) -> Change[Sku]:
        """A new SKU.

        Raises:
            Denied.
            The change: StockConflict if the code or the GTIN is taken; Denied.
        """
        sku = Sku(
            request.code,
            request.name_zh,
            request.name_en,
            request.unit,
            request.scale,
            request.lot_tracking,
            request.gtin,
        )
        members = _members(sku)
        asked = self._ask_catalog(principal, request.event_id, SKU_CREATED, SUBJECT_SKU, sku.code, members)

        def run(tx: Transaction) -> Sku:
            decided = self._confirm(tx, asked)
            if tx.get(rows.SKUS, (sku.code,)) is not None:
                raise StockConflict(Code.SKU_EXISTS, ("code",), {"sku": sku.code})
            _require_free(tx, sku)
            data = {"sku": sku.code, **{name: value for name, value in members.items() if name != "code"}}
            entry = tx.append(asked.event(SKU_CREATED, (Subject(SUBJECT_SKU, sku.code),), data, decided))
            tx.put(entry, rows.SKUS, (sku.code,), sku_row(sku))
            if sku.gtin is not None:
                tx.put(entry, rows.GTINS, _gtin_key(sku.gtin), (sku.code,))
            return sku

        reads = [(rows.SKUS, sku.code)]
        if sku.gtin is not None:
            reads.append((rows.GTINS, *_gtin_key(sku.gtin)))
        return self._catalog_change(asked, run, *reads, subject=Subject(SUBJECT_SKU, sku.code))

    def change_sku(self, principal: Principal, request: SkuChangeRequest) -> Change[Sku]:
        """Other names, GTIN or lot tracking of a SKU.

        Raises:
            Denied.
            The change: UnknownThing; StockConflict if nothing would change, the GTIN is taken, or stock stands in the
                way; Denied.
        """
        content = _given(request)
        asked = self._ask_catalog(principal, request.event_id, SKU_CHANGED, SUBJECT_SKU, request.code, content)

        def run(tx: Transaction) -> Sku:
            decided = self._confirm(tx, asked)
            before = sku_in(tx, request.code, ("code",))
            after = replace(
                before,
                name_zh=request.name_zh or before.name_zh,
                name_en=request.name_en or before.name_en,
                lot_tracking=request.lot_tracking or before.lot_tracking,
                gtin=before.gtin if request.gtin is KEEP else request.gtin,
            )
            data = {"sku": after.code, **_difference(_members(before), _members(after))}
            _require_free(tx, after)
            if after.lot_tracking is not before.lot_tracking:
                _require_nameable(tx, after)
            entry = tx.append(asked.event(SKU_CHANGED, (Subject(SUBJECT_SKU, after.code),), data, decided))
            tx.put(entry, rows.SKUS, (after.code,), sku_row(after))
            if after.gtin != before.gtin:
                if before.gtin is not None:
                    tx.put(entry, rows.GTINS, _gtin_key(before.gtin), (rows.RELEASED,))
                if after.gtin is not None:
                    tx.put(entry, rows.GTINS, _gtin_key(after.gtin), (after.code,))
            return after

        return self._catalog_change(asked, run, (rows.SKUS, request.code))

    def create_lot(self, principal: Principal, request: LotRequest) -> Change[Lot]:
        """A new lot of a SKU.

        Raises:
            Denied.
            The change: UnknownThing; InvalidRequest if the SKU is not tracked by lot; StockConflict if it exists; Denied.
        """
        lot = Lot(request.sku, request.batch, request.expiry)
        content: dict[str, JSON] = {"batch": lot.batch, "expiry": None if lot.expiry is None else str(lot.expiry)}
        asked = self._ask_catalog(principal, request.event_id, LOT_CREATED, SUBJECT_SKU, lot.sku, content)

        def run(tx: Transaction) -> Lot:
            decided = self._confirm(tx, asked)
            require_batch(sku_in(tx, lot.sku, ("sku",)), lot.batch, ("batch",))
            if lot_in(tx, lot.sku, lot.batch) is not None:
                raise StockConflict(Code.LOT_EXISTS, ("batch",), {"sku": lot.sku, "batch": lot.batch})
            append_lot(tx, asked, decided, sku=lot.sku, batch=lot.batch, expiry=lot.expiry, event_id=request.event_id)
            return lot

        return self._catalog_change(asked, run, (rows.SKUS, lot.sku))

    def create_reason(self, principal: Principal, request: ReasonRequest) -> Change[Reason]:
        """A new reason.

        Raises:
            Denied.
            The change: StockConflict if the code is taken; Denied.
        """
        reason = Reason(request.code, request.name_zh, request.name_en, request.direction)
        asked = self._ask_catalog(
            principal, request.event_id, REASON_CREATED, SUBJECT_REASON, reason.code, _members(reason)
        )

        def run(tx: Transaction) -> Reason:
            decided = self._confirm(tx, asked)
            if tx.get(rows.REASONS, (reason.code,)) is not None:
                raise StockConflict(Code.REASON_EXISTS, ("code",), {"reason": reason.code})
            _append_reason(tx, asked, decided, reason, request.event_id)
            return reason

        return self._catalog_change(asked, run, (rows.REASONS, reason.code))

    def change_reason(self, principal: Principal, request: ReasonChangeRequest) -> Change[Reason]:
        """Other names of a reason, or whether it may be used.

        Raises:
            Denied.
            The change: UnknownThing; StockConflict if nothing would change; Denied.
        """
        asked = self._ask_catalog(
            principal, request.event_id, REASON_CHANGED, SUBJECT_REASON, request.code, _given(request)
        )

        def run(tx: Transaction) -> Reason:
            decided = self._confirm(tx, asked)
            before = reason_in(tx, request.code, ("code",))
            after = replace(
                before,
                name_zh=request.name_zh or before.name_zh,
                name_en=request.name_en or before.name_en,
                active=before.active if request.active is None else request.active,
            )
            data = {"reason": after.code, **_difference(_members(before), _members(after))}
            entry = tx.append(asked.event(REASON_CHANGED, (Subject(SUBJECT_REASON, after.code),), data, decided))
            tx.put(entry, rows.REASONS, (after.code,), reason_row(after))
            return after

        return self._catalog_change(asked, run, (rows.REASONS, request.code))

    def create_standard_reasons(self, principal: Principal, *, event_id: UUID) -> Change[tuple[Reason, ...]]:
        """The reasons a shop starts with, as far as they are not there yet; one entry each.

        Raises:
            Denied.
            The change: StockConflict if they are all there; Denied.
        """
        asked = self._ask_catalog(principal, event_id, REASON_CREATED, SUBJECT_REASON, "", {})

        def run(tx: Transaction) -> tuple[Reason, ...]:
            decided = self._confirm(tx, asked)
            missing = [reason for reason in STANDARD_REASONS if tx.get(rows.REASONS, (reason.code,)) is None]
            if not missing:
                raise StockConflict(Code.NOTHING_CHANGED)
            for place, reason in enumerate(missing):
                _append_reason(tx, asked, decided, reason, derived_event_id(event_id, place))
            return tuple(missing)

        return self._catalog_change(asked, run, *((rows.REASONS, reason.code) for reason in STANDARD_REASONS))

    def _ask_catalog(
        self, principal: Principal, event_id: UUID, kind: str, subject: str, code: str, content: Mapping[str, JSON]
    ) -> Asked:
        resource = Resource(subject, code)
        # Five calls share one action: the type of the entry asked for keeps their requests apart.
        content = {**content, "code": code, "type": kind}
        return self._ask(principal, Action.CATALOG_WRITE, resource, event_id=event_id, content=content)

    def _catalog_change(
        self, asked: Asked, run: Any, *reads: tuple[KeyedRows, str], subject: Subject | None = None
    ) -> Change[Any]:
        return Change(
            run,
            reads=(*self._policies.reads, *((keyed, (code,)) for keyed, code in reads)),
            event_ids=((asked.actor.id, asked.event_id),),
            subjects=() if subject is None else (subject.key,),
        )


def _gtin_key(gtin: str) -> tuple[str]:
    return (gtin.zfill(GTIN_DIGITS),)


def _require_free(tx: Transaction, sku: Sku) -> None:
    """Checks that the SKU's GTIN is nobody else's."""
    owner = None if sku.gtin is None else tx.get(rows.GTINS, _gtin_key(sku.gtin))
    if owner is not None and owner[0] not in {sku.code, rows.RELEASED}:
        raise StockConflict(Code.GTIN_TAKEN, ("gtin",), {"gtin": str(sku.gtin), "sku": owner[0]})


def _require_nameable(tx: Transaction, sku: Sku) -> None:
    """Checks that no store holds stock which the SKU's way of lot tracking could not name."""
    for in_lots, batch in ((True, "?"), (False, None)):
        if tracking_allows(sku.lot_tracking, batch):
            continue
        holding = rows.store_holding(tx, sku.code, in_lots=in_lots)
        if holding is not None:
            values = {"store": holding, "sku": sku.code}
            raise StockConflict(Code.LOT_TRACKING_IN_USE, ("lot_tracking",), values)


def _append_reason(tx: Transaction, asked: Asked, decided: Decided, reason: Reason, event_id: UUID) -> None:
    members = {name: value for name, value in _members(reason).items() if name not in {"active", "code"}}
    data = {"reason": reason.code, **members}
    subjects = (Subject(SUBJECT_REASON, reason.code),)
    entry = tx.append(asked.event(REASON_CREATED, subjects, data, decided, event_id=event_id))
    tx.put(entry, rows.REASONS, (reason.code,), reason_row(reason))


def _members(value: Sku | Reason) -> dict[str, JSON]:
    """The value as JSON; what is not set is absent."""
    members = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: _plain(member) for name, member in members.items() if member is not None}


def _given(request: SkuChangeRequest | ReasonChangeRequest) -> dict[str, JSON]:
    """What a change asks for: the members that are not to be kept."""
    members = {field.name: getattr(request, field.name) for field in fields(request) if field.name != "event_id"}
    kept = KEEP if "gtin" in members else None
    return {
        name: _plain(member) for name, member in members.items() if member is not (kept if name == "gtin" else None)
    }


def _plain(member: Any) -> JSON:
    return member.value if isinstance(member, LotTracking | Unit | Direction) else member


def _difference(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> dict[str, JSON]:
    """The members that change, as they were and as they will be.

    Raises:
        StockConflict: none does.
    """
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if not names:
        raise StockConflict(Code.NOTHING_CHANGED)
    return {
        "after": {name: after[name] for name in names if name in after},
        "before": {name: before[name] for name in names if name in before},
    }
