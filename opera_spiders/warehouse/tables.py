"""The tables of schema ``staging``: what was fetched, what was read from it, and what the crawl must remember.

Python alone writes them; dbt reads them as sources. A change here needs a migration (``alembic check`` tells).
The comments show in the database (``\\d+``).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "staging"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)

TIMESTAMP = DateTime(timezone=True)
C_TEXT = Text(collation="C")  # compared and sorted alike on every server
JSON = JSONB(none_as_null=True)

stg_scraped_pages = Table(
    "stg_scraped_pages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", C_TEXT, nullable=False, comment="Canonical URL, after redirects."),
    Column("company_domain", C_TEXT, nullable=False, comment="Host, with its port when it names one."),
    Column("scraped_at", TIMESTAMP, nullable=False, comment="When this version was fetched first."),
    Column("last_seen_at", TIMESTAMP, nullable=False, comment="When the URL was last seen to show this version."),
    Column("html_content", Text, comment="Decoded text; null for binary content and where rights are reserved."),
    Column("body", LargeBinary, comment="Binary content (PDF); null for text and where rights are reserved."),
    Column("status_code", Integer, nullable=False, comment="HTTP status."),
    Column("response_headers", JSON, nullable=False, comment="Lower-case names to values, without cookies."),
    Column("page_type", Text, comment="The crawler's guess from URL and content."),
    Column("language", Text, comment="The page's own statement, ISO 639-1."),
    Column("checksum", Text, nullable=False, comment="SHA-256 of the page's blocks outside structural chrome."),
    Column("body_checksum", Text, nullable=False, comment="SHA-256 of the body as fetched."),
    Column("content_type", Text),
    Column("etag", Text, comment="Of the newest sighting, as sent."),
    Column("last_modified", Text, comment="Of the newest sighting, as sent."),
    Column("sitemap_lastmod", Text, comment="What the sitemap said at the newest sighting, as printed."),
    Column("rendered", Boolean, nullable=False, comment="Whether a browser produced the content."),
    Column("rights", JSON, nullable=False, comment="Rights signals that were in force, with their source."),
    Column("crawl_run_id", Uuid, comment="The run that fetched this version first."),
    Column("scraper_version", Text, nullable=False),
    Column(
        "is_processed",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether any extractor answered. For users: the crawl asks stg_llm_extractions instead.",
    ),
    Column("processed_at", TIMESTAMP, comment="When the newest answer was stored. For users."),
    # A B-tree entry holds 2,704 bytes at most; a longer address fails here with a name instead of there with a riddle.
    CheckConstraint("octet_length(url) <= 2048", name="url_length"),
    CheckConstraint("html_content IS NULL OR body IS NULL", name="one_content"),
    Index("stg_scraped_pages_latest_idx", "company_domain", "url", "scraped_at", "id"),
    comment="One row per version of a URL: content that equals the latest version's only moves last_seen_at.",
)

stg_llm_extractions = Table(
    "stg_llm_extractions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("scraped_page_id", Uuid, ForeignKey(stg_scraped_pages.c.id, ondelete="CASCADE"), nullable=False),
    Column("extracted_at", TIMESTAMP, nullable=False, server_default=func.now()),
    Column(
        "extraction_version",
        Text,
        nullable=False,
        comment="Digest of extractor, model, prompt and schema; for rules, of its code and vocabularies.",
    ),
    Column("llm_model", Text, nullable=False, comment="provider:model, rules, or review."),
    Column("raw_response", JSON, comment="A PageExtraction; null when the extraction failed."),
    Column("evidence", JSON, nullable=False, comment="JSON Pointer of each value to block, xpath, quote and status."),
    Column("confidence_score", Numeric(3, 2), comment="That every non-null value of the page is right, 0 to 1."),
    Column("is_validated", Boolean, nullable=False),
    Column("validation_errors", JSON, nullable=False, comment="[{pointer, error}]: only these values are held back."),
    Column("tokens_input", Integer),
    Column("tokens_output", Integer),
    Column("cost_usd", Numeric(12, 6)),
    Column("error", Text, comment="Why there is no answer; null when there is one."),
    UniqueConstraint("scraped_page_id", "extraction_version"),
    CheckConstraint("(raw_response IS NULL) <> (error IS NULL)", name="answer_or_error"),
    CheckConstraint("confidence_score BETWEEN 0 AND 1", name="confidence_score"),
    comment="One row per page version and extraction version: an answer or an error, never neither.",
)

extraction_claims = Table(
    "extraction_claims",
    metadata,
    Column("scraped_page_id", Uuid, ForeignKey(stg_scraped_pages.c.id, ondelete="CASCADE"), primary_key=True),
    Column("extraction_version", Text, primary_key=True),
    Column("worker", Text, nullable=False, comment="Who extracts the page now, or failed to."),
    Column(
        "session", Text, nullable=False, comment="application_name of the worker's connections; gone = worker dead."
    ),
    Column("claimed_at", TIMESTAMP, nullable=False),
    Column("leased_until", TIMESTAMP, nullable=False, comment="Nobody else takes the page before."),
    Column(
        "failures_count", Integer, nullable=False, server_default=text("0"), comment="Errors so far; each waits longer."
    ),
    comment="One row per page version that is being extracted, or waits to be tried again after an error.",
)

crawl_runs = Table(
    "crawl_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("company_domain", C_TEXT, nullable=False),
    Column("spider_args", JSON, nullable=False),
    Column("started_at", TIMESTAMP, nullable=False),
    Column("finished_at", TIMESTAMP),
    Column(
        "outcome", Text, nullable=False, comment="running while it runs; then the outcome that set the exit status."
    ),
    Column("reason", Text, comment="One line: why it ended so."),
    Column("counts", JSON, comment="The project's own stats (opera/...)."),
    Column("stats", JSON, comment="All stats of the crawl."),
    Column("session", Text, nullable=False, comment="application_name of the run's connections; gone = run dead."),
    Column("scraper_version", Text, nullable=False),
    Index(None, "company_domain", "started_at"),
    comment="One row per crawl of a company.",
)

llm_answers = Table(
    "llm_answers",
    metadata,
    Column("cache_key", Text, primary_key=True, comment="SHA-256 of content, schema, prompt and model."),
    Column("llm_model", Text, nullable=False),
    Column("answer", JSON, comment="What the model answered, before grounding; null while it is being asked."),
    Column(
        "is_too_long",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Question or answer exceeds the model: each half of the content is a question of its own.",
    ),
    Column("session", Text, comment="Who asks now: application_name of its connections; gone = not asking."),
    Column("claimed_until", TIMESTAMP, comment="Nobody else asks before."),
    Column("tokens_input", Integer),
    Column("tokens_output", Integer),
    Column("cost_usd", Numeric(12, 6)),
    Column("created_at", TIMESTAMP, nullable=False, server_default=func.now()),
    comment="One row per question to a model: the same content is never paid for twice.",
)

llm_calls = Table(
    "llm_calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("asked_at", TIMESTAMP, nullable=False, server_default=func.now()),
    Column("ended_at", TIMESTAMP),
    Column(
        "state",
        Text,
        nullable=False,
        server_default=text("'asked'"),
        comment="asked, while it runs or when its process died; answered; refused (HTTP error); lost (time-out).",
    ),
    Column("llm_model", Text, nullable=False),
    Column("cache_key", Text, nullable=False, comment="The question."),
    Column("scraped_page_id", Uuid, nullable=False, comment="The page version it was asked for."),
    Column("extraction_version", Text, nullable=False),
    Column("crawl_run_id", Uuid, comment="The crawl that asked; null outside of crawls."),
    Column("tokens_input", Integer),
    Column("tokens_output", Integer),
    Column("cost_usd", Numeric(18, 10), comment="Null when the price, or what the server counted, is unknown."),
    Column("estimated_cost_usd", Numeric(18, 10), comment="Counts towards budgets when the cost is unknown."),
    CheckConstraint("state IN ('asked', 'answered', 'refused', 'lost')", name="state"),
    Index(None, "asked_at"),
    Index(None, "crawl_run_id"),
    Index(None, "scraped_page_id", "extraction_version"),
    comment="One row per request to a model: what each page, crawl and day cost.",
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", C_TEXT, nullable=False, comment="The page that prints the value."),
    Column(
        "field", C_TEXT, nullable=False, comment="The field by natural keys, such as cast_members[Tosca].performer."
    ),
    Column("printed_value", C_TEXT, nullable=False, comment="The value as printed; another one is another question."),
    Column("decision", Text, nullable=False, comment="confirmed, corrected or rejected."),
    Column("decided_value", Text, comment="The right value, when corrected."),
    Column("reviewer", Text, nullable=False),
    Column("note", Text),
    Column("decided_at", TIMESTAMP, nullable=False, server_default=func.now()),
    UniqueConstraint("url", "field", "printed_value"),
    CheckConstraint("decision IN ('confirmed', 'corrected', 'rejected')", name="decision"),
    CheckConstraint("(decision = 'corrected') = (decided_value IS NOT NULL)", name="decided_value"),
    comment="One row per value a person has judged.",
)

resolution_decisions = Table(
    "resolution_decisions",
    metadata,
    Column("entity", C_TEXT, primary_key=True, comment="Table of core: performers or opera_works."),
    Column("left_key", C_TEXT, primary_key=True, comment="A name as printed, or a key of core.resolution_candidates."),
    Column("right_key", C_TEXT, primary_key=True, comment="The other one, which comes later in order."),
    Column("decision", Text, nullable=False, comment="same or different."),
    Column("reason", Text),
    Column("decided_at", TIMESTAMP, nullable=False, server_default=func.now()),
    CheckConstraint("entity IN ('performers', 'opera_works')", name="entity"),
    CheckConstraint("decision IN ('same', 'different')", name="decision"),
    CheckConstraint("left_key < right_key", name="order"),
    comment="One row per two names a person has judged: builds obey it.",
)

last_build = Table(
    "last_build",
    metadata,
    Column("inputs", Text, primary_key=True, comment="Digest of all that a build reads, before it began."),
    Column("relations", Text, nullable=False, comment="Digest of what stood in the warehouse after it."),
    Column("built_at", TIMESTAMP, nullable=False, server_default=func.now()),
    Column("code", Text, nullable=False, comment="Digest of the dbt project that made all tables."),
    comment="What the last whole build was made from, in one row; digests are empty until a build has succeeded.",
)

host_state = Table(
    "host_state",
    metadata,
    Column("host", C_TEXT, primary_key=True, comment="Host, with its port when it names one."),
    Column("scheme", Text, comment="https, or http where the host offers nothing else."),
    Column("not_before_at", TIMESTAMP, comment="Retry-After or a failing host: no request before."),
    Column("failures_count", Integer, nullable=False, server_default=text("0"), comment="In a row."),
    Column("details", JSON, nullable=False, server_default=text("'{}'")),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=func.now()),
    comment="One row per host: what politeness must remember between runs.",
)

site_answers = Table(
    "site_answers",
    metadata,
    Column("url", C_TEXT, primary_key=True, comment="As asked for."),
    Column("status_code", Integer, nullable=False),
    Column("response_headers", JSON, nullable=False, comment="Lower-case names to values, without cookies."),
    Column("body", LargeBinary, nullable=False, comment="As sent; empty for redirects and errors."),
    Column("last_seen_at", TIMESTAMP, nullable=False, comment="When the host last said so."),
    CheckConstraint("octet_length(url) <= 2048", name="url_length"),
    comment="One row per address that answers with no page: robots.txt, sitemaps, statements about rights, "
    "redirects, what is not there. Nodes share them as they share pages.",
)

frontier = Table(
    "frontier",
    metadata,
    Column("company_domain", C_TEXT, primary_key=True),
    Column("url", C_TEXT, primary_key=True),
    Column("priority", Integer, nullable=False, server_default=text("0"), comment="Higher first."),
    Column("depth", Integer, nullable=False, server_default=text("0"), comment="Links from a start page."),
    Column("page_type", Text, comment="The guess from the link."),
    Column("found_at", TIMESTAMP, nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(url) <= 2048", name="url_length"),
    Index(None, "company_domain", "priority", "found_at"),
    comment="One row per URL that a run found and left for the next.",
)
