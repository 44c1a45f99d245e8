"""What rows a reader may be shown, as one value: every statement that lists rows of stores takes it and filters by it.

- A scope is a value without rights of its own: `policies.scope` makes one from a decision, and nobody else does. `EVERYTHING` is for
  what Chopbook does by itself (verification, jobs, its own commands); a test holds the list of modules that may say it.
- Limits add up: a row must be within each of them. A row of no store needs a scope of every store.
- Catalogue and organisation tree are not scoped: SKUs, lots, suppliers, classes and stores are the whole organisation's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, false, true

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be seen.

    Attributes:
        stores: rows of these stores; None: of every store, and of none.
        classes: documents of these classes; None: of any.
        hidden_classes: classes of documents of which nothing may be seen.
        quarantined: whether documents in quarantine may be seen.
        from_us, until_us: what was recorded at or after, and before, in microseconds since 1970; None: no such limit.
    """

    stores: frozenset[str] | None
    classes: frozenset[str] | None = None
    hidden_classes: frozenset[str] = frozenset()
    quarantined: bool = False
    from_us: int | None = None
    until_us: int | None = None

    @property
    def whole(self) -> bool:
        """Whether it limits neither stores, nor classes, nor times: what is counted then is the whole log."""
        return self.stores is None and self.classes is None and self.from_us is None and self.until_us is None


EVERYTHING: Final = Scope(None)
"""Above row scope: for what is shown to nobody as it is."""


def within_stores(scope: Scope, store: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a row's store is in the scope."""
    if scope.stores is None:
        return true()
    return store.in_(sorted(scope.stores)) if scope.stores else false()


def within_times(scope: Scope, recorded_us: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that what was recorded at a time is in the scope."""
    conditions: list[ColumnElement[bool]] = [true()]
    if scope.from_us is not None:
        conditions.append(recorded_us >= scope.from_us)
    if scope.until_us is not None:
        conditions.append(recorded_us < scope.until_us)
    return and_(*conditions)


def within_classes(scope: Scope, class_code: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a document's class is in the scope."""
    conditions: list[ColumnElement[bool]] = [true()]
    if scope.classes is not None:
        conditions.append(class_code.in_(sorted(scope.classes)) if scope.classes else false())
    if scope.hidden_classes:
        conditions.append(class_code.not_in(sorted(scope.hidden_classes)))
    return and_(*conditions)
