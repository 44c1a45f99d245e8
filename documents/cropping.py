"""The cut of a page that a person is shown beside a question: where the field stands, with a margin.

- Drawn from the version itself in the sandbox, each time it is asked for, and kept nowhere: it is opened under the rules, and
  with the entry, of a page's picture.
- A field that was not found has no place. Then its row is shown; where there is none either, the whole first page.
- A cut never changes while the field's boxes do not, so its ETag is a digest of the sealed bytes and the place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from documents.correcting import require_path
from documents.errors import Code, ContentGone, UnknownDocument
from documents.inspecting import PageCut
from documents.marking import Marking
from documents.memory_files import in_memory
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from documents.extraction.model import Box, Extraction
    from documents.inspecting import PageImage
    from documents.model import Version
    from documents.reading.model import DocumentReading, PageReading
    from policies.model import Principal

CROP: Final = "crop"
MARGIN_MIN: Final = 8
"""Pixels that are shown around a field at least; else as much as the field is high, and twice that beside it."""
MARGIN_SHARE_MAX: Final = 0.05
"""Of the page's height: a whole table needs no margin of its own height."""


@dataclass(frozen=True, slots=True)
class FieldCut:
    """Where a field of a version stands, which the caller may see."""

    version: Version
    cut: PageCut
    etag: str


class Cropping(Marking):
    """Pictures of fields."""

    def field_cut(
        self, principal: Principal, document: str, version: int, path: str, *, event_id: UUID, unmasked: bool = False
    ) -> FieldCut:
        """Where the field of a path stands on its page.

        Raises:
            UnknownDocument: no such document, version or field; or nothing of it can be pictured.
            Denied, ContentGone.
            DocumentConflict: it was not read; or an identity card number stands in it, and no purpose was stated.
        """
        found = self._openable(principal, document, version, CROP, event_id, unmasked=unmasked)
        reading = self._reading_of(document, version)
        try:
            _, extraction = self.fields_now(self._document(document), version)
        except KeyMissing as error:
            raise ContentGone from error
        require_path(extraction, path)
        cut = cut_of(extraction, reading, path)
        if cut is None:
            raise UnknownDocument(Code.RENDITION_UNKNOWN)
        told = f"{found.sha256.hex()} {cut.page} {cut.rotation} {cut.width}x{cut.height} {cut.box}"
        return FieldCut(found, cut, hashlib.sha256(told.encode()).hexdigest())

    def draw_cut(self, cut: FieldCut) -> PageImage:
        """The picture of a field.

        Raises:
            FileRefused, PartsAway: it cannot be drawn, or not now.
            ContentGone: the key or the object is gone.
        """
        try:
            with in_memory(self._open(cut.version)) as file:
                return self._parts.reader.cut(file, cut.version.media_type, cut.cut)
        except (KeyMissing, ObjectMissing) as error:
            raise ContentGone from error


def cut_of(extraction: Extraction, reading: DocumentReading, path: str) -> PageCut | None:
    """Where to cut; None: nothing of it stands on a page that has a picture."""
    pages = {page.page: page for page in reading.pages if page.width > 0 and page.height > 0}
    boxes = [box for box in boxes_of(extraction, path) if box[0] in pages]
    if boxes:
        page = pages[boxes[0][0]]
        # A field that runs over two pages is shown where it begins.
        return _around(page, [box for box in boxes if box[0] == page.page])
    if not pages:
        return None
    return _whole(pages[min(pages)])


def boxes_of(extraction: Extraction, path: str) -> tuple[Box, ...]:
    """The places of a field; of its row where it has none, of all rows where the question is about them."""
    field = extraction.at(path)
    if field is not None and field.boxes:
        return field.boxes
    parts = path.split("/")
    if parts[0] != "rows":
        return ()
    number = int(parts[1]) if len(parts) > 1 else None
    rows = extraction.rows if number is None else extraction.rows[number : number + 1]
    return tuple(box for row in rows for field in row.fields.values() for box in field.boxes)


def _around(page: PageReading, boxes: Iterable[Box]) -> PageCut:
    quads = [quad for _, quad in boxes]
    xs = [x for quad in quads for x, _ in quad]
    ys = [y for quad in quads for _, y in quad]
    high = max(max(y for _, y in quad) - min(y for _, y in quad) for quad in quads)
    margin = max(MARGIN_MIN, min(high, round(page.height * MARGIN_SHARE_MAX)))
    left, right = max(0, min(xs) - 2 * margin), min(page.width, max(xs) + 2 * margin)
    top, bottom = max(0, min(ys) - margin), min(page.height, max(ys) + margin)
    if left >= right or top >= bottom:
        # A place outside the page tells nothing.
        return _whole(page)
    return PageCut(page.page, page.width, page.height, page.rotation, (left, top, right, bottom))


def _whole(page: PageReading) -> PageCut:
    return PageCut(page.page, page.width, page.height, page.rotation, (0, 0, page.width, page.height))
