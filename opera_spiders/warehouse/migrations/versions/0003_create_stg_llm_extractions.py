"""Create ``staging.stg_llm_extractions``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and what its queries need."""
    op.create_table(
        "stg_llm_extractions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scraped_page_id", sa.Uuid(), nullable=False),
        sa.Column("extracted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "extraction_version",
            sa.Text(),
            nullable=False,
            comment="Digest of extractor, model, prompt and schema; for rules, of its code and vocabularies.",
        ),
        sa.Column("llm_model", sa.Text(), nullable=False, comment="provider:model, rules, or review."),
        sa.Column(
            "raw_response",
            JSONB(none_as_null=True),
            nullable=True,
            comment="A PageExtraction; null when the extraction failed.",
        ),
        sa.Column(
            "evidence",
            JSONB(none_as_null=True),
            nullable=False,
            comment="JSON Pointer of each value to block, xpath, quote and status.",
        ),
        sa.Column(
            "confidence_score",
            sa.Numeric(precision=3, scale=2),
            nullable=True,
            comment="That every non-null value of the page is right, 0 to 1.",
        ),
        sa.Column("is_validated", sa.Boolean(), nullable=False),
        sa.Column(
            "validation_errors",
            JSONB(none_as_null=True),
            nullable=False,
            comment="[{pointer, error}]: only these values are held back.",
        ),
        sa.Column("tokens_input", sa.Integer(), nullable=True),
        sa.Column("tokens_output", sa.Integer(), nullable=True),
        sa.Column("cost_usd", sa.Numeric(precision=12, scale=6), nullable=True),
        sa.Column("error", sa.Text(), nullable=True, comment="Why there is no answer; null when there is one."),
        sa.CheckConstraint(
            "(raw_response IS NULL) <> (error IS NULL)", name=op.f("stg_llm_extractions_answer_or_error_check")
        ),
        sa.CheckConstraint("confidence_score BETWEEN 0 AND 1", name=op.f("stg_llm_extractions_confidence_score_check")),
        sa.ForeignKeyConstraint(
            ["scraped_page_id"],
            ["staging.stg_scraped_pages.id"],
            name=op.f("stg_llm_extractions_scraped_page_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("stg_llm_extractions_pkey")),
        sa.UniqueConstraint(
            "scraped_page_id",
            "extraction_version",
            name=op.f("stg_llm_extractions_scraped_page_id_extraction_version_key"),
        ),
        schema="staging",
        comment="One row per page version and extraction version: an answer or an error, never neither.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("stg_llm_extractions", schema="staging")
