"""``max_pages``, to the page, and the best page next: no request is chosen before the last answer has been read."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import Scheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.job import job_dir

from opera_spiders.discovery.frontier import Frontier
from opera_spiders.extensions.crawl_memory import CrawlMemory

logger = logging.getLogger(__name__)

#: Request.meta of a request that a link led to: ``frontier.Candidate.reasons``.
LINK = "opera_link"
#: Request.meta of a request that is meant to bring a page, not a sitemap or robots.txt.
IS_PAGE = "opera_is_page"

_STATUS = "opera.status"  # of a JOBDIR: running, stopped or finished
_OF_SCRAPY = ("requests.queue", "requests.seen", "spider.state")


class PageBudget:
    """Counts pages, and the answers of which it is not yet known whether they are pages.

    :param max_pages: None for no limit
    """

    def __init__(self, max_pages: int | None) -> None:
        self.max_pages = max_pages
        self.fetched = 0
        self.undecided = 0
        self.on_decision: Callable[[], None] = lambda: None

    @property
    def is_spent(self) -> bool:
        """Tell whether no further page may be fetched."""
        return self.max_pages is not None and self.fetched >= self.max_pages

    def answered(self) -> None:
        """Note an answer that may be a page."""
        self.undecided += 1

    def decide(self, *, is_page: bool) -> None:
        """Note whether an answer was a page."""
        self.undecided -= 1
        self.fetched += is_page
        self.on_decision()


class PatientScheduler(Scheduler):
    """Scrapy's scheduler, which gives out no request while an answer is being read: its links may be better ones.

    Scrapy would take the next request the moment a download ends, which is one page too many at ``max_pages`` and
    always one page behind in the order. With ``CONCURRENT_REQUESTS = 1`` both are exact, and no time is lost: reading
    takes less than the delay between two requests. Extraction is not waited for.

    A JOBDIR is taken up only where its last run stopped in order. Scrapy writes down what its queue holds when it
    closes, so after a power cut JOBDIR lists pages as seen that it no longer has; then, as after a crawl that came to
    its end, the crawl begins anew, which costs no request for what is fresh.
    """

    job: Path | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for answers, which come before the next request is asked for."""
        job = job_dir(crawler.settings)
        if job is not None:
            _begin(Path(job))
        scheduler = super().from_crawler(crawler)
        scheduler.job = Path(job) if job is not None else None
        crawler.signals.connect(scheduler.response_received, signal=signals.response_received)
        return scheduler

    def next_request(self) -> Request | None:
        """Return the best request, None while there is something to wait for or the budget is spent.

        What a link promised when it was found may have changed with the pages read since: it is weighed again, and
        waits on, is left out, or goes. Only now it counts as seen, as an address may wait for several links.
        """
        budget = self._budget()
        if budget is not None and (budget.undecided or budget.is_spent):
            return None
        while (request := super().next_request()) is not None:
            if (link := request.meta.get(LINK)) is None:
                return request
            assert self.crawler is not None
            memory = CrawlMemory.of(self.crawler)
            frontier: Frontier = self.crawler.spider.frontier  # type: ignore[union-attr]
            url = frontier.parameters.plain(request.url)
            best = frontier.best_link(url, *link)
            if url != request.url or (best is None and not frontier.is_known(url)):
                memory.done(request.url)
            if best is None:
                self._dropped(request, is_repeated=frontier.is_known(url))
                continue
            now = best[0] - request.meta.get("depth", 0) * self.crawler.settings.getint("DEPTH_PRIORITY")
            if now < request.priority:
                self.enqueue_request(request.replace(url=url, priority=now))
                continue
            request = request.replace(url=url)
            may_be_asked = frontier.ask(url, best[1], link[2])
            if may_be_asked and not self.df.request_seen(request):
                request.meta[LINK] = (link[0], best[1], link[2])
                return request
            self._dropped(request, is_repeated=may_be_asked)
        return None

    def _dropped(self, request: Request, *, is_repeated: bool) -> None:
        assert self.crawler is not None
        assert self.crawler.spider is not None
        if is_repeated:
            self.df.log(request, self.crawler.spider)  # counts it
        CrawlMemory.of(self.crawler).request_dropped(request)

    def close(self, reason: str) -> Any:
        """Close, and note whether there is something to take up."""
        closing = super().close(reason)
        if self.job is not None:
            (self.job / _STATUS).write_text("finished" if reason == "finished" else "stopped", encoding="utf-8")
        return closing

    def response_received(self, response: Response, request: Request, spider: Spider) -> None:
        """Count the answer to a page request as undecided."""
        budget = self._budget()
        if budget is not None and request.meta.get(IS_PAGE):
            budget.on_decision = self._wake_engine
            budget.answered()

    def _budget(self) -> PageBudget | None:
        assert self.crawler is not None
        return getattr(self.crawler.spider, "budget", None)

    def _wake_engine(self) -> None:
        # Scrapy has no public way to say that a scheduler which had nothing has something again.
        assert self.crawler is not None
        slot = self.crawler.engine._slot
        if slot is not None:
            slot.nextcall.schedule()


def _begin(job: Path) -> None:
    """Empty a JOBDIR that cannot or need not be taken up, and note that a run is on."""
    status = job / _STATUS
    last = status.read_text(encoding="utf-8") if status.exists() else ""
    if last not in ("", "stopped"):
        for name in _OF_SCRAPY:
            path = job / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if last == "running":
            logger.info(
                "The last run of %s did not stop in order: it is walked again; what is fresh is not asked for", job
            )
    status.write_text("running", encoding="utf-8")
