"""Which addresses are worth a request, and which comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.links import Link
from opera_spiders.discovery.page_types import EXPECTED, Guess, LinkType, guess_link
from opera_spiders.discovery.parameters import Parameters
from opera_spiders.discovery.traps import TrapRules
from opera_spiders.discovery.yields import Yields, pattern
from opera_spiders.urls import is_same_company

# What an address's ending says never to be a page; what says nothing is asked for and judged by its content type.
_NO_PAGE_ENDINGS = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".ico", ".tif", ".tiff", ".eps"),
    *(".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".exe", ".dmg", ".apk"),
    *(".mp3", ".m4a", ".wav", ".ogg", ".mp4", ".mov", ".webm", ".zip", ".gz", ".rar", ".7z"),
    *(".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".epub", ".ics", ".vcf"),
    *(".rss", ".atom", ".xml", ".txt", ".csv"),
)


_CLEARLY_BETTER = 0.1
_LIKELY = 0.5
_MOST_LINKS = 6  # remembered of one address
_FROM_A_SITEMAP = 0.7  # of what a link promises: sitemaps list the archive too
_OTHER_LANGUAGE = 0.3  # of what a page brings in the language to read


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address worth asking for, as one link to it has it.

    ``prior`` is what its words promise, ``groups`` are those of ``Yields``, ``priority`` is 0 to 100.
    """

    page_type: LinkType
    prior: float
    groups: tuple[str, ...]
    priority: int


@dataclass(slots=True)
class Frontier:
    """Weighs every address of a crawl when it is found, and again before it is asked for.

    :param count: told what becomes of each new address (``opera/links/…``)
    """

    domains: Sequence[str]
    traps: TrapRules
    languages: LanguageChoice
    count: Callable[[str], None]
    parameters: Parameters = field(default_factory=Parameters)
    yields: Yields = field(default_factory=Yields)
    productions_found: int = 0  # addresses that most likely lead to one
    _asked: set[str] = field(default_factory=set)
    _refused: set[str] = field(default_factory=set)
    _waiting: dict[str, dict[tuple[str, ...], float]] = field(default_factory=dict)  # priors by groups of each link

    def note(self, url: str) -> bool:
        """Note that ``url`` is asked for; tell whether it was new."""
        is_new = url not in self._asked
        self._asked.add(url)
        self._waiting.pop(url, None)
        return is_new

    def forget(self, url: str) -> None:
        """Let ``url`` be new again: it could not be had, and another run may have more luck."""
        self._asked.discard(url)

    def is_known(self, url: str) -> bool:
        """Tell whether ``url`` was asked for, or waits to be."""
        return url in self._asked or url in self._waiting

    def weigh(self, link: Link, source: str = "", known_as: LinkType | None = None) -> Candidate | None:
        """Return what an address may lead to, None when it is refused, asked for, or somebody else's.

        An address that waits is returned again where a better link to it is found.

        :param link: its address canonical, and without ``parameters``
        :param source: address of the page or sitemap that lists it, canonical
        :param known_as: what it is, where more than the address says so
        """
        url = link.url
        if url in self._asked or url in self._refused or not is_same_company(url, self.domains):
            return None
        guess = Guess(known_as, EXPECTED[known_as]) if known_as else guess_link(url, link.anchor)
        links = self._waiting.get(url)
        if links is None and (refusal := self._refusal(url, guess.page_type)) is not None:
            self._refused.add(url)
            self.count(f"opera/links/{refusal}")
            return None
        groups = self._groups(link, guess, source)
        prior = guess.expected if link.place else guess.expected * _FROM_A_SITEMAP
        expected = self._expected_of(prior, groups)
        if links is None:
            self.count("opera/links/followed")
            links = self._waiting[url] = {}
        elif groups in links or len(links) >= _MOST_LINKS or expected < self._expected(links) + _CLEARLY_BETTER:
            links.setdefault(groups, prior)
            return None
        links[groups] = prior
        is_other_page = url.partition("?")[0] != source.partition("?")[0]
        if len(links) == 1 and is_other_page and expected >= _LIKELY and guess.page_type in ("production", "other"):
            self.productions_found += 1
        return Candidate(guess.page_type, prior, groups, round(100 * expected))

    def best_link(self, url: str, prior: float, groups: tuple[str, ...]) -> tuple[int, tuple[str, ...]] | None:
        """Return how soon an address is asked for now (0 to 100, higher is sooner), and the groups of its best link.

        None: not at all, as it was asked for, or pages like it bring nothing any more; until a better link is found.

        :param prior: with ``groups`` the link for which it waits, as its ``Candidate`` had them
        """
        if url in self._asked:
            return None
        links = self._waiting.setdefault(url, {groups: prior})
        expected, best = max((self._expected_of(prior, groups), groups) for groups, prior in links.items())
        if expected >= self.yields.least:
            return round(100 * expected), best
        del self._waiting[url]
        self.count("opera/links/unpromising")
        return None

    def learn(self, groups: Sequence[str], gain: float) -> None:
        """Note what the page of an address with these groups has brought, from 0 to 1."""
        self.yields.learn([group for group in groups if group], gain)

    def _expected(self, links: dict[tuple[str, ...], float]) -> float:
        return max(self._expected_of(prior, groups) for groups, prior in links.items())

    def _expected_of(self, prior: float, groups: Sequence[str]) -> float:
        expected = self.yields.expected(prior, groups[1:])
        return expected * self.yields.expected(_OTHER_LANGUAGE, groups[:1]) if groups[0] else expected

    def _groups(self, link: Link, guess: Guess, source: str) -> tuple[str, ...]:
        own = pattern(link.url, source)
        kind = f"{guess.page_type}{'!' if guess.expected > EXPECTED[guess.page_type] else ''}"
        tree = self.languages.other_tree(link.url)
        place = f"{own} < {link.place}"
        wider = f"{place} < {pattern(source) if source else ''}"
        return (f"in {tree}" if tree else "", kind, own, place, wider, f"{place} < {source}")

    def _refusal(self, url: str, kind: LinkType) -> str | None:
        path = urlsplit(url).path.lower()
        if path.endswith(_NO_PAGE_ENDINGS) or (path.endswith(".pdf") and kind != "financial"):
            return "no_page"
        if kind == "noise":
            return "noise"
        if kind == "archive" and self.traps.window is not None:
            return "archive"
        if self.languages.is_refused(url):
            return "other_language"
        return self.traps.refusal(url, kind)
