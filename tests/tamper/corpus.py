"""The tamper corpus: what can be done to a stored log, and what of it verification must be able to tell.

It was written from the table definitions and the formats alone, before and apart from the localiser, so that it does
not flatter it. Every case declares (`tests.tamper.case.Case`) what is done, and for each of three verifiers - one that
holds nothing from outside, one that holds an older checkpoint, one that holds the leaf hashes under it - the faults
that must be named, by kind and entry, and which consequences may be named beside them. Anything else is a false
accusation.

Which classes can be decided, and why (the same table, for readers, is `docs/tamper-corpus.md`):

- *named*: a source of the true leaf hash is left (`leaf_hash` column, tile, the next entry's `previous`, the head), or
  the row can be derived from the entry's bytes; and a true signature covers it. Together they leave one explanation.
- *detected*: a true signature contradicts what is stored, but every source of the true hashes was rewritten. A forgery
  that began at any entry after the last good checkpoint would look the same, so no entry is accused.
- *undecidable without an anchor*: what is stored is a history that the log could honestly have had: an older state of
  it, or one written and signed with the log's own key. Only what was known outside before tells them apart, and only as
  far as it reaches.
- *not evidence*: the change says nothing of the entries (a published checkpoint that is missing, the microsecond at
  which one was published, the signature of a stranger): nothing is found, and no alarm is raised.

Two classes no verification can tell, and none is claimed to: what was never recorded, and a lie that was.
"""

from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING, Final

from tests.tamper import (
    cases_bytes,
    cases_columns,
    cases_forgery,
    cases_rotation,
    cases_rows,
    cases_tables,
    cases_thief,
    cases_truncation,
    combinations,
)
from tests.tamper.case import BOTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.tamper.case import Case

SINGLE: Final[tuple[Case, ...]] = tuple(
    chain(
        cases_columns.cases(),
        cases_bytes.cases(),
        cases_rows.cases(),
        cases_truncation.cases(),
        cases_tables.cases(),
        cases_forgery.cases(),
        cases_thief.cases(),
        cases_rotation.cases(),
    )
)
COMBINED: Final[tuple[Case, ...]] = tuple(combinations.combinations())
CASES: Final[tuple[Case, ...]] = SINGLE + COMBINED


def _chosen(cases: Sequence[Case]) -> Iterator[Case]:
    """Of each column, kind of act, kind of fault, decidability, and of what PostgreSQL may take otherwise, the first."""
    seen: set[object] = set()
    for case in cases:
        words = [word for word in ("null", "twice", "without an index", "below zero") if word in case.name]
        marks: set[object] = {*case.touches, *product(case.touches, words), case.expect.decidability}
        marks |= {kind for demand in case.expect.must for kind in demand.kinds}
        if marks - seen:
            yield case
        seen |= marks


CHOSEN: Final[tuple[Case, ...]] = (*_chosen(tuple(case for case in SINGLE if case.dialects == BOTH)), *COMBINED[::15])
"""What is run on PostgreSQL every day; all of them are run on SQLite, and on both by the long run."""

COLUMNS: Final = {
    "entries": (
        "entry_index",
        "bytes",
        "leaf_hash",
        "recorded_at",
        "occurred_at",
        "type",
        "actor",
        "store",
        "event_id",
        "request",
    ),
    "entry_subjects": ("subject", "position", "entry_index", "previous_index"),
    "tiles": ("level", "tile_index", "nodes"),
    "checkpoints": ("size", "note", "published_at"),
    "log_head": ("id", "origin", "size", "root", "frontier", "last_leaf_hash", "last_recorded_at", "note"),
}
"""Every column of every table of the log."""

KINDS: Final = {
    "entries": (
        "alter",
        "damage",
        "delete",
        "insert",
        "move",
        "duplicate",
        "truncate",
        "re-index",
        "forge",
        "rewrite",
    ),
    "entry_subjects": ("alter", "delete", "insert", "move", "duplicate", "truncate"),
    "tiles": ("alter", "delete", "insert", "move", "duplicate", "truncate", "re-index"),
    "checkpoints": ("alter", "delete", "insert", "move", "duplicate", "truncate", "re-index", "re-sign"),
    "log_head": ("alter", "delete", "insert", "move", "duplicate", "roll-back", "re-sign"),
}
"""Every kind of fault that a table can suffer."""
