"""What each stage of the chain costs for a page, measured one at a time in one process."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from scrapy import Request
from scrapy.http import HtmlResponse

from benchmarks.throughput.house import pages
from opera_spiders.discovery.links import PageLinks, read_links
from opera_spiders.discovery.site_data import data_links
from opera_spiders.extraction import grounding, rules
from opera_spiders.extraction.blocks import PageBlocks, read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.items import FetchedPage
from opera_spiders.spiders.responses import fetched_page
from opera_spiders.warehouse import store
from opera_spiders.warehouse.server import Server

T = TypeVar("T")


def stage_costs(count: int, server: Server) -> dict[str, float]:
    """Return CPU milliseconds for each page by stage; of the database only our side."""
    spent: Counter[str] = Counter()

    def timed(stage: str, work: Callable[..., T], *arguments: Any) -> T:
        began = time.process_time()
        done = work(*arguments)
        spent[stage] += time.process_time() - began
        return done

    made = {path: body for path, body in pages(count).items() if not path.endswith((".xml", ".txt"))}
    with asyncio.Runner() as loop:
        engine = server.async_engine()

        async def staged(page: object) -> object:
            async with engine.begin() as connection:
                return await store.save_page(connection, page)

        async def stored(page_id: object, extraction: object) -> None:
            async with engine.begin() as connection:
                await store.save_extraction(connection, page_id, extraction)

        for path, body in made.items():
            url = f"http://127.0.0.1:1{path}"
            blocks = timed("blocks", read_blocks, body, "text/html; charset=utf-8", url)
            timed("links", read_links, body.decode(), url)
            timed("links", data_links, body.decode(), url)
            to_extract = PageToExtract(blocks, datetime.now(UTC), "127.0.0.1:1")
            answer = timed("extract", rules.read_page, to_extract)
            extraction = timed(
                "ground",
                partial(grounding.checked, answer, to_extract, extraction_version="benchmark", llm_model="rules"),
            )
            response = HtmlResponse(url, body=body, encoding="utf-8", headers={"Content-Type": "text/html"})
            page = timed("page", _page, response, blocks)
            page_id = timed("stage", loop.run, staged(page))
            timed("store", loop.run, stored(page_id, extraction))
        loop.run(engine.dispose())
    return {stage: 1000 * seconds / len(made) for stage, seconds in spent.items()}


def _page(response: HtmlResponse, blocks: PageBlocks) -> FetchedPage:
    response.request = Request(response.url)
    return fetched_page(
        response, blocks, PageLinks(), company_domain="127.0.0.1:1", link_type="production", run_id=None
    )
