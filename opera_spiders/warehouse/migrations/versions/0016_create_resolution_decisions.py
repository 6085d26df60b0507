"""Create ``staging.resolution_decisions``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "resolution_decisions",
        sa.Column(
            "entity", sa.Text(collation="C"), nullable=False, comment="Table of core: performers or opera_works."
        ),
        sa.Column(
            "left_key",
            sa.Text(collation="C"),
            nullable=False,
            comment="A name as printed, or a key of core.resolution_candidates.",
        ),
        sa.Column(
            "right_key", sa.Text(collation="C"), nullable=False, comment="The other one, which comes later in order."
        ),
        sa.Column("decision", sa.Text(), nullable=False, comment="same or different."),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("decision IN ('same', 'different')", name=op.f("resolution_decisions_decision_check")),
        sa.CheckConstraint("entity IN ('performers', 'opera_works')", name=op.f("resolution_decisions_entity_check")),
        sa.CheckConstraint("left_key < right_key", name=op.f("resolution_decisions_order_check")),
        sa.PrimaryKeyConstraint("entity", "left_key", "right_key", name=op.f("resolution_decisions_pkey")),
        schema="staging",
        comment="One row per two names a person has judged: builds obey it.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("resolution_decisions", schema="staging")
