"""`documents check`: an exported folder, checked with nothing but itself and a key."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from app.commands.base import Run, command
from app.commands.output import Language, table
from app.commands.verifying import read_vkeys
from app.exits import ExitCode
from documents.exported.checking import FLAWS, Checked, check_export

SHOWN_MAX = 50


@click.command(
    "check",
    help="Check an exported folder, a ZIP or a tree: digests, commitments, entries, proofs. Needs no log and no database.",
)
@click.argument("export", type=click.Path(exists=True, path_type=Path))
@click.option("--vkey", "vkeys", multiple=True, help="A verifier key you trust, or a file that holds it; repeat it.")
@command
def check_command(run: Run, export: Path, vkeys: tuple[str, ...]) -> ExitCode:
    """Checks an export."""
    found = check_export(export, read_vkeys(vkeys))
    chinese = run.out.language is Language.ZH
    run.out.answer(_document(found), _told(found, chinese=chinese))
    return ExitCode.FAULTS if found.flaws else ExitCode.OK


def _document(found: Checked) -> dict[str, object]:
    return {
        "good": not found.flaws,
        "folder": found.folder,
        "log": found.log,
        "items": found.items,
        "items_root": found.items_root,
        "left_out": found.left_out,
        "unproven": found.unproven,
        "tree_sizes": sorted(found.tree_sizes),
        "key_pinned": found.key_pinned,
        "faults": [
            {
                "fault": one.flaw.value,
                "file": one.file,
                "zh": FLAWS[one.flaw].zh,
                "en": FLAWS[one.flaw].en,
                "detail": one.detail,
            }
            for one in found.flaws
        ],
    }


def _told(found: Checked, *, chinese: bool) -> list[str]:
    flaws = len(found.flaws)
    if chinese:
        told = (
            f"{found.folder}：{found.items} 項，未匯出 {found.left_out} 項，{flaws} 項不符",
            f"項目樹根 {found.items_root or '—'}",
            f"{found.unproven} 項沒有日誌記項及證明，只能核對內容與承諾",
            "只核對了匯出檔自己載列的公鑰；請以 --vkey 提供你另行取得的公鑰",
        )
    else:
        told = (
            f"{found.folder}: {found.items} items, {found.left_out} left out, {flaws} faults",
            f"root of the items {found.items_root or '—'}",
            f"{found.unproven} items came without the log's entry: content and commitment alone were compared",
            "compared with the key that the export names itself; give one that you got elsewhere with --vkey",
        )
    lines = [*told[:2], *([told[2]] if found.unproven else []), *([] if found.key_pinned else [told[3]])]
    if found.flaws:
        rows = [
            (one.file, FLAWS[one.flaw].zh if chinese else FLAWS[one.flaw].en, one.detail[:100])
            for one in found.flaws[:SHOWN_MAX]
        ]
        lines.append(table(("file", "fault", "detail"), rows))
    return lines
