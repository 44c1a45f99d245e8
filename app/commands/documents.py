"""`documents` and `ocr`: files in and out, and reading what waits."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.export_checking import check_command
from app.commands.output import table
from app.commands.sealed import decrypt
from app.commands.using import use_of, use_options
from app.document_jobs import document_job_handlers
from app.document_trees import Tally, add_file, bring_in, files_of, take_out
from app.documents import ocr_processes_of
from app.exits import ExitCode, Refused
from app.import_journal import Journal
from app.index_keeping import IndexKeeper
from documents.model import READ_KIND
from documents.parsing import parse_folder
from documents.uploading import Held
from policies.model import Role
from stock.errors import StockConflict
from workflow.model import JobState
from workflow.worker import Worker

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
SHOWN_MAX = 50


@group("documents")
def documents_group() -> None:
    """Groups the commands of documents."""


documents_group.add_command(decrypt)
documents_group.add_command(check_command)


@documents_group.command("classes", help="Create the document classes a shop starts with, as far as they are missing.")
@as_option
@command
def create_classes(run: Run, principal_id: str | None) -> ExitCode:
    """Creates the standard classes."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        change = house.documents.create_standard_classes(principal, event_id=run.new_id())
        try:
            made = house.storage.log.commit(change).result or ()
        except StockConflict:
            made = ()
    run.out.answer({"created": [one.code for one in made]}, f"{len(made)} classes created")
    return ExitCode.OK


@documents_group.command("add", help="Add a file as a document.")
@click.argument("file", type=_FILE)
@click.option("--class", "class_code", required=True, help="Document class, such as delivery_note.")
@click.option("--store", help="The store it is of; without one it is the organisation's.")
@click.option("--supplier", help="Code of the supplier.")
@click.option("--number", help="Number on the paper.")
@click.option("--title", help="Title; default: the file's name.")
@click.option("--folder", "folders", multiple=True, metavar="KIND/CODE", help="A folder, such as sku/TEA-001.")
@click.option("--tag", "tags", multiple=True, help="A tag.")
@click.option(
    "--pics", help="The collection statement that those in it were given, with its version: STAFF/3 (PDPO DPP1(3))."
)
@as_option
@command
def add(
    run: Run,
    file: Path,
    class_code: str,
    store: str | None,
    supplier: str | None,
    number: str | None,
    title: str | None,
    folders: tuple[str, ...],
    tags: tuple[str, ...],
    pics: str | None,
    principal_id: str | None,
) -> ExitCode:
    """Adds one file."""
    filing: dict[str, object] = {"class": class_code, "store": store, "supplier": supplier, "number": number}
    filing |= {"title": title, "folders": list(folders), "tags": list(tags), "pics_id": pics}
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.API_CLIENT)
        became = add_file(house, principal, file, filing, run.new_id())
    if isinstance(became, Held):
        run.out.answer({"held": str(became.upload)}, "held: the virus scanner gives no answer; it is tried again")
        return ExitCode.UNAVAILABLE
    document = {"document": became.document, "version": became.version, "index": became.index}
    document["duplicates"] = list(became.duplicates)
    text = [f"document {became.document}, entry {became.index}"]
    text += [f"the same content is in document {other}" for other in became.duplicates]
    run.out.answer(document, text)
    return ExitCode.OK


