"""The sealed object keeps its format, opens by ranges, and shows whatever was done to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from storage.objects.errors import SealBroken
from storage.objects.sealed import SealHeader, SealReader, SealWriter, open_stream, parse_header, sealed_size
from storage.objects.vault import text_associated, text_key
from tests.storage.objects.vectors import BLOB, DOCUMENT, DOCUMENT_KEY, FIRST, FULL, SEGMENT, sealed_bytes

VECTORS = json.loads(
    (Path(__file__).parents[3] / "docs/formats/vectors/sealed-object.json").read_text(encoding="utf-8")
)
HEADER = SealHeader(DOCUMENT, 1, BLOB, segment_log2=8)


def _stream(data: bytes, piece: int = 100) -> bytes:
    return b"".join(open_stream((data[at : at + piece] for at in range(0, len(data), piece)), lambda _: DOCUMENT_KEY))


def _reader(data: bytes) -> SealReader:
    return SealReader(lambda start, stop: [data[start:stop]], len(data), DOCUMENT_KEY)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["name"] for case in VECTORS["cases"]])
def test_an_object_opens_by_its_page_alone(case: dict[str, str]) -> None:
    header, data = bytes.fromhex(case["header"]), bytes.fromhex(case["object"])
    assert data.startswith(header)
    stream, segment = data[len(header) :], 1 << header[54]
    assert header[:54] == b"chopbook-sealed/1\n" + DOCUMENT.bytes + (1).to_bytes(4, "big") + BLOB.bytes

    def derive(key: bytes, salt: bytes | None, info: bytes) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt=salt, info=info).derive(key)

    object_key = derive(DOCUMENT_KEY, None, b"chopbook-sealed/1 object\n" + header)
    cipher = AESGCM(derive(object_key, stream[1:33], header))
    pieces = [stream[40:segment], *(stream[at : at + segment] for at in range(segment, len(stream), segment))]
    content = b"".join(
        cipher.decrypt(stream[33:40] + i.to_bytes(4, "big") + bytes([i == len(pieces) - 1]), piece, None)
        for i, piece in enumerate(pieces)
    )
    salt = derive(DOCUMENT_KEY, None, b"chopbook-sealed/1 commitment\n" + header)

    assert object_key.hex() == case["object_key"]
    assert content.hex() == case["content"]
    assert hmac.digest(salt, hashlib.sha256(content).digest(), "sha256").hex() == case["commitment"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["name"] for case in VECTORS["cases"]])
def test_both_readers_open_the_vectors(case: dict[str, str]) -> None:
    data, content = bytes.fromhex(case["object"]), bytes.fromhex(case["content"])

    assert _stream(data) == content
    assert b"".join(_reader(data).open()) == content
    assert _reader(data).plaintext_size == len(content)
    header, length = parse_header(data)
    assert header.encode().hex() == case["header"]
    assert sealed_size(header, len(content)) == len(data)
    assert length == len(header.encode())


@pytest.mark.parametrize("case", VECTORS["refused"], ids=[case["name"] for case in VECTORS["refused"]])
def test_what_was_altered_does_not_open(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["object"])

    with pytest.raises(SealBroken):
        _stream(data)
    with pytest.raises(SealBroken):
        list(_reader(data).open())


def test_the_text_of_the_vectors_opens() -> None:
    text = VECTORS["text"]
    sealed = bytes.fromhex(text["sealed"])

    clear = AESGCM(text_key(DOCUMENT_KEY)).decrypt(
        sealed[1:13], sealed[13:], text_associated(DOCUMENT, text["purpose"])
    )

    assert clear.hex() == text["clear"]


@given(
    size=st.integers(0, 5 * SEGMENT),
    ends=st.tuples(st.integers(0, 6 * SEGMENT), st.one_of(st.none(), st.integers(0, 6 * SEGMENT))),
)
def test_any_range_is_what_a_slice_gives(size: int, ends: tuple[int, int | None]) -> None:
    content = os.urandom(size)
    data = sealed_bytes(HEADER, content)
    start, stop = ends

    assert b"".join(_reader(data).open(start, stop)) == content[start:stop]
    assert _stream(data) == content
    assert sealed_size(HEADER, size) == len(data)


@given(size=st.integers(0, 3 * SEGMENT), data=st.data())
def test_no_flipped_bit_goes_unseen(size: int, data: st.DataObject) -> None:
    whole = sealed_bytes(HEADER, bytes(size))
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    altered = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]

    with pytest.raises(SealBroken):
        _stream(altered)


@given(size=st.integers(0, 3 * SEGMENT), data=st.data())
def test_no_cut_goes_unseen(size: int, data: st.DataObject) -> None:
    whole = sealed_bytes(HEADER, bytes(size))
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]

    with pytest.raises(SealBroken):
        _stream(cut)
    with pytest.raises(SealBroken):
        list(_reader(cut).open())


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for candidate in (data, b"chopbook-sealed/1\n" + data):
        with pytest.raises(SealBroken):
            _stream(candidate)
        with pytest.raises(SealBroken):
            list(_reader(candidate).open())


def test_a_range_reads_only_the_segments_it_touches() -> None:
    data = sealed_bytes(HEADER, bytes(20 * SEGMENT))
    asked: list[tuple[int, int]] = []

    def read(start: int, stop: int) -> Iterator[bytes]:
        asked.append((start, stop))
        yield data[start:stop]

    reader = SealReader(read, len(data), DOCUMENT_KEY)
    assert list(reader.open(FIRST + 5, FIRST + FULL)) == [bytes(FULL - 5)]

    (_, (start, stop)) = asked
    assert stop - start == SEGMENT


@pytest.mark.parametrize(
    ("version", "name", "log2"),
    [(0, "", 20), (2**32, "", 20), (1, "A", 20), (1, "x" * 65, 20), (1, "", 7), (1, "", 25)],
)
def test_a_header_has_bounds(version: int, name: str, log2: int) -> None:
    with pytest.raises(SealBroken, match="expected"):
        SealHeader(UUID(int=1), version, BLOB, name, log2)


def test_randomness_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(SealBroken, match="expected 32 and 7 random bytes, got 3, 7"):
        SealWriter(bytes(32), HEADER, lambda _: 0, salt=b"abc", nonce_prefix=bytes(7))
