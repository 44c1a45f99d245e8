"""Salted digests of personal fields: what an entry holds in place of the value.

The idea is that of RFC 9901 (selective disclosure): an entry carries only a digest; whoever is
given the salt and the value can check that they are what was recorded; once both are destroyed
nothing about the value can be learnt from the digest, and the entry's hash never changes.

- digest = SHA-256(canonical JSON of [salt, field, value]), in lower-case hex.
- The salt is 16 fresh random bytes for each field of each entry, base64url without padding.
- The canonical bytes begin with `[`, so no digest here can also be a leaf (0x00) or node (0x01).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest

from audit.canonical import encode
from audit.errors import InvalidProof, MalformedCommitment, NotCanonical

SALT_BYTES = 16
VALUE_CHARS_MAX = 16_384

_FIELD = re.compile(r"[a-z0-9_]{1,64}")


def commit(salt: bytes, field: str, value: str) -> str:
    """Return the digest, 64 hex digits, that stands for a personal field in an entry.

    Raises:
        MalformedCommitment: the salt is not 16 bytes, the field not a member name, or the value
            longer than 16,384 characters or not encodable.
    """
    if len(salt) != SALT_BYTES:
        raise MalformedCommitment(f"salt: expected {SALT_BYTES} bytes, got {len(salt)}")
    if _FIELD.fullmatch(field) is None:
        rule = "1 to 64 characters of a-z, 0-9 and _"
        raise MalformedCommitment(f"field: expected {rule}, got {len(field)} characters")
    if len(value) > VALUE_CHARS_MAX:
        raise MalformedCommitment(f"value of {field}: expected at most {VALUE_CHARS_MAX} characters, got {len(value)}")
    salt_text = urlsafe_b64encode(salt).rstrip(b"=").decode("ascii")
    try:
        disclosure = encode([salt_text, field, value])
    except NotCanonical as error:
        raise MalformedCommitment(f"value of {field}: {error.reason}") from error
    return sha256(disclosure).hexdigest()


def verify_commitment(*, digest: str, salt: bytes, field: str, value: str) -> None:
    """Check that a salt and a value are what an entry's digest stands for.

    Raises:
        InvalidProof: they are not.
        MalformedCommitment: they cannot be part of any commitment.
    """
    if not compare_digest(commit(salt, field, value).encode(), digest.encode("utf-8", "replace")):
        raise InvalidProof(f"commitment of {field}: expected the recorded digest, got another")
