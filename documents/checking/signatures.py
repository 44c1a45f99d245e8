"""What a file is by its first bytes, and what else it might be at the same time.

- `recognise` is exact: the documents we take begin in a fixed way, and so do the things we refuse by name.
- `require_agreement` asks puremagic, whose tables are not ours, for a second opinion.
- `require_single_nature` looks for other formats inside: tools find a ZIP from its end, a PDF within the first 1,024
  bytes, an archive behind any prefix, and browsers look for markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import puremagic

from documents.checking.codes import Code, refuse
from documents.checking.model import IMAGES, OFFICE, MediaType

if TYPE_CHECKING:
    from typing import BinaryIO

HEAD_BYTES: Final = 8192
ZIP_TAIL_BYTES: Final = 65_535 + 22
_PIECE: Final = 1024 * 1024

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_FIXED: Final[tuple[tuple[bytes, MediaType], ...]] = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"%PDF-", MediaType.PDF),
)
_REFUSED: Final[tuple[tuple[bytes, Code, str], ...]] = (
    (b"MZ", Code.PROGRAM, "Windows program"),
    (b"\x7fELF", Code.PROGRAM, "Linux program"),
    (b"\xca\xfe\xba\xbe", Code.PROGRAM, "Java or macOS program"),
    (b"\xcf\xfa\xed\xfe", Code.PROGRAM, "macOS program"),
    (b"\xfe\xed\xfa\xcf", Code.PROGRAM, "macOS program"),
    (b"#!", Code.PROGRAM, "script"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Code.PROGRAM, "Windows shortcut"),
    (b"%!PS", Code.PROGRAM, "PostScript"),
    (b"\xc5\xd0\xd3\xc6", Code.PROGRAM, "PostScript"),
    (b"{\\rtf", Code.LEGACY_OFFICE, "RTF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Code.LEGACY_OFFICE, "OLE2"),
    (b"Rar!\x1a\x07", Code.ARCHIVE, "RAR"),
    (b"7z\xbc\xaf\x27\x1c", Code.ARCHIVE, "7z"),
    (b"\x1f\x8b", Code.ARCHIVE, "gzip"),
    (b"BZh", Code.ARCHIVE, "bzip2"),
    (b"\xfd7zXZ\x00", Code.ARCHIVE, "xz"),
    (b"\x28\xb5\x2f\xfd", Code.ARCHIVE, "zstd"),
    (b"MSCF", Code.ARCHIVE, "CAB"),
    (b"ITSF", Code.ARCHIVE, "CHM"),
    (b"PK\x05\x06", Code.ARCHIVE, "empty ZIP"),
    (b"PK\x07\x08", Code.ARCHIVE, "split ZIP"),
)
_NAMED: Final[tuple[tuple[bytes, str], ...]] = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II+\x00", "BigTIFF"),
    (b"MM\x00+", "BigTIFF"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"8BPS", "PSD"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"SQLite format 3\x00", "SQLite"),
)
_MARKUP: Final = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?php|\?xml-stylesheet|foreignobject)[\s/>]",
    re.IGNORECASE,
)
"""With what ends the name: among pixels, four bytes come about by chance in one photo of some ten thousand."""
_SERVER_PAGE: Final = re.compile(rb"<%[@=]|<\?=")
"""Too short to mean anything among pixels; looked for in text only."""
_MARKUP_START: Final = re.compile(rb"^[\s\x00\xef\xbb\xbf\xff\xfe]*<[!?/a-z]", re.IGNORECASE)
_ARCHIVE_INSIDE: Final = ((b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"))
_MARK_MAX: Final = 8
"""Bytes of the longest mark, at least."""


def recognise(head: bytes) -> MediaType | None:
    """The kind of file that begins so; None for what may be text.

    ZIP files come back as DOCX: which Office file they are, if any, is for their parser.

    Raises:
        Refused: `program`, `archive`, `legacy_office`, `active_text` or `image_kind_not_read`, by what it is.
    """
    for mark, media_type in _FIXED:
        if head.startswith(mark):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIC_BRANDS:
            return MediaType.HEIC
        refuse(Code.IMAGE_KIND_NOT_READ, kind=_printable(head[8:12]))
    if head.startswith(b"PK\x03\x04"):
        return MediaType.DOCX
    _refuse_known(head)
    return None


def _refuse_known(head: bytes) -> None:
    for mark, code, found in _REFUSED:
        if head.startswith(mark):
            refuse(code, found=found)
    if head[257:262] == b"ustar":
        refuse(Code.ARCHIVE, found="tar")
    for mark, kind in _NAMED:
        if head.startswith(mark):
            refuse(Code.IMAGE_KIND_NOT_READ, kind=kind)
    if _MARKUP_START.match(head):
        refuse(Code.ACTIVE_TEXT)


def require_agreement(head: bytes, media_type: MediaType) -> None:
    """Asks puremagic whether a file that begins so may be of this kind.

    Raises:
        Refused: `parsers_disagree`: it knows the bytes, as something else.
    """
    wanted = "application/zip" if media_type in OFFICE else str(media_type)
    try:
        found = {each.mime_type for each in puremagic.magic_string(head)}
    except puremagic.PureError:
        found = set()
    same = {wanted, str(media_type), *_ALSO_CALLED.get(media_type, ())}
    if found - {""} and not found & same:
        refuse(Code.PARSERS_DISAGREE)


_ALSO_CALLED: Final[dict[MediaType, tuple[str, ...]]] = {
    MediaType.HEIC: ("image/heif", "image/heif-sequence", "image/heic-sequence", "video/mp4", "video/quicktime"),
    MediaType.JPEG: ("image/jpg", "image/pjpeg"),
    MediaType.TIFF: ("image/tif",),
    MediaType.WEBP: ("audio/webp",),
}


def require_single_nature(file: BinaryIO, size: int, media_type: MediaType) -> None:
    """Looks for another format in the same bytes.

    Raises:
        Refused: `polyglot`.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if media_type != MediaType.PDF and b"%PDF-" in head[:1024]:
        refuse(Code.POLYGLOT, found="PDF")
    if media_type in IMAGES and _MARKUP.search(head):
        refuse(Code.POLYGLOT, found="HTML")
    if head[257:262] == b"ustar":
        refuse(Code.POLYGLOT, found="tar")
    if media_type not in OFFICE and _is_zip(file, size):
        refuse(Code.POLYGLOT, found="ZIP")
    _require_no_archive(file)


