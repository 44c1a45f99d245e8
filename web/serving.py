"""What happens around every page: whose session it is, in which language, whether a form is ours; then the page, or the problem as one.

- Only a session signs in here: the Authorization header is not looked at, as the API does not look at cookies.
- A form is taken only if it comes from a page of ours: it carries a key that is made of the session's secret, and the browser says
  that it comes from this very origin (Fetch Metadata, Origin). The session's cookie comes with no request of another site anyway.
- Problems are the API's own: the same title, detail and code; a denial with what would be needed.
"""

import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

import anyio.to_thread
from litestar.connection import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from api.calls import Call
from api.dispatch import Asked, Observe
from api.languages import Language
from api.masking import masked_body
from api.problem_codes import Code
from api.problems import Problem
from api.reading import query_pairs, read_content
from api.replies import Answer, Headers, methods_of, reply_of
from api.services import Services
from policies.errors import NotAuthenticated
from policies.masking import masked
from policies.model import Principal
from web.cookies import LANGUAGE, language_cookie, no_session, read_cookies, session_name
from web.outcomes import Moved, Outcome, Shown
from web.page import FilePage, Page
from web.problem_pages import problem_page
from web.rendering import HEADERS, HTML, render
from web.signing_in import SIGN_IN
from web.visits import Visit

FORM_BYTES_MAX: Final = 262_144
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_ELSEWHERE: Final = frozenset({b"cross-site", b"same-site"})
"""Where a link was followed from, if it was not here: a browser keeps the session's cookie back then, once."""
_FORM: Final = "application/x-www-form-urlencoded"


def page_routes(
    services: Services, pages: Sequence[Page | FilePage], observe: Observe | None = None
) -> list[HTTPRouteHandler]:
    """The routes of these pages."""
    return [_route(services, page, observe) for page in pages]


def _route(services: Services, page: Page | FilePage, observe: Observe | None) -> HTTPRouteHandler:
    handler = HTTPRouteHandler(
        _PARAMETER.sub(r"{\1:str}", page.path),
        http_method=methods_of(page.method),  # type: ignore[arg-type]
        name=page.name,
        status_code=200,
        opt={"operation": page.name},
        include_in_schema=False,
    )
    if isinstance(page, FilePage):
        return handler(FileServing(services, page, observe).serve)
    return handler(Serving(services, page, observe).serve)


class Serving:
    """Answers the requests for one page."""

    def __init__(self, services: Services, page: Page, observe: Observe | None = None) -> None:
        self._services = services
        self._page = page
        self._observe = observe

    async def serve(self, request: Request[Any, Any, Any]) -> ASGIApp:
        """Answer a request."""
        asked = Asked(self._services, request.scope)
        content: bytes | Problem = b""
        if self._page.method != "GET":
            try:
                content = await read_content(request.receive, asked.headers, FORM_BYTES_MAX)
            except Problem as problem:
                content = problem
        scope = request.scope
        return await anyio.to_thread.run_sync(
            self._answered, asked, scope["path"], scope["path_params"], scope["query_string"], content
        )

    def _answered(
        self, asked: Asked, path: str, in_path: Mapping[str, Any], query: bytes, content: bytes | Problem
    ) -> ASGIApp:
        parts = {name: str(value) for name, value in in_path.items()}
        visit, extra, outcome = visit_of(self._services, asked, path, parts, query)
        if outcome is None:
            try:
                outcome = self._outcome(visit, asked, content)
            except Exception as error:  # noqa: BLE001 - whatever it is, the reader gets a page
                outcome = problem_page(visit, visit.problem(error))
        named = ((name.decode(), value.decode("latin-1")) for name, value in asked.extra)
        reply = page_reply_of(visit, outcome, (*extra, *named), head=asked.head)
        if self._observe is not None:
            self._observe(self._page.name, reply.status, time.perf_counter() - asked.started)
        return reply

    def _outcome(self, visit: Visit, asked: Asked, content: bytes | Problem) -> Outcome:
        if isinstance(content, Problem):
            raise content
        if visit.caller is not None:
            self._services.policies.admit(visit.caller, visit.now)
        elif not self._page.open_to_all:
            if self._page.method != "GET":
                raise Problem.of(Code.NOT_AUTHENTICATED)
            if asked.headers.get(b"sec-fetch-site") in _ELSEWHERE:
                return Shown("arriving.html", {"here": visit.address()})
            was_here = session_name(self._services.settings.public_url) in read_cookies(asked.headers)
            return Moved(f"{SIGN_IN}?next={quote(visit.address(), safe='')}", "session_over" if was_here else "")
        if self._page.method != "GET":
            visit = _with_form(visit, asked.headers, content)
        return self._page.run(visit)


