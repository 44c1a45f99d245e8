"""What happens around every operation: sign in, admit, read, run, answer; or refuse, in the caller's language.

- Nothing of an exception reaches a caller but the problem it stands for; an unknown one is logged under the request id,
  with the places it went through and without its message, which could quote personal data.
- A denial is in the log before the caller hears of it (or was counted, when it repeats itself).
"""

import logging
import re
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import anyio.to_thread
from litestar.connection import Request
from litestar.types import ASGIApp, HTTPScope

from api.calls import Call
from api.languages import Language, preferred_language
from api.limits import allowance_headers, refusal_headers
from api.masking import masked_body
from api.operations import Operation
from api.problem_codes import Code
from api.problems import MEDIA_TYPE, Problem
from api.reading import addressed, read_body, read_content, read_parameters, repeated_header, require_as_spelled
from api.refusals import problem_of
from api.replies import Answer, Reply, reply_of
from api.services import Services
from api.signing_in import UnknownKey, sign_in, sign_in_with_new_keys
from api.unmasking import PURPOSE_HEADER, unmasking_of
from policies.errors import Denied, PolicyError
from storage.errors import CommitUnknown, StorageError, StorageFailed
from storage.transaction import Change

Observe = Callable[[str, int, float], None]
"""Told of every answer: the operation's name, the status, the seconds until its first byte."""

_LOGGER: Final = logging.getLogger("chopbook.api")
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
_NO_STORE: Final = (b"cache-control", b"no-store")
_CHALLENGE: Final = b'Bearer realm="chopbook"'


class Asked:
    """The facts of one request that every answer needs."""

    __slots__ = ("extra", "head", "headers", "language", "now", "repeated", "request_id", "started")

    def __init__(self, services: Services, scope: HTTPScope) -> None:
        self.started = time.perf_counter()
        self.head = scope["method"] == "HEAD"
        sent = list(scope["headers"])
        self.headers = headers = dict(sent)
        self.repeated = repeated_header(sent) if len(headers) < len(sent) else None
        if self.head:
            # A range is of content, and there will be none (RFC 9110 §14.2).
            headers.pop(b"range", None)
        self.now: datetime = services.clock()
        given = headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if _REQUEST_ID.fullmatch(given) else services.entropy(16).hex()
        wished = headers.get(b"accept-language")
        default = services.settings.language
        self.language: Language = default if wished is None else preferred_language(wished.decode("latin-1"), default)
        self.extra: list[tuple[bytes, bytes]] = []


