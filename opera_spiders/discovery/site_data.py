"""JSON that a site itself serves: named in a page's markup, or known to be offered by the system it runs on.

A page names more addresses of data than anybody needs, so what is asked for is chosen: only the company's own hosts,
only what is called after productions, performances, calendars or seasons, a few addresses for each company, a few pages
of each list, and never what ``NEVER_ASKED`` lists.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from opera_spiders.discovery.links import MAX_LINKS, Link, PageLinks
from opera_spiders.discovery.page_types import HUBS, LinkType, kind_of
from opera_spiders.extraction.json_blocks import unflattened
from opera_spiders.extraction.json_fields import fields, is_title, spaced
from opera_spiders.text import clean, visible
from opera_spiders.urls import canonical_url, is_same_company, path_segments

MAX_ADDRESSES = 40  # of one company in one crawl, the pages of its lists included
MAX_LIST_PAGES = 10
MAX_DATA_BYTES = 8 * 1024 * 1024
_LONGEST_URL = 500


@dataclass(frozen=True, slots=True)
class Platform:
    """A system that serves what it shows as JSON too.

    ``root`` is a CSS selector of the element whose attribute gives the address of its interface, or a pattern of that
    address in the markup; ``asks`` is what is asked for below it.
    """

    name: str
    asks: tuple[str, ...]
    selector: str = ""
    attribute: str = "href"
    pattern: re.Pattern[str] | None = None

    def roots(self, tree: LexborHTMLParser, text: str) -> Iterator[str]:
        """Yield the addresses of its interface that a page names, as written."""
        if self.selector:
            yield from (element.attributes.get(self.attribute) or "" for element in tree.css(self.selector))
        if self.pattern is not None:
            yield from (_unescaped(match[0]) for match in self.pattern.finditer(text))


PLATFORMS = (
    # Its list of content types says which of them are productions or events; what they hold is asked for next.
    Platform("WordPress", ("wp/v2/types",), 'link[rel="https://api.w.org/"]'),
    Platform(
        "Spektrix",
        ("events",),
        pattern=re.compile(r"(?:https?:)?(?:\\?/){2}[\w.:-]+(?:\\?/)[\w-]+(?:\\?/)api(?:\\?/)v3(?:\\?/)"),
    ),
    Platform("Nuxt", ("",), "script#__NUXT_DATA__[data-src]", "data-src"),
)
_EVENTS_CALENDAR = "tribe/events/v1/events?per_page=50"  # of WordPress, in place of the bare list of its posts

#: Words of an address that is no business of ours, or no data. One list: docs/politeness.md is held to it.
NEVER_ASKED = {
    "people and their accounts": "account auth login logout member oauth order profile session token user customer",
    "shops and forms": "basket booking captcha cart checkout contact form newsletter payment subscribe voucher",
    "measuring and consent": "analytics beacon collect consent cookie gdpr matomo metric pixel privacy sentry stat "
    "telemetry track tracking",
    "the site's own management": "admin batch cron debug draft graphql health log nonce preview revision upload "
    "webhook xmlrpc",
    "the site's dress": "asset block comment i18n image lang locale manifest media menu navigation oembed option "
    "search setting suggest tag template theme translation widget",
}
_NEVER = frozenset(word for words in NEVER_ASKED.values() for word in words.split())
_DATA_WORDS = frozenset(("api", "rest", "json", "data", "feed", "services", "rpc", "endpoint"))
_DATA_SEGMENT = re.compile(
    r"(?:api|rest|wp-json|json-?api|json|data|_data|feeds?|services?|rpc|ajax|endpoints?|v\d)", re.I
)
_SCRIPT_ADDRESS = re.compile(r"""["'`]((?:https?:)?\\?/[^"'`<>\s]{3,500})["'`]""")
_ATTRIBUTE = re.compile(r"""\s(data-[\w-]{1,60})\s*=\s*["']\s*((?:https?:)?/[^"'<>\s]{3,500})""")
_PLACEHOLDER = re.compile(r"[{}<>$*\[\]|]|(?<=/):\w|%(?![0-9A-Fa-f]{2})")
_NEXT_KEYS = frozenset(("next", "next_url", "nexturl", "nextpage", "next_page_url", "next_rest_url", "nextlink"))
_ADDRESS_KEY = re.compile(
    r"^(?:url|link|href|permalink|path|alias|uri|(?:detail|page|web|canonical|full) (?:url|link|path))$"
)
_PAGE_PARAMETERS = frozenset(("page", "paged", "offset", "skip", "start", "cursor", "after", "p"))


@dataclass(frozen=True, slots=True)
class DataLink:
    """An address of data. ``kind`` is what its name says it holds, ``platform`` the system it is known from."""

    url: str
    kind: LinkType = "calendar"
    platform: str = ""


def data_links(text: str, url: str) -> tuple[DataLink, ...]:
    """Return the addresses of data that the markup of an HTML page names, each once.

    >>> data_links('<div data-events-url="/api/events?month=2026-12"></div>', "https://example.org/")
    (DataLink(url='https://example.org/api/events?month=2026-12', kind='production', platform=''),)
    """
    tree = LexborHTMLParser(text)
    found: dict[str, DataLink] = {}
    for link in (*_of_platforms(tree, text, url), *_of_next(tree, url), *_named(tree, text, url)):
        found.setdefault(link.url, link)
    return tuple(found.values())


def _of_platforms(tree: LexborHTMLParser, text: str, url: str) -> Iterator[DataLink]:
    for platform in PLATFORMS:
        for root in dict.fromkeys(platform.roots(tree, text)):
            for path in platform.asks:
                if root and (address := _address(url, root + path)) is not None:
                    yield DataLink(address, platform=platform.name)


def _of_next(tree: LexborHTMLParser, url: str) -> Iterator[DataLink]:
    """Yield the data of a page that Next.js serves without it (a fallback); elsewhere the page itself holds it."""
    for script in tree.css("script#__NEXT_DATA__"):
        try:
            state = json.loads(script.text())
        except ValueError:
            continue
        if isinstance(state, dict) and state.get("isFallback") and re.fullmatch(r"[\w-]+", str(state.get("buildId"))):
            parts = urlsplit(url)
            path = parts.path.strip("/") or "index"
            query = f"?{parts.query}" if parts.query else ""
            if address := _address(url, f"/_next/data/{state['buildId']}/{path}.json{query}"):
                yield DataLink(address, "production", "Next.js")


def _named(tree: LexborHTMLParser, text: str, url: str) -> Iterator[DataLink]:
    """Yield the addresses that attributes and inline scripts name."""
    for element in tree.css('link[rel="preload"][as="fetch"], link[rel="alternate"][type="application/json"]'):
        written = element.attributes.get("href") or ""
        # Of a page of WordPress the page itself says more.
        if "wp-json" not in written and (link := _weighed(url, written, words="data")) is not None:
            yield link
    for match in _ATTRIBUTE.finditer(text):
        if (link := _weighed(url, unescape(match[2]), words=match[1])) is not None:
            yield link
    for script in tree.css("script:not([src])"):
        for match in _SCRIPT_ADDRESS.finditer(script.text()):
            if (link := _weighed(url, _unescaped(match[1]))) is not None:
                yield link


def _weighed(base: str, written: str, words: str = "") -> DataLink | None:
    """Return an address that is likely one of data about productions; None for any other text.

    :param words: the name of the attribute that holds it
    """
    written = written.strip()
    if not re.match(r"(?:https?:)?/", written) or (address := _address(base, written)) is None:
        return None
    attribute = re.sub(r"^data[ -]", "", spaced(words))
    if not (_is_data(address) or not _DATA_WORDS.isdisjoint(attribute.split())) or is_never_asked(address):
        return None
    kind = _kind(path_segments(address)) or (kind_of(attribute) if attribute else None)
    if kind not in HUBS:
        return DataLink(address) if words == "data" else None
    return DataLink(address, kind)


def _is_data(url: str) -> bool:
    """Tell whether an address looks like one of data, not of a page."""
    segments = path_segments(url)
    return any(_DATA_SEGMENT.fullmatch(segment) for segment in segments) or url.partition("?")[0].endswith(".json")


def _kind(segments: Sequence[str]) -> LinkType | None:
    """Return what the last segment that says anything says a list holds."""
    bare = [re.sub(r"\.(?:json|php|aspx?)$", "", segment, flags=re.IGNORECASE) for segment in segments]
    return next((kind for segment in reversed(bare) if (kind := kind_of(spaced(segment)))), None)


def is_never_asked(url: str) -> bool:
    """Tell whether a word of an address's path says that it is no business of ours.

    >>> is_never_asked("https://example.org/wp-json/wp/v2/users"), is_never_asked("https://example.org/api/events")
    (True, False)
    """
    words = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", urlsplit(url).path).lower())
    return any(word in _NEVER or word.removesuffix("s") in _NEVER for word in words)


@dataclass(frozen=True, slots=True)
class DataNames:
    """What a page names besides pages: data to ask for, and the last words of the pages that its records are of."""

    data: tuple[DataLink, ...] = ()
    slugs: frozenset[str] = frozenset()


def json_links(text: str, url: str, headers: Mapping[str, str] | None = None) -> tuple[PageLinks, DataNames]:
    """Return the pages that a JSON document names, and the data that follows it: its next pages, the lists it names.

    :param headers: of the answer, names in lower case
    """
    try:
        document = unflattened(json.loads(text))
    except (ValueError, RecursionError):
        return PageLinks(), DataNames()
    pages: dict[str, str] = {}
    slugs: set[str] = set()
    for value, title in _objects(document):
        slugs.update(item for name, item in value.items() if name == "slug" and isinstance(item, str) and item)
        for name, item in fields(value):
            if not isinstance(item, str) or not _ADDRESS_KEY.search(spaced(name)) or not re.match(r"https?:|/", item):
                continue
            address = _address(url, item)
            if address is not None and not _is_data(address) and len(pages) < MAX_LINKS:
                pages.setdefault(address, clean(visible(title))[:200])
    following = dict.fromkeys([*_content_types(document, url), *_next_pages(document, url, headers or {})])
    links = tuple(Link(address, anchor, place="json") for address, anchor in pages.items())
    return PageLinks(links), DataNames(tuple(following), frozenset(slugs))


def _objects(document: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every object with its title, else that of the object it stands in."""
    stack: list[tuple[Any, str]] = [(document, "")]
    while stack:
        value, title = stack.pop()
        if isinstance(value, list):
            stack.extend((item, title) for item in reversed(value))
        elif isinstance(value, dict):
            title = next((item for name, item in fields(value) if is_title(name) and isinstance(item, str)), title)
            yield value, title
            stack.extend((item, title) for name, item in reversed(value.items()) if not name.startswith("_"))


def _content_types(document: Any, url: str) -> Iterator[DataLink]:
    """Yield the lists of those content types of WordPress that hold productions or events."""
    if "wp/v2/types" not in url or not isinstance(document, dict):
        return
    for name, described in document.items():
        if not isinstance(described, dict) or name in ("post", "page"):
            continue
        names = (name, described.get("slug"), described.get("rest_base"), described.get("name"))
        kinds = [kind for text in names if isinstance(text, str) and (kind := kind_of(spaced(text))) in HUBS]
        items = [item.get("href") for item in (described.get("_links") or {}).get("wp:items") or ()]
        if name == "tribe_events":
            address = _address(url, url.partition("wp/v2/types")[0] + _EVENTS_CALENDAR)
            yield from [DataLink(address, "calendar", "The Events Calendar")] if address else ()
        elif kinds and items and isinstance(items[0], str):
            address = _address(url, f"{items[0]}{'&' if '?' in items[0] else '?'}per_page=100")
            yield from [DataLink(address, kinds[0], "WordPress")] if address else ()


def _next_pages(document: Any, url: str, headers: Mapping[str, str]) -> Iterator[DataLink]:
    kind = _kind(path_segments(url)) or "calendar"
    parameters = dict(parse_qsl(urlsplit(url).query))
    total = headers.get("x-wp-totalpages", "")
    if total.isdecimal() and "page" not in parameters:
        for number in range(2, min(int(total), MAX_LIST_PAGES) + 1):
            if address := _address(url, f"{url}{'&' if '?' in url else '?'}page={number}"):
                yield DataLink(address, kind, "WordPress")
        return
    holders = (
        [document, *(document.get(name) for name in ("links", "meta", "pagination", "paging"))]
        if isinstance(document, dict)
        else []
    )
    stated = [
        item
        for holder in holders
        if isinstance(holder, dict)
        for name, item in holder.items()
        if name.lower() in _NEXT_KEYS
    ]
    stated += re.findall(r'<([^<>]+)>\s*;[^,]*rel="?next"?', headers.get("link", ""))
    # JSON:API may write an object in place of an address.
    for item in (item.get("href") if isinstance(item, dict) else item for item in stated):
        address = _address(url, item) if isinstance(item, str) and re.match(r"https?:|/|\?", item) else None
        if address is not None and urlsplit(address).path.rstrip("/") == urlsplit(url).path.rstrip("/"):
            yield DataLink(address, kind)


@dataclass(slots=True)
class SiteData:
    """Chooses which addresses of data a crawl asks for.

    :param count: told what becomes of each new address (``opera/data/…``)
    """

    domains: Sequence[str]
    count: Callable[[str], None]
    _known: set[str] = field(default_factory=set)
    _lists: Counter[str] = field(default_factory=Counter)
    _asked_count: int = 0

    def is_worth_asking(self, link: DataLink) -> bool:
        """Tell whether an address would be asked for."""
        return link.url not in self._known and self._refusal(link) is None

    def admit(self, link: DataLink) -> bool:
        """Tell whether an address is to be asked for now, and note that it is."""
        if link.url in self._known:
            return False
        self._known.add(link.url)
        refusal = self._refusal(link)
        self.count(f"opera/data/{refusal or 'asked'}")
        if refusal is None:
            self._asked_count += 1
            self._lists[_list_of(link.url)] += 1
        return refusal is None

    def _refusal(self, link: DataLink) -> str | None:
        if not is_same_company(link.url, self.domains):
            return "foreign"
        if is_never_asked(link.url):
            return "never_asked"
        if self._asked_count >= MAX_ADDRESSES or self._lists[_list_of(link.url)] >= MAX_LIST_PAGES:
            return "too_many"
        return None


def _list_of(url: str) -> str:
    """Return an address without the parameters that tell the pages of a list apart."""
    parts = urlsplit(url)
    names = sorted(f"{name}={value}" for name, value in parse_qsl(parts.query) if name not in _PAGE_PARAMETERS)
    path = re.sub(r"/page/\d+", "", parts.path)
    return f"{parts.netloc}{path}?{'&'.join(names)}"


def _address(base: str, written: str) -> str | None:
    if len(written) > _LONGEST_URL or _PLACEHOLDER.search(written):
        return None
    try:
        address = urljoin(base, written.strip())
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            return None
        return canonical_url(address)
    except ValueError:
        return None


def _unescaped(text: str) -> str:
    return text.replace("\\/", "/").replace("\\u002F", "/").replace("\\u0026", "&")
