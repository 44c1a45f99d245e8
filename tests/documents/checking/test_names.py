"""File names: a label to show, whatever was done to it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.checking.names import NAME_BYTES_MAX, escaped, parse_file_name
from documents.sandbox import Refused


@pytest.mark.parametrize(
    ("raw", "display", "extension", "changes"),
    [
        ("送貨單 2026-11-22.pdf", "送貨單 2026-11-22.pdf", "pdf", ()),
        ("IMG_0001.JPG", "IMG_0001.JPG", "jpg", ()),
        ("invoice\u202efdp.exe", "invoicefdp.exe", "exe", ("direction",)),
        ("a\u200b\ufeffb.pdf", "ab.pdf", "pdf", ("direction",)),
        ("../../etc/passwd.txt", "passwd.txt", "txt", ("path",)),
        ("C:\\Users\\chan\\文件.docx", "文件.docx", "docx", ("path",)),
        ("a.exe\x00.pdf", "a.exe.pdf", "pdf", ("control",)),
        ("line\r\nbreak.pdf", "linebreak.pdf", "pdf", ("control",)),
        ("caf\u0065\u0301.pdf", "café.pdf", "pdf", ("normalised",)),
        ("note.pdf:evil.exe", "note.pdf_evil.exe", "exe", ("characters",)),
        ('<img src="x">.png', "_img src=_x__.png", "png", ("characters",)),
        ("invoice.pdf. . ", "invoice.pdf", "pdf", ("edges",)),
        (".htaccess.txt", "htaccess.txt", "txt", ("edges",)),
        ("CON.pdf", "_CON.pdf", "pdf", ("reserved",)),
        ("nul", "_nul", "", ("reserved",)),
        ("no extension", "no extension", "", ()),
        ("report.2026 final", "report.2026 final", "", ()),
        ("ｐｈｏｔｏ．ｊｐｇ", "ｐｈｏｔｏ．ｊｐｇ", "", ()),
        ("photo.ｊｐｇ", "photo.ｊｐｇ", "jpg", ()),
    ],
)
def test_a_name_is_made_safe_and_what_changed_is_told(
    raw: str, display: str, extension: str, changes: tuple[str, ...]
) -> None:
    name = parse_file_name(raw)

    assert (name.display, name.extension, name.changes) == (display, extension, changes)


def test_a_long_name_keeps_its_extension_and_whole_characters() -> None:
    name = parse_file_name("單" * 300 + ".pdf")

    assert name.display == "單" * 65 + ".pdf"
    assert name.changes == ("length",)


@pytest.mark.parametrize("raw", ["", "   ", "...", "\u202e", "/", "\x00\x01", "___"])
def test_a_name_of_which_nothing_is_left_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="name_missing"):
        parse_file_name(raw)


def test_the_original_is_kept_readable_and_harmless() -> None:
    assert escaped("發票\u202efdp\\.exe\n") == "發票\\u202efdp\\\\.exe\\n"


@given(st.text(max_size=400))
def test_no_name_whatever_gets_through_unsafe(raw: str) -> None:
    try:
        name = parse_file_name(raw)
    except Refused:
        return

    assert 0 < len(name.display.encode()) <= NAME_BYTES_MAX + 1
    assert not set(name.display) & set('<>:"/\\|?*')
    assert not {unicodedata.category(each) for each in name.display} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert name.display == name.display.strip()
    assert parse_file_name(name.display).display == name.display


@given(st.text(max_size=200))
def test_every_escaped_name_can_be_read_back(raw: str) -> None:
    shown = escaped(raw)

    assert all(each.isprintable() for each in shown)
    assert shown.encode("raw_unicode_escape").decode("unicode_escape") == raw.encode("utf-16", "surrogatepass").decode(
        "utf-16", "surrogatepass"
    )
