"""Document classes and suppliers."""

from dataclasses import dataclass
from typing import Any, Final

from api import document_schemas as bodies
from api.bodies import changed_as, created_as, json_body
from api.calls import Call
from api.catalogue import CodeParameters
from api.document_shapes import class_json, supplier_json
from api.members import Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer, json_answer
from api.schemas import listed, page, record, ref
from api.shapes import change_answer
from documents.class_parsing import parse_class, parse_class_change
from documents.parsing import parse_supplier, parse_supplier_change
from documents.requests import CODE_CHARS_MAX, CODE_FORM, SUPPLIER_FORM
from policies.model import Action, Resource


def list_classes(call: Call[None, None]) -> Answer:
    """Return every document class."""
    call.require_reading(Action.DOCUMENT_READ, Resource("document_class"))
    with call.services.storage.database.read() as connection:
        found = call.services.documents.classes(connection)
    return json_answer({"items": [class_json(one) for one in found]})


def create_class(call: Call[None, Any]) -> Answer:
    """Create a document class."""
    request = parse_class(call.body, event_id=call.event_id(call.body))
    change = call.services.documents.create_class(call.principal, request)
    return change_answer(call.services.storage.log.commit(change), class_json)


def change_class(call: Call[CodeParameters, Any]) -> Answer:
    """Change a document class."""
    request = parse_class_change(call.body, code=call.parameters.code, event_id=call.event_id(call.body))
    change = call.services.documents.change_class(call.principal, request)
    return change_answer(call.services.storage.log.commit(change), class_json, status=200)


@dataclass(frozen=True, slots=True)
class SuppliersParameters:
    """A page of suppliers."""

    text: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_suppliers(call: Call[SuppliersParameters, None]) -> Answer:
    """Return a page of suppliers."""
    asked = call.parameters
    call.require_reading(Action.CATALOG_READ, Resource("supplier"))
    of = ("suppliers", asked.text)
    with call.services.storage.database.read() as connection:
        found = call.services.documents.suppliers(
            connection, text=asked.text, after=place_of(of, asked.cursor, 1), limit=asked.limit
        )
    return page_answer(of, found, supplier_json)


def get_supplier(call: Call[CodeParameters, None]) -> Answer:
    """Return one supplier."""
    call.require_reading(Action.CATALOG_READ, Resource("supplier"))
    with call.services.storage.database.read() as connection:
        return json_answer(supplier_json(call.services.documents.supplier(connection, call.parameters.code)))


def create_supplier(call: Call[None, Any]) -> Answer:
    """Create a supplier."""
    request = parse_supplier(call.body, event_id=call.event_id(call.body))
    change = call.services.documents.create_supplier(call.principal, request)
    return change_answer(call.services.storage.log.commit(change), supplier_json)


def change_supplier(call: Call[CodeParameters, Any]) -> Answer:
    """Change a supplier."""
    request = parse_supplier_change(call.body, code=call.parameters.code, event_id=call.event_id(call.body))
    change = call.services.documents.change_supplier(call.principal, request)
    return change_answer(call.services.storage.log.commit(change), supplier_json, status=200)


_CLASS: Final = Text(CODE_CHARS_MAX, form=CODE_FORM, description="Code of the class.", example="delivery_note")
_SUPPLIER: Final = Text(CODE_CHARS_MAX, form=SUPPLIER_FORM, description="Code of the supplier.", example="WF01")
_ONE_CLASS: Final = Parameters(CodeParameters, {"code": _CLASS}, ("code",))
_ONE_SUPPLIER: Final = Parameters(CodeParameters, {"code": _SUPPLIER}, ("code",))

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/document-classes",
        name="list_document_classes",
        tag=Tag.DOCUMENTS,
        summary="Document classes",
        run=list_classes,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "All of them, by code.", record({"items": listed(ref("DocumentClass"))})),),
    ),
    Operation(
        method="POST",
        path="/api/v1/document-classes",
        name="create_document_class",
        tag=Tag.DOCUMENTS,
        summary="Create a document class",
        run=create_class,
        runs=Runs.IN_THREAD,
        body=json_body(bodies.CLASS, bodies.CLASS_EXAMPLE),
        answers=created_as("DocumentClass"),
        refusals=(409,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/document-classes/{code}",
        name="change_document_class",
        tag=Tag.DOCUMENTS,
        summary="Change a document class",
        run=change_class,
        runs=Runs.IN_THREAD,
        parameters=_ONE_CLASS,
        body=json_body(bodies.CLASS_CHANGE, bodies.CLASS_CHANGE_EXAMPLE),
        answers=changed_as("DocumentClass"),
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path="/api/v1/suppliers",
        name="list_suppliers",
        tag=Tag.DOCUMENTS,
        summary="Suppliers",
        run=list_suppliers,
        runs=Runs.IN_THREAD,
        parameters=Parameters(SuppliersParameters, {"text": Text(120, description="In code or name."), **PAGING}),
        answers=(Documented(200, "A page, by code.", page(ref("Supplier"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/suppliers",
        name="create_supplier",
        tag=Tag.DOCUMENTS,
        summary="Create a supplier",
        run=create_supplier,
        runs=Runs.IN_THREAD,
        body=json_body(bodies.SUPPLIER, bodies.SUPPLIER_EXAMPLE),
        answers=created_as("Supplier"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/suppliers/{code}",
        name="get_supplier",
        tag=Tag.DOCUMENTS,
        summary="One supplier",
        run=get_supplier,
        runs=Runs.IN_THREAD,
        parameters=_ONE_SUPPLIER,
        answers=(Documented(200, "The supplier.", ref("Supplier")),),
        refusals=(404,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/suppliers/{code}",
        name="change_supplier",
        tag=Tag.DOCUMENTS,
        summary="Change a supplier",
        run=change_supplier,
        runs=Runs.IN_THREAD,
        parameters=_ONE_SUPPLIER,
        body=json_body(bodies.SUPPLIER_CHANGE, bodies.SUPPLIER_CHANGE_EXAMPLE),
        answers=changed_as("Supplier"),
        refusals=(404, 409),
    ),
)
