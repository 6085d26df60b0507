"""``scrapy crawl`` with our exit statuses: 0 finished, 1 our failure, 2 bad input, 3 the host's side."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from importlib import import_module

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from opera_spiders.config import SCRAPY_SETTINGS, Config
from opera_spiders.discovery.crawl_arguments import CrawlArguments
from opera_spiders.errors import BadInputError, OperaError
from opera_spiders.outcomes import Outcome

logger = logging.getLogger(__name__)

SPIDER = "opera"

# Lists of components and settings, forty lines at every start; -L DEBUG shows them.
_WORDY_LOGGERS = ("scrapy.addons", "scrapy.crawler", "scrapy.middleware")


class Command(ScrapyCrawl):
    """Crawls one company and says in its last line how that ended."""

    def long_desc(self) -> str:
        """Name the arguments of our spider."""
        return (
            "Crawl one company: scrapy crawl opera -a domain=roh.org.uk [-a max_pages=200] [-a seeds=URL,URL] "
            "[-a since=YYYY-MM-DD] [-a archive=all] [-a render=auto|never|always]. "
            "Exit status: 0 finished, 1 our failure, 2 bad input, 3 the host's side."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check arguments and settings before anything is started, so that a bad one is one line and no log."""
        super().process_options(args, opts)
        assert self.settings is not None
        try:
            Config.from_settings(self.settings)
            check_settings(opts.set)
            if args == [SPIDER]:
                CrawlArguments.parse(opts.spargs)
            if self.settings.getdict("FEEDS"):
                # Scrapy imports this module at every start of any command; feeds bring the extractor's libraries.
                from opera_spiders.extensions.page_feed import check_feeds

                check_feeds(self.settings)
        except BadInputError as error:
            _end(Outcome.BAD_INPUT, str(error))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and set the exit status to the outcome's."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl opera -a domain=roh.org.uk", print_help=False)
        assert self.crawler_process is not None
        assert self.settings is not None
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in _WORDY_LOGGERS:
                logging.getLogger(name).setLevel(logging.WARNING)
        try:
            crawler = self._create_crawler(args[0])
        except KeyError:
            _end(Outcome.BAD_INPUT, f"There is no spider {args[0]}. The spider is: {SPIDER}.")
        crawl = asyncio.ensure_future(self.crawler_process.crawl(crawler, **opts.spargs), loop=asyncio.get_event_loop())
        self.crawler_process.start()
        outcome, line = ending(crawler, crawl)
        print(line, file=sys.stderr)
        self.exitcode = outcome.exit_status


def check_settings(given: Sequence[str]) -> None:
    """Refuse a ``-s NAME=VALUE`` that is not of its setting's kind, which Scrapy notices only when it is used.

    :raises BadInputError: with the setting's name and what it takes
    """
    project, scrapy = (
        vars(import_module("opera_spiders.settings")),
        vars(import_module("scrapy.settings.default_settings")),
    )
    takes = {bool: "True or False", int: "a whole number", float: "a number"}
    for name, _, value in (pair.partition("=") for pair in given):
        kind = SCRAPY_SETTINGS.get(name) or type(project.get(name, scrapy.get(name)))
        try:
            if kind in takes:
                kind(int(value) if kind is bool and value not in ("True", "true", "False", "false") else value)
        except ValueError:
            raise BadInputError(f"{name}={value} cannot be used: it takes {takes[kind]}.") from None


def ending(crawler: Crawler, crawl: asyncio.Future[None]) -> tuple[Outcome, str]:
    """Return the outcome of a crawl that has ended, and the line that says so."""
    error = crawl.exception() if crawl.done() and not crawl.cancelled() else None
    if isinstance(error, BadInputError):
        return Outcome.BAD_INPUT, str(error)
    if isinstance(error, OperaError):
        return Outcome.FAILED, str(error)
    if isinstance(error, OSError) and error.filename:
        return Outcome.FAILED, f"{error.filename} cannot be used: {error.strerror}. Make it writable, or name another."
    if error is not None:
        logger.error("The crawl could not begin", exc_info=error)
        return Outcome.FAILED, f"The crawl could not begin: {error}. The log has the traceback."
    # Scrapy imports this module at every start of any command; the ledger brings SQLAlchemy.
    from opera_spiders.extensions.crawl_ledger import CrawlLedger

    ledger = crawler.get_extension(CrawlLedger) if crawler._extensions is not None else None
    if ledger is None or ledger.outcome is None:
        return Outcome.INTERRUPTED, f"The crawl was stopped. {Outcome.INTERRUPTED.advice}"
    domain = getattr(crawler.spider, "domain", crawler.spidercls.name)
    return ledger.outcome, _line(domain, ledger.outcome, ledger.reason)


def _line(domain: str, outcome: Outcome, reason: str) -> str:
    reason = reason if domain in reason else f"{domain}: {reason}"
    # A reason that is whole sentences says what to do itself.
    advice = "" if reason.endswith((".", "…")) else f". {outcome.advice}".rstrip()
    return f"{outcome}: {reason}{advice}"


def _end(outcome: Outcome, line: str) -> None:
    print(line, file=sys.stderr)
    sys.exit(outcome.exit_status)
