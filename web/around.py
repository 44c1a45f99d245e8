"""What stands round a document: its supplier and folders by name, what it is linked to, and notes."""

from collections.abc import Mapping
from typing import Any, Final

from documents.model import FolderKind, LinkKind
from web.names import called, sku_names, supplier_names
from web.visits import Visit

LINKS_SHOWN: Final = 100


def around(visit: Visit, found: Mapping[str, Any], classes: Mapping[str, str], *, opened: bool) -> dict[str, Any]:
    """What the page of a document shows round it; `classes` are names of classes by code. Notes are shown once it is opened."""
    links = visit.ask("list_links", document=found["id"])["items"]
    shown, folders = links[:LINKS_SHOWN], found["folders"]
    skus = sku_names(
        visit, [*_codes(folders, FolderKind.SKU), *(one["moved"]["sku"] for one in shown if "moved" in one)]
    )
    suppliers = supplier_names(
        visit, {*_codes(folders, FolderKind.SUPPLIER), *([found["supplier"]] if "supplier" in found else ())}
    )
    stores = {one["code"]: visit.both(one, "name") for one in visit.stores()}
    names = {FolderKind.SKU.value: skus, FolderKind.SUPPLIER.value: suppliers, FolderKind.STORE.value: stores}
    return {
        "supplier_name": suppliers.get(found.get("supplier", ""), ""),
        "folders": [
            {**one, "name": names.get(one["kind"], {}).get(one["code"], ""), "path": f"{one['kind']}/{one['code']}"}
            for one in folders
        ],
        "links": [_link(visit, skus, classes, found["id"], one) for one in shown],
        "links_more": len(links) - len(shown),
        "notes": visit.ask("list_notes", document=found["id"])["items"] if opened else [],
        "link_kinds": {kind.value: visit.say(f"link.{kind.value}") for kind in LinkKind},
    }


def _codes(folders: list[Mapping[str, Any]], kind: FolderKind) -> list[str]:
    return [one["code"] for one in folders if one["kind"] == kind]


def _link(
    visit: Visit, skus: Mapping[str, str], classes: Mapping[str, str], document: str, one: Mapping[str, Any]
) -> dict[str, Any]:
    """A link as it is read from this document: what it leads to, and as what."""
    is_mine = one["document"] == document
    label = visit.say(f"link.{one['kind']}") if is_mine else visit.say(f"linked.{one['kind']}")
    found = {"document": one["document"], "kind": one["kind"], "target": one["target"], "label": label, "moved": None}
    if one["kind"] == LinkKind.EVIDENCE_OF.value:
        moved = one.get("moved")
        sku = None if moved is None else skus.get(moved["sku"])
        return {**found, "address": f"/trail/{one['target']}", "moved": moved, "sku_name": sku}
    end, other = one["target"] if is_mine else one["document"], one["other"]
    class_name = classes.get(other["class"], other["class"])
    return {
        **found,
        "address": f"/documents/{end}",
        "title": called(other, class_name, end),
        "number": other.get("number"),
        "class_name": class_name,
    }
