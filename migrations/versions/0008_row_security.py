"""Row-level security: which rows the role `chopbook_reader` sees, by settings of its transaction.

PostgreSQL only. The policies are written out, and apart from the conditions of the service's own statements: they are there for the day
when one of those is wrong. Whoever is not that role keeps seeing every row (`above`): the writer, verification, jobs.

- `(SELECT f())` is evaluated once a statement, not once a row.
- A setting that is missing means no: no store, no class, no time.
- What lies under a document or an entry is seen with it: the policies of those tables hold inside these, too.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Made once for a cluster. Whoever migrates must be able to become it, to let the service be it.
_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chopbook_reader') THEN
        BEGIN
            CREATE ROLE chopbook_reader NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    BEGIN
        SET LOCAL ROLE chopbook_reader;
        RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
        EXECUTE format('GRANT chopbook_reader TO %I', current_user);
    END;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'chopbook: expected the role chopbook_reader and the right to be it, got neither the right to make it'
        USING HINT = 'as an administrator: CREATE ROLE chopbook_reader NOLOGIN; GRANT chopbook_reader TO '
            || quote_ident(current_user) || ' WITH ADMIN OPTION;';
END $$
"""

_FUNCTIONS = (
    """
    CREATE FUNCTION chopbook_on(name text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting(name, true), '') = 'on' $$
    """,
    """
    CREATE FUNCTION chopbook_listed(name text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting(name, true), ''), '{}')::text[] $$
    """,
    """
    CREATE FUNCTION chopbook_time(name text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting(name, true), '')::bigint $$
    """,
    """
    CREATE FUNCTION chopbook_above() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT current_user <> 'chopbook_reader' $$
    """,
)

_STORE = (
    "((SELECT chopbook_on('chopbook.everywhere')) OR store = ANY ((SELECT chopbook_listed('chopbook.stores'))::text[]))"
)
_CLASS = (
    "((SELECT chopbook_on('chopbook.any_class')) OR class_code = ANY ((SELECT chopbook_listed('chopbook.classes'))::text[]))"
    " AND class_code <> ALL ((SELECT chopbook_listed('chopbook.hidden_classes'))::text[])"
    " AND (stage <> 'quarantined' OR (SELECT chopbook_on('chopbook.quarantined')))"
)
_ENTRY = "EXISTS (SELECT FROM entries WHERE entries.entry_index = {}.entry_index)"
_DOCUMENT = "EXISTS (SELECT FROM documents WHERE documents.id = {}.document)"


def _recorded(column: str) -> str:
    return f"{column} >= (SELECT chopbook_time('chopbook.from_us')) AND {column} < (SELECT chopbook_time('chopbook.until_us'))"


_SEEN = {
    "entries": f"{_STORE} AND {_recorded('recorded_at')}",
    "entry_subjects": _ENTRY.format("entry_subjects"),
    "personal_values": _ENTRY.format("personal_values"),
    "balances": _STORE,
    "stocktakes": f"{_STORE} AND {_recorded('opened_at')}",
    "stocktake_counts": "EXISTS (SELECT FROM stocktakes WHERE stocktakes.id = stocktake_counts.stocktake)",
    "expiry_warnings": _STORE,
    "documents": f"{_STORE} AND {_CLASS} AND {_recorded('added_at')}",
    "document_links": (
        _DOCUMENT.format("document_links")
        + " AND (kind = 'evidence_of' OR EXISTS (SELECT FROM documents WHERE documents.id = document_links.target))"
    ),
    **{
        name: _DOCUMENT.format(name)
        for name in (
            "document_corrections",
            "document_fields",
            "document_folders",
            "document_notes",
            "document_readings",
            "document_renditions",
            "document_reviews",
            "document_tags",
            "document_versions",
        )
    },
}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for statement in (_ROLE, *_FUNCTIONS):
        # A percent sign is a parameter mark to the driver.
        connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO chopbook_reader")
    connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO chopbook_reader")
    connection.exec_driver_sql("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO chopbook_reader")
    for table, seen in _SEEN.items():
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        above = "(SELECT chopbook_above())"
        connection.exec_driver_sql(f"CREATE POLICY above ON {table} USING ({above}) WITH CHECK ({above})")
        connection.exec_driver_sql(f"CREATE POLICY seen ON {table} FOR SELECT TO chopbook_reader USING ({seen})")


def downgrade() -> None:
    msg = "row security has no downgrade: restore a backup"
    raise NotImplementedError(msg)
