"""Signing in to the pages with a token, and out again.

- The token is verified as the API verifies a bearer token, by the same function: the same refusals, counted in the same place.
- Then it is let go. The browser holds a session (`policies.sessions`), which nothing but the pages takes.
- The address to go on to is one of this service, or it is the home page.
"""

from typing import Final

from api.problem_codes import Code
from api.problems import Problem
from api.services import Services
from api.signing_in import KEY_PREFIX, UnknownKey, sign_in, sign_in_with_new_keys
from policies.model import Principal
from web.cookies import no_session, session_cookie
from web.outcomes import Moved, Outcome, Shown
from web.page import Page
from web.visits import Visit

SIGN_IN: Final = "/sign-in"
NEXT_CHARACTERS_MAX: Final = 2_000


def show_form(visit: Visit) -> Outcome:
    """The form; who has signed in goes on, unless they come to sign in again."""
    following = next_of(visit.query.get("next", ""))
    if visit.caller is not None and "again" not in visit.query:
        return Moved(following)
    return Shown("sign_in.html", {"next": following, "problem": None})


def begin(visit: Visit) -> Outcome:
    """Verify the token and begin a session."""
    following = next_of(visit.form.get("next", ""))
    token = "".join(visit.form.get("token", "").split())
    services = visit.services
    try:
        if token.startswith(KEY_PREFIX):
            raise Problem.of(Code.SIGN_IN_FOR_PEOPLE)
        person = _verified(services, token, visit)
        services.policies.admit(person, visit.now)
        if visit.caller is not None:
            services.policies.end_session(visit.caller, visit.secret)
        claims = services.tokens.verify(token, visit.now)
        secret, session = services.policies.begin_session(
            person, claims.signed_in, until=claims.expires_at, now=visit.now
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the form says so
        problem = visit.problem(error)
        told = visit.told(problem)
        return Shown("sign_in.html", {"next": following, "problem": told}, problem.status)
    cookie = session_cookie(services.settings.public_url, secret, session.ends_at - visit.now)
    return Moved(following, headers=(cookie,))


def end(visit: Visit) -> Outcome:
    """End the session, here and in the browser."""
    visit.services.policies.end_session(visit.call.principal, visit.secret)
    return Moved(SIGN_IN, "signed_out", headers=(no_session(visit.services.settings.public_url),))


def next_of(asked: str) -> str:
    """An address of this service: a path, and nothing that a browser could take for another host."""
    fit = asked.startswith("/") and asked[1:2] not in {"/", "\\"} and len(asked) <= NEXT_CHARACTERS_MAX
    return asked if fit and asked.isprintable() and "\\" not in asked else "/"


def _verified(services: Services, token: str, visit: Visit) -> Principal:
    headers = {b"authorization": b"Bearer " + token.encode()}
    try:
        return sign_in(services, headers, visit.now)
    except UnknownKey:
        return sign_in_with_new_keys(services, headers, visit.now)


PAGES: Final = (
    Page(SIGN_IN, "page_sign_in", show_form, query=("next", "again"), open_to_all=True),
    Page(SIGN_IN, "page_begin_session", begin, method="POST", open_to_all=True),
    Page("/sign-out", "page_end_session", end, method="POST"),
)
