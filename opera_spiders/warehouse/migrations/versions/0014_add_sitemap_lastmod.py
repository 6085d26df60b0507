"""Add ``sitemap_lastmod`` to ``staging.stg_scraped_pages``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "stg_scraped_pages",
        sa.Column("sitemap_lastmod", sa.Text(), comment="What the sitemap said at the newest sighting, as printed."),
        schema="staging",
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("stg_scraped_pages", "sitemap_lastmod", schema="staging")
