"""`log`: create it, take its checkpoint, prove an entry, export it. `verify` is in `app.commands.verifying`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.keystore import share_text
from app.commands.using import use_of, use_options
from app.commands.verifying import verify
from app.exits import Refused
from app.opening import set_up
from app.os_words import reason_of
from audit.checkpoint import parse_checkpoint, tlog_proof
from audit.note import parse_note
from policies.model import Action, Resource, Role
from policies.using.purposes import OF_ACTIVITY
from storage.reading import (
    inclusion_proof,
    published_checkpoint,
    read_entry,
    read_head,
    stream_entries,
)
from storage.root_key import recovery_share
from storage.signing import verifier_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.wiring import House
    from audit.canonical import JSON
    from storage.reading import StoredEntry


@group("log")
def log_group() -> None:
    """Groups the commands of the log."""


log_group.add_command(verify)


@log_group.command("create", help="Start a new log: makes folders, keys and tables that are missing, then entry 0.")
@click.option(
    "--origin", help="The log's name for ever, such as chopbook.example/shops; the same as CHOPBOOK_LOG_ORIGIN."
)
@command
def create(run: Run, origin: str | None) -> None:
    """Creates the log."""
    if origin is not None:
        run.overrides["CHOPBOOK_LOG_ORIGIN"] = origin
    start_log(run)
    settings = run.settings
    with run.house() as house:
        head = house.storage.log.head()
        vkey = current_vkey(house)
    document = {
        "origin": head.origin,
        "size": head.size,
        "vkey": vkey,
        "root_key_file": str(settings.root_key_file),
        "recovery_share": list(recovery_share(settings.root_key())),
    }
    text = [
        f"log {head.origin} created",
        f"verifier key: {vkey}",
        f"root key: {settings.root_key_file} — keep a copy apart from every backup; without it nothing opens",
        *share_text(settings.root_key()),
    ]
    run.out.answer(document, text)


def start_log(run: Run) -> None:
    """Makes a log, with the reasons, document classes and retention schedules a shop starts with.

    Raises:
        LogExists: there is one.
    """
    from app.retention import seed_retention  # noqa: PLC0415  a log is made once, and read often

    set_up(run.settings)
    with run.house() as house:
        operator = house.policies.local_principal(Role.OPERATOR)
        house.storage.log.commit(house.stock.create_standard_reasons(operator, event_id=run.new_id()))
        house.storage.log.commit(house.documents.create_standard_classes(operator, event_id=run.new_id()))
        seed_retention(house.storage, house.policies, house.retention, event_id=run.new_id())


@log_group.command("checkpoint", help="Print the newest signed checkpoint, or the published one of a size.")
@click.option("--size", type=click.IntRange(0), help="A size at which a checkpoint was published.")
@command
def checkpoint(run: Run, size: int | None) -> None:
    """Prints a checkpoint."""
    with run.log() as storage, storage.database.read() as connection:
        note = read_head(connection).note if size is None else published_checkpoint(connection, size)
        parsed = parse_checkpoint(parse_note(note).text)
        vkey = verifier_key(connection, parsed.size)
    document = {
        "origin": parsed.origin,
        "size": parsed.size,
        "root": parsed.root.hex(),
        "checkpoint": note,
        "vkey": vkey,
    }
    run.out.answer(document, note.rstrip("\n"))


@log_group.command("proof", help="Print a C2SP tlog-proof of an entry: index, path, checkpoint. Anybody can check it.")
@click.argument("index", type=click.IntRange(0))
@click.option(
    "--size", type=click.IntRange(1), help="Against the checkpoint published at this size; default: the newest."
)
@click.option("--entry", "with_entry", is_flag=True, help="With --json: the entry's exact bytes too.")
@command
def proof(run: Run, index: int, size: int | None, *, with_entry: bool) -> None:
    """Proves an entry."""
    with run.log() as storage, storage.database.read() as connection:
        head = read_head(connection)
        note = head.note if size is None else published_checkpoint(connection, size)
        tree_size = head.size if size is None else size
        path = inclusion_proof(connection, index, tree_size)
        entry = read_entry(connection, index)
        vkey = verifier_key(connection, tree_size)
    text = tlog_proof(index, path, note)
    document: dict[str, object] = {
        "index": index,
        "size": tree_size,
        "leaf_hash": entry.leaf_hash.hex(),
        "proof": [node.hex() for node in path],
        "checkpoint": note,
        "tlog_proof": text,
        "vkey": vkey,
    }
    if with_entry:
        document["entry"] = entry.bytes.decode()
    run.out.answer(document, text.rstrip("\n"))


@log_group.command("export", help="Write entries as NDJSON, one line for each, of exactly the bytes that were hashed.")
@click.option("--from", "start", type=click.IntRange(0), default=0, show_default=True, help="First index.")
@click.option("--to", "stop", type=click.IntRange(1), help="End before this index; default: the end of the log.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file; beside it, FILE.checkpoint and FILE.vkey to verify it with. Default: standard output.",
)
@use_options
@as_option
@command
def export(
    run: Run,
    start: int,
    stop: int | None,
    output: Path | None,
    purpose: str,
    consent: str | None,
    exemption: str | None,
    evidence: str | None,
    principal_id: str | None,
) -> None:
    """Exports entries."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.AUDITOR)
        resource = Resource("log", house.storage.log.origin, whole_log=True)
        decision = house.policies.require(principal, Action.LOG_EXPORT, resource)
        use = use_of(house, principal, purpose, consent=consent, exemption=exemption, evidence=evidence)
        house.policies.require_use(decision, use, OF_ACTIVITY)
        detail: dict[str, JSON] = {"from": start} if stop is None else {"from": start, "to": stop}
        # Who takes the log out, and for what, is in the log before anything leaves.
        read = house.policies.record_read(decision, event_id=run.new_id(), detail=detail, use=use)
        house.storage.log.commit(read)
        vkey = current_vkey(house)
        with house.storage.database.read() as connection, _destination(output) as stream:
            head = read_head(connection)
            end = head.size if stop is None else stop
            if not start < end <= head.size:
                msg = f"range: expected 0 <= from < to <= {head.size}, got {start} to {end}"
                raise Refused(msg, f"範圍：須為 0 <= from < to <= {head.size}，現為 {start} 至 {end}")
            _write_entries(run, stream, stream_entries(connection, start, end), end - start)
            note = head.note
    if output is None:
        return
    _write_new(output.with_name(f"{output.name}.checkpoint"), note)
    _write_new(output.with_name(f"{output.name}.vkey"), f"{vkey}\n")
    document = {"file": str(output), "from": start, "to": end, "entries": end - start, "vkey": vkey}
    run.out.answer(document, f"{end - start} entries in {output}, with {output.name}.checkpoint and {output.name}.vkey")


def current_vkey(house: House) -> str:
    """The verifier key of the log's signing key now."""
    with house.storage.database.read() as connection:
        return verifier_key(connection)


def _write_entries(run: Run, stream: BinaryIO, entries: Iterable[StoredEntry], count: int) -> None:
    with run.out.progress("exporting", count) as step:
        for done, entry in enumerate(entries, start=1):
            stream.write(entry.bytes + b"\n")
            if done % 1000 == 0:
                step(done)


@contextmanager
def _destination(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = output.with_name(f"{output.name}.part")
    if output.exists():
        msg = f"output: expected a new file, got one that exists: {output}"
        raise Refused(msg, f"輸出：須為新檔案，但已經存在：{output}")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(output)
    except OSError as error:
        msg = f"output: expected a file that can be written, got {error.strerror}: {output}"
        raise Refused(msg, f"輸出：須可寫入（{reason_of(error).zh}）：{output}") from error


def _write_new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="") as stream:
        stream.write(text)
