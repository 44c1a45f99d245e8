"""Checking, cleaning and rendering through the sandbox, from an encrypted spool."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from documents.checking.codes import Code
from documents.checking.model import CheckLimits, MediaType
from documents.checking.service import PRELOAD, Checker
from documents.sandbox import Limits, Refused, Sandbox, SandboxBusy, SpoolFileRef
from storage.objects.spool import MARK, RECORD_BYTES_MAX, SpoolFile, SpoolReader
from tests.documents import samples

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, preload=PRELOAD, limits=Limits(memory_mb=512, cpu_s=20)) as made:
        yield made


@pytest.fixture
def checker(sandbox: Sandbox) -> Checker:
    return Checker(sandbox)


def spooled(path: Path, raw: bytes) -> SpoolFile:
    """A spool with these bytes, as `storage.objects.spool` writes it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from storage.objects.spool_records import associated_data

    with path.open("wb") as file:
        file.write(MARK)
        for number, start in enumerate(range(0, len(raw), RECORD_BYTES_MAX)):
            piece, nonce = raw[start : start + RECORD_BYTES_MAX], os.urandom(12)
            sealed = AESGCM(KEY).encrypt(nonce, piece, associated_data(number, start))
            file.write(len(piece).to_bytes(4, "big") + nonce + sealed)
    with SpoolReader.open(path, KEY) as reader:
        assert reader.read() == raw
    return SpoolFile(path, KEY, len(raw))


def plain(path: Path, raw: bytes) -> SpoolFileRef:
    path.write_bytes(raw)
    return SpoolFileRef(path)


def test_an_encrypted_spool_is_checked_and_never_lies_in_clear(checker: Checker, tmp_path: Path) -> None:
    raw = samples.jpeg(exif=samples.exif_with_secrets())

    checked = checker.check(spooled(tmp_path / "upload", raw), "IMG_1.JPG")

    assert (checked.media_type, checked.pages) == (MediaType.JPEG, 1)
    assert [each.code for each in checked.findings] == [Code.LOCATION_INSIDE]
    assert b"JFIF" not in (tmp_path / "upload").read_bytes()


def test_a_photo_is_cleaned_in_the_sandbox(checker: Checker, tmp_path: Path) -> None:
    raw = samples.jpeg(exif=samples.exif_with_secrets())

    cleaned, told = checker.clean(spooled(tmp_path / "upload", raw), MediaType.JPEG)

    assert told.after_sha256 == hashlib.sha256(cleaned).hexdigest()
    assert told.taken["location"] == 1
    assert not [secret for secret in samples.SECRETS if secret in cleaned]


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
        checker.check(plain(tmp_path / "f", raw), name)

    assert caught.value.code == code


def test_the_limits_and_kinds_of_a_class_reach_the_sandbox(checker: Checker, tmp_path: Path) -> None:
    file = plain(tmp_path / "f", samples.jpeg())

    with pytest.raises(Refused, match="type_not_allowed"):
        checker.check(file, "a.jpg", [MediaType.PDF])
    with pytest.raises(Refused, match="file_too_large"):
        checker.check(file, "a.jpg", limits=CheckLimits(size_max=100))


def test_a_file_that_outgrows_the_sandbox_is_refused_by_name(tmp_path: Path) -> None:
    file = plain(tmp_path / "f", samples.encoded("TIFF", samples.picture(9000, 6000), compression="tiff_adobe_deflate"))

    with Sandbox(1, preload=PRELOAD, limits=Limits(memory_mb=64)) as small, pytest.raises(Refused) as caught:
        Checker(small).check(file, "a.tif")

    assert caught.value.code == Code.PARSER_OUT_OF_MEMORY


def test_a_file_that_takes_too_long_is_refused_by_name(sandbox: Sandbox, tmp_path: Path) -> None:
    file = plain(tmp_path / "f", samples.encoded("PNG", samples.picture(4000, 4000)))
    sandbox.warm()

    with pytest.raises(Refused) as caught:
        Checker(sandbox, timeout_s=0.02).check(file, "a.png")

    assert caught.value.code == Code.PARSER_TIMEOUT


def test_a_sandbox_that_is_busy_says_nothing_about_the_file(tmp_path: Path) -> None:
    made = Sandbox(0, preload=PRELOAD)

    with pytest.raises(SandboxBusy):
        Checker(made, timeout_s=0.01).check(plain(tmp_path / "f", samples.jpeg()), "a.jpg")
