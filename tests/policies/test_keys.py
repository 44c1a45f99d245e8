"""How keys look, are kept and are checked."""

from __future__ import annotations

import re

import pytest

from policies.keys import hash_key, is_key, new_key, new_principal_id, prefix_of
from tests.worlds import seeded


def test_a_key_is_its_public_prefix_and_a_secret() -> None:
    prefix, key = new_key(seeded())

    assert re.fullmatch(r"ck_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", key)
    assert prefix_of(key) == prefix == key[3:11]


def test_a_principals_id_is_a_pseudonym() -> None:
    assert re.fullmatch(r"p_[a-z2-7]{16}", new_principal_id(seeded()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ck_",
        "ck_abcdefgh_",
        "ck_abcdefgh_" + "x" * 42,
        "ck_abcdefgh_" + "x" * 44,
        "CK_abcdefgh_" + "x" * 43,
        "ck_ABCDEFGH_" + "x" * 43,
        "ck_abcdefgh_" + "x" * 42 + "\u00e9",
        "ck_abcdefgh_" + "x" * 43 + "\n",
        "ck_abcdefg\uff12_" + "x" * 43,
        "\ud800" * 55,
        "Bearer x",
        "x" * 100_000,
    ],
)
def test_other_text_is_no_key(text: str) -> None:
    assert prefix_of(text) is None


def test_only_the_whole_key_opens() -> None:
    _, key = new_key(seeded(1))
    kept = hash_key(key)

    assert is_key(key, kept)
    assert not is_key(key[:-1] + ("A" if key[-1] != "A" else "B"), kept)
    assert not is_key(key, None)
    assert not is_key("\ud800", kept)
