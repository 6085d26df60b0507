"""Hosts to crawl by commands."""

from tests.crawls import closed_port, host

__all__ = ["closed_port", "host"]
