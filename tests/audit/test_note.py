from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import AuditError, InvalidSignature, MalformedKey, MalformedNote, UntrustedNote
from audit.keys import Ed25519Signer, Ed25519Verifier, parse_vkey
from audit.note import (
    Note,
    Signature,
    UnverifiedNote,
    add_signatures,
    check_key_name,
    open_note,
    parse_note,
    sign_note,
)

SIGNER = Ed25519Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = Ed25519Signer("log.example", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
VERIFIER = parse_vkey(SIGNER.vkey)
OTHER_VERIFIER = parse_vkey(OTHER.vkey)
TEXT = "a text\n\nwith an empty line\n"
NOTE = sign_note(TEXT, [SIGNER])
BLOB = b64encode(bytes(68)).decode()

# golang.org/x/mod sumdb/note, package documentation.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECOND_VKEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
# C2SP signed-note, the example note; its key is not published.
C2SP_NOTE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


def test_a_note_of_the_go_implementation_opens() -> None:
    note = open_note(GO_NOTE, [parse_vkey(GO_VKEY), parse_vkey(GO_SECOND_VKEY)])

    assert note.text == GO_TEXT
    assert [signature.name for signature in note.signatures] == ["PeterNeumann", "EnochRoot"]


def test_the_example_note_of_the_standard_parses() -> None:
    note = parse_note(C2SP_NOTE)

    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert [(signature.name, signature.key_id.hex()) for signature in note.signatures] == [
        ("quasimodo.example/salvatore", "367ba04b")
    ]


def test_a_signed_note_opens_to_its_text() -> None:
    note = open_note(NOTE, [VERIFIER])

    assert note == Note(TEXT, (Signature("log.example", SIGNER.key_id, SIGNER.sign(TEXT.encode())),), ())


def test_bytes_and_text_open_alike() -> None:
    assert open_note(NOTE.encode(), [VERIFIER]) == open_note(NOTE, [VERIFIER])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60))
def test_any_text_without_controls_survives_signing(text: str) -> None:
    assert open_note(sign_note(text + "\n", [SIGNER]), [VERIFIER]).text == text + "\n"


