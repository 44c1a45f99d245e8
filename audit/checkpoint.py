"""Checkpoints (C2SP tlog-checkpoint) and offline proofs of one entry (C2SP tlog-proof).

A checkpoint is a signed note whose text is::

    <origin>
    <tree size>
    <base64 of the root hash>

- Sizes are decimal without leading zeros; the root is canonical base64 of 32 bytes.
- Extension lines are accepted when read and never written by this log.
- A tlog-proof carries an index, an inclusion proof and a checkpoint: all that is needed, besides
  the entry and the log's key, to see that the entry was logged.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit.errors import MalformedCheckpoint, MalformedProof, WrongLog
from audit.merkle import EMPTY_ROOT, HASH_BYTES, SIZE_MAX
from audit.note import NOTE_BYTES_MAX, Note, Signer, Verifier, decode_base64, open_note, parse_note, sign_note
from audit.proof import PROOF_HASHES_MAX, verify_inclusion

ORIGIN_BYTES_MAX = 255
PROOF_MARK = "c2sp.org/tlog-proof@v1"
EXTRA_BYTES_MAX = 65_535

_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")
_CONTROL = re.compile("[\0-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log claims at one size.

    Attributes:
        origin: the log's name, 1 to 255 bytes of UTF-8.
        size: how many entries the tree has.
        root: the root hash at that size.
        extensions: further lines a foreign log put in; nothing vouches for their meaning.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or _CONTROL.search(line):
                raise MalformedCheckpoint("checkpoint line: expected text without controls, got none or with one")
        if len(self.origin.encode("utf-8")) > ORIGIN_BYTES_MAX:
            raise MalformedCheckpoint(f"origin: expected at most {ORIGIN_BYTES_MAX} bytes, got more")
        if not 0 <= self.size <= SIZE_MAX:
            raise MalformedCheckpoint(f"tree size: expected 0 to 2^63-1, got {self.size}")
        if len(self.root) != HASH_BYTES:
            raise MalformedCheckpoint(f"root hash: expected {HASH_BYTES} bytes, got {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise MalformedCheckpoint("root hash: expected that of the empty tree at size 0, got another")

    def body(self) -> str:
        """Return the note text, with its final newline."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode("ascii"), *self.extensions)
        return "\n".join(lines) + "\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a note text; says nothing about who signed it.

    Raises:
        MalformedCheckpoint: the text is not a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        raise MalformedCheckpoint("checkpoint: expected at least three lines, each ending in a newline, got fewer")
    origin, size, root, *extensions = lines
    if _DECIMAL.fullmatch(size) is None:
        raise MalformedCheckpoint("tree size: expected a decimal without leading zeros, got another text")
    digest = decode_base64(root)
    if digest is None:
        raise MalformedCheckpoint("root hash: expected canonical base64, got another text")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """Return the checkpoint as a note signed by each signer in turn.

    Raises:
        MalformedNote: there are no signers.
    """
    return sign_note(checkpoint.body(), signers)


def open_checkpoint(note: bytes | str, verifiers: Iterable[Verifier], *, origin: str) -> Checkpoint:
    """Return the checkpoint of a note that a known key signed and that names this log.

    Raises:
        MalformedNote: the bytes are not a note, or (MalformedCheckpoint) its text no checkpoint.
        InvalidSignature: a known key's signature is wrong, or (UntrustedNote) there is none.
        WrongLog: it is the checkpoint of another log.
    """
    return checkpoint_of(open_note(note, verifiers), origin=origin)


def checkpoint_of(note: Note, *, origin: str) -> Checkpoint:
    """Return the checkpoint in an opened note, if it is of the log named `origin`.

    Raises:
        MalformedCheckpoint: the note's text is not a checkpoint.
        WrongLog: it is the checkpoint of another log.
    """
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise WrongLog(f"checkpoint: expected origin {origin}, got another log's")
    return checkpoint


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An offline proof as it was received. Nothing in it may be believed yet.

    Attributes:
        index: of the entry in the log.
        hashes: the inclusion proof.
        note: the checkpoint, signed.
        extra: opaque, and vouched for by nobody.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None


