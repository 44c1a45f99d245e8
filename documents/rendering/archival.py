"""PDF/A as we write it (ISO 19005-2 and -3, level B): described, saved the same way every time, judged before it leaves."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from pikepdf import pdfa

from documents.rendering.errors import NotArchival

if TYPE_CHECKING:
    from datetime import datetime

    import pikepdf

PLAIN: Final = "2b"
WITH_FILES: Final = "3b"
"""The flavour that may carry files of any type."""


def archived(pdf: pikepdf.Pdf, *, title: str, made_at: datetime, flavour: str = PLAIN) -> bytes:
    """The file, the same bytes for the same content. `made_at` is aware; `title` should name no person.

    Raises:
        NotArchival: it did not pass the validator.
    """
    _describe(pdf, title, made_at, flavour)
    made = io.BytesIO()
    pdf.save(made, **pdfa.resolve_save_kwargs(flavour, deterministic_id=True))
    require_archival(made, flavour)
    return made.getvalue()


def require_archival(file: io.BytesIO, flavour: str = PLAIN) -> None:
    """Asks the validator about a file we wrote.

    Raises:
        NotArchival: names the rules it breaks.
    """
    file.seek(0)
    report = pdfa.validate_written(file, flavour)
    if report.verdict != "pass":
        raise NotArchival(flavour, [finding.rule for finding in report.findings])


def _describe(pdf: pikepdf.Pdf, title: str, made_at: datetime, flavour: str) -> None:
    stamp = made_at.replace(microsecond=0)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
        metadata["dc:title"] = title
        metadata["xmp:CreatorTool"] = "Chopbook"
        metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = stamp.isoformat()
    pdfa.prepare(pdf, flavour)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["xmp:MetadataDate"] = stamp.isoformat()
