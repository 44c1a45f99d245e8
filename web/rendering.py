"""From a template and its values to the bytes of a page.

- Everything is escaped, and a name that a template does not get is an error, not an empty place.
- What is rendered is masked as a whole before it leaves: an identity card number is shown on no page.
- No page holds inline style or script: the policy in `HEADERS` lets none of it run.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.languages import Language
from api.masking import masked_body
from api.replies import Headers
from audit.event import time_of
from policies.model import Action, Resource
from storage.reading import published_sizes
from web import showing
from web.catalogue import said, say
from web.navigation import sections
from web.outcomes import Shown
from web.static_files import static_url
from web.visits import Visit

HTML: Final = "text/html; charset=utf-8"
SECURITY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""What a page may load and do: what is ours. Nothing inline."""
HEADERS: Final[Headers] = (
    ("Content-Security-Policy", SECURITY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    # Forms carry where they come from, which is checked; other sites learn nothing.
    ("Referrer-Policy", "same-origin"),
    ("Vary", "Accept-Language, Cookie"),
)


class Absent(StrictUndefined):
    """A member that is not there: it may be asked whether it is, and nothing else."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override] # the library's own never returns
        """It is not."""
        return False


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=Absent,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters |= {
        "commanded": showing.commanded,
        "grouped": showing.grouped,
        "money": showing.money,
        "scaled": showing.scaled,
        "short": showing.short,
    }
    made.globals |= {"static": static_url}
    return made


ENVIRONMENT: Final = _environment()


def render(visit: Visit, shown: Shown) -> bytes:
    """The page, in the reader's language."""
    text = ENVIRONMENT.get_template(shown.template).render({**frame_of(visit), **shown.values})
    return masked_body(text.encode(), HTML)


def frame_of(visit: Visit) -> Mapping[str, Any]:
    """What every template gets beside its own values."""
    language = visit.language
    other = Language.ENGLISH if language is Language.CHINESE else Language.CHINESE
    said_key = f"said.{visit.query.get('said', '')}"
    return {
        "t": partial(say, language),
        "named": partial(said, language),
        "both": visit.both,
        "moment": partial(showing.moment, language),
        "day": partial(showing.day, language),
        "period": partial(showing.period, language),
        "language": language.value,
        "other_language": other.value,
        "language_address": visit.address(lang=other.value),
        "address": visit.address,
        "path": visit.path,
        "query": visit.query,
        "me": visit.caller,
        "my_name": _name_of(visit),
        "sections": sections(visit),
        "form_key": visit.form_key,
        "banner": said(language, said_key, ""),
        "standing": _standing(visit),
    }


def _name_of(visit: Visit) -> str:
    if visit.caller is None:
        return ""
    return visit.services.policies.display_names((visit.caller.id,)).get(visit.caller.id) or visit.caller.id


def _standing(visit: Visit) -> Mapping[str, Any] | None:
    """Where the log stands, for whoever may read it: how many entries, and the newest published checkpoint."""
    if not visit.may(Action.LOG_READ, Resource("log")):
        return None
    storage = visit.services.storage
    with storage.database.read() as connection:
        published = published_sizes(connection, limit=1)
    checkpoint = None
    if published:
        size, at_us = published[0]
        checkpoint = {"size": size, "at": time_of(at_us)}
    return {"size": storage.log.head().size, "checkpoint": checkpoint}
