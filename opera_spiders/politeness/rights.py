"""What a host says about the use of its pages, and whether we keep them.

Reserved, so not kept and not extracted: ``tdm-reservation: 1`` (TDMRep), ``noai``, an RSL licence that does not grant
AI input, ``Content-Signal: ai-input=no``; unless the company's row records a licence. ``noindex``, ``noarchive`` and
``ai-train=no`` are recorded: we neither publish an index nor train models.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from lxml import etree
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.statscollectors import StatsCollector

from opera_spiders.bounded import BoundExceededError
from opera_spiders.extensions.reading import reading_of
from opera_spiders.politeness.delay import PART_OF_VISIT
from opera_spiders.politeness.failures import HOST_FAILURES
from opera_spiders.politeness.page_head import MAX_HEAD_CHARACTERS, PageHead
from opera_spiders.politeness.robots import IS_ROBOTS_TXT, PRODUCT_TOKEN, RobotsMiddleware
from opera_spiders.politeness.robots_rules import RobotsRules, path_matches

logger = logging.getLogger(__name__)

#: Request.meta of the requests for a host's statements about rights, which need no rights themselves.
IS_ABOUT_RIGHTS = "opera_is_about_rights"
RIGHTS = "opera_rights"

_DIRECTIVES_WITH_VALUE = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
_RSL = "{https://rslstandard.org/rsl}"
_RSL_OUR_USES = frozenset({"all", "ai-all", "ai-input"})
_XMP_RESERVATION = re.compile(rb"tdm:reservation\s{0,9}(?:=\s{0,9}[\"']|>)\s{0,9}([01])")
_RSL_FREE = frozenset({"", "free", "attribution"})


class PageUnreadable(IgnoreRequest):
    """What a page says about its use cannot be read, so it is not used."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One statement. ``source`` says where it stands, ``value`` what it says, as printed."""

    source: str
    value: str
    is_reservation: bool = False

    def __str__(self) -> str:
        return f"{self.source}: {self.value}"


def robots_tag_signals(source: str, values: Iterable[str], product_token: str = PRODUCT_TOKEN) -> Iterator[Signal]:
    """Yield the directives of ``X-Robots-Tag`` headers or robots metas that are meant for every crawler or for us.

    >>> [signal.value for signal in robots_tag_signals("header", ["noarchive, otherbot: noindex", "noai"])]
    ['noarchive', 'noai']
    """
    for line in values:
        agent = "*"
        for part in line.split(","):
            name, colon, rest = part.strip().lower().partition(":")
            if colon and name.strip() not in _DIRECTIVES_WITH_VALUE:
                agent, name = name.strip(), rest
            if agent in ("*", product_token.lower()) and name.strip() in ("noindex", "none", "noarchive", "noai"):
                yield Signal(source, name.strip(), is_reservation=name.strip() == "noai")


def content_signals(source: str, values: Iterable[str]) -> Iterator[Signal]:
    """Yield what ``Content-Signal`` lines say no to.

    >>> [str(signal) for signal in content_signals("robots.txt", ["search=yes, ai-train=no"])]
    ['robots.txt: ai-train=no']
    """
    for line in values:
        for use, answer in re.findall(r"([\w-]+)\s*=\s*(yes|no)\b", line.lower()):
            if answer == "no":
                yield Signal(source, f"{use}=no", is_reservation=use == "ai-input")


def tdm_signals(found: Iterable[tuple[str, str | None]]) -> Iterator[Signal]:
    """Yield the one reservation that is in force: of several sources the last (TDMRep: file, header, HTML).

    :param found: source and value of ``tdm-reservation``, weakest first; what is neither 0 nor 1 is unset
    """
    valid = [(source, value) for source, value in found if value in ("0", "1")]
    for source, value in valid[-1:]:
        yield Signal(source, f"tdm-reservation={value}", is_reservation=value == "1")


def xmp_reservation(body: bytes) -> str | None:
    """Return what the metadata of a PDF says (TDMRep, "TDM metadata in PDF"), as element or attribute.

    >>> xmp_reservation(b"%PDF-1.7 ... <tdm:reservation>1</tdm:reservation>")
    '1'
    """
    found = _XMP_RESERVATION.search(body) if body.startswith(b"%PDF-") else None
    return found[1].decode() if found else None


def tdm_file_value(body: bytes, url: str) -> str | None:
    """Return what ``/.well-known/tdmrep.json`` says about ``url``; of several locations the longest that matches."""
    try:
        rules = json.loads(body)
    except ValueError:
        return None
    matching = [
        (len(location), str(rule.get("tdm-reservation")))
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and isinstance(location := rule.get("location"), str) and path_matches(location, url)
    ]
    return max(matching)[1] if matching else None


