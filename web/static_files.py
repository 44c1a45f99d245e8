"""The stylesheet, the mark and the small scripts: read once, named by their digest, kept by browsers for good."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from api.replies import Reply, methods_of

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file with its media type, and the mark of its bytes."""

    content: bytes
    media_type: str
    mark: str


def _read() -> dict[str, StaticFile]:
    found = {}
    for path in sorted((Path(__file__).parent / "static").iterdir()):
        content = path.read_bytes()
        found[path.name] = StaticFile(content, _KINDS[path.suffix], hashlib.sha256(content).hexdigest()[:16])
    return found


FILES: Final = _read()


def static_url(name: str) -> str:
    """The address of a file, which changes when its bytes do."""
    return f"/static/{name}?v={FILES[name].mark}"


@route(
    "/static/{name:str}",
    http_method=methods_of("GET"),  # type: ignore[arg-type]
    name="static",
    include_in_schema=False,
    sync_to_thread=False,
    status_code=200,
)
def static(request: Request[Any, Any, Any]) -> ASGIApp:
    """A file; under an address of other bytes it is not kept."""
    file = FILES.get(str(request.path_params["name"]))
    if file is None:
        raise NotFoundException
    kept = _FOR_GOOD if request.query_params.get("v") == file.mark else "no-cache"
    headers = [
        (b"content-type", file.media_type.encode()),
        (b"cache-control", kept.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    return Reply(file.content, 200, headers, head=request.method == "HEAD")


STATIC_HANDLERS: Final[tuple[HTTPRouteHandler, ...]] = (static,)
