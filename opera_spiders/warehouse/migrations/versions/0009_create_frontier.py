"""Create ``staging.frontier``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "frontier",
        sa.Column("company_domain", sa.Text(collation="C"), nullable=False),
        sa.Column("url", sa.Text(collation="C"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Higher first."),
        sa.Column(
            "depth", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Links from a start page."
        ),
        sa.Column("page_type", sa.Text(), nullable=True, comment="The guess from the link."),
        sa.Column("found_on_url", sa.Text(), nullable=True),
        sa.Column("lastmod_at", sa.DateTime(timezone=True), nullable=True, comment="What the sitemap says."),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("octet_length(url) <= 2048", name=op.f("frontier_url_length_check")),
        sa.PrimaryKeyConstraint("company_domain", "url", name=op.f("frontier_pkey")),
        schema="staging",
        comment="One row per URL that a run found and left for the next.",
    )
    op.create_index(
        op.f("frontier_company_domain_priority_found_at_idx"),
        "frontier",
        ["company_domain", "priority", "found_at"],
        unique=False,
        schema="staging",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("frontier", schema="staging")
