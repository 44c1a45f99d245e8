"""What a setting may hold: one small class for each kind of value.

- A kind turns what somebody wrote (text from the environment, a value from TOML) into a typed value, or says in one
  sentence what to write instead. It never repeats text that was written: it may be a password.
- Kinds know nothing of each other; what two settings must agree on is in `app.settings`.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from urllib.parse import SplitResult, urlsplit

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
TEXT_CHARACTERS_MAX = 4_000  # a post-quantum verifier key has about 1,900
LIST_ITEMS_MAX = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """Chopbook cannot start as it is set; `problems` says in sentences what to change."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class WrongValue(Exception):
    """A value does not fit its kind; the message continues "NAME must be …"."""


class Kind(Protocol[T_co]):
    """Turns what somebody wrote into a value."""

    @property
    def shown(self) -> str:
        """How the settings page names it."""

    def parse(self, written: object) -> T_co:
        """The value.

        Raises:
            WrongValue: with what the value must be.
        """


def _text(written: object, shown: str) -> str:
    if not isinstance(written, str):
        raise WrongValue(f"{shown}, written as text")
    text = written.strip()
    if not text:
        raise WrongValue(f"{shown}; it is empty")
    if len(text) > TEXT_CHARACTERS_MAX:
        raise WrongValue(f"{shown} of at most {TEXT_CHARACTERS_MAX} characters")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise WrongValue(f"{shown} without control characters")
    return text


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    at_least: int
    at_most: int

    @property
    def shown(self) -> str:
        """How the settings page names it."""
        return f"whole number, {self.at_least:,} to {self.at_most:,}"

    def parse(self, written: object) -> int:
        """The number; digits may be grouped with underscores."""
        if isinstance(written, str) and re.fullmatch(r"-?[0-9][0-9_]{0,18}", written.strip()):
            number = int(written.strip().replace("_", ""))
        elif isinstance(written, int) and not isinstance(written, bool):
            number = written
        else:
            raise WrongValue(f"a {self.shown}")
        if not self.at_least <= number <= self.at_most:
            raise WrongValue(f"a {self.shown}; it is {number:,}")
        return number


@dataclass(frozen=True, slots=True)
class Boolean:
    """Yes or no."""

    shown = "true or false"

    def parse(self, written: object) -> bool:
        """The truth of true, yes, on, 1 and their opposites, in any case."""
        if isinstance(written, bool):
            return written
        word = written.strip().lower() if isinstance(written, str) else ""
        if word in {"true", "yes", "on", "1"}:
            return True
        if word in {"false", "no", "off", "0"}:
            return False
        raise WrongValue(self.shown)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a closed set of words."""

    words: tuple[str, ...]

    @property
    def shown(self) -> str:
        """How the settings page names it."""
        return "one of " + ", ".join(self.words)

    def parse(self, written: object) -> str:
        """The word, in lower case where the set is."""
        word = _text(written, self.shown)
        for known in self.words:
            if known.lower() == word.lower():
                return known
        raise WrongValue(self.shown)


@dataclass(frozen=True, slots=True)
class Text:
    """Text that fits a pattern."""

    shown: str
    pattern: str = r".+"

    def parse(self, written: object) -> str:
        """The text without white space around it."""
        text = _text(written, self.shown)
        if re.fullmatch(self.pattern, text) is None:
            raise WrongValue(self.shown)
        return text


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path of a file or folder; whether it exists is asked where it is used."""

    shown: str

    def parse(self, written: object) -> Path:
        """The absolute path; `~` is the home folder."""
        text = _text(written, self.shown)
        try:
            return Path(text).expanduser().absolute()
        except RuntimeError as error:
            raise WrongValue(f"{self.shown}; the home folder it names is not known") from error


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """Several values of one kind, separated by commas or written as a TOML array."""

    kind: Kind[T]

    @property
    def shown(self) -> str:
        """How the settings page names it."""
        return f"list of {self.kind.shown}"

    def parse(self, written: object) -> tuple[T, ...]:
        """The values in the order written; no value twice."""
        if isinstance(written, str):
            items: list[object] = [part for part in written.split(",") if part.strip()]
        elif isinstance(written, list):
            items = written
        else:
            raise WrongValue(f"a {self.shown}, separated by commas")
        if len(items) > LIST_ITEMS_MAX:
            raise WrongValue(f"a {self.shown} with at most {LIST_ITEMS_MAX} of them")
        values = tuple(self.kind.parse(item) for item in items)
        if len(set(values)) != len(values):
            raise WrongValue(f"a {self.shown}, each of them once")
        return values


