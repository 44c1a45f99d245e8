"""What a printed sheet says, before it is drawn (`documents.rendering.printed`)."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Words(msgspec.Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str


class Row(msgspec.Struct, frozen=True):
    """A label and its values, each on a line of its own. `fine`: in small print."""

    label: Words
    values: tuple[str, ...]
    fine: bool = False


class Section(msgspec.Struct, frozen=True):
    """Rows under a heading."""

    heading: Words
    rows: tuple[Row, ...]


class Sheet(msgspec.Struct, frozen=True):
    """What is printed.

    Attributes:
        number: stands below the title and at the foot of every page.
        note: how the attached file is used, above the sections.
        file_name: of the attached file, which is JSON.
    """

    title: Words
    number: str
    note: Words
    sections: tuple[Section, ...]
    file_name: str
    made_at: datetime
