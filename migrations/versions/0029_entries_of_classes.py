"""Row-level security of entries by class: who reaches documents of some classes alone sees entries about those, and about none.

What class a document is of is asked above row security: an entry may be in reach where the document is not any more. The functions run as
whoever migrates, who owns the tables; they tell the reader nothing but a class, and whether an entry is in reach.
"""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    """
    CREATE FUNCTION chopbook_class_of(document text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public
    AS $$ SELECT class_code FROM documents WHERE id = document $$
    """,
    """
    CREATE FUNCTION chopbook_reached(entry bigint, type text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public
    AS $$
        SELECT coalesce(bool_and(reached), type NOT LIKE 'document.%') FROM (
            SELECT (documents.class_code = ANY (chopbook_listed('chopbook.classes'))) IS TRUE AS reached
            FROM entry_subjects LEFT JOIN documents ON entry_subjects.subject = 'document:' || documents.id
            WHERE entry_subjects.entry_index = entry AND entry_subjects.subject LIKE 'document:%'
        ) AS about
    $$
    """,
)
_SEEN = """
ALTER POLICY seen ON entries USING (
    ((SELECT chopbook_on('chopbook.everywhere')) OR store = ANY ((SELECT chopbook_listed('chopbook.stores'))::text[]))
    AND recorded_at >= (SELECT chopbook_time('chopbook.from_us')) AND recorded_at < (SELECT chopbook_time('chopbook.until_us'))
    AND ((SELECT chopbook_on('chopbook.any_class')) OR chopbook_reached(entry_index, type))
)
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in (*_FUNCTIONS, _SEEN):
            # A percent sign is a parameter mark to the driver.
            connection.exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    msg = "row security has no downgrade: restore a backup"
    raise NotImplementedError(msg)
