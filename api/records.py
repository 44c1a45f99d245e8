"""Lists, objects and parameters: single members put together.

- An object has a closed set of members; optional ones are absent, never null.
- All faults of an object or a list are found in one pass (at most problems.FAULTS_MAX are shown).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from api.body import JSON
from api.members import Reader, Schema, described
from api.problem_codes import Code
from api.problems import Fault, Invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of bounded length."""

    item: Reader[T]
    items_max: int
    items_min: int = 0
    description: str = ""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the list."""
        found: dict[str, object] = {
            "type": "array",
            "items": self.item.schema,
            "minItems": self.items_min,
            "maxItems": self.items_max,
        }
        return described(found, self.description, None)

    def read(self, value: JSON) -> tuple[T, ...]:
        """Return the items in their order."""
        if not isinstance(value, list):
            raise Invalid.at(Code.LIST_EXPECTED)
        if len(value) < self.items_min:
            raise Invalid.at(Code.LIST_EMPTY)
        if len(value) > self.items_max:
            raise Invalid.at(Code.LIST_TOO_LONG, max=self.items_max, got=len(value))
        found: list[T] = []
        faults: list[Fault] = []
        for index, item in enumerate(value):
            try:
                found.append(self.item.read(item))
            except Invalid as invalid:
                faults.extend(invalid.under(index).faults)
        if faults:
            raise Invalid(faults)
        return tuple(found)

    def from_text(self, text: str) -> tuple[T, ...]:
        """Refuse: a list is no parameter."""
        raise Invalid.at(Code.LIST_EXPECTED)


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """An object with a closed set of members, built into a typed value.

    `build` is called with the members that were sent, as keyword arguments.
    """

    name: str
    build: Callable[..., T]
    members: Mapping[str, Reader[Any]]
    required: tuple[str, ...] = ()
    description: str = ""
    example: Mapping[str, object] | None = None

    @property
    def schema(self) -> Schema:
        """JSON Schema of the object."""
        found: dict[str, object] = {
            "type": "object",
            "properties": {name: member.schema for name, member in self.members.items()},
            "additionalProperties": False,
        }
        if self.required:
            found["required"] = list(self.required)
        return described(found, self.description, self.example)

    def read(self, value: JSON) -> T:
        """Return the typed value of the object."""
        if not isinstance(value, dict):
            raise Invalid.at(Code.OBJECT_EXPECTED)
        members = self.members
        found: dict[str, Any] = {}
        faults: list[Fault] = []
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                faults.append(Fault.of(Code.MEMBER_UNKNOWN, (name,), expected=", ".join(members)))
                continue
            try:
                found[name] = member.read(item)
            except Invalid as invalid:
                faults.extend(invalid.under(name).faults)
        faults.extend(Fault.of(Code.MEMBER_MISSING, (name,)) for name in self.required if name not in value)
        if faults:
            raise Invalid(faults)
        return self.build(**found)

    def from_text(self, text: str) -> T:
        """Refuse: an object is no parameter."""
        raise Invalid.at(Code.OBJECT_EXPECTED)
