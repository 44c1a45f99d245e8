"""Bodies that a room below parses itself, and the answers that changes have in common."""

from typing import Any

from api.body import JSON
from api.members import Schema
from api.operations import LOCATION, Body, Documented
from api.schemas import change_of, ref


def as_it_is(value: JSON) -> JSON:
    """Return the decoded value: the room whose thing it is reads its members."""
    return value


def json_body(schema: Schema, example: object, *, optional: bool = False) -> Body[Any]:
    """Return a body of one JSON value, decoded strictly and parsed by the function that uses it."""
    return Body(as_it_is, schema, example, optional=optional)


def created_as(schema: str) -> tuple[Documented, ...]:
    """Return how a creation can answer."""
    answer = change_of(ref(schema))
    return (
        Documented(201, "Created.", answer, headers=LOCATION),
        Documented(200, "It was created before, by this event.", answer, headers=LOCATION),
    )


def changed_as(schema: str) -> tuple[Documented, ...]:
    """Return how another change can answer."""
    return (Documented(200, "Changed, now or before by this event.", change_of(ref(schema)), headers=LOCATION),)