@documents_group.command(
    "import", help="Bring in a tree of files, KIND/CODE/[CLASS/]FILE; run it again to go on where it stopped."
)
@click.argument("root", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--class", "default_class", default="other", show_default=True, help="Class of files without one.")
@click.option("--store", help="The store they are of; without one they are the organisation's.")
@click.option(
    "--read-all", is_flag=True, help="Read files, too, that look as they did when an earlier run took them in."
)
@as_option
@command
def import_tree(
    run: Run, root: Path, default_class: str, store: str | None, *, read_all: bool, principal_id: str | None
) -> ExitCode:
    """Imports a folder tree."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.API_CLIENT)
        with house.storage.database.read() as connection:
            classes = frozenset(one.code for one in house.documents.classes(connection))
        if default_class not in classes:
            msg = f"class: expected one of {', '.join(sorted(classes))}, got {default_class}"
            raise Refused(msg, f"文件類別：須為以下其中之一：{', '.join(sorted(classes))}；現為 {default_class}")
        found = list(files_of(root, classes, default_class))
        tally, journal = Tally(), Journal(run.settings.data_dir, root)
        if read_all:
            journal.forget()
        with run.out.progress("importing", len(found)) as step:
            for one in found:
                if isinstance(one, tuple):
                    tally.refused.append(one)
                else:
                    bring_in(house, principal, one, store, tally, journal)
                step(tally.files)
    document = {
        "files": tally.files,
        "added": tally.added,
        "known": tally.known,
        "unread": tally.unread,
        "held": tally.held,
        "refused": [{"file": place, "reason": why} for place, why in tally.refused],
    }
    text = [
        f"{tally.files} files: {tally.added} added, {tally.known} known ({tally.unread} of them not read again), {tally.held} held, {len(tally.refused)} refused"
    ]
    if tally.refused:
        text.append(table(("file", "why"), tally.refused[:SHOWN_MAX]))
    run.out.answer(document, text)
    return ExitCode.FAULTS if tally.refused else ExitCode.OK


@documents_group.command(
    "export",
    help="Write every version of every document in a folder to a place, as it is; run it again to go on where it stopped.",
)
@click.argument("folder", metavar="KIND/CODE")
@click.argument("target", type=_FOLDER)
@use_options
@as_option
@command
def export_folder(
    run: Run,
    folder: str,
    target: Path,
    purpose: str,
    consent: str | None,
    exemption: str | None,
    evidence: str | None,
    principal_id: str | None,
) -> ExitCode:
    """Exports a folder."""
    wanted = parse_folder(folder, ("folder",))
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.API_CLIENT)
        use = use_of(house, principal, purpose, consent=consent, exemption=exemption, evidence=evidence)
        house.documents.record_export(principal, wanted, use, event_id=run.new_id())
        try:
            with run.out.progress("exporting") as step:
                export = take_out(house, principal, wanted, target, step, use)
        except FileExistsError as error:
            msg = (
                f"target: expected an empty place or this export, got other content in {Path(str(error.filename)).name}"
            )
            raise Refused(
                msg, f"目的地：須為空的位置或同一匯出，但 {Path(str(error.filename)).name} 有其他內容"
            ) from error
    files, left_out = len(export.files), len(export.left_out)
    missing = [{"document": one.document, "version": one.version, "why": one.why} for one in export.left_out]
    document = {"files": files, "known": export.known, "left_out": missing, "target": str(target)}
    text = [f"{files} files in {target}, {export.known} of them from before; {left_out} left out"]
    if not files and not left_out:
        run.out.note(f"{folder} holds no document that you may see: look whether it is written as in --folder")
    if export.left_out:
        shown = [(one.document, one.version, one.why) for one in export.left_out[:SHOWN_MAX]]
        text.append(table(("document", "version", "why"), shown))
    run.out.answer(document, text)
    return ExitCode.FAULTS if export.left_out else ExitCode.OK


@documents_group.command("sweep", help="Go on with stranded uploads, and delete objects that no row names.")
@command
def sweep(run: Run) -> ExitCode:
    """Sweeps."""
    with run.house() as house, run.out.progress("sweeping") as step:
        house.documents.sweep_uploads(house.clock())
        swept = house.documents.sweep_objects(house.clock(), step)
    run.out.answer(swept, f"{swept['looked_at']} objects looked at, {swept['swept']} deleted, {swept['locked']} locked")
    return ExitCode.OK


@group("ocr")
def ocr_group() -> None:
    """Groups the commands of reading."""


@ocr_group.command("run", help="Read every paper that waits, and do what follows; ends when nothing is due.")
@command
def run_ocr(run: Run) -> ExitCode:
    """Works through the document jobs that are due, reading as many papers side by side as there are processes for."""
    with run.house() as house:
        # Where no server runs nobody else makes the index, and what is read here is to be found.
        IndexKeeper(house).keep()
        worker = Worker(
            house.queue,
            document_job_handlers(house.documents),
            name=f"{socket.gethostname()}-{os.getpid()}-ocr",
            clock=house.clock,
            entropy=house.entropy,
            threads=ocr_processes_of(house.settings),
        )
        waiting = sum(
            depth.jobs
            for depth in house.queue.depths()
            if depth.kind.startswith("document.") and depth.state is JobState.WAITING
        )
        with run.out.progress("working", waiting or None) as step:
            done = worker.drain(lambda done: step(done, max(done, waiting)))
        poisoned = house.queue.page(kinds=(READ_KIND,), state=JobState.POISONED)
    document = {"done": done, "unreadable": [str(one.job.id) for one in poisoned]}
    run.out.answer(document, f"{done} jobs done, {len(poisoned)} given up")
    return ExitCode.FAULTS if poisoned else ExitCode.OK
