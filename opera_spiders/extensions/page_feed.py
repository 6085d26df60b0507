"""Feeds (``-o``, ``-O``) write a page's ``to_feed()`` row, in every format Scrapy has."""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from typing import Any, Self

from itemadapter import ItemAdapter
from itemadapter.adapter import AdapterInterface
from scrapy.crawler import Crawler

from opera_spiders.items import ExtractedPage, FetchedPage, StagedPage

_PAGES = (FetchedPage, StagedPage, ExtractedPage)


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


class PageFeed:
    """Registers the adapter."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Register it once for the process."""
        if PageAdapter not in ItemAdapter.ADAPTER_CLASSES:
            ItemAdapter.ADAPTER_CLASSES = (PageAdapter, *ItemAdapter.ADAPTER_CLASSES)
        return cls()
