"""What a crawl learns about its site while it runs: which addresses, in which places, lead to something new."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from opera_spiders.urls import host_port, path_segments

_STRENGTHS = (4.0, 2.0, 1.0, 1.0, 1.0)  # pages that count as much as what is believed of the wider group
_NEWEST = 0.15  # of a mean is the newest page, at least
_HOUSE_STRENGTH = 4.0
_LEAST_SHARE = 0.2
_OF_THE_HOUSE = 0.25
_SLUG = re.compile(r"[^\W\d_]+(?:-[^\W_]+)*")


@dataclass(slots=True)
class Yields:
    """Expects of each link what links like it have brought.

    A link belongs to groups, from wide to narrow: its kind by its words, the pattern of its address, where it was
    found. Each group corrects what the wider one says, the more the more of its pages have been read.
    """

    _pages: dict[str, int] = field(default_factory=dict)
    _means: dict[str, float] = field(default_factory=dict)
    _read: int = 0
    _gained: float = 0.0

    def expected(self, prior: float, groups: Sequence[str]) -> float:
        """Return what a page of these groups brings, from 0 to 1.

        >>> yields = Yields()
        >>> for _ in range(4):
        ...     yields.learn(["other", "/node/0", "main li"], 1.0)
        >>> yields.expected(0.2, ["other", "/node/0", "main li"]) > 0.8 > yields.expected(0.2, ["other", "/page/0"])
        True
        """
        share = prior
        counted = 0
        for group, strength in zip(groups, _STRENGTHS, strict=False):
            pages = self._pages.get(group, 0)
            # The same pages as in the wider group say nothing more.
            if pages and pages != counted:
                share += (self._means[group] - share) * pages / (pages + strength)
            counted = pages
        return share

    def knows(self, group: str) -> bool:
        """Tell whether a page of a group has been read."""
        return group in self._pages

    def learn(self, groups: Sequence[str], gain: float) -> None:
        """Note what a page of these groups has brought. What came late counts most: lists run dry."""
        for group in groups:
            pages = self._pages[group] = self._pages.get(group, 0) + 1
            mean = self._means.get(group, 0.0)
            self._means[group] = mean + (gain - mean) * max(1 / pages, _NEWEST)
        self._read += 1
        self._gained += gain

    @property
    def least(self) -> float:
        """Return the gain below which a page is not worth a request: low where the site has brought little yet."""
        share = (self._gained + _HOUSE_STRENGTH * 0.1) / (self._read + _HOUSE_STRENGTH)
        return min(_LEAST_SHARE, _OF_THE_HOUSE * share)


def pattern(url: str, source: str = "") -> str:
    """Return what addresses made alike have in common: numbers and the words of the last segment left open.

    A page that links to itself with other parameters shows another view: what counts is which of them it changes.

    >>> pattern("https://example.org/de/spielplan/tosca-12/?id_datum=4711")
    'example.org/de/spielplan/*-0?id_datum'
    >>> pattern("https://example.org/index.php?id=12"), pattern("https://example.org/bio_AnnaBell.html")
    ('example.org/index.php?id', 'example.org/bio_*.html')
    """
    segments = [re.sub(r"\d+", "0", segment) for segment in path_segments(url)]
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    names = {name for name, _ in query}
    if names and source.partition("?")[0] == url.partition("?")[0]:
        own = set(parse_qsl(urlsplit(source).query, keep_blank_values=True))
        names = {f"~{name}" for name, value in query if (name, value) not in own}
    parameters = sorted(names)
    if segments and not (parameters and "." in segments[-1]):
        segments[-1] = _opened(segments[-1])
    return f"{host_port(url)}/{'/'.join(segments)}" + (f"?{','.join(parameters)}" if parameters else "")


def _opened(segment: str) -> str:
    """Return a segment with its words left open; a prefix before an underscore and the file ending stay."""
    stem, dot, ending = segment.rpartition(".")
    if not dot or len(ending) > 5 or ending == "0":
        stem, dot, ending = segment, "", ""
    if re.fullmatch(r"(?=.*0)[0a-f]{4,}", stem):
        return f"#{dot}{ending}"
    prefix, underscore, rest = stem.partition("_")
    if not underscore:
        prefix, rest = "", stem
    return f"{prefix}{underscore}{_SLUG.sub('*', rest)}{dot}{ending}"
