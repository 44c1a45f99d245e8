"""The two cookies of the pages, and how they are set.

- The session's holds its secret and nothing else. With https its name has the prefix `__Host-`: browsers then take it from this very
  host over TLS alone (RFC 6265bis §4.1.3). Script cannot read it, and no other site's request carries it.
- The language's is a convenience: what it holds beyond one of the two languages is passed over.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from api.languages import Language

LANGUAGE: Final = "chopbook_language"
SESSION: Final = "chopbook_session"
SECURE_PREFIX: Final = "__Host-"
LANGUAGE_FOR: Final = timedelta(days=365)
COOKIES_MAX: Final = 32


def read_cookies(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """The cookies of a request; of two with one name the first."""
    found: dict[str, str] = {}
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";", COOKIES_MAX)[:COOKIES_MAX]:
        name, mark, value = part.strip().partition("=")
        if mark:
            found.setdefault(name, value.strip('"'))
    return found


def session_name(public_url: str) -> str:
    """The name of the session's cookie at this address."""
    return f"{SECURE_PREFIX}{SESSION}" if public_url.startswith("https:") else SESSION


def session_cookie(public_url: str, secret: str, lasts: timedelta) -> tuple[str, str]:
    """The header that hands a session out; an empty one takes it back."""
    secure = "; Secure" if public_url.startswith("https:") else ""
    seconds = max(0, int(lasts.total_seconds()))
    name = session_name(public_url)
    return ("Set-Cookie", f"{name}={secret}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}")


def no_session(public_url: str) -> tuple[str, str]:
    """The header that makes the browser forget its session."""
    return session_cookie(public_url, "", timedelta())


def language_cookie(language: Language) -> tuple[str, str]:
    """The header that keeps the reader's choice of language."""
    seconds = int(LANGUAGE_FOR.total_seconds())
    return ("Set-Cookie", f"{LANGUAGE}={language.value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax")
