"""`log verify`: the log in the database, or an exported file, against what is trusted from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from app.commands.base import Run, command
from app.exits import ExitCode, Refused
from audit.canonical import ENTRY_BYTES_MAX
from audit.checkpoint import parse_checkpoint
from audit.faults import Limit, Report, Verdict
from audit.note import NOTE_BYTES_MAX, parse_note
from audit.verify import Trust, verify_lines
from storage.verification import EntryRange, OneEntry, OneSubject, Scope, Since, Whole, verify_database

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FAULTS_SHOWN = 50


@click.command(
    "verify", help="Verify the log: every entry, chain, tree and signature; or a part of it; or an exported file."
)
@click.option(
    "--range", "bounds", nargs=2, type=click.IntRange(0), metavar="FROM TO", help="Entries FROM to before TO."
)
@click.option("--since", type=_FILE, help="Only what was appended after this checkpoint, which you verified before.")
@click.option("--subject", help="The chain of one subject, such as sku:A1 or stock:MK01/A1.")
@click.option("--entry", type=click.IntRange(0), help="One entry.")
@click.option(
    "--file",
    "export",
    type=_FILE,
    help="An exported file, against FILE.checkpoint beside it, or else the first --checkpoint.",
)
@click.option("--checkpoint", "checkpoints", multiple=True, type=_FILE, help="A checkpoint you kept; repeat it.")
@click.option("--vkey", "vkeys", multiple=True, help="A verifier key you trust, or a file that holds it; repeat it.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that share the work."
)
@command
def verify(
    run: Run,
    bounds: tuple[int, int] | None,
    since: Path | None,
    subject: str | None,
    entry: int | None,
    export: Path | None,
    checkpoints: tuple[Path, ...],
    vkeys: tuple[str, ...],
    workers: int,
) -> ExitCode:
    """Verifies."""
    scope = _scope(bounds, since, subject, entry)
    if export is not None:
        if scope is not None:
            msg = "--file: expected alone, got a part of the log too"
            raise click.UsageError(msg)
        report = _verify_file(run, export, checkpoints, vkeys)
    else:
        kept = checkpoints if since is None else (since, *checkpoints)
        report = _verify_database(run, scope or Whole(), kept, vkeys, workers)
    run.out.answer(report.to_json(), describe(report))
    return ExitCode.OK if report.is_valid else ExitCode.FAULTS


def describe(report: Report) -> list[str]:
    """A report for people."""
    lines = [
        f"{VERDICT_WORDS[report.verdict]}",
        f"log {report.origin or '?'}, {report.scope}, tree size {report.size}, root {report.root or '—'}",
        f"{report.entries_checked} entries and {report.checkpoints_checked} checkpoints checked",
    ]
    for fault in report.faults[:FAULTS_SHOWN]:
        place = "" if fault.index is None else f"entry {fault.index}: "
        account = (
            f": expected {fault.expected or '—'}, found {fault.found or '—'}" if fault.expected or fault.found else ""
        )
        lines.append(f"  {place}{fault.kind.value} ({fault.where}){account}")
    total = sum(count for _, count in report.counts)
    if total > FAULTS_SHOWN:
        lines.append(
            f"  … {total} faults in all: " + ", ".join(f"{kind.value} {count}" for kind, count in report.counts)
        )
    for limit in report.undecided:
        start = "" if limit.start is None else f", from entry {limit.start} on"
        stop = "" if limit.stop is None else f", up to entry {limit.stop - 1}"
        lines.append(f"  cannot be told here: {LIMIT_WORDS[limit.limit]}{start}{stop}")
    return lines


LIMIT_WORDS = {
    Limit.TAIL_UNANCHORED: "whether entries were cut off the end together with their checkpoints",
    Limit.REWRITE_UNANCHORED: "whether whoever holds the log's key rewrote entries",
    Limit.KEY_SELF_ATTESTED: "whether the key is the true one, since the log itself names it (give --vkey)",
    Limit.LEAVES_UNATTESTED: "which entries differ from what was logged: what could vouch for them here is missing or contradicted",
    Limit.SUBJECT_END_UNKNOWN: "whether later entries name the subject too (verify the whole log)",
    Limit.OUT_OF_SCOPE: "anything about entries that were not asked for",
    Limit.KEY_ENTRY_LOST: "whether the right key signed, the entry that names it not being as it was logged (give --vkey)",
    Limit.LOCALISING_STOPPED: "further faults: there were too many to go on",
    Limit.PUBLISHED_AT: "when checkpoints were published: no signature covers it",
    Limit.SUBJECT_CHAINS_CUT: "the chains of all subjects of so large a file",
}
VERDICT_WORDS = {
    Verdict.VALID_ANCHORED: "valid, and anchored: what you kept outside agrees",
    Verdict.VALID_UNANCHORED: "valid, by the log's own word; a --checkpoint and --vkey that you kept elsewhere would anchor it",
    Verdict.TAMPERED: "TAMPERED: something does not hold",
    Verdict.INCOMPLETE: "incomplete: not everything asked for could be looked at",
    Verdict.UNKNOWN_KEY: "no trusted key signed the checkpoint: its root proves nothing",
}


def _scope(bounds: tuple[int, int] | None, since: Path | None, subject: str | None, entry: int | None) -> Scope | None:
    asked: list[Scope] = []
    if bounds is not None:
        asked.append(EntryRange(*bounds))
    if since is not None:
        asked.append(Since(parse_checkpoint(parse_note(_read_note(since)).text)))
    if subject is not None:
        asked.append(OneSubject(subject))
    if entry is not None:
        asked.append(OneEntry(entry))
    if len(asked) > 1:
        msg = "expected at most one of --range, --since, --subject and --entry"
        raise click.UsageError(msg)
    return asked[0] if asked else None


def _verify_database(
    run: Run, scope: Scope, checkpoints: tuple[Path, ...], vkeys: tuple[str, ...], workers: int
) -> Report:
    trust = Trust(
        vkeys=read_vkeys(vkeys) or run.settings.pinned_verifier_keys,
        checkpoints=tuple(_read_note(path) for path in checkpoints),
    )
    with run.database() as database, run.out.progress("verifying") as step:
        return verify_database(database, scope, trust=trust, workers=workers, progress=step)


def _verify_file(run: Run, export: Path, checkpoints: tuple[Path, ...], vkeys: tuple[str, ...]) -> Report:
    # The one beside the file came with it and proves nothing by itself; those named were kept by whoever asks.
    beside = export.with_name(f"{export.name}.checkpoint")
    kept = tuple(_read_note(path) for path in checkpoints)
    if not kept and not beside.is_file():
        msg = f"--checkpoint: expected the checkpoint to verify the file against, got none, nor a file {beside}"
        raise Refused(msg)
    note = _read_note(beside) if beside.is_file() else kept[0]
    trust = Trust(vkeys=read_vkeys(vkeys), checkpoints=kept)
    origin = parse_checkpoint(parse_note(note).text).origin
    with run.out.progress("verifying") as step:
        return verify_lines(_FileLines(export), note, origin=origin, trust=trust, progress=step)


@dataclass(frozen=True, slots=True)
class _FileLines:
    """The lines of a file, which can be read again; one that no entry could fill is cut, and so refused."""

    path: Path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as stream:
            while line := stream.readline(ENTRY_BYTES_MAX + 2):
                yield line


def _read_note(path: Path) -> str:
    with path.open("rb") as stream:
        data = stream.read(NOTE_BYTES_MAX + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"checkpoint {path}: expected UTF-8, got another byte at {error.start}"
        raise Refused(msg) from error


def read_vkeys(vkeys: tuple[str, ...]) -> tuple[str, ...]:
    """Verifier keys from the command line, each itself or a file that holds it."""
    return tuple(Path(vkey).read_text("utf-8").strip() if Path(vkey).is_file() else vkey for vkey in vkeys)
