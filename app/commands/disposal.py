"""`disposal`: what goes, by two persons' word, and the certificate of it."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.commands.verifying import read_vkeys
from app.exits import ExitCode, Refused
from app.os_words import reason_of
from policies.model import Action, Resource, Role
from retention.disposal.certificates import FILE_BYTES_MAX, verify_certificate
from retention.disposal.model import Disposal, DisposalState
from retention.disposal.plans import record_of

_REASON = click.option("--reason", required=True, help="Why; kept sealed, the log has its digest.")
_PREVIEW = click.option("--preview", required=True, help="The digest of the plan that you saw.")


@group("disposal")
def disposal_group() -> None:
    """Groups the commands of disposal."""


@disposal_group.command("list", help="Disposals, the newest first.")
@click.option("--state", type=click.Choice([state.value for state in DisposalState]), help="Only those in this state.")
@command
def list_disposals(run: Run, state: str | None) -> None:
    """Lists disposals."""
    with run.house() as house, house.storage.database.read() as connection:
        found = house.disposals.page(connection, state=None if state is None else DisposalState(state), limit=200)
    rows = [(one.id, one.state.value, one.records, one.objects, one.proposed_by) for one in found]
    run.out.answer(
        {"items": [_told(one) for one in found]},
        table(("disposal", "state", "records", "objects", "proposed by"), rows),
    )


@disposal_group.command("propose", help="Propose to dispose of RECORDS (document:ID) that are due.")
@click.argument("records", nargs=-1, required=True)
@_REASON
@as_option
@command
def propose(run: Run, records: tuple[str, ...], reason: str, principal_id: str | None) -> None:
    """Proposes."""
    try:
        wanted = [record_of(one) for one in records]
    except ValueError as error:
        msg = "record: expected document:ID, got another text"
        raise Refused(msg, "紀錄：須寫成 document:ID") from error
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.disposals.propose(principal, wanted, reason, event_id=run.new_id())
        _answer(run, house.storage.log.commit(change).result)


@disposal_group.command("show", help="Exactly what would go, and what would stay.")
@click.argument("disposal")
@command
def show(run: Run, disposal: str) -> None:
    """Simulates."""
    with run.house() as house:
        with house.storage.database.read() as connection:
            found, _plan = house.disposals.get(connection, disposal)
        simulation = house.disposals.simulate(disposal)
    rows = [
        (
            one.target.key,
            one.target.part.value,
            one.target.size if one.target.size is not None else "",
            "hold" if one.legal_hold else "" if one.locked_until is None else f"until {one.locked_until:%Y-%m-%d}",
        )
        for one in simulation.objects
    ]
    document = {
        **_told(found),
        "current": simulation.is_current,
        "objects": len(rows),
        "copies": len(simulation.copies),
    }
    run.out.answer(
        document,
        [
            f"disposal {found.id}, {found.state.value}, preview {found.preview}",
            "" if simulation.is_current else "NOT what was proposed any more: propose it again",
            table(("object", "part", "bytes", "locked"), rows),
            f"{len(simulation.copies)} openings recorded; what was taken then stays where it is",
        ],
    )


@disposal_group.command("approve", help="Approve a disposal that another person proposed.")
@click.argument("disposal")
@_PREVIEW
@_REASON
@as_option
@command
def approve(run: Run, disposal: str, preview: str, reason: str, principal_id: str | None) -> None:
    """Approves."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.disposals.approve(principal, disposal, preview, reason, event_id=run.new_id())
        _answer(run, house.storage.log.commit(change).result)


