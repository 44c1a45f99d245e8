"""`policy bundle`: what decides, and how another bundle comes to; each step as in the API."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import rich_click as click

from api.body import decode
from api.bundle_shapes import bundle_json, course_json, waiting_json
from app.commands.base import Run, acting_principal, as_option, command, common, parse_time_option
from app.commands.output import Language, table
from app.commands.working import work_off
from app.exits import ExitCode, Refused
from app.policy_jobs import policy_job_handlers
from policies.bundles.manifest import BUNDLE_BYTES_MAX, BundleInvalid, Manifest, PolicyFile, digest_of, parse_manifest
from policies.bundles.model import (
    DAYS_DEFAULT,
    DAYS_MAX,
    SIMULATE_KIND,
    Acknowledgement,
    BundleRecord,
    BundleState,
)
from policies.bundles.steps import require_state
from policies.codes import Code
from policies.engine import shipped
from policies.errors import PolicyConflict
from policies.model import Role, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.wiring import House
    from policies.model import Principal
    from policies.pending.model import PendingAction
    from storage.transaction import Change

MANIFEST: Final = "bundle.json"
SCHEMA: Final = "chopbook.cedarschema"
POLICY_BYTES_MAX: Final = 1_048_576
_DAYS: Final = click.option(
    "--days",
    type=click.IntRange(1, DAYS_MAX),
    default=DAYS_DEFAULT,
    show_default=True,
    help="Of how many days decisions are taken again.",
)


@click.group("bundle", help="Policy bundles: drafts, their way to the one that decides, and back.")
@common
def bundle_group() -> None:
    """Groups the commands of bundles."""


@bundle_group.command("list", help="Every bundle, the one that moved last first.")
@as_option
@command
def list_bundles(run: Run, principal_id: str | None) -> None:
    """Lists bundles."""
    with run.house() as house:
        found = house.policies.bundles(acting_principal(house, principal_id, Role.POLICY_ADMIN))
        active = house.policies.fresh_directory().bundle.digest
    chinese = run.out.language is Language.ZH
    rows = [(one.digest[:16], one.state.value, one.title.zh if chinese else one.title.en) for one in found]
    run.out.answer(
        {"items": [bundle_json(one) for one in found], "active": active}, [table(("digest", "state", "title"), rows)]
    )


@bundle_group.command("show", help="One bundle with its steps; DIGEST may be its first digits.")
@click.argument("digest")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write what it holds into this folder, to draft from.",
)
@as_option
@command
def show(run: Run, digest: str, into: Path | None, principal_id: str | None) -> None:
    """Shows a bundle."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.POLICY_ADMIN)
        found, content = house.policies.bundle(principal, _whole(house, principal, digest))
    if into is not None:
        _write(into, content)
    run.out.answer({**course_json(found), "sound": digest_of(content) == found.digest}, _told(found))


