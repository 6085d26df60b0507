"""A crawl that needs no host: it writes numbers to the database and, before the third, does what it is told.

Usage: items_crawl.py (nothing|stop|wrong) — prints the stats as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from sqlalchemy import text

from opera_spiders.extensions.database import Database


class WriteItems:
    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def from_crawler(cls, crawler: Any) -> WriteItems:
        return cls(Database.of(crawler))

    async def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        if item["number"] == 3:
            await self.misbehave(sys.argv[1])
        async with self.database.begin() as connection:
            await connection.execute(
                text("INSERT INTO staging.host_state (host) VALUES (:host)"), {"host": str(item["number"])}
            )
        return item

    async def misbehave(self, how: str) -> None:
        server = self.database.server
        if how == "stop" and server and server.embedded:
            await asyncio.to_thread(server.embedded.stop)
        if how == "wrong":
            async with self.database.begin() as connection:
                await connection.execute(text("SELECT * FROM staging.reviews_of_nobody"))


class Numbers(Spider):
    name = "numbers"

    async def start(self) -> AsyncIterator[Request]:
        for number in range(1, 6):
            yield Request(f"data:,{number}", priority=-number)

    def parse(self, response: Response) -> dict[str, Any]:
        return {"number": int(response.body)}


settings = {
    "ITEM_PIPELINES": {WriteItems: 1},
    "EXTENSIONS": {Database: 1},
    "CONCURRENT_REQUESTS": 1,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "INFO",
}
process = CrawlerProcess(settings)
crawler = process.create_crawler(Numbers)
process.crawl(crawler)
process.start()
sys.stdout.write(json.dumps(crawler.stats.get_stats() if crawler.stats else {}, default=str))
sys.exit(process.bootstrap_failed)
