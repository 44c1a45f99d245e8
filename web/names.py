"""What codes and ids stand for, by name, for the reader who may look them up; nothing where they may not."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from api.document_shapes import class_json, named_json
from api.languages import Language
from api.problems import Problem
from policies.model import Action, Resource
from web.visits import Visit

_FILE_NAME: Final = re.compile(r"(?i)\.(?:jpe?g|png|webp|hei[cf]|tiff?|pdf|docx|xlsx|txt|csv)$")


def sku_names(visit: Visit, codes: Iterable[str]) -> dict[str, str]:
    """The names of SKUs in the reader's language, by code."""
    call = visit.call
    with call.services.storage.database.read() as connection:
        found = call.services.stock.skus_named(call.principal, connection, list(codes))
    is_chinese = visit.language is Language.CHINESE
    return {code: sku.name_zh if is_chinese else sku.name_en for code, sku in found.items()}


def supplier_names(visit: Visit, codes: Iterable[str]) -> dict[str, str]:
    """The names of suppliers, of which a document has few, by code."""
    if not visit.may(Action.CATALOG_READ, Resource("supplier")):
        return {}
    found: dict[str, str] = {}
    for code in codes:
        try:
            found[code] = visit.both(visit.ask("get_supplier", code=code), "name")
        except Problem as problem:
            if problem.status != 404:
                raise
    return found


def document_names(visit: Visit, ids: Collection[str]) -> dict[str, str]:
    """What to call documents, by id."""
    if not ids:
        return {}
    call = visit.call
    with call.services.storage.database.read() as connection:
        found = call.services.documents.named(call.principal, connection, ids)
        names = {one.code: visit.both(class_json(one), "name") for one in call.services.documents.classes(connection)}
    return {
        document: called(named_json(named), names.get(named.class_code, named.class_code), document)
        for document, named in found.items()
    }


def called(named: Mapping[str, Any], class_name: str, document: str) -> str:
    """What to call a document: its title, but the kind and number of the paper where that is only the name a phone gave the file."""
    title, number = named.get("title"), named.get("number")
    if title and not (number and _FILE_NAME.search(title)):
        return str(title)
    return f"{class_name} {number}" if number else document[:8]
