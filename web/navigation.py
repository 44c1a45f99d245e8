"""The sections in the head of every page, each shown to whom may open it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.retention import RETENTION
from policies.bundles.steps import bundle_at
from policies.model import Action, Resource
from web import cases, grants, residency, stock
from web.visits import Visit


@dataclass(frozen=True, slots=True)
class Section:
    """A section: where it begins, the text under `nav.`, and who may open it."""

    path: str
    key: str
    is_open: Callable[[Visit], bool]


def _shows_documents(visit: Visit) -> bool:
    return visit.may(Action.DOCUMENT_READ, Resource("document", stores=visit.own_stores))


SECTIONS: Final = (
    Section("/", "home", lambda visit: visit.caller is not None),
    Section("/trail", "trail", lambda visit: visit.may(Action.LOG_READ, Resource("log"))),
    Section("/stock", "stock", stock.is_open),
    Section("/documents", "documents", _shows_documents),
    Section("/pending", "pending", lambda visit: visit.may(Action.PENDING_READ, Resource("pending"))),
    Section("/retention", "retention", lambda visit: visit.may(Action.RETENTION_READ, RETENTION)),
    Section("/policies", "policies", lambda visit: visit.may(Action.BUNDLE_READ, bundle_at())),
    Section("/residency", "residency", residency.is_open),
    Section("/cases", "cases", cases.is_open),
    Section("/grants", "grants", grants.is_open),
    Section("/people", "people", grants.shows_people),
    Section("/why", "why", lambda visit: visit.caller is not None),
)


def sections(visit: Visit) -> list[dict[str, object]]:
    """The sections that this reader may open; `here` marks the one the page is in, `exact` the page itself."""
    found: list[dict[str, object]] = []
    for section in SECTIONS:
        if section.is_open(visit):
            here = visit.path == section.path or (section.path != "/" and visit.path.startswith(f"{section.path}/"))
            found.append({"path": section.path, "key": section.key, "here": here, "exact": visit.path == section.path})
    return found
