"""The HTTP application: every operation of the API as a route, and what becomes of a request that meets none.

    app = create_api(services)

The caller may add handlers of its own (health, metrics, pages) and hear of every answer.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from litestar import Litestar
from litestar.connection import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import ControllerRouterHandler, LifespanHook

from api import (
    adjustments,
    balances,
    batches,
    bundles,
    case_operations,
    catalogue,
    disposals,
    document_content,
    document_registers,
    document_uploads,
    documents,
    entries,
    exports,
    folder_exports,
    folders,
    grant_operations,
    holds,
    incidents,
    job_progress,
    jobs,
    key_store,
    keys,
    live,
    lock_modes,
    locks,
    log_book,
    lots,
    notices,
    organisation,
    pending,
    people_operations,
    personal_findings,
    proofs,
    residency,
    retention,
    reviews,
    schedules,
    search,
    service_routes,
    shrinkage,
    stocktakes,
    tiles,
    transfers,
    uploads,
)
from api.dispatch import Asked, Dispatch, Observe, problem_headers, report
from api.openapi import openapi_operation
from api.operations import Operation, Runs
from api.problems import MEDIA_TYPE
from api.refusals import problem_of
from api.replies import methods_of
from api.services import Services

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    *adjustments.OPERATIONS,
    *batches.OPERATIONS,
    *balances.OPERATIONS,
    *transfers.OPERATIONS,
    *shrinkage.OPERATIONS,
    *entries.OPERATIONS,
    *exports.OPERATIONS,
    *live.OPERATIONS,
    *proofs.OPERATIONS,
    *jobs.OPERATIONS,
    *job_progress.OPERATIONS,
    *catalogue.OPERATIONS,
    *stocktakes.OPERATIONS,
    *lots.OPERATIONS,
    *documents.OPERATIONS,
    *document_registers.OPERATIONS,
    *document_uploads.OPERATIONS,
    *document_content.OPERATIONS,
    *folders.OPERATIONS,
    *folder_exports.OPERATIONS,
    *reviews.OPERATIONS,
    *schedules.OPERATIONS,
    *personal_findings.OPERATIONS,
    *uploads.OPERATIONS,
    *search.OPERATIONS,
    *notices.OPERATIONS,
    *disposals.OPERATIONS,
    *retention.OPERATIONS,
    *holds.OPERATIONS,
    *locks.OPERATIONS,
    *lock_modes.OPERATIONS,
    *pending.OPERATIONS,
    *grant_operations.OPERATIONS,
    *bundles.OPERATIONS,
    *residency.OPERATIONS,
    *log_book.OPERATIONS,
    *case_operations.OPERATIONS,
    *incidents.OPERATIONS,
    *organisation.OPERATIONS,
    *people_operations.OPERATIONS,
    *keys.OPERATIONS,
    *key_store.OPERATIONS,
    *tiles.OPERATIONS,
    *service_routes.OPERATIONS,
)
"""Every operation, in the order of the description."""

Refuse = Callable[[Request[Any, Any, Any], Exception], Response[bytes] | None]
"""Tells what went wrong in a way of its own, or leaves it to the API."""

_PARAMETER = re.compile(r"\{(\w+)\}")


def create_api(
    services: Services,
    *,
    operations: Sequence[Operation[Any, Any]] = OPERATIONS,
    handlers: Sequence[ControllerRouterHandler] = (),
    observe: Observe | None = None,
    refuse: Refuse | None = None,
    on_startup: Sequence[LifespanHook] = (),
    on_shutdown: Sequence[LifespanHook] = (),
) -> Litestar:
    """Return the application; it closes nothing of what it is given.

    `refuse` is asked first how to tell somebody what went wrong outside every operation.
    """

    def refused(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        told = None if refuse is None else refuse(request, error)
        return _refused(services, request, error) if told is None else told

    described = openapi_operation(operations, services.settings)
    own_head = frozenset(operation.path for operation in operations if operation.method == "HEAD")
    return Litestar(
        route_handlers=[
            *(_route(services, operation, own_head, observe) for operation in (*operations, described)),
            *handlers,
        ],
        exception_handlers={Exception: refused, 500: refused},
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
        # The document is ours (api.openapi), logs are the process's, and nothing is rendered for debugging.
        openapi_config=None,
        logging_config=None,
        debug=False,
        request_max_body_size=services.settings.body_bytes_max,
    )


def _route(
    services: Services, operation: Operation[Any, Any], own_head: frozenset[str], observe: Observe | None
) -> HTTPRouteHandler:
    dispatch = Dispatch(services, operation, observe)
    methods = [operation.method] if operation.path in own_head else methods_of(operation.method)
    handler = HTTPRouteHandler(
        _PARAMETER.sub(r"{\1:path}" if operation.rest_of_path else r"{\1:str}", operation.path),
        http_method=methods,  # type: ignore[arg-type]
        name=operation.name,
        status_code=200,
        opt={"operation": operation.name},
    )
    return handler(dispatch.on_loop if operation.runs is Runs.ON_LOOP else dispatch.in_thread)


def _refused(services: Services, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what went wrong outside every operation: no such path or method, a broken Host header."""
    asked = Asked(services, request.scope)
    problem = problem_of(error, now=asked.now, body_bytes_max=services.settings.body_bytes_max)
    if problem.status >= 500:
        report(error, problem, operation="", request_id=asked.request_id)
    body = problem.encoded(asked.language, request_id=asked.request_id, public_url=services.settings.public_url)
    headers = {name.decode(): value.decode("latin-1") for name, value in problem_headers(problem, asked)}
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
