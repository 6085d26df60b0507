"""``scripts/extract_pending``: extract the staged pages that still need it. Many may run at once."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.commands import run_command, whole_number
from opera_spiders.errors import UNREADABLE, BudgetSpentError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from opera_spiders.extraction.blocks import PageBlocks
    from opera_spiders.extraction.extractor import Extraction, Extractor, PageToExtract
    from opera_spiders.warehouse.reviews import ReadPage
    from opera_spiders.warehouse.store import PendingPage

_LINE_EVERY_PAGES = 100
_LEASE_SECONDS = 1800  # more than a page of many parts takes with all its retries
_BATCH_LEASE_SECONDS = 25 * 3600  # a batch may take a day


def main(argv: list[str] | None = None) -> int:
    """Extract what is pending; return the exit status."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: asyncio.run(_run(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/extract_pending",
        description="Extract staged pages that have no extraction by the configured extractor (OPERA_LLM_MODEL, else "
        "rules) or a better one. Several processes share the work; a page whose process died is taken up again.",
        epilog="Exit status: 0 all that was due is done (a page that cannot be extracted is stored with its error and "
        "tried again later: after 15 minutes, then longer each time up to a day; until then it is counted, not tried), "
        "or the budget for models is spent, "
        "1 no page that was due could be extracted, 2 bad input.",
    )
    parser.add_argument("--domain", action="append", default=[], help="only pages of this company (repeatable)")
    parser.add_argument("--limit", type=whole_number, help="stop after this many pages")
    parser.add_argument("--all-versions", action="store_true", help="also versions of a page that are not its latest")
    parser.add_argument(
        "--batch",
        action="store_true",
        help="ask OpenAI in batches, at its lower price: may take a day; stop it at will, the next --batch goes on",
    )
    parser.add_argument("--workers", type=whole_number, help="pages at a time (default: OPERA_LLM_CONCURRENCY)")
    parser.add_argument(
        "--lease-seconds",
        type=whole_number,
        help="how long other processes leave a page to this one at most "
        f"(default: {_LEASE_SECONDS}, with --batch a day); "
        "the page of a process whose connection ends is free at once",
    )
    return parser


async def _run(arguments: argparse.Namespace) -> int:
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    from opera_spiders.companies import company_of
    from opera_spiders.config import Config
    from opera_spiders.errors import BadInputError
    from opera_spiders.extraction.extractors import budgets, describe, make_extractor
    from opera_spiders.warehouse.answers import StoredAnswers
    from opera_spiders.warehouse.server import is_lost, open_server, unreachable
    from opera_spiders.warehouse.site_chrome import StagedChrome

    config = Config.from_environment()
    if config.opera_database == "off":
        raise BadInputError("extract_pending reads pages from the database, and OPERA_DATABASE is off. Set it to on.")
    domains = set(map(str.lower, arguments.domain))
    for company in filter(None, map(company_of, arguments.domain)):
        domains.update(company.domains)
    await make_extractor(config).aclose()  # what cannot work says so before the database is started
    server = open_server(config)
    workers = arguments.workers or config.opera_llm_concurrency
    engine = server.async_engine(pool_size=workers, max_overflow=workers)
    answers = StoredAnswers(engine.begin, budgets(config))
    extractor = make_extractor(config, answers, StagedChrome(engine.begin))
    print(f"Pages of {server.place} are read by {describe(extractor)}", flush=True)
    reading = BoundedProcesses(cpu_seconds=config.opera_reading_cpu_seconds)
    options: dict[str, Any] = {
        "reading": reading,
        "domains": sorted(domains),
        "all_versions": arguments.all_versions,
        "lease_seconds": arguments.lease_seconds or (_BATCH_LEASE_SECONDS if arguments.batch else _LEASE_SECONDS),
        "limit": arguments.limit,
    }
    try:
        if domains and not await _is_any_staged(engine, domains):
            raise BadInputError(
                f"No page of {', '.join(arguments.domain)} is staged. "
                "Check the spelling, or crawl it: scrapy crawl opera -a domain=…"
            )
        if not arguments.batch:
            return await PendingWork(engine, extractor, **options).run(workers)

        from opera_spiders.commands.pending_batches import batch_work

        async with batch_work(config, server, engine, extractor, answers, options) as work:
            return await work.run(workers)
    except DBAPIError as error:
        if isinstance(error, (OperationalError, InterfaceError)) or is_lost(error):
            raise unreachable(server, error) from error
        raise
    finally:
        reading.close()
        await extractor.aclose()
        await engine.dispose()


