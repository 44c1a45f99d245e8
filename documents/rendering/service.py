"""The front door of rendering: pictures, text and searchable copies of spooled or plain files, made in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from documents.checking.service import as_refusals
from documents.rendering.model import (
    PREVIEW_LONG_SIDE,
    READING_DPI,
    THUMBNAIL_LONG_SIDE,
    Encoding,
    Picture,
    PlainText,
    RenderLimits,
)

if TYPE_CHECKING:
    from datetime import datetime

    from documents.checking.model import MediaType
    from documents.inspecting import PageCut
    from documents.sandbox import Sandbox, SpoolFileRef
    from storage.objects.spool import SpoolFile

TIMEOUT_S: Final = 60.0
COPY_TIMEOUT_S: Final = 600.0
PRELOAD: Final = (
    "documents.rendering.tasks",
    "storage.objects.spool_reader:warm",
)
"""What a sandbox for rendering loads before files come."""


class Renderer:
    """Renders files. Safe for use from many threads.

    Every method raises `Refused` (with a `checking.codes.Code`) for a file that cannot be rendered, and `SandboxError`
    if nobody looked at it.
    """

    def __init__(self, sandbox: Sandbox, limits: RenderLimits | None = None) -> None:
        """`sandbox` has `PRELOAD`."""
        self._sandbox: Final = sandbox
        self._limits: Final = limits or RenderLimits()

    def page(
        self,
        file: SpoolFileRef | SpoolFile,
        media_type: MediaType,
        page: int,
        *,
        dpi: int | None = None,
        long_side: int | None = PREVIEW_LONG_SIDE,
        encoding: Encoding = Encoding.JPEG,
    ) -> Picture:
        """One page, 0-based: a PDF at `dpi`, anything at most `long_side` pixels long."""
        arguments = {
            "media_type": media_type,
            "page": page,
            "dpi": dpi or (None if long_side else READING_DPI),
            "long_side": long_side,
            "encoding": encoding,
            "limits": self._limits,
        }
        with as_refusals():
            told, blobs = self._sandbox.run(
                "documents.rendering.tasks:page_image", arguments, spool=file, timeout_s=TIMEOUT_S
            )
        return Picture(blobs[0], encoding, told["width"], told["height"], told["pages"])

    def thumbnail(self, file: SpoolFileRef | SpoolFile, media_type: MediaType) -> Picture:
        """The first page, small."""
        return self.page(file, media_type, 0, long_side=THUMBNAIL_LONG_SIDE)

    def cut(self, file: SpoolFileRef | SpoolFile, media_type: MediaType, cut: PageCut) -> Picture:
        """A part of a page as it was read, as PNG, at most as long as a preview."""
        arguments = {
            "media_type": media_type,
            "page": cut.page,
            "rotation": cut.rotation,
            "share": [cut.box[0] / cut.width, cut.box[1] / cut.height, cut.box[2] / cut.width, cut.box[3] / cut.height],
            "limits": self._limits,
        }
        with as_refusals():
            told, blobs = self._sandbox.run(
                "documents.rendering.tasks:page_cut", arguments, spool=file, timeout_s=TIMEOUT_S
            )
        return Picture(blobs[0], Encoding.PNG, told["width"], told["height"], told["pages"])

    def text(self, file: SpoolFileRef | SpoolFile, media_type: MediaType) -> PlainText:
        """The text of an Office or text file."""
        arguments = {"media_type": media_type, "limits": self._limits}
        with as_refusals():
            told, _ = self._sandbox.run(
                "documents.rendering.tasks:plain_text", arguments, spool=file, timeout_s=TIMEOUT_S
            )
        return msgspec.convert(told, PlainText)

    def searchable(
        self, file: SpoolFileRef | SpoolFile, media_type: MediaType, reading: bytes, *, title: str, made_at: datetime
    ) -> bytes:
        """A searchable PDF/A-2b of a photo or PDF. `reading` is the stored JSON of its `DocumentReading`."""
        arguments = {
            "media_type": media_type,
            "title": title,
            "made_at": made_at.isoformat(),
            "limits": self._limits,
        }
        with as_refusals():
            _, blobs = self._sandbox.run(
                "documents.rendering.tasks:searchable_copy",
                arguments,
                blobs=[reading],
                spool=file,
                timeout_s=COPY_TIMEOUT_S,
            )
        return blobs[0]
