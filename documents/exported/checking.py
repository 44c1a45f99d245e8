"""Checking an exported folder with nothing but the export: every fault has a name and a place.

Each file against its digest, each digest against the commitment, each statement against the log's entry, each entry against the
signed checkpoint, the items against their root; and that nothing is there which nobody speaks of. It never raises for what it reads.
"""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from audit.checkpoint import verify_tlog_proof
from audit.errors import AuditError
from audit.event import format_time, time_us
from audit.keys import parse_vkey
from audit.members import parse_entry
from audit.merkle import leaf_hash
from documents.exported.model import EVIDENCE, FORMAT, MANIFEST, Line, Manifest, items_root
from documents.exported.words import READMES
from documents.model import DOCUMENT_ADDED, VERSION_ADDED
from policies.model import Words
from storage.objects.errors import SealBroken
from storage.objects.vault import verify_commitment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.note import Verifier

MANIFEST_BYTES_MAX: Final = 256 * 1024 * 1024
SMALL_BYTES_MAX: Final = 1024 * 1024
CHUNK_BYTES: Final = 1024 * 1024
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    ValueError,
)
"""What reading a file that somebody meddled with can raise."""


class Flaw(StrEnum):
    """What can be wrong with an export."""

    UNREADABLE = "unreadable"
    FILE_MISSING = "file_missing"
    FILE_DIFFERS = "file_differs"
    FILE_UNLISTED = "file_unlisted"
    NOTE_MISSING = "note_missing"
    COMMITMENT_DIFFERS = "commitment_differs"
    ENTRY_DIFFERS = "entry_differs"
    PROOF_FAILS = "proof_fails"
    ROOT_DIFFERS = "root_differs"


