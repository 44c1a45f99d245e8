"""Checking and cleaning as tasks of the sandbox: `(arguments, blobs, file) -> result`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from documents.checking import checker, sanitise
from documents.checking.codes import Code, refuse
from documents.checking.model import CheckLimits, MediaType

if TYPE_CHECKING:
    from collections.abc import Mapping


def check(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{name, allowed, limits}` and the file; returns a `Checked`."""
    del blobs
    limits = msgspec.convert(arguments["limits"], CheckLimits)
    allowed = frozenset(MediaType(each) for each in arguments["allowed"])
    return checker.check(_require(file), arguments["name"], allowed, limits)


def clean(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{media_type, limits}` and the file; returns a `Sanitised` and the cleaned photo as the one blob."""
    del blobs
    limits = msgspec.convert(arguments["limits"], CheckLimits)
    source = _require(file)
    source.seek(0)
    raw = source.read(limits.size_max + 1)
    if len(raw) > limits.size_max:
        refuse(Code.FILE_TOO_LARGE, limit_mb=limits.size_max // (1024 * 1024))
    cleaned, told = sanitise.sanitise(raw, MediaType(arguments["media_type"]), limits)
    return told, [cleaned]


def _require(file: BinaryIO | None) -> BinaryIO:
    if file is None:
        msg = "file: expected one, got none"
        raise ValueError(msg)
    return file
