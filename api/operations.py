"""How an operation of the API is declared: what it takes, what it answers, and the function that carries it out.

From one declaration come the route, the reading of its parameters and body, and its page in the OpenAPI document, so that
the three cannot disagree.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from api.calls import Call
from api.members import Reader, Schema
from api.replies import Answer
from api.services import ApiSettings

P = TypeVar("P")
B = TypeVar("B")

BODY_BYTES_MAX: Final = 65_536
"""For a single JSON value: an entry has at most 65,535 bytes."""

LOCATION: Final = MappingProxyType({"Location": "The entry that records it."})

_IN_PATH = re.compile(r"\{(\w+)\}")
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Runs(StrEnum):
    """Where an operation's function runs."""

    ON_LOOP = "loop"
    """A coroutine that waits for the group commit; it must not block."""
    IN_THREAD = "thread"
    """A plain function in a worker thread; it may block."""


class Public(StrEnum):
    """Who may call without signing in."""

    NOBODY = "nobody"
    ANYBODY = "anybody"
    BY_SETTING = "setting"
    """Anybody, if the operator made checkpoints and hash tiles public."""


class Stated(StrEnum):
    """Whether a call says what personal data is used for."""

    NOT = "not"
    MAYBE = "maybe"
    """A read: without a word it is for what the data is kept for."""
    ALWAYS = "always"
    """An export."""


class Tag(StrEnum):
    """The chapters of the API's description."""

    LOG = "log"
    PROOFS = "proofs"
    VERIFICATION = "verification"
    STOCK = "stock"
    CATALOGUE = "catalogue"
    STOCKTAKES = "stocktakes"
    DOCUMENTS = "documents"
    UPLOADS = "uploads"
    REVIEWS = "reviews"
    NOTICES = "notices"
    RETENTION = "retention"
    APPROVALS = "approvals"
    GRANTS = "grants"
    POLICIES = "policies"
    RESIDENCY = "residency"
    CASES = "cases"
    INCIDENTS = "incidents"
    ORGANISATION = "organisation"
    PEOPLE = "people"
    KEYS = "keys"
    TILES = "tiles"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Parameters(Generic[P]):
    """The parameters of an address, built into a typed value from those that were sent."""

    build: Callable[..., P]
    members: Mapping[str, Reader[Any]]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body that is taken as it comes, chunk by chunk, by the function itself: media types with their schemas."""

    media_types: Mapping[str, Schema]
    description: str = ""


NO_PARAMETERS: Final[Parameters[None]] = Parameters(lambda: None, _NONE)


@dataclass(frozen=True, slots=True)
class Body(Generic[B]):
    """A JSON body: how it is read, and its description.

    With `raw`, `read` gets the media type and the bytes as they came. `bytes_max` None: what the operator set.
    """

    read: Callable[[Any], B]
    schema: Schema
    example: object
    bytes_max: int | None = BODY_BYTES_MAX
    optional: bool = False
    media_types: tuple[str, ...] = ("application/json",)
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Documented:
    """One way an operation can answer."""

    status: int
    description: str
    schema: Schema | None = None
    example: object = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Operation(Generic[P, B]):
    """A declared operation.

    Attributes:
        method: of HTTP.
        path: with its parameters in braces.
        name: unique; the operationId.
        tag: the chapter it belongs to.
        summary: one line.
        run: carries it out.
        runs: where.
        answers: how it can answer when it succeeds.
        description: more, in Markdown.
        parameters: of path and query.
        body: what it takes, if anything.
        incoming: what it takes as a stream, instead; the call then has `receive`.
        refusals: statuses of problems beyond those that every operation, or every one with a body, can answer.
        also_addressed: names that rooms below have for what the path names.
        public: who may call without signing in.
        rest_of_path: the path's parameter takes everything that follows, slashes too; the address has one spelling.
        uses: whether its caller may, or must, say what personal data in its answer is used for.
    """

    method: str
    path: str
    name: str
    tag: Tag
    summary: str
    run: Callable[[Call[P, B]], Answer] | Callable[[Call[P, B]], Awaitable[Answer]]
    runs: Runs
    answers: tuple[Documented, ...]
    description: str = ""
    parameters: Parameters[P] = NO_PARAMETERS  # type: ignore[assignment]
    body: Body[B] | None = None
    incoming: Incoming | None = None
    refusals: tuple[int, ...] = ()
    also_addressed: tuple[str, ...] = ()
    public: Public = Public.NOBODY
    rest_of_path: bool = False
    uses: Stated = Stated.NOT

    @property
    def unmasks(self) -> bool:
        """Whether identity card numbers can be seen in full here, for a stated purpose: where documents are read."""
        return self.method == "GET" and self.tag is Tag.DOCUMENTS and "document" in self.parameters.members

    def is_public(self, settings: ApiSettings) -> bool:
        """Return whether anybody may call it."""
        return self.public is Public.ANYBODY or (self.public is Public.BY_SETTING and settings.public_checkpoints)

    @property
    def in_path(self) -> tuple[str, ...]:
        """The parameters that are part of the path."""
        return tuple(_IN_PATH.findall(self.path))
