"""The vault: documents sealed under keys of their own, in an object store that never sees a clear byte.

- `root key → key-encryption-key epoch → document key (key store, kind "document") → one key per object`. Destroying the
  document's key makes every version, everything derived from it and every small text sealed with it unreadable.
- The document's key is made with the first version or the first text, and never again once it was destroyed.
- Object keys say nothing: `v1/d/<document>/<version:06>-<blob>`, and `<version:06>-<name>-<blob>` for what was derived.
- Before a seal counts, the store has confirmed the digest of what it received; one that does not is read back and compared.
"""

from __future__ import annotations

import hmac
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import KeyMissing
from storage.objects.errors import SealBroken
from storage.objects.filling import filler
from storage.objects.model import Bucket, ObjectRef
from storage.objects.read_back import require_as_put, require_digest
from storage.objects.sealed import (
    NONCE_PREFIX_BYTES,
    SALT_BYTES,
    SealHeader,
    SealReader,
    SealWriter,
    commitment_salt,
    object_key,
    open_stream,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from storage.keystore import KeyStore
    from storage.objects.model import Stored
    from storage.objects.port import ObjectStore

DOCUMENT_KIND: Final = "document"
TEXT_MARK: Final = b"\x01"
TEXT_BYTES_MAX: Final = 16 * 1024 * 1024
_NONCE_BYTES: Final = 12
_KEEPING_MAX: Final = 4
_DUPLICATES: Final = ("secret", "duplicate-digest")
_IDENTITIES: Final = ("secret", "identity-digest")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal left behind.

    Attributes:
        ref: bucket, key and version of the object.
        ciphertext_sha256: of the object's bytes; says nothing about the content, belongs into the log.
        ciphertext_size: bytes of the object.
        plaintext_sha256: of the content. It could confirm a guess: never log or store it in clear.
        plaintext_size: bytes of the content.
        commitment: HMAC-SHA-256 of `plaintext_sha256` under the object's salt; belongs into the log.
        key_epoch: of the key-encryption key that wraps the document's key now.
    """

    ref: ObjectRef
    ciphertext_sha256: bytes
    ciphertext_size: int
    plaintext_sha256: bytes = field(repr=False)
    plaintext_size: int
    commitment: bytes
    key_epoch: int


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A document's key; one that is not stored is gone with this process, and what it sealed opens no more."""

    document: UUID
    key: bytes = field(repr=False)
    is_stored: bool


@dataclass(frozen=True, slots=True)
class SealChance:
    """What is random in one sealed object: its id, the salt of its key, the beginning of its nonces. For one object only."""

    object_id: UUID
    salt: bytes
    nonce_prefix: bytes


class Vault:
    """Seals, opens and forgets. Safe between threads; memory per call is a few MiB, whatever the size."""

    def __init__(self, store: ObjectStore, keys: KeyStore, entropy: Callable[[int], bytes]) -> None:
        self._store: Final = store
        self._keys: Final = keys
        self._entropy: Final = entropy
        self._keeping: Final = ThreadPoolExecutor(_KEEPING_MAX, thread_name_prefix="chopbook-keys")

    @property
    def store(self) -> ObjectStore:
        """Where the sealed bytes are: for locks, holds, deletion and listing."""
        return self._store

    def seal(
        self,
        document: UUID,
        version: int,
        source: Iterable[bytes] | BinaryIO,
        *,
        bucket: Bucket = Bucket.RECORDS,
        derived: str | None = None,
        key: DocumentKey | None = None,
        chance: SealChance | None = None,
    ) -> Sealed:
        """Encrypts a stream on its way into the store, makes sure that it came there, and says what is there.

        `derived` names what was made from the version (a-z, 0-9, -), such as `text` or `page-1`. With a `key` of `key_for`
        none is stored here: the object counts only when `keep` has returned. `chance` is what `draw` drew before, by default drawn
        now. If anything fails, there may be an object that
        no row names: the sweeper's to find by the document's prefix.

        Raises:
            KeyMissing: the document's key was destroyed, or something is derived from a document without one.
            StorageKeyError: another call made the key of the same new document at the same moment; seal again.
            ObjectDigestMismatch: the store received other bytes, or gives back others.
            ObjectError: the store failed.
        """
        drawn = chance or self.draw()
        header = SealHeader(document, version, drawn.object_id, derived or "")
        document_key, keeping = self._begin_key(document, derived, key)
        writer = SealWriter(
            object_key(document_key, header),
            header,
            filler(source),
            salt=drawn.salt,
            nonce_prefix=drawn.nonce_prefix,
        )
        try:
            stored = self._store.put_new(bucket, object_name(header), writer, check=self._require_same)
        finally:
            # Nothing counts before its key is durable.
            epoch = keeping.result()
        salt = commitment_salt(document_key, header)
        return Sealed(
            ref=stored.ref,
            ciphertext_sha256=stored.sha256,
            ciphertext_size=stored.size,
            plaintext_sha256=writer.plaintext_sha256,
            plaintext_size=writer.plaintext_size,
            commitment=commitment_of(salt, writer.plaintext_sha256),
            key_epoch=epoch,
        )

    def draw(self) -> SealChance:
        """The chance of one seal, for who lets another thread seal: it is drawn in the order of the calls, whichever is quicker."""
        object_id = UUID(bytes=self._entropy(16), version=4)
        return SealChance(object_id, self._entropy(SALT_BYTES), self._entropy(NONCE_PREFIX_BYTES))

    def key_for(self, document: UUID) -> DocumentKey:
        """The document's key; if it has none, a new one that nothing stores before `keep`.

        Raises:
            KeyMissing: it was destroyed.
        """
        try:
            return DocumentKey(document, self._document_key(document, may_make=False), is_stored=True)
        except KeyMissing:
            if self._keys.was_destroyed(DOCUMENT_KIND, str(document)):
                raise
        return self.fresh_key(document)

    def fresh_key(self, document: UUID) -> DocumentKey:
        """A key for a document whose id the caller has just made, so that none was ever stored or destroyed: nothing is looked up."""
        return DocumentKey(document, self._entropy(32), is_stored=False)

    def keep(self, key: DocumentKey) -> int:
        """Stores a new key; returns the epoch under which it is wrapped. Durable when it returns.

        Raises:
            StorageKeyError: another call made one for the same document meanwhile.
        """
        if key.is_stored:
            return self._keys.epoch_of(DOCUMENT_KIND, str(key.document))
        return self._keys.put(DOCUMENT_KIND, str(key.document), key.key)

    def open(
        self, ref: ObjectRef, document: UUID, version: int, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        """The content from `start` to `stop` (exclusive), each piece checked before it is given.

        The first piece is read before this returns, so that what is missing or broken from the start is known early.

        Raises:
            KeyMissing: the document's key was destroyed.
            ObjectMissing: the store has no such version.
            SealBroken: the object is altered, cut, or of another document or version. Later steps may raise it too.
        """
        key = self._document_key(document, may_make=False)
        reader = SealReader(lambda first, last: self._store.read(ref, first, last), self._store.head(ref).size, key)
        found = reader.header
        if (found.document, found.version) != (document, version) or object_name(found) != ref.key:
            msg = f"object {ref.key}: expected version {version} of {document}, got {found.version} of {found.document}"
            raise SealBroken(msg)
        pieces = reader.open(start, stop)
        first = next(pieces, b"")
        return _after(first, pieces)

    def plaintext_size(self, ref: ObjectRef, document: UUID) -> int:
        """Bytes of the content, by the object's size and header.

        Raises:
            KeyMissing: the document's key was destroyed.
            ObjectMissing: the store has no such version.
            SealBroken: no sealed object.
        """
        key = self._document_key(document, may_make=False)
        size = self._store.head(ref).size
        return SealReader(lambda first, last: self._store.read(ref, first, last), size, key).plaintext_size

    def verify(self, ref: ObjectRef, ciphertext_sha256: bytes) -> None:
        """Reads an object and compares its digest: fixity, for which no key is needed.

        Raises:
            ObjectDigestMismatch: these are other bytes.
            ObjectMissing: the store has no such version.
        """
        require_digest(self._store, ref, ciphertext_sha256)

    def seal_text(self, document: UUID, purpose: str, clear: bytes, key: DocumentKey | None = None) -> bytes:
        """Encrypts a small field under the document's key; it opens only for the same document and purpose.

        With a `key` of `key_for` that one is taken, and none is looked for.

        Raises:
            KeyMissing: the document's key was destroyed.
            SealBroken: more than 16 MiB.
        """
        if len(clear) > TEXT_BYTES_MAX:
            msg = f"{purpose}: expected at most {TEXT_BYTES_MAX} bytes, got {len(clear)}"
            raise SealBroken(msg)
        cipher = AESGCM(text_key(self._document_key(document, may_make=True) if key is None else key.key))
        nonce = self._entropy(_NONCE_BYTES)
        return TEXT_MARK + nonce + cipher.encrypt(nonce, clear, text_associated(document, purpose))

    def open_text(self, document: UUID, purpose: str, sealed: bytes) -> bytes:
        """What `seal_text` encrypted.

        Raises:
            KeyMissing: the document's key was destroyed.
            SealBroken: altered, or sealed for another document or purpose.
        """
        cipher = AESGCM(text_key(self._document_key(document, may_make=False)))
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != TEXT_MARK:
                raise InvalidTag
            return cipher.decrypt(nonce, body, text_associated(document, purpose))
        except (InvalidTag, ValueError) as error:
            msg = f"{purpose} of {document}: expected what was sealed, got something that does not open"
            raise SealBroken(msg) from error

    def duplicate_digest(self, plaintext_sha256: bytes) -> bytes:
        """A digest that is equal for equal content of this organisation, and tells nobody else anything."""
        return self.duplicate_digests()(plaintext_sha256)

    def duplicate_digests(self) -> Callable[[bytes], bytes]:
        """`duplicate_digest`, with its key read now."""
        key = self._keys.get_or_make(*_DUPLICATES)
        return lambda plaintext_sha256: hmac.digest(key, b"chopbook-duplicate/1\n" + plaintext_sha256, "sha256")

    def identity_digest(self, number: str) -> bytes:
        """A digest by which an identity number in one spelling is found again; without the key store it tells nobody which it is."""
        key = self._keys.get_or_make(*_IDENTITIES)
        return hmac.digest(key, b"chopbook-identity/1\n" + number.encode(), "sha256")

    def verify_commitment(self, ref: ObjectRef, document: UUID, plaintext_sha256: bytes, commitment: bytes) -> None:
        """Checks that the log's commitment is to this content.

        Raises:
            SealBroken: it is to another.
            KeyMissing: the document's key was destroyed.
        """
        verify_commitment(self.commitment_salt(ref, document), plaintext_sha256, commitment)

    def commitment_salt(self, ref: ObjectRef, document: UUID) -> bytes:
        """The salt to hand out with the content, so that others can check the commitment.

        Raises:
            KeyMissing: the document's key was destroyed.
            ObjectMissing: the store has no such version.
            SealBroken: no sealed object.
        """
        key = self._document_key(document, may_make=False)
        size = self._store.head(ref).size
        reader = SealReader(lambda first, last: self._store.read(ref, first, last), size, key)
        return commitment_salt(key, reader.header)

    def has_key(self, document: UUID) -> bool:
        """Whether the document can still be read."""
        return self._keys.has(DOCUMENT_KIND, str(document))

    def epoch_of(self, document: UUID) -> int | None:
        """The epoch under which the document's key is wrapped now; None: there is no key."""
        return self._keys.epoch_of(DOCUMENT_KIND, str(document)) if self.has_key(document) else None

    def destroy_key(self, document: UUID) -> bool:
        """Forgets the document for good; False if there was no key. It is never made again."""
        return self._keys.destroy(DOCUMENT_KIND, str(document))

    def export_key(self, document: UUID) -> bytes:
        """The document's key in clear: who has it and the object reads the document without Chopbook.

        Raises:
            KeyMissing: there is none, or it was destroyed.
        """
        return self._document_key(document, may_make=False)

    def _document_key(self, document: UUID, *, may_make: bool) -> bytes:
        return (self._keys.get_or_make if may_make else self._keys.get)(DOCUMENT_KIND, str(document))

    def _begin_key(self, document: UUID, derived: str | None, key: DocumentKey | None) -> tuple[bytes, Future[int]]:
        """The document's key, and its epoch: a new one is made durable while the object is on its way."""
        if key is not None:
            epoch: Future[int] = Future()
            epoch.set_result(0)
            return key.key, epoch
        if derived is None:
            key = self.key_for(document)
        else:
            key = DocumentKey(document, self._document_key(document, may_make=False), is_stored=True)
        return key.key, self._keeping.submit(self.keep, key)

    def _require_same(self, stored: Stored) -> None:
        """Makes sure that what was put is there."""
        require_as_put(self._store, stored)


def object_name(header: SealHeader) -> str:
    """The object's key in its bucket."""
    name = f"{header.name}-" if header.name else ""
    return f"{document_prefix(header.document)}{header.version:06}-{name}{header.blob}"


def document_prefix(document: UUID) -> str:
    """What the keys of all objects of a document begin with."""
    return f"v1/d/{document}/"


def commitment_of(salt: bytes, plaintext_sha256: bytes) -> bytes:
    """The commitment to content with this digest."""
    return hmac.digest(salt, plaintext_sha256, "sha256")


def verify_commitment(salt: bytes, plaintext_sha256: bytes, commitment: bytes) -> None:
    """Checks a commitment with a disclosed salt.

    Raises:
        SealBroken: it is to other content.
    """
    if not hmac.compare_digest(commitment_of(salt, plaintext_sha256), commitment):
        msg = "commitment: expected one to this content, got one to another"
        raise SealBroken(msg)


def decrypt_file(chunks: Iterable[bytes], document: UUID, document_key: bytes) -> Iterator[bytes]:
    """The content of a sealed object, with nothing but the object and its document's key.

    Raises:
        SealBroken: altered, cut, or of another document.
    """

    def key_for(header: SealHeader) -> bytes:
        if header.document != document:
            msg = f"sealed object: expected one of document {document}, got one of {header.document}"
            raise SealBroken(msg)
        return document_key

    return open_stream(chunks, key_for)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def text_key(document_key: bytes) -> bytes:
    """The key of a document's small texts."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"chopbook-text/1").derive(document_key)


def text_associated(document: UUID, purpose: str) -> bytes:
    """What a small text is bound to."""
    return f"chopbook-text/1\n{document}\n{purpose}".encode()
