"""Create ``staging.reviews``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(collation="C"), nullable=False, comment="The page that prints the value."),
        sa.Column(
            "field",
            sa.Text(collation="C"),
            nullable=False,
            comment="The field by natural keys, such as cast_members[Tosca].performer.",
        ),
        sa.Column(
            "printed_value",
            sa.Text(collation="C"),
            nullable=False,
            comment="The value as printed; another one is another question.",
        ),
        sa.Column("decision", sa.Text(), nullable=False, comment="confirmed, corrected or rejected."),
        sa.Column("decided_value", sa.Text(), nullable=True, comment="The right value, when corrected."),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(decision = 'corrected') = (decided_value IS NOT NULL)", name=op.f("reviews_decided_value_check")
        ),
        sa.CheckConstraint("decision IN ('confirmed', 'corrected', 'rejected')", name=op.f("reviews_decision_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("reviews_pkey")),
        sa.UniqueConstraint("url", "field", "printed_value", name=op.f("reviews_url_field_printed_value_key")),
        schema="staging",
        comment="One row per value a person has judged.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("reviews", schema="staging")
