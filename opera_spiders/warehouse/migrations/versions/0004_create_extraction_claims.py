"""Create ``staging.extraction_claims``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "extraction_claims",
        sa.Column("scraped_page_id", sa.Uuid(), nullable=False),
        sa.Column("extraction_version", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False, comment="Who extracts the page now, or failed to."),
        sa.Column(
            "session",
            sa.Text(),
            nullable=False,
            comment="application_name of the worker's connections; gone = worker dead.",
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "leased_until", sa.DateTime(timezone=True), nullable=False, comment="Nobody else takes the page before."
        ),
        sa.Column(
            "failures_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Errors so far; each waits longer.",
        ),
        sa.ForeignKeyConstraint(
            ["scraped_page_id"],
            ["staging.stg_scraped_pages.id"],
            name=op.f("extraction_claims_scraped_page_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("scraped_page_id", "extraction_version", name=op.f("extraction_claims_pkey")),
        schema="staging",
        comment="One row per page version that is being extracted, or waits to be tried again after an error.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("extraction_claims", schema="staging")
