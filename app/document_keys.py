"""A document's key in a file of its own, so that a sealed object opens where nothing else of Chopbook is: docs/keys.md."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final
from uuid import UUID

from app.exits import Refused

FORMAT: Final = "chopbook-document-key/1"
FILE_BYTES_MAX: Final = 4_096


def exported_key(document: UUID, key: bytes) -> dict[str, str]:
    """What such a file holds."""
    return {"format": FORMAT, "document": str(document), "key": key.hex(), "check": _check(document, key)}


def read_exported_key(path: Path) -> tuple[UUID, bytes]:
    """Document and key of such a file.

    Raises:
        Refused: it is none, or was altered.
    """
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_BYTES_MAX))
        document, key = UUID(found["document"]), bytes.fromhex(found["key"])
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{path.name}: expected a file of format {FORMAT}, got something else"
        raise Refused(msg, f"{path.name}：須為 {FORMAT} 格式的檔案") from error
    if found.get("format") != FORMAT or len(key) != 32 or found.get("check") != _check(document, key):
        msg = f"{path.name}: expected format {FORMAT} with its own check, got an altered file"
        raise Refused(msg, f"{path.name}：須為 {FORMAT} 格式並通過其自我核對，但檔案曾被更改")
    return document, key


def _check(document: UUID, key: bytes) -> str:
    return hashlib.sha256(f"{FORMAT}\n{document}\n".encode() + key).hexdigest()[:16]
