"""`log verify`: the log in the database, or an exported file, against what is trusted from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from app.commands.base import Run, command
from app.commands.output import Language
from app.exits import ExitCode, Refused
from app.usage import WrongUsage
from audit.canonical import ENTRY_BYTES_MAX
from audit.checkpoint import parse_checkpoint
from audit.fault_values import value_zh
from audit.fault_words import FAULT_WORDS, LIMIT_WORDS, VERDICT_WORDS, report_words
from audit.faults import Fault, Limit, Report, Undecided
from audit.note import NOTE_BYTES_MAX, parse_note
from audit.verify import Trust, verify_lines
from audit.words import Words
from storage.verification import EntryRange, OneEntry, OneSubject, Scope, Since, Whole, verify_database

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FAULTS_SHOWN = 50
HINT = Words(
    "另行保存的檢查點和驗證密鑰可用 --checkpoint 和 --vkey 提供",
    "give what you kept outside with --checkpoint and --vkey",
)
_SCOPES_ZH = {
    "whole": "：整個日誌",
    "file": "：匯出檔",
    "range": "：由起點至終點之前",
    "since": "：此大小之後",
    "subject": "：對象",
    "entry": "：項目",
}
_OUTSIDE = {Limit.TAIL_UNANCHORED, Limit.REWRITE_UNANCHORED, Limit.KEY_SELF_ATTESTED, Limit.KEY_ENTRY_LOST}


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
            raise WrongUsage(msg, "--file 須單獨使用，不可同時指明日誌的一部分")
        report = _verify_file(run, export, checkpoints, vkeys)
    else:
        kept = checkpoints if since is None else (since, *checkpoints)
        report = _verify_database(run, scope or Whole(), kept, vkeys, workers)
    run.out.answer(report.to_json() | {"words": report_words(report)}, describe(report, run.out.language))
    return ExitCode.OK if report.is_valid else ExitCode.FAULTS


def describe(report: Report, language: Language) -> list[str]:
    """A report for people."""
    chinese = language is Language.ZH
    lines = [_summary_zh(report) if chinese else _summary_en(report)]
    lines += [_fault_zh(fault) if chinese else _fault_en(fault) for fault in report.faults[:FAULTS_SHOWN]]
    total = sum(count for _, count in report.counts)
    if total > FAULTS_SHOWN:
        counts = ", ".join(f"{kind.value} {count}" for kind, count in report.counts)
        lines.append(f"  … 共 {total} 個問題：{counts}" if chinese else f"  … {total} faults in all: {counts}")
    lines += [_limit_zh(item) if chinese else _limit_en(item) for item in report.undecided]
    if any(item.limit in _OUTSIDE for item in report.undecided):
        lines.append(HINT.zh if chinese else HINT.en)
    return lines


def _summary_en(report: Report) -> str:
    return (
        f"{VERDICT_WORDS[report.verdict].en}\n"
        f"log {report.origin or '?'}, {report.scope}, tree size {report.size}, root {report.root or '—'}\n"
        f"{report.entries_checked} entries and {report.checkpoints_checked} checkpoints checked"
    )


def _summary_zh(report: Report) -> str:
    return (
        f"{VERDICT_WORDS[report.verdict].zh}\n"
        f"日誌 {report.origin or '?'}，範圍{_scope_zh(report.scope)}，樹的大小 {report.size}，根雜湊 {report.root or '—'}\n"
        f"已查核 {report.entries_checked} 項紀錄和 {report.checkpoints_checked} 個檢查點"
    )


def _scope_zh(scope: str) -> str:
    word, _, rest = scope.partition(" ")
    return f"{_SCOPES_ZH.get(word, word)} {rest}".rstrip()


def _fault_en(fault: Fault) -> str:
    place = "" if fault.index is None else f"entry {fault.index}: "
    account = f"; expected {fault.expected or '—'}, found {fault.found or '—'}" if fault.expected or fault.found else ""
    return f"  {place}{fault.kind.value} ({fault.where}): {FAULT_WORDS[fault.kind].en}{account}"


def _fault_zh(fault: Fault) -> str:
    place = "" if fault.index is None else f"第 {fault.index} 項："
    expected, found = value_zh(fault.expected) or "—", value_zh(fault.found) or "—"
    account = f"；應為 {expected}，現為 {found}" if fault.expected or fault.found else ""
    return f"  {place}{fault.kind.value}（{fault.where}）：{FAULT_WORDS[fault.kind].zh}{account}"


def _limit_en(item: Undecided) -> str:
    start = "" if item.start is None else f", from entry {item.start} on"
    stop = "" if item.stop is None else f", up to entry {item.stop - 1}"
    return f"  cannot be told here: {LIMIT_WORDS[item.limit].en}{start}{stop}"


def _limit_zh(item: Undecided) -> str:
    start = "" if item.start is None else f"，由第 {item.start} 項起"
    stop = "" if item.stop is None else f"，至第 {item.stop - 1} 項止"
    return f"  在此無從得知：{LIMIT_WORDS[item.limit].zh}{start}{stop}"


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
        raise WrongUsage(msg, "--range、--since、--subject 與 --entry 最多只可有其一")
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
        raise Refused(msg, f"--checkpoint：須有用作核對的檢查點，但沒有提供，亦沒有檔案 {beside}")
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
        raise Refused(msg, f"檢查點 {path}：須為 UTF-8，但第 {error.start} 個位元組不是") from error


def read_vkeys(vkeys: tuple[str, ...]) -> tuple[str, ...]:
    """Verifier keys from the command line, each itself or a file that holds it."""
    return tuple(Path(vkey).read_text("utf-8").strip() if Path(vkey).is_file() else vkey for vkey in vkeys)
