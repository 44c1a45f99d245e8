"""Jobs and their runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_worker_heartbeats()
    _create_job_cancellations()
    _create_jobs()
    _create_job_runs()
    guard(
        "subject",
        "job_cancellations",
        "jobs",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_worker_heartbeats() -> None:
    op.create_table(
        "worker_heartbeats",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("stopping", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_worker_heartbeats"),
    )


def _create_job_cancellations() -> None:
    op.create_table(
        "job_cancellations",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_job_cancellations_entry_index"),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_cancellations"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("run_at", BIG, nullable=True),
        sa.Column("attempts_max", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_jobs_entry_index"),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_entry_index", "jobs", ["entry_index"])


def _create_job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("job_entry", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", BIG, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", BIG, nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("progress_done", BIG, nullable=True),
        sa.Column("progress_total", BIG, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("started_at", BIG, nullable=True),
        sa.Column("finished_at", BIG, nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], name="fk_job_runs_job_id"),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_runs"),
    )
    op.create_index("ix_job_runs_job_entry", "job_runs", ["job_entry"])
    op.create_index("ix_job_runs_state_due", "job_runs", ["state", "due"])
