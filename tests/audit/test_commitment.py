from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.commitment import commit, verify_commitment
from audit.errors import InvalidProof, MalformedCommitment
from tests.audit.strategies import NAMES, TEXT

SALT = bytes(range(16))
SALTS = st.binary(min_size=16, max_size=16)


def test_a_commitment_is_the_hash_of_salt_field_and_value() -> None:
    digest = commit(SALT, "note", '陳大文 "x"')

    assert digest == sha256('["AAECAwQFBgcICQoLDA0ODw","note","陳大文 \\"x\\""]'.encode()).hexdigest()


@given(SALTS, NAMES, TEXT)
def test_the_committed_value_is_accepted(salt: bytes, field: str, value: str) -> None:
    verify_commitment(digest=commit(salt, field, value), salt=salt, field=field, value=value)


@given(st.tuples(SALTS, NAMES, TEXT), st.tuples(SALTS, NAMES, TEXT))
def test_different_disclosures_have_different_digests(
    first: tuple[bytes, str, str], second: tuple[bytes, str, str]
) -> None:
    assert (commit(*first) == commit(*second)) == (first == second)


@pytest.mark.parametrize(
    "change",
    [{"salt": bytes(16)}, {"field": "name"}, {"value": "other"}, {"digest": "00" * 32}, {"digest": "\ud800"}],
    ids=["salt", "field", "value", "digest", "digest that is no text"],
)
def test_anything_else_is_refused(change: dict[str, str]) -> None:
    claim = {"digest": commit(SALT, "note", "value"), "salt": SALT, "field": "note", "value": "value"} | change

    with pytest.raises(InvalidProof, match=r"^commitment of (note|name): expected the recorded digest, got another$"):
        verify_commitment(**claim)  # type: ignore[arg-type]


REFUSED = {
    "short salt": ((bytes(15), "note", "a"), "salt: expected 16 bytes, got 15"),
    "upper-case field": ((SALT, "Note", "a"), "field: expected 1 to 64 characters of a-z, 0-9 and _, got 4 characters"),
    "empty field": ((SALT, "", "a"), "field: expected 1 to 64 characters of a-z, 0-9 and _, got 0 characters"),
    "long value": (
        (SALT, "note", "a" * 16_385),
        "value of note: expected at most 16384 characters, got 16385",
    ),
    "nul": ((SALT, "note", "\0"), "value of note: expected a string without U+0000, got one with it"),
    "lone surrogate": ((SALT, "note", "\ud800"), "value of note: expected a string without lone surrogates, got one"),
}


@pytest.mark.parametrize(("disclosure", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_committed_to_is_refused_by_name(disclosure: tuple[bytes, str, str], message: str) -> None:
    with pytest.raises(MalformedCommitment) as caught:
        commit(*disclosure)

    assert str(caught.value) == message
