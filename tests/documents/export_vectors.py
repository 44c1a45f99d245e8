"""The vectors of `docs/formats/folder-export.md`: leaves of items, and their root."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from audit.canonical import encode
from documents.exported.model import FORMAT, Commitment, FormatNote, Line, Origin, Place, item_leaf, items_root
from storage.objects.vault import commitment_of

SALT = bytes(range(32))


def line_of(content: bytes, version: int) -> Line:
    """A line about this content."""
    sha256 = hashlib.sha256(content).digest()
    return Line(
        document="01890a5d-ac96-774b-bcce-b302099a8057",
        version=version,
        file=f"sku/TEA-001/delivery_note/01890a5d-v{version}-dn.jpg",
        sha256=sha256.hex(),
        size=len(content),
        commitment=Commitment(SALT.hex(), commitment_of(SALT, sha256).hex()),
        format=FormatNote("image/jpeg", "JPEG 圖像", "JPEG picture"),
        origin=Origin("p_01", "api_client", "api_client"),
        received_at="2026-11-22T04:30:00.000000Z",
        recorded_at="2026-11-22T04:30:00.000000Z",
        destination=Place("chopbook-records", "s3.ap-east-1.amazonaws.com:443", "HK"),
        added_index=7 + version,
        ciphertext_sha256="00" * 32,
        class_code="delivery_note",
    )


def folder_export() -> dict[str, Any]:
    """Items with what is hashed of each, and the roots over the first one, two and three."""
    lines = [line_of(content, version) for version, content in enumerate((b"delivered", b"", "送貨單".encode()), 1)]
    hashed = [
        encode(
            {
                "commitment": line.commitment.value,
                "document": line.document,
                "media_type": line.format.media_type,
                "sha256": line.sha256,
                "size": line.size,
                "version": line.version,
            }
        ).decode()
        for line in lines
    ]
    return {
        "format": FORMAT,
        "roots": [items_root(lines[:count]) for count in range(len(lines) + 1)],
        "cases": [
            {"line": msgspec.to_builtins(line), "hashed": text, "leaf": item_leaf(line).hex()}
            for line, text in zip(lines, hashed, strict=True)
        ],
    }
