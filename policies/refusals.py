"""What a room refuses, as an exception that can be shown in two languages: the base of each room's own tree.

A room names its codes as a `StrEnum`, its sentences as a mapping from them, and derives one base from `Refusal`. Values of a sentence are
codes, bounds and counts, never free text or personal data.

`path` leads to the member, from the outside in: `("rows", 3, "unit_price", "currency")`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from policies.model import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple["str | int", ...]

C = TypeVar("C", bound=StrEnum)


class Refusal(Exception, Generic[C]):
    """Something refused, which can say so in two languages. A room's own base names its sentences.

    Attributes:
        code: stable name of the problem.
        path: members and list positions that lead to the fault; empty for the whole request.
        values: what the sentence names.
    """

    sentences: ClassVar[Mapping[Any, Words]]

    def __init__(self, code: C, path: Path = (), values: Mapping[str, str | int | Words] | None = None) -> None:
        self.code: Final = code
        self.path: Final = path
        self.values: Final[Mapping[str, str | int | Words]] = values or {}
        super().__init__(code, path, self.values)

    def __str__(self) -> str:
        """The English sentence, behind the place it is about."""
        return self.told().en

    def told(self) -> Words:
        """The sentence in both languages, each behind the place it is about."""
        place, words = self.place(), self.sentence()
        return Words(f"{place}：{words.zh}", f"{place}: {words.en}") if place else words

    def place(self) -> str:
        """What the message calls the place it is about; empty for the whole request."""
        return pointer(self.path)

    def sentence(self) -> Words:
        """What to tell the caller, in both languages."""
        return self.sentences[self.code].filled(self.values)


def pointer(path: Path) -> str:
    """The path as a JSON Pointer (RFC 6901): `/rows/3/change`; empty for the whole request."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
