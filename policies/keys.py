"""API keys: how a secret looks, how it is kept, how it is checked. Pure; randomness is an argument.

    ck_<prefix: 8 of a-z2-7>_<secret: 43 of base64url>

- The prefix is the key's id: public, shown in lists, in entries and in the first characters of the key itself.
- The secret is 256 random bits. What is kept is SHA-256 of the whole key: a slow hash protects secrets that could be
  guessed, and this one cannot.
- Comparing takes the same time whether prefix, secret or neither is right.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

PREFIX_BYTES: Final = 5
SECRET_BYTES: Final = 32
ID_BYTES: Final = 10

_FORM = re.compile(r"ck_([a-z2-7]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
_NOBODY: Final = bytes(32)

Entropy = Callable[[int], bytes]


def new_principal_id(entropy: Entropy) -> str:
    """A pseudonym: `p_` and 16 base32 characters, 80 random bits."""
    return "p_" + base64.b32encode(entropy(ID_BYTES)).decode("ascii").lower()


def new_key(entropy: Entropy) -> tuple[str, str]:
    """A fresh key: its public prefix and the whole of it."""
    prefix = base64.b32encode(entropy(PREFIX_BYTES)).decode("ascii").lower()
    secret = base64.urlsafe_b64encode(entropy(SECRET_BYTES)).decode("ascii").rstrip("=")
    return prefix, f"ck_{prefix}_{secret}"


def hash_key(key: str) -> bytes:
    """What is kept of a key: 32 bytes."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def prefix_of(key: str) -> str | None:
    """The public prefix, or None if it does not look like a key."""
    match = _FORM.fullmatch(key)
    return None if match is None else match[1]


def is_key(key: str, secret_hash: bytes | None) -> bool:
    """Whether the key is the one behind a hash; None stands for a prefix nobody has."""
    same = hmac.compare_digest(hash_key(key), _NOBODY if secret_hash is None else secret_hash)
    return same and secret_hash is not None
