"""Registers: document classes and suppliers.

- Codes are for ever, because entries name them. Nothing is deleted: what is retired takes nothing new.
- A class that becomes sensitive is treated so from then on; what was read before was not an entry.
- An entry of a change says, of the members that changed, what was before and what is after.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from audit.entry import derived_event_id
from documents import store as rows
from documents.classes import STANDARD_CLASSES
from documents.errors import Code, DocumentConflict
from documents.model import (
    CLASS_CHANGED,
    CLASS_CREATED,
    SUPPLIER_CHANGED,
    SUPPLIER_CREATED,
    DocumentClass,
    Supplier,
)
from documents.requests import LEVEL_MAX
from documents.row_values import class_row, supplier_row
from documents.writing import Asked, Writing, class_in, class_subject, supplier_in, supplier_subject
from policies.model import Action, Resource
from stock.errors import Code as StockCode
from stock.errors import StockConflict
from storage import Change

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from audit.canonical import JSON
    from audit.event import Decided
    from documents.requests import ClassChangeRequest, ClassRequest, SupplierChangeRequest, SupplierRequest
    from policies.model import Principal
    from storage import Transaction


class Registering(Writing):
    """Classes and suppliers."""

    def create_class(self, principal: Principal, request: ClassRequest) -> Change[DocumentClass]:
        """A new document class.

        Raises:
            Denied.
            The change: DocumentConflict if the code is taken; Denied.
        """
        made = DocumentClass(
            request.code,
            request.name_zh,
            request.name_en,
            request.sensitive or request.level == LEVEL_MAX,
            request.strip,
            request.restricts_release,
            request.retain_days,
            request.media_types,
            purpose_zh=request.purpose_zh,
            purpose_en=request.purpose_en,
            personal_kinds=request.personal_kinds,
            level=request.level,
            purposes=request.purposes,
        )
        asked = self._ask_classes(principal, request.event_id, {"create": made.code, **_members(made)})

        def run(tx: Transaction) -> DocumentClass:
            decided = self._confirm(tx, asked)
            if tx.get(rows.CLASSES, (made.code,)) is not None:
                raise DocumentConflict(Code.CLASS_EXISTS, ("code",), {"class": made.code})
            _append_class(tx, asked, decided, made, request.event_id)
            return made

        return self._change_of(asked, run)

    def change_class(self, principal: Principal, request: ClassChangeRequest) -> Change[DocumentClass]:
        """Other members of a class, or whether it takes new documents.

        Raises:
            Denied.
            The change: UnknownDocument; StockConflict if nothing would change; Denied.
        """
        given = _given(request)
        asked = self._ask_classes(principal, request.event_id, {"change": request.code, **_plain(given)})

        def run(tx: Transaction) -> DocumentClass:
            decided = self._confirm(tx, asked)
            before = class_in(tx, request.code, ("code",))
            after = replace(before, **given)
            if after.level == LEVEL_MAX:
                after = replace(after, sensitive=True)
            data: dict[str, JSON] = {"class": after.code, **_difference(_members(before), _members(after))}
            entry = tx.append(asked.event(CLASS_CHANGED, (class_subject(after.code),), data, decided))
            tx.put(entry, rows.CLASSES, (after.code,), class_row(after))
            return after

        return self._change_of(asked, run)

    def create_standard_classes(self, principal: Principal, *, event_id: UUID) -> Change[tuple[DocumentClass, ...]]:
        """The classes a shop starts with, as far as they are not there yet; one entry each.

        Raises:
            Denied.
            The change: StockConflict if all are there; Denied.
        """
        asked = self._ask_classes(principal, event_id, {"create": "standard"})

        def run(tx: Transaction) -> tuple[DocumentClass, ...]:
            decided = self._confirm(tx, asked)
            missing = [found for found in STANDARD_CLASSES if tx.get(rows.CLASSES, (found.code,)) is None]
            if not missing:
                raise StockConflict(StockCode.NOTHING_CHANGED)
            for place, found in enumerate(missing):
                _append_class(tx, asked, decided, found, derived_event_id(event_id, place))
            return tuple(missing)

        return self._change_of(asked, run)

    def create_supplier(self, principal: Principal, request: SupplierRequest) -> Change[Supplier]:
        """A new supplier; its folder is there with it.

        Raises:
            Denied.
            The change: DocumentConflict if the code is taken; Denied.
        """
        made = Supplier(request.code, request.name_zh, request.name_en, request.prefixes)
        asked = self._ask_suppliers(principal, request.event_id, {"create": made.code, **_members(made)})

        def run(tx: Transaction) -> Supplier:
            decided = self._confirm(tx, asked)
            if tx.get(rows.SUPPLIERS, (made.code,)) is not None:
                raise DocumentConflict(Code.SUPPLIER_EXISTS, ("code",), {"supplier": made.code})
            data: dict[str, JSON] = {"supplier": made.code, **_members(made)}
            entry = tx.append(asked.event(SUPPLIER_CREATED, (supplier_subject(made.code),), data, decided))
            tx.put(entry, rows.SUPPLIERS, (made.code,), supplier_row(made))
            return made

        return self._change_of(asked, run)

    def change_supplier(self, principal: Principal, request: SupplierChangeRequest) -> Change[Supplier]:
        """Other names or prefixes of a supplier, or whether it is dealt with.

        Raises:
            Denied.
            The change: UnknownDocument; StockConflict if nothing would change; Denied.
        """
        given = _given(request)
        asked = self._ask_suppliers(principal, request.event_id, {"change": request.code, **_plain(given)})

        def run(tx: Transaction) -> Supplier:
            decided = self._confirm(tx, asked)
            before = supplier_in(tx, request.code, ("code",))
            after = replace(before, **given)
            data: dict[str, JSON] = {"supplier": after.code, **_difference(_members(before), _members(after))}
            entry = tx.append(asked.event(SUPPLIER_CHANGED, (supplier_subject(after.code),), data, decided))
            tx.put(entry, rows.SUPPLIERS, (after.code,), supplier_row(after))
            return after

        return self._change_of(asked, run)

    def _ask_classes(self, principal: Principal, event_id: UUID, content: Mapping[str, JSON]) -> Asked:
        resource = Resource("document_class")
        return self._ask(principal, Action.DOCUMENT_CLASSES, resource, event_id=event_id, content=content)

    def _ask_suppliers(self, principal: Principal, event_id: UUID, content: Mapping[str, JSON]) -> Asked:
        resource = Resource("supplier")
        return self._ask(principal, Action.CATALOG_WRITE, resource, event_id=event_id, content=content)

    def _change_of(self, asked: Asked, run: Any) -> Change[Any]:
        return Change(run, reads=self._policies.reads, event_ids=((asked.actor.id, asked.event_id),))


def _append_class(tx: Transaction, asked: Asked, decided: Decided | None, found: DocumentClass, event_id: UUID) -> None:
    data: dict[str, JSON] = {"class": found.code, **_members(found)}
    entry = tx.append(asked.event(CLASS_CREATED, (class_subject(found.code),), data, decided, event_id=event_id))
    tx.put(entry, rows.CLASSES, (found.code,), class_row(found))


def _members(found: DocumentClass | Supplier) -> dict[str, JSON]:
    """What an entry says of a class or supplier: everything but its code."""
    return _plain({field.name: getattr(found, field.name) for field in fields(found) if field.name != "code"})


def _plain(members: Mapping[str, Any]) -> dict[str, JSON]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
        for name, value in members.items()
    }


def _given(request: ClassChangeRequest | SupplierChangeRequest) -> dict[str, Any]:
    return {
        field.name: value
        for field in fields(request)
        if field.name not in {"event_id", "code"} and (value := getattr(request, field.name)) is not None
    }


def _difference(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> dict[str, JSON]:
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        raise StockConflict(StockCode.NOTHING_CHANGED)
    return {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