class FileServing:
    """Answers the requests that bring a file."""

    def __init__(self, services: Services, page: FilePage, observe: Observe | None = None) -> None:
        self._services = services
        self._page = page
        self._observe = observe

    async def serve(self, request: Request[Any, Any, Any]) -> ASGIApp:
        """Answer a request."""
        asked, scope = Asked(self._services, request.scope), request.scope
        parts = {name: str(value) for name, value in scope["path_params"].items()}
        in_thread = anyio.to_thread.run_sync
        visit, extra, outcome = await in_thread(
            visit_of, self._services, asked, scope["path"], parts, scope["query_string"]
        )
        if outcome is None:
            try:
                outcome = await self._taken(visit, asked, request)
            except Exception as error:  # noqa: BLE001 - whatever it is, the reader gets a page
                outcome = await in_thread(_told, visit, error)
        reply = await in_thread(partial(page_reply_of, visit, outcome, extra, head=False))
        if self._observe is not None:
            self._observe(self._page.name, reply.status, time.perf_counter() - asked.started)
        return reply

    async def _taken(self, visit: Visit, asked: Asked, request: Request[Any, Any, Any]) -> Outcome:
        if visit.caller is None:
            raise Problem.of(Code.NOT_AUTHENTICATED)
        if not _is_of_this_origin(visit, asked.headers):
            raise Problem.of(Code.FORM_FOREIGN)
        await anyio.to_thread.run_sync(self._services.policies.admit, visit.caller, visit.now)
        call: Call[Any, None] = Call(
            self._services,
            asked.headers,
            visit.request_id,
            visit.language,
            visit.now,
            visit.caller,
            None,
            None,
            request.receive,
        )
        return await self._page.run(visit, call)


def _told(visit: Visit, error: Exception) -> Outcome:
    return problem_page(visit, visit.problem(error))


def require_ours(visit: Visit, fields: dict[str, Any]) -> None:
    """Take the key out of a form's fields.

    Raises:
        Problem: it is not a form of this session.
    """
    key = str(fields.pop("form_key", ""))
    if not hmac.compare_digest(key.encode("utf-8", "surrogatepass"), visit.form_key.encode()):
        raise Problem.of(Code.FORM_FOREIGN)


class PageReply:
    """A reply that tells its status to whoever observes: bytes, or a stream of them."""

    __slots__ = ("_reply", "status")

    def __init__(
        self,
        body: bytes,
        status: int,
        headers: list[tuple[bytes, bytes]],
        stream: AsyncIterator[bytes] | None,
        *,
        head: bool,
    ) -> None:
        self._reply: ASGIApp = reply_of(body, status, headers, stream, head=head)
        self.status = status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self._reply(scope, receive, send)


