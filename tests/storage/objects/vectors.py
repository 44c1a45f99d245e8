"""The vectors of docs/formats/sealed-object.md; `python -m tests.audit.vectors` writes them."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.objects.sealed import SealHeader, SealWriter, commitment_salt, object_key
from storage.objects.vault import TEXT_MARK, commitment_of, text_associated, text_key

DOCUMENT_KEY = bytes(range(32))
DOCUMENT = UUID("0e4a1c5e-7a53-4b8e-9f2a-6f1d3f0a9b01")
BLOB = UUID("5b0c8f4e-2d6a-4c11-8a7e-0f9e8d7c6b5a")
SALT = bytes(range(0x40, 0x60))
NONCE_PREFIX = bytes(range(0x60, 0x67))
SEGMENT = 256
FIRST, FULL = SEGMENT - 40 - 16, SEGMENT - 16


def sealed_bytes(header: SealHeader, content: bytes) -> bytes:
    """The object, with the salt and nonce prefix of the vectors."""
    rest = [content]

    def fill(view: memoryview) -> int:
        piece, rest[0] = rest[0][: len(view)], rest[0][len(view) :]
        view[: len(piece)] = piece
        return len(piece)

    key = object_key(DOCUMENT_KEY, header)
    return b"".join(bytes(view) for view in SealWriter(key, header, fill, salt=SALT, nonce_prefix=NONCE_PREFIX))


def sealed_object() -> dict[str, Any]:
    """All of them."""
    sizes = {
        "empty": 0,
        "one byte": 1,
        "first segment full": FIRST,
        "one byte in the second segment": FIRST + 1,
        "two segments full": FIRST + FULL,
        "three segments": FIRST + FULL + 7,
    }
    cases = [_case(name, size) for name, size in sizes.items()]
    cases.append(_case("derived", 5, name="page-1"))
    whole = bytes.fromhex(cases[5]["object"])
    text_nonce = bytes(range(0x70, 0x7C))
    text = "送貨單 1024".encode()
    sealed_text = AESGCM(text_key(DOCUMENT_KEY)).encrypt(text_nonce, text, text_associated(DOCUMENT, "title"))
    return {
        "document_key": DOCUMENT_KEY.hex(),
        "document": str(DOCUMENT),
        "salt": SALT.hex(),
        "nonce_prefix": NONCE_PREFIX.hex(),
        "refused": [{"name": name, "object": data.hex()} for name, data in _mutations(whole)],
        "text": {"purpose": "title", "clear": text.hex(), "sealed": (TEXT_MARK + text_nonce + sealed_text).hex()},
        "cases": cases,
    }


def _case(label: str, size: int, *, name: str = "") -> dict[str, Any]:
    header = SealHeader(DOCUMENT, 1, BLOB, name, segment_log2=8)
    content = bytes(index * 7 % 251 for index in range(size))
    salt, digest = commitment_salt(DOCUMENT_KEY, header), hashlib.sha256(content).digest()
    return {
        "name": label,
        "header": header.encode().hex(),
        "object_key": object_key(DOCUMENT_KEY, header).hex(),
        "content": content.hex(),
        "object": sealed_bytes(header, content).hex(),
        "commitment_salt": salt.hex(),
        "content_sha256": digest.hex(),
        "commitment": commitment_of(salt, digest).hex(),
    }


def _mutations(whole: bytes) -> list[tuple[str, bytes]]:
    head = len(SealHeader(DOCUMENT, 1, BLOB, segment_log2=8).encode())
    start, stream = whole[:head], whole[head:]
    one, two, three = stream[:SEGMENT], stream[SEGMENT : 2 * SEGMENT], stream[2 * SEGMENT :]

    def flipped(at: int) -> bytes:
        return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]

    return [
        ("nothing", b""),
        ("header alone", start),
        ("another mark", whole.replace(b"sealed/1", b"sealed/2")),
        ("bit flipped in the document", flipped(18)),
        ("bit flipped in the version", flipped(37)),
        ("bit flipped in the blob", flipped(40)),
        ("another segment size", flipped(54)),
        ("a name that is longer", flipped(55)),
        ("another length of the stream header", flipped(head)),
        ("bit flipped in the salt", flipped(head + 1)),
        ("bit flipped in the nonce prefix", flipped(head + 33)),
        ("bit flipped in the first segment", flipped(head + 41)),
        ("bit flipped in the last tag", flipped(len(whole) - 1)),
        ("last segment removed", start + one + two),
        ("last segment twice", whole + three),
        ("middle segment removed", start + one + three),
        ("last byte removed", whole[:-1]),
        ("one byte added", whole + b"\0"),
        ("first segment alone", start + one),
    ]
