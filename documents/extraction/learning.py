"""What corrections teach, per supplier."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.found import Found
    from documents.extraction.header import Zone


class Learned:
    """Placeholder for the model."""

    def improve(self, fields: dict[str, Found | None], zone: Zone, prefixes: Sequence[str]) -> dict[str, Found | None]:
        """The fields, with what the model knows better."""
        del zone, prefixes
        return fields
