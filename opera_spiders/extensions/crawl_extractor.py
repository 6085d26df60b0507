"""The extractor of a crawl: built once, shared by the pipelines that need it, closed after the last page."""

from __future__ import annotations

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from opera_spiders.config import Config
from opera_spiders.extraction.extractor import Extractor
from opera_spiders.extraction.extractors import describe, make_extractor

logger = logging.getLogger(__name__)


class CrawlExtractor:
    """Owns the extractor that the configuration asks for."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor = extractor

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extractor.

        :raises BadInputError: the model cannot be used as configured
        """
        owner = cls(make_extractor(Config.from_settings(crawler.settings)))
        logger.info("Pages are read by %s.", describe(owner.extractor))
        crawler.signals.connect(owner.spider_closed, signal=signals.spider_closed)
        return owner

    @classmethod
    def of(cls, crawler: Crawler) -> Extractor:
        """Return the extractor of ``crawler``."""
        owner = crawler.get_extension(cls)
        assert owner is not None, f"{cls.__name__} is missing from EXTENSIONS"
        return owner.extractor

    async def spider_closed(self) -> None:
        """Close the extractor; the pipelines have closed before."""
        await self.extractor.aclose()
