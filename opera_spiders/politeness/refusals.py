"""Hosts that do not want us: refusals, and tests for bots, which we recognise and never try to pass."""

from __future__ import annotations

import re
from collections import Counter
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from selectolax.lexbor import LexborHTMLParser

from opera_spiders.extensions.reading import reading_of
from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.delay import pacer_of
from opera_spiders.politeness.endings import conclude
from opera_spiders.politeness.robots import IS_ROBOTS_TXT
from opera_spiders.urls import host_port

REFUSAL_STATUSES = (401, 403, 407, 451)

#: Headers with which services mark a test, as their documentation has it. Values: what the header may begin with.
_HEADERS = {
    b"cf-mitigated": (b"challenge",),
    b"x-vercel-mitigated": (b"challenge",),
    b"x-amzn-waf-action": (b"challenge", b"captcha"),
}
#: What stands on such a test alone: scripts that services put on every page of a site are no sign.
_SIGNS = re.compile(
    rb"_cf_chl_opt|Incapsula incident ID|_Incapsula_Resource\?[CS]WUDNSAI|captcha-delivery\.com|px-captcha|gokuProps"
    rb"|/\.well-known/(?:sgcaptcha|ddos-guard)/|/_sec/cp_challenge/|sec-if-cpt-container|anubis_challenge"
    rb"|sucuri_cloudproxy_js",
    re.IGNORECASE,
)
#: A page that writes about such tests has words of its own; a test has few.
_MOST_TEXT_CHARACTERS = 800
_MOST_BODY_BYTES = 32_768  # as sent; tests are small
_MOST_UNPACKED_BYTES = 4 * 1024 * 1024


class Challenged(IgnoreRequest):
    """The host answered with a test for bots in place of the page."""


class RefusalMiddleware:
    """Recognises tests for bots before they are cached, retried or drawn, and leaves a host that goes on refusing.

    Without this a test answered with 200 would be staged as a page, one with 503 asked for again, and a browser could
    pass it, which is what the host does not want.
    """

    def __init__(self, crawler: Crawler, max_refusals: int) -> None:
        assert crawler.stats is not None
        self.crawler = crawler
        self.stats = crawler.stats
        self.max_refusals = max_refusals
        self.pacer = pacer_of(crawler)
        self._refusals: Counter[str] = Counter()
        self._decoder = HttpCompressionMiddleware(crawler=crawler)
        self._decoder.stats = None  # what is decoded here is counted where it is decoded for good

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Bear as many refusals in a row as failures."""
        return cls(crawler, crawler.settings.getint("OPERA_MAX_HOST_FAILURES", 8))

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return an answer that is no test.

        :raises Challenged: it is one
        """
        if request.meta.get(IS_ROBOTS_TXT):
            return response
        host = host_port(request.url)
        is_challenge = await self._is_challenge(request, response)
        if is_challenge or response.status in REFUSAL_STATUSES:
            self._refusals[host] += 1
            if self._refusals[host] >= self.max_refusals:
                why = f"{host} has refused us {self._refusals[host]} times in a row and is left for this crawl. "
                self.pacer.leave(host, why)
                conclude(self.crawler, request, Outcome.BLOCKED, why + Outcome.BLOCKED.advice)
        else:
            del self._refusals[host]
        if is_challenge:
            self.stats.inc_value("opera/requests/challenged")
            raise Challenged(f"{host} answers with a test for bots (HTTP {response.status})")
        return response

    async def _is_challenge(self, request: Request, response: Response) -> bool:
        for name, values in _HEADERS.items():
            if (response.headers.get(name) or b"").lower().startswith(values):
                return True
        if not response.body or len(response.body) > _MOST_BODY_BYTES:
            return False
        bounded = request.replace(meta={"download_maxsize": _MOST_UNPACKED_BYTES})
        try:
            body = self._decoder.process_response(bounded, response.copy()).body
            return bool(_SIGNS.search(body)) and await reading_of(self.crawler).run(is_challenge, body)
        except Exception:  # what cannot be unpacked or read is refused, by name, where that is done for good
            return False


def is_challenge(body: bytes) -> bool:
    """Tell whether a page is a test for bots: it says so, and has hardly a word of its own.

    >>> is_challenge(b"<title>Just a moment...</title><script>window._cf_chl_opt = {}</script>")
    True
    >>> is_challenge(b"<h1>How anubis_challenge works</h1>" + b"<p>Many words.</p>" * 80)
    False
    """
    if not _SIGNS.search(body):
        return False
    tree = LexborHTMLParser(body)
    tree.strip_tags(["script", "style", "noscript", "template", "svg"])
    text = tree.body.text(separator=" ") if tree.body else ""
    return len(" ".join(text.split())) < _MOST_TEXT_CHARACTERS
