"""Every SQL statement of the crawl. Callers own the transaction; nothing here commits.

A *version* of a page is one row of ``stg_scraped_pages``; a page is compared with its URL's latest version only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from opera_spiders.extraction.extractor import Extraction
from opera_spiders.items import FetchedPage


@dataclass(frozen=True, slots=True)
class LatestPage:
    """The latest version of a URL."""

    page_id: UUID
    checksum: str
    scraped_at: datetime
    last_seen_at: datetime
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class PendingPage:
    """A staged version whose extraction this process has claimed."""

    page_id: UUID
    url: str
    company_domain: str
    scraped_at: datetime
    content_type: str | None
    html_content: str | None
    body: bytes | None
    page_type: str | None
    language: str | None


async def latest_page(connection: AsyncConnection, company_domain: str, url: str) -> LatestPage | None:
    """Return the latest version of ``url``."""
    raise NotImplementedError


async def needs_extraction(connection: AsyncConnection, page_id: UUID, extraction_version: str, llm_model: str) -> bool:
    """Tell whether the page has no extraction by this version or by a better extractor (review > model > rules)."""
    raise NotImplementedError


async def record_sighting(connection: AsyncConnection, page_id: UUID, page: FetchedPage) -> None:
    """Move ``last_seen_at`` forward (never back) and keep the newest validators (ETag, Last-Modified)."""
    raise NotImplementedError


async def save_page(connection: AsyncConnection, page: FetchedPage) -> UUID:
    """Return the id of the page's version: the latest one when its checksum is equal, else a new row's.

    Concurrent crawls of one URL serialise on an advisory lock, so no version is stored twice.
    """
    raise NotImplementedError


async def save_extraction(connection: AsyncConnection, page_id: UUID, extraction: Extraction) -> None:
    """Store an answer or an error; a repeated (page, version) replaces an error, never an answer by an error."""
    raise NotImplementedError


async def claim_page(connection: AsyncConnection, page_id: UUID, extraction_version: str, worker: str, lease_seconds: int) -> bool:
    """Claim one page for extraction; False when another worker holds an unexpired lease on it."""
    raise NotImplementedError


async def claim_pending(
    connection: AsyncConnection,
    extraction_version: str,
    llm_model: str,
    worker: str,
    lease_seconds: int,
    limit: int,
    company_domains: Sequence[str] = (),
    all_versions: bool = False,
) -> list[PendingPage]:
    """Claim up to ``limit`` pending pages with ``FOR UPDATE SKIP LOCKED``. Claims end with the stored row or the lease."""
    raise NotImplementedError


async def count_pending(
    connection: AsyncConnection,
    extraction_version: str,
    llm_model: str,
    company_domains: Sequence[str] = (),
    all_versions: bool = False,
) -> int:
    """Return how many pages are pending, claimed or not."""
    raise NotImplementedError


async def start_crawl_run(connection: AsyncConnection, run_id: UUID, company_domain: str, spider_args: dict[str, Any], started_at: datetime) -> None:
    """Open the run's row with outcome ``running``; mark this domain's dead ``running`` rows ``interrupted``."""
    raise NotImplementedError


async def finish_crawl_run(
    connection: AsyncConnection, run_id: UUID, outcome: str, reason: str, finished_at: datetime, stats: dict[str, Any]
) -> None:
    """Close the run's row."""
    raise NotImplementedError


async def validators(connection: AsyncConnection, company_domain: str, url: str) -> tuple[str | None, str | None]:
    """Return (ETag, Last-Modified) of the latest version of ``url``."""
    raise NotImplementedError
