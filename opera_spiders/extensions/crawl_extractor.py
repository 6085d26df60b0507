"""The extractor of a crawl: built once, shared by the pipelines that need it, closed after the last page."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from opera_spiders.config import Config
from opera_spiders.errors import BudgetSpentError, ExtractorUnusableError
from opera_spiders.extensions.database import Database
from opera_spiders.extraction.extractor import Extraction, Extractor, PageToExtract
from opera_spiders.extraction.extractors import budgets, describe, make_extractor
from opera_spiders.outcomes import Outcome
from opera_spiders.warehouse.answers import StoredAnswers
from opera_spiders.warehouse.site_chrome import StagedChrome

logger = logging.getLogger(__name__)


class CrawlExtractor:
    """Owns the extractor that the configuration asks for, and is one.

    When it can read no page at all, the crawl closes: with the outcome ``budget`` when the budget for models is spent,
    else (a key that is refused, say) ``failed``. Pages that are staged wait for ``extract_pending``.
    """

    def __init__(self, extractor: Extractor, crawler: Crawler) -> None:
        self.extractor = extractor
        self.crawler = crawler
        self.llm_model = extractor.llm_model
        self.extraction_version = extractor.extraction_version
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extractor.

        :raises BadInputError: the model cannot be used as configured
        :raises NotConfigured: OPERA_EXTRACTION is off
        """
        config = Config.from_settings(crawler.settings)
        if config.opera_extraction == "off":
            logger.info("OPERA_EXTRACTION is off: pages are staged, and wait for extract_pending")
            raise NotConfigured
        database = Database.of(crawler)
        answers = chrome = None
        if database.engine is not None:
            answers, chrome = StoredAnswers(database.begin, budgets(config)), StagedChrome(database.begin)
        owner = cls(make_extractor(config, answers, chrome), crawler)
        logger.info("Pages are read by %s.", describe(owner.extractor))
        crawler.signals.connect(owner.aclose, signal=signals.spider_closed)
        return owner

    @classmethod
    def of(cls, crawler: Crawler) -> Self | None:
        """Return the extractor of ``crawler``; None when extraction is off."""
        return crawler.get_extension(cls)

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return what the extractor reads.

        :raises ExtractorUnusableError: it can read no page; the crawl is closing
        """
        try:
            extraction = await self.extractor.extract(page)
        except ExtractorUnusableError as error:
            self._close_crawl(error)
            raise
        self._count(extraction)
        return extraction

    async def aclose(self) -> None:
        """Close the extractor; the pipelines have closed before."""
        await self.extractor.aclose()

    def _count(self, extraction: Extraction) -> None:
        """Add what a model cost to the stats of the crawl; an unknown cost counts as such, not as 0."""
        stats = self.crawler.stats
        assert stats is not None
        if extraction.llm_model == "rules":
            return
        stats.inc_value("opera/model/tokens_input", extraction.tokens_input or 0)
        stats.inc_value("opera/model/tokens_output", extraction.tokens_output or 0)
        if extraction.cost_usd is None:
            stats.inc_value("opera/model/costs_unknown")
        else:
            stats.set_value(
                "opera/model/cost_usd", stats.get_value("opera/model/cost_usd", 0.0) + float(extraction.cost_usd)
            )

    def _close_crawl(self, error: ExtractorUnusableError) -> None:
        if self._closing is not None:
            return
        assert self.crawler.stats is not None
        assert self.crawler.engine is not None
        if isinstance(error, BudgetSpentError):
            outcome = Outcome.BUDGET
            logger.warning("The crawl stops: %s", error)
        else:
            outcome = Outcome.FAILED
            logger.error(
                "The crawl stops, as no page can be read; those stored are kept for extract_pending. %s", error
            )
        self.crawler.stats.set_value(f"opera/outcome/{outcome}", str(error))
        # Not awaited: closing waits for the very pages that are being read now.
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=outcome))
