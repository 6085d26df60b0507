"""Let the crawl's role do on ``staging`` what the crawl does, and no more."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WRITTEN = "stg_scraped_pages, stg_llm_extractions, extraction_claims, crawl_runs, llm_answers, host_state, frontier"
# What has served its purpose is deleted; pages, answers and runs never are.
DELETED = "extraction_claims, frontier"


def upgrade() -> None:
    """Grant."""
    op.execute("SET LOCAL search_path = staging")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {WRITTEN} TO opera_ingest")
    op.execute(f"GRANT DELETE ON {DELETED} TO opera_ingest")
    op.execute("GRANT SELECT ON reviews TO opera_ingest")
    op.execute("RESET search_path")


def downgrade() -> None:
    """Revoke."""
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA staging FROM opera_ingest")
