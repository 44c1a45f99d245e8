"""The two secrets a Chopbook holds in files: the root key, and the key its own tokens are signed with.

- A secret file is readable by its owner, and its group if the operator wants so; never by others.
- The root key file holds 64 hexadecimal digits (32 bytes), or the same under a passphrase (`storage.root_key`). Whoever has it and the key store can read and sign everything:
  keep it apart from the backups of both.
- The token secret file holds text of at least 32 bytes that does not look typed by hand.
- No message repeats what a file holds.
"""

import os
import re
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from app.os_words import reason_of
from audit.words import Words
from storage.errors import StorageError
from storage.root_key import is_protected, open_protected, protect_root_key

ROOT_KEY_BYTES = 32
TOKEN_SECRET_BYTES_MIN = 32
FILE_BYTES_MAX = 4_096
_DISTINCT_BYTES_MIN = 12
_TYPED_BY_HAND = re.compile(rb"change.?me|password|secret|example", re.IGNORECASE)


class SecretFileError(Exception):
    """A secret file is missing, open to others or unusable; the message says what to do, and `zh` says so in Chinese."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.zh = words.zh

    def of(self, variable: str) -> Words:
        """The message as a sentence about a setting."""
        return Words(f"{variable}：{self.zh}。", f"{variable}: {self}.")


def _refused(path: Path, zh: str, en: str) -> SecretFileError:
    return SecretFileError(Words(f"{path} {zh}", f"{path} {en}"))


def read_root_key(path: Path, passphrase_file: Path | None = None) -> bytes:
    """The 32 bytes of the root key; where its file is under a passphrase, with that of the other file.

    Raises:
        SecretFileError: no such file, open to others, not 64 hexadecimal digits, or the passphrase does not open it.
    """
    text = _read(path).decode("ascii", "replace")
    if is_protected(text):
        if passphrase_file is None:
            raise _refused(
                path,
                "有密語保護；請以 CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE 指明密語的檔案",
                "is under a passphrase; name its file with CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE",
            )
        try:
            return _open_protected(text, _read(passphrase_file))
        except StorageError as error:
            raise _refused(path, f"無法開啟（{error.zh or error}）", f"does not open: {error}") from error
    if re.fullmatch(r"[0-9a-fA-F]{64}", text) is None:
        raise _refused(
            path,
            "必須只載有根密鑰，即 64 個十六進位數字",
            "must hold the root key as 64 hexadecimal digits and nothing else",
        )
    key = bytes.fromhex(text)
    if len(set(key)) < _DISTINCT_BYTES_MIN:
        raise _refused(
            path,
            "必須載有隨機的根密鑰；製作方法：openssl rand -hex 32",
            "must hold a random root key; make one with: openssl rand -hex 32",
        )
    return key


def write_root_key(
    path: Path, entropy: Callable[[int], bytes], passphrase_file: Path | None = None, *, key: bytes | None = None
) -> bytes:
    """Writes a root key (a new one, unless it is given), under a passphrase if there is a file of one; returns it.

    Raises:
        SecretFileError: the file exists, cannot be written, or the passphrase is too short.
    """
    key = entropy(ROOT_KEY_BYTES) if key is None else key
    text = key.hex()
    if passphrase_file is not None:
        try:
            text = protect_root_key(key, _read(passphrase_file), entropy)
        except StorageError as error:
            raise SecretFileError(
                Words(f"{passphrase_file}：{error.zh or error}", f"{passphrase_file}: {error}")
            ) from error
    _create(path, text)
    return key


def read_token_secret(path: Path) -> bytes:
    """The secret that signs HS256 tokens, without white space at its ends.

    Raises:
        SecretFileError: no such file, open to others, or a secret that could be guessed.
    """
    secret = _read(path)
    if len(secret) < TOKEN_SECRET_BYTES_MIN:
        raise _refused(
            path,
            f"必須有最少 {TOKEN_SECRET_BYTES_MIN} 位元組，現有 {len(secret)}；製作方法：openssl rand -hex 32",
            f"must hold at least {TOKEN_SECRET_BYTES_MIN} bytes; it holds {len(secret)}. "
            "Make one with: openssl rand -hex 32",
        )
    if len(set(secret)) < _DISTINCT_BYTES_MIN or _TYPED_BY_HAND.search(secret):
        raise _refused(
            path,
            "必須載有隨機的秘密；製作方法：openssl rand -hex 32",
            "must hold a random secret; make one with: openssl rand -hex 32",
        )
    return secret


def read_credentials(path: Path) -> tuple[str, str]:
    """Access key and secret of an object store, on two lines.

    Raises:
        SecretFileError: no such file, open to others, or something else in it.
    """
    lines = _read(path).decode("ascii", "replace").split()
    if len(lines) != 2 or "\ufffd" in "".join(lines):
        raise _refused(
            path,
            "必須在第一行載有存取鍵，第二行載有秘密",
            "must hold the access key on its first line and the secret on its second",
        )
    return lines[0], lines[1]


def create_secret_file(path: Path, entropy: Callable[[int], bytes]) -> None:
    """Writes a new random secret that suits both uses, readable by its owner only, durably.

    Raises:
        SecretFileError: the file exists (it is never overwritten), or cannot be written.
    """
    _create(path, entropy(ROOT_KEY_BYTES).hex())


def _create(path: Path, text: str) -> None:
    if path.exists():
        raise _refused(path, "已存在，絕不會被覆寫", "exists already and is never overwritten")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _refused(path, f"無法寫入（{reason_of(error).zh}）", f"cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())


@lru_cache(maxsize=2)
def _open_protected(text: str, passphrase: bytes) -> bytes:
    """Once for each process: it takes a quarter of a second, on purpose, and the settings are checked more than once."""
    return open_protected(text, passphrase)


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and mode & stat.S_IRWXO:
            raise _refused(
                path,
                f"可供本機任何人讀取；請執行：chmod o= {path}",
                f"is open to everybody on this machine; run: chmod o= {path}",
            )
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _refused(path, f"無法讀取（{reason_of(error).zh}）", f"cannot be read: {error.strerror}") from error
    if len(content) > FILE_BYTES_MAX:
        raise _refused(
            path,
            f"超過 {FILE_BYTES_MAX} 位元組；檔案是否正確？",
            f"holds more than {FILE_BYTES_MAX} bytes; is it the right file?",
        )
    return content.strip()
