"""What a caller is told when a request cannot be carried out: problem details (RFC 9457 §3).

- Every problem has a *kind* in the one table of `api.problem_table`: a stable code, a status, and a title and detail in
  both languages. Its `type` is `/problems/{code}` under the public address of this service, where the kind is described.
- A *fault* is one thing wrong with one member of the request. A problem lists its faults in `errors`, each with a JSON
  Pointer (RFC 6901, as a URI fragment) into the body, or the name of the parameter; with NDJSON, also the line.
- The problem takes the kind of its first fault.
- Messages hold no secret, no personal data, and no value a caller sent, beyond the name of a member.

    Problem            a kind of problem, with the values its text names
    └── Invalid        one or more members of the request are wrong; carries the faults
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

import orjson

from api.languages import Language, Wording
from api.problem_codes import Code, Kind
from api.problem_table import KINDS

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/problems/"
FAULTS_MAX: Final = 20
NAME_CHARACTERS_MAX: Final = 64

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one member: its code, what to tell the caller, and where it is.

    `path` is relative to where the fault was found; each container on the way out adds its part in front.
    """

    code: str
    detail: Wording
    path: Path = ()
    line: int | None = None
    parameter: str | None = None

    @classmethod
    def of(cls, code: Code, path: Path = (), **values: str | int | Wording) -> "Fault":
        """Return a fault of a kind of this room's table."""
        return cls(code.value, filled(KINDS[code.value].detail, values), path)

    def under(self, part: str | int) -> "Fault":
        """Return the same fault, seen from one container further out."""
        return replace(self, path=(part, *self.path))

    def as_json(self, language: Language) -> dict[str, str | int]:
        """Return the entry of `errors` for this fault."""
        found: dict[str, str | int] = {}
        if self.line is not None:
            found["line"] = self.line
        if self.parameter is not None:
            found["parameter"] = self.parameter
        else:
            found["pointer"] = pointer(self.path)
        found["code"] = self.code
        found["detail"] = self.detail.of(language)
        return found


class Problem(Exception):
    """A request that is answered with a problem instead of a result.

    `members` are added to the problem as extension members (RFC 9457 §3.2), wordings in them in the caller's language;
    `headers` to the answer.
    """

    def __init__(
        self,
        kind: Kind,
        detail: Wording,
        *,
        faults: Iterable[Fault] = (),
        members: Mapping[str, object] | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.kind = kind
        self.status = kind.status
        self.detail = detail
        self.faults = tuple(faults)[:FAULTS_MAX]
        self.members: Mapping[str, object] = members or {}
        self.headers = tuple(headers)
        super().__init__(kind.code)

    @classmethod
    def of(cls, code: Code, **values: str | int | Wording) -> "Problem":
        """Return a problem of this room's table."""
        kind = KINDS[code.value]
        return Problem(kind, filled(kind.detail, values))

    def adding(self, *headers: tuple[str, str], **members: object) -> "Problem":
        """Return the problem with further headers and extension members."""
        self.headers = (*self.headers, *headers)
        self.members = {**self.members, **members}
        return self

    def as_json(self, language: Language, *, request_id: str, public_url: str) -> dict[str, object]:
        """Return the problem object as a caller reads it."""
        found: dict[str, object] = {
            "type": public_url + TYPE_PREFIX + self.kind.code,
            "title": self.kind.title.of(language),
            "status": self.status,
            "detail": self.detail.of(language),
            "code": self.kind.code,
            "request_id": request_id,
            **{name: _in_language(value, language) for name, value in self.members.items()},
        }
        if self.faults:
            found["errors"] = [fault.as_json(language) for fault in self.faults]
        return found

    def encoded(self, language: Language, *, request_id: str, public_url: str) -> bytes:
        """Return the bytes of the answer."""
        return orjson.dumps(self.as_json(language, request_id=request_id, public_url=public_url))


class Invalid(Problem):
    """One or more members of the request are wrong."""

    def __init__(self, faults: Iterable[Fault], *, status: int | None = None) -> None:
        found = tuple(faults)
        first = found[0]
        super().__init__(KINDS[first.code], first.detail, faults=found)
        if first.parameter is not None:
            self.status = 400  # a parameter is no content, which 422 is about (RFC 9110 §15.5.21)
        if status is not None:
            self.status = status

    @classmethod
    def at(cls, code: Code, path: Path = (), **values: str | int | Wording) -> "Invalid":
        """Return the exception for a single fault at `path`."""
        return cls([Fault.of(code, path, **values)])

    def under(self, part: str | int) -> "Invalid":
        """Return the same faults, seen from one container further out."""
        return Invalid((fault.under(part) for fault in self.faults), status=self.status)

    def of_parameter(self, name: str) -> "Invalid":
        """Return the same faults, found in a parameter of the address."""
        return Invalid(replace(fault, parameter=name) for fault in self.faults)

    def on_line(self, line: int) -> "Invalid":
        """Return the same faults, found on a line (counted from 1) of an NDJSON body."""
        return Invalid((replace(fault, line=line) for fault in self.faults), status=self.status)


def _in_language(value: object, language: Language) -> object:
    if isinstance(value, Wording):
        return value.of(language)
    if isinstance(value, Mapping):
        return {name: _in_language(item, language) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_in_language(item, language) for item in value]
    return value


def filled(wording: Wording, values: Mapping[str, str | int | Wording]) -> Wording:
    """Return the wording with its placeholders filled, in both languages; a value may be a wording, too."""
    english, chinese = (
        {name: value.of(language) if isinstance(value, Wording) else value for name, value in values.items()}
        for language in (Language.ENGLISH, Language.CHINESE)
    )
    return Wording(wording.en.format_map(english), wording.zh.format_map(chinese))


def pointer(path: Path) -> str:
    """Return a path as a JSON Pointer in URI fragment form (RFC 6901 §6): `#/rows/3/change`."""
    parts = [str(part)[:NAME_CHARACTERS_MAX].replace("~", "~0").replace("/", "~1") for part in path]
    return "#" + "".join("/" + quote(part, safe="~!$&'()*+,;=:@-._", errors="replace") for part in parts)
