"""The values of checking."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MIB: Final = 1024 * 1024


class MediaType(StrEnum):
    """Every kind of file that can become a document (RFC 6838 names)."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    TIFF = "image/tiff"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"
    TEXT = "text/plain"


IMAGES: Final = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.HEIC, MediaType.TIFF})
OFFICE: Final = frozenset({MediaType.DOCX, MediaType.XLSX})
TEXTS: Final = frozenset({MediaType.CSV, MediaType.TEXT})
ALL_TYPES: Final = frozenset(MediaType)

EXTENSIONS: Final[dict[str, MediaType]] = {
    "jpg": MediaType.JPEG,
    "jpeg": MediaType.JPEG,
    "jpe": MediaType.JPEG,
    "jfif": MediaType.JPEG,
    "png": MediaType.PNG,
    "webp": MediaType.WEBP,
    "heic": MediaType.HEIC,
    "heif": MediaType.HEIC,
    "tif": MediaType.TIFF,
    "tiff": MediaType.TIFF,
    "pdf": MediaType.PDF,
    "docx": MediaType.DOCX,
    "xlsx": MediaType.XLSX,
    "csv": MediaType.CSV,
    "txt": MediaType.TEXT,
}

EXTENSION_OF: Final[dict[MediaType, str]] = {
    MediaType.JPEG: "jpg",
    MediaType.PNG: "png",
    MediaType.WEBP: "webp",
    MediaType.HEIC: "heic",
    MediaType.TIFF: "tif",
    MediaType.PDF: "pdf",
    MediaType.DOCX: "docx",
    MediaType.XLSX: "xlsx",
    MediaType.CSV: "csv",
    MediaType.TEXT: "txt",
}
"""The extension a stored file of a kind is given."""


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """Bounds of one file.

    Attributes:
        size_max: bytes of the file.
        pixels_max: of one picture or page.
        pixels_total_max: of all pages of a TIFF.
        pages_max: of a PDF or TIFF.
        objects_max: of a PDF.
        unpacked_max: bytes of one packed stream or part, unpacked.
        unpacked_total_max: the same, of all together.
        ratio_max: unpacked to packed, of parts over 1 MiB in an Office file.
        parts_max: of an Office file.
        text_max: bytes of a text file.
        camera_extras: whether what phones append to photos (second pictures, short films, trailers) may be there,
            because it is cut off before sealing. False where the original is kept as it is.
        pdf_allowed: refusals about PDFs that are only findings for this class (`pdf_embedded_file` for e-invoices).
    """

    size_max: int = 100 * MIB
    pixels_max: int = 80_000_000
    pixels_total_max: int = 1_000_000_000
    pages_max: int = 500
    objects_max: int = 200_000
    unpacked_max: int = 256 * MIB
    unpacked_total_max: int = 1024 * MIB
    ratio_max: int = 200
    parts_max: int = 2_000
    text_max: int = 32 * MIB
    camera_extras: bool = True
    pdf_allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing about a file that was accepted.

    Attributes:
        code: a `codes.Code`: one of its notes, or a refusal that the limits turned into a note.
        detail: what its sentence names.
    """

    code: str
    detail: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageSize:
    """Width and height: pixels of a picture, points (1/72 inch) of a PDF page."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a file that was accepted.

    Attributes:
        media_type: what it is, by extension, signature and parser alike.
        extension: the extension to store and offer it with.
        display_name: the cleaned name, extension included.
        size: bytes.
        pages: of a PDF or picture; 0 for text and Office files, which have none until they are laid out.
        page_sizes: of the pages, the first 500.
        text_layer: whether a PDF brings text worth reading on every page.
        encoding: of a text file, as Python names it.
        findings: what to tell the user or to put on record.
    """

    media_type: MediaType
    extension: str
    display_name: str
    size: int
    pages: int = 0
    page_sizes: tuple[PageSize, ...] = ()
    text_layer: bool = False
    encoding: str = ""
    findings: tuple[Finding, ...] = ()
