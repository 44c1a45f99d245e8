"""What rows a reader may be shown, as one value: every statement that lists rows of stores takes it and filters by it.

- A scope is a value without rights of its own: `policies.scope` makes one from a decision, and nobody else does. `EVERYTHING` is for
  what Chopbook does by itself (verification, jobs, its own commands); a test holds the list of modules that may say it.
- Limits add up: a row must be within each of them. A row of no store needs a scope of every store.
- Catalogue and organisation tree are not scoped: SKUs, lots, suppliers, classes and stores are the whole organisation's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, false, true

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

ClassOf = Callable[[str, "ColumnElement[Any]"], "ColumnElement[Any]"]
"""The class of a document by its id, as SQL in a dialect, whatever may be seen of it; NULL of one that is not there."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be seen.

    Attributes:
        stores: rows of these stores; None: of every store, and of none.
        classes: documents of these classes; None: of any.
        hidden_classes: classes of documents of which nothing may be seen.
        quarantined: whether documents in quarantine may be seen.
        from_us, until_us: what was recorded at or after, and before, in microseconds since 1970; None: no such limit.
        blocked: whether documents under a cessation notice may be seen.
        class_of: how the class of a document is found; without it no entry about a document is within a scope of some classes.
    """

    stores: frozenset[str] | None
    classes: frozenset[str] | None = None
    hidden_classes: frozenset[str] = frozenset()
    quarantined: bool = False
    from_us: int | None = None
    until_us: int | None = None
    blocked: bool = False
    class_of: ClassOf | None = field(default=None, compare=False, repr=False)

    @property
    def whole(self) -> bool:
        """Whether it limits neither stores, nor classes, nor times: what is counted then is the whole log."""
        return self.stores is None and self.classes is None and self.from_us is None and self.until_us is None

    @property
    def timed(self) -> bool:
        """Whether it limits times."""
        return self.from_us is not None or self.until_us is not None

    @property
    def classed(self) -> bool:
        """Whether it limits classes of documents."""
        return self.classes is not None

    def at_any_time(self) -> Scope:
        """The same without its times: for keys of things, if all that is told of them is read from entries within the times."""
        return replace(self, from_us=None, until_us=None)

    def shows_quarantine(self) -> bool:
        """Whether documents in quarantine are in the scope."""
        return self.quarantined

    def store_in(self, store: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition that a row's store is in the scope."""
        if self.stores is None:
            return true()
        return store.in_(sorted(self.stores)) if self.stores else false()

    def time_in(self, recorded_us: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition that what was recorded at a time is in the scope."""
        conditions: list[ColumnElement[bool]] = [true()]
        if self.from_us is not None:
            conditions.append(recorded_us >= self.from_us)
        if self.until_us is not None:
            conditions.append(recorded_us < self.until_us)
        return and_(*conditions)

    def class_in(self, class_code: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition that a document's class is in the scope."""
        conditions: list[ColumnElement[bool]] = [true()]
        if self.classes is not None:
            conditions.append(class_code.in_(sorted(self.classes)) if self.classes else false())
        if self.hidden_classes:
            conditions.append(class_code.not_in(sorted(self.hidden_classes)))
        return and_(*conditions)


EVERYTHING: Final = Scope(None)
"""Above row scope: for what is shown to nobody as it is."""
