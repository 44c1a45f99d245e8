"""Alembic's entry: runs migrations on the connection that `migrations.upgrading` hands over."""

from __future__ import annotations

from alembic import context

from migrations.rooms import load_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=load_metadata(),
    transaction_per_migration=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