def rsl_signals(body: bytes, url: str) -> Iterator[Signal]:
    """Yield what an RSL 1.0 document says about reading ``url`` by a program that may use a model ("AI input")."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return
    contents = [(_rsl_pattern(content.get("url", ""), url), content) for content in root.iter(f"{_RSL}content")]
    matching = [(pattern, content) for pattern, content in contents if pattern and path_matches(pattern, url)]
    if not matching:
        return
    content = max(matching, key=lambda pair: len(pair[0]))[1]
    if not any(_grants(licence) for licence in content.iter(f"{_RSL}license")) or content.get("server"):
        yield Signal("RSL licence", "AI input is not granted", is_reservation=True)


def _rsl_pattern(location: str, url: str) -> str | None:
    parts = urlsplit(location)
    if parts.netloc and parts.netloc != urlsplit(url).netloc:
        return None
    return location[location.index(parts.netloc) + len(parts.netloc) :] or "/" if parts.netloc else location


def _grants(licence: etree._Element) -> bool:
    def uses(tag: str) -> list[set[str]]:
        return [
            set(re.split(r"[\s,]+", (element.text or "").strip().lower()))
            for element in licence.iter(_RSL + tag)
            if element.get("type") == "usage"
        ]

    permitted, prohibited = uses("permits"), uses("prohibits")
    is_free = all((payment.get("type") or "") in _RSL_FREE for payment in licence.iter(f"{_RSL}payment"))
    return (
        is_free
        and not any(use & _RSL_OUR_USES for use in prohibited)
        and (not permitted or any(use & _RSL_OUR_USES for use in permitted))
    )


def decide(signals: Iterable[Signal], licence_note: str | None = None) -> dict[str, Any]:
    """Return the ``rights`` of a page: ``decision`` (``kept`` or ``reserved``), ``reason``, ``signals`` as printed."""
    signals = list(signals)
    reservations = [signal for signal in signals if signal.is_reservation]
    decision, reason = "kept", "nothing reserves its use"
    if reservations and licence_note:
        reason = f"licence recorded for the company: {licence_note}"
    elif reservations:
        decision, reason = "reserved", str(reservations[0])
    return {"decision": decision, "reason": reason, "signals": [str(signal) for signal in signals]}


class RightsMiddleware:
    """Records the rights of each page in ``meta["opera_rights"]``.

    Asks a host once per crawl for ``/.well-known/tdmrep.json`` and for the licences its robots.txt names; where these
    cannot be had they say nothing.
    """

    def __init__(self, crawler: Crawler, stats: StatsCollector) -> None:
        self.crawler = crawler
        self.stats = stats
        self._bodies: dict[str, asyncio.Task[bytes]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of a crawl."""
        assert crawler.stats is not None
        return cls(crawler, crawler.stats)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Decide about pages; what only serves to reach them passes."""
        if response.status == 200 and not any(
            request.meta.get(key) for key in (IS_ROBOTS_TXT, IS_ABOUT_RIGHTS, PART_OF_VISIT)
        ):
            company = getattr(self.crawler.spider, "company", None)
            rights = decide([s async for s in self._signals(response)], getattr(company, "licence_note", None))
            request.meta[RIGHTS] = rights
            if rights["decision"] == "reserved":
                self.stats.inc_value("opera/pages/reserved")
                logger.debug("%s is not kept: %s", response.url, rights["reason"])
        return response

    async def _signals(self, response: Response) -> Any:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        rules = (robots.rules(response.url) if robots else None) or RobotsRules()
        head = await self._head(response)
        headers = {
            name: [value.decode("latin-1") for value in response.headers.getlist(name)]
            for name in ("X-Robots-Tag", "Content-Signal", "tdm-reservation")
        }
        tdm_file = await self._body(urljoin(response.url, "/.well-known/tdmrep.json"))
        signals = [
            *tdm_signals(
                [
                    ("/.well-known/tdmrep.json", tdm_file_value(tdm_file, response.url)),
                    *(("header tdm-reservation", value.strip()) for value in headers["tdm-reservation"]),
                    ("meta tdm-reservation", head.tdm_reservation),
                    ("XMP tdm:reservation", xmp_reservation(response.body)),
                ]
            ),
            *robots_tag_signals("header X-Robots-Tag", headers["X-Robots-Tag"]),
            *robots_tag_signals("meta robots", head.robots),
            *content_signals("header Content-Signal", headers["Content-Signal"]),
            *content_signals("robots.txt Content-Signal", rules.content_signals),
        ]
        for signal in signals:
            yield signal
        for licence in dict.fromkeys((*rules.licenses, *head.rsl_licences)):
            yield Signal("RSL licence", licence)
            for signal in rsl_signals(await self._body(urljoin(response.url, licence)), response.url):
                yield signal

    async def _head(self, response: Response) -> PageHead:
        if not isinstance(response, HtmlResponse):
            return PageHead()
        start = response.text[:MAX_HEAD_CHARACTERS]
        try:
            return await reading_of(self.crawler).run(PageHead.read, start, response.url, PRODUCT_TOKEN)
        except BoundExceededError as error:
            self.stats.inc_value("opera/pages/unreadable")
            raise PageUnreadable(f"The head of {response.url} cannot be read: {error}") from error

    async def _body(self, url: str) -> bytes:
        if url not in self._bodies:
            self._bodies[url] = asyncio.ensure_future(self._fetch(url))
        return await asyncio.shield(self._bodies[url])

    async def _fetch(self, url: str) -> bytes:
        assert self.crawler.engine is not None
        meta = {IS_ABOUT_RIGHTS: True, "dont_retry": True}
        try:
            response = await self.crawler.engine.download_async(
                Request(url, callback=NO_CALLBACK, dont_filter=True, meta=meta)
            )
        except (IgnoreRequest, *HOST_FAILURES) as error:
            logger.debug("%s says nothing about rights: %s", url, error)
            return b""
        return response.body if response.status == 200 else b""
