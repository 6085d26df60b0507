"""Create ``staging.host_state``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "host_state",
        sa.Column("host", sa.Text(collation="C"), nullable=False, comment="Host, with its port when it names one."),
        sa.Column("scheme", sa.Text(), nullable=True, comment="https, or http where the host offers nothing else."),
        sa.Column("robots_text", sa.Text(), nullable=True, comment="robots.txt as last fetched."),
        sa.Column("robots_status_code", sa.Integer(), nullable=True),
        sa.Column("robots_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "crawl_delay_seconds",
            sa.Numeric(precision=8, scale=3),
            nullable=True,
            comment="The pause in force between two requests.",
        ),
        sa.Column(
            "not_before_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Retry-After or a failing host: no request before.",
        ),
        sa.Column("failures_count", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="In a row."),
        sa.Column("details", JSONB(none_as_null=True), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("host_state_pkey")),
        schema="staging",
        comment="One row per host: what politeness must remember between runs.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("host_state", schema="staging")
