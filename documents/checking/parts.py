"""The XML parts of an Office file, read as a stream by expat: no tree, no entities, no document type.

A document type is refused where it begins, so nothing it could declare is ever declared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from documents.checking.codes import Code, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD_CHARS_MAX: Final = 65_536
_FIELDS: Final = frozenset({"instrText", "f", "definedName"})
_RUNS_TOGETHER: Final = 16
_COMMAND: Final = re.compile(r"(^|\s)DDE(AUTO)?\s|\bINCLUDE(TEXT|PICTURE)\s+\"?\\*(https?:|file:|\\\\)", re.IGNORECASE)
_LOCAL_DRIVE: Final = re.compile(r"^(file:/+)?[a-z]:[\\/]|^(?!//|\\\\)[^:]*$", re.IGNORECASE)
"""A path on the author's own drive: Word writes one into most company letters, and nothing is fetched by it."""
_LINKS: Final = frozenset({"hyperlink", "externalLinkPath"})
_OWN_PATHS: Final = frozenset({"attachedTemplate", "image"})
_CELL_COMMAND: Final = re.compile(r"^\s*=?\s*[\w.+-]+\|.*!", re.DOTALL)


def count_links(name: str, content: bytes) -> int:
    """Looks at one part; returns how many links to elsewhere it holds.

    Raises:
        Refused: `xml_entities`, `office_external`, `office_command_field`, `office_embedded` or `damaged`.
    """
    look = _Look(name)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = look.document_type
    parser.StartElementHandler = look.start
    parser.EndElementHandler = look.end
    parser.CharacterDataHandler = look.characters
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError):
        refuse(Code.DAMAGED)
    return look.links


class _Look:
    def __init__(self, name: str) -> None:
        self.links = 0
        self._name: Final = name
        self._text: list[str] | None = None
        self._runs: Final[list[str]] = []

    def document_type(self, *_: object) -> None:
        refuse(Code.XML_ENTITIES)

    def start(self, qualified: str, attributes: Mapping[str, str]) -> None:
        tag = qualified.rpartition("}")[2]
        if tag in _FIELDS:
            self._text = []
        elif tag == "Relationship":
            self._relationship(attributes)
        elif tag == "fldSimple":
            self._field(next((text for key, text in attributes.items() if key.endswith("instr")), ""))
        elif tag == "ddeLink":
            refuse(Code.OFFICE_COMMAND_FIELD)
        elif tag == "oleLink" or (tag == "connection" and self._name.startswith("xl/connections")):
            refuse(Code.OFFICE_EXTERNAL, kind=tag)
        elif tag == "altChunk":
            refuse(Code.OFFICE_EMBEDDED, part=tag)

    def characters(self, text: str) -> None:
        if self._text is not None and len(self._text) < FIELD_CHARS_MAX:
            self._text.append(text)

    def end(self, qualified: str) -> None:
        if self._text is None:
            return
        text, self._text = "".join(self._text), None
        if qualified.endswith("instrText"):
            # Word splits a field over runs, so the last few are looked at together.
            self._runs.append(text)
            del self._runs[:-_RUNS_TOGETHER]
            self._field("".join(self._runs))
        elif _CELL_COMMAND.match(text):
            refuse(Code.OFFICE_COMMAND_FIELD)

    def _relationship(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("TargetMode") != "External":
            return
        kind = "".join(each for each in attributes.get("Type", "").rpartition("/")[2] if each.isalnum())
        is_own = kind in _OWN_PATHS and _LOCAL_DRIVE.match(attributes.get("Target", ""))
        if kind not in _LINKS and not is_own:
            refuse(Code.OFFICE_EXTERNAL, kind=kind[:40])
        self.links += 1

    def _field(self, text: str) -> None:
        if _COMMAND.search(text):
            refuse(Code.OFFICE_COMMAND_FIELD)
