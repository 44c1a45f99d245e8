"""The front page: what this address is, where the log stands, and how to begin. Works without script.

Where the log stands is shown only if checkpoints are public (`CHOPBOOK_PUBLIC_CHECKPOINTS`).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from api.languages import Language, preferred_language
from storage import Database, Head
from storage.errors import NotFound
from storage.reading import published_checkpoint, read_head
from web.catalogue import TEXTS, Texts

HONG_KONG: Final = ZoneInfo("Asia/Hong_Kong")
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "vary": "Accept-Language",
    "x-content-type-options": "nosniff",
}
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1917; --quiet: #6b645d; --paper: #fdfcfa; --line: #e4dfd8; --chop: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f1ede8; --quiet: #a8a099; --paper: #1a1816; --line: #38332f; --chop: #ff8a80 }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, "Noto Sans HK", "Noto Sans CJK HK", "PingFang HK", sans-serif }
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.25rem }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem }
h1 { font-size: 1.75rem; margin: 0 } h1::before { content: "印"; color: var(--paper); background: var(--chop);
  border-radius: .25rem; padding: .05rem .4rem; margin-right: .6rem; font-size: 1.4rem }
h2 { font-size: 1rem; margin: 2.25rem 0 .5rem } p { margin: .75rem 0 } .quiet, dt { color: var(--quiet) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 1.5rem 0 }
dd { margin: 0; overflow-wrap: anywhere } a { color: var(--chop) } a:focus-visible { outline: 2px solid }
pre, code { font: .875rem/1.5 ui-monospace, "Noto Sans Mono", monospace }
pre { background: color-mix(in srgb, var(--ink) 5%, transparent); border: 1px solid var(--line); border-radius: .5rem;
  padding: .9rem 1rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .6rem } }
"""


def front_handlers(
    database: Database, *, public_url: str, show_head: bool, language: Language
) -> list[HTTPRouteHandler]:
    """The front page, at `/`."""

    @get("/", sync_to_thread=True, media_type=MediaType.HTML, include_in_schema=False)
    def front(request: Request[Any, Any, Any]) -> Response[str]:
        """Answers in the language asked for by `?lang=`, else by the browser."""
        asked = request.query_params.get("lang")
        chosen = (
            Language(asked)
            if asked in set(Language)
            else preferred_language(request.headers.get("accept-language", ""), language)
        )
        standing = _read_standing(database) if show_head else None
        page = render_front(TEXTS[chosen], standing, public_url)
        return Response(page, media_type=MediaType.HTML, headers={**_HEADERS, "content-language": chosen.value})

    return [front]


def render_front(texts: Texts, standing: tuple[Head, str | None] | None, public_url: str) -> str:
    """The page as HTML."""
    say: Callable[[str], str] = escape
    command = (
        f"curl {public_url}/api/v1/adjustments \\\n"
        "  -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' \\\n"
        '  -d \'{"store":"MK01","sku":"RICE-JAS-5","reason":"sale","change":-1}\''
    )
    return f"""<!doctype html>
<html lang="{texts.tag}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{say(texts.title)}</title><style>{_STYLE}</style></head>
<body><main>
<header><h1>{say(texts.title)}</h1><a href="/?lang={texts.other}" hreflang="{texts.other}" lang="{texts.other}">\
{say(texts.other_name)}</a></header>
<p>{say(texts.lead)}</p>
{_render_standing(texts, standing)}
<h2>{say(texts.how)}</h2>
<pre>{say(command)}</pre>
<p class="quiet">{say(texts.sign_in)}</p>
<h2>{say(texts.for_programs)}</h2>
<p><a href="/api/v1/openapi.json">{say(texts.description)}</a> · <a href="/health/ready">{say(texts.health)}</a></p>
</main></body></html>
"""


def _render_standing(texts: Texts, standing: tuple[Head, str | None] | None) -> str:
    if standing is None:
        return ""
    head, checkpoint = standing
    recorded = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=head.recorded_at)
    shown = recorded.astimezone(HONG_KONG).strftime("%Y-%m-%d %H:%M:%S HKT")
    return f"""<dl>
<dt>{escape(texts.size)}</dt><dd>{head.size:,}</dd>
<dt>{escape(texts.recorded)}</dt><dd>{shown}</dd>
<dt>{escape(texts.root)}</dt><dd><code>{head.root.hex()}</code></dd>
</dl>
<h2><a href="/log/checkpoint">{escape(texts.checkpoint)}</a></h2>
<pre>{escape(checkpoint or texts.none_yet)}</pre>
<p>{escape(texts.checkpoint_help)}</p>
<p class="quiet">{escape(texts.proved)} {escape(texts.not_proved)}</p>"""


def _read_standing(database: Database) -> tuple[Head, str | None]:
    with database.read() as connection:
        head = read_head(connection)
        try:
            return head, published_checkpoint(connection)
        except NotFound:
            return head, None
