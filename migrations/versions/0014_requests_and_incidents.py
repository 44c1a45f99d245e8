"""Requests of people about their own data, breaches and the Commissioner's notices; marks that documents bear for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "document_marks",
    "cases",
    "case_items",
    "case_proposals",
    "disclosures",
    "case_recipients",
    "case_corrections",
    "dispute_notes",
    "breaches",
    "enforcement_notices",
    "enforcement_directions",
    "cessations",
)


def upgrade() -> None:
    _create_document_marks()
    _create_cases()
    _create_case_items()
    _create_case_proposals()
    _create_disclosures()
    _create_case_recipients()
    _create_case_corrections()
    _create_dispute_notes()
    _create_breaches()
    _create_enforcement_notices()
    _create_enforcement_directions()
    _create_cessations()
    guard("subject", *TABLES)
    _secure_rows()


def _secure_rows() -> None:
    """A reader sees a mark with its document, and no cessation notice (see 0008)."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    above = "(SELECT chopbook_above())"
    for table in ("document_marks", "cessations"):
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql(f"CREATE POLICY above ON {table} USING ({above}) WITH CHECK ({above})")
    seen = "EXISTS (SELECT FROM documents WHERE documents.id = document_marks.document)"
    connection.exec_driver_sql(f"CREATE POLICY seen ON document_marks FOR SELECT TO chopbook_reader USING ({seen})")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_document_marks() -> None:
    op.create_table(
        "document_marks",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_marks_entry_index"),
        sa.PrimaryKeyConstraint("document", "kind", "matter", name="pk_document_marks"),
    )
    op.create_index("ix_document_marks_kind_active", "document_marks", ["kind", "active"])


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("requestor", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("fee", BIG, nullable=True),
        sa.Column("fee_paid", sa.Boolean(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("refused_whole", sa.Boolean(), nullable=False),
        sa.Column("interim_on", sa.Text(), nullable=True),
        sa.Column("final_notice", BIG, nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("opened_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_cases_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_opened_index", "cases", ["opened_index"])
    op.create_index("ix_cases_person", "cases", ["person"])
    op.create_index("ix_cases_state_received_on", "cases", ["state", "received_on"])


def _create_case_items() -> None:
    op.create_table(
        "case_items",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("third_party", sa.Boolean(), nullable=False),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("refusal", BIG, nullable=True),
        sa.Column("marked_index", BIG, nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_case_items_entry_index"),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_case_items"),
    )


def _create_case_proposals() -> None:
    op.create_table(
        "case_proposals",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("exemption", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("prejudice", sa.Boolean(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_case_proposals_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_case_proposals"),
    )
    op.create_index("ix_case_proposals_case_id", "case_proposals", ["case_id"])


def _create_disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("disclosed_on", sa.Text(), nullable=False),
        sa.Column("still_using", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_disclosures_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_disclosures"),
    )
    op.create_index("ix_disclosures_kind_ref", "disclosures", ["kind", "ref"])


def _create_case_recipients() -> None:
    op.create_table(
        "case_recipients",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("disclosure", BIG, nullable=False),
        sa.Column("told_index", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_case_recipients_entry_index"),
        sa.PrimaryKeyConstraint("case_id", "recipient", name="pk_case_recipients"),
    )


def _create_case_corrections() -> None:
    op.create_table(
        "case_corrections",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("corrected_on", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_case_corrections_entry_index"),
        sa.PrimaryKeyConstraint("kind", "ref", name="pk_case_corrections"),
    )
    op.create_index("ix_case_corrections_case_id", "case_corrections", ["case_id"])


def _create_dispute_notes() -> None:
    op.create_table(
        "dispute_notes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("noted_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_dispute_notes_entry_index"),
        sa.PrimaryKeyConstraint("kind", "ref", name="pk_dispute_notes"),
    )
    op.create_index("ix_dispute_notes_case_id", "dispute_notes", ["case_id"])


def _create_breaches() -> None:
    op.create_table(
        "breaches",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("regimes", sa.Text(), nullable=False),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("known_at", BIG, nullable=False),
        sa.Column("people", BIG, nullable=True),
        sa.Column("data_kinds", sa.Text(), nullable=False),
        sa.Column("processor", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("notify_authority", sa.Boolean(), nullable=True),
        sa.Column("notify_people", sa.Boolean(), nullable=True),
        sa.Column("opened_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_breaches_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_breaches"),
    )
    op.create_index("ix_breaches_opened_index", "breaches", ["opened_index"])


def _create_enforcement_notices() -> None:
    op.create_table(
        "enforcement_notices",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("served_on", sa.Text(), nullable=False),
        sa.Column("opened_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_enforcement_notices_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_enforcement_notices"),
    )


def _create_enforcement_directions() -> None:
    op.create_table(
        "enforcement_directions",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("met_on", sa.Text(), nullable=True),
        sa.Column("met_index", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_enforcement_directions_entry_index"),
        sa.PrimaryKeyConstraint("notice", "number", name="pk_enforcement_directions"),
    )


def _create_cessations() -> None:
    op.create_table(
        "cessations",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("served_on", sa.Text(), nullable=False),
        sa.Column("opened_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_cessations_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_cessations"),
    )
    op.create_index("ix_cessations_document", "cessations", ["document"])
