"""One generic spider for every company: robots, sitemaps, links, most promising pages first."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from opera_spiders.discovery.budget import IS_PAGE, PageBudget
from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.links import PageLinks, read_links
from opera_spiders.discovery.page_types import PRIORITY, LinkType, guess_link, guess_page
from opera_spiders.discovery.sitemaps import MAX_NESTING, MAX_SITEMAPS, Sitemap, SitemapEntry, read_sitemap
from opera_spiders.discovery.traps import TrapRules, Window
from opera_spiders.extraction.blocks import PageBlocks, read_blocks
from opera_spiders.items import FetchedPage
from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.endings import conclude
from opera_spiders.politeness.failures import HOST_FAILURES, failure_kind, outcome_of
from opera_spiders.politeness.robots import RobotsMiddleware
from opera_spiders.spiders.arguments import CrawlArguments
from opera_spiders.urls import canonical_url, host_port, is_same_company

_START_PRIORITY = 1000
_SITEMAP_PRIORITY = 900
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_PAGE_TYPES = (*_HTML_TYPES, "application/json", "application/pdf", "application/ld+json")
# What a link's ending says never to be a page; what says nothing is asked for and judged by its content type.
_NO_PAGE_ENDINGS = tuple(
    ".jpg .jpeg .png .gif .webp .avif .svg .ico .css .js .mjs .woff .woff2 .ttf .mp3 .m4a .wav .mp4 .mov .webm .zip .gz .rar"
    " .doc .docx .xls .xlsx .ppt .pptx .ics .vcf .rss .atom .xml .txt .csv .eps .tif .tiff .dmg .exe .epub .odt".split()
)
_BLOCKED_STATUSES = (401, 403, 407, 429, 451)


class OperaSpider(scrapy.Spider):
    """Crawls one company's website; see ``CrawlArguments`` for what ``-a`` takes."""

    name = "opera"

    def __init__(self, today: date | None = None, **given: Any) -> None:
        super().__init__(name=self.name)
        arguments = CrawlArguments.parse(given)
        self.arguments = given
        self.company = arguments.company
        self.domain = arguments.company.domain
        self.domains = arguments.company.domains
        self.render = arguments.render
        self.seeds = arguments.seeds
        self.since = arguments.since
        self.run_id: UUID = uuid4()
        self.budget = PageBudget(arguments.max_pages)
        window = None if arguments.archive == "all" else Window.around(today or datetime.now(UTC).date())
        self.traps = TrapRules(window)
        self.languages = LanguageChoice(self.company.page_language)
        self._offered: set[str] = set()
        self._read: set[str] = set()
        self._sitemaps: set[str] = set()
        language = self.company.page_language
        self._headers = {
            "Accept-Language": f"{language}, en;q=0.5, *;q=0.2" if language not in (None, "en") else "en, *;q=0.2"
        }

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider with its arguments checked.

        :raises BadInputError: an argument cannot be used
        """
        spider = cls(*args, **kwargs)
        spider._set_crawler(crawler)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Begin at the seeds, else at the company's start page, over https."""
        for url in self.seeds or (canonical_url(self.company.start_url or f"https://{self.domain}/"),):
            yield self._start_request(url)

    def _start_request(self, url: str) -> Request:
        self._offered.add(url)
        return Request(
            url,
            self.parse_page,
            errback=self.start_failed,
            priority=_START_PRIORITY,
            headers=self._headers,
            meta={IS_PAGE: True, "is_start_request": True},
        )

    async def start_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Say what a start page's failure means: try plain http, the site's root, or end with an outcome."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        kind = getattr(error, "kind", None) or (failure_kind(error) if isinstance(error, HOST_FAILURES) else None)
        if isinstance(error, HttpError):
            self.budget.decide(is_page=False)
            if (root := urljoin(request.url, "/")) not in self._offered and error.response.status in (404, 410):
                self.logger.warning("%s answers %d; trying %s", request.url, error.response.status, root)
                yield self._start_request(root)
                return
            self._conclude_status(request, error.response)
        elif kind in ("refused", "not_tls") and request.url.startswith("https:") and not self.seeds:
            plain = canonical_url(request.url.replace("https:", "http:", 1).replace(":443/", "/"))
            self.logger.info("%s does not speak TLS (%s); trying %s", host_port(request.url), kind, plain)
            if plain not in self._offered:
                yield self._start_request(plain)
        elif isinstance(error, HOST_FAILURES):
            assert kind is not None
            outcome = outcome_of(kind)
            outcome = Outcome.SITE_DOWN if outcome is Outcome.ROBOTS_UNREACHABLE else outcome
            self._conclude(request, outcome, f"{host_port(request.url)} cannot be reached ({kind}): {error}")
        elif not isinstance(error, IgnoreRequest):
            self.logger.error("%s failed: %s", request.url, error, exc_info=error)

    def _conclude_status(self, request: Request, response: Response) -> None:
        host = host_port(response.url)
        if response.status in _BLOCKED_STATUSES:
            why = f"{host} refuses us its start page with HTTP {response.status}. Ask the company to let our user agent in."
            self._conclude(request, Outcome.BLOCKED, why)
        elif response.status >= 500:
            why = f"{host} answers its start page with HTTP {response.status}. Crawl it again later."
            self._conclude(request, Outcome.SITE_DOWN, why)
        else:
            why = f"{response.url} answers HTTP {response.status}. Give the company's row a start_url that exists, or use seeds=…"
            self._conclude(request, Outcome.NO_PAGES, why)

    def _conclude(self, request: Request, outcome: Outcome, why: str) -> None:
        # Other start pages may still do; the crawl ends by itself when none does.
        conclude(self.crawler, request, outcome, why, close=False)

    async def parse_page(
        self, response: Response, link_type: LinkType = "other"
    ) -> AsyncIterator[FetchedPage | Request]:
        """Yield the page, then the requests for what it links to."""
        page: FetchedPage | None = None
        links = PageLinks()
        elsewhere: str | None = None
        try:
            if (ignored := self._ignored(response)) is None:
                blocks, links = await asyncio.to_thread(_read, response)
                elsewhere = self._chosen_version(response, blocks, links)
                if elsewhere is None and not self._is_unchanged(response):
                    page = self._page(response, blocks, links, link_type)
        finally:
            self.budget.decide(is_page=page is not None)
        if ignored is not None:
            self._count(ignored)
            self.logger.debug("%s is not read: %s", response.url, ignored)
            return
        if page is not None:
            self._count("opera/pages/fetched")
            yield page
        if self.budget.is_spent:
            raise CloseSpider("max_pages")
        if elsewhere is not None:
            if request := self._offer(elsewhere, "", link_type):
                yield request
        if not self._sitemaps and response.meta.get("is_start_request"):
            for request in self._sitemap_requests(self._robots_sitemaps(response.url), 1):
                yield request
        if links.may_follow:
            for link in links.links:
                if request := self._offer(link.url, link.anchor):
                    yield request

    async def page_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Count a page that could not be had."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError):
            self.budget.decide(is_page=False)
            self._count("opera/requests/failed")
            self._count(f"opera/requests/status_{error.response.status}")
            self.logger.info("%s answers HTTP %d", request.url, error.response.status)
        elif not isinstance(error, IgnoreRequest):
            self._count("opera/requests/failed")
            self.logger.warning("%s cannot be fetched: %s", request.url, error)
        return
        yield  # an errback is a generator too

    async def parse_sitemap(self, response: Response, nesting: int) -> AsyncIterator[Request]:
        """Yield the requests for a sitemap's pages, and for the sitemaps of an index."""
        sitemap: Sitemap = await asyncio.to_thread(read_sitemap, response.body)
        self._count("opera/sitemaps/read")
        if nesting < MAX_NESTING:
            further = [entry.url for entry in sitemap.sitemaps if self._is_recent(entry)]
            for request in self._sitemap_requests(further, nesting + 1):
                yield request
        for entry in sitemap.pages:
            url = entry.url
            if entry.alternates:
                url = self.languages.choose(dict([*entry.alternates]).items()) or url
            if not self._is_recent(entry):
                self._count("opera/links/unchanged")
            elif request := self._offer(url, ""):
                yield request

    async def sitemap_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Go on without a sitemap: most houses have none."""
        self._count("opera/sitemaps/failed")
        self.logger.debug("No sitemap at %s: %s", failure.request.url, failure.value)  # type: ignore[attr-defined]
        return
        yield

    def _robots_sitemaps(self, url: str) -> Iterable[str]:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        listed = robots.sitemaps(url) if robots is not None else ()
        return [canonical_url(address) for address in listed] or [urljoin(url, "/sitemap.xml")]

    def _sitemap_requests(self, urls: Iterable[str], nesting: int) -> Iterator[Request]:
        for url in urls:
            if url in self._sitemaps or len(self._sitemaps) >= MAX_SITEMAPS or not is_same_company(url, self.domains):
                continue
            self._sitemaps.add(url)
            yield Request(
                url,
                self.parse_sitemap,
                errback=self.sitemap_failed,
                priority=_SITEMAP_PRIORITY + guess_link(url).priority,
                headers=self._headers,
                cb_kwargs={"nesting": nesting},
            )

    def _is_recent(self, entry: SitemapEntry) -> bool:
        return self.since is None or entry.changed_date is None or entry.changed_date >= self.since

    def _offer(self, url: str, anchor: str, known_as: LinkType | None = None) -> Request | None:
        """Return the request for a link that is worth one; count what becomes of each new address."""
        if url in self._offered or not is_same_company(url, self.domains):
            return None
        self._offered.add(url)
        guess = guess_link(url, anchor)
        kind = known_as or guess.page_type
        refusal = self._refusal(url, kind)
        if refusal is not None:
            self._count(f"opera/links/{refusal}")
            return None
        self._count("opera/links/followed")
        return Request(
            url,
            self.parse_page,
            errback=self.page_failed,
            priority=PRIORITY[kind] if known_as else guess.priority,
            headers=self._headers,
            cb_kwargs={"link_type": kind},
            meta={IS_PAGE: True},
        )

    def _refusal(self, url: str, kind: LinkType) -> str | None:
        path = urlsplit(url).path.lower()
        if path.endswith(_NO_PAGE_ENDINGS) or (path.endswith(".pdf") and kind != "financial"):
            return "no_page"
        if kind == "noise":
            return "noise"
        if kind == "archive" and self.traps.window is not None:
            return "archive"
        if self.languages.is_refused(url):
            return "other_language"
        return self.traps.refusal(url, kind)

    def _ignored(self, response: Response) -> str | None:
        """Return the stat of an answer that is no page of this crawl."""
        if _content_type(response) not in _PAGE_TYPES:
            return "opera/pages/no_page"
        url = canonical_url(response.url)
        if url in self._read:
            return "opera/pages/duplicate"
        self._read.add(url)
        self._offered.add(url)
        return None

    def _is_unchanged(self, response: Response) -> bool:
        if self.since is None:
            return False
        try:
            changed = parsedate_to_datetime((response.headers.get(b"Last-Modified") or b"").decode("latin-1"))
        except ValueError:
            return False
        if changed.date() >= self.since:
            return False
        self._count("opera/pages/unchanged")
        return True

    def _chosen_version(self, response: Response, blocks: PageBlocks, links: PageLinks) -> str | None:
        """Return the address of the language to read in place of this page's, None when this page is to be read."""
        versions = dict(links.alternates)
        url = canonical_url(response.url)
        if blocks.language and url not in versions.values():
            versions.setdefault(blocks.language, url)
        versions = {
            language: address for language, address in versions.items() if is_same_company(address, self.domains)
        }
        chosen = self.languages.choose(versions.items())
        if chosen is None or chosen == url or chosen in self._read or url not in versions.values():
            return None
        self._count("opera/pages/other_language")
        return chosen

    def _page(self, response: Response, blocks: PageBlocks, links: PageLinks, link_type: LinkType) -> FetchedPage:
        headers = _headers(response)
        rights = response.meta.get("opera_rights") or {}
        is_kept = rights.get("decision") != "reserved"
        page_type = guess_page(canonical_url(response.url), blocks)
        if page_type == "other" and link_type not in ("archive", "noise"):
            page_type = link_type
        return FetchedPage(
            url=_own_url(response, links),
            company_domain=self.domain,
            fetched_at=_fetched_at(response),
            status_code=response.status,
            response_headers=headers,
            body=response.body if is_kept else b"",
            text=_text(response) if is_kept else None,
            content_type=headers.get("content-type"),
            page_type=page_type,
            language=blocks.language,
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            rendered=bool(response.meta.get("opera_rendered", False)),
            rights=rights,
            body_checksum=hashlib.sha256(response.body).hexdigest(),
            blocks=blocks,
            crawl_run_id=self.run_id,
        )

    def _count(self, stat: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(stat)


def _read(response: Response) -> tuple[PageBlocks, PageLinks]:
    """Return blocks and links of a page; runs in a thread, because large pages take a tenth of a second."""
    encoding = response.encoding if isinstance(response, TextResponse) else None
    content_type = _header(response, b"Content-Type")
    blocks = read_blocks(response.body, content_type, response.url, encoding)
    if _content_type(response) not in _HTML_TYPES or not isinstance(response, TextResponse):
        return blocks, PageLinks()
    return blocks, read_links(response.text, response.url)


def _own_url(response: Response, links: PageLinks) -> str:
    """Return the page's address, without the parameters that its own canonical link does without.

    A canonical link to another path is not believed: sites that name their home page on every page are many.
    """
    url = canonical_url(response.url)
    named = links.canonical
    if named and host_port(named) == host_port(url) and urlsplit(named).path == urlsplit(url).path and "?" not in named:
        return named
    return url


def _text(response: Response) -> str | None:
    """Return the text of a page, None for a binary one. PostgreSQL's text cannot hold NUL."""
    return response.text.replace("\x00", "") if isinstance(response, TextResponse) else None


def _content_type(response: Response) -> str:
    """Return the media type, from the body where the host does not say."""
    stated = (_header(response, b"Content-Type") or "").partition(";")[0].strip().lower()
    if response.body.startswith(b"%PDF-"):
        return "application/pdf"
    if stated:
        return stated
    return "text/html" if isinstance(response, TextResponse) else "application/octet-stream"


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def _headers(response: Response) -> dict[str, str]:
    """Return the headers, names in lower case, repeated ones joined; cookies are nobody's business."""
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1").replace("\x00", "")
        for name, values in response.headers.items()
        if name.lower() not in (b"set-cookie", b"set-cookie2")
    }


def _fetched_at(response: Response) -> datetime:
    """Return when the host last gave or confirmed this content: the cache's time where no request was needed."""
    kept_since = response.meta.get("cache_timestamp")
    if "cached" in response.flags and kept_since is not None and "download_latency" not in response.meta:
        return datetime.fromtimestamp(float(kept_since), UTC)
    return datetime.now(UTC)
