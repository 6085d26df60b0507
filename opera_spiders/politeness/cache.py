"""Freshness of pages: no request within the TTL, conditional requests after it."""

from __future__ import annotations

import logging
import pickle
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.extensions.httpcache import FilesystemCacheStorage
from scrapy.http import Response
from scrapy.settings import BaseSettings

from opera_spiders.config import Config
from opera_spiders.politeness.robots import MAX_AGE_SECONDS

logger = logging.getLogger(__name__)

_KEPT_STATUSES = frozenset({200, 203, 300, 301, 302, 303, 307, 308, 404, 410})


class TtlCachePolicy:
    """Fresh for ``OPERA_PAGE_TTL_SECONDS``, whatever the host says; then asked again with ETag and Last-Modified.

    The host's ``Cache-Control`` is for browsers, which come back within minutes; we come back within days. Entries
    never vanish (so not ``HTTPCACHE_EXPIRATION_SECS``): what is too old still holds the validators, and a 304 makes it
    fresh again. robots.txt is fresh for a day at most. Errors and refusals are never kept.

    What other nodes know, ``shared_freshness.py`` brings in.
    """

    def __init__(self, settings: BaseSettings, now: Callable[[], float] = time.time) -> None:
        self.ttl_seconds = Config.from_settings(settings).opera_page_ttl_seconds
        self.now = now

    def should_cache_request(self, request: Request) -> bool:
        """Keep what was asked for by GET over HTTP."""
        return request.method == "GET" and urlsplit(request.url).scheme in ("http", "https")

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Keep pages, redirects and "not there"; never a cut body."""
        return response.status in _KEPT_STATUSES and not {"partial", "dataloss", "download_stopped"} & set(
            response.flags
        )

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Tell whether no request is needed; when one is, make it conditional."""
        ttl = self.ttl_seconds
        if urlsplit(request.url).path == "/robots.txt":
            ttl = min(ttl, MAX_AGE_SECONDS)
        if 0 <= self.now() - request.meta["cache_timestamp"] < ttl:
            return True
        for validator, header in ((b"ETag", b"If-None-Match"), (b"Last-Modified", b"If-Modified-Since")):
            if (value := cachedresponse.headers.get(validator)) is not None:
                request.headers[header] = value
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        """Tell whether the host says that nothing has changed; what its headers say now, on rights too, counts."""
        if response.status != 304:
            return False
        for name, values in response.headers.items():  # RFC 9111 3.2
            if not name.lower().startswith((b"content-encoding", b"content-length", b"content-range", b"content-type")):
                cachedresponse.headers.setlist(name, values)
        return True


class DurableCacheStorage(FilesystemCacheStorage):
    """Scrapy's files, where an entry cut short by a crash is no entry, and a full disk no fault of the host's."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._is_told = False

    def kept_at(self, spider: Spider, request: Request) -> datetime | None:
        """Return when the response to ``request`` was fetched or confirmed, None when there is none."""
        try:
            meta = self._read_meta(spider, request)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return None
        return None if meta is None else datetime.fromtimestamp(meta["timestamp"], UTC)

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """Return what is kept whole; anything else is fetched again."""
        try:
            return super().retrieve_response(spider, request)
        except (OSError, EOFError, ValueError, KeyError, zlib.error, pickle.UnpicklingError):
            return None

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep a response; where that cannot be, say so once and let the crawl have it all the same."""
        try:
            super().store_response(spider, request, response)
        except OSError as error:
            if not self._is_told:
                self._is_told = True
                logger.warning("The HTTP cache in %s cannot be written: %s", self.cachedir, error.strerror or error)
