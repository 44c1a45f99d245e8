"""Keys that sign checkpoints: Ed25519 notes and ML-DSA-44 cosignatures.

- A vkey is `<name>+<8 hex digits of key id>+<base64 of type byte ‖ public key>` (C2SP signed-note).
- key id = SHA-256(name ‖ 0x0A ‖ type byte ‖ public key)[:4].
- Type 0x01: Ed25519 (RFC 8032) over the note text.
- Type 0x06: ML-DSA-44 (FIPS 204, no context) over the `cosigned_message` of C2SP tlog-cosignature,
  which binds the cosigner's name, a time, the log's origin, the size and the root. Extension lines
  are not covered.
- An Ed25519 public key must be a canonical encoding of a point on the curve that is not of low
  order: under a low-order key one signature can fit many texts.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field, replace
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature as ForeignInvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from audit.checkpoint import parse_checkpoint
from audit.errors import InvalidSignature, MalformedCheckpoint, MalformedKey
from audit.note import KEY_ID_BYTES, KEY_NAME_BYTES_MAX, Signer, Verifier, check_key_name, decode_base64

__all__ = [
    "Ed25519Signer",
    "Ed25519Verifier",
    "KeyType",
    "MlDsa44Signer",
    "MlDsa44Verifier",
    "Signer",
    "Verifier",
    "check_ed25519_public_key",
    "format_vkey",
    "key_id",
    "parse_vkey",
]

ED25519_KEY_BYTES = 32
ED25519_SIGNATURE_BYTES = 64
MLDSA44_KEY_BYTES = 1_312
MLDSA44_SIGNATURE_BYTES = 2_420
TIMESTAMP_BYTES = 8
TIMESTAMP_MAX = 2**63 - 1

_COSIGNED_LABEL = b"subtree/v1\n\0"
_VKEY_CHARS_MAX = KEY_NAME_BYTES_MAX + 10 + 4 * ((1 + MLDSA44_KEY_BYTES + 2) // 3)

# Edwards25519: RFC 8032 §5.1.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
# The y coordinates of the eight points whose order divides 8: the neutral point, order 2, order 4,
# and two for the four points of order 8.
_LOW_ORDER_Y = frozenset(
    (
        1,
        _P - 1,
        0,
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    )
)


class KeyType(IntEnum):
    """The signature type byte of a vkey."""

    ED25519 = 0x01
    MLDSA44_COSIGNATURE = 0x06


def key_id(name: str, key_type: KeyType, public_key: bytes) -> bytes:
    """Return the four bytes by which signature lines name a key."""
    return sha256(name.encode("utf-8") + b"\n" + bytes((key_type,)) + public_key).digest()[:KEY_ID_BYTES]


def format_vkey(name: str, key_type: KeyType, public_key: bytes) -> str:
    """Return a public key as text for those who verify."""
    material = b64encode(bytes((key_type,)) + public_key).decode("ascii")
    return f"{name}+{key_id(name, key_type, public_key).hex()}+{material}"


def parse_vkey(vkey: str) -> Ed25519Verifier | MlDsa44Verifier:
    """Return the verifier of a vkey.

    Raises:
        MalformedKey: not a vkey, a key id that is not this key's, a type other than 0x01 and 0x06,
            or a public key that must not be trusted.
    """
    if len(vkey) > _VKEY_CHARS_MAX:
        raise MalformedKey(f"vkey: expected at most {_VKEY_CHARS_MAX} characters, got {len(vkey)}")
    parts = vkey.split("+", 2)
    if len(parts) != 3:
        raise MalformedKey(f"vkey: expected name, key id and key joined by +, got {len(parts)} parts")
    name, claimed_id, encoded = parts
    check_key_name(name)
    material = decode_base64(encoded)
    if not material:
        raise MalformedKey("vkey: expected canonical base64 of type byte and public key, got another text")
    public_key = material[1:]
    verifier: Ed25519Verifier | MlDsa44Verifier
    if material[0] == KeyType.ED25519:
        verifier = Ed25519Verifier(name, public_key)
    elif material[0] == KeyType.MLDSA44_COSIGNATURE:
        verifier = MlDsa44Verifier(name, public_key)
    else:
        raise MalformedKey(f"vkey: expected type 0x01 or 0x06, got 0x{material[0]:02x}")
    if claimed_id != verifier.key_id.hex():
        raise MalformedKey(f"vkey: expected key id {verifier.key_id.hex()}, got another")
    return verifier


def check_ed25519_public_key(public_key: bytes) -> None:
    """Check that an Ed25519 public key is a canonical curve point which is not of low order.

    Raises:
        MalformedKey: it is not.
    """
    if len(public_key) != ED25519_KEY_BYTES:
        raise MalformedKey(f"Ed25519 public key: expected {ED25519_KEY_BYTES} bytes, got {len(public_key)}")
    y = int.from_bytes(public_key, "little") & ((1 << 255) - 1)
    if y % _P in _LOW_ORDER_Y:
        raise MalformedKey("Ed25519 public key: expected a point of high order, got one of low order")
    if y >= _P:
        raise MalformedKey("Ed25519 public key: expected the canonical encoding of a point, got another")
    # x² = (y²-1) / (dy²+1) must be a square; zero was one of the low orders.
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(x_squared, (_P - 1) // 2, _P) != 1:
        raise MalformedKey("Ed25519 public key: expected a point on the curve, got none")


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """An Ed25519 public key under a name.

    Raises:
        MalformedKey: the name or the key cannot be used.
    """

    name: str
    public_key: bytes
    key_id: bytes = field(init=False)
    _key: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        check_ed25519_public_key(self.public_key)
        object.__setattr__(self, "key_id", key_id(self.name, KeyType.ED25519, self.public_key))
        object.__setattr__(self, "_key", Ed25519PublicKey.from_public_bytes(self.public_key))

    @property
    def vkey(self) -> str:
        """The public key as text."""
        return format_vkey(self.name, KeyType.ED25519, self.public_key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Check the signature of a note text; see `Verifier.verify`."""
        try:
            self._key.verify(signature, text)
        except ForeignInvalidSignature as error:
            raise InvalidSignature(f"signature by {self.name}+{self.key_id.hex()}: does not verify") from error


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """An Ed25519 private key under a name.

    Raises:
        MalformedKey: the name cannot be used.
    """

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)
    public_key: bytes = field(init=False)
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        object.__setattr__(self, "public_key", self.private_key.public_key().public_bytes_raw())
        object.__setattr__(self, "key_id", key_id(self.name, KeyType.ED25519, self.public_key))

    @property
    def vkey(self) -> str:
        """The public key as text, for those who verify."""
        return format_vkey(self.name, KeyType.ED25519, self.public_key)

    def sign(self, text: bytes) -> bytes:
        """Return the 64-byte signature of a note text."""
        return self.private_key.sign(text)