def tlog_proof(index: int, proof: Sequence[bytes], note: str, extra: bytes | None = None) -> str:
    """Return the text of an offline proof, to be kept as a `.tlog-proof` file.

    Raises:
        MalformedProof: the numbers or hashes cannot be part of one.
        MalformedNote: the checkpoint is not a signed note.
    """
    if not 0 <= index < SIZE_MAX:
        raise MalformedProof(f"index: expected 0 to 2^63-2, got {index}")
    if len(proof) > PROOF_HASHES_MAX or any(len(digest) != HASH_BYTES for digest in proof):
        raise MalformedProof(f"proof: expected at most {PROOF_HASHES_MAX} hashes of {HASH_BYTES} bytes, got another")
    if extra is not None and not 1 <= len(extra) <= EXTRA_BYTES_MAX:
        raise MalformedProof(f"extra: expected 1 to {EXTRA_BYTES_MAX} bytes, got {len(extra)}")
    parse_note(note)
    lines = [PROOF_MARK]
    if extra is not None:
        lines.append(f"extra {b64encode(extra).decode('ascii')}")
    lines.append(f"index {index}")
    lines.extend(b64encode(digest).decode("ascii") for digest in proof)
    return "\n".join(lines) + "\n\n" + note


def parse_tlog_proof(data: bytes | str) -> TlogProof:
    """Split an offline proof into its parts without verifying anything.

    Raises:
        MalformedProof: the text is not a tlog-proof.
        MalformedNote: its checkpoint is not a signed note.
    """
    text = data if isinstance(data, str) else _decode_proof(data)
    head, gap, note = text.partition("\n\n")
    if not gap:
        raise MalformedProof("tlog-proof: expected an empty line before the checkpoint, got none")
    lines = head.split("\n")
    if lines.pop(0) != PROOF_MARK:
        raise MalformedProof(f"tlog-proof: expected the first line {PROOF_MARK}, got another")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if not extra or len(extra) > EXTRA_BYTES_MAX:
            raise MalformedProof(f"extra: expected canonical base64 of 1 to {EXTRA_BYTES_MAX} bytes, got another text")
    number = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if _DECIMAL.fullmatch(number) is None or int(number) >= SIZE_MAX:
        raise MalformedProof("index: expected a decimal below 2^63-1 without leading zeros, got another line")
    if len(lines) > PROOF_HASHES_MAX:
        raise MalformedProof(f"proof: expected at most {PROOF_HASHES_MAX} hashes, got {len(lines)}")
    hashes = tuple(_proof_hash(line, position) for position, line in enumerate(lines))
    parse_note(note)
    return TlogProof(int(number), hashes, note, extra)


def verify_tlog_proof(
    data: bytes | str, *, leaf_hash: bytes, verifiers: Iterable[Verifier], origin: str
) -> tuple[int, Checkpoint]:
    """Check that a log whose key is known holds this leaf; return its index and the checkpoint.

    Raises:
        MalformedProof: the text is not a tlog-proof, or its index is not below the tree size.
        MalformedNote: its checkpoint is malformed.
        InvalidSignature: the checkpoint is not signed by a known key.
        WrongLog: the checkpoint is of another log.
        InvalidProof: the leaf is not in the tree at that index.
    """
    parsed = parse_tlog_proof(data)
    checkpoint = open_checkpoint(parsed.note, verifiers, origin=origin)
    verify_inclusion(
        leaf_hash=leaf_hash,
        index=parsed.index,
        size=checkpoint.size,
        proof=parsed.hashes,
        root=checkpoint.root,
    )
    return parsed.index, checkpoint


def _proof_hash(line: str, position: int) -> bytes:
    digest = decode_base64(line)
    if digest is None or len(digest) != HASH_BYTES:
        raise MalformedProof(
            f"proof hash {position}: expected canonical base64 of {HASH_BYTES} bytes, got another text"
        )
    return digest


def _decode_proof(data: bytes) -> str:
    if len(data) > 2 * NOTE_BYTES_MAX:
        raise MalformedProof(f"tlog-proof: expected at most {2 * NOTE_BYTES_MAX} bytes, got {len(data)}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedProof(f"tlog-proof: expected UTF-8, got a fault at byte {error.start}") from error
