"""One call of an operation: who asks for what, in which language, and what it may use."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from litestar.types import Receive

from api.languages import Language
from api.problem_codes import Code
from api.problems import Problem
from api.services import Services
from policies.calendar import Calendar
from policies.deciding import decide_in
from policies.errors import Denied
from policies.model import Action, Decision, Principal, Resource
from stock.model import Page

P = TypeVar("P")
B = TypeVar("B")
T = TypeVar("T")


@dataclass(slots=True)
class Call(Generic[P, B]):
    """A call that has been signed in, admitted and read.

    `caller` is None for a public operation that was called without credentials. `now` is one moment for the whole call.
    `receive` is there for an operation that takes its body as a stream. `unmasked`: the caller stated a purpose, may see
    identity card numbers, and the log says so.
    """

    services: Services
    headers: Mapping[bytes, bytes]
    request_id: str
    language: Language
    now: datetime
    caller: Principal | None
    parameters: P
    body: B
    receive: Receive | None = None
    unmasked: bool = False

    @property
    def principal(self) -> Principal:
        """Who calls.

        Raises:
            Problem: NOT_AUTHENTICATED.
        """
        if self.caller is None:
            raise Problem.of(Code.NOT_AUTHENTICATED)
        return self.caller

    @property
    def calendar(self) -> Calendar:
        """The days that count, by the policies that decide."""
        return self.services.policies.calendar

    def require(self, action: Action, resource: Resource) -> Decision:
        """Return the decision that allows this; from here on the caller is the principal it was made for.

        Raises:
            Denied: it is not allowed.
        """
        decision = self.services.policies.require(self.principal, action, resource)
        self.caller = decision.principal
        return decision

    def require_reading(self, action: Action, resource: Resource) -> Decision:
        """As `require`, for a list or a cheap read, which is counted.

        Raises:
            Denied: it is not allowed.
        """
        decision = self.require(action, resource)
        self.services.policies.record_list(decision, now=self.now)
        return decision

    def may(self, action: Action, resource: Resource) -> bool:
        """Return whether something in memory may be shown, on the snapshot the whole answer rests on."""
        directory = self.services.policies.directory()
        return decide_in(directory, self.principal, action, resource, now=self.now).allowed

    def only(self, page: Page[T], action: Action, resource: Callable[[T], Resource]) -> Page[T]:
        """Return the page with those rows that may leave, each decided again."""
        return Page(self.leaving(page.items, action, resource), page.next)

    def leaving(self, rows: Iterable[T], action: Action, resource: Callable[[T], Resource]) -> tuple[T, ...]:
        """Return those of the rows that may leave, each decided again; one that may not is an alarm."""
        policies = self.services.policies
        return policies.leaving(self.principal, rows, lambda row: ((action, resource(row)),))

    def record_denial(self, denied: Denied) -> None:
        """Put a denial into the log; for work that goes on after the answer has begun. Blocks."""
        change = self.services.policies.record_denial(denied.decision, now=self.services.clock())
        if change is not None:
            self.services.storage.log.commit(change)

    def event_id(self, content: object) -> UUID | None:
        """Return a fresh idempotency key for a body that brings none; None if it brings one."""
        if isinstance(content, dict) and content.get("event_id") is not None:
            return None
        return self.new_event_id()

    def new_event_id(self) -> UUID:
        """Return a fresh idempotency key."""
        return UUID(bytes=self.services.entropy(16), version=4)