@given(st.binary(max_size=120) | st.text(max_size=120).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    for call in (lambda: parse_note(data), lambda: open_note(data, [VERIFIER])):
        try:
            call()
        except (MalformedNote, InvalidSignature):
            continue


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_a_note_with_a_changed_byte_does_not_open_to_another_text(position: int, change: int) -> None:
    data = bytearray(NOTE.encode())
    data[position] ^= change

    with pytest.raises(AuditError):
        open_note(bytes(data), [VERIFIER])


@given(st.text(max_size=60))
def test_any_text_is_signed_or_refused(text: str) -> None:
    try:
        note = sign_note(text, [SIGNER])
    except MalformedNote:
        return

    assert open_note(note, [VERIFIER]).text == text


def test_signatures_by_unknown_keys_are_ignored() -> None:
    note = open_note(sign_note(TEXT, [OTHER, SIGNER]), [VERIFIER])

    assert [signature.key_id for signature in note.signatures] == [SIGNER.key_id]
    assert [signature.key_id for signature in note.unknown] == [OTHER.key_id]


def test_a_key_of_the_same_name_and_another_id_is_unknown() -> None:
    with pytest.raises(UntrustedNote):
        open_note(NOTE, [OTHER_VERIFIER])


def test_a_key_of_the_same_id_and_another_name_is_unknown() -> None:
    renamed = NOTE.replace("— log.example ", "— other.example ")

    with pytest.raises(UntrustedNote):
        open_note(renamed, [VERIFIER])


def test_a_wrong_signature_by_a_known_key_condemns_the_note() -> None:
    forged = sign_note(TEXT, [OTHER]).replace(TEXT, TEXT.upper())
    both = add_signatures(forged, [SIGNER])

    with pytest.raises(InvalidSignature, match=rf"^signature by log.example\+{OTHER.key_id.hex()}: does not verify$"):
        open_note(both, [VERIFIER, OTHER_VERIFIER])


def test_a_note_without_known_signature_is_refused() -> None:
    with pytest.raises(UntrustedNote, match=r"^note: expected a signature by one of 1 known keys, got 1 by others$"):
        open_note(NOTE, [OTHER_VERIFIER])


def test_no_verifiers_trust_nothing() -> None:
    with pytest.raises(UntrustedNote):
        open_note(NOTE, [])


def test_a_repeated_signature_counts_once() -> None:
    line = NOTE.removeprefix(TEXT + "\n")

    note = open_note(NOTE + line, [VERIFIER, VERIFIER])

    assert len(note.signatures) == 1


def test_two_keys_under_one_name_and_id_are_refused() -> None:
    class Impostor:
        name = VERIFIER.name
        key_id = VERIFIER.key_id
        vkey = "log.example+00000000+AA=="

        def verify(self, text: bytes, signature: bytes) -> None: ...

    with pytest.raises(MalformedKey, match=r"^verifiers: expected one key for each name and key id, got two$"):
        open_note(NOTE, [VERIFIER, Impostor()])


def test_a_signature_can_be_added_later() -> None:
    note = add_signatures(NOTE, [OTHER])

    assert note == sign_note(TEXT, [SIGNER, OTHER])
    assert len(open_note(note, [VERIFIER, OTHER_VERIFIER]).signatures) == 2


def test_sixty_four_signatures_are_accepted() -> None:
    note = sign_note(TEXT, [SIGNER] * 64)

    assert len(parse_note(note).signatures) == 64


def test_a_text_may_itself_look_like_a_note() -> None:
    assert parse_note(sign_note(NOTE, [OTHER])) == UnverifiedNote(
        NOTE, (Signature("log.example", OTHER.key_id, OTHER.sign(NOTE.encode())),)
    )


MALFORMED = {
    "nothing": ("", "note: expected an empty line before the signatures, got none"),
    "no empty line": ("text\n", "note: expected an empty line before the signatures, got none"),
    "no signatures": ("text\n\n", "note: expected signature lines ending in a newline, got none"),
    "no final newline": (f"text\n\n— a {BLOB}", "note: expected signature lines ending in a newline, got none"),
    "carriage return": (f"text\r\n\n— a {BLOB}\n", "note: expected no control characters, got one at character 4"),
    "tab": (f"te\txt\n\n— a {BLOB}\n", "note: expected no control characters, got one at character 2"),
    "nul": (f"\0\n\n— a {BLOB}\n", "note: expected no control characters, got one at character 0"),
    "hyphen for dash": (
        f"text\n\n- a {BLOB}\n",
        "signature line 1: expected an em dash, a name and base64, got another form",
    ),
    "no name": (
        f"text\n\n— {BLOB}\n",
        "signature line 1: expected an em dash, a name and base64, got another form",
    ),
    "empty name": (f"text\n\n—  {BLOB}\n", "signature line 1: key name: expected 1 to 255 bytes, got 0"),
    "name with plus": (
        f"text\n\n— a+b {BLOB}\n",
        "signature line 1: key name: expected no white space, control or plus, got one",
    ),
    "second line wrong": (
        f"text\n\n— a {BLOB}\n— b !\n",
        "signature line 2: expected canonical base64, got another text",
    ),
    "base64 with spare bits": (
        "text\n\n— a AAAAAAB=\n",
        "signature line 1: expected canonical base64, got another text",
    ),
    "base64 without padding": (
        "text\n\n— a AAAAAAA\n",
        "signature line 1: expected canonical base64, got another text",
    ),
    "base64 of the web alphabet": (
        "text\n\n— a ____\n",
        "signature line 1: expected canonical base64, got another text",
    ),
    "base64 not ascii": ("text\n\n— a ÄÄÄÄ\n", "signature line 1: expected canonical base64, got another text"),
    "text behind the signature": (
        f"text\n\n— a {BLOB} x\n",
        "signature line 1: expected canonical base64, got another text",
    ),
    "only a key id": ("text\n\n— a AAAAAA==\n", "signature line 1: expected more than 4 bytes, got 4"),
    "too many signatures": ("text\n\n" + f"— a {BLOB}\n" * 65, "signatures: expected at most 64, got 65"),
    "too long": ("a" * 262_145, "note: expected at most 262144 bytes, got 262145"),
}


@pytest.mark.parametrize(("note", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_a_note_is_refused_by_name(note: str, message: str) -> None:
    for form in (note, note.encode()):
        with pytest.raises(MalformedNote) as caught:
            parse_note(form)

        assert str(caught.value) == message


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(MalformedNote, match=r"^note: expected UTF-8, got a fault at byte 4$"):
        parse_note(b"text\xff\n\n")


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(MalformedNote, match=r"^note: expected no lone surrogates, got one at character 4$"):
        parse_note("text\ud800\n\n")


def test_a_text_without_final_newline_is_not_signed() -> None:
    with pytest.raises(MalformedNote, match=r"^note text: expected a final newline, got none$"):
        sign_note("text", [SIGNER])


def test_a_text_with_a_control_is_not_signed() -> None:
    with pytest.raises(MalformedNote, match=r"^note: expected no control characters, got one at character 4$"):
        sign_note("text\r\n", [SIGNER])


@pytest.mark.parametrize("count", [0, 65])
def test_a_note_has_one_to_sixty_four_signers(count: int) -> None:
    with pytest.raises(MalformedNote, match=rf"^signers: expected 1 to 64, got {count}$"):
        sign_note(TEXT, [SIGNER] * count)


def test_no_more_than_sixty_four_signatures_can_be_added() -> None:
    with pytest.raises(MalformedNote, match=r"^signatures: expected at most 64, got 65$"):
        add_signatures(NOTE, [SIGNER] * 64)


@pytest.mark.parametrize("name", ["a b", "a+b", "a\tb", "a\u3000b", "a\u2028b", "a\x00", "a\ud800", "a\xa0"])
def test_a_key_name_with_space_control_or_plus_is_refused(name: str) -> None:
    with pytest.raises(MalformedKey, match=r"^key name: expected no white space, control or plus, got one$"):
        check_key_name(name)


@pytest.mark.parametrize(("name", "size"), [("", 0), ("倉" * 86, 258)])
def test_a_key_name_is_one_to_255_bytes(name: str, size: int) -> None:
    with pytest.raises(MalformedKey, match=rf"^key name: expected 1 to 255 bytes, got {size}$"):
        check_key_name(name)


def test_verifier_and_signer_agree_on_the_key() -> None:
    assert isinstance(VERIFIER, Ed25519Verifier)
    assert (VERIFIER.name, VERIFIER.key_id, VERIFIER.vkey) == (SIGNER.name, SIGNER.key_id, SIGNER.vkey)
