"""Row-level security of balances and warnings by date: who may see the records of some times alone sees a row if its entry is of them.

A balance is what every entry about it made of it. One whose last movement lies within the times stands as that movement left it; of any other
the row tells of what is hidden, and is not seen. The condition on times is asked once a statement; without limits no entry is looked at.
"""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_SEEN = """
ALTER POLICY seen ON {table} USING (
    ((SELECT chopbook_on('chopbook.everywhere')) OR store = ANY ((SELECT chopbook_listed('chopbook.stores'))::text[]))
    AND (
        (SELECT chopbook_time('chopbook.from_us') = -9223372036854775807
            AND chopbook_time('chopbook.until_us') = 9223372036854775807)
        OR EXISTS (SELECT FROM entries WHERE entries.entry_index = {table}.entry_index)
    )
)
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for table in ("balances", "expiry_warnings"):
            connection.exec_driver_sql(_SEEN.format(table=table))


def downgrade() -> None:
    msg = "row security has no downgrade: restore a backup"
    raise NotImplementedError(msg)
