"""The extractor of a crawl: built once, shared by the pipelines that need it, closed after the last page."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from opera_spiders.config import Config
from opera_spiders.errors import ExtractorUnusableError
from opera_spiders.extraction.extractor import Extraction, Extractor, PageToExtract
from opera_spiders.extraction.extractors import describe, make_extractor
from opera_spiders.outcomes import Outcome

logger = logging.getLogger(__name__)


class CrawlExtractor:
    """Owns the extractor that the configuration asks for, and is one.

    When it can read no page at all (a key that is refused, say), the crawl closes with the outcome ``failed``:
    pages that are staged wait for ``extract_pending``.
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
        owner = cls(make_extractor(config), crawler)
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
            return await self.extractor.extract(page)
        except ExtractorUnusableError as error:
            self._close_crawl(error)
            raise

    async def aclose(self) -> None:
        """Close the extractor; the pipelines have closed before."""
        await self.extractor.aclose()

    def _close_crawl(self, error: ExtractorUnusableError) -> None:
        if self._closing is not None:
            return
        logger.error("The crawl stops, as no page can be read; those stored are kept for extract_pending. %s", error)
        assert self.crawler.stats is not None
        assert self.crawler.engine is not None
        self.crawler.stats.set_value(f"opera/outcome/{Outcome.FAILED}", str(error))
        # Not awaited: closing waits for the very pages that are being read now.
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=Outcome.FAILED))
