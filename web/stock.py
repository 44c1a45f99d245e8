"""Stock: what stores hold, which lots expire, and where a lot has been."""

from typing import Any, Final

from api.problem_codes import Code
from api.problems import Problem
from api.replies import Answer
from policies.model import Action, Resource
from policies.quota import HONG_KONG
from web.names import document_names, sku_names
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "50"
STOCK: Final = "/stock"
BALANCES: Final = ("store", "sku", "with_zero")
EXPIRING: Final = ("store", "sku", "days")
LOT: Final = ("sku", "batch")
FORMS: Final = {"csv": "export_recall_csv", "ndjson": "export_recall"}
DAYS: Final = ("7", "30", "90", "180")
NO_PAGE: Final[dict[str, Any]] = {"items": [], "next_cursor": None}


def show_balances(visit: Visit) -> Outcome:
    """What stores hold, by store, SKU and lot."""
    return _listed(visit, "stock.html", "list_balances", BALANCES)


def show_expiring(visit: Visit) -> Outcome:
    """Lots on shelves that expire within so many days, the earliest first."""
    today = visit.now.astimezone(HONG_KONG).date().isoformat()
    return _listed(visit, "expiring.html", "list_expiring_lots", EXPIRING, days=DAYS, today=today)


def show_lot(visit: Visit) -> Outcome:
    """Every store, document and movement that a lot touched; without one, or where there is none, the form that asks for it."""
    asked = {name: visit.query.get(name, "").strip() for name in LOT}
    values: dict[str, object] = {"asked": asked, "found": None, "problem": None}
    if not all(asked.values()):
        return Shown("lot.html", values)
    try:
        found = visit.ask("recall_lot", **asked)
    except Problem as problem:
        if problem.status not in {400, 404, 422}:
            raise
        return Shown("lot.html", {**values, "problem": visit.told(problem)}, problem.status)
    movements = visit.ask("list_lot_movements", **asked, limit=PAGE, cursor=visit.query.get("cursor"))
    return Shown(
        "lot.html",
        {
            **values,
            "found": found,
            "names": sku_names(visit, [asked["sku"]]),
            "documents": document_names(visit, found["documents"]),
            "movements": [
                {**dict.fromkeys(("store", "change", "after", "reference")), **one} for one in movements["items"]
            ],
            "following": visit.following(movements),
            "is_first": "cursor" not in visit.query,
        },
    )


def export_lot(visit: Visit) -> Answer:
    """Every entry about a lot, to take away; an entry says who took it."""
    operation = FORMS.get(visit.one_of("form"))
    if operation is None:
        raise Problem.of(Code.NOT_FOUND)
    return visit.answer(operation, **{name: visit.query.get(name, "") for name in LOT})


def _listed(visit: Visit, template: str, operation: str, filters: tuple[str, ...], **more: object) -> Outcome:
    """A list by its filter; one that cannot be read is told beside it."""
    asked = {name: visit.query.get(name, "").strip() for name in filters}
    problem, found = None, NO_PAGE
    try:
        found = visit.ask(operation, limit=PAGE, cursor=visit.query.get("cursor"), **asked)
    except Problem as told:
        if told.status != 400:
            raise
        problem = told
    values = {
        "asked": asked,
        "stores": visit.stores(),
        "found": found,
        "names": sku_names(visit, {one["sku"] for one in found["items"]}),
        "following": visit.following(found),
        "is_first": "cursor" not in visit.query,
        "problem": None if problem is None else visit.told(problem),
    }
    return Shown(template, {**values, **more}, 200 if problem is None else problem.status)


def is_open(visit: Visit) -> bool:
    """Whether the reader may read any stock."""
    return visit.may(Action.STOCK_READ, Resource("stock", stores=visit.own_stores))


PAGES: Final = (
    Page(STOCK, "page_stock", show_balances, query=(*BALANCES, "cursor")),
    Page(f"{STOCK}/expiring", "page_expiring", show_expiring, query=(*EXPIRING, "cursor")),
    Page(f"{STOCK}/lots", "page_lot", show_lot, query=(*LOT, "cursor")),
    Page(f"{STOCK}/lots/{{form}}", "page_lot_export", export_lot, query=LOT),
)
