"""Create ``staging.llm_answers``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "llm_answers",
        sa.Column("cache_key", sa.Text(), nullable=False, comment="SHA-256 of content, schema, prompt and model."),
        sa.Column("llm_model", sa.Text(), nullable=False),
        sa.Column(
            "answer", JSONB(none_as_null=True), nullable=False, comment="What the model answered, before grounding."
        ),
        sa.Column("tokens_input", sa.Integer(), nullable=True),
        sa.Column("tokens_output", sa.Integer(), nullable=True),
        sa.Column("cost_usd", sa.Numeric(precision=12, scale=6), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("cache_key", name=op.f("llm_answers_pkey")),
        schema="staging",
        comment="One row per question a model has answered: the same content is never paid for twice.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("llm_answers", schema="staging")
