"""Hosts to crawl by commands; staged pages and a model server."""

from tests.commands.pending import model, stage
from tests.crawls import closed_port, host

__all__ = ["closed_port", "host", "model", "stage"]
