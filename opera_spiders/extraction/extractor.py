"""What every extractor takes and gives, whatever reads the page: rules, a model, or a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from opera_spiders.extraction.blocks import PageBlocks


@dataclass(frozen=True, slots=True)
class PageToExtract:
    """One page as an extractor sees it. ``fetched_at`` (UTC) resolves relative dates and missing years."""

    blocks: PageBlocks
    fetched_at: datetime
    company_domain: str
    language: str | None = None  # the company's usual page language, when the page does not say
    page_type: str | None = None  # the crawler's guess
    page_id: UUID | None = None  # of the stored version, to which costs are put down
    crawl_run_id: UUID | None = None  # of the crawl that reads it now


@dataclass(frozen=True, slots=True)
class Extraction:
    """One row of ``staging.stg_llm_extractions``: an answer or an error, never neither, never both.

    ``raw_response`` is a PageExtraction as JSON; ``evidence`` maps JSON Pointers of its non-null leaves to
    ``{"block", "xpath", "quote", "status"}``, with ``"disagreement"`` where rules read a model's field differently;
    ``validation_errors`` is a list of ``{"pointer", "error"}``.
    """

    extraction_version: str
    llm_model: str
    raw_response: dict[str, Any] | None = None
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    confidence_score: Decimal | None = None
    is_validated: bool = False
    validation_errors: list[dict[str, str]] = field(default_factory=list)
    tokens_input: int | None = None
    tokens_output: int | None = None
    cost_usd: Decimal | None = None
    error: str | None = None


class Extractor(Protocol):
    """Reads pages. ``extract`` never raises for a bad page or answer: it returns an Extraction with ``error``."""

    llm_model: str  # "rules", or the configured "provider:model"
    extraction_version: str

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return what the page states, checked, or the error that kept it from being read."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...
