"""Nothing is read, released or locked whose object is not whole: the store's word at the put is checked against its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from documents import digesting
from documents.classes import STANDARD_CLASSES
from documents.model import Stage
from storage.objects.errors import ObjectDigestMismatch, ObjectMissing, SealBroken
from storage.objects.model import Bucket, ObjectRef
from tests.documents.archive import Archive, Unhurried

CONTENT = b"paper" * 500_000
KINDS = ["image/jpeg", "application/pdf", "text/csv"]


def _flip(content: bytes, at: int) -> bytes:
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "its first byte": lambda content: _flip(content, 0),
    "a byte of its first piece": lambda content: _flip(content, 200),
    "a byte in its midst": lambda content: _flip(content, len(content) // 2),
    "its last byte": lambda content: _flip(content, -1),
    "cut by a byte": lambda content: content[:-1],
    "cut by a piece": lambda content: content[: 1 << 20],
    "longer by a byte": lambda content: content + b"x",
    "nothing": lambda _content: b"",
}


def _is_untouched(archive: Archive, document: str, ref: ObjectRef) -> None:
    assert archive.stage(document) is Stage.SEALED
    info = archive.objects.head(ref)
    assert (info.lock_mode, info.locked_until) == (None, None)
    assert not archive.objects.refs(Bucket.DERIVED)


@pytest.mark.parametrize("is_large", [False, True], ids=["read", "too large to be read"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_version_whose_object_is_damaged_is_never_released(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, damage: str, is_large: bool
) -> None:
    added = archive.add(CONTENT)
    (ref,) = archive.objects.refs(Bucket.RECORDS)
    archive.objects.tamper(ref, DAMAGES[damage](archive.objects.content(ref)))
    if is_large:
        monkeypatch.setattr(digesting, "READ_BYTES_MAX", 1_000)

    with pytest.raises(ObjectDigestMismatch if is_large else SealBroken):
        archive.documents.read_version(added.document, 1, event_id=archive.id(), pace=Unhurried())
    archive.work()

    _is_untouched(archive, added.document, ref)


@pytest.mark.parametrize("is_large", [False, True], ids=["read", "too large to be read"])
def test_a_version_whose_object_is_gone_is_never_released(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, is_large: bool
) -> None:
    added = archive.add(CONTENT)
    (ref,) = archive.objects.refs(Bucket.RECORDS)
    archive.objects.delete_version(ref)
    if is_large:
        monkeypatch.setattr(digesting, "READ_BYTES_MAX", 1_000)

    with pytest.raises(ObjectMissing):
        archive.documents.read_version(added.document, 1, event_id=archive.id(), pace=Unhurried())
    archive.work()

    assert archive.stage(added.document) is Stage.SEALED


@pytest.mark.parametrize("is_large", [False, True], ids=["read", "too large to be read"])
@pytest.mark.parametrize("media_type", KINDS)
@pytest.mark.parametrize("class_code", [each.code for each in STANDARD_CLASSES])
def test_of_every_class_and_kind_the_whole_object_is_read_before_it_is_released(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, class_code: str, media_type: str, is_large: bool
) -> None:
    archive.inspector.media_type = media_type
    if is_large:
        monkeypatch.setattr(digesting, "READ_BYTES_MAX", 1_000)
    archive.add(b"paper" * 1_000, **{"class": class_code})
    (ref,) = archive.objects.refs(Bucket.RECORDS)
    whole, read = len(archive.objects.content(ref)), 0
    plain = archive.objects.read

    def counting(of: ObjectRef, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        nonlocal read
        for chunk in plain(of, start, stop):
            read += len(chunk) if of == ref else 0
            yield chunk

    monkeypatch.setattr(archive.objects, "read", counting)
    read_at_locks: list[int] = []
    archive.objects.faults = lambda method: read_at_locks.append(read) if method == "lock" else None

    archive.work()

    assert read >= whole
    assert all(done >= whole for done in read_at_locks)
