"""Changes of the organisation tree: areas, and the stores in them.

Codes are for ever: an area or store can be renamed, and a store moved to another area, but its code stays, because
entries name it. Names here are those of places, not of people.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from audit.event import Subject
from policies import store as rows
from policies.codes import Code
from policies.errors import InvalidValue, PolicyConflict, UnknownThing
from policies.event_types import AREA_CHANGED, AREA_CREATED, STORE_CHANGED, STORE_CREATED
from policies.model import Action, Area, NegativeStockRule, Principal, Resource, Store
from policies.writing import Asked, Draft, Writing, require_code, require_name, require_range

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.transaction import Change, Transaction


APPROVAL_ABOVE_MAX: Final = 10**9


class OrganisationWrites(Writing):
    """Areas and stores."""

    def create_area(
        self, principal: Principal, *, code: str, name_zh: str, name_en: str, event_id: UUID
    ) -> Change[Area]:
        """A new area.

        Raises:
            InvalidValue, Denied. The change: PolicyConflict if the code is in use, Denied.
        """
        area = Area(require_code(code, "code"), require_name(name_zh, "name_zh"), require_name(name_en, "name_en"))
        data = _area_data(area)

        def draft(tx: Transaction) -> Draft:
            if tx.get(rows.AREA_ROWS, (code,)) is not None:
                raise PolicyConflict(Code.AREA_EXISTS, "code")
            return Draft(AREA_CREATED, (Subject("area", code),), data)

        def apply(tx: Transaction, entry: Entry) -> Area:
            tx.put(entry, rows.AREA_ROWS, (code,), (name_zh, name_en))
            return area

        return self._change(_asked(principal, Resource("area", code), event_id, data), draft, apply)

    def change_area(
        self,
        principal: Principal,
        code: str,
        *,
        name_zh: str | None = None,
        name_en: str | None = None,
        event_id: UUID,
    ) -> Change[Area]:
        """Renames an area; None leaves a name as it is.

        Raises:
            InvalidValue, Denied. The change: UnknownThing, InvalidValue if nothing would change, Denied.
        """
        wanted = _wanted(name_zh=name_zh, name_en=name_en)

        def changed(tx: Transaction) -> tuple[Area, Area]:
            values = tx.get(rows.AREA_ROWS, (code,))
            if values is None:
                raise UnknownThing(Code.AREA_UNKNOWN, "code")
            before = Area(code, *values)
            after = replace(before, **wanted)
            if before == after:
                raise InvalidValue(Code.NOTHING_TO_CHANGE)
            return before, after

        def draft(tx: Transaction) -> Draft:
            before, after = changed(tx)
            return Draft(AREA_CHANGED, (Subject("area", code),), {"area": code, **_difference(before, after)})

        def apply(tx: Transaction, entry: Entry) -> Area:
            _, after = changed(tx)
            tx.put(entry, rows.AREA_ROWS, (code,), (after.name_zh, after.name_en))
            return after

        content: dict[str, JSON] = {"area": code, **wanted}
        return self._change(_asked(principal, Resource("area", code), event_id, content), draft, apply)

    def create_store(
        self,
        principal: Principal,
        *,
        code: str,
        area: str,
        name_zh: str,
        name_en: str,
        negative_stock: NegativeStockRule = NegativeStockRule.REFUSE,
        event_id: UUID,
    ) -> Change[Store]:
        """A new store in an area.

        Raises:
            InvalidValue, Denied. The change: UnknownThing (area), PolicyConflict if the code is in use, Denied.
        """
        require_name(name_zh, "name_zh")
        require_name(name_en, "name_en")
        store = Store(require_code(code, "code"), area, name_zh, name_en, NegativeStockRule(negative_stock))
        data = _store_data(store)

        def draft(tx: Transaction) -> Draft:
            _require_area(tx, area)
            if tx.get(rows.STORE_ROWS, (code,)) is not None:
                raise PolicyConflict(Code.STORE_EXISTS, "code")
            return Draft(STORE_CREATED, (Subject("store", code), Subject("area", area)), data)

        def apply(tx: Transaction, entry: Entry) -> Store:
            tx.put(entry, rows.STORE_ROWS, (code,), rows.store_values(store))
            return store

        return self._change(_asked(principal, Resource("store", code), event_id, data), draft, apply)

    def change_store(
        self,
        principal: Principal,
        code: str,
        *,
        area: str | None = None,
        name_zh: str | None = None,
        name_en: str | None = None,
        negative_stock: NegativeStockRule | None = None,
        event_id: UUID,
    ) -> Change[Store]:
        """Renames a store, moves it to another area or sets its rule of negative stock; None leaves a member as it is.

        From the moment it moves, the old area's managers lose it, history included, and the new one's gain it.

        Raises:
            InvalidValue, Denied. The change: UnknownThing (store, area), InvalidValue if nothing would change, Denied.
        """
        wanted: dict[str, JSON] = {**_wanted(name_zh=name_zh, name_en=name_en)}
        if area is not None:
            wanted["area"] = area
        if negative_stock is not None:
            wanted["negative_stock"] = NegativeStockRule(negative_stock).value
        return self._change_store(principal, code, wanted, event_id)

    def set_approval(self, principal: Principal, code: str, above: int | None, *, event_id: UUID) -> Change[Store]:
        """Sets above how many whole units of a SKU a movement of stock waits for another person; None: none waits.

        Raises:
            InvalidValue, Denied. The change: UnknownThing (store), InvalidValue if nothing would change, Denied.
        """
        if above is not None:
            require_range(above, 0, APPROVAL_ABOVE_MAX, "above")
        return self._change_store(principal, code, {"approval_above": above}, event_id)

    def _change_store(self, principal: Principal, code: str, wanted: dict[str, JSON], event_id: UUID) -> Change[Store]:
        def changed(tx: Transaction) -> tuple[Store, Store]:
            values = tx.get(rows.STORE_ROWS, (code,))
            if values is None:
                raise UnknownThing(Code.STORE_UNKNOWN, "code")
            before = rows.store_of(code, values)
            after = _replaced(before, wanted)
            if before == after:
                raise InvalidValue(Code.NOTHING_TO_CHANGE)
            return before, after

        def draft(tx: Transaction) -> Draft:
            before, after = changed(tx)
            if "area" in wanted:
                _require_area(tx, after.area)
            subjects = [Subject("store", code), Subject("area", before.area)]
            if after.area != before.area:
                subjects.append(Subject("area", after.area))
            return Draft(STORE_CHANGED, tuple(subjects), {"store": code, **_difference(before, after)})

        def apply(tx: Transaction, entry: Entry) -> Store:
            _, after = changed(tx)
            tx.put(entry, rows.STORE_ROWS, (code,), rows.store_values(after))
            return after

        return self._change(
            _asked(principal, Resource("store", code), event_id, {"store": code, **wanted}), draft, apply
        )


def _asked(principal: Principal, resource: Resource, event_id: UUID, content: dict[str, JSON]) -> Asked:
    return Asked(principal, Action.ORGANISATION_WRITE, resource, event_id, content)


def _require_area(tx: Transaction, area: str) -> None:
    if tx.get(rows.AREA_ROWS, (area,)) is None:
        raise UnknownThing(Code.AREA_UNKNOWN, "area")


def _wanted(**names: str | None) -> dict[str, str]:
    return {member: require_name(name, member) for member, name in names.items() if name is not None}


def _replaced(store: Store, wanted: dict[str, JSON]) -> Store:
    members: dict[str, Any] = {**_members(store), **wanted}
    return replace(store, **{**members, "negative_stock": NegativeStockRule(members["negative_stock"])})


def _members(thing: Area | Store) -> dict[str, JSON]:
    if isinstance(thing, Area):
        return {"name_en": thing.name_en, "name_zh": thing.name_zh}
    return {
        "area": thing.area,
        "approval_above": thing.approval_above,
        "name_en": thing.name_en,
        "name_zh": thing.name_zh,
        "negative_stock": thing.negative_stock.value,
    }


def _area_data(area: Area) -> dict[str, JSON]:
    return {"area": area.code, **_members(area)}


def _store_data(store: Store) -> dict[str, JSON]:
    members = _members(store)
    return {"store": store.code, **_named(members, members)}


def _difference(before: Area | Store, after: Area | Store) -> dict[str, JSON]:
    """The members that change, before and after."""
    old, new = _members(before), _members(after)
    moved = [member for member in old if old[member] != new[member]]
    return {"before": _named(old, moved), "after": _named(new, moved)}


def _named(members: dict[str, JSON], names: Iterable[str]) -> dict[str, JSON]:
    """These members, without those that are not set."""
    return {member: members[member] for member in names if members[member] is not None}