async def _is_any_staged(engine: AsyncEngine, domains: Collection[str]) -> bool:
    from sqlalchemy import exists, select

    from opera_spiders.warehouse.tables import stg_scraped_pages

    async with engine.connect() as connection:
        query = select(exists().where(stg_scraped_pages.c.company_domain.in_(domains)))
        return bool(await connection.scalar(query))


@dataclass(slots=True)
class Tally:
    """What one run has done. ``cost_usd`` is None as soon as one page's cost is unknown."""

    extracted: int = 0
    failed: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    cost_usd: Decimal | None = field(default_factory=Decimal)

    def add(self, extraction: Extraction) -> None:
        """Count one page."""
        if extraction.error is None:
            self.extracted += 1
        else:
            self.failed += 1
        self.tokens_input += extraction.tokens_input or 0
        self.tokens_output += extraction.tokens_output or 0
        if extraction.llm_model != "rules":
            is_known = self.cost_usd is not None and extraction.cost_usd is not None
            self.cost_usd = self.cost_usd + extraction.cost_usd if is_known else None  # type: ignore[operator]

    def __str__(self) -> str:
        text = f"{self.extracted} pages extracted, {self.failed} with an error"
        if self.tokens_input:
            cost = "unknown cost" if self.cost_usd is None else f"{self.cost_usd:.4f} USD"
            text += f"; {self.tokens_input} tokens in, {self.tokens_output} out, {cost}"
        return text


class PendingWork:
    """Claims one pending page at a time for each worker until none is left.

    No transaction is open while a page is read. The claim lapses when the process dies, and another takes the page.

    :param reading: where the bytes of pages become blocks; a page that takes more than it may is stored with that error
    """

    def __init__(
        self,
        engine: AsyncEngine,
        extractor: Extractor,
        *,
        reading: BoundedProcesses,
        domains: Sequence[str] = (),
        all_versions: bool = False,
        lease_seconds: int = _LEASE_SECONDS,
        limit: int | None = None,
    ) -> None:
        self.engine = engine
        self.extractor = extractor
        self.reading = reading
        self.domains = domains
        self.all_versions = all_versions
        self.lease_seconds = lease_seconds
        self.pages_left = sys.maxsize if limit is None else limit
        self.worker = f"{socket.gethostname()}:{os.getpid()}"
        self.tally = Tally()
        self.spent: BudgetSpentError | None = None  # set once no model may be asked any more

    async def run(self, workers: int) -> int:
        """Work until nothing is left to claim; print progress and a summary; return the exit status.

        When a budget is spent, pages being read are finished and the others stay pending.

        :raises ExtractorUnusableError: the extractor can read no page
        """
        total = min(await self._count_pending(), self.pages_left)
        with Progress(total) as progress:
            # A worker without a page would only ask the database for one.
            tasks = [asyncio.create_task(self._work(progress)) for _ in range(min(workers, max(total, 1)))]
            try:
                await asyncio.gather(*tasks)
            except BaseException:
                progress.say(f"Stopped: {self.tally}")
                raise
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        if self.spent is not None:
            print(self.spent, flush=True)
        print(f"{self.tally}; {await self._left()}", flush=True)
        return 1 if self.tally.failed and not self.tally.extracted else 0

    async def _work(self, progress: Progress) -> None:
        from opera_spiders.warehouse import store

        while self.pages_left > 0 and self.spent is None:
            self.pages_left -= 1
            page = await self._claim()
            if page is None:
                return
            try:
                extraction = await self._extraction(page)
            except BudgetSpentError as error:
                self.spent = error
                async with self.engine.begin() as connection:
                    await store.release_page(connection, page.page_id, self.extractor.extraction_version)
                return
            async with self.engine.begin() as connection:
                await store.save_extraction(connection, page.page_id, extraction)
            self.tally.add(extraction)
            progress.advance(self.tally)
            if extraction.error is not None:
                progress.say(f"{page.url} was not extracted: {extraction.error}")

    async def _extraction(self, page: PendingPage) -> Extraction:
        """Return what the extractor reads, or the error that kept the page from being read at all."""
        from opera_spiders.extraction.extractor import Extraction

        try:
            to_read = await to_extract(page, self.reading)
        except UNREADABLE as error:
            why = f"{type(error).__name__}: {error}"
            return Extraction(self.extractor.extraction_version, self.extractor.llm_model, error=why)
        return await self.extractor.extract(to_read)

    async def _left(self) -> str:
        """Say what is still pending, and why it was not extracted."""
        from opera_spiders.warehouse import store

        left = await self._count_pending()
        if not left:
            return "none pending"
        async with self.engine.connect() as connection:
            postponed, first_at = await store.count_postponed(connection, *self._wanted())
        parts = []
        if first_at is not None:
            first = f"{first_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            parts.append(f"{postponed} after an error, tried again from {first} on")
        if left > postponed and self.pages_left > 0 and self.spent is None:
            parts.append(f"{left - postponed} with another process")
        return f"{left} still pending" + (f" ({'; '.join(parts)})" if parts else "")

    async def _claim(self) -> PendingPage | None:
        """Return a page that is now ours to read; None when there is none."""
        return next(iter(await self._claim_pages(1)), None)

    async def _claim_pages(self, limit: int) -> list[PendingPage]:
        from opera_spiders.warehouse import store

        async with self.engine.begin() as connection:
            return await store.claim_pending(
                connection,
                self.extractor.extraction_version,
                self.extractor.llm_model,
                self.worker,
                self.lease_seconds,
                limit=limit,
                company_domains=self.domains,
                all_versions=self.all_versions,
            )

    async def _count_pending(self) -> int:
        from opera_spiders.warehouse import store

        async with self.engine.connect() as connection:
            return await store.count_pending(connection, *self._wanted())

    def _wanted(self) -> tuple[str, str, Sequence[str], bool]:
        """Return which pages are this run's, as ``warehouse.store`` asks for them."""
        return self.extractor.extraction_version, self.extractor.llm_model, self.domains, self.all_versions


