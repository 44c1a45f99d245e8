"""What Pillow is told, and what it may answer with: the decoders allowed by kind of file, and the faults they raise."""

from __future__ import annotations

import struct
from typing import Final

import pillow_heif

from documents.checking.model import MediaType

pillow_heif.register_heif_opener(thumbnails=False)

FORMATS: Final = {
    MediaType.JPEG: "JPEG",
    MediaType.PNG: "PNG",
    MediaType.WEBP: "WEBP",
    MediaType.HEIC: "HEIF",
    MediaType.TIFF: "TIFF",
}
"""The only decoder that is tried for each."""

FAULTS: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    RuntimeError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
)
"""What decoders of pictures and PDFs raise when a file is damaged."""
