"""What a page links to: addresses with their anchors, its other languages, its own canonical address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from opera_spiders.text import clean
from opera_spiders.urls import canonical_url

MAX_LINKS = 5000  # of one page; a page with more is a directory of everything
_STEPS_OF_A_PLACE = 5
_NUMBER = re.compile(r"\d+")
_BOXES = frozenset(("div", "p", "br", "li", "td", "article", "section", "h1", "h2", "h3", "h4", "h5", "h6", "time"))
_LONGEST_URL = 2083  # as Scrapy's URLLENGTH_LIMIT
_STRING = etree.XPath("string()")


@dataclass(frozen=True, slots=True)
class Link:
    """One address with the longest text under which a page links to it.

    ``place`` is where in the page's markup the link stands: links in one place mostly lead to one kind of page.
    """

    url: str
    anchor: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The links of one page, in order; addresses are canonical.

    ``alternates`` maps ISO 639-1 codes (and ``x-default``) to the same page in other languages. ``canonical`` is the
    page's own statement, ``sitemaps`` are those that it names. ``may_follow`` is False where the page asks robots not
    to follow its links.
    """

    links: tuple[Link, ...] = ()
    alternates: tuple[tuple[str, str], ...] = ()
    canonical: str | None = None
    may_follow: bool = True
    sitemaps: tuple[str, ...] = ()


def read_links(text: str, url: str) -> PageLinks:
    """Return the links of an HTML page.

    >>> read_links('<a href="/tosca#cast"><h3>Tosca</h3></a>', "https://example.org/").links
    (Link(url='https://example.org/tosca', anchor='Tosca'),)
    """
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=etree.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        return PageLinks()
    base = urljoin(url, _first(root, "//base/@href")) or url
    anchors: dict[str, str] = {}
    places: dict[str, str] = {}
    for element in root.iter("a", "area"):
        address = _address(base, element.get("href"))
        if address is None or "nofollow" in (element.get("rel") or "").split():
            continue
        if address not in anchors and len(anchors) >= MAX_LINKS:
            break
        anchor = clean(_words(element) or element.get("title") or element.get("aria-label") or "")[:200]
        if len(anchor) >= len(anchors.get(address, "")):
            anchors[address] = anchor
            places[address] = _place(element)
    alternates: dict[str, str] = {}
    canonical: str | None = None
    sitemaps: list[str] = []
    for element in root.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        address = _address(base, element.get("href"))
        if address is None:
            continue
        if "alternate" in relations and element.get("hreflang"):
            alternates.setdefault(language_code(element.get("hreflang") or ""), address)
        elif "canonical" in relations:
            canonical = canonical or address
        elif "sitemap" in relations:
            sitemaps.append(address)
        elif "next" in relations:
            anchors.setdefault(address, "")
    robots = _first(root, "//meta[translate(@name, 'ROBTS', 'robts') = 'robots']/@content").lower()
    may_follow = not {"nofollow", "none"} & {part.strip() for part in robots.split(",")}
    links = tuple(Link(address, anchor, places.get(address, "")) for address, anchor in anchors.items())
    return PageLinks(links, tuple(alternates.items()), canonical, may_follow, tuple(sitemaps))


def language_code(hreflang: str) -> str:
    """Return the language of an ``hreflang`` value, without region and script.

    >>> language_code("de-AT"), language_code("x-default")
    ('de', 'x-default')
    """
    hreflang = hreflang.strip().lower()
    return hreflang if hreflang == "x-default" else hreflang.replace("_", "-").split("-")[0]


def _words(element: etree._Element) -> str:
    """Return the text of a link; of one that holds boxes with a space between them."""
    if any(child.tag in _BOXES for child in element.iter()):
        return " ".join(str(text) for text in element.itertext())
    return str(_STRING(element))


def _place(element: etree._Element) -> str:
    """Return the element's nearest ancestors, each with its first class: ``main ul li.card h3``."""
    steps: list[str] = []
    for ancestor in element.iterancestors():
        if len(steps) == _STEPS_OF_A_PLACE or ancestor.tag in ("body", "html"):
            break
        names = (ancestor.get("class") or "").split()
        steps.append(f"{ancestor.tag}.{_NUMBER.sub('0', names[0])}" if names else str(ancestor.tag))
    return " ".join(reversed(steps))


def _first(root: etree._Element, xpath: str) -> str:
    found = root.xpath(xpath)
    return str(found[0]).strip() if isinstance(found, list) and found else ""


def _address(base: str, href: str | None) -> str | None:
    if not href or len(href) > _LONGEST_URL:
        return None
    try:
        absolute = urljoin(base, href.strip())
        if urlsplit(absolute).scheme not in ("http", "https") or not urlsplit(absolute).hostname:
            return None
        return canonical_url(absolute)
    except ValueError:  # not an address: [href="http://[oops"]
        return None
