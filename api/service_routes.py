"""What the service says about itself: who you are to it, what its problems mean, its own description."""

from dataclasses import dataclass
from typing import Any, Final

from api.calls import Call
from api.languages import Language
from api.members import Text
from api.operations import Documented, Operation, Parameters, Public, Runs, Tag
from api.problem_codes import Code, Kind
from api.problem_table import KINDS
from api.problems import Problem
from api.replies import Answer, json_answer
from api.schemas import INTEGER, TEXT, described, listed, nullable, record
from api.shapes import Json, present
from policies.codes import Code as PolicyCode
from policies.errors import NotAuthenticated
from policies.reasons import ROLES


def get_me(call: Call[None, None]) -> Answer:
    """Return who calls, and what they may use."""
    # What another process has assigned or closed meanwhile is told, too.
    principal, standing = call.services.policies.fresh_directory().renew(call.principal)
    if standing is not PolicyCode.ALLOWED:
        raise NotAuthenticated(standing)
    words = ROLES[principal.role]
    shape: Json = {
        "id": principal.id,
        "kind": principal.kind.value,
        "role": principal.role.value,
        "role_name": words.zh if call.language is Language.CHINESE else words.en,
        "stores": None if principal.stores is None else sorted(principal.stores),
        "scopes": sorted(principal.scopes),
    }
    return json_answer({**shape, **present({"key": principal.key_id, "acting_for": principal.acting_for})})


def list_problems(call: Call[None, None]) -> Answer:
    """Return every kind of problem, in both languages."""
    return json_answer({"items": [_kind_json(kind) for _, kind in sorted(KINDS.items())]})


@dataclass(frozen=True, slots=True)
class ProblemParameters:
    """Which kind."""

    code: str


def get_problem(call: Call[ProblemParameters, None]) -> Answer:
    """Return what a kind of problem means."""
    kind = KINDS.get(call.parameters.code)
    if kind is None:
        raise Problem.of(Code.NOT_FOUND)
    return json_answer(_kind_json(kind))


def _kind_json(kind: Kind) -> Json:
    return {
        "code": kind.code,
        "status": kind.status,
        "title": {"zh-Hant-HK": kind.title.zh, "en": kind.title.en},
        "detail": {"zh-Hant-HK": kind.detail.zh, "en": kind.detail.en},
    }


_WORDS: Final = record({"zh-Hant-HK": TEXT, "en": TEXT})
_KIND: Final = record({"code": TEXT, "status": INTEGER, "title": _WORDS, "detail": _WORDS})

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/me",
        name="get_me",
        tag=Tag.SERVICE,
        summary="Who you are here",
        run=get_me,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(
                200,
                "Your id, role and reach.",
                record(
                    {
                        "id": TEXT,
                        "kind": TEXT,
                        "role": TEXT,
                        "role_name": TEXT,
                        "stores": described(nullable(listed(TEXT)), "null: every store."),
                        "scopes": listed(TEXT),
                    },
                    optional={"key": TEXT, "acting_for": TEXT},
                ),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/problems",
        name="list_problems",
        tag=Tag.SERVICE,
        summary="Kinds of problems",
        run=list_problems,
        runs=Runs.ON_LOOP,
        answers=(Documented(200, "All of them, in both languages.", record({"items": listed(_KIND)})),),
        public=Public.ANYBODY,
    ),
    Operation(
        method="GET",
        path="/problems/{code}",
        name="get_problem",
        tag=Tag.SERVICE,
        summary="What a kind of problem means",
        description="Where the `type` of a problem leads.",
        run=get_problem,
        runs=Runs.ON_LOOP,
        parameters=Parameters(
            ProblemParameters, {"code": Text(64, description="Code of the kind.", example="stock_negative")}, ("code",)
        ),
        answers=(Documented(200, "The kind, in both languages.", _KIND),),
        refusals=(404,),
        public=Public.ANYBODY,
    ),
)
