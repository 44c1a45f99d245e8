from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from audit.errors import InvalidSignature, MalformedCheckpoint, MalformedKey
from audit.keys import (
    Ed25519Signer,
    Ed25519Verifier,
    KeyType,
    MlDsa44Signer,
    MlDsa44Verifier,
    check_ed25519_public_key,
    cosigned_message,
    format_vkey,
    key_id,
    parse_vkey,
)
from audit.note import open_note

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
SIGNER = Ed25519Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
COSIGNER = MlDsa44Signer("log.example", MLDSA44PrivateKey.from_seed_bytes(bytes(32)), timestamp=1_795_348_800)
CHECKPOINT = Checkpoint("log.example", 5, sha256(b"root").digest())
BODY = CHECKPOINT.body().encode()

FOREIGN_VKEYS = {
    "C2SP signed-note example": "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "golang.org/x/mod sumdb/note": "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "golang.org/x/mod sumdb/note, second": "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
    "transparency-dev/formats, plus in base64": "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
}


def low_order_encodings() -> list[bytes]:
    """Every encoding, canonical or not, of a point whose order divides 8."""
    # Doubling a point of order 8 gives one of order 4, which has y = 0: so y² = -x², and the curve
    # -x² + y² = 1 + dx²y² becomes dy⁴ + 2y² - 1 = 0, a quadratic in y².
    root = pow((1 + D) % P, (P + 3) // 8, P)
    if root * root % P != (1 + D) % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    eighth = set()
    for sign in (root, -root):
        square = (sign - 1) * pow(D, -1, P) % P
        y = pow(square, (P + 3) // 8, P)
        if y * y % P != square:
            y = y * pow(2, (P - 1) // 4, P) % P
        if y * y % P == square:
            eighth |= {y, P - y}
    assert len(eighth) == 2
    ys = {0, 1, P - 1, *eighth}
    spellings = ys | {y + P for y in ys if y + P < 2**255}
    return [(y | sign << 255).to_bytes(32, "little") for y in sorted(spellings) for sign in (0, 1)]


def is_on_curve(y: int) -> bool:
    x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    return x_squared == 0 or pow(x_squared, (P - 1) // 2, P) == 1


@pytest.mark.parametrize("vkey", FOREIGN_VKEYS.values(), ids=FOREIGN_VKEYS.keys())
def test_keys_of_other_implementations_are_read_and_written_back(vkey: str) -> None:
    assert parse_vkey(vkey).vkey == vkey


def test_a_key_made_from_a_published_seed_has_the_published_id() -> None:
    seed = bytes.fromhex("2886adc2b0eabfce67c0472939127998bf886cf256bfee8ba76a253fce1146e0")

    signer = MlDsa44Signer("example.com/mldsa-log", MLDSA44PrivateKey.from_seed_bytes(seed))

    assert signer.key_id.hex() == "b5df45c5"


def test_a_cosignature_of_another_implementation_verifies() -> None:
    seed = bytes.fromhex("2886adc2b0eabfce67c0472939127998bf886cf256bfee8ba76a253fce1146e0")
    vkey = MlDsa44Signer("example.com/mldsa-log", MLDSA44PrivateKey.from_seed_bytes(seed)).vkey
    note = (Path(__file__).parent / "foreign" / "mldsa44-cosigned-checkpoint.txt").read_bytes()

    checkpoint = open_checkpoint(note, [parse_vkey(vkey)], origin="example.com/mldsa-log")

    assert (checkpoint.size, checkpoint.root) == (1, sha256(b"\0testonly").digest())


def test_a_checkpoint_signed_by_both_kinds_opens_by_either() -> None:
    note = sign_checkpoint(CHECKPOINT, [SIGNER, COSIGNER])

    for signer in (SIGNER, COSIGNER):
        assert open_checkpoint(note, [parse_vkey(signer.vkey)], origin="log.example") == CHECKPOINT
    assert len(open_note(note, [parse_vkey(SIGNER.vkey), parse_vkey(COSIGNER.vkey)]).signatures) == 2


def test_a_cosignature_states_its_moment() -> None:
    signature = COSIGNER.at(1_795_348_801).sign(BODY)

    assert len(signature) == 8 + 2_420
    assert int.from_bytes(signature[:8], "big") == 1_795_348_801
    parse_vkey(COSIGNER.vkey).verify(BODY, signature)


def test_what_is_cosigned_binds_cosigner_time_origin_size_and_root() -> None:
    message = cosigned_message("w.example", 1, BODY)

    assert message == (
        b"subtree/v1\n\0"
        b"\x09w.example"
        + (1).to_bytes(8, "big")
        + b"\x0blog.example"
        + (0).to_bytes(8, "big")
        + (5).to_bytes(8, "big")
        + CHECKPOINT.root
    )


def test_a_cosignature_does_not_cover_extension_lines() -> None:
    extended = Checkpoint("log.example", 5, CHECKPOINT.root, ("a line",)).body().encode()

    assert cosigned_message("w.example", 1, extended) == cosigned_message("w.example", 1, BODY)


def cosignature_mutations() -> dict[str, tuple[bytes, bytes]]:
    signature = COSIGNER.sign(BODY)
    longer = Checkpoint("log.example", 6, CHECKPOINT.root).body().encode()
    return {
        "another size": (longer, signature),
        "another time": (BODY, bytes(8) + signature[8:]),
        "bit flipped": (BODY, signature[:-1] + bytes((signature[-1] ^ 1,))),
        "not a checkpoint": (b"hello\n", signature),
        "not text": (b"\xff\n", signature),
    }


@pytest.mark.parametrize("mutation", cosignature_mutations().keys())
def test_a_wrong_cosignature_is_refused(mutation: str) -> None:
    text, signature = cosignature_mutations()[mutation]

    with pytest.raises(
        InvalidSignature, match=rf"^cosignature by log.example\+{COSIGNER.key_id.hex()}: does not verify$"
    ):
        parse_vkey(COSIGNER.vkey).verify(text, signature)


def test_a_cosignature_of_another_cosigner_name_is_refused() -> None:
    renamed = MlDsa44Verifier("other.example", COSIGNER.public_key)

    with pytest.raises(InvalidSignature):
        renamed.verify(BODY, COSIGNER.sign(BODY))


def test_a_cosignature_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(InvalidSignature, match=r"^cosignature by .*: expected 2428 bytes, got 64$"):
        parse_vkey(COSIGNER.vkey).verify(BODY, bytes(64))


def test_a_cosignature_from_beyond_the_last_moment_is_refused() -> None:
    with pytest.raises(
        InvalidSignature, match=r"^cosignature by .*: expected a timestamp up to 2\^63-1, got a later one$"
    ):
        parse_vkey(COSIGNER.vkey).verify(BODY, b"\x80" + bytes(7 + 2_420))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"hello\n", "checkpoint: expected at least three lines, each ending in a newline, got fewer"),
        (b"\xff\n", "checkpoint: expected UTF-8, got a fault at byte 0"),
    ],
)
def test_nothing_but_a_checkpoint_is_cosigned(text: bytes, message: str) -> None:
    with pytest.raises(MalformedCheckpoint) as caught:
        COSIGNER.sign(text)

    assert str(caught.value) == message


def test_the_fourteen_low_order_encodings_are_found() -> None:
    encodings = low_order_encodings()

    assert len(set(encodings)) == 14
    assert bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a") in encodings


@pytest.mark.parametrize("public_key", low_order_encodings(), ids=bytes.hex)
def test_an_ed25519_key_of_low_order_is_refused(public_key: bytes) -> None:
    message = r"^Ed25519 public key: expected a point of high order, got one of low order$"

    with pytest.raises(MalformedKey, match=message):
        Ed25519Verifier("log.example", public_key)

    with pytest.raises(MalformedKey, match=message):
        parse_vkey(format_vkey("log.example", KeyType.ED25519, public_key))


@pytest.mark.parametrize("y", range(2, 19))
def test_an_ed25519_key_that_is_not_the_canonical_encoding_is_refused(y: int) -> None:
    with pytest.raises(
        MalformedKey, match=r"^Ed25519 public key: expected the canonical encoding of a point, got another$"
    ):
        check_ed25519_public_key((y + P).to_bytes(32, "little"))


def test_an_ed25519_key_off_the_curve_is_refused() -> None:
    y = next(y for y in range(2, 100) if not is_on_curve(y))

    with pytest.raises(MalformedKey, match=r"^Ed25519 public key: expected a point on the curve, got none$"):
        check_ed25519_public_key(y.to_bytes(32, "little"))


@given(st.binary(min_size=32, max_size=32))
def test_an_ed25519_key_must_be_on_the_curve(public_key: bytes) -> None:
    y = int.from_bytes(public_key, "little") % 2**255

    if y >= P or public_key in low_order_encodings() or not is_on_curve(y):
        with pytest.raises(MalformedKey):
            check_ed25519_public_key(public_key)
    else:
        check_ed25519_public_key(public_key)


@given(st.binary(min_size=32, max_size=32))
def test_the_public_key_of_any_private_key_is_accepted(seed: bytes) -> None:
    signer = Ed25519Signer("log.example", Ed25519PrivateKey.from_private_bytes(seed))

    verifier = parse_vkey(signer.vkey)

    verifier.verify(b"text\n", signer.sign(b"text\n"))


@given(st.text(max_size=80) | st.tuples(st.text(max_size=8), st.text(max_size=8), st.binary(max_size=40)).map(
    lambda parts: f"{parts[0]}+{parts[1]}+{b64encode(parts[2]).decode()}"
))  # fmt: skip
def test_any_text_is_a_vkey_or_refused(text: str) -> None:
    try:
        verifier = parse_vkey(text)
    except MalformedKey:
        return

    assert verifier.vkey == text


ED25519 = SIGNER.vkey
MATERIAL = b"\x01" + SIGNER.public_key


def vkey_of(material: bytes, name: str = "log.example") -> str:
    identity = sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    return f"{name}+{identity}+{b64encode(material).decode()}"


MALFORMED = {
    "nothing": ("", "vkey: expected name, key id and key joined by +, got 1 parts"),
    "two parts": ("log.example+00000000", "vkey: expected name, key id and key joined by +, got 2 parts"),
    "no name": (vkey_of(MATERIAL, ""), "key name: expected 1 to 255 bytes, got 0"),
    "space in name": (vkey_of(MATERIAL, "a b"), "key name: expected no white space, control or plus, got one"),
    "no key": ("log.example+00000000+", "vkey: expected canonical base64 of type byte and public key, got another text"),
    "not base64": (ED25519 + "!", "vkey: expected canonical base64 of type byte and public key, got another text"),
    "another key id": (
        ED25519.replace(SIGNER.key_id.hex(), "00000000"),
        f"vkey: expected key id {SIGNER.key_id.hex()}, got another",
    ),
    "upper-case key id": (
        ED25519.replace(SIGNER.key_id.hex(), SIGNER.key_id.hex().upper()),
        f"vkey: expected key id {SIGNER.key_id.hex()}, got another",
    ),
    "witness type": (vkey_of(b"\x04" + SIGNER.public_key), "vkey: expected type 0x01 or 0x06, got 0x04"),
    "type without key": (vkey_of(b"\x01"), "Ed25519 public key: expected 32 bytes, got 0"),
    "key one byte long": (vkey_of(MATERIAL + b"\0"), "Ed25519 public key: expected 32 bytes, got 33"),
    "ML-DSA-44 key too short": (vkey_of(b"\x06" + bytes(32)), "ML-DSA-44 public key: expected 1312 bytes, got 32"),
    "too long": ("a" * 2_018, "vkey: expected at most 2017 characters, got 2018"),
}  # fmt: skip


@pytest.mark.parametrize(("vkey", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_a_vkey_is_refused_by_name(vkey: str, message: str) -> None:
    with pytest.raises(MalformedKey) as caught:
        parse_vkey(vkey)

    assert str(caught.value) == message


def test_the_longest_name_fits_a_vkey() -> None:
    signer = MlDsa44Signer("a" * 255, COSIGNER.private_key)

    assert parse_vkey(signer.vkey).vkey == signer.vkey


def test_a_key_id_binds_name_type_and_key() -> None:
    assert key_id("a", KeyType.ED25519, b"k") == sha256(b"a\n\x01k").digest()[:4]


@pytest.mark.parametrize("timestamp", [-1, 2**63])
def test_a_cosigner_without_possible_moment_is_refused(timestamp: int) -> None:
    with pytest.raises(MalformedKey, match=rf"^timestamp: expected 0 to 2\^63-1, got {timestamp}$"):
        COSIGNER.at(timestamp)


def test_a_signer_keeps_its_private_key_out_of_its_text() -> None:
    assert "private_key" not in repr(SIGNER) + repr(COSIGNER)
