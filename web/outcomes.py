"""What a page function returns: something to show, a place to go on to, or an answer that is no page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from api.replies import Answer, Headers


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: a template and the values it shows."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """Go on to another page (303), which says in a line what was done: `said` is the key of a text under `said.`, `at` a place on the page."""

    to: str
    said: str = ""
    at: str = ""
    headers: Headers = ()

    @property
    def location(self) -> str:
        """The address, with what is said there."""
        said = "" if not self.said else f"{'&' if '?' in self.to else '?'}{urlencode({'said': self.said})}"
        return f"{self.to}{said}{self.at}"


Outcome = Shown | Moved | Answer
