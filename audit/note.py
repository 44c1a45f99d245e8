"""Signed notes, as C2SP signed-note defines them: a text and signatures by named keys.

A note is a text that ends in a newline, an empty line, and one line a signature::

    — <key name> base64(32-bit key id ‖ signature)

- UTF-8 without control characters other than newline. The last empty line ends the text.
- A key is known by its name *and* its id. Signatures by unknown keys are ignored, so that keys can
  rotate and witnesses can cosign.
- A wrong signature by a known key condemns the whole note; a note no known key signed is refused.
- At most 256 KiB and 64 signatures.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.errors import MalformedKey, MalformedNote, UntrustedNote

KEY_ID_BYTES = 4
KEY_NAME_BYTES_MAX = 255
NOTE_BYTES_MAX = 262_144
SIGNATURES_MAX = 64

_CONTROL = re.compile("[\0-\x09\x0b-\x1f]")
# The white space of Unicode by code point: Python's own list grows with its Unicode version.
_SPACE_OR_PLUS = re.compile("[\0-\x20+\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]")
_DASH = "\N{EM DASH} "


class Signer(Protocol):
    """A private key under a name. Its methods may be called from any thread."""

    @property
    def name(self) -> str:
        """The key name in its signature lines."""
        ...

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell this key from others of the same name."""
        ...

    @property
    def vkey(self) -> str:
        """The public key as text, for those who verify."""
        ...

    def sign(self, text: bytes) -> bytes:
        """Return the signature of a note text: what follows the key id in the line."""
        ...


