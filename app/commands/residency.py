"""`residency`: where data may go, who runs it, on what basis; findings, and the public annex."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from api.residency_shapes import finding_json, record_answer, state_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode, Refused
from app.residency import check_residency, publish_annex
from policies.codes import Code
from policies.model import Action, Resource, Role
from policies.reasons import words_of
from policies.residency.authorities import RULES, STATUSES
from policies.residency.records import parse_destination, parse_mode, parse_processor, parse_transfer
from policies.service import Policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policies.residency.model import ResidencyFinding
    from storage.transaction import Change

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
FILE_BYTES_MAX = 65_536


@group("residency")
def residency_group() -> None:
    """Groups the commands of residency."""


@residency_group.command("show", help="The mode, the rules with their authority and status, and the registers.")
@as_option
@command
def show(run: Run, principal_id: str | None) -> ExitCode:
    """Shows everything."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.policies.require(principal, Action.RESIDENCY_READ, Resource("residency"))
        register, now = house.policies.residency(), house.clock()
    chinese = run.out.language is Language.ZH
    rules = [
        (
            rule.id,
            STATUSES[rule.status].zh if chinese else STATUSES[rule.status].en,
            rule.verified_on.isoformat(),
            rule.authority.zh if chinese else rule.authority.en,
        )
        for rule in RULES
    ]
    places = [
        (one.code, one.kind.value, one.host, one.jurisdiction, one.processor or "own", one.status.value)
        for one in register.destinations.values()
    ]
    document = {
        **state_json(register, RULES, now),
        "destinations": [record_answer(one) for one in register.destinations.values()],
        "processors": [record_answer(one) for one in register.processors.values()],
        "transfers": [record_answer(one) for one in register.transfers.values()],
    }
    text = [
        f"mode {register.mode.mode.value}, home {' '.join(sorted(register.mode.home))}",
        table(("rule", "status", "verified", "authority"), rules),
        table(("destination", "kind", "host", "jurisdiction", "processor", "status"), places),
    ]
    run.out.answer(document, text)
    return ExitCode.OK


@residency_group.command("declare", help="Declare or change a destination from a JSON file (- reads standard input).")
@click.argument("code")
@click.argument("file", type=_FILE)
@as_option
@command
def declare(run: Run, code: str, file: Path, principal_id: str | None) -> ExitCode:
    """Declares a destination."""
    return _register(
        run, "destination", code, Policies.set_destination, parse_destination(code, _read(file)), principal_id
    )


@residency_group.command("processor", help="Register or change a processor from a JSON file (- reads standard input).")
@click.argument("code")
@click.argument("file", type=_FILE)
@as_option
@command
def processor(run: Run, code: str, file: Path, principal_id: str | None) -> ExitCode:
    """Registers a processor."""
    return _register(run, "processor", code, Policies.set_processor, parse_processor(code, _read(file)), principal_id)


@residency_group.command("transfer", help="Register or change a transfer from a JSON file (- reads standard input).")
@click.argument("code")
@click.argument("file", type=_FILE)
@as_option
@command
def transfer(run: Run, code: str, file: Path, principal_id: str | None) -> ExitCode:
    """Registers a transfer."""
    return _register(run, "transfer", code, Policies.set_transfer, parse_transfer(code, _read(file)), principal_id)


@residency_group.command(
    "mode", help="Set by which rule data may leave home, from a JSON file (- reads standard input)."
)
@click.argument("file", type=_FILE)
@as_option
@command
def mode(run: Run, file: Path, principal_id: str | None) -> ExitCode:
    """Sets the mode."""
    record = parse_mode(_read(file))
    return _register(run, "mode", record.mode.value, Policies.set_residency_mode, record, principal_id)


@residency_group.command("check", help="Ask the store where its buckets are, and say what somebody should look at.")
@command
def check(run: Run) -> ExitCode:
    """Checks."""
    with run.house() as house:
        found = check_residency(house)
        register = house.policies.residency()
    buckets = [
        (one.destination, one.bucket, one.declared, one.answered, "yes" if one.attested else "no")
        for one in register.observed
    ]
    document = {
        "findings": [finding_json(one, words_of(Code(one.code))) for one in found],
        "buckets": [
            {"destination": one.destination, "bucket": one.bucket, "declared": one.declared, "answered": one.answered}
            for one in register.observed
        ],
    }
    text = [table(("destination", "bucket", "declared", "answered", "attested"), buckets), *_lines(run, found)]
    run.out.answer(document, text)
    return ExitCode.FAULTS if found else ExitCode.OK


@residency_group.command(
    "annex", help="The public annex of the privacy policy; publishes it first if it says something new."
)
@click.option("--version", type=click.IntRange(1), help="An older version.")
@command
def annex(run: Run, version: int | None) -> ExitCode:
    """Shows the annex."""
    with run.house() as house:
        if version is None:
            publish_annex(house)
        found = house.policies.annex(version)
    if found is None:
        msg = f"annex: expected version {version}, got none"
        raise Refused(msg, f"附件：沒有第 {version} 版")
    number, content, index = found
    chinese = run.out.language is Language.ZH
    heads = ("id", "title", "minimum", "maximum", "status")
    rows = [
        (
            one["id"],
            one["title_zh" if chinese else "title_en"],
            one["minimum"] or "",
            one["maximum"] or "",
            one["status"],
        )
        for one in content["retention"]
    ]
    run.out.answer(
        {"version": number, "entry": index, "content": content},
        [f"version {number}, entry {index}", table(heads, rows)],
    )
    return ExitCode.OK


def _lines(run: Run, found: Sequence[ResidencyFinding]) -> list[str]:
    chinese = run.out.language is Language.ZH
    words = [(one, words_of(Code(one.code))) for one in found]
    return [f"{one.code} {one.about}: {said.zh if chinese else said.en}" for one, said in words]


def _register(
    run: Run, kind: str, code: str, write: Callable[..., Change[Any]], record: object, principal_id: str | None
) -> ExitCode:
    """Puts a record of residency into the registers, and says which entry did."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        committed = house.storage.log.commit(write(house.policies, principal, record, event_id=run.new_id()))
    index = committed.receipt.index
    run.out.answer({kind: code, "entry": index}, f"{kind} {code}: entry {index}")
    return ExitCode.OK


def _read(file: Path) -> Any:
    """The JSON of a file.

    Raises:
        Refused: it is too long, or no JSON.
    """
    with click.open_file(str(file), "rb") as opened:
        content = opened.read(FILE_BYTES_MAX + 1)
    try:
        if len(content) > FILE_BYTES_MAX:
            raise ValueError
        return json.loads(content)
    except ValueError:
        msg = f"file: expected JSON of at most {FILE_BYTES_MAX} bytes"
        raise Refused(msg, f"檔案：須為 JSON，最多 {FILE_BYTES_MAX} 位元組") from None