FLAWS: Final[Mapping[Flaw, Words]] = MappingProxyType(
    {
        Flaw.UNREADABLE: Words("不能讀取，或並非此格式的匯出檔", "it cannot be read, or is no export of this format"),
        Flaw.FILE_MISSING: Words("清單所載的檔案不存在", "a file of the manifest is not there"),
        Flaw.FILE_DIFFERS: Words(
            "檔案內容與清單所載的摘要不符", "the file is not the one whose digest the manifest has"
        ),
        Flaw.FILE_UNLISTED: Words("有檔案未載於清單", "a file is there that the manifest does not name"),
        Flaw.NOTE_MISSING: Words("欠缺格式說明", "the note on its format is missing"),
        Flaw.COMMITMENT_DIFFERS: Words("日誌的承諾並非指此內容", "the log's commitment is to other content"),
        Flaw.ENTRY_DIFFERS: Words("清單所述與日誌記項不符", "the manifest says other than the log's entry"),
        Flaw.PROOF_FAILS: Words(
            "證明或檢查點的簽署不成立", "the proof, or the signature of its checkpoint, does not hold"
        ),
        Flaw.ROOT_DIFFERS: Words("項目的樹根與清單所載不符", "the root of the items is not the one in the manifest"),
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """A flaw, where it is, and what was expected and got."""

    flaw: Flaw
    file: str
    detail: str = ""


@dataclass(slots=True)
class Checked:
    """What became of a check. `unproven` counts items that came without their entry: nothing is wrong, and less is shown."""

    folder: str = ""
    log: str = ""
    items: int = 0
    left_out: int = 0
    unproven: int = 0
    items_root: str = ""
    tree_sizes: set[int] = field(default_factory=set)
    key_pinned: bool = False
    flaws: list[Found] = field(default_factory=list)

    def found(self, flaw: Flaw, file: str, detail: str = "") -> None:
        """Notes a flaw."""
        self.flaws.append(Found(flaw, file, detail))


class Source(Protocol):
    """Where an export lies."""

    def names(self) -> Sequence[str]:
        """Every file of it."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file, in pieces."""
        ...


class ZipSource:
    """An export in one ZIP."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive: Final = archive

    def names(self) -> Sequence[str]:
        """Every file; one that stands there twice is named twice."""
        return [info.filename for info in self._archive.infolist() if not info.is_dir()]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file."""
        with self._archive.open(name) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


class FolderSource:
    """An export as a tree of files."""

    def __init__(self, root: Path) -> None:
        self._root: Final = root

    def names(self) -> Sequence[str]:
        """Every file."""
        return sorted(path.relative_to(self._root).as_posix() for path in self._root.rglob("*") if path.is_file())

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file."""
        with (self._root / name).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


def check_export(path: Path, vkeys: Sequence[str] = ()) -> Checked:
    """Checks a ZIP or a folder; without `vkeys`, against the key that it names itself, which proves less.

    Raises:
        AuditError: a key of `vkeys` is none.
    """
    trusted = [parse_vkey(one) for one in vkeys]
    if path.is_dir():
        return _check(FolderSource(path), trusted)
    try:
        with zipfile.ZipFile(path) as archive:
            return _check(ZipSource(archive), trusted)
    except _BROKEN as error:
        broken = Checked()
        broken.found(Flaw.UNREADABLE, path.name, type(error).__name__)
        return broken


def _check(source: Source, trusted: Sequence[Verifier]) -> Checked:
    checked = Checked(key_pinned=bool(trusted))
    names = source.names()
    manifest = _manifest(source, checked)
    if manifest is None:
        return checked
    checked.folder, checked.log = manifest.folder, manifest.log
    checked.items, checked.left_out = len(manifest.files), len(manifest.left_out)
    verifiers = trusted or _named_key(manifest, checked)
    seen = {MANIFEST, *READMES}
    for line in manifest.files:
        seen |= {line.file, line.entry or line.file, line.proof or line.file}
        _check_line(source, frozenset(names), line, manifest, verifiers, checked)
    for name in sorted(name for name in names if name not in seen or names.count(name) > 1):
        checked.found(Flaw.FILE_UNLISTED, name)
    checked.items_root = items_root(manifest.files)
    if checked.items_root != manifest.items_root:
        checked.found(Flaw.ROOT_DIFFERS, MANIFEST, f"expected {manifest.items_root}, got {checked.items_root}")
    return checked


def _manifest(source: Source, checked: Checked) -> Manifest | None:
    stored = _small(source, MANIFEST, MANIFEST_BYTES_MAX)
    if stored is None:
        checked.found(Flaw.FILE_MISSING, MANIFEST)
        return None
    try:
        manifest = msgspec.json.decode(stored, type=Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        checked.found(Flaw.UNREADABLE, MANIFEST, str(error)[:200])
        return None
    if manifest.format != FORMAT:
        checked.found(Flaw.UNREADABLE, MANIFEST, f"expected {FORMAT}, got {manifest.format[:60]}")
        return None
    return manifest


def _named_key(manifest: Manifest, checked: Checked) -> Sequence[Verifier]:
    try:
        return [parse_vkey(manifest.vkey)]
    except AuditError as error:
        checked.found(Flaw.PROOF_FAILS, MANIFEST, str(error))
        return ()


def _check_line(
    source: Source,
    names: frozenset[str],
    line: Line,
    manifest: Manifest,
    verifiers: Sequence[Verifier],
    checked: Checked,
) -> None:
    if line.file not in names:
        checked.found(Flaw.FILE_MISSING, line.file)
    else:
        digest, size = _digest(source, line.file)
        if (digest, size) != (line.sha256, line.size):
            detail = (
                f"expected {line.sha256} of {line.size} bytes, got {digest or 'nothing that can be read'} of {size}"
            )
            checked.found(Flaw.FILE_DIFFERS, line.file, detail)
    if not (line.format.note_zh and line.format.note_en and line.format.media_type):
        checked.found(Flaw.NOTE_MISSING, line.file)
    try:
        salt, sha256, value = (bytes.fromhex(one) for one in (line.commitment.salt, line.sha256, line.commitment.value))
        verify_commitment(salt, sha256, value)
    except (ValueError, SealBroken) as error:
        checked.found(Flaw.COMMITMENT_DIFFERS, line.file, str(error))
    if line.entry is None or line.proof is None:
        checked.unproven += 1
        return
    _check_entry(source, line, manifest, verifiers, checked)


def _check_entry(
    source: Source, line: Line, manifest: Manifest, verifiers: Sequence[Verifier], checked: Checked
) -> None:
    stored, proof = _small(source, line.entry or ""), _small(source, line.proof or "")
    for name, content in ((line.entry or "", stored), (line.proof or "", proof)):
        if content is None or not name.startswith(f"{EVIDENCE}/"):
            checked.found(Flaw.FILE_MISSING, name)
    if stored is None or proof is None:
        return
    try:
        index, checkpoint = verify_tlog_proof(
            proof, leaf_hash=leaf_hash(stored), verifiers=verifiers, origin=manifest.log
        )
        checked.tree_sizes.add(checkpoint.size)
    except AuditError as error:
        checked.found(Flaw.PROOF_FAILS, line.proof or "", str(error))
        index = line.added_index
    for member, expected, got in _differing(stored, line, manifest, index):
        checked.found(Flaw.ENTRY_DIFFERS, line.entry or "", f"{member}: expected {expected}, got {got}")


def _differing(stored: bytes, line: Line, manifest: Manifest, index: int) -> Iterator[tuple[str, object, object]]:
    """What the manifest says otherwise than the entry."""
    try:
        entry = parse_entry(stored)
    except AuditError as error:
        yield "entry", "one that can be read", str(error)
        return
    event = entry.event
    data, actor = event.data, event.actor
    occurred = None if event.occurred_at is None else format_time(time_us(event.occurred_at))
    is_known = event.type in {DOCUMENT_ADDED, VERSION_ADDED}
    said: tuple[tuple[str, object, object], ...] = (
        ("type", f"{DOCUMENT_ADDED} or {VERSION_ADDED}" if not is_known else event.type, event.type),
        ("log", entry.origin, manifest.log),
        ("index", entry.index, line.added_index),
        ("index in the proof", entry.index, index),
        ("document", data.get("document"), line.document),
        ("version", data.get("version"), line.version),
        ("media_type", data.get("media_type"), line.format.media_type),
        ("commitment", data.get("commitment"), line.commitment.value),
        ("ciphertext_sha256", data.get("ciphertext_sha256"), line.ciphertext_sha256),
        ("recorded_at", format_time(entry.recorded_at), line.recorded_at),
        ("occurred_at", occurred, line.occurred_at),
        ("actor", actor.id, line.origin.actor),
        ("role", actor.role, line.origin.role),
        ("acting_for", actor.acting_for, line.origin.acting_for),
    )
    yield from ((member, expected, got) for member, expected, got in said if expected != got)


def _digest(source: Source, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in source.chunks(name):
            digest.update(chunk)
            size += len(chunk)
    except _BROKEN:
        return "", size
    return digest.hexdigest(), size


def _small(source: Source, name: str, bytes_max: int = SMALL_BYTES_MAX) -> bytes | None:
    found = bytearray()
    try:
        for chunk in source.chunks(name):
            found += chunk
            if len(found) > bytes_max:
                return None
    except _BROKEN:
        return None
    return bytes(found)
