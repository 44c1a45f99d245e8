"""Clear values of personal fields: encrypted under a key of the person, beside the log.

The entry holds a salted digest; the row here holds nonce ‖ AES-256-GCM(salt ‖ value). Destroying the person's key makes
every row of that person unreadable, in this database and in each of its backups, and changes no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from audit.commitment import SALT_BYTES, commit, verify_commitment
from storage.errors import KeyMissing
from storage.schema import personal_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.keystore import KeyStore

PERSON_KIND: Final = "person"
NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class PersonalField:
    """A personal field ready to be logged: `digest` goes into the event, `ciphertext` into its row."""

    person: str
    field: str
    digest: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Erased:
    """Stands where a value was: its person's key is destroyed."""


ERASED: Final = Erased()


def seal_personal(
    keys: KeyStore, entropy: Callable[[int], bytes], *, person: str, field: str, value: str
) -> PersonalField:
    """Salts and encrypts one value under the person's key, making the key on first use.

    Raises:
        MalformedCommitment: the value is too long or not encodable.
    """
    salt = entropy(SALT_BYTES)
    digest = commit(salt, field, value)
    nonce = entropy(NONCE_BYTES)
    key = keys.get_or_make(PERSON_KIND, person)
    ciphertext = nonce + AESGCM(key).encrypt(nonce, salt + value.encode(), _associated(person, field, digest))
    return PersonalField(person, field, digest, ciphertext)


def reveal_personal(
    connection: Connection, keys: KeyStore, entry_index: int, digests: dict[str, str]
) -> dict[str, str | Erased]:
    """The clear values behind an entry's digests, each checked against its digest.

    Raises:
        KeyUnreadable: the key store does not open.
        cryptography.exceptions.InvalidTag: the row was altered.
        audit.errors.InvalidProof: the value is not the one that was logged.
    """
    statement = select(personal_values.c.field, personal_values.c.person, personal_values.c.ciphertext).where(
        personal_values.c.entry_index == entry_index
    )
    values: dict[str, str | Erased] = {}
    for field, person, ciphertext in connection.execute(statement):
        digest = digests[field]
        try:
            key = keys.get(PERSON_KIND, person)
        except KeyMissing:
            values[field] = ERASED
            continue
        clear = AESGCM(key).decrypt(
            ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], _associated(person, field, digest)
        )
        value = clear[SALT_BYTES:].decode()
        verify_commitment(digest=digest, salt=clear[:SALT_BYTES], field=field, value=value)
        values[field] = value
    return values


def read_personal_of(connection: Connection, person: str, *, below: int, limit: int) -> tuple[tuple[int, str], ...]:
    """Entry and field of every value kept under a person's key, of entries before `below`, in order of the log."""
    column = personal_values.c
    statement = (
        select(column.entry_index, column.field)
        .where(column.person == person, column.entry_index < below)
        .order_by(column.entry_index, column.field)
        .limit(limit)
    )
    return tuple((row[0], row[1]) for row in connection.execute(statement))


def _associated(person: str, field: str, digest: str) -> bytes:
    return f"chopbook-personal/1\n{person}\n{field}\n{digest}".encode()
