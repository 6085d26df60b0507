"""Create ``staging.crawl_runs``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "crawl_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_domain", sa.Text(collation="C"), nullable=False),
        sa.Column("spider_args", JSONB(none_as_null=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=False,
            comment="running while it runs; then the outcome that set the exit status.",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="One line: why it ended so."),
        sa.Column("counts", JSONB(none_as_null=True), nullable=True, comment="The project's own stats (opera/...)."),
        sa.Column("stats", JSONB(none_as_null=True), nullable=True, comment="All stats of the crawl."),
        sa.Column(
            "session", sa.Text(), nullable=False, comment="application_name of the run's connections; gone = run dead."
        ),
        sa.Column("scraper_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("crawl_runs_pkey")),
        schema="staging",
        comment="One row per crawl of a company.",
    )
    op.create_index(
        op.f("crawl_runs_company_domain_started_at_idx"),
        "crawl_runs",
        ["company_domain", "started_at"],
        unique=False,
        schema="staging",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("crawl_runs", schema="staging")
