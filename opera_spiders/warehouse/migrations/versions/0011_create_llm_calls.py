"""Create ``staging.llm_calls``, which the crawl's role keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "llm_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Text(),
            server_default=sa.text("'asked'"),
            nullable=False,
            comment="asked, while it runs or when its process died; answered; refused (HTTP error); lost (time-out).",
        ),
        sa.Column("llm_model", sa.Text(), nullable=False),
        sa.Column("cache_key", sa.Text(), nullable=False, comment="The question."),
        sa.Column("scraped_page_id", sa.Uuid(), nullable=False, comment="The page version it was asked for."),
        sa.Column("extraction_version", sa.Text(), nullable=False),
        sa.Column("crawl_run_id", sa.Uuid(), nullable=True, comment="The crawl that asked; null outside of crawls."),
        sa.Column("tokens_input", sa.Integer(), nullable=True),
        sa.Column("tokens_output", sa.Integer(), nullable=True),
        sa.Column(
            "cost_usd",
            sa.Numeric(precision=18, scale=10),
            nullable=True,
            comment="Null when the price, or what the server counted, is unknown.",
        ),
        sa.Column(
            "estimated_cost_usd",
            sa.Numeric(precision=18, scale=10),
            nullable=True,
            comment="Counts towards budgets when the cost is unknown.",
        ),
        sa.CheckConstraint("state IN ('asked', 'answered', 'refused', 'lost')", name=op.f("llm_calls_state_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("llm_calls_pkey")),
        schema="staging",
        comment="One row per request to a model: what each page, crawl and day cost.",
    )
    for columns in (["asked_at"], ["crawl_run_id"], ["scraped_page_id", "extraction_version"]):
        op.create_index(op.f(f"llm_calls_{'_'.join(columns)}_idx"), "llm_calls", columns, schema="staging")
    op.execute("GRANT SELECT, INSERT, UPDATE ON staging.llm_calls TO opera_ingest")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("llm_calls", schema="staging")
