"""Drop the columns of ``staging.frontier`` that nothing reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the columns."""
    op.drop_column("frontier", "found_on_url", schema="staging")
    op.drop_column("frontier", "lastmod_at", schema="staging")


def downgrade() -> None:
    """Bring the columns back, empty."""
    op.add_column("frontier", sa.Column("found_on_url", sa.Text()), schema="staging")
    op.add_column(
        "frontier",
        sa.Column("lastmod_at", sa.DateTime(timezone=True), comment="What the sitemap says."),
        schema="staging",
    )