def has_markup(content: bytes) -> bool:
    """Whether there is markup that a browser or server would run, anywhere."""
    return any(pattern.search(content) for pattern in (_MARKUP, _SERVER_PAGE)) or bool(_MARKUP_START.match(content))


def _is_zip(file: BinaryIO, size: int) -> bool:
    """Whether a ZIP's directory can be found from the end, as ZIP tools do, whatever stands before it."""
    start = max(0, size - ZIP_TAIL_BYTES)
    file.seek(start)
    tail = file.read(ZIP_TAIL_BYTES)
    place = tail.rfind(b"PK\x05\x06")
    while place >= 0:
        record = tail[place : place + 22]
        if len(record) == 22:
            directory_bytes = int.from_bytes(record[12:16], "little")
            directory = start + place - directory_bytes
            if directory >= 0:
                file.seek(directory)
                if directory_bytes == 0 or file.read(4) == b"PK\x01\x02":
                    return True
        place = tail.rfind(b"PK\x05\x06", 0, place)
    return False


def _require_no_archive(file: BinaryIO) -> None:
    file.seek(0)
    kept = b""
    while piece := file.read(_PIECE):
        # Over the edge of two pieces as well, without a copy of either.
        edge = kept + piece[:_MARK_MAX]
        for mark, found in _ARCHIVE_INSIDE:
            if mark in piece or mark in edge:
                refuse(Code.POLYGLOT, found=found)
        kept = piece[-_MARK_MAX:]


def _printable(raw: bytes) -> str:
    return "".join(chr(each) if 32 < each < 127 else "?" for each in raw)
