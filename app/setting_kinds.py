"""What a setting may hold: one small class for each kind of value.

- A kind turns what somebody wrote (text from the environment, a value from TOML) into a typed value, or says in one
  sentence, in both languages, what to write instead. It never repeats text that was written: it may be a password.
- Kinds know nothing of each other; what two settings must agree on is in `app.settings`.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from urllib.parse import SplitResult, urlsplit

from audit.words import Words

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
TEXT_CHARACTERS_MAX = 4_000  # a post-quantum verifier key has about 1,900
LIST_ITEMS_MAX = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """Chopbook cannot start as it is set; `problems` says in sentences what to change."""

    def __init__(self, problems: tuple[Words, ...]) -> None:
        super().__init__("\n".join(problem.en for problem in problems))
        self.problems = problems

    @property
    def zh(self) -> str:
        """All problems in Chinese."""
        return "\n".join(problem.zh for problem in self.problems)


class WrongValue(Exception):
    """A value does not fit its kind; the message continues "NAME must be …", and in Chinese 「NAME 必須是：…」."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


class Kind(Protocol[T_co]):
    """Turns what somebody wrote into a value."""

    @property
    def shown(self) -> Words:
        """How the settings page names it."""

    def parse(self, written: object) -> T_co:
        """The value.

        Raises:
            WrongValue: with what the value must be.
        """


def _but(shown: Words, zh: str, en: str) -> WrongValue:
    """What is expected, and what more is said of it."""
    return WrongValue(Words(f"{shown.zh}{zh}", f"{shown.en}{en}"))


def _a(shown: Words) -> Words:
    return Words(shown.zh, f"a {shown.en}")


def _an(shown: Words) -> Words:
    return Words(shown.zh, f"an {shown.en}")


def _text(written: object, shown: Words) -> str:
    if not isinstance(written, str):
        raise _but(shown, "，以文字寫成", ", written as text")
    text = written.strip()
    if not text:
        raise _but(shown, "；現為空白", "; it is empty")
    if len(text) > TEXT_CHARACTERS_MAX:
        raise _but(shown, f"，最多 {TEXT_CHARACTERS_MAX} 個字元", f" of at most {TEXT_CHARACTERS_MAX} characters")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise _but(shown, "，不含控制字元", " without control characters")
    return text


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    at_least: int
    at_most: int

    @property
    def shown(self) -> Words:
        """How the settings page names it."""
        bounds = f"{self.at_least:,}", f"{self.at_most:,}"
        return Words("整數，{} 至 {}".format(*bounds), "whole number, {} to {}".format(*bounds))

    def parse(self, written: object) -> int:
        """The number; digits may be grouped with underscores."""
        if isinstance(written, str) and re.fullmatch(r"-?[0-9][0-9_]{0,18}", written.strip()):
            number = int(written.strip().replace("_", ""))
        elif isinstance(written, int) and not isinstance(written, bool):
            number = written
        else:
            raise WrongValue(_a(self.shown))
        if not self.at_least <= number <= self.at_most:
            raise _but(_a(self.shown), f"；現為 {number:,}", f"; it is {number:,}")
        return number


@dataclass(frozen=True, slots=True)
class Boolean:
    """Yes or no."""

    shown = Words("true 或 false", "true or false")

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
    def shown(self) -> Words:
        """How the settings page names it."""
        words = ", ".join(self.words)
        return Words(f"以下其中之一：{words}", f"one of {words}")

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

    shown: Words
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

    shown: Words

    def parse(self, written: object) -> Path:
        """The absolute path; `~` is the home folder."""
        text = _text(written, self.shown)
        try:
            return Path(text).expanduser().absolute()
        except RuntimeError as error:
            raise _but(self.shown, "；所寫的主目錄不存在", "; the home folder it names is not known") from error


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """Several values of one kind, separated by commas or written as a TOML array."""

    kind: Kind[T]

    @property
    def shown(self) -> Words:
        """How the settings page names it."""
        one = self.kind.shown
        return Words(f"清單，每項為{one.zh}", f"list of {one.en}")

    def parse(self, written: object) -> tuple[T, ...]:
        """The values in the order written; no value twice."""
        if isinstance(written, str):
            items: list[object] = [part for part in written.split(",") if part.strip()]
        elif isinstance(written, list):
            items = written
        else:
            raise _but(_a(self.shown), "，以逗號分隔", ", separated by commas")
        if len(items) > LIST_ITEMS_MAX:
            raise _but(_a(self.shown), f"，最多 {LIST_ITEMS_MAX} 項", f" with at most {LIST_ITEMS_MAX} of them")
        values = tuple(self.kind.parse(item) for item in items)
        if len(set(values)) != len(values):
            raise _but(_a(self.shown), "，每項只寫一次", ", each of them once")
        return values


