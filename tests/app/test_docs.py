"""The pages say what the code does."""

from __future__ import annotations

import msgspec

from app.cli_page import cli_page
from app.exits import ExitCode
from app.importing import mapping
from app.importing.records import RejectKind
from app.importing.running import FINISHED, STARTED
from tests.app.houses import ROOT

IMPORT_PAGE = (ROOT / "docs" / "import.md").read_text("utf-8")


def test_the_page_of_commands_is_current() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == cli_page().rstrip() + "\n"


def test_every_exit_code_is_on_the_page_of_commands() -> None:
    page = cli_page()

    assert all(f"| {code.value} | {code.name.lower()} |" in page for code in ExitCode)


def test_every_member_of_a_mapping_is_explained() -> None:
    tables = (
        mapping.FileShape,
        mapping.Clean,
        mapping.Dates,
        mapping.Numbers,
        mapping.Identity,
        mapping.SkuRule,
    )
    members = {field.encode_name for table in tables for field in msgspec.structs.fields(table)}
    words = {*members, *mapping.Field, *mapping.Direction, *mapping.Ambiguous, *mapping.LotTracking, *mapping.ENCODINGS}
    unexplained = {word for word in words if f"`{word}`" not in IMPORT_PAGE and f"{word} =" not in IMPORT_PAGE}

    assert unexplained == set()


def test_what_an_import_writes_is_explained() -> None:
    assert all(f"`{word}`" in IMPORT_PAGE for word in (STARTED, FINISHED, *RejectKind))
