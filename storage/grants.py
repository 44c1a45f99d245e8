"""What the service's own PostgreSQL role may do: enough to run, not enough to change history.

The owner of the tables runs migrations; the service connects as another role. So that even with every trigger gone, it
can add entries but neither change nor remove one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.row_security import READER
from storage.rows import quoted
from storage.schema import LOG_TABLES, is_operational, is_subject, log_head, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator


def grant_ddl(role: str) -> Iterator[str]:
    """GRANT statements for `role`, for every table declared so far; run them as the owner after each upgrade.

    The owner must be able to hand `chopbook_reader` on: it has made that role, or got it WITH ADMIN OPTION.
    """
    name = quoted(role.replace('"', '""'))
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT {READER} TO {name}"
    for table in metadata.sorted_tables:
        if table is log_head:
            rights = "SELECT, INSERT, UPDATE"
        elif table in LOG_TABLES:
            rights = "SELECT, INSERT"
        elif is_subject(table):
            rights = "SELECT, INSERT, UPDATE"
        elif is_operational(table):
            rights = "SELECT, INSERT, UPDATE, DELETE"
        else:
            continue
        yield f"GRANT {rights} ON {quoted(table.name)} TO {name}"
