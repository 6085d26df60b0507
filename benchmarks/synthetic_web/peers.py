"""What others do on the same web: Scrapy's own spiders as its documentation shows them, and a plain breadth-first crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule, SitemapSpider

PEER_SETTINGS: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_DELAY": 0,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "ERROR",
    "CONCURRENT_REQUESTS": 1,
    "RETRY_TIMES": 0,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    "CLOSESPIDER_PAGECOUNT": 1500,  # without it none of the endless houses would end
}


class FollowAll(CrawlSpider):
    """Scrapy's CrawlSpider with one rule: follow every link of the site; and the sitemaps that robots.txt lists."""

    name = "scrapy"
    rules = (Rule(LinkExtractor(), callback="parse_item", follow=True),)

    def __init__(self, domain: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Scrapy's off-site filter knows no ports; the link extractor's pattern does.
        self.allowed_domains = [domain.partition(":")[0]]
        self.rules = (Rule(LinkExtractor(allow=rf"^http://{domain}/"), callback="parse_item", follow=True),)
        self._compile_rules()
        self.start_urls = [f"http://{domain}/"]
        self._sitemaps = SitemapSpider(
            name="sitemaps", sitemap_urls=[f"http://{domain}/robots.txt", f"http://{domain}/sitemap.xml"]
        )

    async def start(self) -> AsyncIterator[Request]:
        """Begin at the start page and the sitemaps."""
        async for request in super().start():
            yield request
        for url in self._sitemaps.sitemap_urls:
            yield Request(url, self.parse_sitemap)

    def parse_sitemap(self, response: Response) -> Any:
        """Follow what a sitemap lists."""
        for request in self._sitemaps._parse_sitemap(response):
            is_sitemap = request.callback == self._sitemaps._parse_sitemap
            yield request.replace(callback=self.parse_sitemap if is_sitemap else self._callback)

    def parse_item(self, response: Response) -> None:
        """Keep nothing: the server's log is what is measured."""


PEERS = {"scrapy": FollowAll}
