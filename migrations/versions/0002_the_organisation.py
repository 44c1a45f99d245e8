"""The organisation: areas, stores, principals, keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_key_last_used()
    _create_key_usage()
    _create_areas()
    _create_erasures()
    _create_policy_head()
    _create_principals()
    _create_api_keys()
    _create_assignments()
    _create_stores()
    guard(
        "subject",
        "areas",
        "erasures",
        "policy_head",
        "principals",
        "api_keys",
        "assignments",
        "stores",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_key_last_used() -> None:
    op.create_table(
        "key_last_used",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("used_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_key_last_used"),
    )


def _create_key_usage() -> None:
    op.create_table(
        "key_usage",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("calls", BIG, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "month", name="pk_key_usage"),
    )


def _create_areas() -> None:
    op.create_table(
        "areas",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_areas_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_areas"),
    )


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("erased_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_erasures_entry_index"),
        sa.PrimaryKeyConstraint("person", name="pk_erasures"),
    )


def _create_policy_head() -> None:
    op.create_table(
        "policy_head",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_policy_head_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_head"),
    )


def _create_principals() -> None:
    op.create_table(
        "principals",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name_entry", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_principals_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_principals"),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("issued_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("revoked_at", BIG, nullable=True),
        sa.Column("rate_per_minute", sa.Integer(), nullable=False),
        sa.Column("quota_per_month", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_api_keys_entry_index"),
        sa.ForeignKeyConstraint(
            ["principal"], ["principals.id"], name="fk_api_keys_principal", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_principal", "api_keys", ["principal"])


def _create_assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_assignments_entry_index"),
        sa.ForeignKeyConstraint(
            ["principal"], ["principals.id"], name="fk_assignments_principal", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("principal", "kind", "target", name="pk_assignments"),
    )


def _create_stores() -> None:
    op.create_table(
        "stores",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("negative_stock", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.code"], name="fk_stores_area", initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_stores_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_stores"),
    )
