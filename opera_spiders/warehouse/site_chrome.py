"""Learns the chrome of a site from its staged pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from opera_spiders.extraction.blocks import PageBlocks, read_blocks
from opera_spiders.extraction.model_chrome import FEWEST_PAGES, SAMPLE_PAGES, Chrome, learn
from opera_spiders.warehouse.tables import stg_scraped_pages

pages = stg_scraped_pages.c

_ASKED_BETWEEN_LOOKS = 25  # pages; meanwhile a crawl has found others, and a site may have a new menu


@dataclass(slots=True)
class _Learnt:
    chrome: Chrome
    pages_count: int
    asked_count: int = 0


class StagedChrome:
    """``SiteChrome`` learnt from the latest version of up to forty pages of the company, always the same ones.

    :param begin: opens a transaction, as ``AsyncEngine.begin`` does
    """

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self.begin = begin
        self._learnt: dict[str, _Learnt] = {}
        self._learning = asyncio.Lock()

    async def of(self, company_domain: str) -> Chrome:
        """Return what is chrome on the company's pages; looked at again while pages are few, and now and then."""
        async with self._learning:
            known = self._learnt.get(company_domain)
            if known is None or known.pages_count < FEWEST_PAGES or known.asked_count >= _ASKED_BETWEEN_LOOKS:
                async with self.begin() as connection:
                    sample = await _sample(connection, company_domain)
                chrome = await asyncio.to_thread(_learn, sample)
                known = self._learnt[company_domain] = _Learnt(chrome, len(sample))
            known.asked_count += 1
            return known.chrome


async def _sample(connection: AsyncConnection, company_domain: str) -> Sequence[tuple[str, str, str | None]]:
    """Return (url, html_content, content_type) of the latest version of some pages, chosen by their address alone."""
    latest = (
        select(pages.url, pages.html_content, pages.content_type)
        .where(pages.company_domain == company_domain, pages.html_content.is_not(None))
        .ext(distinct_on(pages.url))
        .order_by(pages.url, pages.scraped_at.desc(), pages.id.desc())
        .subquery()
    )
    query = select(latest).order_by(func.md5(latest.c.url)).limit(SAMPLE_PAGES)
    return [(row.url, row.html_content, row.content_type) for row in await connection.execute(query)]


def _learn(sample: Sequence[tuple[str, str, str | None]]) -> Chrome:
    if len(sample) < FEWEST_PAGES:
        return frozenset()
    return learn([_blocks(*row) for row in sample])


def _blocks(url: str, html: str, content_type: str | None) -> PageBlocks:
    return read_blocks(html.encode("utf-8", "surrogatepass"), content_type, url, encoding="utf-8")
