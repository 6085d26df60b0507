"""Say what the row of the last build holds while a build runs."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = "One row, once a whole build of the warehouse has succeeded; none while another runs."
AFTER = "What the last whole build was made from, in one row; digests are empty until a build has succeeded."


def upgrade() -> None:
    """Replace the table's comment."""
    op.create_table_comment("last_build", AFTER, existing_comment=BEFORE, schema="staging")


def downgrade() -> None:
    """Put the old comment back."""
    op.create_table_comment("last_build", BEFORE, existing_comment=AFTER, schema="staging")
