"""Pages as the crawl leaves them: a version, an answer, and evidence for each of its values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, insert

from opera_spiders.warehouse.tables import stg_llm_extractions, stg_scraped_pages
from sample_houses.answers import page_extraction
from sample_houses.server import BASE_PORT, EXPECTED, PAGES, SITES

SCRAPED_AT = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """One version of a page with what was read from it.

    ``answer`` is a PageExtraction without nulls, empty lists and blocks. Every leaf is ``verified`` but for ``statuses``
    (JSON Pointer → status; None leaves the leaf without evidence); ``held_back`` lists pointers that validation refused.
    """

    url: str
    answer: dict[str, Any] | None
    statuses: Mapping[str, str | None] = field(default_factory=dict)
    held_back: Sequence[str] = ()
    scraped_at: datetime = SCRAPED_AT
    last_seen_at: datetime | None = None
    extracted_at: datetime | None = None
    llm_model: str = "rules"
    extraction_version: str = "v1"

    @property
    def company_domain(self) -> str:
        return self.url.split("/")[2]

    @property
    def page_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.url} {self.scraped_at.isoformat()}")

    def version(self) -> dict[str, Any]:
        """Return the page's row of ``staging.stg_scraped_pages``."""
        checksum = hashlib.sha256(self.page_id.bytes).hexdigest()
        return {
            "id": self.page_id,
            "url": self.url,
            "company_domain": self.company_domain,
            "scraped_at": self.scraped_at,
            "last_seen_at": self.last_seen_at or self.scraped_at,
            "html_content": "<p>Sample data</p>",
            "status_code": 200,
            "response_headers": {},
            "checksum": checksum,
            "body_checksum": checksum,
            "rendered": False,
            "rights": {},
            "scraper_version": "test",
        }

    def extraction(self) -> dict[str, Any]:
        """Return the row of ``staging.stg_llm_extractions``: an error when there is no answer."""
        raw_response = None if self.answer is None else page_extraction(self.answer, block="b1").model_dump(mode="json")
        return {
            "id": uuid5(self.page_id, f"{self.llm_model} {self.extraction_version}"),
            "scraped_page_id": self.page_id,
            "extracted_at": self.extracted_at or self.scraped_at,
            "extraction_version": self.extraction_version,
            "llm_model": self.llm_model,
            "raw_response": raw_response,
            "evidence": {} if raw_response is None else self.evidence(raw_response),
            "is_validated": raw_response is not None,
            "validation_errors": [{"pointer": pointer, "error": "refused"} for pointer in self.held_back],
            "error": "The model gave no answer." if raw_response is None else None,
        }

    def evidence(self, raw_response: dict[str, Any]) -> dict[str, Any]:
        statuses = {pointer: self.statuses.get(pointer, "verified") for pointer, _ in leaves(raw_response)}
        return {
            pointer: {"block": "b1", "xpath": "/p", "quote": str(value), "status": statuses[pointer]}
            for pointer, value in leaves(raw_response)
            if statuses[pointer] is not None
        }


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (JSON Pointer, value) of every non-null leaf; block ids are no facts."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "block":
                yield from leaves(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{index}")
    elif value is not None:
        yield pointer, value


def store(connection: Connection, pages: Sequence[Page]) -> None:
    """Insert the pages in the order given. Pages of one URL and time are one version with several extractions."""
    known: set[UUID] = set()
    for page in pages:
        if page.page_id not in known:
            connection.execute(insert(stg_scraped_pages), page.version())
            known.add(page.page_id)
        connection.execute(insert(stg_llm_extractions), page.extraction())


def sample_pages() -> list[Page]:
    """Return the pages of the sample houses as a perfect extractor would have read them."""
    pages = []
    for number, site in enumerate(SITES):
        origin = f"http://127.0.0.1:{BASE_PORT + number}"
        for file in sorted((PAGES / site.slug).rglob(f"*{EXPECTED}")):
            path = file.relative_to(PAGES / site.slug).as_posix().removesuffix(EXPECTED)
            pages.append(Page(f"{origin}/{path}", json.loads(file.read_text("utf-8").replace("{{origin}}", origin))))
    return pages
