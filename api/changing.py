"""The end of most handlers that change something: the change is committed, and answered in the shape of its result."""

from collections.abc import Callable
from typing import Any, TypeVar

from api.calls import Call
from api.replies import Answer
from api.shapes import Json, change_answer
from storage.transaction import Change

T = TypeVar("T")


def changed(call: Call[Any, Any], change: Change[T], shape: Callable[[T], Json], *, status: int = 201) -> Answer:
    """Commit a change and return the answer to it; `status` is that of the first time."""
    return change_answer(call.services.storage.log.commit(change), shape, status=status)
