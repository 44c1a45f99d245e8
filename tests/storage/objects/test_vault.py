"""The vault seals under a document's key, reads back what it sealed, and forgets for good."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from storage.errors import KeyMissing, StorageKeyError
from storage.keystore import KeyStore
from storage.objects import Bucket, Vault
from storage.objects.errors import ObjectDigestMismatch, ObjectMissing, SealBroken
from storage.objects.model import ObjectRef, Part, Stored
from storage.objects.vault import commitment_of, decrypt_file, document_prefix, verify_commitment
from tests.objects import MemoryStore, keystore_at, vault_at

DOCUMENT = UUID(int=0xD0C)
OTHER = UUID(int=0xD0D)
MIB = 1 << 20


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = keystore_at(tmp_path)
    yield store
    store.close()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def vault(keys: KeyStore, store: MemoryStore) -> Vault:
    return vault_at(keys, store)


def _read(vault: Vault, ref: ObjectRef, version: int = 1, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(vault.open(ref, DOCUMENT, version, start, stop))


@pytest.mark.parametrize("size", [0, 1, MIB - 57, MIB - 56, MIB - 55, 2 * MIB - 72, 2 * MIB, 3 * MIB + 17])
def test_what_was_sealed_opens(vault: Vault, store: MemoryStore, size: int) -> None:
    content = os.urandom(size)

    sealed = vault.seal(DOCUMENT, 1, io.BytesIO(content))

    assert _read(vault, sealed.ref) == content
    assert sealed.plaintext_size == size == vault.plaintext_size(sealed.ref, DOCUMENT)
    assert sealed.plaintext_sha256 == hashlib.sha256(content).digest()
    assert sealed.ciphertext_sha256 == hashlib.sha256(store.content(sealed.ref)).digest()
    assert sealed.ciphertext_size == len(store.content(sealed.ref))
    assert sealed.key_epoch == 1


def test_what_was_sealed_ahead_opens_only_once_its_key_is_kept(vault: Vault, keys: KeyStore) -> None:
    key = vault.key_for(DOCUMENT)

    sealed = vault.seal(DOCUMENT, 1, [b"content"], key=key)

    assert not key.is_stored
    assert keys.ids("document") == []
    with pytest.raises(KeyMissing):
        _read(vault, sealed.ref)
    assert vault.keep(key) == keys.epoch_of("document", str(DOCUMENT))
    assert _read(vault, sealed.ref) == b"content"


def test_a_version_sealed_ahead_is_under_the_documents_key(vault: Vault) -> None:
    vault.seal(DOCUMENT, 1, [b"one"])
    key = vault.key_for(DOCUMENT)

    sealed = vault.seal(DOCUMENT, 2, [b"two"], key=key)

    assert key.is_stored
    assert vault.keep(key) == 1
    assert _read(vault, sealed.ref, 2) == b"two"


def test_of_two_who_make_a_documents_key_one_is_told_so(vault: Vault) -> None:
    first, second = vault.key_for(DOCUMENT), vault.key_for(DOCUMENT)
    vault.keep(first)

    with pytest.raises(StorageKeyError):
        vault.keep(second)


def test_a_fresh_key_never_takes_the_place_of_one_that_is_stored_or_destroyed(vault: Vault) -> None:
    sealed = vault.seal(DOCUMENT, 1, [b"content"])

    with pytest.raises(StorageKeyError):
        vault.keep(vault.fresh_key(DOCUMENT))
    assert _read(vault, sealed.ref) == b"content"
    vault.destroy_key(DOCUMENT)
    with pytest.raises(StorageKeyError):
        vault.keep(vault.fresh_key(DOCUMENT))

    assert not vault.has_key(DOCUMENT)


def test_a_destroyed_document_gets_no_key_ahead(vault: Vault) -> None:
    vault.seal(DOCUMENT, 1, [b"one"])
    vault.destroy_key(DOCUMENT)

    with pytest.raises(KeyMissing):
        vault.key_for(DOCUMENT)


def test_chunks_of_any_size_seal_the_same_content(vault: Vault) -> None:
    content = os.urandom(3 * MIB)

    sealed = vault.seal(DOCUMENT, 1, (content[at : at + 77_777] for at in range(0, len(content), 77_777)))

    assert _read(vault, sealed.ref) == content


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (0, MIB),
        (MIB - 57, MIB - 55),
        (MIB, 2 * MIB),
        (2 * MIB + 5, None),
        (5, 5),
        (9 * MIB, None),
        (0, 99 * MIB),
    ],
)
def test_a_range_opens_without_the_rest(vault: Vault, start: int, stop: int | None) -> None:
    content = os.urandom(3 * MIB + 11)
    sealed = vault.seal(DOCUMENT, 1, io.BytesIO(content))

    assert _read(vault, sealed.ref, start=start, stop=stop) == content[start:stop]


def test_an_object_is_named_by_document_version_and_chance_alone(vault: Vault) -> None:
    record = vault.seal(DOCUMENT, 3, [b"x"])
    text = vault.seal(DOCUMENT, 3, [b"y"], bucket=Bucket.DERIVED, derived="text")

    assert record.ref.key.startswith(f"{document_prefix(DOCUMENT)}000003-")
    assert text.ref.key.startswith(f"{document_prefix(DOCUMENT)}000003-text-")
    assert text.ref.bucket is Bucket.DERIVED
    assert b"".join(vault.open(text.ref, DOCUMENT, 3)) == b"y"


def test_an_object_opens_as_what_it_was_sealed_for_only(vault: Vault, store: MemoryStore) -> None:
    one = vault.seal(DOCUMENT, 1, [b"one"])
    two = vault.seal(DOCUMENT, 2, [b"two"])
    vault.seal(OTHER, 1, [b"other"])

    with pytest.raises(SealBroken, match="expected version 2 of"):
        vault.open(one.ref, DOCUMENT, 2)
    with pytest.raises(SealBroken):
        vault.open(one.ref, OTHER, 1)
    store.tamper(one.ref, store.content(two.ref))
    with pytest.raises(SealBroken, match="expected version 1 of"):
        vault.open(one.ref, DOCUMENT, 1)


def test_an_altered_object_does_not_open(vault: Vault, store: MemoryStore) -> None:
    content = os.urandom(3 * MIB)
    sealed = vault.seal(DOCUMENT, 1, io.BytesIO(content))
    good = store.content(sealed.ref)

    store.tamper(sealed.ref, good[:-1] + bytes([good[-1] ^ 1]))

    assert _read(vault, sealed.ref, stop=MIB) == content[:MIB]
    with pytest.raises(SealBroken, match="the last segment"):
        _read(vault, sealed.ref)
    with pytest.raises(ObjectDigestMismatch, match="expected digest"):
        vault.verify(sealed.ref, sealed.ciphertext_sha256)


def test_what_the_store_gives_back_must_be_what_was_put(vault: Vault, store: MemoryStore) -> None:
    def rot(method: str) -> None:
        if method == "read":
            (ref,) = store.refs()
            store.tamper(ref, b"rotten" + store.content(ref)[6:])

    store.faults = rot

    with pytest.raises(ObjectDigestMismatch):
        vault.seal(DOCUMENT, 1, [b"content"])


class _InParts(MemoryStore):
    """Says of everything that it was sent in two parts, and shows other bytes of it, or fewer, than were sent."""

    def __init__(self, flipped: int | None, cut: int = 0) -> None:
        super().__init__()
        self._flipped, self._cut = flipped, cut

    def put_new(self, bucket: Bucket, key: str, chunks: Any, *, content_type: str = "", check: Any = None) -> Stored:
        content = b"".join(bytes(chunk) for chunk in chunks)
        half = len(content) // 2
        stored = super().put_new(bucket, key, [content])
        pieces = (content[:half], content[half:])
        parts = tuple(Part(len(piece), hashlib.sha256(piece).digest()) for piece in pieces)
        stored = Stored(stored.ref, stored.size, stored.sha256, parts)
        if self._flipped is not None:
            at = self._flipped % len(content)
            content = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        self.tamper(stored.ref, content[: len(content) - self._cut])
        check(stored)
        return stored


@pytest.mark.parametrize(("flipped", "cut"), [(0, 0), (-1, 0), (100_001, 0), (None, 1)])
def test_every_part_must_come_back_as_it_was_sent(keys: KeyStore, flipped: int | None, cut: int) -> None:
    with pytest.raises(ObjectDigestMismatch, match="expected"):
        vault_at(keys, _InParts(flipped, cut)).seal(DOCUMENT, 1, [os.urandom(200_000)])


def test_parts_that_came_back_as_they_were_sent_are_good(keys: KeyStore) -> None:
    vault = vault_at(keys, _InParts(None))
    content = os.urandom(200_000)

    sealed = vault.seal(DOCUMENT, 1, [content])

    assert b"".join(vault.open(sealed.ref, DOCUMENT, 1)) == content


def test_a_destroyed_document_stays_unreadable(vault: Vault, store: MemoryStore) -> None:
    sealed = vault.seal(DOCUMENT, 1, [b"content"])
    title = vault.seal_text(DOCUMENT, "title", "送貨單".encode())

    assert vault.destroy_key(DOCUMENT)

    assert not vault.has_key(DOCUMENT)
    assert not vault.destroy_key(DOCUMENT)
    with pytest.raises(KeyMissing):
        vault.open(sealed.ref, DOCUMENT, 1)
    with pytest.raises(KeyMissing):
        vault.open_text(DOCUMENT, "title", title)
    with pytest.raises(KeyMissing):
        vault.seal(DOCUMENT, 2, [b"again"])
    with pytest.raises(KeyMissing):
        vault.seal_text(DOCUMENT, "title", b"again")
    assert len(store.refs()) == 1


def test_nothing_is_derived_from_a_document_without_a_key(vault: Vault) -> None:
    with pytest.raises(KeyMissing):
        vault.seal(DOCUMENT, 1, [b"text"], bucket=Bucket.DERIVED, derived="text")


@pytest.mark.parametrize("name", ["Text", "a b", "é", "x" * 65, "a/b"])
def test_a_derived_name_says_nothing_personal(vault: Vault, name: str) -> None:
    vault.seal(DOCUMENT, 1, [b"content"])

    with pytest.raises(SealBroken, match="name: expected at most 64 of a-z"):
        vault.seal(DOCUMENT, 1, [b"text"], derived=name)


def test_a_missing_object_is_named(vault: Vault) -> None:
    vault.seal(DOCUMENT, 1, [b"content"])

    with pytest.raises(ObjectMissing):
        vault.open(ObjectRef(Bucket.RECORDS, "v1/d/none", "1"), DOCUMENT, 1)


def test_small_texts_open_for_their_document_and_purpose_only(vault: Vault) -> None:
    vault.seal_text(OTHER, "title", b"other")
    sealed = vault.seal_text(DOCUMENT, "title", "送貨單".encode())

    assert vault.open_text(DOCUMENT, "title", sealed) == "送貨單".encode()
    assert vault.seal_text(DOCUMENT, "title", "送貨單".encode()) != sealed
    for document, purpose, data in (
        (OTHER, "title", sealed),
        (DOCUMENT, "notes", sealed),
        (DOCUMENT, "title", sealed[:-1]),
        (DOCUMENT, "title", b""),
        (DOCUMENT, "title", b"\x02" + sealed[1:]),
    ):
        with pytest.raises(SealBroken, match="expected what was sealed"):
            vault.open_text(document, purpose, data)


def test_a_text_has_a_bound(vault: Vault) -> None:
    with pytest.raises(SealBroken, match="title: expected at most 16777216 bytes"):
        vault.seal_text(DOCUMENT, "title", bytes(16 * MIB + 1))


def test_duplicates_show_within_the_organisation_only(vault: Vault, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"content").digest()
    (tmp_path / "elsewhere").mkdir()
    keys = keystore_at(tmp_path / "elsewhere", seed=99)
    elsewhere = vault_at(keys)

    assert vault.duplicate_digest(digest) == vault.duplicate_digest(digest)
    assert vault.duplicate_digest(digest) != elsewhere.duplicate_digest(digest)
    assert vault.duplicate_digest(digest) != vault.duplicate_digest(hashlib.sha256(b"x").digest())
    keys.close()


def test_a_commitment_is_checked_with_its_salt(vault: Vault) -> None:
    sealed = vault.seal(DOCUMENT, 1, [b"content"])
    digest = hashlib.sha256(b"content").digest()

    vault.verify_commitment(sealed.ref, DOCUMENT, digest, sealed.commitment)
    salt = vault.commitment_salt(sealed.ref, DOCUMENT)
    verify_commitment(salt, digest, sealed.commitment)

    assert commitment_of(salt, digest) == sealed.commitment
    with pytest.raises(SealBroken, match="commitment: expected one to this content"):
        verify_commitment(salt, hashlib.sha256(b"other").digest(), sealed.commitment)
    assert vault.seal(DOCUMENT, 2, [b"content"]).commitment != sealed.commitment


def test_an_exported_key_opens_the_object_without_a_vault(vault: Vault, store: MemoryStore) -> None:
    content = os.urandom(2 * MIB + 3)
    sealed = vault.seal(DOCUMENT, 1, io.BytesIO(content))
    key, ciphertext = vault.export_key(DOCUMENT), store.content(sealed.ref)

    chunks = (ciphertext[at : at + 1_000] for at in range(0, len(ciphertext), 1_000))

    assert b"".join(decrypt_file(chunks, DOCUMENT, key)) == content
    with pytest.raises(SealBroken, match="expected one of document"):
        list(decrypt_file([ciphertext], OTHER, key))
    with pytest.raises(SealBroken):
        list(decrypt_file([ciphertext[:-5]], DOCUMENT, key))


def test_digests_of_content_stay_out_of_repr(vault: Vault) -> None:
    sealed = vault.seal(DOCUMENT, 1, [b"content"])

    assert repr(sealed.plaintext_sha256) not in repr(sealed)
