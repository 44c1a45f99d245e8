"""How the database came to be as it is: Alembic migrations, for SQLite and PostgreSQL alike."""
