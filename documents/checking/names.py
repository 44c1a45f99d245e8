"""File names: kept as a label, never used as a path.

What the user's machine calls a file is data from outside. `parse_file_name` makes a name that is safe to show, to
offer for download and to store in any file system; what it changed is told, and the caller keeps the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from documents.checking.codes import Code, refuse

NAME_BYTES_MAX: Final = 200
"""UTF-8 bytes of a cleaned name: below the 255 of most file systems, with room for a suffix."""
RAW_CHARS_MAX: Final = 4096

_FORMAT_KEPT: Final = frozenset({"\u200d"})  # joins emoji; harmless alone
_RESERVED_CHARACTERS: Final = re.compile(r'[<>:"/\\|?*]')
_RESERVED_NAMES: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"^[a-z0-9]{1,10}$")


@dataclass(frozen=True, slots=True)
class FileName:
    """A name that is safe to show.

    Attributes:
        display: the cleaned name, extension included.
        extension: lower case, without the dot; empty if there is none.
        changes: what was cleaned: `path`, `control`, `direction`, `characters`, `normalised`, `reserved`, `length`,
            `edges`.
    """

    display: str
    extension: str
    changes: tuple[str, ...]


def parse_file_name(raw: str) -> FileName:
    """The safe form of a name.

    Raises:
        Refused: `name_missing`: nothing is left of it.
    """
    changes: list[str] = []

    def changed(before: str, after: str, what: str) -> str:
        if before != after:
            changes.append(what)
        return after

    name = changed(raw, raw[:RAW_CHARS_MAX], "length")
    name = changed(name, "".join(each for each in name if not _is_control(each)), "control")
    name = changed(name, "".join(each for each in name if not _is_direction(each)), "direction")
    name = changed(name, unicodedata.normalize("NFC", name), "normalised")
    name = changed(name, re.split(r"[/\\]", name)[-1], "path")
    name = changed(name, _RESERVED_CHARACTERS.sub("_", name), "characters")
    # Windows drops dots and spaces at the end, so they would hide another extension.
    name = changed(name, name.strip().rstrip(". ").lstrip("."), "edges")
    if _RESERVED_NAMES.match(name):
        name = changed(name, "_" + name, "reserved")
    stem, extension = _split(name)
    name = changed(name, _shorten(name, stem), "length")
    if not stem.strip("_ "):
        refuse(Code.NAME_MISSING)
    return FileName(name, extension, tuple(dict.fromkeys(changes)))


def escaped(raw: str) -> str:
    r"""The original as printable ASCII and plain letters, for the record: `發票\u202efdp.exe`."""
    kept = raw[:RAW_CHARS_MAX]
    return "".join(each if _is_plain(each) else each.encode("unicode_escape").decode() for each in kept)


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    lowered = unicodedata.normalize("NFKC", extension).lower()
    if not dot or not _EXTENSION.match(lowered):
        return name, ""
    return stem, lowered


def _shorten(name: str, stem: str) -> str:
    if len(name.encode("utf-8", "replace")) <= NAME_BYTES_MAX:
        return name
    # Of more bytes than letters only where it is written in full width.
    ending = unicodedata.normalize("NFKC", name[len(stem) :])
    room = NAME_BYTES_MAX - len(ending)
    # Cutting bytes may cut a character; what is left of it goes too.
    short = stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore").rstrip(". ")
    return short + ending


def _is_control(each: str) -> bool:
    return unicodedata.category(each) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def _is_direction(each: str) -> bool:
    """Marks that turn or hide text: U+202E and its kin, zero-width characters, the byte-order mark."""
    return unicodedata.category(each) == "Cf" and each not in _FORMAT_KEPT


def _is_plain(each: str) -> bool:
    return each != "\\" and (each == " " or unicodedata.category(each)[0] in "LNPSM") and each.isprintable()