@dataclass(frozen=True, slots=True)
class NetworkRange:
    """An IP address or a range of them."""

    shown = Words("IP 地址或 CIDR 範圍", "IP address or CIDR range")

    def parse(self, written: object) -> Network:
        """The range; a single address is a range of one."""
        try:
            return ipaddress.ip_network(_text(written, self.shown))
        except ValueError as error:
            example = (
                "，例如 10.0.0.0/8，前綴之後的位元均為零",
                ", such as 10.0.0.0/8 with no bits set after the prefix",
            )
            raise _but(self.shown, *example) from error


@dataclass(frozen=True, slots=True)
class Host:
    """An IP address or a host name to listen on."""

    shown = Words("IP 地址或主機名稱", "IP address or host name")

    def parse(self, written: object) -> str:
        """The address as written."""
        text = _text(written, self.shown)
        try:
            return str(ipaddress.ip_address(text.strip("[]")))
        except ValueError:
            label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
            if len(text) > 253 or re.fullmatch(rf"{label}(\.{label})*", text) is None:
                raise WrongValue(_an(self.shown)) from None
            return text


def _split(text: str, shown: Words) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # read here, because reading it is what checks it
    except ValueError as error:
        raise _but(shown, "；如寫埠號，須為 1 至 65535", " with a port between 1 and 65535, if any") from error
    return parts


@dataclass(frozen=True, slots=True)
class WebUrl:
    """An http or https URL without a password, query or fragment."""

    shown = Words("http 或 https 網址", "http or https URL")

    def parse(self, written: object) -> str:
        """The URL without a slash at its end."""
        text = _text(written, self.shown)
        shown = _an(self.shown)
        parts = _split(text, shown)
        if parts.scheme not in {"http", "https"} or not parts.hostname or " " in text:
            raise _but(shown, "，例如 https://chopbook.example", ", such as https://chopbook.example")
        if parts.username is not None or parts.password is not None:
            raise _but(shown, "，不含用戶名稱或密碼", " without a user name or password in it")
        if parts.query or parts.fragment:
            raise _but(shown, "，不含 ? 或 #", " without ? or #")
        return text.rstrip("/")


_DATABASE = Words("資料庫網址", "a database URL")
_SQLITE = Words("SQLite 網址", "a SQLite URL")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where a database is, in SQLAlchemy's words."""

    shown = Words(
        "資料庫網址：sqlite:///FILE 或 postgresql+psycopg://USER@HOST/DATABASE",
        "database URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
    )

    def parse(self, written: object) -> str:
        """The URL; the file of a SQLite one is made absolute."""
        text = _text(written, self.shown)
        scheme = text.split(":", 1)[0].lower()
        if scheme == "sqlite":
            return self._sqlite(text)
        if scheme in {"postgres", "postgresql"}:
            raise _but(
                _DATABASE,
                "，並寫明驅動程式：開首寫 postgresql+psycopg://",
                " that names its driver: write postgresql+psycopg:// at its start",
            )
        if scheme != "postgresql+psycopg":
            raise WrongValue(_a(self.shown))
        if "#" in text:
            raise _but(_DATABASE, "，不含 #；密碼中的 # 請寫 %23", " without #; write %23 where a password has one")
        parts = _split(text, _a(self.shown))
        if not parts.path.strip("/") or "/" in parts.path.strip("/"):
            raise _but(
                _DATABASE,
                "，末尾為資料庫名稱：postgresql+psycopg://…/NAME",
                " that ends in the name of a database: postgresql+psycopg://…/NAME",
            )
        return text

    def _sqlite(self, text: str) -> str:
        path = text.removeprefix("sqlite:///")
        if path == text or not path or path == ":memory:":
            raise _but(
                _SQLITE,
                "，並指明檔案，例如 sqlite:////var/lib/chopbook/chopbook.db",
                " with a file, such as sqlite:////var/lib/chopbook/chopbook.db",
            )
        if "?" in path or "#" in path:
            raise _but(_SQLITE, "，不含 ? 或 #", " without ? or #")
        return f"sqlite:///{Path(path).expanduser().absolute()}"


@dataclass(frozen=True, slots=True)
class Checked:
    """Text that a parser of another room accepts."""

    shown: Words
    check: Callable[[str], object]
    refusals: tuple[type[Exception], ...]

    def parse(self, written: object) -> str:
        """The text, which the parser accepted."""
        text = _text(written, self.shown)
        try:
            self.check(text)
        except self.refusals as error:
            raise _but(_a(self.shown), f"（{error}）", f": {error}") from error
        return text
