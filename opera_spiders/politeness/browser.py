"""A real Chromium that has no network of its own.

Each request of the browser is answered from Scrapy's downloader or refused, so robots.txt, spacing, address guard, size
limit and cache are one implementation, and redirects are followed by us. The page itself is the answer already in hand.

scrapy-playwright runs the browser, its contexts and pages; it is imported and started when the first page needs it, and
is no download handler here, because then it would make the requests.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import resource
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.statscollectors import StatsCollector

from opera_spiders.errors import BadInputError
from opera_spiders.politeness.delay import PART_OF_VISIT, pacer_of
from opera_spiders.politeness.failures import HOST_FAILURES
from opera_spiders.politeness.shells import LITTLE_TEXT_CHARACTERS
from opera_spiders.urls import host_port, is_same_company

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Route
    from playwright.async_api import Request as BrowserRequest

logger = logging.getLogger(__name__)

#: Request.meta of the requests made for the browser.
FOR_BROWSER = "opera_for_browser"

MAX_REQUESTS_PER_PAGE = 30
PAGES_PER_CONTEXT = 100  # one context for 700 pages was seen to grow from 4 to 18 GB
_MAX_SCRIPT_BYTES = 64 * 1024 * 1024
_MAX_PROCESS_BYTES = 512 * 1024 * 1024  # of Chromium; a page of plain text takes 120 MiB, and so does a drawn season
_MAX_DRIVER_BYTES = 700 * 1024 * 1024  # of Playwright's Node, which reserves 630 MiB before it begins
_OPENING_SECONDS = 30  # a page, and the browser if there is none yet
_CLOSING_SECONDS = 10

_SETTLED_SECONDS = 0.6
_STILL_EMPTY_SECONDS = 2.5
_GLANCE_SECONDS = 0.15
_SIZE = "() => [document.querySelectorAll('*').length, document.body ? document.body.innerText.length : 0]"

_FETCHED_TYPES = frozenset({"script", "xhr", "fetch", "document"})
_TRACKERS = re.compile(
    r"matomo|piwik|gtm\.js|/gtag/|analytics|hotjar|cookiebot|usercentrics|onetrust|/collect\?", re.IGNORECASE
)
# What describes the connection or the browser, or would follow the visitor; the rest is the page's own business.
_WITHHELD_HEADERS = re.compile(
    r"cookie|user-agent|host|connection|accept-encoding|content-length|origin-trial|dnt|sec-.*|proxy-.*|:.*|"
    r"upgrade-insecure-requests|pragma|cache-control",
    re.IGNORECASE,
)
_PASSED_ON_HEADERS = re.compile(rb"content-type|access-control-.*|etag|last-modified|link", re.IGNORECASE)

_SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OWN_DOWNLOADS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/*/headless_shell",
    "chromium_headless_shell-*/*/chrome-headless-shell",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def find_chromium(configured: Path | None = None) -> Path | None:
    """Return the Chromium to use: the one ``configured``, else the system's, else one that Playwright downloaded.

    :raises BadInputError: what is configured is not an executable file
    """
    if configured is not None:
        if configured.is_file() and os.access(configured, os.X_OK):
            return configured
        raise BadInputError(
            f"PLAYWRIGHT_CHROMIUM_PATH is {configured}, which is not an executable file. "
            "Name a Chromium, or unset it to use the system's."
        )
    for name in _SYSTEM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    default = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    found_paths = (path for pattern in _OWN_DOWNLOADS for path in sorted(downloads.glob(pattern), reverse=True))
    return next((path for path in found_paths if os.access(path, os.X_OK)), None)


@contextmanager
def _limited_driver() -> Iterator[None]:
    """Let no process started here hold more than ``_MAX_DRIVER_BYTES``.

    The limit is of memory that can be written, which Linux counts; Chromium reserves address space by the terabyte.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_MAX_DRIVER_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _limited(launch: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Return ``launch`` with no process of its browser, nor those that come, holding more than ``_MAX_PROCESS_BYTES``.

    A script that wants more fails, or its page does. The driver starts the browser, and could not live with this limit.
    """

    async def launch_limited() -> Any:
        before = set(_descendants(os.getpid()))
        browser = await launch()
        if sys.platform == "linux":
            for process in set(_descendants(os.getpid())) - before:
                with suppress(ProcessLookupError):
                    hard = resource.prlimit(process, resource.RLIMIT_DATA)[1]
                    resource.prlimit(process, resource.RLIMIT_DATA, (_MAX_PROCESS_BYTES, hard))
        return browser

    return launch_limited


def _descendants(process: int) -> Iterator[int]:
    """Yield the ids of the processes that ``process`` has started, and theirs; of Linux only."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # it has ended
            for child in map(int, task.read_text(encoding="ascii").split()):
                yield child
                yield from _descendants(child)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page as its scripts drew it, and the JSON they loaded for that from the company's own hosts."""

    html: str
    loaded: tuple[Response, ...] = ()


@dataclass(slots=True)
class _Visit:
    """One page in the browser. ``deadline_at``: when it is given up, in seconds of the event loop's clock."""

    response: HtmlResponse
    deadline_at: float
    bound: asyncio.Timeout
    page: Page | None = None
    has_document: bool = False
    requested: int = 0
    in_flight: int = 0
    loaded: dict[str, Response] = field(default_factory=dict)

    @property
    def last_look_at(self) -> float:
        """When a page that does not settle is taken as it is: some time is left to take it."""
        return self.deadline_at - 1

    def begin(self, page: Page, seconds: float) -> None:
        """Let the page's own time run from here: opening it, and perhaps the browser, was not its doing."""
        self.page = page
        self.deadline_at = asyncio.get_running_loop().time()
        self.extend(seconds)

    def extend(self, seconds: float) -> None:
        """Give the page the time that politeness takes from it."""
        self.deadline_at += seconds
        if self.bound.when() is not None:
            self.bound.reschedule(self.deadline_at)


class Browser:
    """A Chromium whose every request Scrapy answers. Started by the first page, one page at a time."""

    def __init__(self, crawler: Crawler, executable: Path, timeout_seconds: float) -> None:
        assert crawler.stats is not None
        self.crawler = crawler
        self.stats: StatsCollector = crawler.stats
        self.executable = executable
        self.timeout_seconds = timeout_seconds
        self.has_started = False
        self._pages_drawn = 0
        self._handler: Any = None
        self._turn = asyncio.Lock()
        self._scripts: dict[str, Response] = {}
        self._script_bytes = 0
        self._guarded: BrowserContext | None = None  # the context whose windows may ask for nothing
        # A blank page of that context: beside it a page is a tab, which takes 0.6 s of CPU; a window takes 1.5 s.
        self._blank: Page | None = None

    async def draw(self, response: HtmlResponse) -> Drawing:
        """Return a page after its scripts have run and it has settled.

        :raises TimeoutError: it does not settle, nor stands, in time
        :raises playwright.async_api.Error: the browser cannot start or show it
        """
        async with self._turn:
            if self._handler is None:
                self._handler = await self._start()
            deadline_at = asyncio.get_running_loop().time() + _OPENING_SECONDS
            visit = _Visit(response, deadline_at, asyncio.timeout_at(deadline_at))
            try:
                return Drawing(await self._visit(visit), tuple(visit.loaded.values()))
            finally:
                await self._close(visit)

    async def close(self) -> None:
        """End the browser."""
        if self._handler is not None:
            await self._handler.close()

    async def _start(self) -> Any:
        from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # noqa: PLC0415 (needed by few crawls)

        # It reports each failed page with a traceback; RenderMiddleware reports in one line.
        logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
        handler = ScrapyPlaywrightDownloadHandler(self.crawler)
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        handler.config.launch_options = {
            "executable_path": str(self.executable),
            "chromium_sandbox": not is_root,
            "handle_sigint": False,
            # Whatever escapes the routes below (prefetch, WebRTC, a future feature) ends at a proxy that is not there.
            "proxy": {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"},
            "args": [
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                # The name of this switch has changed; an unknown one is ignored.
                "--webrtc-ip-handling-policy=disable_non_proxied_udp",
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            ],
        }
        handler.config.navigation_timeout_ms = self.timeout_seconds * 1000
        # It starts with the engine, which has started long ago.
        with _limited_driver():
            await handler._maybe_launch_in_thread()
        handler.browser_provider.launch_browser = _limited(handler.browser_provider.launch_browser)
        return handler

    async def _visit(self, visit: _Visit) -> str:
        from playwright.async_api import Error  # noqa: PLC0415

        async def prepare(page: Page, _: Request) -> None:
            if page.context is not self._guarded:  # one more route for each page would add up
                self._guarded = page.context
                await page.context.route("**/*", lambda route: route.abort())  # windows a page opens
                self._blank = await page.context.new_page()
            visit.begin(page, self.timeout_seconds)
            self.has_started = True
            await page.route("**/*", lambda route: self._answer(visit, route))
            await page.route_web_socket("**/*", lambda socket: socket.close())
            page.on("popup", lambda window: asyncio.ensure_future(window.close()))

        context = f"opera {self._pages_drawn // PAGES_PER_CONTEXT}"
        for name, wrapper in list(self._handler.context_wrappers.items()):
            if name != context:
                for page in wrapper.context.pages:
                    await page.close()
                await wrapper.context.close()
        self._pages_drawn += 1
        meta = {
            "playwright": True,
            "playwright_context": context,
            "playwright_context_kwargs": {
                "user_agent": self.crawler.settings["USER_AGENT"],
                "service_workers": "block",
                "accept_downloads": False,
            },
            "playwright_page_init_callback": prepare,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_include_page": True,  # it is closed by us, on every path
        }
        async with visit.bound:
            try:
                await self._handler.download_request(Request(visit.response.url, meta=meta))
            except Error:
                # A script that sends the browser on interrupts the first navigation; what it shows then is the page.
                if visit.page is None or visit.page.is_closed() or not visit.has_document:
                    raise
            assert visit.page is not None
            return await self._settle(visit, visit.page)

    async def _close(self, visit: _Visit) -> None:
        """Close the page and the windows it opened; a browser that does not let go of one is replaced."""
        from playwright.async_api import Error  # noqa: PLC0415

        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                while pages := self._open_pages():
                    for page in pages:
                        await page.close()
        except (Error, TimeoutError) as error:
            logger.warning("A page of the browser did not close: %s", error)
            await self._handler.close()
            self._handler = None
        self.stats.max_value("opera/browser/pages_left_open", len(self._open_pages()))

    def _open_pages(self) -> list[Page]:
        """Return the pages that a visit has left open."""
        wrappers = self._handler.context_wrappers.values() if self._handler is not None else ()
        return [page for wrapper in wrappers for page in wrapper.context.pages if page is not self._blank]

    async def _settle(self, visit: _Visit, page: Page) -> str:
        """Return the HTML when nothing is being fetched and nothing changes; an empty page is given longer."""
        from playwright.async_api import Error  # noqa: PLC0415

        loop = asyncio.get_running_loop()
        size, since = [0, 0], loop.time()
        while loop.time() < visit.last_look_at:
            try:
                now_size = await page.evaluate(_SIZE)
            except Error:
                if page.is_closed():
                    raise
                now_size = [0, 0]  # between two documents: a script has sent the browser on
            if visit.in_flight or now_size != size:
                size, since = now_size, loop.time()
            quiet_seconds = _SETTLED_SECONDS if size[1] >= LITTLE_TEXT_CHARACTERS else _STILL_EMPTY_SECONDS
            if loop.time() - since >= quiet_seconds:
                break
            await asyncio.sleep(_GLANCE_SECONDS)
        else:
            self.stats.inc_value("opera/browser/unsettled")
        if page.url.startswith("chrome-error:"):
            raise Error("a script sent the browser to an address that it does not get")
        return await page.content()

    async def _answer(self, visit: _Visit, route: Route) -> None:
        from playwright.async_api import Error  # noqa: PLC0415

        visit.in_flight += 1
        try:
            response = await self._response_for(visit, route.request)
            if response is None:
                await route.abort()
                return
            headers = {
                name.decode("latin-1"): b", ".join(values).decode("latin-1")
                for name, values in response.headers.items()
                if _PASSED_ON_HEADERS.fullmatch(name)
            }
            await route.fulfill(status=response.status, headers=headers, body=response.body)
        except Error as error:
            # The page is closed while we were fetching for it.
            logger.debug("%s came too late for the browser: %s", route.request.url, error)
        finally:
            visit.in_flight -= 1

    async def _response_for(self, visit: _Visit, request: BrowserRequest) -> Response | None:
        """Return the answer to a request of the browser, None to refuse it."""
        page_url = visit.response.url
        is_main_document = request.is_navigation_request() and request.frame.parent_frame is None
        if is_main_document and not visit.has_document:
            visit.has_document = True
            body = visit.response.text.encode("utf-8")
            return HtmlResponse(page_url, headers={"Content-Type": "text/html; charset=utf-8"}, body=body)
        if request.resource_type == "stylesheet":
            # Nobody looks at the page: an empty one makes its "load" come, and costs the host nothing.
            return Response(request.url, headers={"Content-Type": "text/css"})
        if (refusal := self._refusal(visit, request, is_main_document=is_main_document)) is not None:
            self.stats.inc_value(f"opera/browser/refused_{refusal}")
            return None
        visit.requested += 1
        if request.url in self._scripts:
            return self._scripts[request.url]
        is_script = request.resource_type == "script"
        if not is_script:
            visit.extend(pacer_of(self.crawler).delay_seconds(host_port(request.url)))
        headers = {
            name: value
            for name, value in (await request.all_headers()).items()
            if not _WITHHELD_HEADERS.fullmatch(name)
        }
        self.stats.inc_value("opera/browser/requested")
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(
                Request(
                    request.url,
                    callback=NO_CALLBACK,
                    headers=headers,
                    dont_filter=True,
                    # Not longer than the page is looked at: it would hold up the next one.
                    meta={
                        FOR_BROWSER: True,
                        PART_OF_VISIT: is_script,
                        "download_timeout": max(1.0, visit.last_look_at - asyncio.get_running_loop().time()),
                    },
                )
            )
        except (IgnoreRequest, *HOST_FAILURES) as error:
            logger.debug("The browser does not get %s: %s", request.url, error)
            self.stats.inc_value("opera/browser/failed")
            return None
        if not is_script and response.status == 200 and b"json" in (response.headers.get("Content-Type") or b""):
            visit.loaded.setdefault(request.url, response)
        if is_script and response.status == 200 and self._script_bytes + len(response.body) <= _MAX_SCRIPT_BYTES:
            self._scripts[request.url] = response
            self._script_bytes += len(response.body)
        return response

    def _refusal(self, visit: _Visit, request: BrowserRequest, *, is_main_document: bool) -> str | None:
        """Return why a request is not made, as the last word of a stat."""
        if request.resource_type not in _FETCHED_TYPES or (request.is_navigation_request() and not is_main_document):
            return "type"
        if request.method != "GET":
            return "method"
        spider = self.crawler.spider
        domains = getattr(spider, "domains", None) or (host_port(visit.response.url),)
        if not is_same_company(request.url, domains):
            return "foreign"
        if _TRACKERS.search(request.url):
            return "tracker"
        return "too_many" if visit.requested >= MAX_REQUESTS_PER_PAGE else None
