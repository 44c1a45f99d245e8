"""Every page, as handlers for the application."""

from typing import Final

from litestar.handlers import HTTPRouteHandler

from api.dispatch import Observe
from api.services import Services
from web import (
    adding,
    bundles,
    cases,
    disposals,
    documents,
    filing,
    grants,
    holds,
    home,
    pending,
    policies,
    residency,
    retention,
    reviewing,
    signing_in,
    stock,
    trail,
    why,
)
from web.page import FilePage, Page
from web.serving import page_routes
from web.static_files import STATIC_HANDLERS

PAGES: Final[tuple[Page | FilePage, ...]] = (
    *home.PAGES,
    *signing_in.PAGES,
    *trail.PAGES,
    *stock.PAGES,
    *adding.PAGES,
    *documents.PAGES,
    *reviewing.PAGES,
    *filing.PAGES,
    *pending.PAGES,
    *retention.PAGES,
    *holds.PAGES,
    *disposals.PAGES,
    *policies.PAGES,
    *bundles.PAGES,
    *grants.PAGES,
    *residency.PAGES,
    *cases.PAGES,
    *why.PAGES,
)
"""Every page, in the order of the navigation."""


def site_handlers(services: Services, observe: Observe | None = None) -> list[HTTPRouteHandler]:
    """The pages and what they are made of."""
    return [*page_routes(services, PAGES, observe), *STATIC_HANDLERS]
