"""DOCX and XLSX (ECMA-376, ISO/IEC 29500): a ZIP read with distrust, then its parts.

- The ZIP: begins at byte 0, ends at its last byte, names once and alike in both directories, nothing packed too well.
- The parts: no macros, no objects, no archives, nothing loaded from elsewhere, no fields that run commands; XML
  without entities.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from typing import BinaryIO, Final

import docx
import openpyxl

from documents.checking.codes import Code, refuse
from documents.checking.model import Checked, CheckLimits, Finding, MediaType
from documents.checking.parts import count_links

_PIECE: Final = 256 * 1024
_RATIO_FROM: Final = 1024 * 1024
_NAME_CHARS_MAX: Final = 255
_DEPTH_MAX: Final = 12
_ARCHIVES: Final = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf", b"\x1f\x8b\x08", b"MSCF", b"BZh", b"\xfd7zXZ")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN: Final = {
    "wordprocessingml.document.main+xml": MediaType.DOCX,
    "spreadsheetml.sheet.main+xml": MediaType.XLSX,
}
_TEMPLATE: Final = ("wordprocessingml.template", "spreadsheetml.template", "presentationml", "visio")
_UNSAFE_NAME: Final = re.compile(r"(^/|^[a-z]:|\\|//|(^|/)\.\.?(/|$)|[\x00-\x1f\x7f])", re.IGNORECASE)


def check_office(file: BinaryIO, size: int, limits: CheckLimits, name: str) -> Checked:
    """What is known of a ZIP file that may be an Office file.

    Raises:
        Refused: `archive` if it is none, and see the codes whose names begin with `office_`.
    """
    _require_plain_edges(file, size)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as parts:
            infos = _require_modest(parts, file, limits)
            media_type = _kind(parts, infos)
            links = _require_harmless(parts, infos, limits)
    except (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error, struct.error, OSError, ValueError):
        refuse(Code.DAMAGED)
    _second_opinion(file, media_type)
    findings = (Finding(Code.OFFICE_LINKS, {"count": links}),) if links else ()
    return Checked(media_type, "", name, size, findings=findings)


def read_part(parts: zipfile.ZipFile, info: zipfile.ZipInfo, limits: CheckLimits) -> bytes:
    """The content of a part, no larger than its directory claims and the limits allow.

    Raises:
        Refused: `decompression_bomb`.
    """
    content = bytearray()
    with parts.open(info) as opened:
        while piece := opened.read(_PIECE):
            content += piece
            if len(content) > min(info.file_size, limits.unpacked_max):
                refuse(Code.DECOMPRESSION_BOMB)
    return bytes(content)


def _require_plain_edges(file: BinaryIO, size: int) -> None:
    """The end record is the last thing in the file, its directory is where it says, and nothing stands before."""
    file.seek(max(0, size - 22))
    record = file.read(22)
    if len(record) < 22 or record[:4] != b"PK\x05\x06":
        file.seek(max(0, size - 65_557))
        place = (tail := file.read(65_557)).rfind(b"PK\x05\x06")
        if place < 0:
            refuse(Code.TRUNCATED)
        refuse(Code.TRAILING_DATA, bytes=len(tail) - place - 22)
    count, directory_bytes, directory, comment = struct.unpack("<HIIH", record[10:22])
    if comment:
        refuse(Code.TRUNCATED)
    if directory + directory_bytes != size - 22 and directory != 0xFFFFFFFF and count != 0xFFFF:
        refuse(Code.DATA_BEFORE_START)


def _require_modest(parts: zipfile.ZipFile, file: BinaryIO, limits: CheckLimits) -> list[zipfile.ZipInfo]:
    infos = parts.infolist()
    if len(infos) > limits.parts_max:
        refuse(Code.TOO_COMPLEX, what="Office")
    names, total = set(), 0
    for info in infos:
        if info.flag_bits & 1:
            refuse(Code.OFFICE_ENCRYPTED)
        lowered = info.filename.lower()
        if lowered in names:
            refuse(Code.OFFICE_UNSAFE_PART, why="double")
        names.add(lowered)
        if _UNSAFE_NAME.search(info.filename) or len(lowered) > _NAME_CHARS_MAX or lowered.count("/") > _DEPTH_MAX:
            refuse(Code.OFFICE_UNSAFE_PART, why="name")
        _require_same_name(file, info)
        total += info.file_size
        packed_well = info.file_size > limits.ratio_max * max(1, info.compress_size)
        if info.file_size > limits.unpacked_max or (info.file_size > _RATIO_FROM and packed_well):
            refuse(Code.DECOMPRESSION_BOMB)
    if total > limits.unpacked_total_max:
        refuse(Code.DECOMPRESSION_BOMB)
    _require_no_overlap(infos)
    return infos


def _require_same_name(file: BinaryIO, info: zipfile.ZipInfo) -> None:
    """Programs that read the local header must see the same part as those that read the directory."""
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        refuse(Code.OFFICE_UNSAFE_PART, why="header")
    length = int.from_bytes(header[26:28], "little")
    if file.read(length) != info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace"):
        refuse(Code.OFFICE_UNSAFE_PART, why="header")


def _require_no_overlap(infos: list[zipfile.ZipInfo]) -> None:
    """Parts that share bytes are how a small ZIP unpacks to petabytes."""
    reach = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < reach:
            refuse(Code.DECOMPRESSION_BOMB)
        reach = info.header_offset + 30 + len(info.orig_filename) + info.compress_size
    if infos and min(info.header_offset for info in infos) != 0:
        refuse(Code.DATA_BEFORE_START)


def _kind(parts: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> MediaType:
    types = next((info for info in infos if info.filename == "[Content_Types].xml"), None)
    if types is None:
        refuse(Code.ARCHIVE, found="ZIP")
    content = parts.read(types).decode("utf-8", "replace") if types.file_size < _RATIO_FROM else ""
    if "macroEnabled" in content or "vbaProject" in content:
        refuse(Code.OFFICE_MACROS)
    if any(kind in content for kind in _TEMPLATE):
        refuse(Code.TYPE_UNKNOWN)
    kinds = {media_type for mark, media_type in _MAIN.items() if mark in content}
    if len(kinds) != 1:
        refuse(Code.TYPE_UNKNOWN)
    return kinds.pop()


def _require_harmless(parts: zipfile.ZipFile, infos: list[zipfile.ZipInfo], limits: CheckLimits) -> int:
    """Looks into every part; returns the number of links."""
    links, total = 0, 0
    for info in infos:
        _require_harmless_name(info.filename)
        content = read_part(parts, info, limits)
        total += len(content)
        if total > limits.unpacked_total_max:
            refuse(Code.DECOMPRESSION_BOMB)
        if content.startswith(_OLE):
            refuse(Code.OFFICE_EMBEDDED, part="OLE2")
        if content.startswith(_ARCHIVES):
            refuse(Code.OFFICE_NESTED_ARCHIVE)
        if info.filename.endswith((".xml", ".rels", ".vml")):
            links += count_links(info.filename, content)
    return links


def _require_harmless_name(name: str) -> None:
    lowered = name.lower()
    if (
        "vbaproject" in lowered
        or "vbadata" in lowered
        or lowered.endswith("macrosheets.xml")
        or "/macrosheets/" in lowered
    ):
        refuse(Code.OFFICE_MACROS)
    for folder in ("activex", "embeddings", "externaldata", "customui"):
        if f"/{folder}/" in f"/{lowered}":
            refuse(Code.OFFICE_EMBEDDED, part=folder)
    if lowered.endswith((".exe", ".dll", ".js", ".vbs", ".ps1", ".bat", ".jar", ".hta", ".lnk")):
        refuse(Code.OFFICE_EMBEDDED, part=lowered.rpartition(".")[2])


def _second_opinion(file: BinaryIO, media_type: MediaType) -> None:
    """The libraries that will read its text must be able to open it."""
    file.seek(0)
    try:
        if media_type == MediaType.DOCX:
            docx.Document(file)
        else:
            openpyxl.load_workbook(file, read_only=True, keep_links=False).close()
    except Exception:  # noqa: BLE001  these libraries raise whatever a part made them raise
        refuse(Code.PARSERS_DISAGREE)
