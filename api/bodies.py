"""Ways to read a body that a room below parses itself."""

from typing import Final

from api.body import JSON
from api.members import Schema
from api.operations import Body

JSON_TYPES: Final = ("application/json",)


def as_it_is(value: JSON) -> JSON:
    """Return the decoded value: the room whose thing it is reads its members."""
    return value


def json_body(schema: Schema, example: object, *, optional: bool = False) -> Body[JSON]:
    """Return a body of one JSON value, decoded strictly and parsed by the function that uses it."""
    return Body(as_it_is, schema, example, optional=optional)
