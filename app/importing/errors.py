"""Why an import does not start, or stops.

    ImportRefused
    ├── MappingRefused     the mapping file is not one, or contradicts itself
    └── FileRefused        the data file cannot be read as the mapping says
        ├── EncodingRefused    its text is in another encoding; the message names it
        └── HeaderRefused      columns the mapping needs are not there

What is wrong with a single row never raises: it becomes a rejection (`app.importing.records`).
"""

from __future__ import annotations

from app.importing.sentences import Said, told
from policies.model import Words


class ImportRefused(Exception):
    """Base: the import cannot be done as asked. Nothing, or nothing further, was written.

    Attributes:
        words: why, in both languages.
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(words.en)


class MappingRefused(ImportRefused):
    """The mapping file breaks a rule.

    Attributes:
        path: the member, as in `sku.scale`.
        reason: what was expected and what was got.
    """

    def __init__(self, path: str, reason: Words) -> None:
        self.path = path
        self.reason = reason
        super().__init__(told(Said.MAPPING_MEMBER if path else Said.MAPPING, path=path, reason=reason))


class FileRefused(ImportRefused):
    """The data file cannot be read as the mapping says."""


class EncodingRefused(FileRefused):
    """The file's text is in another encoding than the mapping says.

    Attributes:
        found: the name of the encoding it is in, as a mapping would say it.
    """

    def __init__(self, found: str, expected: str) -> None:
        self.found = found
        super().__init__(told(Said.ENCODING_OTHER, expected=expected, found=found))


class HeaderRefused(FileRefused):
    """The header lacks a column, or has it twice."""
