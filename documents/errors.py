"""What the document room refuses, as exceptions that can be shown in two languages.

    DocumentError                code, path and values; `sentence` renders it
    ├── InvalidDocument          what was sent is wrong whatever the state of things         (400, 422)
    ├── UnknownDocument          a document, version, class, supplier or upload that is not  (404, 422)
    ├── DocumentConflict         well formed, but not as things stand                        (409)
    │   └── VersionOvertaken     another version was added meanwhile: seal again
    ├── ContentGone              there was content, and its key is destroyed                 (410)
    └── UploadError              the upload cannot go on
        ├── FileRefused          the checks refuse the file; carries what they found         (422)
        ├── FileTooLarge         more bytes than allowed                                     (413)
        ├── OffsetDiffers        bytes for another place; carries the right one              (409)
        ├── UploadEnded          nothing more can be added                                   (409)
        ├── UploadExpired        its time is over                                            (410)
        ├── UploadBusy           somebody works on it                                        (423)
        ├── UploadsTooMany       too many at once                                            (429)
        ├── UploadDayFull        too much within a day; carries when to come back            (429)
        ├── SpoolFull            unfinished uploads of everybody fill the space for them     (503)
        ├── ChecksumDiffers      a part arrived damaged; nothing of it was kept              (460)
        └── TusVersion           another protocol version                                    (412)

The shape of requests is checked with the parsers of the stock room, which raise its `InvalidRequest`.
Values hold codes, bounds and counts, never a title, a file name or free text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from documents.checking.codes import Code as CheckCode
from documents.checking.codes import sentence
from documents.sentences import SENTENCES, Code
from policies.model import Words
from policies.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ChecksumDiffers",
    "Code",
    "ContentGone",
    "DocumentConflict",
    "DocumentError",
    "FileRefused",
    "FileTooLarge",
    "InvalidDocument",
    "OffsetDiffers",
    "TusVersion",
    "SpoolFull",
    "UnknownDocument",
    "UploadBusy",
    "UploadEnded",
    "UploadError",
    "UploadExpired",
    "UploadDayFull",
    "UploadsTooMany",
    "VersionOvertaken",
]


class DocumentError(Refusal[Code]):
    """Base of everything this room refuses."""

    sentences = SENTENCES


class InvalidDocument(DocumentError):
    """What was sent is wrong, whatever the state of things."""


class UnknownDocument(DocumentError):
    """The request names something that does not exist."""


class DocumentConflict(DocumentError):
    """The request is well formed, but not possible as things stand."""


class VersionOvertaken(DocumentConflict):
    """The version's number was taken meanwhile: the bytes must be sealed again under the next one."""

    def __init__(self) -> None:
        super().__init__(Code.VERSION_OVERTAKEN)


class ContentGone(DocumentError):
    """The key of the content is destroyed, so nobody can read it."""

    def __init__(self) -> None:
        super().__init__(Code.CONTENT_GONE)


class UploadError(DocumentError):
    """The upload cannot go on as asked."""


class FileRefused(UploadError):
    """The checks refuse the file.

    Attributes:
        findings: what they found, as (code, detail) without anything of the content.
    """

    findings: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, findings: Sequence[tuple[str, str]]) -> FileRefused:
        """The refusal for these findings."""
        told = [_finding(code, detail) for code, detail in findings]
        detail = Words("".join(words.zh for words in told), " ".join(words.en for words in told))
        error = cls(Code.FILE_REFUSED, (), {"detail": detail})
        error.findings = tuple(findings)
        return error

    @classmethod
    def infected(cls, detail: str = "") -> FileRefused:
        """The refusal of malware; `detail` has the name of the signature, as findings have theirs."""
        error = cls(Code.FILE_INFECTED)
        error.findings = (("infected", detail),)
        return error


def _finding(code: str, detail: str) -> Words:
    """What the checks found and what to do about it; a code that an older version stored stands for itself."""
    if code not in set(CheckCode):
        return Words(f"{code}。", f"{code}.")
    return Words(*sentence(code, json.loads(detail) if detail else {}))


class FileTooLarge(UploadError):
    """More bytes than a file may have."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(Code.FILE_TOO_LARGE, (), {"max": bytes_max})


class OffsetDiffers(UploadError):
    """The bytes are for another place than the end of what is there."""

    def __init__(self, offset: int) -> None:
        self.offset: Final = offset
        super().__init__(Code.UPLOAD_OFFSET_DIFFERS, (), {"offset": offset})


class UploadEnded(UploadError):
    """The upload has been accepted, refused or given up."""

    def __init__(self, stage: str) -> None:
        super().__init__(Code.UPLOAD_ENDED, (), {"stage": stage})


class UploadExpired(UploadError):
    """Its time is over."""

    def __init__(self) -> None:
        super().__init__(Code.UPLOAD_EXPIRED)


class UploadBusy(UploadError):
    """Another request or worker has it in hand."""

    def __init__(self) -> None:
        super().__init__(Code.UPLOAD_BUSY)


class UploadsTooMany(UploadError):
    """One caller has too many uploads under way."""

    def __init__(self, uploads_max: int) -> None:
        super().__init__(Code.UPLOADS_TOO_MANY, (), {"max": uploads_max})


class UploadDayFull(UploadError):
    """One caller has sent as much as it may within a day."""

    def __init__(self, bytes_max: int, retry_after_s: int) -> None:
        self.retry_after_s: Final = retry_after_s
        super().__init__(Code.UPLOAD_DAY_FULL, (), {"max": bytes_max})


class SpoolFull(UploadError):
    """Unfinished uploads fill the space that is kept for them."""

    def __init__(self) -> None:
        super().__init__(Code.SPOOL_FULL)


class ChecksumDiffers(UploadError):
    """A part arrived damaged; nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__(Code.CHECKSUM_DIFFERS)


class TusVersion(UploadError):
    """The caller speaks another version of the protocol, or none."""

    def __init__(self, expected: str) -> None:
        super().__init__(Code.TUS_VERSION, (), {"expected": expected})
