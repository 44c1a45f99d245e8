"""The tables of the key store, and how its records are wrapped.

Wrapped record: 12-byte nonce ‖ ciphertext ‖ 16-byte tag of AES-256-GCM, with mark, kind, id and epoch as associated data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, select

from storage.errors import KeyUnreadable

if TYPE_CHECKING:
    from sqlalchemy import Connection

NONCE_BYTES: Final = 12

metadata: Final = MetaData()
epochs: Final = Table(
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
)
wrapped_keys: Final = Table(
    "wrapped_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
destroyed: Final = Table(
    "destroyed",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
)
"""Names of destroyed keys of the kinds that are remembered."""
facts: Final = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""When what was done to the store: the last backup, test restore, roll."""


def key_associated(kind: str, key_id: str, epoch: int) -> bytes:
    """What a wrapped key is bound to."""
    return f"chopbook-key/1\n{kind}\n{key_id}\n{epoch}".encode()


def epoch_associated(epoch: int) -> bytes:
    """What an epoch's key is bound to, under the root key."""
    return key_associated("epoch", str(epoch), 0)


def wrap_key(kek: bytes, clear: bytes, associated: bytes, nonce: bytes) -> bytes:
    """A record."""
    return nonce + AESGCM(kek).encrypt(nonce, clear, associated)


def open_key(kek: bytes, wrapped: bytes, associated: bytes, what: str) -> bytes:
    """The clear key of a record.

    Raises:
        KeyUnreadable: altered, moved, or of another epoch.
    """
    try:
        return AESGCM(kek).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as error:
        msg = f"{what}: expected a record wrapped under this root key, got one that does not open"
        raise KeyUnreadable(msg) from error


def is_destroyed(connection: Connection, kind: str, key_id: str) -> bool:
    """Whether a key of that name was destroyed and is remembered."""
    statement = select(destroyed.c.id).where(destroyed.c.kind == kind, destroyed.c.id == key_id)
    return connection.execute(statement).one_or_none() is not None


def prepare_sqlite(connection: Any, _record: object) -> None:
    """Settings of each connection: what is deleted is overwritten, and no write-ahead log keeps a copy."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.execute("PRAGMA journal_mode=TRUNCATE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
