"""Certificates of destruction on paper: PDF/A-3 that says in both languages what the attached certificate says."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from app.endings import ending_of
from app.exits import ExitCode
from documents.certificates import CertificatePrinter, sheet_of
from documents.inspecting import PartsAway
from documents.parts import picturing_sandbox
from documents.rendering.archival import WITH_FILES, require_archival
from documents.rendering.errors import FontMissing
from retention.disposal.certificates import verify_certificate
from retention.disposal.errors import CertificateBroken
from tests.audit.vectors import published
from tests.retention.vectors import disposal_certificate

FOUND: dict[str, Any] = disposal_certificate()
FILE: bytes = FOUND["file"].encode()
BODY: dict[str, Any] = json.loads(FOUND["certificate"])


def attached_to(pdf: bytes) -> bytes:
    """The one file that a PDF carries."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (name,) = opened.attachments
        return opened.attachments[name].get_file().read_bytes()


def values_of(objects_max: int = 1_000) -> list[str]:
    sheet = sheet_of(FILE, objects_max=objects_max)
    return [value for section in sheet.sections for row in section.rows for value in row.values]


@pytest.fixture(scope="module")
def printer() -> Iterator[CertificatePrinter]:
    with picturing_sandbox(1) as sandbox:
        yield CertificatePrinter(sandbox)


@pytest.fixture(scope="module")
def paper(printer: CertificatePrinter) -> bytes:
    return printer.pdf(FILE)


def test_another_reader_finds_both_languages(paper: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.pdf").write_bytes(paper)

    done = subprocess.run(["pdftotext", "-raw", str(tmp_path / "c.pdf"), "-"], capture_output=True, check=True)

    text = done.stdout.decode()
    for said in (
        "銷毀證明",
        "Certificate of Destruction",
        "《稅務條例》(第112章)第51C條",
        "Inland Revenue Ordinance (Cap. 112) s.51C",
        "開始銷毀時有效的法律保全：0 項 / Holds standing when it began: 0",
        "1 / 2",
    ):
        assert said in text


def test_the_paper_says_what_the_certificate_says() -> None:
    text = "\n".join(values_of())

    record = BODY["records"][0]
    for said in (
        BODY["disposal"],
        BODY["origin"],
        BODY["certified_at"],
        BODY["preview"],
        BODY["decisions"]["proposed"]["by"],
        BODY["decisions"]["approved"]["by"],
        record["record"],
        record["due_from"],
        f"最遲須於 {record['dispose_by']} 處置",
        "HK-TAX-7Y/1：保留期由 2026-11-20 起計（交易完成），依據於 2026-11-01 核實",
        "HK-TAX-7Y/1: clock started on 2026-11-20 (transaction completed), authority checked on 2026-11-01",
        record["key"]["id"],
        *(one["sha256"] for one in record["objects"] + record["residues"]),
        record["residues"][0]["locked_until"],
        FOUND["leaf_hash"],
        *FOUND["tlog_proof"].split("\n\n", 1)[1].split(),
    ):
        assert said in text


def test_a_certificate_of_the_first_form_is_printed_as_it_is(printer: CertificatePrinter) -> None:
    file = published("disposal-certificate")["file"].encode()
    values = [value for section in sheet_of(file).sections for row in section.rows for value in row.values]

    assert "due since 2033-11-21, by HK-TAX-7Y/1" in values
    assert not any("clock started" in value for value in values)
    assert attached_to(printer.pdf(file)) == file


def test_it_is_archival_with_its_font_and_its_file_inside(paper: bytes) -> None:
    require_archival(io.BytesIO(paper), WITH_FILES)
    with pikepdf.open(io.BytesIO(paper)) as opened, opened.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert opened.Root.Lang == "zh-Hant-HK"
        assert opened.Root.AF[0].AFRelationship == "/Source"
    assert attached_to(paper) == FILE
    assert verify_certificate(attached_to(paper), [FOUND["vkey"]]).key_pinned
    assert len(paper) < 100_000


def test_the_same_certificate_makes_the_same_bytes(printer: CertificatePrinter, paper: bytes) -> None:
    assert printer.pdf(FILE) == paper


def test_a_certificate_that_does_not_hold_is_not_printed(printer: CertificatePrinter) -> None:
    file = json.loads(FILE)
    file["certificate"]["disposal"] = "another"

    with pytest.raises(CertificateBroken):
        printer.pdf(json.dumps(file).encode())


def test_without_a_font_nothing_is_printed_and_the_package_is_named(tmp_path: Path) -> None:
    with picturing_sandbox(1) as sandbox, pytest.raises(FontMissing, match="fonts-noto-cjk") as caught:
        CertificatePrinter(sandbox, [tmp_path / "none.ttc"]).pdf(FILE)

    ending = ending_of(caught.value)
    assert ending is not None
    assert (ending.exit_code, ending.code) == (ExitCode.UNAVAILABLE, "print_font_missing")


def test_a_font_that_is_none_is_a_part_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "f.ttc").write_bytes(b"not a font")

    with picturing_sandbox(1) as sandbox, pytest.raises(PartsAway):
        CertificatePrinter(sandbox, [tmp_path / "f.ttc"]).pdf(FILE)


def test_objects_beyond_the_bound_are_counted() -> None:
    text = "\n".join(values_of(objects_max=1))

    assert len(re.findall("SHA-256 [ab]{64}", text)) == 1
    assert "1 more objects are listed in the attached file alone." in text
