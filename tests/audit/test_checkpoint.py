from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import (
    Checkpoint,
    TlogProof,
    open_checkpoint,
    parse_checkpoint,
    parse_tlog_proof,
    sign_checkpoint,
    tlog_proof,
    verify_tlog_proof,
)
from audit.errors import (
    AuditError,
    InvalidProof,
    MalformedCheckpoint,
    MalformedNote,
    MalformedProof,
    UntrustedNote,
    WrongLog,
)
from audit.keys import Ed25519Signer, parse_vkey
from audit.merkle import EMPTY_ROOT, SIZE_MAX, leaf_hash
from audit.note import parse_note, sign_note
from tests.audit.trees import tree_of

ORIGIN = "log.example"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
VERIFIER = parse_vkey(SIGNER.vkey)
ROOT = leaf_hash(b"root")
ROOT_TEXT = b64encode(ROOT).decode()
TREE = tree_of(11)
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 11, TREE.roots[11]), [SIGNER])
LEAF = leaf_hash(TREE.entries[6])
PROOF = tlog_proof(6, TREE.inclusion(6, 11), NOTE)

# C2SP tlog-checkpoint and tlog-cosignature, the example checkpoint.
C2SP_NOTE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_example_checkpoint_of_the_standard_parses() -> None:
    note = parse_note(C2SP_NOTE)

    checkpoint = parse_checkpoint(note.text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.body() == note.text


def test_a_checkpoint_is_three_lines() -> None:
    assert Checkpoint(ORIGIN, 5, ROOT).body() == f"log.example\n5\n{ROOT_TEXT}\n"


@given(
    origin=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60),
    size=st.integers(1, SIZE_MAX),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=9), max_size=3),
)
def test_a_checkpoint_is_read_back_as_written(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))

    assert parse_checkpoint(checkpoint.body()) == checkpoint
    assert open_checkpoint(sign_checkpoint(checkpoint, [SIGNER]), [VERIFIER], origin=origin) == checkpoint


@given(st.text(max_size=100) | st.tuples(st.text(max_size=9), st.text(max_size=9), st.text(max_size=50)).map("\n".join))
def test_any_text_is_a_checkpoint_or_refused(text: str) -> None:
    try:
        checkpoint = parse_checkpoint(text)
    except MalformedCheckpoint:
        return

    assert checkpoint.body() == text


def test_the_empty_tree_has_a_checkpoint() -> None:
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    assert parse_checkpoint(checkpoint.body()) == checkpoint


TOO_FEW = "checkpoint: expected at least three lines, each ending in a newline, got fewer"
NOT_DECIMAL = "tree size: expected a decimal without leading zeros, got another text"
NOT_BASE64 = "root hash: expected canonical base64, got another text"
NOT_A_LINE = "checkpoint line: expected text without controls, got none or with one"
MALFORMED = {
    "nothing": ("", TOO_FEW),
    "two lines": ("a\n5\n", TOO_FEW),
    "no final newline": (f"a\n5\n{ROOT_TEXT}", TOO_FEW),
    "no final newline after an extension": (f"a\n5\n{ROOT_TEXT}\nx", TOO_FEW),
    "empty origin": (f"\n5\n{ROOT_TEXT}\n", NOT_A_LINE),
    "empty extension": (f"a\n5\n{ROOT_TEXT}\n\nx\n", NOT_A_LINE),
    "carriage returns": (f"a\r\n5\n{ROOT_TEXT}\n", NOT_A_LINE),
    "lone surrogate": (f"\ud800\n5\n{ROOT_TEXT}\n", NOT_A_LINE),
    "long origin": (f"{'倉' * 86}\n5\n{ROOT_TEXT}\n", "origin: expected at most 255 bytes, got more"),
    "leading zero": (f"a\n05\n{ROOT_TEXT}\n", NOT_DECIMAL),
    "negative size": (f"a\n-5\n{ROOT_TEXT}\n", NOT_DECIMAL),
    "hexadecimal size": (f"a\n0x5\n{ROOT_TEXT}\n", NOT_DECIMAL),
    "size in other digits": (f"a\n٥\n{ROOT_TEXT}\n", NOT_DECIMAL),
    "size with space": (f"a\n 5\n{ROOT_TEXT}\n", NOT_DECIMAL),
    "size of many digits": (f"a\n{'9' * 5000}\n{ROOT_TEXT}\n", NOT_DECIMAL),
    "size beyond 63 bits": (f"a\n{2**63}\n{ROOT_TEXT}\n", f"tree size: expected 0 to 2^63-1, got {2**63}"),
    "root without padding": (f"a\n5\n{ROOT_TEXT[:-1]}\n", NOT_BASE64),
    "root of the web alphabet": (f"a\n5\n{'_' * 44}\n", NOT_BASE64),
    "short root": ("a\n5\nAAAA\n", "root hash: expected 32 bytes, got 3"),
    "empty root": ("a\n5\n\n", "root hash: expected 32 bytes, got 0"),
    "root of the empty tree missing": (
        f"a\n0\n{ROOT_TEXT}\n",
        "root hash: expected that of the empty tree at size 0, got another",
    ),
}


