"""The processes in which a crawl reads what hosts send."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.crawler import Crawler

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.config import Config

_of: WeakKeyDictionary[Crawler, BoundedProcesses] = WeakKeyDictionary()


def reading_of(crawler: Crawler) -> BoundedProcesses:
    """Return the processes of a crawl, bounded by ``OPERA_READING_CPU_SECONDS``; they end when the spider closes."""
    if crawler not in _of:
        cpu_seconds = Config.from_settings(crawler.settings).opera_reading_cpu_seconds
        _of[crawler] = processes = BoundedProcesses(cpu_seconds=cpu_seconds)
        crawler.signals.connect(processes.close, signal=signals.spider_closed, weak=False)
    return _of[crawler]
