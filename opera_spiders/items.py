"""The stations of one page on its way through the pipelines."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from opera_spiders.extraction.blocks import PageBlocks
from opera_spiders.extraction.extractor import Extraction


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as fetched. ``body`` is after content decoding; ``text`` is None for binary content.

    ``response_headers`` maps lower-case names to values; cookies are left out. ``blocks`` are parsed once, here.
    """

    url: str
    company_domain: str
    fetched_at: datetime
    status_code: int
    response_headers: dict[str, str]
    body: bytes
    text: str | None
    content_type: str | None
    page_type: str
    language: str | None
    etag: str | None
    last_modified: str | None
    rendered: bool
    rights: dict[str, Any]
    body_checksum: str
    blocks: PageBlocks
    crawl_run_id: UUID | None = None
    sitemap_lastmod: str | None = None

    def to_feed(self) -> dict[str, Any]:
        """Return the columns of ``staging.stg_scraped_pages`` as JSON-ready values.

        A binary body is base64, content that was not kept null.
        """
        return {
            "url": self.url,
            "company_domain": self.company_domain,
            "scraped_at": self.fetched_at.isoformat(),
            "html_content": self.text,
            "body": None if self.text is not None or not self.body else base64.b64encode(self.body).decode("ascii"),
            "status_code": self.status_code,
            "response_headers": self.response_headers,
            "page_type": self.page_type,
            "language": self.language,
            "checksum": self.blocks.checksum,
            "body_checksum": self.body_checksum,
            "content_type": self.content_type,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "sitemap_lastmod": self.sitemap_lastmod,
            "rendered": self.rendered,
            "rights": self.rights,
        }


@dataclass(frozen=True, slots=True)
class StagedPage:
    """A page that is stored; ``page_id`` is None only when the database is off."""

    page: FetchedPage
    page_id: UUID | None

    def to_feed(self) -> dict[str, Any]:
        """Return the page's columns."""
        return self.page.to_feed()


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """A stored page with what an extractor read from it."""

    page: FetchedPage
    page_id: UUID | None
    extraction: Extraction

    def to_feed(self) -> dict[str, Any]:
        """Return the page's columns and the extraction's."""
        return {**self.page.to_feed(), "extraction": extraction_to_feed(self.extraction)}


def extraction_to_feed(extraction: Extraction) -> dict[str, Any]:
    """Return the columns of ``staging.stg_llm_extractions`` that an extractor fills, as JSON-ready values.

    Evidence is a list here: JSON Pointers are no names for the elements of an XML feed.
    """
    score = extraction.confidence_score
    return {
        "extraction_version": extraction.extraction_version,
        "llm_model": extraction.llm_model,
        "raw_response": extraction.raw_response,
        "evidence": [{"pointer": pointer, **found} for pointer, found in extraction.evidence.items()],
        "confidence_score": None if score is None else float(score),
        "is_validated": extraction.is_validated,
        "validation_errors": extraction.validation_errors,
        "error": extraction.error,
    }