@pytest.mark.parametrize(("text", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_a_checkpoint_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(MalformedCheckpoint) as caught:
        parse_checkpoint(text)

    assert str(caught.value) == message


def test_the_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(WrongLog, match=r"^checkpoint: expected origin other\.example, got another log's$"):
        open_checkpoint(NOTE, [VERIFIER], origin="other.example")


def test_a_signed_note_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(MalformedCheckpoint):
        open_checkpoint(sign_note("hello\n", [SIGNER]), [VERIFIER], origin=ORIGIN)


def test_an_unsigned_checkpoint_is_refused_before_it_is_read() -> None:
    with pytest.raises(UntrustedNote):
        open_checkpoint(C2SP_NOTE, [VERIFIER], origin=ORIGIN)


def test_an_offline_proof_proves_its_entry() -> None:
    index, checkpoint = verify_tlog_proof(PROOF.encode(), leaf_hash=LEAF, verifiers=[VERIFIER], origin=ORIGIN)

    assert (index, checkpoint) == (6, Checkpoint(ORIGIN, 11, TREE.roots[11]))


def test_an_offline_proof_is_laid_out_as_the_standard_says() -> None:
    text = tlog_proof(0, [ROOT], NOTE, b"extra")

    assert text == f"c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 0\n{ROOT_TEXT}\n\n{NOTE}"


def test_an_offline_proof_in_a_tree_of_one_has_no_hashes() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, ROOT), [SIGNER])

    text = tlog_proof(0, [], note)

    assert parse_tlog_proof(text) == TlogProof(0, (), note)
    verify_tlog_proof(text, leaf_hash=ROOT, verifiers=[VERIFIER], origin=ORIGIN)


@given(
    index=st.integers(0, SIZE_MAX - 1),
    hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    extra=st.none() | st.binary(min_size=1, max_size=99),
)
def test_an_offline_proof_is_read_back_as_written(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    assert parse_tlog_proof(tlog_proof(index, hashes, NOTE, extra)) == TlogProof(index, tuple(hashes), NOTE, extra)


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda tail: PROOF.encode()[:90] + tail))
def test_any_bytes_are_an_offline_proof_or_refused(data: bytes) -> None:
    try:
        parse_tlog_proof(data)
    except (MalformedProof, MalformedNote):
        return


@given(st.integers(0, len(PROOF.encode()) - 1), st.integers(1, 255))
def test_an_offline_proof_with_a_changed_byte_proves_nothing(position: int, change: int) -> None:
    data = bytearray(PROOF.encode())
    data[position] ^= change

    with pytest.raises(AuditError):
        verify_tlog_proof(bytes(data), leaf_hash=LEAF, verifiers=[VERIFIER], origin=ORIGIN)


def test_an_offline_proof_of_another_entry_is_refused() -> None:
    with pytest.raises(InvalidProof):
        verify_tlog_proof(PROOF, leaf_hash=leaf_hash(b"other"), verifiers=[VERIFIER], origin=ORIGIN)


def test_an_offline_proof_of_an_index_beyond_the_tree_is_refused() -> None:
    with pytest.raises(MalformedProof):
        verify_tlog_proof(tlog_proof(11, [], NOTE), leaf_hash=LEAF, verifiers=[VERIFIER], origin=ORIGIN)


