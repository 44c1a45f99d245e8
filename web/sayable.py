"""What a person may say of a paper beyond the questions: every field of it, as choices of a form."""

from collections.abc import Mapping
from typing import Any, Final

from documents.extraction.model import HEADER_FIELDS, ROW_FIELDS
from web.catalogue import said
from web.showing import money
from web.visits import Visit

HEAD: Final = tuple(name for name in HEADER_FIELDS if name != "doc_type")
"""The kind of a paper is a code, which nobody types: where it is in doubt, that is a question."""
VALUE_CHARS: Final = 40
ROWS_MAX: Final = 200

Choices = list[tuple[str, str]]


def sayable(visit: Visit, fields: Mapping[str, Any]) -> list[tuple[str, Choices]]:
    """Groups of choices: those of the head, of each row, and of a row behind the last one, which the machine may have missed."""
    rows = fields["rows"][:ROWS_MAX]
    found = [(visit.say("document.head"), _choices(visit, HEAD, "", fields["fields"]))]
    for number, row in enumerate([*rows, {"fields": {}}]):
        key = "document.row" if number < len(rows) else "document.row_missed"
        found.append((visit.say(key, number=number + 1), _choices(visit, ROW_FIELDS, f"rows/{number}/", row["fields"])))
    return found


def _choices(visit: Visit, names: tuple[str, ...], at: str, fields: Mapping[str, Any]) -> Choices:
    """A choice for each field: its path, and how it is called with what it says now."""
    return [(f"{at}{name}", _label(visit, name, fields.get(name))) for name in names]


def _label(visit: Visit, name: str, field: Mapping[str, Any] | None) -> str:
    label = said(visit.language, f"field.{name}", name)
    if field is None:
        return label
    value = field["value"]
    shown = money(value) if isinstance(value, Mapping) else str(value)
    return f"{label}{visit.say('frame.colon')}{shown[:VALUE_CHARS]}"
