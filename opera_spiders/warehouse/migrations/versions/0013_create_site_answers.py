"""Create ``staging.site_answers``, which takes robots.txt from ``staging.host_state``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Read by nothing: robots.txt is an answer like others, and its delay stands in it.
MOVED = (
    sa.Column("robots_text", sa.Text(), comment="robots.txt as last fetched."),
    sa.Column("robots_status_code", sa.Integer()),
    sa.Column("robots_fetched_at", sa.DateTime(timezone=True)),
    sa.Column("crawl_delay_seconds", sa.Numeric(8, 3), comment="The pause in force between two requests."),
)


def upgrade() -> None:
    """Create the table, let the crawl write it, and drop what it replaces."""
    op.create_table(
        "site_answers",
        sa.Column("url", sa.Text(collation="C"), nullable=False, comment="As asked for."),
        sa.Column("status_code", sa.Integer(), nullable=False),
        sa.Column(
            "response_headers",
            JSONB(none_as_null=True),
            nullable=False,
            comment="Lower-case names to values, without cookies.",
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="As sent; empty for redirects and errors."),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When the host last said so."),
        sa.CheckConstraint("octet_length(url) <= 2048", name=op.f("site_answers_url_length_check")),
        sa.PrimaryKeyConstraint("url", name=op.f("site_answers_pkey")),
        schema="staging",
        comment="One row per address that answers with no page: robots.txt, sitemaps, statements about rights, "
        "redirects, what is not there. Nodes share them as they share pages.",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON staging.site_answers TO opera_ingest")
    for column in MOVED:
        op.drop_column("host_state", column.name, schema="staging")


def downgrade() -> None:
    """Drop the table and bring back the columns, empty."""
    for column in MOVED:
        op.add_column("host_state", column, schema="staging")
    op.drop_table("site_answers", schema="staging")
