"""Policy bundles: what decides, and how another comes to: drafted, validated, simulated, proposed, approved by another, scheduled, active."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from api import bundle_shapes as shapes
from api.calls import Call
from api.changing import changed
from api.jobs import ACCEPTED, accepted
from api.members import Text, Uuid
from api.operations import LOCATION, Body, Documented, Operation, Parameters, Runs, Tag
from api.problem_codes import Code
from api.problems import Invalid
from api.replies import Answer, json_answer
from api.schemas import HASH, change_of, listed, record
from api.shapes import Json
from policies.bundles.manifest import BundleInvalid, digest_of, parse_manifest
from policies.bundles.model import SIMULATE_KIND
from policies.bundles.steps import bundle_at, refused_member
from policies.model import Action


@dataclass(frozen=True, slots=True)
class BundleParameters:
    """Which bundle."""

    bundle: str


@dataclass(frozen=True, slots=True)
class ApprovalParameters:
    """Which bundle, and what was proposed."""

    bundle: str
    pending: str


def list_bundles(call: Call[None, None]) -> Answer:
    """Return every bundle."""
    call.require_reading(Action.BUNDLE_READ, bundle_at())
    found = call.services.policies.bundles(call.principal)
    active = call.services.policies.fresh_directory().bundle.digest
    return json_answer({"items": [shapes.bundle_json(one) for one in found], "active": active})


def get_bundle(call: Call[BundleParameters, None]) -> Answer:
    """Return one bundle with its steps and all it holds."""
    digest = call.parameters.bundle
    call.require_reading(Action.BUNDLE_READ, bundle_at(digest))
    found, content = call.services.policies.bundle(call.principal, digest)
    sound = digest_of(content) == digest
    shown: Json = {
        **shapes.course_json(found),
        "active": call.services.policies.directory().bundle.digest == digest,
        "sound": sound,
        "size": len(content),
    }
    if sound:
        shown["bundle"] = orjson.loads(content)
    return json_answer(shown)


def draft_bundle(call: Call[None, Any]) -> Answer:
    """Keep a bundle under its digest."""
    content = call.body
    if not isinstance(content, dict):
        raise Invalid.at(Code.OBJECT_EXPECTED)
    unknown = sorted(content.keys() - {"bundle", "event_id"})
    if unknown:
        raise Invalid.at(Code.MEMBER_UNKNOWN, (unknown[0],), expected="bundle, event_id")
    event_id = Uuid().read(content["event_id"]) if content.get("event_id") is not None else call.new_event_id()
    try:
        manifest = parse_manifest(content.get("bundle"))
    except BundleInvalid as error:
        raise refused_member(error) from error
    change = call.services.policies.draft_bundle(call.principal, manifest, event_id=event_id)
    return changed(call, change, shapes.course_json)


def validate_bundle(call: Call[BundleParameters, shapes.Stepping]) -> Answer:
    """Check everything a bundle holds."""
    policies, digest = call.services.policies, call.parameters.bundle
    change = policies.validate_bundle(call.principal, digest, event_id=_event_id(call))
    return changed(call, change, shapes.course_json, status=200)


def simulate_bundle(call: Call[BundleParameters, shapes.Simulating]) -> Answer:
    """Ask for what it would change; a job finds out."""
    services = call.services
    change = services.policies.simulate_bundle(
        call.principal, call.parameters.bundle, days=call.body.days, queue=services.queue, event_id=_event_id(call)
    )
    return accepted(call, SIMULATE_KIND, services.storage.log.commit(change))


def propose_bundle(call: Call[BundleParameters, shapes.Stepping]) -> Answer:
    """Let it wait for another person."""
    policies, digest = call.services.policies, call.parameters.bundle
    return changed(call, policies.propose_bundle(call.principal, digest, event_id=_event_id(call)), shapes.waiting_json)


def approve_bundle(call: Call[ApprovalParameters, shapes.Approving]) -> Answer:
    """Approve what another person proposed."""
    policies, asked = call.services.policies, call.parameters
    change = policies.approve_bundle(
        call.principal, asked.bundle, asked.pending, call.body.acknowledgement, event_id=_event_id(call)
    )
    return changed(call, change, shapes.course_json, status=200)


def schedule_bundle(call: Call[BundleParameters, shapes.Scheduling]) -> Answer:
    """Set when it becomes the active one."""
    policies, digest = call.services.policies, call.parameters.bundle
    change = policies.schedule_bundle(call.principal, digest, call.body.at, event_id=_event_id(call))
    return changed(call, change, shapes.course_json, status=200)


def _event_id(call: Call[Any, Any]) -> UUID:
    return call.body.event_id or call.new_event_id()


_DIGEST: Final = Text(
    64, form="[0-9a-f]{64}", description="Its digest: SHA-256 of its canonical bytes.", example="5f" * 32
)
_PENDING: Final = Text(32, form="[0-9a-f]{32}", description="What was proposed.", example="5f" * 16)
_ONE: Final = Parameters(BundleParameters, {"bundle": _DIGEST}, ("bundle",))
_PATH: Final = "/api/v1/bundles"
_COURSE: Final = (Documented(200, "Done, now or before by this event.", change_of(shapes.COURSE), headers=LOCATION),)
_WAITS: Final = (
    Documented(201, "It waits for another person.", change_of(shapes.WAITING), headers=LOCATION),
    Documented(200, "It was proposed before, by this event.", change_of(shapes.WAITING), headers=LOCATION),
)


def _step(
    name: str, path: str, run: Any, body: Body[Any], summary: str, description: str = "", answers: Any = _COURSE
) -> Any:
    return Operation(
        method="POST",
        path=f"{_PATH}/{{bundle}}/{path}",
        name=name,
        tag=Tag.POLICIES,
        summary=summary,
        description=description,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=body,
        answers=answers,
        refusals=(404, 409),
        also_addressed=("bundle",),
    )


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=_PATH,
        name="list_bundles",
        tag=Tag.POLICIES,
        summary="Policy bundles, and which of them decides",
        description="The one that moved last first. Every decision names the active bundle by the first 16 digits of its digest.",
        run=list_bundles,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "All of them.", record({"items": listed(shapes.BUNDLE), "active": HASH})),),
    ),
    Operation(
        method="POST",
        path=_PATH,
        name="draft_bundle",
        tag=Tag.POLICIES,
        summary="Draft a policy bundle",
        description="It is kept under the digest of its canonical bytes, and never altered: another word is another bundle.",
        run=draft_bundle,
        runs=Runs.IN_THREAD,
        body=shapes.DRAFT,
        answers=(
            Documented(201, "Drafted.", change_of(shapes.COURSE), headers=LOCATION),
            Documented(200, "It was drafted before, by this event.", change_of(shapes.COURSE), headers=LOCATION),
        ),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path=f"{_PATH}/{{bundle}}",
        name="get_bundle",
        tag=Tag.POLICIES,
        summary="One policy bundle: all it holds, and every step it took",
        description="Steps hold what validation found and what the simulation counted. `sound` says whether the bytes have the digest.",
        run=get_bundle,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "It.", shapes.WHOLE),),
        refusals=(404,),
        also_addressed=("bundle",),
    ),
    _step(
        "validate_bundle",
        "validation",
        validate_bundle,
        shapes.STEPPING,
        "Check everything a bundle holds",
        "With faults it stays a draft, and the step lists them.",
    ),
    _step(
        "simulate_bundle",
        "simulation",
        simulate_bundle,
        shapes.SIMULATING,
        "Find out what a bundle would change",
        "Decisions of the last days that would come out otherwise, by role, store and action; every question asked of both bundles; records "
        "whose date would move, and those that would be disposable at once. A job finds out: follow it at `Location`; the bundle's last step "
        "then has it all. One that was active before is asked about in the same way, and then proposed as any other.",
        answers=ACCEPTED,
    ),
    _step(
        "propose_bundle",
        "proposal",
        propose_bundle,
        shapes.STEPPING,
        "Propose a simulated bundle to another person",
        answers=_WAITS,
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{bundle}}/approvals/{{pending}}",
        name="approve_bundle",
        tag=Tag.POLICIES,
        summary="Approve a bundle",
        description="For another person than those who drafted and proposed it. If it newly allows anything, the approver acknowledges how many.",
        run=approve_bundle,
        runs=Runs.IN_THREAD,
        parameters=Parameters(ApprovalParameters, {"bundle": _DIGEST, "pending": _PENDING}, ("bundle", "pending")),
        body=shapes.APPROVING,
        answers=_COURSE,
        refusals=(404, 409),
        also_addressed=("bundle", "pending"),
    ),
    _step(
        "schedule_bundle",
        "schedule",
        schedule_bundle,
        shapes.SCHEDULING,
        "Set when an approved bundle becomes the active one",
        "Without a time it does so at once. From that entry on it decides, in every process.",
    ),
)
