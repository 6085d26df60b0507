"""One generic spider for every company: robots, sitemaps, links, most promising pages first."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Self
from urllib.parse import urljoin
from uuid import UUID, uuid4

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from opera_spiders.bounded import BoundExceededError
from opera_spiders.discovery.budget import IS_PAGE, LINK, PageBudget
from opera_spiders.discovery.crawl_arguments import CrawlArguments
from opera_spiders.discovery.frontier import PRODUCTIONS_OF_A_LIST, Candidate, Frontier
from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.lastmod import LastmodRecord, Lastmods
from opera_spiders.discovery.links import Link
from opera_spiders.discovery.novelty import Novelty
from opera_spiders.discovery.page_types import EXPECTED, LinkType, guess_link
from opera_spiders.discovery.parameters import is_next_of
from opera_spiders.discovery.reading import PageReading
from opera_spiders.discovery.site_data import (
    MAX_DATA_BYTES,
    DataLink,
    SiteData,
    data_links,
    is_never_asked,
)
from opera_spiders.discovery.sitemaps import MAX_NESTING, MAX_SITEMAPS, USUAL_PLACES, next_place, read_sitemap
from opera_spiders.discovery.source_choice import Fact, SourceChoice, facts_of
from opera_spiders.discovery.traps import TrapRules, Window
from opera_spiders.extensions.crawl_memory import CrawlMemory
from opera_spiders.extensions.reading import reading_of
from opera_spiders.extraction.blocks import PageBlocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.items import FetchedPage
from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.delay import HostLeft
from opera_spiders.politeness.endings import conclude
from opera_spiders.politeness.failures import HOST_FAILURES, failure_kind, failure_reason, outcome_of, outcome_of_status
from opera_spiders.politeness.refusals import Challenged
from opera_spiders.politeness.rendering import DRAW, LOADED, NEVER_DRAWN, RENDERED, UNDRAWN
from opera_spiders.politeness.robots import RobotsMiddleware, RobotsUnreachable
from opera_spiders.politeness.shared_freshness import IS_SITEMAP, KNOWN, NotKept
from opera_spiders.spiders.responses import (
    PAGE_TYPES,
    as_json,
    changed_date,
    fetched_page,
    header_values,
    is_told,
    media_type,
    read_response,
)
from opera_spiders.urls import canonical_url, host_port, is_same_company
from opera_spiders.warehouse.store import KeptAddress

_START_PRIORITY = 1000
_SOME_NEWS = 0.15  # of a page's gain: one statement
_SITEMAP_PRIORITY = 900
_DATA_PRIORITY = 800
_FAILED = {Outcome.BLOCKED: "refused", Outcome.SITE_DOWN: "unanswered", Outcome.NO_PAGES: "missing"}


class OperaSpider(scrapy.Spider):
    """Crawls one company's website; see ``CrawlArguments`` for what ``-a`` takes.

    ``domain``, ``domains`` and ``render`` are read by the middlewares of politeness, ``budget`` by the scheduler,
    ``run_id`` and ``arguments`` by the ledger.

    :param today: the day around which seasons are of interest; default: this one
    """

    name = "opera"

    def __init__(self, today: date | None = None, **given: Any) -> None:
        super().__init__(name=self.name)
        arguments = CrawlArguments.parse(given)
        self.arguments = given
        self.run_id: UUID = uuid4()
        self.company = arguments.company
        self.domain = arguments.company.domain
        self.domains = arguments.company.domains
        self.render = arguments.render
        self.seeds = arguments.seeds
        self.since = arguments.since
        self.budget = PageBudget(arguments.max_pages)
        self.languages = LanguageChoice(self.company.page_language)
        self.today = today or datetime.now(UTC).date()
        window = None if arguments.archive == "all" else Window.around(self.today)
        self.frontier = Frontier(self.domains, TrapRules(window), self.languages, self._count)
        self.novelty = Novelty(window)
        self.lastmods = Lastmods(self.today)
        self._read: set[str] = set()
        self._tls_houses: set[str] = set()
        self._replaced: dict[str, str] = {}
        self._sitemaps: set[str] = set()
        self.site_data = SiteData(self.domains, self._count)
        self.choice = SourceChoice()  # SourceMemory begins with that of the last crawl
        self._knows_staged = False
        preferred = self.company.page_language or "en"
        self._headers = {"Accept-Language": ", ".join(dict.fromkeys([preferred, "en;q=0.5", "*;q=0.2"]))}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider with its arguments checked.

        :raises BadInputError: an argument cannot be used
        """
        spider = cls(*args, **kwargs)
        spider._set_crawler(crawler)
        return spider

    @property
    def memory(self) -> CrawlMemory:
        """What earlier crawls left, and this one leaves."""
        return CrawlMemory.of(self.crawler)

    async def start(self) -> AsyncIterator[Request]:
        """Begin at the seeds, else at the company's start page, over https, and with what earlier runs left.

        What a JOBDIR holds is in the queue already.
        """
        if not self._take_up_job():
            for url in self.seeds or (await self._start_url(),):
                yield self._start_request(url)
        for address in () if self.seeds else await self.memory.kept_addresses():
            if self.frontier.is_known(address.url):
                continue
            kind = next((kind for kind in EXPECTED if kind == address.page_type), None)
            candidate = self.frontier.weigh(Link(address.url), known_as=kind)
            if candidate is None:
                self.memory.done(address.url)
            else:
                priority = candidate.priority - address.depth * self.settings.getint("DEPTH_PRIORITY")
                yield self._page_request(address.url, replace(candidate, priority=priority), address.depth)

    async def start_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Say what a start page's failure means: try plain http, try the site's root, or note how the crawl ends."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, NotKept):
            async for known in self._requests_for_staged(request.url):
                yield known
            return
        if request.url.startswith("http:"):
            # It may have learnt TLS: the next crawl tries.
            self.memory.remember_host(host_port(request.url), scheme=None)
        if isinstance(error, HttpError):
            self.budget.decide(is_page=False)
            root = urljoin(request.url, "/")
            if error.response.status in (404, 410) and self.frontier.note(root):
                self.logger.warning("%s answers HTTP %d; trying %s", request.url, error.response.status, root)
                yield self._start_request(root)
            else:
                self._conclude_status(request, error.response)
            return
        kind = getattr(error, "kind", None) or (failure_kind(error) if isinstance(error, HOST_FAILURES) else None)
        plain = canonical_url(re.sub(r"^https:", "http:", request.url))
        if kind in ("refused", "not_tls") and not self.seeds and self.frontier.note(plain):
            self.logger.info("%s does not speak TLS (%s); trying %s", host_port(request.url), kind, plain)
            yield self._start_request(plain)
        elif isinstance(error, HOST_FAILURES):
            assert kind is not None
            outcome = outcome_of(kind)
            outcome = Outcome.SITE_DOWN if outcome is Outcome.ROBOTS_UNREACHABLE else outcome
            self._conclude(
                request, outcome, f"{host_port(request.url)} cannot be reached ({kind}): {failure_reason(error)}"
            )
        elif isinstance(error, Challenged):
            self._conclude(request, Outcome.BLOCKED, str(error))
        elif not isinstance(error, IgnoreRequest):
            # A failure of ours, not the host's: Scrapy logs it with its traceback.
            failure.raiseException()

    async def parse_page(
        self, response: Response, link_type: LinkType = "other", language: str | None = None, is_data: bool = False
    ) -> AsyncIterator[FetchedPage | Request]:
        """Yield the requests for what a page links to, then the page.

        The next request is chosen when the page has been decided about, so its links come before that.

        :param language: of the page that named this address of data
        """
        pages: list[FetchedPage] = []
        try:
            if response.meta.get(UNDRAWN) and not self.choice.answers_for(response.url):
                async for request in self._data_before_drawing(response, link_type):
                    yield request
            elif not self._is_page(response, is_data=is_data):
                self._learn(response.request, 0.0)
            else:
                page, requests = await self._page_and_requests(response, link_type, language, is_data=is_data)
                for request in requests:
                    yield request
                pages += [page] if page is not None else []
                await self._compare(response, page)
                for loaded in response.meta.pop(LOADED, ()):
                    found, requests = await self._loaded_page(loaded, page.language if page else language)
                    for request in requests:
                        yield request
                    pages += [found] if found is not None else []
        finally:
            # What a node has known all along is not what max_pages is for.
            is_asked_for = not self.memory.is_on or is_told(response)
            self.budget.decide(is_page=bool(pages) and is_asked_for)
            for _ in pages[1:]:
                self.budget.answered()
                self.budget.decide(is_page=is_asked_for)
        self._done(response.request)
        assert self.crawler.stats is not None
        self.crawler.stats.set_value("opera/source/chosen", self.choice.chosen)
        for page in pages:
            self._count("opera/pages/fetched")
            yield page
        if self.budget.is_spent:
            raise CloseSpider("max_pages")

    async def page_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Count a page that could not be had, and keep it for the next run where that may have more luck."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, NotKept):
            async for known in self._requests_for_staged(request.url):
                yield known
        if _is_worth_another_run(error):
            self.frontier.forget(request.url)
        else:
            self._done(request)
        if isinstance(error, IgnoreRequest) and not isinstance(error, (HttpError, Challenged)):
            return
        outcome = outcome_of_status(error.response.status) if isinstance(error, HttpError) else Outcome.SITE_DOWN
        outcome = Outcome.BLOCKED if isinstance(error, Challenged) else outcome
        self._count("opera/requests/failed")
        self._count(f"opera/requests/{_FAILED[outcome]}")
        self._learn(request, 0.0)
        if isinstance(error, HttpError):
            self.budget.decide(is_page=False)
            self.logger.info("%s answers HTTP %d", request.url, error.response.status)
        else:
            self.logger.warning("%s cannot be fetched: %s", request.url, error)

    async def parse_sitemap(self, response: Response, nesting: int) -> AsyncIterator[Request]:
        """Yield the requests for the sitemaps of an index, and for a sitemap's pages in the language to read."""
        try:
            sitemap = await reading_of(self.crawler).run(read_sitemap, response.body)
        except BoundExceededError as error:
            self._unreadable("sitemaps", response, error)
            return
        if not sitemap.pages and not sitemap.sitemaps:
            self._count("opera/sitemaps/empty")
            for request in self._sitemap_elsewhere(response.url):
                yield request
            return
        self._count("opera/sitemaps/read")
        for entry in sitemap.pages:
            if entry.lastmod is not None and is_same_company(entry.url, self.domains):
                url = self._as_spoken(entry.url)
                self.lastmods.printed[url] = entry.lastmod
                if (house := host_port(url)) not in self.lastmods.records:
                    known = await self.memory.host(house)
                    self.lastmods.records[house] = LastmodRecord.from_details(known.details)
        if nesting < MAX_NESTING:
            further = (entry.url for entry in sitemap.sitemaps if self._is_recent(entry.changed_date))
            for request in self._sitemap_requests(further, nesting):
                yield request
        for entry in sitemap.pages:
            if not self._is_recent(entry.changed_date):
                self._count("opera/links/unchanged")
                continue
            url = self.languages.choose(self._own(entry.alternates)) or entry.url
            for request in self._requests([Link(url)], response.url, depth=1):
                yield request

    async def sitemap_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Look in the next usual place, or go on without a sitemap: most houses have none."""
        self._count("opera/sitemaps/failed")
        self.logger.debug("No sitemap: %s", failure.value)
        url: str = failure.request.url  # type: ignore[attr-defined]
        for request in self._sitemap_elsewhere(url):
            yield request

    async def leaves_undrawn(self, request: Request, response: Response) -> bool:
        """Tell whether a page that scripts fill may stay as it came: data says the same, or is to be asked first."""
        if self.choice.answers_for(response.url):
            return True
        if request.meta.get(DRAW):
            return False
        links = await self._data_links(response)
        return any(map(self.site_data.is_worth_asking, links)) or bool(self.choice.known)

    async def _data_links(self, response: Response) -> tuple[DataLink, ...]:
        if not isinstance(response, HtmlResponse):
            return ()
        try:
            return await reading_of(self.crawler).run(data_links, response.text, response.url)
        except BoundExceededError:
            return ()

    async def _data_before_drawing(self, response: Response, link_type: LinkType) -> AsyncIterator[Request]:
        """Yield the requests for the data that a shell names, then the one to draw it, which comes later."""
        for request in self._data_requests(await self._data_links(response), self.company.page_language):
            yield request
        yield Request(
            response.url,
            self.parse_page,
            errback=self.page_failed,
            priority=_DATA_PRIORITY - 1,
            headers=self._headers,
            cb_kwargs={"link_type": link_type},
            meta={IS_PAGE: True, DRAW: True},
            dont_filter=True,  # the page itself is in the cache
        )

    def _data_requests(self, links: Iterable[DataLink], language: str | None) -> Iterator[Request]:
        """Yield the requests for addresses of data, those of the last crawl first."""
        known = [DataLink(url) for url in self.choice.known]
        self.choice.known = ()
        for link in (*known, *links):
            if self.site_data.admit(link):
                yield Request(
                    link.url,
                    self.parse_page,
                    errback=self.data_failed,
                    priority=_DATA_PRIORITY,
                    headers={**self._headers, "Accept": "application/json"},
                    cb_kwargs={"link_type": link.kind, "language": language, "is_data": True},
                    meta={IS_PAGE: True, NEVER_DRAWN: True, "download_maxsize": MAX_DATA_BYTES},
                )

    async def data_failed(self, failure: Failure) -> None:
        """Go on without an address of data: the pages are still there."""
        if isinstance(failure.value, HttpError):
            self.budget.decide(is_page=False)
        self._count("opera/data/failed")
        self.logger.debug("No data: %s", failure.value)

    async def _loaded_page(
        self, response: Response, language: str | None
    ) -> tuple[FetchedPage | None, Iterable[Request]]:
        """Return the page and requests of JSON that a drawn page's scripts loaded."""
        self.site_data.admit(DataLink(canonical_url(response.url)))
        if is_never_asked(response.url) or not self._is_page(response, is_data=True):
            return None, ()
        return await self._page_and_requests(response, "other", language, is_data=True)

    async def _compare(self, response: Response, page: FetchedPage | None) -> None:
        """Note what a drawn page says that data does not, before the data is known that its own scripts loaded."""
        if page is not None and response.meta.get(RENDERED):
            self.choice.page_drawn(response.url, await self._facts(page))
        elif response.meta.get(UNDRAWN):
            self.choice.answered_count += 1
            self._count("opera/pages/answered_by_data")

    async def _facts(self, page: FetchedPage) -> frozenset[Fact]:
        if page.rights.get("decision") == "reserved":
            return frozenset()
        to_extract = PageToExtract(page.blocks, page.fetched_at, page.company_domain, page.language, page.page_type)
        try:
            return await reading_of(self.crawler).run(facts_of, to_extract)
        except BoundExceededError:
            return frozenset()  # the extraction of the page will say so

    async def _page_and_requests(
        self, response: Response, link_type: LinkType, language: str | None = None, *, is_data: bool = False
    ) -> tuple[FetchedPage | None, Iterable[Request]]:
        try:
            reading = await read_response(response, reading_of(self.crawler), self.today)
        except BoundExceededError as error:
            self._unreadable("pages", response, error)
            return None, ()
        depth = response.meta.get("depth", 0) + 1
        self._learn_of_host(response, reading.blocks)
        version = self._version_to_read(response, reading)
        if version is not None:
            self._count("opera/pages/other_language")
            self._learn(response.request, 0.0)
            await self._remember_as(response, version)
            return None, self._requests([Link(version, place="version")], response.url, link_type, depth=depth)
        requests = self._learned_from(response, reading, link_type)
        # The first page that answers has proved the scheme; its host's sitemaps come next.
        places = () if self._sitemaps else self._sitemaps_of(response.url, reading.links.sitemaps)
        sitemaps = self._sitemap_requests(places, nesting=0)
        data = self._data_requests(reading.names.data, reading.blocks.language or language)
        requests = [*requests, *sitemaps, *data]
        if not self._is_recent(changed_date(response)):
            self._count("opera/pages/unchanged")
            return None, requests
        if is_data and not reading.states_dates:
            self._count("opera/data/without_facts")
            return None, requests
        if response.meta.get(UNDRAWN):
            # Data answers for it. Staged, it would be a version of the page that states nothing any more.
            await self._remember_undrawn(response)
            return None, requests
        page = fetched_page(
            response,
            reading,
            company_domain=self.domain,
            link_type=link_type,
            run_id=self.run_id,
            language=language,
        )
        if is_told(response):
            # Only then: a lastmod that has moved since is a reason to ask after the TTL.
            page = replace(page, sitemap_lastmod=self.lastmods.printed.get(canonical_url(response.url)))
            if page.url != canonical_url(response.url):
                await self._remember_as(response, page.url)
        if is_data:
            named = (*reading.names.slugs, *(link.url for link in reading.links.links))
            self.choice.data_read(page.url, await self._facts(page), named)
        return page, requests

    async def _remember_as(self, response: Response, url: str) -> None:
        """Let other nodes know that this page is read at ``url``, so that they ask there alone while it is fresh."""
        if is_told(response):
            headers = header_values(response)
            validators = {name: headers[name] for name in ("etag", "last-modified") if name in headers}
            await self.memory.remember_answer(response.url, 303, {"location": url, **validators})

    async def _remember_undrawn(self, response: Response) -> None:
        """Let no node ask for a page that needs no drawing while it is fresh."""
        if is_told(response) and (response.meta.get("opera_rights") or {}).get("decision") != "reserved":
            await self.memory.remember_answer(response.url, response.status, header_values(response), response.body)

    def _learn_of_host(self, response: Response, blocks: PageBlocks) -> None:
        """Note what a page that its host was asked for says about the host."""
        if not is_told(response):
            return
        if (known := response.meta.get(KNOWN)) is not None:
            checksum, printed_before = known
            has_changed = blocks.checksum != checksum
            record = self.lastmods.observe(canonical_url(response.url), printed_before, has_changed=has_changed)
            if record is not None:
                self.memory.remember_host(host_port(response.url), details=record.as_details())
        asked = _first_url(response.request or Request(response.url))
        if response.meta.get("is_start_request") and not self.seeds and {asked[:5], response.url[:5]} == {"http:"}:
            self.memory.remember_host(host_port(asked), scheme="http")

    async def _requests_for_staged(self, url: str) -> AsyncIterator[Request]:
        """Yield the requests for what a page whose content is not kept may link to: all that was ever staged.

        Addresses it linked to and that were not fetched are in the frontier.
        """
        self._count("opera/pages/unchanged")
        if not self._sitemaps:
            for request in self._sitemap_requests(self._sitemaps_of(url), nesting=0):
                yield request
        if not self._knows_staged:
            self._knows_staged = True
            staged = await self.memory.known_urls()
            for request in self._requests(map(Link, staged), url, depth=1):
                yield request

    def _is_page(self, response: Response, *, is_data: bool = False) -> bool:
        """Tell whether an answer is a page that this crawl has not had yet."""
        url = canonical_url(response.url)
        if is_data and as_json(response) is None:
            self._count("opera/data/not_json")
            self.logger.debug("%s is not JSON, though asked for as such", url)
            return False
        if media_type(response) not in PAGE_TYPES:
            self._count("opera/pages/no_page")
            self.logger.debug("%s is no page but %s", url, media_type(response))
            return False
        if url in self._read:
            self._count("opera/pages/duplicate")
            return False
        self._read.add(url)
        self.frontier.note(url)
        if url.startswith("https:"):
            self._tls_houses.add(host_port(url))
        return True

    def _version_to_read(self, response: Response, reading: PageReading) -> str | None:
        """Return the address of the language to read in place of this page, None when this page is to be read."""
        url = canonical_url(response.url)
        versions = dict(self._own(reading.links.alternates))
        if reading.blocks.language and url not in versions.values():
            versions.setdefault(reading.blocks.language, url)
        version = self.languages.choose(versions.items())
        if version in (None, url) or version in self._read or url not in versions.values():
            return None
        assert version is not None
        # Some sites name one address (their other home page) as the translation of every page.
        if self._replaced.setdefault(version, url) != url:
            return None
        return version

    def _own(self, versions: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(code, address) for code, address in versions if is_same_company(address, self.domains)]

    def _learned_from(self, response: Response, reading: PageReading, link_type: LinkType) -> list[Request]:
        """Return the requests for a page's links, and note what the page has brought: new facts, or ways to some."""
        url = canonical_url(response.url)
        self.languages.own = self.languages.own or reading.blocks.language
        if reading.blocks.language:
            self.languages.learn(url, reading.blocks.language)
        # What data or a shell says does not tell what the site's pages bring.
        is_whole = not media_type(response).endswith("json") and not response.meta.get(UNDRAWN)
        tidings = self.novelty.of(reading.statements) if is_whole else None
        if tidings is not None:
            self.frontier.parameters.see_page(url, reading.blocks.checksum)
        followed = reading.links.links if reading.links.may_follow else ()
        self.frontier.parameters.see_links(link.url for link in followed if is_same_company(link.url, self.domains))
        gain = tidings.gain if tidings else 0.0
        is_start = response.meta.get("is_start_request", False)
        self.frontier.read(url, has_news=gain >= _SOME_NEWS or not is_whole or is_start)
        before = self.frontier.productions_found
        has_credits = tidings is not None and tidings.has_credits
        depth = response.meta.get("depth", 0) + 1
        lists_reports = "financial" in (link_type, reading.page_type)
        next_pages = {link.url for link in followed if is_next_of(link.url, url)}
        others = [link for link in followed if link.url not in next_pages]
        further = [link for link in followed if link.url in next_pages]
        requests = list(self._requests(others, url, depth=depth, has_credits=has_credits, lists_reports=lists_reports))
        known_as: LinkType | None = "season" if further and self.frontier.lists_productions(others) else None
        requests += self._requests(further, url, known_as, depth=depth, has_credits=has_credits)
        found = self.frontier.productions_found - before
        if found:
            self.frontier.read(url, has_news=True)
        if link_type == "financial" and media_type(response) == "application/pdf":
            gain = 1.0
        if is_whole:
            gain = max(gain, min(1.0, found / PRODUCTIONS_OF_A_LIST))
            self._learn(response.request, gain, is_dated=tidings is None or tidings.is_dated)
        return requests

    def _learn(self, request: Request | None, gain: float, *, is_dated: bool = True) -> None:
        if request is not None and (link := request.meta.get(LINK)) is not None:
            self.frontier.learn(link[1], gain, is_dated=is_dated)

    def _requests(
        self,
        links: Iterable[Link],
        source: str,
        known_as: LinkType | None = None,
        *,
        depth: int,
        has_credits: bool = False,
        lists_reports: bool = False,
    ) -> Iterator[Request]:
        """Yield the requests for the links of ``source`` that are worth one.

        :param depth: of the pages they lead to, in links from a start page
        :param has_credits: ``source`` is a production's page rather than a list
        :param lists_reports: ``source`` is about finances
        """
        limit = self.settings.getint("DEPTH_LIMIT")
        for link in links:
            plain = replace(link, url=self.frontier.parameters.plain(self._as_spoken(link.url)))
            candidate = self.frontier.weigh(
                plain, source, known_as, has_credits=has_credits, lists_reports=lists_reports
            )
            if candidate is not None:
                if not limit or depth <= limit:
                    self.memory.found(KeptAddress(plain.url, candidate.priority, depth, candidate.page_type))
                yield self._page_request(plain.url, candidate, depth)

    def _page_request(self, url: str, candidate: Candidate, depth: int) -> Request:
        return Request(
            url,
            self.parse_page,
            errback=self.page_failed,
            priority=candidate.priority,
            headers=self._headers,
            cb_kwargs={"link_type": candidate.page_type},
            meta={IS_PAGE: True, LINK: candidate.reasons, "depth": depth},
            dont_filter=True,  # the scheduler asks for each address once, by its best link
        )

    def _as_spoken(self, url: str) -> str:
        """Return ``url`` over https where its house has spoken TLS.

        Many a sitemap still says http, which is a redirect for each page.
        """
        return re.sub(r"^http:", "https:", url) if host_port(url) in self._tls_houses else url

    def _sitemap_requests(self, urls: Iterable[str], nesting: int) -> Iterator[Request]:
        """Yield the requests for sitemaps listed at ``nesting``."""
        for url in urls:
            if url in self._sitemaps or len(self._sitemaps) >= MAX_SITEMAPS or not is_same_company(url, self.domains):
                continue
            self._sitemaps.add(url)
            yield Request(
                url,
                self.parse_sitemap,
                errback=self.sitemap_failed,
                priority=_SITEMAP_PRIORITY + round(100 * guess_link(url).expected),
                headers=self._headers,
                cb_kwargs={"nesting": nesting + 1},
                meta={IS_SITEMAP: True},
            )

    def _sitemap_elsewhere(self, url: str) -> Iterator[Request]:
        """Yield the request for the next usual place: it is asked when nothing better waits."""
        for request in self._sitemap_requests(filter(None, [next_place(url)]), nesting=0):
            yield request.replace(priority=0)

    def _sitemaps_of(self, url: str, named: Iterable[str] = ()) -> list[str]:
        """Return the sitemaps that the host's robots.txt lists, or a page of it names, else the usual place."""
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        listed = map(canonical_url, robots.sitemaps(url) if robots is not None else ())
        own = [address for address in (*listed, *named) if is_same_company(address, self.domains)]
        return own or [urljoin(url, USUAL_PLACES[0])]

    def _start_request(self, url: str) -> Request:
        self.frontier.note(url)
        return Request(
            url,
            self.parse_page,
            errback=self.start_failed,
            priority=_START_PRIORITY,
            headers=self._headers,
            meta={IS_PAGE: True, "is_start_request": True},
        )

    async def _start_url(self) -> str:
        """Return the company's start page, over http where its house is known to speak nothing else."""
        url = canonical_url(self.company.start_url or f"https://{self.domain}/")
        known = await self.memory.host(host_port(url))
        return canonical_url(re.sub(r"^https:", "http:", url)) if known.scheme == "http" else url

    def _take_up_job(self) -> bool:
        """Tell whether a JOBDIR holds an earlier run, and go on where that stopped; keep what its successor needs."""
        state: dict[str, Any] | None = getattr(self, "state", None)
        if state is None:
            return False
        is_resumed = bool(state)
        if is_resumed:
            self.frontier = replace(state["frontier"], count=self._count)
            self.languages = self.frontier.languages
            self._read, self._tls_houses, self._replaced = state["read"], state["tls_houses"], state["replaced"]
            self._sitemaps, self.lastmods = state["sitemaps"], replace(state["lastmods"], today=self.lastmods.today)
            self.novelty = state["novelty"]
        # Scrapy pickles these as they are when the run ends.
        state.update(
            frontier=replace(self.frontier, count=_count_nothing),
            read=self._read,
            tls_houses=self._tls_houses,
            replaced=self._replaced,
            sitemaps=self._sitemaps,
            lastmods=self.lastmods,
            novelty=self.novelty,
        )
        return is_resumed

    def _done(self, request: Request | None) -> None:
        """Let the frontier go of an address, and of those that led to it."""
        if request is not None:
            for url in (*request.meta.get("redirect_urls", ()), request.url):
                self.memory.done(url)

    def _conclude_status(self, request: Request, response: Response) -> None:
        host = host_port(response.url)
        outcome = outcome_of_status(response.status)
        why = {
            Outcome.BLOCKED: f"{host} refuses us its start page with HTTP {response.status}",
            Outcome.SITE_DOWN: f"{host} answers its start page with HTTP {response.status}",
        }.get(outcome, f"{response.url} answers HTTP {response.status}")
        self._conclude(request, outcome, why)

    def _conclude(self, request: Request, outcome: Outcome, why: str) -> None:
        # Not closed here: other start pages may do, and the crawl ends by itself when none does.
        conclude(self.crawler, request, outcome, f"{why}. {outcome.advice}", close=False)

    def _unreadable(self, kind: str, response: Response, error: BoundExceededError) -> None:
        self._count(f"opera/{kind}/unreadable")
        self.logger.warning("%s is left unread: %s", response.url, error)

    def _is_recent(self, changed: date | None) -> bool:
        return self.since is None or changed is None or changed >= self.since

    def _count(self, stat: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(stat)


def _count_nothing(stat: str) -> None:
    """Stand in for the crawl's stats, which are not kept."""


def _is_worth_another_run(error: BaseException | None) -> bool:
    """Tell whether a page that failed may be had another day."""
    if isinstance(error, HttpError):
        return error.response.status >= 500 or error.response.status in (408, 429)
    return isinstance(error, (HostLeft, RobotsUnreachable, Challenged, *HOST_FAILURES)) or not isinstance(
        error, IgnoreRequest
    )


def _first_url(request: Request) -> str:
    """Return the address that was asked for before redirects."""
    return str(request.meta.get("redirect_urls", [request.url])[0])
