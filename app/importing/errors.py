"""Why an import does not start, or stops.

    ImportRefused
    ├── MappingRefused     the mapping file is not one, or contradicts itself
    └── FileRefused        the data file cannot be read as the mapping says
        ├── EncodingRefused    its text is in another encoding; the message names it
        └── HeaderRefused      columns the mapping needs are not there

What is wrong with a single row never raises: it becomes a rejection (`app.importing.records`).
"""

from __future__ import annotations


class ImportRefused(Exception):
    """Base: the import cannot be done as asked. Nothing, or nothing further, was written."""


class MappingRefused(ImportRefused):
    """The mapping file breaks a rule.

    Attributes:
        path: the member, as in `sku.scale`.
        reason: what was expected and what was got.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"mapping: {path}: {reason}" if path else f"mapping: {reason}")


class FileRefused(ImportRefused):
    """The data file cannot be read as the mapping says."""


class EncodingRefused(FileRefused):
    """The file's text is in another encoding than the mapping says.

    Attributes:
        found: the name of the encoding it is in, as a mapping would say it.
    """

    def __init__(self, found: str, expected: str) -> None:
        self.found = found
        super().__init__(
            f'the file: expected {expected}, got {found}; to convert it, write encoding = "{found}" '
            "under [file] in the mapping"
        )


class HeaderRefused(FileRefused):
    """The header lacks a column, or has it twice."""
