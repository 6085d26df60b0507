"""Crawls of local hosts."""

from tests.crawls import closed_port, crawl, crawl_worker, host

__all__ = ["closed_port", "crawl", "crawl_worker", "host"]
