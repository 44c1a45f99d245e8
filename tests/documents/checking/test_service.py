"""Checking, cleaning and rendering through the sandbox, from an encrypted spool."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest

from documents.checking.codes import Code
from documents.checking.model import CheckLimits, MediaType
from documents.checking.sanitise import sanitise
from documents.checking.service import PRELOAD, Checker
from documents.sandbox import Limits, Refused, Sandbox, SandboxBusy, SpoolFileRef
from storage.keystore import KeyStore
from storage.objects.spool import RECORD_BYTES_MAX, SpoolFile
from storage.objects.spool_records import OVERHEAD
from tests.documents import samples
from tests.objects import keystore_at, spool_at

UPLOAD = UUID(int=7)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, preload=PRELOAD, limits=Limits(memory_mb=512, cpu_s=20)) as made:
        yield made


@pytest.fixture
def checker(sandbox: Sandbox) -> Checker:
    return Checker(sandbox)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = keystore_at(tmp_path)
    yield store
    store.close()


def spooled(directory: Path, keys: KeyStore, raw: bytes) -> SpoolFile:
    """An upload with these bytes in a real spool."""
    spool = spool_at(directory, keys)
    spool.create(UPLOAD)
    spool.append(UPLOAD, raw, 0)
    return spool.file(UPLOAD)


def plain(path: Path, raw: bytes) -> SpoolFileRef:
    path.write_bytes(raw)
    return SpoolFileRef(path)


def test_an_encrypted_spool_is_checked_and_never_lies_in_clear(
    checker: Checker, keys: KeyStore, tmp_path: Path
) -> None:
    file = spooled(tmp_path, keys, samples.jpeg(exif=samples.exif_with_secrets()))

    checked = checker.look(file, "IMG_1.JPG").checked

    assert (checked.media_type, checked.pages) == (MediaType.JPEG, 1)
    assert [each.code for each in checked.findings] == [Code.LOCATION_INSIDE]
    assert b"JFIF" not in file.path.read_bytes()


def test_a_spool_that_lost_its_last_record_is_not_looked_at(checker: Checker, keys: KeyStore, tmp_path: Path) -> None:
    file = spooled(tmp_path, keys, b"a line of text\n" * (RECORD_BYTES_MAX // 15) + b"x" * (RECORD_BYTES_MAX % 15 + 10))
    os.truncate(file.path, file.path.stat().st_size - 10 - OVERHEAD)

    with pytest.raises(Refused) as caught:
        checker.look(file, "a.txt")

    assert caught.value.code == Code.PARSER_CRASHED


def test_a_photo_is_cleaned_in_the_sandbox(checker: Checker, keys: KeyStore, tmp_path: Path) -> None:
    raw = samples.jpeg(exif=samples.exif_with_secrets())

    told_ahead: list[bytes | None] = []
    looked = checker.look(spooled(tmp_path, keys, raw), "a.jpg", clean=True, ahead=told_ahead.append)

    assert looked.sanitised is not None
    assert looked.content is not None
    assert looked.sanitised.changed
    assert looked.content == sanitise(raw, MediaType.JPEG)[0]
    assert looked.sanitised.taken["location"] == 1
    assert not [secret for secret in samples.SECRETS if secret in looked.content]
    assert told_ahead == [looked.content]


@pytest.mark.parametrize(
    ("raw", "name", "clean"),
    [(samples.jpeg(), "a.jpg", True), (samples.jpeg(exif=samples.exif_with_secrets()), "a.jpg", False), (samples.pdf(), "a.pdf", True)],
    ids=["nothing to take out", "kept as it is", "no photo"],
)  # fmt: skip
def test_what_need_not_be_cleaned_stays_as_it_came(
    checker: Checker, tmp_path: Path, raw: bytes, name: str, clean: bool
) -> None:
    told_ahead: list[bytes | None] = []

    looked = checker.look(plain(tmp_path / "f", raw), name, clean=clean, ahead=told_ahead.append)

    assert (looked.content, told_ahead) == (None, [None])


def test_a_file_is_told_of_ahead_only_if_what_costs_little_says_yes(checker: Checker, tmp_path: Path) -> None:
    hidden = samples.pdf(change=lambda pdf: pdf.Root.__setitem__("/AcroForm", pikepdf.Dictionary(XFA=b"x")))
    told_ahead: list[bytes | None] = []

    def refused(raw: bytes, name: str, allowed: tuple[MediaType, ...] = (MediaType.PDF, MediaType.JPEG)) -> str:
        told_ahead.clear()
        with pytest.raises(Refused) as caught:
            checker.look(plain(tmp_path / "f", raw), name, allowed, clean=True, ahead=told_ahead.append)
        return caught.value.code

    assert (refused(hidden, "a.pdf"), told_ahead) == (Code.PDF_XFA, [None])
    assert (refused(samples.jpeg() + b"stowaway", "a.jpg"), told_ahead) == (Code.TRAILING_DATA, [])
    assert (refused(samples.pdf(), "a.jpg"), told_ahead) == (Code.EXTENSION_MISMATCH, [])
    assert (refused(samples.png(), "a.png"), told_ahead) == (Code.TYPE_NOT_ALLOWED, [])


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (samples.pdf(change=lambda pdf: pdf.Root.__setitem__("/AcroForm", pikepdf.Dictionary(XFA=b"x"))), "a.pdf", Code.PDF_XFA),
        (samples.jpeg() + b"stowaway", "a.jpg", Code.TRAILING_DATA),
        (b"", "a.jpg", Code.EMPTY_FILE),
    ],
    ids=["xfa", "trailing", "empty"],
)  # fmt: skip
def test_a_refusal_comes_through_the_sandbox(
    checker: Checker, tmp_path: Path, raw: bytes, name: str, code: Code
) -> None:
    with pytest.raises(Refused) as caught:
        checker.look(plain(tmp_path / "f", raw), name)

    assert caught.value.code == code


def test_the_limits_and_kinds_of_a_class_reach_the_sandbox(checker: Checker, tmp_path: Path) -> None:
    file = plain(tmp_path / "f", samples.jpeg())

    with pytest.raises(Refused, match="type_not_allowed"):
        checker.look(file, "a.jpg", [MediaType.PDF])
    with pytest.raises(Refused, match="file_too_large"):
        checker.look(file, "a.jpg", limits=CheckLimits(size_max=100))


def test_a_file_that_outgrows_the_sandbox_is_refused_by_name(tmp_path: Path) -> None:
    file = plain(tmp_path / "f", samples.encoded("TIFF", samples.picture(9000, 6000), compression="tiff_adobe_deflate"))

    with Sandbox(1, preload=PRELOAD, limits=Limits(memory_mb=64)) as small, pytest.raises(Refused) as caught:
        Checker(small).look(file, "a.tif")

    assert caught.value.code == Code.PARSER_OUT_OF_MEMORY


def test_a_process_that_checks_holds_nothing_that_leads_to_data_and_nothing_it_has_no_use_for(sandbox: Sandbox) -> None:
    loaded, _ = sandbox.run("tests.documents.sandbox.tasks:loaded")

    assert {"documents.checking.tasks", "storage.objects.spool_reader"} <= set(loaded)
    of_storage = {
        name for name in loaded if name.split(".")[0] in {"storage", "audit", "policies", "stock", "app", "api"}
    }
    assert of_storage == {
        "storage",
        "storage.errors",
        "storage.objects",
        "storage.objects.errors",
        "storage.objects.spool_reader",
        "storage.objects.spool_records",
    }
    assert not {"sqlalchemy", "psycopg", "boto3", "minio", "urllib3", "litestar"} & set(loaded)


def test_a_file_that_takes_too_long_is_refused_by_name(sandbox: Sandbox, tmp_path: Path) -> None:
    file = plain(tmp_path / "f", samples.encoded("PNG", samples.picture(4000, 4000)))
    sandbox.warm()

    with pytest.raises(Refused) as caught:
        Checker(sandbox, timeout_s=0.02).look(file, "a.png")

    assert caught.value.code == Code.PARSER_TIMEOUT


def test_a_sandbox_that_is_busy_says_nothing_about_the_file(tmp_path: Path) -> None:
    made = Sandbox(0, preload=PRELOAD)

    with pytest.raises(SandboxBusy):
        Checker(made, timeout_s=0.01).look(plain(tmp_path / "f", samples.jpeg()), "a.jpg")
