"""The organisation tree: areas and stores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from api.bodies import changed_as, created_as
from api.calls import Call
from api.jobs import EVENT_ID
from api.members import Choice, Text, Whole
from api.operations import Body, Documented, Operation, Parameters, Runs, Tag
from api.paging import PAGING, PageParameters, slice_answer
from api.records import Record
from api.replies import Answer, json_answer
from api.schemas import page, ref
from api.shapes import Json, change_answer
from policies.codes import Code
from policies.errors import UnknownThing
from policies.model import Action, Area, Decision, NegativeStockRule, Resource, Store
from policies.organisation import APPROVAL_ABOVE_MAX
from policies.rules import CODE_CHARS_MAX, NAME_CHARS_MAX

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class NewArea:
    """A new area."""

    code: str
    name_zh: str
    name_en: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AreaNames:
    """Other names of an area; None stays."""

    name_zh: str | None = None
    name_en: str | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewStore:
    """A new store."""

    code: str
    area: str
    name_zh: str
    name_en: str
    negative_stock: NegativeStockRule = NegativeStockRule.REFUSE
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoreChange:
    """What is to change of a store; None stays."""

    area: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    negative_stock: NegativeStockRule | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoreApproval:
    """Above how many units a movement waits for another person; None: none waits."""

    above: int | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CodeParameters:
    """Which one, by its code."""

    code: str


def list_areas(call: Call[PageParameters, None]) -> Answer:
    """Return a page of areas that hold a store in the caller's reach."""
    decision = call.require_reading(Action.ORGANISATION_READ, Resource("area"))
    areas = [area for _, area in sorted(_areas_within(call, decision).items())]
    return slice_answer(("areas",), areas, lambda area: area.code, area_json, call.parameters)


def _areas_within(call: Call[Any, Any], decision: Decision) -> Mapping[str, Area]:
    """Return the areas that hold a store in the caller's reach, by code."""
    directory, stores = call.services.policies.directory(), decision.principal.stores
    if stores is None:
        return directory.areas
    held = {directory.stores[code].area for code in stores if code in directory.stores}
    return {code: area for code, area in directory.areas.items() if code in held}


def get_area(call: Call[CodeParameters, None]) -> Answer:
    """Return one area."""
    code = call.parameters.code
    decision = call.require_reading(Action.ORGANISATION_READ, Resource("area", code))
    area = _areas_within(call, decision).get(code)
    if area is None:
        raise UnknownThing(Code.AREA_UNKNOWN)
    return json_answer(area_json(area))


def create_area(call: Call[None, NewArea]) -> Answer:
    """Create an area."""
    asked = call.body
    change = call.services.policies.create_area(
        call.principal,
        code=asked.code,
        name_zh=asked.name_zh,
        name_en=asked.name_en,
        event_id=asked.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), area_json)


def change_area(call: Call[CodeParameters, AreaNames]) -> Answer:
    """Rename an area."""
    change = call.services.policies.change_area(
        call.principal,
        call.parameters.code,
        name_zh=call.body.name_zh,
        name_en=call.body.name_en,
        event_id=call.body.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), area_json, status=200)


def list_stores(call: Call[PageParameters, None]) -> Answer:
    """Return a page of the stores in the caller's reach."""
    call.require_reading(Action.ORGANISATION_READ, Resource("store"))
    directory = call.services.policies.directory()
    stores = [
        store
        for code, store in sorted(directory.stores.items())
        if call.may(Action.ORGANISATION_READ, Resource.at("store", (code,), code))
    ]
    return slice_answer(("stores",), stores, lambda store: store.code, store_json, call.parameters)


def get_store(call: Call[CodeParameters, None]) -> Answer:
    """Return one store."""
    code = call.parameters.code
    call.require_reading(Action.ORGANISATION_READ, Resource.at("store", (code,), code))
    store = call.services.policies.directory().stores.get(code)
    if store is None:
        raise UnknownThing(Code.STORE_UNKNOWN)
    return json_answer(store_json(store))


def create_store(call: Call[None, NewStore]) -> Answer:
    """Create a store."""
    asked = call.body
    change = call.services.policies.create_store(
        call.principal,
        code=asked.code,
        area=asked.area,
        name_zh=asked.name_zh,
        name_en=asked.name_en,
        negative_stock=asked.negative_stock,
        event_id=asked.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), store_json)


def change_store(call: Call[CodeParameters, StoreChange]) -> Answer:
    """Rename or move a store, or set its rule of negative stock."""
    asked = call.body
    change = call.services.policies.change_store(
        call.principal,
        call.parameters.code,
        area=asked.area,
        name_zh=asked.name_zh,
        name_en=asked.name_en,
        negative_stock=asked.negative_stock,
        event_id=asked.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), store_json, status=200)


def set_store_approval(call: Call[CodeParameters, StoreApproval]) -> Answer:
    """Set above how many units a movement of stock waits for another person."""
    change = call.services.policies.set_approval(
        call.principal, call.parameters.code, call.body.above, event_id=call.body.event_id or call.new_event_id()
    )
    return change_answer(call.services.storage.log.commit(change), store_json, status=200)


