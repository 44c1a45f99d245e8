"""One look at one file: name, size, extension, signature, parser, and what else might be in the same bytes.

Runs in the sandbox (`tasks`); everything here may be asked of hostile bytes. Nothing is believed that two sources do
not say alike.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from documents.checking.codes import Code, refuse
from documents.checking.model import (
    ALL_TYPES,
    EXTENSION_OF,
    EXTENSIONS,
    IMAGES,
    MIB,
    OFFICE,
    TEXTS,
    Checked,
    CheckLimits,
    Finding,
    MediaType,
)
from documents.checking.names import parse_file_name
from documents.checking.office import check_office
from documents.checking.pdf import check_pdf
from documents.checking.pictures import read_picture, require_decodable
from documents.checking.signatures import HEAD_BYTES, recognise, require_agreement, require_single_nature
from documents.checking.text import check_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from documents.checking.names import FileName

REFUSED_EXTENSIONS: Final[dict[str, Code]] = {
    **dict.fromkeys(
        ["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam"], Code.OFFICE_MACROS
    ),
    **dict.fromkeys(["zip", "rar", "7z", "gz", "tgz", "tar", "bz2", "xz", "iso", "cab"], Code.ARCHIVE),
    **dict.fromkeys(
        [
            "exe",
            "dll",
            "com",
            "bat",
            "cmd",
            "scr",
            "msi",
            "ps1",
            "vbs",
            "js",
            "jse",
            "wsf",
            "hta",
            "lnk",
            "sh",
            "apk",
            "py",
            "jar",
        ],
        Code.PROGRAM,
    ),
    **dict.fromkeys(["html", "htm", "xhtml", "mht", "svg", "svgz", "xml", "xsl", "php", "swf"], Code.ACTIVE_TEXT),
    **dict.fromkeys(["doc", "xls", "ppt", "rtf"], Code.LEGACY_OFFICE),
}
"""Extensions refused by a name of their own; every other that is not taken is `extension_not_allowed`."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A file that is what its name says, as far as little work tells.

    Attributes:
        picture: its bytes, if it is a picture, and what its structure says; None for any other file.
    """

    file: BinaryIO
    size: int
    name: FileName
    claimed: MediaType
    found: MediaType
    picture: tuple[bytes, Checked] | None


def check(
    file: BinaryIO,
    file_name: str,
    allowed: Collection[MediaType] = ALL_TYPES,
    limits: CheckLimits | None = None,
) -> Checked:
    """What is known of a file that may be accepted.

    Args:
        file: seekable.
        file_name: as the user's machine calls it.
        allowed: the kinds this class of document takes.
        limits: bounds; the usual ones if None.

    Raises:
        Refused: one of `codes.Code` that is not a note.
    """
    limits = limits or CheckLimits()
    return finish(begin(file, file_name, allowed, limits), allowed, limits)


def begin(file: BinaryIO, file_name: str, allowed: Collection[MediaType], limits: CheckLimits) -> Begun:
    """The first half of `check`: name, extension, size and signature; of a picture everything but its pixels.

    Raises:
        Refused: as `check`.
    """
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        refuse(Code.EMPTY_FILE)
    if size > limits.size_max:
        refuse(Code.FILE_TOO_LARGE, limit_mb=limits.size_max // MIB)
    name = parse_file_name(file_name)
    claimed = _claimed(name.extension)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    found = _found(head, claimed)
    if found not in OFFICE:
        _require_allowed(found, allowed)
    if found not in IMAGES:
        return Begun(file, size, name, claimed, found, None)
    file.seek(0)
    raw = file.read(size)
    require_single_nature(io.BytesIO(raw), size, found)
    return Begun(file, size, name, claimed, found, (raw, read_picture(raw, found, limits, name.display)))


def finish(begun: Begun, allowed: Collection[MediaType], limits: CheckLimits) -> Checked:
    """The second half of `check`: what takes its time.

    Raises:
        Refused: as `check`.
    """
    name = begun.name
    if begun.picture is not None:
        raw, checked = begun.picture
        require_decodable(raw, checked)
    else:
        require_single_nature(begun.file, begun.size, begun.found)
        checked = _parse(begun, limits)
    if checked.media_type != begun.claimed:
        refuse(Code.EXTENSION_MISMATCH, extension=name.extension, found=EXTENSION_OF[checked.media_type])
    _require_allowed(checked.media_type, allowed)
    cleaned = (Finding(Code.NAME_CLEANED, {"why": ", ".join(name.changes)}),) if name.changes else ()
    return replace(checked, extension=EXTENSION_OF[checked.media_type], findings=(*cleaned, *checked.findings))


def _require_allowed(found: MediaType, allowed: Collection[MediaType]) -> None:
    if found not in allowed:
        refuse(Code.TYPE_NOT_ALLOWED, media_type=EXTENSION_OF[found])


def _claimed(extension: str) -> MediaType:
    """What the extension says."""
    if not extension:
        refuse(Code.EXTENSION_MISSING)
    if extension not in EXTENSIONS:
        refuse(REFUSED_EXTENSIONS.get(extension, Code.EXTENSION_NOT_ALLOWED), extension=extension, found=extension)
    return EXTENSIONS[extension]


def _found(head: bytes, claimed: MediaType) -> MediaType:
    """What the first bytes say; text has no signature, so for it they only must not say anything else."""
    found = recognise(head)
    if found is None:
        if claimed in TEXTS:
            return claimed
        if b"%PDF-" in head:
            refuse(Code.DATA_BEFORE_START)
        refuse(Code.TYPE_UNKNOWN)
    if claimed in TEXTS or (found != claimed and not (found in OFFICE and claimed in OFFICE)):
        if found in OFFICE:
            refuse(Code.ARCHIVE, found="ZIP")
        refuse(Code.EXTENSION_MISMATCH, extension=EXTENSION_OF[claimed], found=EXTENSION_OF[found])
    require_agreement(head, claimed)
    return found


def _parse(begun: Begun, limits: CheckLimits) -> Checked:
    file, size, found, name = begun.file, begun.size, begun.found, begun.name.display
    if found == MediaType.PDF:
        return check_pdf(file, size, limits, name)
    if found in OFFICE:
        return check_office(file, size, limits, name)
    return check_text(file, size, found, limits, name)
