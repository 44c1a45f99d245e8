"""Notices of what was committed: channels, rules, the outbox and its messages; and which lots stores were warned of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_channels()
    _create_rules()
    _create_outbox()
    _create_messages()
    _create_lines()
    _create_expiry_warnings()
    guard(
        "subject",
        "expiry_warnings",
        "notice_channels",
        "notice_rules",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_channels() -> None:
    op.create_table(
        "notice_channels",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("calls_per_month", BIG, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_notice_channels_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_notice_channels"),
    )


def _create_rules() -> None:
    op.create_table(
        "notice_rules",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("stores", sa.Text(), nullable=True),
        sa.Column("classes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_notice_rules_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_notice_rules"),
    )


def _create_outbox() -> None:
    op.create_table(
        "notice_follower",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_index", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_follower"),
    )
    op.create_table(
        "notice_outbox",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("entry_index", BIG, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "entry_index", name="pk_notice_outbox"),
    )
    op.create_index("ix_notice_outbox_message_id", "notice_outbox", ["message_id"])


def _create_messages() -> None:
    op.create_table(
        "notice_messages",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("first_index", BIG, nullable=False),
        sa.Column("last_index", BIG, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("finished_at", BIG, nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name="pk_notice_messages"),
    )
    op.create_index("ix_notice_messages_channel_state", "notice_messages", ["channel", "state"])
    op.create_index("ix_notice_messages_started_at", "notice_messages", ["started_at"])


def _create_lines() -> None:
    op.create_table(
        "notice_lines",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("lease_until", BIG, nullable=False),
        sa.Column("not_before", BIG, nullable=False),
        sa.Column("attempts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_notice_lines"),
    )
    op.create_table(
        "notice_ledger",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("calls", BIG, nullable=False),
        sa.Column("sent", BIG, nullable=False),
        sa.Column("failed", BIG, nullable=False),
        sa.PrimaryKeyConstraint("channel", "month", name="pk_notice_ledger"),
    )


def _create_expiry_warnings() -> None:
    op.create_table(
        "expiry_warnings",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_expiry_warnings_entry_index"),
        sa.PrimaryKeyConstraint("store", "sku", "batch", name="pk_expiry_warnings"),
    )
