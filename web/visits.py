"""One visit to a page: who reads it, what the address and the form say, and how the page asks for what it shows.

- A page asks the operations of the API, by name: what it gets has been decided on, cut to the reader's scope, counted or recorded and
  masked by the same code as for everybody else. Where there is no operation, it asks a room's front door through `call`.
- Whatever goes wrong comes out as a `Problem`; a denial is in the log by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import anyio.from_thread
import orjson

from api.application import OPERATIONS
from api.body import JSON
from api.calls import Call
from api.dispatch import report
from api.languages import Language
from api.masking import masked_body
from api.operations import Operation, Runs
from api.problem_codes import Code
from api.problems import Problem
from api.reading import addressed, read_texts
from api.refusals import problem_of
from api.replies import Answer
from api.services import Services
from api.shapes import Json
from policies.errors import Denied
from policies.model import Action, Principal, Resource
from storage.errors import StorageError
from web.catalogue import say

_OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = {operation.name: operation for operation in OPERATIONS}
_NOT_OF_THE_PAGE: Final = frozenset({"lang", "said"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit. `caller` is None for who has not signed in; `form_key` is what forms of this session carry."""

    services: Services
    language: Language
    now: datetime
    request_id: str
    caller: Principal | None
    path: str
    in_path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""
    form_key: str = ""

    @property
    def call(self) -> Call[None, None]:
        """A call of the rooms below, for what no operation answers."""
        return Call(self.services, {}, self.request_id, self.language, self.now, self.caller, None, None)

    def say(self, key: str, **values: str | int) -> str:
        """A text of the catalogue in the reader's language."""
        return say(self.language, key, **values)

    def both(self, thing: Mapping[str, Any], name: str) -> str:
        """A member that answers tell in two languages: `name_zh` and `name_en`."""
        return str(thing[f"{name}_{'zh' if self.language is Language.CHINESE else 'en'}"])

    def following(self, found: Mapping[str, Any]) -> str | None:
        """The address of the next page of a list that an operation answered, if there is one."""
        cursor = found.get("next_cursor")
        return None if cursor is None else self.address(cursor=cursor)

    def stores(self) -> list[Mapping[str, Any]]:
        """The stores in reach, to choose from."""
        if not self.may(Action.ORGANISATION_READ, Resource("store")):
            return []
        items: list[Mapping[str, Any]] = self.ask("list_stores", limit="500")["items"]
        return items

    @property
    def own_stores(self) -> frozenset[str]:
        """The stores that the reader is assigned to; empty for the whole organisation."""
        return frozenset(() if self.caller is None or self.caller.stores is None else self.caller.stores)

    def may(self, action: Action, resource: Resource) -> bool:
        """Whether the reader may do something; for offering it, not for doing it."""
        return self.caller is not None and self.call.may(action, resource)

    def answer(self, name: str, body: JSON = None, /, **texts: str | None) -> Answer:
        """What an operation answers; empty texts are not asked for.

        Raises:
            Problem: as the API would tell it.
        """
        operation = _OPERATIONS[name]
        try:
            parameters = read_texts(operation.parameters, [(name, text) for name, text in texts.items() if text])
            content = None if operation.body is None else operation.body.read({} if body is None else body)
            call: Call[Any, Any] = Call(
                self.services, {}, self.request_id, self.language, self.now, self.caller, parameters, content
            )
            return _carried_out(operation, call)
        except Exception as error:
            raise self.problem(error, operation) from error

    def ask(self, name: str, body: JSON = None, /, **texts: str | None) -> Json:
        """The JSON that an operation answers, as an object.

        Raises:
            Problem: as the API would tell it.
        """
        found = self.answer(name, body, **texts)
        decoded: Json = orjson.loads(masked_body(found.body, found.media_type))
        return decoded

    def problem(self, error: Exception, operation: Operation[Any, Any] | None = None) -> Problem:
        """The problem that an exception stands for; a denial is recorded first, a fault of ours is reported."""
        if isinstance(error, Denied):
            try:
                self.call.record_denial(error)
            except StorageError as failure:
                error = failure
        problem = problem_of(
            error,
            addressed=() if operation is None else addressed(operation),
            now=self.now,
            body_bytes_max=self.services.settings.body_bytes_max,
        )
        if problem.status >= 500 and not isinstance(error, Problem):
            report(error, problem, operation="" if operation is None else operation.name, request_id=self.request_id)
        return problem

    def told(self, problem: Problem) -> Json:
        """A problem in the reader's language, to be shown beside a form."""
        return problem.as_json(self.language, request_id=self.request_id, public_url="")

    def address(self, path: str | None = None, **changed: str | None) -> str:
        """This page's address, or that of another, with some parameters changed; None takes one away."""
        kept = {name: text for name, text in self.query.items() if name not in _NOT_OF_THE_PAGE} if path is None else {}
        query = urlencode({name: text for name, text in {**kept, **changed}.items() if text is not None})
        return f"{self.path if path is None else path}{'?' if query else ''}{query}"

    def one_of(self, name: str) -> str:
        """A part of the path.

        Raises:
            Problem: NOT_FOUND.
        """
        if name not in self.in_path:
            raise Problem.of(Code.NOT_FOUND)
        return self.in_path[name]


def _carried_out(operation: Operation[Any, Any], call: Call[Any, Any]) -> Answer:
    if operation.runs is Runs.IN_THREAD:
        answer = operation.run(call)
    else:
        answer = anyio.from_thread.run(_on_loop, operation, call)
    if not isinstance(answer, Answer):
        msg = f"{operation.name}: expected an answer, got something to wait for"
        raise TypeError(msg)
    return answer


async def _on_loop(operation: Operation[Any, Any], call: Call[Any, Any]) -> Answer:
    answer = operation.run(call)
    return answer if isinstance(answer, Answer) else await answer
