"""Checking and cleaning as a task of the sandbox: `(arguments, blobs, file) -> result`."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import pikepdf
from PIL import Image

from documents.checking import checker
from documents.checking.model import CheckLimits, MediaType
from documents.checking.sanitise import Sanitised, sanitise
from documents.sandbox.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


def look(
    arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None
) -> Generator[tuple[Any, list[bytes]], None, Any]:
    """`{name, allowed, limits, clean}` and the file; returns `{checked, sanitised}`, told ahead what would be sealed.

    What is told ahead is the cleaned photo as the one blob; no blob where nothing had to go, or nothing is cleaned.
    """
    del blobs
    limits = msgspec.convert(arguments["limits"], CheckLimits)
    allowed = frozenset(MediaType(each) for each in arguments["allowed"])
    begun = checker.begin(_require(file), arguments["name"], allowed, limits)
    sanitised: Sanitised | None = None
    cleaned: list[bytes] = []
    if arguments["clean"] and begun.picture is not None:
        raw = begun.picture[0]
        try:
            content, sanitised = sanitise(raw, begun.found, limits)
        except Refused:
            # What the check has to say of the file says more.
            checker.finish(begun, allowed, limits)
            raise
        cleaned = [content] if sanitised.changed else []
    yield None, cleaned
    return {"checked": checker.finish(begun, allowed, limits), "sanitised": sanitised}


def warm() -> None:
    """Looks at small files of our own, so that what decoders load when first used is there in every fork."""
    files = {"a.pdf": io.BytesIO()}
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(files["a.pdf"])
    for kind, name in (("JPEG", "a.jpg"), ("PNG", "a.png"), ("TIFF", "a.tif"), ("WEBP", "a.webp")):
        files[name] = io.BytesIO()
        Image.new("RGB", (16, 16)).save(files[name], kind)
    for name, file in files.items():
        arguments = {"name": name, "allowed": [*MediaType], "limits": {}, "clean": True}
        for told, _ in look(arguments, [], file):
            msgspec.json.encode(told)


def _require(file: BinaryIO | None) -> BinaryIO:
    if file is None:
        msg = "file: expected one, got none"
        raise ValueError(msg)
    return file
