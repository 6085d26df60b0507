"""Sitemaps, bounded: indexes of indexes, compressed ones, plain lists; and which of their addresses count."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from lxml import etree

from opera_spiders.discovery.links import language_code
from opera_spiders.urls import canonical_url

MAX_NESTING = 3
MAX_SITEMAPS = 50  # of one crawl
MAX_URLS = 50_000  # of one sitemap, as sitemaps.org has it
MAX_BYTES = 52_428_800  # of one sitemap after decompression, as sitemaps.org has it

#: Where they lie when robots.txt lists none, in the order of asking: the usual place, and that of many a plug-in.
USUAL_PLACES = ("/sitemap.xml", "/sitemap_index.xml")
_LONGEST_LASTMOD = 40  # characters; a date with time, fraction and zone has 35
_XHTML_LINK = "{http://www.w3.org/1999/xhtml}link"


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One address of a sitemap. ``lastmod`` is as printed; ``alternates`` the page in other languages."""

    url: str
    lastmod: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()

    @property
    def changed_date(self) -> date | None:
        """The day of ``lastmod``, None where it is no date."""
        try:
            return date.fromisoformat((self.lastmod or "")[:10])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages and further sitemaps that one sitemap lists."""

    pages: tuple[SitemapEntry, ...] = ()
    sitemaps: tuple[SitemapEntry, ...] = ()


def next_place(url: str) -> str | None:
    """Return where else a sitemap may lie when there is none at one of the usual places.

    >>> next_place("https://example.org/sitemap.xml"), next_place("https://example.org/map.xml")
    ('https://example.org/sitemap_index.xml', None)
    """
    path = urlsplit(url).path
    following = USUAL_PLACES[USUAL_PLACES.index(path) + 1 :] if path in USUAL_PLACES else ()
    return urljoin(url, following[0]) if following else None


def read_sitemap(body: bytes) -> Sitemap:
    """Return what a sitemap lists, XML or one address a line, compressed or not; nothing for anything else.

    >>> read_sitemap(b"https://example.org/a\\nhttps://example.org/b\\n").pages[1].url
    'https://example.org/b'
    """
    body = _decompressed(body)
    head = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<"):
        return Sitemap(pages=tuple(_lines(body)))
    pages: list[SitemapEntry] = []
    sitemaps: list[SitemapEntry] = []
    # No entities, no network: a sitemap is a stranger's XML.
    elements = etree.iterparse(
        io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    try:
        for _, element in elements:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name not in ("url", "sitemap"):
                continue
            if entry := _entry(element):
                (pages if name == "url" else sitemaps).append(entry)
            element.clear()
            if len(pages) >= MAX_URLS or len(sitemaps) >= MAX_URLS:
                break
    except etree.XMLSyntaxError:
        pass  # what was read before the fault counts
    return Sitemap(tuple(pages), tuple(sitemaps))


def _entry(element: etree._Element) -> SitemapEntry | None:
    address: str | None = None
    lastmod: str | None = None
    alternates: dict[str, str] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        if name == "loc":
            address = _canonical(child.text)
        elif name == "lastmod":
            lastmod = (child.text or "").strip()[:_LONGEST_LASTMOD] or None
        elif child.tag == _XHTML_LINK and (version := _canonical(child.get("href"))):
            alternates[language_code(child.get("hreflang") or "")] = version
    return SitemapEntry(address, lastmod, tuple(alternates.items())) if address else None


def _lines(body: bytes) -> Iterator[SitemapEntry]:
    for line in body.decode("utf-8", "replace").splitlines()[:MAX_URLS]:
        if line.strip().startswith(("http://", "https://")) and (address := _canonical(line)):
            yield SitemapEntry(address)


def _canonical(address: str | None) -> str | None:
    try:
        return canonical_url(address) if address and address.strip().startswith(("http://", "https://")) else None
    except ValueError:
        return None


def _decompressed(body: bytes) -> bytes:
    """Return a sitemap as text; a compressed one up to the size a sitemap may have."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as file:
            return file.read(MAX_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""
