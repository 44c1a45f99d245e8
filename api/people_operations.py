"""How the operations on people and machine clients are declared."""

from typing import Final

from api import people as run
from api.bodies import changed_as, created_as
from api.jobs import EVENT_ID, PLAIN_BODY
from api.members import Choice, Text
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.organisation import record_body
from api.paging import PAGING, PageParameters
from api.schemas import BOOLEAN, TEXT, nullable, page, record, ref
from policies.model import ErasureGround, Role, ScopeKind
from policies.rules import CODE_CHARS_MAX, NAME_CHARS_MAX

_ID: Final = Text(32, form="p_[a-z2-7]{16}", description="Pseudonymous id.", example="p_abcdefghijklmnop")
_NAME: Final = Text(
    NAME_CHARS_MAX, description="A name. Personal data: kept encrypted beside the log.", example="陳大文"
)
_STATEMENT: Final = Text(
    37,
    description="The personal information collection statement they were given, with its version (PDPO DPP1(3)). Without it: "
    "422 `pics_missing`.",
    example="STAFF/3",
)
_ROLE: Final = Choice(Role, "What the person is for.")
_TARGET: Final = Text(CODE_CHARS_MAX, 0, description="Code of the store or area; empty or absent for `all`.")
_ONE: Final = Parameters(run.PrincipalParameters, {"principal": _ID}, ("principal",))
_ALL: Final = Parameters(PageParameters, PAGING)
_KIND: Final = Choice(ScopeKind, "What it is to.")
_ALSO: Final = ("person", "client")

_ACCOUNTS: Final = (
    Operation(
        method="GET",
        path="/api/v1/people",
        name="list_people",
        tag=Tag.PEOPLE,
        summary="People",
        description="By pseudonym; names are read one by one.",
        run=run.list_people,
        runs=Runs.IN_THREAD,
        parameters=_ALL,
        answers=(Documented(200, "A page.", page(ref("Principal"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/people",
        name="create_person",
        tag=Tag.PEOPLE,
        summary="Create a person's account",
        run=run.create_person,
        runs=Runs.IN_THREAD,
        body=record_body(
            "NewPerson",
            run.NewPerson,
            {"role": _ROLE, "display_name": _NAME, "pics_id": _STATEMENT},
            ("role", "display_name"),
            {"role": "staff", "display_name": "陳大文", "pics_id": "STAFF/3"},
        ),
        answers=created_as("Principal"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/api-clients",
        name="list_clients",
        tag=Tag.PEOPLE,
        summary="Machine clients",
        run=run.list_clients,
        runs=Runs.IN_THREAD,
        parameters=_ALL,
        answers=(Documented(200, "A page.", page(ref("Principal"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/api-clients",
        name="create_client",
        tag=Tag.PEOPLE,
        summary="Create a machine client",
        run=run.create_client,
        runs=Runs.IN_THREAD,
        body=record_body(
            "NewClient",
            run.NewClient,
            {"label": Text(NAME_CHARS_MAX, description="What it is; no person's name.", example="Till 1, Mong Kok")},
            ("label",),
            {"label": "Till 1, Mong Kok"},
        ),
        answers=created_as("Principal"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/principals/{principal}",
        name="get_principal",
        tag=Tag.PEOPLE,
        summary="One person or machine client",
        run=run.get_principal,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The principal.", ref("Principal")),),
        refusals=(404,),
    ),
)

_CHANGES: Final = (
    Operation(
        method="PUT",
        path="/api/v1/principals/{principal}/role",
        name="change_role",
        tag=Tag.PEOPLE,
        summary="Give a person another role",
        run=run.change_role,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body("NewRole", run.NewRole, {"role": _ROLE}, ("role",), {"role": "store_manager"}),
        answers=changed_as("Principal"),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
    Operation(
        method="GET",
        path="/api/v1/principals/{principal}/name",
        name="get_name",
        tag=Tag.PEOPLE,
        summary="A person's name",
        description="A sensitive read: the log says who read it before it is handed out. Null if it was erased.",
        run=run.get_name,
        uses=Stated.MAYBE,
        runs=Runs.IN_THREAD,
        parameters=Parameters(run.NameParameters, {"principal": _ID, "event_id": EVENT_ID}, ("principal",)),
        answers=(Documented(200, "The name.", record({"principal": TEXT, "display_name": nullable(TEXT)})),),
        refusals=(404, 409),
    ),
    Operation(
        method="PUT",
        path="/api/v1/principals/{principal}/name",
        name="rename",
        tag=Tag.PEOPLE,
        summary="Set a person's name anew",
        run=run.rename,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body(
            "NewName", run.NewName, {"display_name": _NAME}, ("display_name",), {"display_name": "陳大文"}
        ),
        answers=changed_as("Principal"),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
    Operation(
        method="POST",
        path="/api/v1/principals/{principal}/erasure",
        name="erase",
        tag=Tag.PEOPLE,
        summary="Erase a person's data",
        description="Destroys the person's key. The entry does not name the person, and every proof still verifies.",
        run=run.erase,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body(
            "Erasure",
            run.Erasure,
            {"ground": Choice(ErasureGround, "Why.")},
            (),
            {"ground": "requested"},
        ),
        answers=(
            Documented(
                200, "Erased, now or before by this event.", record({"replayed": BOOLEAN, "receipt": ref("Receipt")})
            ),
        ),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
    Operation(
        method="POST",
        path="/api/v1/principals/{principal}/closing",
        name="close_account",
        tag=Tag.PEOPLE,
        summary="Close an account",
        run=run.close_account,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=PLAIN_BODY,
        answers=changed_as("Principal"),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
    Operation(
        method="POST",
        path="/api/v1/principals/{principal}/reopening",
        name="reopen_account",
        tag=Tag.PEOPLE,
        summary="Reopen an account",
        run=run.reopen_account,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=PLAIN_BODY,
        answers=changed_as("Principal"),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
)

_ASSIGNMENTS: Final = (
    Operation(
        method="POST",
        path="/api/v1/principals/{principal}/assignments",
        name="assign",
        tag=Tag.PEOPLE,
        summary="Let a role apply somewhere",
        run=run.assign,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body(
            "NewAssignment",
            run.NewAssignment,
            {"kind": _KIND, "target": _TARGET},
            ("kind",),
            {"kind": "store", "target": "MK01"},
        ),
        answers=created_as("Assignment"),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
    Operation(
        method="DELETE",
        path="/api/v1/principals/{principal}/assignments",
        name="unassign",
        tag=Tag.PEOPLE,
        summary="Take an assignment back",
        run=run.unassign,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            run.AssignmentParameters,
            {"principal": _ID, "kind": _KIND, "target": _TARGET, "event_id": EVENT_ID},
            ("principal", "kind"),
        ),
        answers=changed_as("Assignment"),
        refusals=(404, 409),
        also_addressed=_ALSO,
    ),
)

OPERATIONS: Final = (*_ACCOUNTS, *_CHANGES, *_ASSIGNMENTS)
