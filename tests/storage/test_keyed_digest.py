"""Digests under a key, beside those of the standard library."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.keyed_digest import KeyedDigest


@given(st.binary(max_size=200), st.lists(st.binary(max_size=200), max_size=4))
def test_it_is_what_the_library_gives(key: bytes, messages: list[bytes]) -> None:
    keyed = KeyedDigest(key)

    found = [keyed.digest(message) for message in messages]

    assert found == [hmac.digest(key, message, "sha256") for message in messages]


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 131])
def test_keys_of_every_length_beside_the_block(length: int) -> None:
    key, message = bytes(range(length)), b"what was asked for"

    assert KeyedDigest(key).digest(message) == hmac.digest(key, message, "sha256")