@bundle_group.command(
    "draft",
    help="Draft a bundle from FOLDER: *.cedar, chopbook.cedarschema, and bundle.json for all else; what is not there is as shipped.",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_option
@command
def draft(run: Run, folder: Path, principal_id: str | None) -> None:
    """Drafts a bundle."""
    manifest = _read(folder)
    _step(run, principal_id, lambda house, by: house.policies.draft_bundle(by, manifest, event_id=run.new_id()))


@bundle_group.command("validate", help="Check everything a bundle holds; exit code 1 if there are faults.")
@click.argument("digest")
@as_option
@command
def validate(run: Run, digest: str, principal_id: str | None) -> ExitCode:
    """Validates a bundle."""
    found = _step(
        run,
        principal_id,
        lambda house, by: house.policies.validate_bundle(by, _whole(house, by, digest), event_id=run.new_id()),
    )
    return ExitCode.FAULTS if found is not None and found.steps[-1].detail["faults"] else ExitCode.OK


@bundle_group.command(
    "simulate",
    help="Find out what a bundle would change, and wait until it is found; exit code 1 if it newly allows anything.",
)
@click.argument("digest")
@_DAYS
@as_option
@command
def simulate(run: Run, digest: str, days: int, principal_id: str | None) -> ExitCode:
    """Simulates a bundle."""
    with run.house() as house:
        found = _simulated(run, house, acting_principal(house, principal_id, Role.POLICY_ADMIN), digest, days)
    run.out.answer(course_json(found), _told(found))
    return ExitCode.FAULTS if found.steps[-1].detail["newly_allowed"] else ExitCode.OK


@bundle_group.command("propose", help="Propose a simulated bundle to another person.")
@click.argument("digest")
@as_option
@command
def propose(run: Run, digest: str, principal_id: str | None) -> None:
    """Proposes a bundle."""
    _wait(
        run,
        principal_id,
        lambda house, by: house.policies.propose_bundle(by, _whole(house, by, digest), event_id=run.new_id()),
    )


@bundle_group.command("approve", help="Approve what others drafted and proposed, as the person that --as names.")
@click.argument("digest")
@click.argument("pending")
@click.option(
    "--acknowledge", type=click.IntRange(1), help="How many things are newly allowed, as the simulation counts them."
)
@click.option("--statement", help="That you looked at them, in your own words.")
@as_option
@command
def approve(
    run: Run, digest: str, pending: str, acknowledge: int | None, statement: str | None, principal_id: str | None
) -> None:
    """Approves a bundle."""
    if (acknowledge is None) != (statement is None):
        msg = "--acknowledge and --statement: expected both or none, got one"
        raise Refused(msg, "--acknowledge 與 --statement：須兩者都有，或都沒有")
    said = None if acknowledge is None or statement is None else Acknowledgement(acknowledge, statement)
    _step(
        run,
        principal_id,
        lambda house, by: house.policies.approve_bundle(
            by, _whole(house, by, digest), pending, said, event_id=run.new_id()
        ),
        role=Role.COMPLIANCE_OFFICER,
    )


@bundle_group.command("schedule", help="Set when an approved bundle becomes the active one; without --at, now.")
@click.argument("digest")
@click.option("--at", help="When: 2027-01-01T00:00+08:00.")
@as_option
@command
def schedule(run: Run, digest: str, at: str | None, principal_id: str | None) -> None:
    """Schedules a bundle."""
    moment = None if at is None else parse_time_option(at)
    _step(
        run,
        principal_id,
        lambda house, by: house.policies.schedule_bundle(by, _whole(house, by, digest), moment, event_id=run.new_id()),
        role=Role.COMPLIANCE_OFFICER,
    )


@bundle_group.command(
    "rollback", help="Simulate and propose a bundle that was active before; approve and schedule it as any other."
)
@click.argument("digest")
@_DAYS
@as_option
@command
def roll_back(run: Run, digest: str, days: int, principal_id: str | None) -> None:
    """Proposes to roll back."""
    with run.house() as house:
        by = acting_principal(house, principal_id, Role.POLICY_ADMIN)
        whole = _whole(house, by, digest)
        require_state(house.policies.bundle(by, whole)[0], BundleState.RETIRED)
        _simulated(run, house, by, whole, days)
    _wait(run, principal_id, lambda house, by: house.policies.propose_bundle(by, whole, event_id=run.new_id()))


@bundle_group.command(
    "restore",
    help="Put back a bundle that was spoilt, from the FOLDER it was drafted from. Needs no right: the log names its digest.",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@command
def restore(run: Run, folder: Path) -> None:
    """Restores a bundle."""
    content = _read(folder).content
    with run.house() as house:
        found = house.storage.log.commit(house.policies.restore_bundle(content)).result
    if found is not None:
        run.out.answer(course_json(found), _told(found))


# ------------------------------------------------------------------------------------------- helpers


def _step(
    run: Run,
    principal_id: str | None,
    change: Callable[[House, Principal], Change[BundleRecord]],
    *,
    role: Role = Role.POLICY_ADMIN,
) -> BundleRecord | None:
    with run.house() as house:
        found = house.storage.log.commit(change(house, acting_principal(house, principal_id, role))).result
    if found is not None:
        run.out.answer(course_json(found), _told(found))
    return found


def _simulated(run: Run, house: House, by: Principal, digits: str, days: int) -> BundleRecord:
    """Asks what a bundle would change, and waits for the job that finds out.

    Raises:
        Refused: the job came to no end.
        PolicyConflict: the bundle cannot be simulated as things stand.
    """
    digest = _whole(house, by, digits)
    change = house.policies.simulate_bundle(by, digest, days=days, queue=house.queue, event_id=run.new_id())
    asked = house.storage.log.commit(change).receipt.index
    work_off(house, run.out, SIMULATE_KIND, asked, policy_job_handlers(house.policies))
    found, _ = house.policies.bundle(by, digest)
    if found.state is not BundleState.SIMULATED:
        code = Code(str(found.steps[-1].detail.get("code", Code.BUNDLE_STATE)))
        raise PolicyConflict(code, values={"state": found.state.value})
    return found


def _wait(run: Run, principal_id: str | None, change: Callable[[House, Principal], Change[PendingAction]]) -> None:
    with run.house() as house:
        waits = house.storage.log.commit(change(house, acting_principal(house, principal_id, Role.POLICY_ADMIN))).result
    if waits is not None:
        run.out.answer(waiting_json(waits), [f"{waits.id}  waits for another person until {waits.expires_at}"])


def _whole(house: House, principal: Principal, digits: str) -> str:
    """The digest that begins with these digits.

    Raises:
        Refused: none does, or several.
    """
    if len(digits) == 64:
        return digits
    found = [one.digest for one in house.policies.bundles(principal) if one.digest.startswith(digits)]
    if len(found) != 1:
        msg = f"{digits}: expected the first digits of one bundle, got those of {len(found)}"
        raise Refused(msg, f"{digits}：須為單一政策版本摘要的開首，現有 {len(found)} 個符合")
    return found[0]


def _told(found: BundleRecord) -> list[str]:
    rows = [
        (step.entry_index, step.state.value, step.by, step.at.isoformat(timespec="seconds"), _counts(step.detail))
        for step in found.steps
    ]
    return [f"{found.digest}  {found.state.value}", table(("entry", "state", "by", "at", "what"), rows)]


def _counts(detail: Any) -> str:
    """The numbers and codes of a step, its lists left out."""
    plain = {name: value for name, value in detail.items() if isinstance(value, int | str)}
    return " ".join(f"{name}={value}" for name, value in sorted(plain.items()))


def _read(folder: Path) -> Manifest:
    """The bundle that a folder holds.

    Raises:
        Refused: it holds none.
    """
    original = shipped().manifest
    files = tuple(PolicyFile(path.name, text_of(path)) for path in sorted(folder.glob("*.cedar")))
    other, schema = folder / MANIFEST, folder / SCHEMA
    try:
        members: Any = decode(_bytes(other)) if other.exists() else {}
        if original is None or not isinstance(members, dict):
            wrong = f"{MANIFEST}: expected an object"
            raise BundleInvalid(wrong, MANIFEST)
        base = {**_shipped_members(original), **members}
        base["policies"] = [{"name": one.name, "text": one.text} for one in files] or base["policies"]
        if schema.exists():
            base["schema"] = text_of(schema)
        return parse_manifest(base)
    except BundleInvalid as error:
        msg = f"{folder.name}: expected a bundle, got: {error}"
        raise Refused(msg, f"{folder.name}：並非政策版本（{error.member}）") from error


def _shipped_members(original: Manifest) -> dict[str, Any]:
    made = decode(replace(original, title=Words("草擬政策", "Drafted policies")).content)
    return made if isinstance(made, dict) else {}


def _write(into: Path, content: bytes) -> None:
    found: Any = decode(content)
    into.mkdir(parents=True, exist_ok=True)
    for file in found.pop("policies"):
        (into / str(file["name"])).write_text(file["text"], "utf-8")
    (into / SCHEMA).write_text(found.pop("schema"), "utf-8")
    (into / MANIFEST).write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(BUNDLE_BYTES_MAX + 1)
    if len(content) > BUNDLE_BYTES_MAX:
        msg = f"{path.name}: expected at most {BUNDLE_BYTES_MAX} bytes"
        raise Refused(msg, f"{path.name}：最多 {BUNDLE_BYTES_MAX} 位元組")
    return content


def text_of(path: Path) -> str:
    """The text of a file of policies.

    Raises:
        Refused: it is too long, or not UTF-8.
    """
    content = path.read_bytes()[: POLICY_BYTES_MAX + 1]
    try:
        if len(content) > POLICY_BYTES_MAX:
            raise ValueError
        return content.decode()
    except ValueError:
        msg = f"{path.name}: expected UTF-8 of at most {POLICY_BYTES_MAX} bytes"
        raise Refused(msg, f"{path.name}：須為 UTF-8，最多 {POLICY_BYTES_MAX} 位元組") from None
