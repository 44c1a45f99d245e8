"""What people's corrections teach about a supplier's papers: a model for each field, fitted to papers they looked at.

- Derived from the log's tables and the stored readings, and kept in memory alone: nothing of it is stored, every process comes
  to the same, and a paper that was destroyed teaches nothing any more.
- Three papers on which a person corrected a field must be there; papers confirmed as they were read count as examples too, so
  that a new habit is learned without unlearning the old one.
- A reading is never changed, and neither is what was read of earlier papers.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from documents.lessons.store import read_looked_at, read_mark
from documents.store import read_fields, read_reading
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from documents.extraction.learning import Weights
    from documents.extraction.model import Extraction
    from documents.extraction.zones import Zone
    from documents.lessons.store import LookedAt
    from documents.model import FieldsRow, Reading
    from documents.reading.model import DocumentReading
    from storage import Database

PAPERS_MAX: Final = 20
"""How many papers a model is fitted to, the newest ones."""
SUPPLIERS_MAX: Final = 1_000
"""For how many suppliers models are kept in memory."""


class Lessons:
    """Models by supplier, fitted when they are asked for; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        open_fields: Callable[[FieldsRow], Extraction],
        open_reading: Callable[[Reading], DocumentReading],
    ) -> None:
        self._database: Final = database
        self._open_fields: Final = open_fields
        self._open_reading: Final = open_reading
        self._lock: Final = threading.Lock()
        self._fitted: dict[str, tuple[tuple[int, int], Mapping[str, Weights]]] = {}

    def __call__(self, supplier: str) -> Mapping[str, Weights]:
        """What corrections of this supplier's papers taught, by field; empty as long as they are too few.

        Raises:
            StorageError: not now.
        """
        # They bring what most processes never need.
        from documents.extraction.learning import CORRECTIONS_MIN, FIELDS  # noqa: PLC0415

        with self._database.read() as connection:
            mark = read_mark(connection, supplier, FIELDS)
        if mark[0] < CORRECTIONS_MIN:
            return {}
        with self._lock:
            known = self._fitted.get(supplier)
        if known is not None and known[0] == mark:
            return known[1]
        models = self._fit(supplier, FIELDS, CORRECTIONS_MIN)
        with self._lock:
            if supplier not in self._fitted and len(self._fitted) >= SUPPLIERS_MAX:
                self._fitted.pop(next(iter(self._fitted)))
            self._fitted[supplier] = mark, models
        return models

    def _fit(self, supplier: str, names: Sequence[str], corrections_min: int) -> Mapping[str, Weights]:
        from documents.extraction.learning import learn  # noqa: PLC0415  as above

        with self._database.read() as connection:
            looked_at = read_looked_at(connection, supplier, names, PAPERS_MAX)
        papers = [(one.paths, *opened) for one in looked_at if (opened := self._open(one)) is not None]
        models: dict[str, Weights] = {}
        for name in names:
            if sum(name in paths for paths, _, _ in papers) < corrections_min:
                continue
            examples = [
                (zone, field.value)
                for _, zone, extraction in papers
                if (field := extraction.fields.get(name)) is not None and isinstance(field.value, str)
            ]
            model = learn(name, examples)
            if model is not None:
                models[name] = model
        return models

    def _open(self, one: LookedAt) -> tuple[Zone, Extraction] | None:
        """Where what stands on the paper, and its fields as they stand; None if it is gone meanwhile."""
        from documents.extraction.extracting import lay_out  # noqa: PLC0415  as above

        with self._database.read() as connection:
            kept = read_reading(connection, one.document, one.version)
            row = read_fields(connection, one.document, one.version)
        if kept is None or row is None:
            return None
        try:
            layout = lay_out(self._open_reading(kept))
            extraction = self._open_fields(row)
        except (KeyMissing, ObjectMissing):
            return None
        return None if layout is None else (layout.zone, extraction)