class Verifier(Protocol):
    """A public key under a name."""

    @property
    def name(self) -> str:
        """The key name in its signature lines."""
        ...

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell this key from others of the same name."""
        ...

    @property
    def vkey(self) -> str:
        """The public key as text."""
        ...

    def verify(self, text: bytes, signature: bytes) -> None:
        """Check the signature of a note text.

        Raises:
            InvalidSignature: this key did not make it over this text.
        """
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line.

    Attributes:
        name: the key name.
        key_id: four bytes.
        value: the signature without the key id.
    """

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class UnverifiedNote:
    """A note as it was received. Nothing in it may be believed yet.

    Attributes:
        text: with its final newline.
        signatures: all lines, in order.
    """

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A note signed by at least one known key.

    Attributes:
        text: with its final newline.
        signatures: those by known keys, each verified, one for each key.
        unknown: those by other keys; they say nothing.
    """

    text: str
    signatures: tuple[Signature, ...]
    unknown: tuple[Signature, ...]


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """Return the note of a text, signed by each signer in turn.

    Raises:
        MalformedNote: the text does not end in a newline or holds what a note must not, or there
            are no signers.
    """
    if not text.endswith("\n"):
        raise MalformedNote("note text: expected a final newline, got none")
    signed = _encode(text)
    if not 1 <= len(signers) <= SIGNATURES_MAX:
        raise MalformedNote(f"signers: expected 1 to {SIGNATURES_MAX}, got {len(signers)}")
    lines = [_line(signer, signed) for signer in signers]
    return f"{text}\n{''.join(lines)}"


def add_signatures(note: str, signers: Sequence[Signer]) -> str:
    """Return the note with a further signature line by each signer.

    Raises:
        MalformedNote: it is not a note, or would have more than 64 signatures.
    """
    parsed = parse_note(note)
    count = len(parsed.signatures) + len(signers)
    if count > SIGNATURES_MAX:
        raise MalformedNote(f"signatures: expected at most {SIGNATURES_MAX}, got {count}")
    signed = parsed.text.encode("utf-8")
    return note + "".join(_line(signer, signed) for signer in signers)


def parse_note(note: bytes | str) -> UnverifiedNote:
    """Split a note into text and signatures without verifying anything.

    Raises:
        MalformedNote: the bytes are not a signed note.
    """
    whole = _decode(note) if isinstance(note, bytes) else note
    _encode(whole)
    end = whole.rfind("\n\n")
    if end < 0:
        raise MalformedNote("note: expected an empty line before the signatures, got none")
    text, tail = whole[: end + 1], whole[end + 2 :]
    if not tail.endswith("\n"):
        raise MalformedNote("note: expected signature lines ending in a newline, got none")
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise MalformedNote(f"signatures: expected at most {SIGNATURES_MAX}, got {len(lines)}")
    return UnverifiedNote(text, tuple(_signature(line, number) for number, line in enumerate(lines, 1)))


def open_note(note: bytes | str, verifiers: Iterable[Verifier]) -> Note:
    """Return a note at least one of the verifiers' keys signed.

    Raises:
        MalformedNote: the bytes are not a signed note.
        MalformedKey: two different verifiers share a name and key id.
        InvalidSignature: a signature by a known key is wrong.
        UntrustedNote: no known key signed it.
    """
    parsed = parse_note(note)
    known = _by_key(verifiers)
    text = parsed.text.encode("utf-8")
    verified: dict[tuple[str, bytes], Signature] = {}
    unknown: list[Signature] = []
    for signature in parsed.signatures:
        key = (signature.name, signature.key_id)
        verifier = known.get(key)
        if verifier is None:
            unknown.append(signature)
            continue
        verifier.verify(text, signature.value)
        verified.setdefault(key, signature)
    if not verified:
        got = len(unknown)
        raise UntrustedNote(f"note: expected a signature by one of {len(known)} known keys, got {got} by others")
    return Note(parsed.text, tuple(verified.values()), tuple(unknown))


def check_key_name(name: str) -> None:
    """Check a key name: 1 to 255 bytes of UTF-8 without white space, controls and plus.

    Raises:
        MalformedKey: it is not one.
    """
    if _SPACE_OR_PLUS.search(name):
        raise MalformedKey("key name: expected no white space, control or plus, got one")
    size = len(name.encode("utf-8"))
    if not 1 <= size <= KEY_NAME_BYTES_MAX:
        raise MalformedKey(f"key name: expected 1 to {KEY_NAME_BYTES_MAX} bytes, got {size}")


def decode_base64(text: str) -> bytes | None:
    """Return the bytes of canonical standard base64 with padding, None for anything else."""
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
    return data if b64encode(data).decode("ascii") == text else None


def _line(signer: Signer, text: bytes) -> str:
    blob = b64encode(signer.key_id + signer.sign(text)).decode("ascii")
    return f"{_DASH}{signer.name} {blob}\n"


def _signature(line: str, number: int) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise MalformedNote(f"signature line {number}: expected an em dash, a name and base64, got another form")
    try:
        check_key_name(name)
    except MalformedKey as error:
        raise MalformedNote(f"signature line {number}: {error}") from error
    blob = decode_base64(encoded)
    if blob is None:
        raise MalformedNote(f"signature line {number}: expected canonical base64, got another text")
    if len(blob) <= KEY_ID_BYTES:
        wanted = f"more than {KEY_ID_BYTES} bytes"
        raise MalformedNote(f"signature line {number}: expected {wanted}, got {len(blob)}")
    return Signature(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _by_key(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        other = known.setdefault((verifier.name, verifier.key_id), verifier)
        if other.vkey != verifier.vkey:
            raise MalformedKey("verifiers: expected one key for each name and key id, got two")
    return known


def _decode(note: bytes) -> str:
    if len(note) > NOTE_BYTES_MAX:
        raise MalformedNote(f"note: expected at most {NOTE_BYTES_MAX} bytes, got {len(note)}")
    try:
        return note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNote(f"note: expected UTF-8, got a fault at byte {error.start}") from error


def _encode(text: str) -> bytes:
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedNote(f"note: expected no lone surrogates, got one at character {error.start}") from error
    if len(encoded) > NOTE_BYTES_MAX:
        raise MalformedNote(f"note: expected at most {NOTE_BYTES_MAX} bytes, got {len(encoded)}")
    control = _CONTROL.search(text)
    if control:
        raise MalformedNote(f"note: expected no control characters, got one at character {control.start()}")
    return encoded
