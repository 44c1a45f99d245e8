"""Is it alive, is it ready, how is it doing: for load balancers, supervisors and Prometheus. No sign-in, no secrets."""

from collections.abc import Callable
from typing import Any, Final

import orjson
from litestar import Request, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from api.replies import JSON_TYPE, Reply, methods_of
from app.metrics import CONTENT_TYPE, Metrics
from app.readiness import readiness
from app.wiring import House

LIVE_PATH: Final = "/health/live"
READY_PATH: Final = "/health/ready"
METRICS_PATH: Final = "/metrics"
_NO_STORE: Final = (b"cache-control", b"no-store")


def health_handlers(house: House) -> list[HTTPRouteHandler]:
    """Liveness (the process answers) and readiness (the log can be read and takes changes)."""

    @_told_at(LIVE_PATH, blocks=False)
    def live(request: Request[Any, Any, Any]) -> ASGIApp:
        """Says that the process answers."""
        return _json(request, {"status": "live"}, 200)

    @_told_at(READY_PATH, blocks=True)
    def ready(request: Request[Any, Any, Any]) -> ASGIApp:
        """Says whether calls can be served."""
        checks = readiness(house)
        is_ready = all(state == "ok" for state in checks.values())
        document: dict[str, object] = {"status": "ready" if is_ready else "not_ready", "checks": checks}
        return _json(request, document, 200 if is_ready else 503)

    return [live, ready]


def metrics_handlers(metrics: Metrics) -> list[HTTPRouteHandler]:
    """What Prometheus scrapes."""

    @_told_at(METRICS_PATH, blocks=True)
    def scrape(request: Request[Any, Any, Any]) -> ASGIApp:
        """Answers in Prometheus's text format."""
        return _reply(request, metrics.exposition(), CONTENT_TYPE, 200)

    return [scrape]


def _told_at(path: str, *, blocks: bool) -> Callable[[Callable[..., ASGIApp]], HTTPRouteHandler]:
    methods: Any = methods_of("GET")
    return route(path, http_method=methods, sync_to_thread=blocks, status_code=200, include_in_schema=False)


def _json(request: Request[Any, Any, Any], document: dict[str, object], status: int) -> ASGIApp:
    return _reply(request, orjson.dumps(document), JSON_TYPE, status)


def _reply(request: Request[Any, Any, Any], body: bytes, media_type: str, status: int) -> ASGIApp:
    headers = [(b"content-type", media_type.encode()), _NO_STORE]
    return Reply(body, status, headers, head=request.method == "HEAD")
