"""Whether a store over S3 received what was sent to it, by its own word, and whether that word counts.

- A store that checks digests answers each put, and each part, with the SHA-256 of what it received; for an object in parts
  besides with the digest of their digests. Where these are those of what was sent, nothing was changed or lost on the way.
- A store might repeat the header without looking at the bytes. So its word on whole objects counts only when it has refused
  one with a wrong digest, and its word on parts when it has refused such a part: each is tried once in the life of an `S3Store`.
- What is not confirmed is read back (`storage.objects.read_back`).
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from typing import TYPE_CHECKING, Any, Final

from storage.objects.errors import ObjectDigestMismatch, ObjectError
from storage.objects.s3_errors import translated
from storage.objects.s3_parts import checksum_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.objects.model import Part

_CONTENT: Final = b"try"
_WRONG: Final = checksum_text(bytes(32))


def told_digest(answer: dict[str, Any], digest: bytes) -> bool:
    """Whether an answer says that what came has this digest."""
    return bool(answer.get("ChecksumSHA256") == checksum_text(digest))


def told_parts(answer: dict[str, Any], parts: Sequence[Part]) -> bool:
    """Whether an answer says that an object was made of these parts; behind a dash stands how many."""
    together = hashlib.sha256(b"".join(part.sha256 for part in parts)).digest()
    return bool(answer.get("ChecksumSHA256") == f"{checksum_text(together)}-{len(parts)}")


class Belief:
    """Whether a store's word about what it received counts. Safe between threads."""

    def __init__(self, boto: Any, bucket: str) -> None:
        """Tries with objects under `v1/try/` in this bucket; a store that is to be believed keeps none of them."""
        self._boto: Final = boto
        self._bucket: Final = bucket
        self._mutex: Final = threading.Lock()
        self._found: Final[dict[bool, bool]] = {}

    def holds(self, *, in_parts: bool) -> bool:
        """Whether the store refused a wrong digest; False as well while it cannot be asked, and then it is asked again."""
        with self._mutex:
            if in_parts not in self._found:
                try:
                    self._found[in_parts] = self._refuses(self._put_part if in_parts else self._put)
                except ObjectError:
                    return False
            return self._found[in_parts]

    def _refuses(self, send: Callable[[dict[str, str]], None]) -> bool:
        name = {"Bucket": self._bucket, "Key": f"v1/try/{uuid.uuid4()}"}
        try:
            with translated(f"object {name['Key']}"):
                send(name)
        except ObjectDigestMismatch:
            return True
        return False

    def _put(self, name: dict[str, str]) -> None:
        taken = self._boto.put_object(**name, Body=_CONTENT, ChecksumSHA256=_WRONG)
        self._boto.delete_object(**name, VersionId=taken["VersionId"])

    def _put_part(self, name: dict[str, str]) -> None:
        begun = self._boto.create_multipart_upload(**name, ChecksumAlgorithm="SHA256")
        upload = {**name, "UploadId": begun["UploadId"]}
        try:
            self._boto.upload_part(**upload, PartNumber=1, Body=_CONTENT, ChecksumSHA256=_WRONG)
        finally:
            self._boto.abort_multipart_upload(**upload)
