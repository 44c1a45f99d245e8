"""Notices and the search index as the settings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.search.index import SearchIndex
from documents.search.sqlite.store import SqliteIndexStore
from workflow.notices.means import Means
from workflow.notices.service import Notices

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.settings import Settings
    from policies.service import Policies
    from storage import Storage
    from storage.outbound import OutboundGate

SEARCH_FILE = "search.db"


def search_index_of(settings: Settings) -> SearchIndex:
    """The index: a file beside the log's on SQLite, a schema of the log's database on PostgreSQL.

    Raises:
        IndexUnavailable: it cannot be opened.
    """
    if settings.database_url.startswith("sqlite:"):
        return SearchIndex(SqliteIndexStore(settings.data_dir / SEARCH_FILE))
    from documents.search.postgresql.store import PostgresqlIndexStore  # noqa: PLC0415  only there

    return SearchIndex(PostgresqlIndexStore(settings.database_url))


def notices_of(
    settings: Settings,
    storage: Storage,
    policies: Policies,
    gate: OutboundGate,
    *,
    clock: Callable[[], datetime],
    entropy: Callable[[int], bytes],
) -> Notices:
    """Notices, which speak to declared destinations alone."""
    means = Means(
        database=storage.database,
        log=storage.log,
        gate=gate,
        clock=clock,
        entropy=entropy,
        link=_link(settings.public_url),
        glass_channel=settings.break_glass_channel,
    )
    return Notices(means, policies, storage.keys)


def _link(public_url: str) -> Callable[[int], str] | None:
    """Where an entry can be looked at; a link of an unencrypted address is no link for a group."""
    if not public_url.startswith("https://"):
        return None
    return lambda index: f"{public_url}/api/v1/entries/{index}"
