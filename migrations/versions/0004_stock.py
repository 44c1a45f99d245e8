"""Stock: SKUs, lots, reasons, balances, corrections, stocktakes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_balances()
    _create_corrections()
    _create_gtins()
    _create_lots()
    _create_reasons()
    _create_skus()
    _create_stocktake_counts()
    _create_stocktakes()
    guard(
        "subject",
        "balances",
        "corrections",
        "gtins",
        "lots",
        "reasons",
        "skus",
        "stocktake_counts",
        "stocktakes",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_balances() -> None:
    op.create_table(
        "balances",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_balances_entry_index"),
        sa.PrimaryKeyConstraint("store", "sku", "batch", name="pk_balances"),
    )
    op.create_index("ix_balances_sku", "balances", ["sku"])


def _create_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("corrected_index", BIG, autoincrement=False, nullable=False),
        sa.Column("corrected_by", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_corrections_entry_index"),
        sa.PrimaryKeyConstraint("corrected_index", name="pk_corrections"),
    )


def _create_gtins() -> None:
    op.create_table(
        "gtins",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("gtin", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_gtins_entry_index"),
        sa.PrimaryKeyConstraint("gtin", name="pk_gtins"),
    )


def _create_lots() -> None:
    op.create_table(
        "lots",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("expiry", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_lots_entry_index"),
        sa.PrimaryKeyConstraint("sku", "batch", name="pk_lots"),
    )
    op.create_index("ix_lots_expiry", "lots", ["expiry"])


def _create_reasons() -> None:
    op.create_table(
        "reasons",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_reasons_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_reasons"),
    )


def _create_skus() -> None:
    op.create_table(
        "skus",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("lot_tracking", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_skus_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_skus"),
    )


def _create_stocktake_counts() -> None:
    op.create_table(
        "stocktake_counts",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("stocktake", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("counted", BIG, nullable=False),
        sa.Column("expected", BIG, nullable=False),
        sa.Column("counted_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_stocktake_counts_entry_index"),
        sa.PrimaryKeyConstraint("stocktake", "sku", "batch", name="pk_stocktake_counts"),
    )


def _create_stocktakes() -> None:
    op.create_table(
        "stocktakes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("duration_s", BIG, nullable=True),
        sa.Column("lines", BIG, nullable=False),
        sa.Column("differences", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_stocktakes_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_stocktakes"),
    )
    op.create_index("ix_stocktakes_store_state", "stocktakes", ["store", "state"])
