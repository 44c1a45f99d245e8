"""Is it alive, is it ready, how is it doing: for load balancers, supervisors and Prometheus. No sign-in, no secrets."""

from typing import Final

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from app.metrics import CONTENT_TYPE, Metrics
from app.readiness import readiness
from app.wiring import House

LIVE_PATH: Final = "/health/live"
READY_PATH: Final = "/health/ready"
METRICS_PATH: Final = "/metrics"
_NO_STORE: Final = {"cache-control": "no-store"}


def health_handlers(house: House) -> list[HTTPRouteHandler]:
    """Liveness (the process answers) and readiness (the log can be read and takes changes)."""

    @get(LIVE_PATH, sync_to_thread=False, media_type=MediaType.JSON, include_in_schema=False)
    def live() -> Response[dict[str, str]]:
        """Says that the process answers."""
        return Response({"status": "live"}, headers=_NO_STORE)

    @get(READY_PATH, sync_to_thread=True, media_type=MediaType.JSON, include_in_schema=False)
    def ready() -> Response[dict[str, object]]:
        """Says whether calls can be served."""
        checks = readiness(house)
        is_ready = all(state == "ok" for state in checks.values())
        document: dict[str, object] = {"status": "ready" if is_ready else "not_ready", "checks": checks}
        return Response(document, status_code=200 if is_ready else 503, headers=_NO_STORE)

    return [live, ready]


def metrics_handlers(metrics: Metrics) -> list[HTTPRouteHandler]:
    """What Prometheus scrapes."""

    @get(METRICS_PATH, sync_to_thread=True, media_type=CONTENT_TYPE, include_in_schema=False)
    def scrape() -> Response[bytes]:
        """Answers in Prometheus's text format."""
        return Response(metrics.exposition(), media_type=CONTENT_TYPE, headers=_NO_STORE)

    return [scrape]
