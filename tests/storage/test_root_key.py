"""The root key survives on paper and under a passphrase, and a slip of the pen is found."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import KeyUnreadable, StorageKeyError
from storage.root_key import (
    LocalRootKey,
    is_protected,
    open_protected,
    parse_recovery_share,
    protect_root_key,
    recovery_share,
)
from tests.worlds import ROOT_KEY, seeded

PASSPHRASE = "correct horse 倉存".encode()


@given(key=st.binary(min_size=32, max_size=32))
def test_a_share_gives_the_key_back(key: bytes) -> None:
    assert parse_recovery_share("\n".join(recovery_share(key))) == key


def test_a_share_looks_as_it_always_did() -> None:
    assert recovery_share(ROOT_KEY) == (
        *("1: 000G-40Y7", "2: 0G2G-C1S8", "3: 104G-M2WG", "4: 1G6G-W3VY", "5: 208H-44S6"),
        *("6: 2GAH-C5TH", "7: 30CH-M6RE", "8: 3GEH-W7X4", "9: 1BVP-S20S"),
    )


def test_how_it_is_typed_does_not_matter() -> None:
    share = recovery_share(ROOT_KEY)

    typed = "\n\n".join(line.lower().replace("-", "  ").replace("0", "o").replace("1:", " l:") for line in share)

    assert parse_recovery_share(typed) == ROOT_KEY
    assert parse_recovery_share("\n".join(line.partition(": ")[2] for line in share)) == ROOT_KEY


@pytest.mark.parametrize("number", range(9))
def test_a_slip_is_found_in_its_line(number: int) -> None:
    key = bytes.fromhex("a7" * 31 + "11")
    share = list(recovery_share(key))
    head, tail = share[number][:-1], share[number][-1]

    found = 0
    for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".replace(tail, ""):
        share[number] = head + other
        with pytest.raises(KeyUnreadable, match=r"recovery share: expected line"):
            parse_recovery_share("\n".join(share))
        found += 1

    assert found == 31


def test_exchanged_and_missing_lines_are_found() -> None:
    share = list(recovery_share(os.urandom(32)))

    with pytest.raises(KeyUnreadable, match="expected line"):
        parse_recovery_share("\n".join([share[1].replace("2:", "1:"), share[0].replace("1:", "2:"), *share[2:]]))
    with pytest.raises(KeyUnreadable, match="recovery share: expected 9 lines, got 8"):
        parse_recovery_share("\n".join(share[:-1]))
    with pytest.raises(KeyUnreadable, match="expected 8 letters and digits in line 3"):
        parse_recovery_share("\n".join([*share[:2], "3: 12U4", *share[3:]]))


def test_a_protected_key_opens_with_its_passphrase_only() -> None:
    line = protect_root_key(ROOT_KEY, PASSPHRASE, seeded())

    assert is_protected(line)
    assert not is_protected(ROOT_KEY.hex())
    assert ROOT_KEY.hex() not in line
    assert open_protected(line + "\n", PASSPHRASE) == ROOT_KEY
    with pytest.raises(KeyUnreadable, match="expected the passphrase it was protected with"):
        open_protected(line, b"another passphrase")
    with pytest.raises(KeyUnreadable, match="expected the passphrase"):
        open_protected(line[:-2] + ("AA" if not line.endswith("AA") else "BB"), PASSPHRASE)


@pytest.mark.parametrize("line", ["", "chopbook-root-key/1 scrypt 30 x y", "chopbook-root-key/2 scrypt 16 x y"])
def test_another_line_is_no_root_key(line: str) -> None:
    with pytest.raises(KeyUnreadable, match="root key file: expected a line that begins with"):
        open_protected(line, PASSPHRASE)


@pytest.mark.parametrize("passphrase", [b"", b"short", b"x" * 1_025])
def test_a_passphrase_has_bounds(passphrase: bytes) -> None:
    with pytest.raises(StorageKeyError, match="passphrase: expected 12 to 1024 bytes"):
        protect_root_key(ROOT_KEY, passphrase, seeded())


def test_a_wrap_opens_for_what_it_was_made() -> None:
    root = LocalRootKey(ROOT_KEY, seeded())
    wrapped = root.wrap(b"clear", b"this")

    assert root.unwrap(wrapped, b"this") == b"clear"
    for data, associated in ((wrapped, b"that"), (wrapped[:-1], b"this"), (b"", b"this")):
        with pytest.raises(KeyUnreadable):
            root.unwrap(data, associated)
    with pytest.raises(StorageKeyError, match="root key: expected 32 bytes, got 3"):
        LocalRootKey(b"abc", seeded())
