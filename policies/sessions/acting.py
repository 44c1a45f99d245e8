"""Signing in to the pages: a session of a person, and its end.

- A session begins with a token that was verified like every bearer token, and lasts no longer than that token, nor than
  `SESSION_MAX`. What it lets its person do is decided anew with every page.
- When and how the person proved who they are is kept with it: what is confidential asks how long ago that was (`policies.step_up`).
- Its secret is drawn at random and kept nowhere: the table holds its digest. Ending a session ends it for every process.
- The API takes no session, and the pages take no token but to begin one.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from policies.codes import Code
from policies.deciding import Deciding
from policies.errors import NotAuthenticated
from policies.sessions import store as rows
from policies.sessions.store import Session

if TYPE_CHECKING:
    from datetime import datetime

    from policies.model import Principal, SignIn

SESSION_MAX: Final = timedelta(hours=8)
SESSIONS_OF_ONE_MAX: Final = 16
SECRET_BYTES: Final = 32


class PageSessions(Deciding):
    """Sessions of people who use a browser."""

    def begin_session(
        self, person: Principal, signed_in: SignIn, *, until: datetime, now: datetime
    ) -> tuple[str, Session]:
        """A new session of a person and its secret, which is told this once.

        Raises:
            StorageError: there is none; try again.
        """
        secret = self._entropy(SECRET_BYTES).hex()
        session = Session(person.id, now, min(until, now + SESSION_MAX), signed_in)
        self._database.operate(
            lambda operation: rows.add_session(operation, _digest(secret), session, most=SESSIONS_OF_ONE_MAX)
        )
        return secret, session

    def session_principal(self, secret: str, now: datetime) -> tuple[Principal, Session]:
        """Who has signed in with this secret, as they stand now.

        Raises:
            NotAuthenticated: there is no such session, it is over, or the account is closed or erased.
        """
        with self._database.read() as connection:
            session = rows.read_session(connection, _digest(secret))
        if session is None or now >= session.ends_at:
            raise NotAuthenticated(Code.SESSION_OVER)
        return self.principal(session.principal, session.signed_in), session

    def end_session(self, secret: str) -> None:
        """Ends a session; one that there is not is none.

        Raises:
            StorageError: it goes on; try again.
        """
        self._database.operate(lambda operation: rows.forget_session(operation, _digest(secret)))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