def visit_of(
    services: Services, asked: Asked, path: str, in_path: Mapping[str, str], query: bytes
) -> tuple[Visit, Headers, Outcome | None]:
    """The visit that a request is; headers for its answer; and what is answered at once, if it cannot be read or signed in."""
    extra: list[tuple[str, str]] = []
    cookies = read_cookies(asked.headers)
    parameters: dict[str, str] = {}
    problem: Exception | None = None
    try:
        # What an address says is shown again on the page: it is masked before anything looks at it.
        parameters = {name: masked(text) for name, text in query_pairs(query)}
    except Problem as unreadable:
        problem = unreadable
    language = asked.language
    if cookies.get(LANGUAGE) in set(Language):
        language = Language(cookies[LANGUAGE])
    if parameters.get("lang") in set(Language):
        language = Language(parameters["lang"])
        extra.append(language_cookie(language))
    asked.language = language
    secret = cookies.get(session_name(services.settings.public_url), "")
    caller: Principal | None = None
    if secret:
        try:
            caller, _ = services.policies.session_principal(secret, asked.now)
        except NotAuthenticated as failure:
            services.policies.record_failed_sign_in(failure, now=asked.now)
            extra.append(no_session(services.settings.public_url))
        except Exception as error:  # noqa: BLE001 - told on a page
            problem = error
    visit = Visit(
        services=services,
        language=language,
        now=asked.now,
        request_id=asked.request_id,
        caller=caller,
        path=path,
        in_path=in_path,
        query=parameters,
        secret=secret if caller is not None else "",
        form_key=_form_key(secret) if caller is not None else "",
    )
    told = None if problem is None else problem_page(visit, visit.problem(problem))
    return visit, tuple(extra), told


def page_reply_of(visit: Visit, outcome: Outcome, extra: Headers, *, head: bool) -> PageReply:
    """The answer as it leaves."""
    headers: list[tuple[str, str]] = [
        ("X-Request-ID", visit.request_id),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        *HEADERS,
        *extra,
        *outcome.headers,
    ]
    if isinstance(outcome, Moved):
        status, body = 303, b""
        headers.append(("Location", outcome.location))
    elif isinstance(outcome, Shown):
        status, body = outcome.status, render(visit, outcome)
        headers += [("Content-Type", HTML), ("Content-Language", visit.language.value)]
    else:
        status, body = outcome.status, masked_body(outcome.body, outcome.media_type)
        headers.append(("Content-Type", outcome.media_type))
    encoded = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers]
    return PageReply(body, status, encoded, outcome.stream if isinstance(outcome, Answer) else None, head=head)


def page_refusal(services: Services, request: Request[Any, Any, Any], error: Exception) -> Response[bytes] | None:
    """What went wrong outside every page, as a page, if it is a person with a browser who asks and not a program."""
    headers = dict(request.scope["headers"])
    path = request.scope["path"]
    if b"text/html" not in headers.get(b"accept", b"") or path.startswith(("/api/", "/log/")):
        return None
    asked = Asked(services, request.scope)
    visit, extra, told = visit_of(services, asked, path, {}, request.scope["query_string"])
    page = told if isinstance(told, Shown) else problem_page(visit, visit.problem(error))
    kept = (*HEADERS, *extra, *page.headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
    answer = Response(render(visit, page), status_code=page.status, media_type=HTML)
    for name, text in (*kept, ("X-Request-ID", visit.request_id), ("Content-Language", visit.language.value)):
        answer.headers[name] = text
    return answer


def _with_form(visit: Visit, headers: Mapping[bytes, bytes], content: bytes) -> Visit:
    """The visit with what the form says.

    Raises:
        Problem: it is no form, or not one of ours.
    """
    media_type = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise Problem.of(Code.MEDIA_TYPE_UNSUPPORTED, expected=_FORM)
    form = dict(query_pairs(content))
    key = form.pop("form_key", "")
    if not _is_of_this_origin(visit, headers) or not hmac.compare_digest(key.encode(), visit.form_key.encode()):
        raise Problem.of(Code.FORM_FOREIGN)
    return Visit(
        **{name: getattr(visit, name) for name in Visit.__slots__ if name != "form"},
        form=form,
    )


def _is_of_this_origin(visit: Visit, headers: Mapping[bytes, bytes]) -> bool:
    """What the browser says of where a form comes from; one that says nothing must at least know the session's key."""
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site not in {None, b"same-origin"}:
        return False
    if origin is None:
        return site is not None or visit.caller is not None
    ours = {headers.get(b"host", b"").decode("latin-1"), urlsplit(visit.services.settings.public_url).netloc}
    return urlsplit(origin.decode("latin-1")).netloc in ours


def _form_key(secret: str) -> str:
    return hashlib.sha256(b"form:" + secret.encode("utf-8", "surrogatepass")).hexdigest()