def area_json(area: Area) -> Json:
    """Return an area."""
    return {"code": area.code, "name_zh": area.name_zh, "name_en": area.name_en}


def store_json(store: Store) -> Json:
    """Return a store."""
    return {
        "code": store.code,
        "area": store.area,
        "name_zh": store.name_zh,
        "name_en": store.name_en,
        "negative_stock": store.negative_stock.value,
        "approval_above": store.approval_above,
    }


def record_body(
    name: str, build: Callable[..., B], members: Any, required: tuple[str, ...], example: object
) -> Body[B]:
    """Return a body of one object whose members are read here."""
    found = Record(name, build, {**members, "event_id": EVENT_ID}, required)
    return Body(found.read, found.schema, example, optional=not required)


_CODE: Final = Text(CODE_CHARS_MAX, form="[A-Za-z0-9][A-Za-z0-9_-]*", description="Its code, for ever.", example="MK01")
_NAMES: Final = {
    "name_zh": Text(NAME_CHARS_MAX, description="Name in Chinese.", example="旺角店"),
    "name_en": Text(NAME_CHARS_MAX, description="Name in English.", example="Mong Kok"),
}
_RULE: Final = Choice(NegativeStockRule, "Whether its stock may go below zero.")
_ONE: Final = Parameters(CodeParameters, {"code": _CODE}, ("code",))
_ALL: Final = Parameters(PageParameters, PAGING)
_NEW_AREA: Final = record_body(
    "NewArea",
    NewArea,
    {"code": _CODE, **_NAMES},
    ("code", "name_zh", "name_en"),
    {"code": "KLN", "name_zh": "九龍", "name_en": "Kowloon"},
)
_NEW_STORE: Final = record_body(
    "NewStore",
    NewStore,
    {"code": _CODE, "area": _CODE, **_NAMES, "negative_stock": _RULE},
    ("code", "area", "name_zh", "name_en"),
    {"code": "MK01", "area": "KLN", "name_zh": "旺角店", "name_en": "Mong Kok"},
)

_AREAS: Final = (
    Operation(
        method="GET",
        path="/api/v1/areas",
        name="list_areas",
        tag=Tag.ORGANISATION,
        summary="Areas",
        run=list_areas,
        runs=Runs.IN_THREAD,
        parameters=_ALL,
        answers=(Documented(200, "A page, by code.", page(ref("Area"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/areas",
        name="create_area",
        tag=Tag.ORGANISATION,
        summary="Create an area",
        run=create_area,
        runs=Runs.IN_THREAD,
        body=_NEW_AREA,
        answers=created_as("Area"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/areas/{code}",
        name="get_area",
        tag=Tag.ORGANISATION,
        summary="One area",
        run=get_area,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The area.", ref("Area")),),
        refusals=(404,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/areas/{code}",
        name="change_area",
        tag=Tag.ORGANISATION,
        summary="Rename an area",
        run=change_area,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body("AreaNames", AreaNames, _NAMES, (), {"name_en": "Kowloon East"}),
        answers=changed_as("Area"),
        refusals=(404, 409),
    ),
)

_STORES: Final = (
    Operation(
        method="GET",
        path="/api/v1/stores",
        name="list_stores",
        tag=Tag.ORGANISATION,
        summary="Stores in your reach",
        run=list_stores,
        runs=Runs.IN_THREAD,
        parameters=_ALL,
        answers=(Documented(200, "A page, by code.", page(ref("Store"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/stores",
        name="create_store",
        tag=Tag.ORGANISATION,
        summary="Create a store",
        run=create_store,
        runs=Runs.IN_THREAD,
        body=_NEW_STORE,
        answers=created_as("Store"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/stores/{code}",
        name="get_store",
        tag=Tag.ORGANISATION,
        summary="One store",
        run=get_store,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The store.", ref("Store")),),
        refusals=(404,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/stores/{code}",
        name="change_store",
        tag=Tag.ORGANISATION,
        summary="Change a store",
        description="Absent members stay. A store that moves takes its history to the new area's managers at once.",
        run=change_store,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body(
            "StoreChange",
            StoreChange,
            {"area": _CODE, **_NAMES, "negative_stock": _RULE},
            (),
            {"negative_stock": "allow"},
        ),
        answers=changed_as("Store"),
        refusals=(404, 409),
    ),
    Operation(
        method="PUT",
        path="/api/v1/stores/{code}/approval",
        name="set_store_approval",
        tag=Tag.ORGANISATION,
        summary="Set above what a movement of stock needs a second person",
        description=(
            "More than `above` whole units of a SKU at this store wait until another person approves; without `above` nothing waits. "
            "Batches and corrections of more are refused. What a stocktake finds is not held back."
        ),
        run=set_store_approval,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body(
            "StoreApproval",
            StoreApproval,
            {"above": Whole(0, APPROVAL_ABOVE_MAX, "Units of the SKU: pieces, kilograms.")},
            (),
            {"above": 500},
        ),
        answers=changed_as("Store"),
        refusals=(404, 409),
    ),
)

OPERATIONS: Final = (*_AREAS, *_STORES)
