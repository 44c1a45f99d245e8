"""The root key: what unwraps the key store, how it lies in a file, and how it is written down on paper.

- `RootKey` is the port: a key in a file today, a key that never leaves a KMS or HSM tomorrow.
- A file holds 64 hexadecimal digits, or one line `chopbook-root-key/1 …` with the key under a passphrase (scrypt,
  AES-256-GCM).
- A recovery share is the whole key as nine numbered lines of eight characters, each with a check of its own, so that a
  slip of the pen is found and named: docs/keys.md.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from storage.errors import KeyUnreadable, StorageKeyError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
FILE_MARK: Final = "chopbook-root-key/1"
SHARE_MARK: Final = b"chopbook-recovery/1"
PASSPHRASE_BYTES_MIN: Final = 12
PASSPHRASE_BYTES_MAX: Final = 1_024

_SCRYPT_LOG_N: Final = 16
_SALT_BYTES: Final = 16
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STANDARD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MISREAD: Final = str.maketrans("OIL", "011")
_LINE_KEY_BYTES: Final = 4
_LINES: Final = ROOT_KEY_BYTES // _LINE_KEY_BYTES + 1


class RootKey(Protocol):
    """Wraps the keys of the epochs. Implementations may ask a KMS, so calls may be slow and are few."""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell root keys apart and nothing about them."""
        ...

    def wrap(self, clear: bytes, associated: bytes) -> bytes:
        """`clear` encrypted; it opens only with the same `associated`."""
        ...

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """What was wrapped.

        Raises:
            KeyUnreadable: altered, of another root key, or of other associated data.
        """
        ...

    def derive(self, purpose: str) -> bytes:
        """32 bytes that follow from the root key and the purpose alone."""
        ...


