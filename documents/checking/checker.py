"""One look at one file: name, size, extension, signature, parser, and what else might be in the same bytes.

Runs in the sandbox (`tasks`); everything here may be asked of hostile bytes. Nothing is believed that two sources do
not say alike.
"""

from __future__ import annotations

import os
from dataclasses import replace
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
from documents.checking.pictures import check_picture
from documents.checking.signatures import HEAD_BYTES, recognise, require_agreement, require_single_nature
from documents.checking.text import check_text

if TYPE_CHECKING:
    from collections.abc import Collection

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
    require_single_nature(file, size, found)
    checked = _parse(file, size, found, limits, name.display)
    if checked.media_type != claimed:
        refuse(Code.EXTENSION_MISMATCH, extension=name.extension, found=EXTENSION_OF[checked.media_type])
    if checked.media_type not in allowed:
        refuse(Code.TYPE_NOT_ALLOWED, media_type=EXTENSION_OF[checked.media_type])
    cleaned = (Finding(Code.NAME_CLEANED, {"why": ", ".join(name.changes)}),) if name.changes else ()
    return replace(checked, extension=EXTENSION_OF[checked.media_type], findings=(*cleaned, *checked.findings))


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


def _parse(file: BinaryIO, size: int, found: MediaType, limits: CheckLimits, name: str) -> Checked:
    if found in IMAGES:
        file.seek(0)
        return check_picture(file.read(size), found, limits, name)
    if found == MediaType.PDF:
        return check_pdf(file, size, limits, name)
    if found in OFFICE:
        return check_office(file, size, limits, name)
    return check_text(file, size, found, limits, name)
