"""The company's own addresses only, ports included; a start page that leads elsewhere is a house that has moved."""

from __future__ import annotations

import logging

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import IgnoreRequest

from opera_spiders.discovery.budget import IS_PAGE
from opera_spiders.outcomes import Outcome
from opera_spiders.urls import host_port, is_same_company

logger = logging.getLogger(__name__)


class CompanyOffsiteMiddleware(OffsiteMiddleware):
    """Scrapy's off-site filter with houses (host:port) in place of host names."""

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Do not refuse yet: only a request that was due tells its errback, which lets the frontier go of it."""

    def process_request(self, request: Request) -> None:  # type: ignore[override]  # Scrapy is leaving its argument
        """Hold pages to the company, also those that the scheduler itself tells apart (``dont_filter``).

        :raises IgnoreRequest: the request is for another house
        """
        if request.dont_filter and request.meta.get(IS_PAGE) and self.crawler.spider is not None:
            if not self.should_follow(request, self.crawler.spider):
                self.stats.inc_value("offsite/filtered")
                raise IgnoreRequest(f"{host_port(request.url)} is not the company's.")
            return
        super().process_request(request)

    def should_follow(self, request: Request, spider: Spider) -> bool:
        """Tell whether the request is for one of the spider's ``domains``; note where a start page redirects to."""
        domains = getattr(spider, "domains", ())
        if not domains or is_same_company(request.url, domains):
            return True
        if request.meta.get("is_start_request") and request.meta.get("redirect_urls"):
            self._note_move(request, domains[0])
        return False

    def _note_move(self, request: Request, domain: str) -> None:
        why = (
            f"{domain}: its start page redirects to {host_port(request.url)}, which is not this company's domain. "
            "If the house has moved, add the new domain to the company's row and run again."
        )
        logger.error("%s", why)
        self.stats.set_value(f"opera/outcome/{Outcome.MOVED}", why)