class Dispatch:
    """Carries out the calls of one operation."""

    def __init__(self, services: Services, operation: Operation[Any, Any], observe: Observe | None = None) -> None:
        self._services = services
        self._operation = operation
        self._observe = observe
        self._addressed = addressed(operation)
        own = None if operation.body is None else operation.body.bytes_max
        self._body_bytes_max = services.settings.body_bytes_max if own is None else own
        self._public = operation.is_public(services.settings)

    async def on_loop(self, request: Request[Any, Any, Any]) -> ASGIApp:
        """Carry out a call whose function waits on the event loop."""
        asked = Asked(self._services, request.scope)
        try:
            call = await self._admitted(request, asked)
            result = self._operation.run(call)
            answer = result if isinstance(result, Answer) else await result
            return self._reply(answer, asked, call)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem
            return await self._refused(error, asked)

    async def in_thread(self, request: Request[Any, Any, Any]) -> ASGIApp:
        """Carry out a call whose function may block, in a worker thread."""
        asked = Asked(self._services, request.scope)
        try:
            call = await self._admitted(request, asked)
            answer = await anyio.to_thread.run_sync(self._operation.run, call)
            if not isinstance(answer, Answer):
                msg = f"{self._operation.name}: expected an answer, got something to wait for"
                raise TypeError(msg)
            return self._reply(answer, asked, call)
        except Exception as error:  # noqa: BLE001 - the same
            return await self._refused(error, asked)

    async def _admitted(self, request: Request[Any, Any, Any], asked: Asked) -> Call[Any, Any]:
        operation, services = self._operation, self._services
        if asked.repeated is not None:
            raise Problem.of(Code.HEADER_REPEATED, name=asked.repeated)
        caller = None
        if not self._public or b"authorization" in asked.headers:
            try:
                caller = sign_in(services, asked.headers, asked.now)
            except UnknownKey:
                caller = await anyio.to_thread.run_sync(sign_in_with_new_keys, services, asked.headers, asked.now)
            asked.extra = allowance_headers(services.policies.admit(caller, asked.now), asked.now)
        scope = request.scope
        require_as_spelled(scope, rest_of_path=operation.rest_of_path)
        parameters = read_parameters(operation.parameters, scope["path_params"], scope["query_string"])
        body = None
        if operation.body is not None:
            body = read_body(operation.body, await self._content(request, asked), asked.headers)
        receive = None if operation.incoming is None else request.receive
        call: Call[Any, Any] = Call(
            services, asked.headers, asked.request_id, asked.language, asked.now, caller, parameters, body, receive
        )
        if operation.unmasks and PURPOSE_HEADER.lower().encode() in asked.headers:
            # The entry is durable before anything is made that it is about.
            await services.commit(unmasking_of(call, operation.name))
            call.unmasked = True
        return call

    async def _content(self, request: Request[Any, Any, Any], asked: Asked) -> bytes:
        return await read_content(request.receive, asked.headers, self._body_bytes_max)

    def _reply(self, answer: Answer, asked: Asked, call: Call[Any, Any]) -> ASGIApp:
        headers = [
            (b"content-type", answer.media_type.encode()),
            (b"x-request-id", asked.request_id.encode()),
            _NOSNIFF,
            *asked.extra,
        ]
        headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append(_NO_STORE)
        self._observed(answer.status, asked)
        body = answer.body if call.unmasked else masked_body(answer.body, answer.media_type)
        return reply_of(body, answer.status, headers, answer.stream, head=asked.head)

    async def _refused(self, error: Exception, asked: Asked) -> ASGIApp:
        if isinstance(error, Denied):
            try:
                await self._record(error, asked.now)
            except StorageError as failure:
                # What cannot be recorded is not answered as if it were: the caller comes again.
                error = failure
        if isinstance(error, PolicyError):
            asked.extra = [*asked.extra, *refusal_headers(error, asked.now)]
        problem = problem_of(error, addressed=self._addressed, now=asked.now, body_bytes_max=self._body_bytes_max)
        if problem.status >= 500:
            report(error, problem, operation=self._operation.name, request_id=asked.request_id)
        self._observed(problem.status, asked)
        body = problem.encoded(
            asked.language, request_id=asked.request_id, public_url=self._services.settings.public_url
        )
        headers = problem_headers(problem, asked)
        return Reply(masked_body(body, MEDIA_TYPE), problem.status, headers, head=asked.head)

    async def _record(self, denied: Denied, now: datetime) -> None:
        change: Change[Any] | None = self._services.policies.record_denial(denied.decision, now=now)
        if change is not None:
            await self._services.commit(change)

    def _observed(self, status: int, asked: Asked) -> None:
        if self._observe is not None:
            self._observe(self._operation.name, status, time.perf_counter() - asked.started)


def problem_headers(problem: Problem, asked: Asked) -> list[tuple[bytes, bytes]]:
    """Return the headers of the answer that tells a problem."""
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-language", asked.language.value.encode()),
        (b"vary", b"Accept-Language"),
        (b"x-request-id", asked.request_id.encode()),
        _NOSNIFF,
        _NO_STORE,
        *asked.extra,
        *((name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers),
    ]
    if problem.status == 401 and not any(name == b"www-authenticate" for name, _ in headers):
        tried = b', error="invalid_token"' if b"authorization" in asked.headers else b""
        headers.append((b"www-authenticate", _CHALLENGE + tried))
    return headers


def report(error: Exception, problem: Problem, *, operation: str, request_id: str) -> None:
    """Log what an operator needs to find a fault: where it happened and what kind it is, not what it says."""
    members: dict[str, object] = {"operation": operation, "request_id": request_id}
    if problem.kind.code != Code.INTERNAL.value:
        # What ails the database is in its error's own words, which quote nothing that was sent.
        cause = {"cause": str(error)} if isinstance(error, CommitUnknown | StorageFailed) else {}
        _LOGGER.warning("request refused", extra={**members, "code": problem.kind.code, **cause})
        return
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    _LOGGER.error("request failed", extra={**members, "error": kind, "places": places})
