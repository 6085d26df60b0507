"""Create ``staging.stg_scraped_pages``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "stg_scraped_pages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(collation="C"), nullable=False, comment="Canonical URL, after redirects."),
        sa.Column(
            "company_domain", sa.Text(collation="C"), nullable=False, comment="Host, with its port when it names one."
        ),
        sa.Column(
            "scraped_at", sa.DateTime(timezone=True), nullable=False, comment="When this version was fetched first."
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the URL was last seen to show this version.",
        ),
        sa.Column(
            "html_content",
            sa.Text(),
            nullable=True,
            comment="Decoded text; null for binary content and where rights are reserved.",
        ),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=True,
            comment="Binary content (PDF); null for text and where rights are reserved.",
        ),
        sa.Column("status_code", sa.Integer(), nullable=False, comment="HTTP status."),
        sa.Column(
            "response_headers",
            JSONB(none_as_null=True),
            nullable=False,
            comment="Lower-case names to values, without cookies.",
        ),
        sa.Column("page_type", sa.Text(), nullable=True, comment="The crawler's guess from URL and content."),
        sa.Column("language", sa.Text(), nullable=True, comment="The page's own statement, ISO 639-1."),
        sa.Column(
            "checksum", sa.Text(), nullable=False, comment="SHA-256 of the page's blocks outside structural chrome."
        ),
        sa.Column("body_checksum", sa.Text(), nullable=False, comment="SHA-256 of the body as fetched."),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True, comment="Of the newest sighting, as sent."),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Of the newest sighting, as sent."),
        sa.Column("rendered", sa.Boolean(), nullable=False, comment="Whether a browser produced the content."),
        sa.Column(
            "rights",
            JSONB(none_as_null=True),
            nullable=False,
            comment="Rights signals that were in force, with their source.",
        ),
        sa.Column("crawl_run_id", sa.Uuid(), nullable=True, comment="The run that fetched this version first."),
        sa.Column("scraper_version", sa.Text(), nullable=False),
        sa.Column(
            "is_processed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether any extractor answered. For users: the crawl asks stg_llm_extractions instead.",
        ),
        sa.Column(
            "processed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the newest answer was stored. For users.",
        ),
        sa.CheckConstraint("html_content IS NULL OR body IS NULL", name=op.f("stg_scraped_pages_one_content_check")),
        sa.CheckConstraint("octet_length(url) <= 2048", name=op.f("stg_scraped_pages_url_length_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("stg_scraped_pages_pkey")),
        schema="staging",
        comment="One row per version of a URL: content that equals the latest version's only moves last_seen_at.",
    )
    op.create_index(
        "stg_scraped_pages_latest_idx",
        "stg_scraped_pages",
        ["company_domain", "url", "scraped_at", "id"],
        unique=False,
        schema="staging",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("stg_scraped_pages", schema="staging")
