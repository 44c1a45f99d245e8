"""What stands round a document: its supplier and folders by name, what it is linked to, and notes."""

from collections.abc import Mapping
from typing import Any, Final

from api.problems import Problem
from documents.model import FolderKind, LinkKind
from policies.model import Action, Resource
from web.visits import Visit

LINKS_SHOWN: Final = 100


class Names:
    """The names of what codes stand for, each looked up once; a code that the reader may not look up has none."""

    def __init__(self, visit: Visit) -> None:
        self._visit: Final = visit
        self._found: Final[dict[tuple[str, str], str]] = {}

    def of(self, kind: str, code: str) -> str:
        """The name, or nothing."""
        if (kind, code) not in self._found:
            self._found[kind, code] = self._look_up(kind, code)
        return self._found[kind, code]

    def _look_up(self, kind: str, code: str) -> str:
        if kind == FolderKind.STORE:
            return next((self._visit.both(one, "name") for one in self._visit.stores() if one["code"] == code), "")
        if kind not in {FolderKind.SUPPLIER, FolderKind.SKU} or not self._visit.may(
            Action.CATALOG_READ, Resource("catalog")
        ):
            return ""
        try:
            return self._visit.both(self._visit.ask(f"get_{kind}", code=code), "name")
        except Problem as problem:
            if problem.status != 404:
                raise
            return ""


def around(visit: Visit, found: Mapping[str, Any], classes: Mapping[str, str], *, opened: bool) -> dict[str, Any]:
    """What the page of a document shows round it; `classes` are names of classes by code. Notes are shown once it is opened."""
    names, document = Names(visit), found["id"]
    links = visit.ask("list_links", document=document)["items"]
    supplier = found.get("supplier")
    return {
        "supplier_name": "" if supplier is None else names.of(FolderKind.SUPPLIER, supplier),
        "folders": [
            {**one, "name": names.of(one["kind"], one["code"]), "path": f"{one['kind']}/{one['code']}"}
            for one in found["folders"]
        ],
        "links": [_link(visit, names, classes, document, one) for one in links[:LINKS_SHOWN]],
        "links_more": max(0, len(links) - LINKS_SHOWN),
        "notes": visit.ask("list_notes", document=document)["items"] if opened else [],
        "link_kinds": {kind.value: visit.say(f"link.{kind.value}") for kind in LinkKind},
    }


def _link(
    visit: Visit, names: Names, classes: Mapping[str, str], document: str, one: Mapping[str, Any]
) -> dict[str, Any]:
    """A link as it is read from this document: what it leads to, and as what."""
    is_mine = one["document"] == document
    label = visit.say(f"link.{one['kind']}") if is_mine else visit.say(f"linked.{one['kind']}")
    ends = {"document": one["document"], "kind": one["kind"], "target": one["target"]}
    if one["kind"] == LinkKind.EVIDENCE_OF.value:
        moved = one.get("moved")
        sku = None if moved is None else names.of(FolderKind.SKU, moved["sku"])
        return {**ends, "label": label, "address": f"/trail/{one['target']}", "moved": moved, "sku_name": sku}
    other = one["other"]
    return {
        **ends,
        "label": label,
        "address": f"/documents/{one['target'] if is_mine else one['document']}",
        "moved": None,
        "title": other.get("title") or other.get("number") or (one["target"] if is_mine else one["document"])[:8],
        "number": other.get("number"),
        "class_name": classes.get(other["class"], other["class"]),
    }
