"""Tests on the cells of a row, as a mapping writes them: a pattern to be found, or values to be among."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.importing.errors import MappingRefused
from app.importing.sentences import Said, told


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on one column: a pattern to be found, or values to be among."""

    column: str
    pattern: re.Pattern[str] | None
    values: frozenset[str]

    def holds(self, text: str) -> bool:
        """Whether the trimmed cell passes."""
        return text in self.values if self.pattern is None else self.pattern.search(text) is not None


def parse_conditions(when: Mapping[str, str | list[str]], path: str) -> tuple[Condition, ...]:
    """The tests of a rule.

    Raises:
        MappingRefused: a pattern is none.
    """
    found: list[Condition] = []
    for column, test in when.items():
        if isinstance(test, str):
            found.append(Condition(column, parse_pattern(test, f"{path}.{column}"), frozenset()))
        else:
            found.append(Condition(column, None, frozenset(test)))
    return tuple(found)


def parse_pattern(text: str, path: str) -> re.Pattern[str]:
    """A regular expression.

    Raises:
        MappingRefused: it is none.
    """
    try:
        return re.compile(text)
    except re.error as error:
        raise MappingRefused(path, told(Said.PATTERN_FORM, why=error)) from error