@disposal_group.command("decline", help="End a disposal that has not begun; its records are free again.")
@click.argument("disposal")
@_REASON
@as_option
@command
def decline(run: Run, disposal: str, reason: str, principal_id: str | None) -> None:
    """Declines."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.disposals.decline(principal, disposal, reason, event_id=run.new_id())
        _answer(run, house.storage.log.commit(change).result)


@disposal_group.command("execute", help="Destroy what was approved. There is no way back.")
@click.argument("disposal")
@_PREVIEW
@as_option
@command
def execute(run: Run, disposal: str, preview: str, principal_id: str | None) -> None:
    """Commit 1, then the job's work at once; a worker that takes the job meanwhile does the same."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.storage.log.commit(house.disposals.execute(principal, disposal, preview, event_id=run.new_id()))
        with run.out.progress("destroying") as step:
            house.disposals.destroy(disposal, event_id=run.new_id(), progress=step)
        with house.storage.database.read() as connection:
            found, _plan = house.disposals.get(connection, disposal)
    _answer(run, found)


@disposal_group.command(
    "certificate", help="Write the certificate of destruction to a new FILE, or on paper with --pdf."
)
@click.argument("disposal")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="A new file for the paper, in PDF/A-3.")
@as_option
@command
def certificate(run: Run, disposal: str, file: Path | None, pdf: Path | None, principal_id: str | None) -> None:
    """Writes the certificate, and the paper."""
    if file is None and pdf is None:
        msg = "file: expected FILE, --pdf or both, got neither"
        raise Refused(msg, "檔案：須有 FILE、--pdf 或兩者")
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.policies.require(principal, Action.RETENTION_READ, Resource("disposal", disposal))
        content = house.disposals.certificate(disposal)
        paper = b"" if pdf is None else house.printer.pdf(content)
    document: dict[str, str | int] = {}
    lines = []
    if file is not None:
        _write(file, content)
        document |= {"file": str(file), "bytes": len(content)}
        lines.append(f"{file} written; check it with chopbook disposal verify")
    if pdf is not None:
        _write(pdf, paper)
        document |= {"pdf": str(pdf), "pdf_bytes": len(paper)}
        lines.append(f"{pdf} written; it is for reading, and the certificate is attached to it")
    run.out.answer(document, lines)


@disposal_group.command(
    "verify", help="Verify a certificate of destruction, offline: nothing but FILE and the log's key is needed."
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", "vkeys", multiple=True, help="A verifier key you trust, or a file that holds it; repeat it.")
@command
def verify(run: Run, file: Path, vkeys: tuple[str, ...]) -> ExitCode:
    """Verifies."""
    with file.open("rb") as stream:
        found = verify_certificate(stream.read(FILE_BYTES_MAX + 1), read_vkeys(vkeys))
    document = {
        "disposal": found.disposal,
        "records": found.records,
        "objects": found.objects,
        "residues": found.residues,
        "entry": found.entry_index,
        "tree_size": found.tree_size,
        "certified_at": found.certified_at,
        "key_pinned": found.key_pinned,
    }
    lines = [
        f"the log holds it: entry {found.entry_index}, in a tree of {found.tree_size}",
        f"disposal {found.disposal}: records: {found.records}; objects gone: {found.objects}, still locked: {found.residues}",
        f"certified at {found.certified_at}",
    ]
    if not found.key_pinned:
        lines.append("The key is the one the file names; give --vkey with the one you kept to be sure of it.")
    run.out.answer(document, lines)
    return ExitCode.OK


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        msg = f"file: expected a new one that can be written, got {error.strerror}: {file}"
        raise Refused(msg, f"檔案：須為可以寫入的新檔案（{reason_of(error).zh}）：{file}") from error


def _answer(run: Run, found: Disposal | None) -> None:
    if found is None:
        run.out.answer({"replayed": True}, "done before")
        return
    run.out.answer(
        _told(found), f"disposal {found.id}: {found.state.value}, records: {found.records}, preview {found.preview}"
    )


def _told(found: Disposal) -> dict[str, str | int | None]:
    return {
        "disposal": found.id,
        "state": found.state.value,
        "preview": found.preview,
        "records": found.records,
        "objects": found.objects,
        "size": found.size,
        "proposed_by": found.proposed_by,
        "approved_by": found.approved_by,
    }