@dataclass(frozen=True, slots=True)
class NetworkRange:
    """An IP address or a range of them."""

    shown = "IP address or CIDR range"

    def parse(self, written: object) -> Network:
        """The range; a single address is a range of one."""
        try:
            return ipaddress.ip_network(_text(written, self.shown))
        except ValueError as error:
            raise WrongValue(f"{self.shown}, such as 10.0.0.0/8 with no bits set after the prefix") from error


@dataclass(frozen=True, slots=True)
class Host:
    """An IP address or a host name to listen on."""

    shown = "IP address or host name"

    def parse(self, written: object) -> str:
        """The address as written."""
        text = _text(written, self.shown)
        try:
            return str(ipaddress.ip_address(text.strip("[]")))
        except ValueError:
            label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
            if len(text) > 253 or re.fullmatch(rf"{label}(\.{label})*", text) is None:
                raise WrongValue(f"an {self.shown}") from None
            return text


def _split(text: str, shown: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # read here, because reading it is what checks it
    except ValueError as error:
        raise WrongValue(f"{shown} with a port between 1 and 65535, if any") from error
    return parts


@dataclass(frozen=True, slots=True)
class WebUrl:
    """An http or https URL without a password, query or fragment."""

    shown = "http or https URL"

    def parse(self, written: object) -> str:
        """The URL without a slash at its end."""
        text = _text(written, self.shown)
        parts = _split(text, f"an {self.shown}")
        if parts.scheme not in {"http", "https"} or not parts.hostname or " " in text:
            raise WrongValue(f"an {self.shown}, such as https://chopbook.example")
        if parts.username is not None or parts.password is not None:
            raise WrongValue(f"an {self.shown} without a user name or password in it")
        if parts.query or parts.fragment:
            raise WrongValue(f"an {self.shown} without ? or #")
        return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where a database is, in SQLAlchemy's words."""

    shown = "database URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"

    def parse(self, written: object) -> str:
        """The URL; the file of a SQLite one is made absolute."""
        text = _text(written, self.shown)
        scheme = text.split(":", 1)[0].lower()
        if scheme == "sqlite":
            return self._sqlite(text)
        if scheme in {"postgres", "postgresql"}:
            raise WrongValue("a database URL that names its driver: write postgresql+psycopg:// at its start")
        if scheme != "postgresql+psycopg":
            raise WrongValue(f"a {self.shown}")
        if "#" in text:
            raise WrongValue("a database URL without #; write %23 where a password has one")
        parts = _split(text, f"a {self.shown},")
        if not parts.path.strip("/") or "/" in parts.path.strip("/"):
            raise WrongValue("a database URL that ends in the name of a database: postgresql+psycopg://…/NAME")
        return text

    def _sqlite(self, text: str) -> str:
        path = text.removeprefix("sqlite:///")
        if path == text or not path or path == ":memory:":
            raise WrongValue("a SQLite URL with a file, such as sqlite:////var/lib/chopbook/chopbook.db")
        if "?" in path or "#" in path:
            raise WrongValue("a SQLite URL without ? or #")
        return f"sqlite:///{Path(path).expanduser().absolute()}"


@dataclass(frozen=True, slots=True)
class Checked:
    """Text that a parser of another room accepts."""

    shown: str
    check: Callable[[str], object]
    refusals: tuple[type[Exception], ...]

    def parse(self, written: object) -> str:
        """The text, which the parser accepted."""
        text = _text(written, self.shown)
        try:
            self.check(text)
        except self.refusals as error:
            raise WrongValue(f"a {self.shown}: {error}") from error
        return text
