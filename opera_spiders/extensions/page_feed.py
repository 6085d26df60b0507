"""Feeds (``-o``, ``-O``) write a page's ``to_feed()`` row, in every format Scrapy has, or the crawl has failed."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator, KeysView
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from itemadapter import ItemAdapter
from itemadapter.adapter import AdapterInterface
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.exporters import XmlItemExporter
from scrapy.extensions.feedexport import FeedExporter, FeedSlot
from scrapy.settings import BaseSettings
from w3lib.url import file_uri_to_path

from opera_spiders.errors import BadInputError
from opera_spiders.items import ExtractedPage, FetchedPage, StagedPage
from opera_spiders.outcomes import Outcome

logger = logging.getLogger(__name__)

_PAGES = (FetchedPage, StagedPage, ExtractedPage)
# Characters that XML 1.0 has no way to write, and those that no name of an element may hold.
_NO_XML_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_XML_NAME = re.compile(r"[^A-Za-z0-9_.-]")


class PageAdapter(AdapterInterface):
    """Shows a page to exporters as its feed row; read only.

    Without it they would see the dataclass, and ``bytes`` in a JSON feed loses the row at exit status 0.
    """

    def __init__(self, item: Any) -> None:
        super().__init__(item)
        self._row: dict[str, Any] = item.to_feed()

    @classmethod
    def is_item_class(cls, item_class: type) -> bool:
        """Tell whether the class is one of the stations of a page."""
        return issubclass(item_class, _PAGES)

    def field_names(self) -> KeysView[str]:
        """Return the names of the row's columns."""
        return self._row.keys()

    def __getitem__(self, field_name: str) -> Any:
        return self._row[field_name]

    def __setitem__(self, field_name: str, value: Any) -> None:
        raise TypeError("A page is not changed on its way into a feed.")

    def __delitem__(self, field_name: str) -> None:
        raise TypeError("A page is not changed on its way into a feed.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)


class PageFeed(FeedExporter):
    """Scrapy's feeds, of pages. A feed that cannot be written ends the crawl with the outcome ``failed``.

    ``closed`` is set once the feeds are stored, or have failed.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.closed = asyncio.Event()
        self._failed: str | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Register the adapter once for the process, and listen.

        :raises BadInputError: a feed has an address or a format that Scrapy cannot serve
        """
        if PageAdapter not in ItemAdapter.ADAPTER_CLASSES:
            ItemAdapter.ADAPTER_CLASSES = (PageAdapter, *ItemAdapter.ADAPTER_CLASSES)
        try:
            return super().from_crawler(crawler)
        except NotConfigured:
            if not crawler.settings.getdict("FEEDS"):
                raise
        raise BadInputError("The feed's address or format cannot be used; the log says why. Correct -o, -O or FEEDS.")

    def item_scraped(self, item: Any, spider: Spider) -> None:
        """Write the page."""
        if self._failed is not None:
            return
        try:
            super().item_scraped(item, spider)
        except OSError as error:
            self._fail(error)
            assert self.crawler.engine is not None
            # Not awaited: closing waits for the very pages that are being written now.
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=Outcome.FAILED))

    async def close_spider(self, spider: Spider) -> None:
        """Store the feeds."""
        try:
            await super().close_spider(spider)
        finally:
            self.closed.set()

    async def _close_slot(self, slot: FeedSlot, spider: Spider) -> None:
        try:
            if self._failed is None:
                if slot.file is not None:
                    slot.file.flush()  # here a full disk is one line, while storing it is a traceback
                await super()._close_slot(slot, spider)
        except OSError as error:
            self._fail(error)
        assert self.crawler.stats is not None
        if any(stat.startswith("feedexport/failed_count/") for stat in self.crawler.stats.get_stats()):
            self._fail(OSError("it could not be stored, and the log says why"))

    def _fail(self, error: OSError) -> None:
        if self._failed is not None:
            return
        self._failed = unwritable(error)
        logger.error("%s", self._failed)
        assert self.crawler.stats is not None
        self.crawler.stats.set_value(f"opera/outcome/{Outcome.FAILED}", self._failed)


class PageXmlExporter(XmlItemExporter):
    """Writes XML that can be read: pages hold control characters and header names that XML does not know."""

    def _export_xml_field(self, name: str, serialized_value: Any, depth: int) -> None:
        name = _NO_XML_NAME.sub("_", name)
        if not (name[:1].isalpha() or name.startswith("_")):
            name = f"_{name}"
        value = _NO_XML_TEXT.sub("\ufffd", serialized_value) if isinstance(serialized_value, str) else serialized_value
        super()._export_xml_field(name, value, depth)


def check_feeds(settings: BaseSettings) -> None:
    """Try to open every feed that is a file.

    :raises BadInputError: one cannot be written; one line that says which, why, and what to do
    """
    for uri in map(str, settings.getdict("FEEDS")):
        scheme = urlsplit(uri).scheme
        # What a template leads to is known when the crawl runs; opening a pipe would end its reader.
        path = Path(file_uri_to_path(uri) if scheme == "file" else uri)
        if scheme not in ("", "file") or "%(" in uri or path.is_fifo() or path.is_char_device():
            continue
        is_new = not path.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab"):
                pass
            if is_new:
                path.unlink()
        except OSError as error:
            raise BadInputError(unwritable(error, path)) from error


def unwritable(error: OSError, path: Path | None = None) -> str:
    """Return what to tell the user about a feed that cannot be written."""
    place = f" {path or error.filename}" if path or error.filename else ""
    return f"The feed{place} cannot be written: {error.strerror or error}. Give -o or -O a file that can be, with room."
