"""Remember what code the warehouse was last built by: other code builds all of it anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a build from before it is forgotten, so that the next one is a whole one."""
    op.execute("DELETE FROM staging.last_build")
    op.add_column(
        "last_build",
        sa.Column("code", sa.Text(), nullable=False, comment="Digest of the dbt project that made all tables."),
        schema="staging",
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("last_build", "code", schema="staging")
