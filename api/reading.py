"""Reading what a call brings: the parameters of its address, the form of its body."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from litestar.types import HTTPScope, Receive

from api.body import decode
from api.operations import Body, Operation, Parameters
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem

P = TypeVar("P")
B = TypeVar("B")

QUERY_FIELDS_MAX: Final = 64
_SINGLE: Final = frozenset(
    {
        b"authorization",
        b"chopbook-acting-for",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"if-range",
        b"last-event-id",
        b"range",
        b"tus-resumable",
        b"unmask-purpose",
    }
)
"""Headers with one value, on which depends who calls and what is read, and for what."""
_SINGLE_PREFIXES: Final = (b"use-", b"upload-")
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


def read_parameters(parameters: Parameters[P], in_path: Mapping[str, Any], query: bytes) -> P:
    """Return the typed parameters of an address.

    Raises:
        Invalid: parameters are unknown, repeated, missing or wrong; all of them are named.
    """
    return read_texts(parameters, (*in_path.items(), *query_pairs(query)))


def repeated_header(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the first header that stands twice and of which only one would count."""
    seen: set[bytes] = set()
    for name, _ in headers:
        if name in seen and (name in _SINGLE or name.startswith(_SINGLE_PREFIXES)):
            return name.decode("latin-1").title()
        seen.add(name)
    return None


def require_as_spelled(scope: HTTPScope, *, rest_of_path: bool) -> None:
    """Take an address in its one spelling alone: routing passes over slashes too many, at the end too.

    Where the rest of the path is the parameter, characters that are escaped without need are another spelling too.

    Raises:
        Problem: NOT_FOUND.
    """
    raw = scope["raw_path"].partition(b"?")[0]
    if raw.endswith(b"/") or b"//" in raw:
        raise Problem.of(Code.NOT_FOUND)
    if rest_of_path and raw != f"{scope.get('root_path', '')}{scope['path']}".encode():
        raise Problem.of(Code.NOT_FOUND)


def read_texts(parameters: Parameters[P], texts: Iterable[tuple[str, Any]]) -> P:
    """Return the typed parameters that were given as texts by name.

    Raises:
        Invalid: as `read_parameters`.
    """
    found: dict[str, Any] = {}
    seen: set[str] = set()
    faults: list[Fault] = []
    for name, text in texts:
        reader = parameters.members.get(name)
        try:
            if reader is None:
                raise Invalid.at(Code.PARAMETER_UNKNOWN, expected=", ".join(sorted(parameters.members)) or "—")
            if name in seen:
                raise Invalid.at(Code.PARAMETER_REPEATED)
            seen.add(name)
            found[name] = reader.from_text(str(text))
        except Invalid as invalid:
            faults.extend(invalid.of_parameter(name).faults)
    for name in parameters.required:
        if name not in seen:
            faults.extend(Invalid.at(Code.MEMBER_MISSING).of_parameter(name).faults)
    if faults:
        raise Invalid(faults)
    return parameters.build(**found)


def query_pairs(query: bytes) -> list[tuple[str, str]]:
    """Return what a query, or a form of that kind, holds.

    Raises:
        Problem: BAD_REQUEST.
    """
    if not query:
        return []
    try:
        return parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=QUERY_FIELDS_MAX
        )
    except ValueError:
        raise Problem.of(Code.BAD_REQUEST) from None


async def read_content(receive: Receive, headers: Mapping[bytes, bytes], bytes_max: int) -> bytes:
    """Return the bytes of a body, of which no more than `bytes_max` are ever held.

    Raises:
        Problem: BODY_TOO_LARGE, or BAD_REQUEST if the caller went away.
    """
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit() or len(announced) > 18:
        raise Problem.of(Code.BAD_REQUEST)
    if int(announced) > bytes_max:
        raise Problem.of(Code.BODY_TOO_LARGE, max=bytes_max)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem.of(Code.BAD_REQUEST)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > bytes_max:
            raise Problem.of(Code.BODY_TOO_LARGE, max=bytes_max)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunk if len(chunks) == 1 else b"".join(chunks)


def read_body(body: Body[B], content: bytes, headers: Mapping[bytes, bytes]) -> B:
    """Return the typed body of a call.

    Raises:
        Problem: it is missing, in another form, not strict JSON, or a member is wrong.
    """
    if not content and body.optional:
        return body.read({})
    if not content:
        raise Problem.of(Code.BODY_MISSING)
    media_type = _media_type(body, headers)
    if body.raw:
        return body.read((media_type, content))
    return body.read(decode(content))


def _media_type(body: Body[Any], headers: Mapping[bytes, bytes]) -> str:
    if headers.get(b"content-encoding", b"identity").strip().lower() not in {b"identity", b""}:
        raise Problem.of(Code.CONTENT_CODING_UNSUPPORTED)
    media_type, _, parameters = headers.get(b"content-type", b"").decode("latin-1").partition(";")
    media_type = media_type.strip().lower()
    if media_type not in body.media_types:
        raise Problem.of(Code.MEDIA_TYPE_UNSUPPORTED, expected=", ".join(body.media_types))
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in _UTF8:
            known = charset if charset.replace("-", "").replace("_", "").isalnum() and len(charset) <= 32 else "?"
            raise Problem.of(Code.CHARSET_UNSUPPORTED, charset=known)
    return media_type


def addressed(operation: Operation[Any, Any]) -> frozenset[str]:
    """Return the members which the address names rather than the body."""
    return frozenset((*operation.parameters.members, *operation.also_addressed))
