"""The real parts look at a file: what is told ahead of the end of the checks, and what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.checking.codes import sentence
from documents.checking.scanner import Clamd
from documents.errors import FileRefused
from documents.model import DocumentClass
from documents.parts import SandboxInspector, checking_sandbox
from documents.sandbox import Sandbox
from storage.objects import PassingSpool, SpoolFile
from storage.outbound import DeclaredHosts
from tests.documents import samples
from tests.documents.clamd import EICAR, clamd_double
from tests.worlds import seeded

SIZE_MAX = 10_000_000


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with checking_sandbox(1) as made:
        yield made


@pytest.fixture
def passing(tmp_path: Path) -> Iterator[PassingSpool]:
    passing = PassingSpool(tmp_path, seeded())
    yield passing
    passing.close()


def holding(passing: PassingSpool, content: bytes) -> SpoolFile:
    with passing.writer() as writer:
        writer.write(content)
    return passing.file()


def class_of(strip: bool) -> DocumentClass:
    return DocumentClass(
        code="photo",
        name_zh="相片",
        name_en="Photo",
        sensitive=False,
        strip=strip,
        restricts_release=False,
        retain_days=0,
        media_types=frozenset({"image/jpeg", "text/plain"}),
        active=True,
    )


@pytest.mark.parametrize("strip", [True, False])
def test_what_is_told_ahead_is_what_will_be_sealed(strip: bool, sandbox: Sandbox, passing: PassingSpool) -> None:
    inspector = SandboxInspector(sandbox, None, size_max=SIZE_MAX)
    told: list[bytes | None] = []

    file = holding(passing, samples.jpeg(exif=samples.exif_with_secrets()))
    inspected = inspector.inspect(file, "a.jpg", class_of(strip), told.append)

    assert told == [inspected.clean]
    assert (inspected.clean is None) == (not strip)
    assert ("location" in inspected.stripped) == strip


def test_what_a_scanner_must_pass_is_not_told_ahead(sandbox: Sandbox, passing: PassingSpool, tmp_path: Path) -> None:
    told: list[bytes | None] = []
    file = holding(passing, EICAR)

    with clamd_double(tmp_path / "clamd.ctl") as double:
        scanner = Clamd(double.address, DeclaredHosts({"127.0.0.1": "HK"}))
        inspector = SandboxInspector(sandbox, scanner, size_max=SIZE_MAX)
        with pytest.raises(FileRefused) as refused:
            inspector.inspect(file, "a.txt", class_of(strip=True), told.append)

    assert double.scanned == [EICAR]
    ((code, detail),) = refused.value.findings
    assert sentence(code, json.loads(detail)).en.startswith("The virus scanner found Eicar-Test-Signature.")
    assert told == []