NOT_AN_INDEX = "index: expected a decimal below 2^63-1 without leading zeros, got another line"
NOT_EXTRA = "extra: expected canonical base64 of 1 to 65535 bytes, got another text"
HEAD = "c2sp.org/tlog-proof@v1\n"
MALFORMED_PROOFS = {
    "nothing": ("", "tlog-proof: expected an empty line before the checkpoint, got none"),
    "another version": (
        PROOF.replace("@v1", "@v2"),
        "tlog-proof: expected the first line c2sp.org/tlog-proof@v1, got another",
    ),
    "no index": (f"{HEAD}\n{NOTE}", NOT_AN_INDEX),
    "extra without index": (f"{HEAD}extra AAAA\n\n{NOTE}", NOT_AN_INDEX),
    "index with leading zero": (PROOF.replace("index 6", "index 06"), NOT_AN_INDEX),
    "index negative": (PROOF.replace("index 6", "index -6"), NOT_AN_INDEX),
    "index too great": (PROOF.replace("index 6", f"index {SIZE_MAX}"), NOT_AN_INDEX),
    "index empty": (PROOF.replace("index 6", "index "), NOT_AN_INDEX),
    "extra empty": (PROOF.replace("index 6", "extra \nindex 6"), NOT_EXTRA),
    "extra not base64": (PROOF.replace("index 6", "extra !\nindex 6"), NOT_EXTRA),
    "extra too long": (PROOF.replace("index 6", f"extra {'AAAA' * 21_846}\nindex 6"), NOT_EXTRA),
    "extra twice": (PROOF.replace("index 6", "extra AAAA\nextra AAAA\nindex 6"), NOT_AN_INDEX),
    "hash too short": (
        f"{HEAD}index 6\nAAAA\n\n{NOTE}",
        "proof hash 0: expected canonical base64 of 32 bytes, got another text",
    ),
    "second hash not base64": (
        f"{HEAD}index 6\n{ROOT_TEXT}\n!\n\n{NOTE}",
        "proof hash 1: expected canonical base64 of 32 bytes, got another text",
    ),
    "too many hashes": (
        f"{HEAD}index 6\n" + f"{ROOT_TEXT}\n" * 127 + f"\n{NOTE}",
        "proof: expected at most 126 hashes, got 127",
    ),
}


@pytest.mark.parametrize(("text", "message"), MALFORMED_PROOFS.values(), ids=MALFORMED_PROOFS.keys())
def test_what_is_not_an_offline_proof_is_refused_by_name(text: str, message: str) -> None:
    for form in (text, text.encode()):
        with pytest.raises(MalformedProof) as caught:
            parse_tlog_proof(form)

        assert str(caught.value) == message


def test_an_offline_proof_without_checkpoint_is_refused() -> None:
    with pytest.raises(MalformedNote):
        parse_tlog_proof(f"{HEAD}index 6\n\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "tlog-proof: expected UTF-8, got a fault at byte 0"),
        (bytes(524_289), "tlog-proof: expected at most 524288 bytes, got 524289"),
    ],
    ids=["not UTF-8", "too long"],
)
def test_bytes_that_cannot_be_an_offline_proof_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedProof) as caught:
        parse_tlog_proof(data)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"index": -1}, "index: expected 0 to 2^63-2, got -1"),
        ({"index": SIZE_MAX}, f"index: expected 0 to 2^63-2, got {SIZE_MAX}"),
        ({"proof": [b"short"]}, "proof: expected at most 126 hashes of 32 bytes, got another"),
        ({"proof": [ROOT] * 127}, "proof: expected at most 126 hashes of 32 bytes, got another"),
        ({"extra": b""}, "extra: expected 1 to 65535 bytes, got 0"),
        ({"extra": bytes(65_536)}, "extra: expected 1 to 65535 bytes, got 65536"),
    ],
)
def test_no_offline_proof_is_written_that_could_not_be_read(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedProof) as caught:
        tlog_proof(**{"index": 0, "proof": [], "note": NOTE, **arguments})

    assert str(caught.value) == message


def test_no_offline_proof_is_written_around_something_else_than_a_note() -> None:
    with pytest.raises(MalformedNote):
        tlog_proof(0, [], "hello\n")
