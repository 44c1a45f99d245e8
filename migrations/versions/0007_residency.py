"""Where data goes: registers, findings, persons of the Mainland counted, and the public annex."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create(
        "residency_records",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        key=("kind", "code"),
    )
    _create(
        "residency_findings",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Integer(), nullable=False),
        key=("code", "about"),
    )
    _create(
        "residency_origins",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        key=("year", "person"),
    )
    _create(
        "residency_origin_counts",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("persons", BIG, nullable=False),
        key=("year",),
    )
    _create(
        "privacy_annexes",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        key=("version",),
    )
    guard(
        "subject",
        "residency_records",
        "residency_findings",
        "residency_origins",
        "residency_origin_counts",
        "privacy_annexes",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create(name: str, *columns: sa.Column[object], key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("entry_index", BIG, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name=f"fk_{name}_entry_index"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )
