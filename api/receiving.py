"""Taking a body as it comes, chunk by chunk, straight into the encrypted spool: clear bytes are never on a disk.

- `chunks_of` gives the chunks of one request and never holds more than one; a caller who goes away, or is too slow, ends it.
- `SpoolSink` hands them to the spool in a worker thread, a mebibyte at a time.
- `FormFile` reads a multipart form (RFC 7578): its fields first, then its one file.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Self

import anyio.to_thread
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from api.calls import Call
from api.pace import Paced
from api.problem_codes import Code
from api.problems import Problem
from documents.errors import Code as DocumentCode
from documents.errors import FileTooLarge, InvalidDocument
from documents.parsing import FILING_LISTS
from storage.objects.spool import SpoolWriter

GATHER_BYTES: Final = 1_048_576
FIELDS_MAX: Final = 128
FIELD_BYTES_MAX: Final = 8_192
FORM_TYPE: Final = "multipart/form-data"


async def chunks_of(call: Call[Any, Any]) -> AsyncIterator[bytes]:
    """Give the chunks of the request's body.

    Raises:
        Problem: BAD_REQUEST, if the caller went away before its end; BODY_TOO_SLOW.
    """
    if call.receive is None:
        raise Problem.of(Code.INTERNAL)
    receive = Paced(call.receive)
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem.of(Code.BAD_REQUEST)
        chunk: bytes = message.get("body", b"")
        if chunk:
            yield chunk
        if not message.get("more_body", False):
            return


class SpoolSink:
    """Writes to one spool from an event loop. What was written stays, also when the block ends with an error."""

    def __init__(self, opened: Callable[[], AbstractContextManager[SpoolWriter]], bytes_max: int) -> None:
        self._opened: Final = opened
        self._bytes_max: Final = bytes_max
        self._context: AbstractContextManager[SpoolWriter] | None = None
        self._writer: SpoolWriter | None = None
        self._pending = bytearray()
        self.received = 0

    async def __aenter__(self) -> Self:
        """Lock the spool."""
        self._context = await anyio.to_thread.run_sync(self._opened)
        self._writer = await anyio.to_thread.run_sync(self._context.__enter__)
        return self

    async def __aexit__(self, *error: object) -> None:
        """Write what is pending, make all of it durable, and let go."""
        context = self._context
        if context is None:
            return
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._close, context, error)

    def _close(self, context: AbstractContextManager[SpoolWriter], error: tuple[Any, ...]) -> None:
        if self._writer is not None and self._pending:
            self._writer.write(bytes(self._pending))
        context.__exit__(*error)

    async def write(self, chunk: bytes) -> None:
        """Add bytes.

        Raises:
            FileTooLarge: more than the upload may have; what fitted stays.
        """
        self.received += len(chunk)
        if self.received > self._bytes_max:
            raise FileTooLarge(self._bytes_max)
        self._pending += chunk
        if len(self._pending) >= GATHER_BYTES and self._writer is not None:
            gathered, self._pending = bytes(self._pending), bytearray()
            await anyio.to_thread.run_sync(self._writer.write, gathered)


class FormFile:
    """A multipart form on its way: `fields` are read first; then `file` gives the file's bytes."""

    def __init__(self, call: Call[Any, Any]) -> None:
        """Read the boundary.

        Raises:
            Problem: MEDIA_TYPE_UNSUPPORTED.
            InvalidDocument: there is no boundary.
        """
        kind, options = parse_options_header(call.headers.get(b"content-type", b"").decode("latin-1"))
        if kind != FORM_TYPE:
            raise Problem.of(Code.MEDIA_TYPE_UNSUPPORTED, expected=FORM_TYPE)
        boundary = options.get("boundary", "")
        if not 1 <= len(boundary) <= 70:
            raise InvalidDocument(DocumentCode.FORM_UNREADABLE)
        self._parser: Final = PushMultipartParser(boundary, max_segment_count=FIELDS_MAX)
        self._events: Final = self._parse(call)
        self.file_name = ""
        self.content: dict[str, Any] = {}

    async def fields(self) -> dict[str, Any]:
        """Read up to the file, and return the fields; those that may repeat as lists.

        Raises:
            InvalidDocument: unreadable, or there is no file.
            Problem: BODY_TOO_LARGE.
        """
        name, gathered = "", b""
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                if event.name == "file":
                    self.file_name = (event.filename or "").replace("\0", "")[-255:]
                    return self.content
                name, gathered = event.name, b""
            elif event is None:
                self._add(name, gathered)
            else:
                gathered += event
                if len(gathered) > FIELD_BYTES_MAX:
                    raise Problem.of(Code.BODY_TOO_LARGE, max=FIELD_BYTES_MAX)
        raise InvalidDocument(DocumentCode.FILE_MISSING, ("file",))

    async def file(self) -> AsyncIterator[bytes]:
        """Give the file's bytes.

        Raises:
            InvalidDocument: the form is cut short.
            Problem: FORM_ORDER, if anything follows.
        """
        async for event in self._events:
            if event is None:
                break
            if isinstance(event, MultipartSegment):
                raise InvalidDocument(DocumentCode.FORM_UNREADABLE)
            yield bytes(event)
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                raise Problem.of(Code.FORM_ORDER)

    def _add(self, name: str, value: bytes) -> None:
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidDocument(DocumentCode.FORM_UNREADABLE) from error
        if not text:
            # An empty field of a form is one that was not filled in.
            return
        if name in FILING_LISTS:
            self.content.setdefault(name, []).append(text)
        elif name in self.content:
            raise InvalidDocument(DocumentCode.FORM_UNREADABLE, (name,))
        else:
            self.content[name] = text

    async def _parse(self, call: Call[Any, Any]) -> AsyncIterator[MultipartSegment | bytes | None]:
        try:
            async for chunk in chunks_of(call):
                for event in self._parser.parse(chunk):
                    yield event
            for event in self._parser.parse(b""):
                yield event
        except MultipartError as error:
            raise InvalidDocument(DocumentCode.FORM_UNREADABLE) from error
