"""Remember what the last build of the warehouse was made from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "last_build",
        sa.Column("inputs", sa.Text(), nullable=False, comment="Digest of all that a build reads, before it began."),
        sa.Column("relations", sa.Text(), nullable=False, comment="Digest of what stood in the warehouse after it."),
        sa.Column("built_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("inputs", name=op.f("last_build_pkey")),
        schema="staging",
        comment="One row, once a whole build of the warehouse has succeeded; none while another runs.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("last_build", schema="staging")
