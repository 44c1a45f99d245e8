"""Signing in to the pages: a session of a person, and its end.

- A session begins with a token that was verified like every bearer token, and lasts no longer than that token, nor than
  `SESSION_MAX`. What it lets its person do is decided anew with every page.
- When and how the person proved who they are is kept with it: what is confidential asks how long ago that was (`policies.step_up`).
- Its secret is drawn at random and kept nowhere: the table holds its digest. Ending a session ends it for every process.
- Its beginning, and its end by signing out, are entries (ISO/IEC 27001 A.8.15).
- The API takes no session, and the pages take no token but to begin one.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import Event, Subject, format_time, time_us
from policies.codes import Code
from policies.deciding import Deciding
from policies.errors import NotAuthenticated
from policies.event_types import SESSION_BEGUN, SESSION_ENDED
from policies.model import Channel
from policies.sessions import store as rows
from policies.sessions.store import Session
from storage.transaction import Change

if TYPE_CHECKING:
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
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
        said: dict[str, JSON] = {
            "until": format_time(time_us(session.ends_at)),
            "signed_in_at": format_time(time_us(signed_in.at)),
        }
        if signed_in.methods:
            said["methods"] = [*sorted(signed_in.methods)]
        # The entry comes first: there is no session that the log does not tell of.
        self._log.commit(self._of_session(person, SESSION_BEGUN, said))
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
        return self.principal(session.principal, session.signed_in, Channel.WEB), session

    def end_session(self, person: Principal, secret: str) -> None:
        """Ends a session of a person, for every process.

        Raises:
            StorageError: it goes on; try again.
        """
        self._database.operate(lambda operation: rows.forget_session(operation, _digest(secret)))
        self._log.commit(self._of_session(person, SESSION_ENDED, {}))

    def _of_session(self, person: Principal, event_type: str, said: dict[str, JSON]) -> Change[Entry]:
        event = Event(
            type=event_type,
            subjects=(Subject(person.kind.value, person.id),),
            data=said,
            actor=person.actor,
            event_id=UUID(bytes=self._entropy(16), version=4),
        )
        return Change(lambda tx: tx.append(event))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