async def to_extract(page: PendingPage, reading: BoundedProcesses) -> PageToExtract:
    """Return a staged page as extractors take it.

    :raises Exception: one of ``UNREADABLE``; it cannot be read
    """
    from opera_spiders.companies import company_of
    from opera_spiders.extraction.extractor import PageToExtract

    company = company_of(page.company_domain)
    return PageToExtract(
        blocks=await blocks_of(page, reading),
        fetched_at=page.scraped_at,
        company_domain=page.company_domain,
        language=page.language or (company.page_language if company else None),
        page_type=page.page_type,
        page_id=page.page_id,
    )


async def blocks_of(page: PendingPage | ReadPage, reading: BoundedProcesses) -> PageBlocks:
    """Return the blocks of a staged page.

    :raises Exception: one of ``UNREADABLE``; it cannot be read
    """
    from opera_spiders.extraction.blocks import read_blocks

    if page.html_content is not None:
        return await reading.run(read_blocks, page.html_content.encode(), page.content_type, page.url, "utf-8")
    return await reading.run(read_blocks, page.body or b"", page.content_type, page.url)


class Progress:
    """A bar on a terminal; elsewhere a line every hundred pages."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._console = Console(soft_wrap=True, markup=False, highlight=False)
        self._bar = Bar(
            *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._total = total
        self._task = self._bar.add_task("Extracting", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, tally: Tally) -> None:
        """Count one page."""
        done = tally.extracted + tally.failed
        self._bar.update(self._task, completed=done, description=f"Extracting, {tally.failed} with an error")
        if not self._console.is_terminal and done % _LINE_EVERY_PAGES == 0:
            self.say(f"{done} of {self._total}: {tally}")

    def say(self, line: str) -> None:
        """Show a line, above the bar where there is one."""
        self._console.print(line)


if __name__ == "__main__":
    sys.exit(main())
