"""`import`: files into the log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import rich_click as click

from app.collector import spare_the_collector
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode
from app.importing.mapping import ENCODINGS, Field, FileShape, load_mapping
from app.importing.records import RejectKind
from app.importing.rehearsing import Rehearsal
from app.importing.report import Tally, rejects_at
from app.importing.running import (
    Import,
    Missing,
    Outcome,
    missing_in,
    refuse_hopeless,
    refuse_other_actor,
    survey,
)
from app.importing.skus import import_skus, read_sku_rows
from app.importing.source import Source, open_source
from app.importing.summary import (
    ADDS_UP,
    CHANGE,
    ENTRIES,
    IN_FILE,
    LOGGED,
    QUANTITY,
    REASONS_MISSING,
    REHEARSED,
    REJECTED,
    REJECTED_BY,
    REJECTS_AT,
    REPLAYED,
    ROWS,
    SKUS_ADDED,
    SKUS_CREATED,
    SKUS_MISSING,
    SKUS_REHEARSED,
    SKUS_TO_CREATE,
    STORES_MISSING,
)
from app.usage import WrongUsage
from audit.words import Words
from policies.model import Role

_FILE = click.Path(dir_okay=False, path_type=Path)
_BY = {
    RejectKind.RULE: Words("對應檔", "by the mapping"),
    RejectKind.BAD: Words("該行有誤", "bad row"),
    RejectKind.REFUSED: Words("日誌", "by the log"),
}


@group("import")
def import_group() -> None:
    """Groups the commands of import."""


@import_group.command("adjustments", help="Log the stock movements of a CSV or XLSX file; run it again to resume.")
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_file", type=_FILE, required=True, help="What the columns mean (docs/import.md).")
@click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE", help="A constant that wins over the mapping.")
@click.option("--dry-run", is_flag=True, help="Read and judge everything, log nothing.")
@click.option(
    "--rejects",
    "rejects_file",
    type=_FILE,
    help="Where rejected rows go; default: FILE.rejects.csv, and nowhere with --dry-run.",
)
@click.option("--again", is_flag=True, help="Log a file again that somebody else imported.")
@as_option
@command
def import_adjustments(
    run: Run,
    file: Path,
    mapping_file: Path,
    constants: tuple[str, ...],
    rejects_file: Path | None,
    principal_id: str | None,
    *,
    dry_run: bool,
    again: bool,
) -> ExitCode:
    """Imports adjustments."""
    mapping = load_mapping(mapping_file, _overrides(constants))
    source = open_source(file, mapping)
    with run.house() as house:
        with run.out.progress("reading") as step:
            found = survey(source, step)
        missing = missing_in(house, found)
        refuse_hopeless(source, missing)
        principal = acting_principal(house, principal_id, Role.API_CLIENT)
        if not again:
            refuse_other_actor(house, source, principal)
        spare_the_collector()
        if dry_run:
            with (
                rejects_at(rejects_file, source.header) if rejects_file else nullcontext() as rejects,
                run.out.progress("judging", found.tally.rows) as step,
            ):
                tally = Rehearsal(house, source, principal, rejects).run(found, missing, step)
            return _answer_rehearsal(run, source, tally, missing)
        place = rejects_file or file.with_name(f"{file.name}.rejects.csv")
        with rejects_at(place, source.header) as rejects, run.out.progress("logging", found.tally.rows) as step:
            outcome = Import(house, source, principal, rejects).run(found, missing, step)
    return _answer_outcome(run, outcome, place)


@import_group.command("skus", help="Add SKUs from a CSV or XLSX file with a header of code, name_zh, name_en, unit ...")
@click.argument("file", type=_FILE)
@click.option(
    "--encoding", type=click.Choice(list(ENCODINGS)), default="utf-8", show_default=True, help="Of a CSV file."
)
@click.option("--delimiter", default=",", show_default=True, help="Of a CSV file.")
@click.option("--sheet", help="Of an XLSX file.")
@click.option("--dry-run", is_flag=True, help="Read and judge everything, write nothing.")
@click.option("--rejects", "rejects_file", type=_FILE, help="Where rejected rows go; default: FILE.rejects.csv.")
@as_option
@command
def import_sku_file(
    run: Run,
    file: Path,
    encoding: str,
    delimiter: str,
    sheet: str | None,
    rejects_file: Path | None,
    principal_id: str | None,
    *,
    dry_run: bool,
) -> ExitCode:
    """Imports SKUs."""
    header, rows = read_sku_rows(file, FileShape(encoding=encoding, delimiter=delimiter, sheet=sheet))
    namespace = UUID(bytes=hashlib.sha256(file.read_bytes()).digest()[:16])
    place = rejects_file or file.with_name(f"{file.name}.rejects.csv")
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        with rejects_at(place, header) as rejects, run.out.progress("adding") as step:
            tally = import_skus(
                house, principal, header, rows, namespace=namespace, rejects=rejects, step=step, dry_run=dry_run
            )
    document = {
        "rows": tally.rows,
        "created": tally.created,
        "unchanged": tally.unchanged,
        "rejected": tally.rejected,
        "dry_run": dry_run,
        "rejects_file": str(place),
    }
    counted = {"rows": tally.rows, "created": tally.created, "unchanged": tally.unchanged, "rejected": tally.rejected}
    text = [(SKUS_REHEARSED if dry_run else SKUS_ADDED).filled(counted)]
    if tally.rejected:
        text.append(REJECTS_AT.filled({"place": place}))
    run.out.answer(document, [run.out.told(words) for words in text])
    return ExitCode.FAULTS if tally.rejected else ExitCode.OK


def _overrides(constants: Sequence[str]) -> dict[Field, str]:
    found: dict[Field, str] = {}
    for constant in constants:
        name, equals, value = constant.partition("=")
        if not equals or name not in set(Field) or not value:
            msg = f"--set: expected FIELD=VALUE with a field of {', '.join(Field)}, got {constant!r}"
            raise WrongUsage(
                msg, f"--set：須為 FIELD=VALUE，欄位須為以下其中之一：{', '.join(Field)}；現為 {constant!r}"
            )
        found[Field(name)] = value
    return found


def _answer_rehearsal(run: Run, source: Source, tally: Tally, missing: Missing) -> ExitCode:
    creates = source.mapping.sku.create
    document = {
        "dry_run": True,
        "file_sha256": source.digest.hex(),
        "rows": tally.rows,
        "movements": tally.logged + tally.replayed,
        "would_log": tally.logged,
        "replayed": tally.replayed,
        "rejected": _reasons(tally),
        "rejected_rows": tally.rejected_rows,
        "quantity_in": str(tally.quantity_in),
        "change": str(tally.change_logged),
        "missing_stores": list(missing.stores),
        "missing_reasons": list(missing.reasons),
        "missing_skus": list(missing.skus),
        "creates_skus": creates,
    }
    counted = {"rows": tally.rows, "logged": tally.logged, "replayed": tally.replayed, "rejected": tally.rejected_rows}
    text = [REHEARSED.filled(counted), *_rejection_lines(tally)]
    if missing.skus:
        text.append((SKUS_TO_CREATE if creates else SKUS_MISSING).filled({"count": len(missing.skus)}))
    if missing.stores:
        text.append(STORES_MISSING.filled({"codes": ", ".join(missing.stores)}))
    if missing.reasons:
        text.append(REASONS_MISSING.filled({"codes": ", ".join(missing.reasons)}))
    run.out.answer(document, [run.out.told(words) for words in text])
    return ExitCode.FAULTS if tally.has_faults else ExitCode.OK


def _answer_outcome(run: Run, outcome: Outcome, place: Path) -> ExitCode:
    tally = outcome.tally
    document = {
        "dry_run": False,
        "rows": tally.rows,
        "logged": tally.logged,
        "replayed": tally.replayed,
        "rejected": _reasons(tally),
        "rejected_rows": tally.rejected_rows,
        "quantity_in": str(tally.quantity_in),
        "quantity_logged": str(tally.quantity_logged),
        "quantity_replayed": str(tally.quantity_replayed),
        "quantity_rejected": str(tally.quantity_rejected),
        "change_logged": str(tally.change_logged),
        "change_replayed": str(tally.change_replayed),
        "skus_created": outcome.skus_created,
        "first_entry": outcome.first_index,
        "last_entry": outcome.last_index,
        "duration_s": round(outcome.duration_s, 3),
        "rejects_file": str(place),
    }
    told = run.out.told
    rows = [
        (told(IN_FILE), tally.rows, str(tally.quantity_in), ""),
        (told(LOGGED), tally.logged, str(tally.quantity_logged), str(tally.change_logged)),
        (told(REPLAYED), tally.replayed, str(tally.quantity_replayed), str(tally.change_replayed)),
        (told(REJECTED), tally.rejected_rows, str(tally.quantity_rejected), ""),
    ]
    text = [ADDS_UP, *_rejection_lines(tally)]
    if outcome.skus_created:
        text.append(SKUS_CREATED.filled({"count": outcome.skus_created}))
    if outcome.first_index is not None:
        values = {"first": outcome.first_index, "last": outcome.last_index, "seconds": f"{outcome.duration_s:.1f}"}
        text.append(ENTRIES.filled(values))
    if tally.rejected_rows:
        text.append(REJECTS_AT.filled({"place": place}))
    headers = ("", told(ROWS), told(QUANTITY), told(CHANGE))
    run.out.answer(document, [table(headers, rows), *(told(words) for words in text)])
    return ExitCode.FAULTS if tally.has_faults else ExitCode.OK


def _reasons(tally: Tally) -> list[dict[str, object]]:
    return [{"by": kind.value, "code": code, "rows": rows} for (kind, code), rows in sorted(tally.reasons.items())]


def _rejection_lines(tally: Tally) -> list[Words]:
    return [
        REJECTED_BY.filled({"rows": f"{rows:>7}", "by": _BY[kind], "code": code})
        for (kind, code), rows in sorted(tally.reasons.items())
    ]
