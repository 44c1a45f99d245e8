"""The log's signing keys: which one signs now is what the log itself says.

- Entry 0 (`log.created`) and each `key.rotated` entry name a verifier key; the private key lies in the key store under
  that name, as encrypted PKCS#8.
- For `OVERLAP` after a rotation, checkpoints carry the signatures of both keys, so that a verifier that pinned the old
  one can follow.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import select

from audit.entry import parse_entry
from audit.keys import Ed25519Signer
from storage.errors import KeyUnreadable
from storage.schema import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from audit.entry import ParsedEntry
    from storage.keystore import KeyStore

SIGNING_KIND: Final = "signing"
KEY_TYPES: Final = ("log.created", "key.rotated")
OVERLAP: Final = timedelta(hours=24)
SIGNERS_MAX: Final = 16


def make_signer(keys: KeyStore, name: str, entropy: Callable[[int], bytes]) -> Ed25519Signer:
    """A new Ed25519 key for the log of that name, kept in the key store before it is returned."""
    private_key = Ed25519PrivateKey.from_private_bytes(entropy(32))
    signer = Ed25519Signer(name, private_key)
    encryption = BestAvailableEncryption(keys.passphrase("signing key"))
    keys.put(SIGNING_KIND, signer.vkey, private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption))
    return signer


def load_signer(keys: KeyStore, name: str, vkey: str) -> Ed25519Signer:
    """The signer behind a verifier key of the log.

    Raises:
        KeyMissing: the key store has no such key.
        KeyUnreadable: what it holds is not that key.
    """
    pkcs8 = keys.get(SIGNING_KIND, vkey)
    private_key = load_der_private_key(pkcs8, keys.passphrase("signing key"))
    if isinstance(private_key, Ed25519PrivateKey):
        signer = Ed25519Signer(name, private_key)
        if signer.vkey == vkey:
            return signer
    msg = f"signing key: expected that of {vkey}, got another"
    raise KeyUnreadable(msg)


def current_signers(connection: Connection, keys: KeyStore, now_us: int) -> Sequence[Ed25519Signer]:
    """Who signs a checkpoint now, newest key first: the current key, and each that was replaced within `OVERLAP`.

    Of several rotations in a row all keys sign, so that whoever pinned the first can follow to the last.
    """
    rows = connection.execute(
        select(entries.c.bytes)
        .where(entries.c.type.in_(KEY_TYPES))
        .order_by(entries.c.entry_index.desc())
        .limit(SIGNERS_MAX)
    ).all()
    wanted: list[ParsedEntry] = []
    for row in rows:
        if wanted and now_us - wanted[-1].recorded_at >= OVERLAP / timedelta(microseconds=1):
            break
        wanted.append(parse_entry(bytes(row.bytes)))
    return [load_signer(keys, entry.origin, str(entry.event.data["vkey"])) for entry in wanted]


def verifier_key(connection: Connection, size: int | None = None) -> str:
    """The verifier key of the log's signing key now, or of a checkpoint of `size` (at least 1), as the log itself names it."""
    naming = select(entries.c.bytes).where(entries.c.type.in_(KEY_TYPES))
    if size is not None:
        # An entry that names a key counts from the first tree that holds it.
        naming = naming.where(entries.c.entry_index < size)
    named = connection.execute(naming.order_by(entries.c.entry_index.desc()).limit(1)).scalar_one()
    return str(parse_entry(bytes(named)).event.data["vkey"])