@dataclass(frozen=True, slots=True)
class MlDsa44Verifier:
    """An ML-DSA-44 public key under a name; verifies cosignatures of checkpoints.

    Raises:
        MalformedKey: the name or the key cannot be used.
    """

    name: str
    public_key: bytes = field(repr=False)
    key_id: bytes = field(init=False)
    _key: MLDSA44PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public_key) != MLDSA44_KEY_BYTES:
            got = len(self.public_key)
            raise MalformedKey(f"ML-DSA-44 public key: expected {MLDSA44_KEY_BYTES} bytes, got {got}")
        object.__setattr__(self, "key_id", key_id(self.name, KeyType.MLDSA44_COSIGNATURE, self.public_key))
        object.__setattr__(self, "_key", MLDSA44PublicKey.from_public_bytes(self.public_key))

    @property
    def vkey(self) -> str:
        """The public key as text."""
        return format_vkey(self.name, KeyType.MLDSA44_COSIGNATURE, self.public_key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Check the cosignature of a checkpoint's note text; see `Verifier.verify`."""
        named = f"cosignature by {self.name}+{self.key_id.hex()}"
        wanted = TIMESTAMP_BYTES + MLDSA44_SIGNATURE_BYTES
        if len(signature) != wanted:
            raise InvalidSignature(f"{named}: expected {wanted} bytes, got {len(signature)}")
        timestamp = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
        if timestamp > TIMESTAMP_MAX:
            raise InvalidSignature(f"{named}: expected a timestamp up to 2^63-1, got a later one")
        try:
            message = cosigned_message(self.name, timestamp, text)
            self._key.verify(signature[TIMESTAMP_BYTES:], message)
        except (ForeignInvalidSignature, MalformedCheckpoint) as error:
            raise InvalidSignature(f"{named}: does not verify") from error


@dataclass(frozen=True, slots=True)
class MlDsa44Signer:
    """An ML-DSA-44 private key under a name, cosigning checkpoints at one moment.

    Attributes:
        name: the cosigner's name.
        private_key: from `cryptography`.
        timestamp: seconds since 1970 which each signature states; `at` gives the next moment's.

    Raises:
        MalformedKey: the name or timestamp cannot be used.
    """

    name: str
    private_key: MLDSA44PrivateKey = field(repr=False)
    timestamp: int = 0
    public_key: bytes = field(init=False, repr=False)
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if not 0 <= self.timestamp <= TIMESTAMP_MAX:
            raise MalformedKey(f"timestamp: expected 0 to 2^63-1, got {self.timestamp}")
        object.__setattr__(self, "public_key", self.private_key.public_key().public_bytes_raw())
        object.__setattr__(self, "key_id", key_id(self.name, KeyType.MLDSA44_COSIGNATURE, self.public_key))

    @property
    def vkey(self) -> str:
        """The public key as text, for those who verify."""
        return format_vkey(self.name, KeyType.MLDSA44_COSIGNATURE, self.public_key)

    def at(self, timestamp: int) -> MlDsa44Signer:
        """Return the signer which states this moment, in seconds since 1970."""
        return replace(self, timestamp=timestamp)

    def sign(self, text: bytes) -> bytes:
        """Return timestamp and signature, 2,428 bytes, over a checkpoint's note text.

        Raises:
            MalformedCheckpoint: the text is not a checkpoint; nothing else can be cosigned.
        """
        message = cosigned_message(self.name, self.timestamp, text)
        return self.timestamp.to_bytes(TIMESTAMP_BYTES, "big") + self.private_key.sign(message)


def cosigned_message(cosigner: str, timestamp: int, text: bytes) -> bytes:
    """Return what an ML-DSA-44 cosigner signs for a checkpoint's note text.

    Raises:
        MalformedCheckpoint: the text is not a checkpoint.
    """
    try:
        checkpoint = parse_checkpoint(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedCheckpoint(f"checkpoint: expected UTF-8, got a fault at byte {error.start}") from error
    name, origin = cosigner.encode("utf-8"), checkpoint.origin.encode("utf-8")
    return b"".join(
        (
            _COSIGNED_LABEL,
            len(name).to_bytes(1, "big"),
            name,
            timestamp.to_bytes(8, "big"),
            len(origin).to_bytes(1, "big"),
            origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )
