"""Whom a question about the policies is about, by any id that names a principal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.grants.model import GrantState

if TYPE_CHECKING:
    from datetime import datetime

    from policies.directory import Directory
    from policies.model import Principal


def asked_about(directory: Directory, name: str, now: datetime) -> tuple[Principal, datetime] | None:
    """Who is asked about, and when: a person, a client with a key, a key, or an engagement or broken glass while it runs; None: nobody."""
    grant = next((one for found in directory.grants.values() for one in found if one.id == name), None)
    if grant is not None:
        now = now if grant.state_at(now) is GrantState.RUNNING else grant.starts_at
    person = name if grant is None else grant.principal
    found = directory.people.get(person) or next(
        (client for client in directory.by_key.values() if person in {client.id, client.key_id}), None
    )
    return None if found is None else (found, now)