class LocalRootKey:
    """A root key in this process's memory."""

    def __init__(self, key: bytes, entropy: Callable[[int], bytes]) -> None:
        """Takes the 32 bytes.

        Raises:
            StorageKeyError: another length.
        """
        if len(key) != ROOT_KEY_BYTES:
            msg = f"root key: expected {ROOT_KEY_BYTES} bytes, got {len(key)}"
            raise StorageKeyError(msg)
        self._key: Final = key
        self._entropy: Final = entropy

    @property
    def fingerprint(self) -> str:
        """See the port."""
        return fingerprint_of(self._key)

    def wrap(self, clear: bytes, associated: bytes) -> bytes:
        """See the port."""
        nonce = self._entropy(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, clear, associated)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """See the port."""
        try:
            return AESGCM(self._key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated)
        except (InvalidTag, ValueError) as error:
            msg = "key store: expected a record wrapped under this root key, got one that does not open"
            raise KeyUnreadable(msg) from error

    def derive(self, purpose: str) -> bytes:
        """See the port."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=f"chopbook {purpose}".encode()).derive(self._key)


def fingerprint_of(key: bytes) -> str:
    """First 16 hexadecimal digits of a hash of the root key: to compare by eye, tells nothing of the key."""
    return hashlib.sha256(b"chopbook root fingerprint" + key).hexdigest()[:16]


# ------------------------------------------------------------------------------------------- under a passphrase


def protect_root_key(key: bytes, passphrase: bytes, entropy: Callable[[int], bytes]) -> str:
    """The line for a file that opens only with the passphrase. Takes about a quarter of a second, on purpose.

    Raises:
        StorageKeyError: the passphrase is too short or too long.
    """
    _require_passphrase(passphrase)
    salt, nonce = entropy(_SALT_BYTES), entropy(NONCE_BYTES)
    head = f"{FILE_MARK} scrypt {_SCRYPT_LOG_N} {_text(salt)}"
    sealed = AESGCM(_stretch(passphrase, salt, _SCRYPT_LOG_N)).encrypt(nonce, key, head.encode())
    return f"{head} {_text(nonce + sealed)}"


def is_protected(text: str) -> bool:
    """Whether a root key file needs a passphrase."""
    return text.startswith(f"{FILE_MARK} ")


def open_protected(text: str, passphrase: bytes) -> bytes:
    """The root key of such a line.

    Raises:
        KeyUnreadable: another passphrase, or an altered line.
        StorageKeyError: the passphrase is too short or too long.
    """
    _require_passphrase(passphrase)
    found = re.fullmatch(rf"({FILE_MARK} scrypt (1[4-9]|20) ([A-Za-z0-9_-]{{22}})) ([A-Za-z0-9_-]{{80}})", text.strip())
    if found is None:
        msg = f"root key file: expected a line that begins with {FILE_MARK}, got another"
        raise KeyUnreadable(msg, f"根密鑰檔案：須為以 {FILE_MARK} 開首的一行")
    head, log_n, salt, body = found.groups()
    sealed = _bytes(body)
    try:
        return AESGCM(_stretch(passphrase, _bytes(salt), int(log_n))).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], head.encode()
        )
    except InvalidTag as error:
        msg = "root key file: expected the passphrase it was protected with, got another (or the file is altered)"
        raise KeyUnreadable(msg, "根密鑰檔案：密語不符，或檔案曾被更改") from error


def _require_passphrase(passphrase: bytes) -> None:
    if not PASSPHRASE_BYTES_MIN <= len(passphrase) <= PASSPHRASE_BYTES_MAX:
        msg = f"passphrase: expected {PASSPHRASE_BYTES_MIN} to {PASSPHRASE_BYTES_MAX} bytes, got {len(passphrase)}"
        raise StorageKeyError(
            msg, f"密語：須為 {PASSPHRASE_BYTES_MIN} 至 {PASSPHRASE_BYTES_MAX} 位元組，現為 {len(passphrase)}"
        )


def _stretch(passphrase: bytes, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << log_n, r=8, p=1).derive(passphrase)


# --------------------------------------------------------------------------------------------------- on paper


def recovery_share(key: bytes) -> tuple[str, ...]:
    """Nine lines such as `1: 4GQT-0V3M` to write down or print; whoever has them has the root key."""
    pieces = [key[at : at + _LINE_KEY_BYTES] for at in range(0, ROOT_KEY_BYTES, _LINE_KEY_BYTES)]
    lines = [piece + _line_check(number, piece) for number, piece in enumerate(pieces, start=1)]
    lines.append(_whole_check(key))
    return tuple(f"{number}: {_spell(line)}" for number, line in enumerate(lines, start=1))


def parse_recovery_share(text: str) -> bytes:
    """The root key of what was typed in again. Case, dashes, blanks and line numbers do not matter; O is read as 0, I and L as 1.

    Raises:
        KeyUnreadable: a line is missing or holds a slip: which one is said.
    """
    key = b""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != _LINES:
        msg = f"recovery share: expected {_LINES} lines, got {len(lines)}"
        raise KeyUnreadable(msg, f"復原紙：須為 {_LINES} 行，現為 {len(lines)} 行")
    for number, line in enumerate(lines[:-1], start=1):
        found = _read_line(number, line)
        piece = found[:_LINE_KEY_BYTES]
        if found[_LINE_KEY_BYTES:] != _line_check(number, piece):
            msg = f"recovery share: expected line {number} as it was printed, got a slip in it"
            raise KeyUnreadable(msg, f"復原紙：第 {number} 行與所印的不符，請核對")
        key += piece
    if _read_line(_LINES, lines[-1]) != _whole_check(key):
        msg = f"recovery share: expected line {_LINES} to fit the others, got lines of different keys or a slip"
        raise KeyUnreadable(msg, f"復原紙：第 {_LINES} 行與其他各行不符，可能來自不同密鑰或有筆誤")
    return key


def _read_line(number: int, line: str) -> bytes:
    _, _, said = line.rpartition(":")
    letters = re.sub(r"[\s-]", "", said).upper().translate(_MISREAD)
    if len(letters) != 8 or not set(letters) <= set(_ALPHABET):
        msg = f"recovery share: expected 8 letters and digits in line {number}, got something else"
        raise KeyUnreadable(msg, f"復原紙：第 {number} 行須為 8 個字母及數字")
    return base64.b32decode(letters.translate(str.maketrans(_ALPHABET, _STANDARD)))


def _spell(line: bytes) -> str:
    letters = base64.b32encode(line).decode("ascii").translate(str.maketrans(_STANDARD, _ALPHABET))
    return f"{letters[:4]}-{letters[4:]}"


def _line_check(number: int, piece: bytes) -> bytes:
    return hashlib.sha256(SHARE_MARK + bytes((number,)) + piece).digest()[:1]


def _whole_check(key: bytes) -> bytes:
    return hashlib.sha256(SHARE_MARK + b"\0" + key).digest()[:5]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
