"""Which addresses are worth a request, and which comes first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.links import Link
from opera_spiders.discovery.page_types import EXPECTED, Guess, LinkType, guess_link, opera_named
from opera_spiders.discovery.parameters import Parameters
from opera_spiders.discovery.traps import TrapRules
from opera_spiders.discovery.yields import Yields, pattern
from opera_spiders.urls import is_same_company, path_segments

# What an address's ending says never to be a page; what says nothing is asked for and judged by its content type.
_NO_PAGE_ENDINGS = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".ico", ".tif", ".tiff", ".eps"),
    *(".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".exe", ".dmg", ".apk"),
    *(".mp3", ".m4a", ".wav", ".ogg", ".mp4", ".mov", ".webm", ".zip", ".gz", ".rar", ".7z"),
    *(".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".epub", ".ics", ".vcf"),
    *(".rss", ".atom", ".xml", ".txt", ".csv"),
)


_CLEARLY_BETTER = 10  # points of priority
_LIKELY = 0.5
_TREE = "in "
_NO_PLACE = "no page"
_WITH_CREDITS = " with credits"
_RATHER_LISTS = 25  # points of priority
_RATHER_OTHERS = 20
_OF_ANY_YEAR = 0.05
_MOST_LINKS = 6  # remembered of one address
_FROM_A_SITEMAP = 0.7  # of what a link promises: sitemaps list the archive too
_OF_A_DRY_PAGE = 0.6  # of what a link promises, where its page brought nothing new
_MOST_STEPS = 6
_PAGES_WITH_ANY_LINK = 4
PRODUCTIONS_OF_A_LIST = 3  # make a page one, and worth its request
_OTHER_LANGUAGE = 0.3  # of what a page brings in the language to read


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address worth asking for, as one link to it has it.

    ``prior`` is what its words promise, ``groups`` are those of ``Yields``, ``work`` is the opera it names,
    ``priority`` is how soon it is asked for, 100 at most.
    """

    page_type: LinkType
    prior: float
    groups: tuple[str, ...]
    work: str | None
    priority: int

    @property
    def reasons(self) -> tuple[float, tuple[str, ...], str | None]:
        """What ``best_link`` takes."""
        return self.prior, self.groups, self.work


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
    _likely: set[str] = field(default_factory=set)  # of all ever found: those that most likely lead to a production
    _works: set[str] = field(default_factory=set)  # of addresses asked for
    _waiting: dict[str, dict[tuple[str, ...], float]] = field(default_factory=dict)  # priors by groups of each link
    _steps: dict[str, int] = field(default_factory=dict)  # pages without news in a row on the best way to an address
    _seen_on: Counter[str] = field(default_factory=Counter)  # pages that link to an address
    _dry: dict[str, int] = field(default_factory=dict)  # the same, on the way to what a page that was read links to

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

    def weigh(
        self,
        link: Link,
        source: str = "",
        known_as: LinkType | None = None,
        *,
        has_credits: bool = False,
        lists_reports: bool = False,
    ) -> Candidate | None:
        """Return what an address may lead to, None when it is refused, asked for, or somebody else's.

        An address that waits is returned again where a better link to it is found.

        :param link: its address canonical, and without ``parameters``
        :param source: address of the page or sitemap that lists it, canonical
        :param known_as: what it is, where more than the address says so
        :param has_credits: the page that lists it is a production's rather than a list
        :param lists_reports: that page is about finances: what it prints a year for is a report
        """
        url = link.url
        if url in self._asked or url in self._refused or not is_same_company(url, self.domains):
            return None
        if lists_reports and known_as is None and _is_pdf(url) and _YEAR.search(f"{link.anchor} {url}"):
            known_as = "financial"
        guess = Guess(known_as, EXPECTED[known_as]) if known_as else guess_link(url, link.anchor)
        links = self._waiting.get(url)
        if links is None and (refusal := self._refusal(url, guess.page_type)) is not None:
            self._refused.add(url)
            self.count(f"opera/links/{refusal}")
            return None
        groups = self._groups(link, guess, source, has_credits=has_credits)
        prior = guess.expected if link.place else guess.expected * _FROM_A_SITEMAP
        work = next(filter(None, map(opera_named, (link.anchor, *reversed(path_segments(url))))), None)
        self._seen_on[url] += 1
        steps = 0 if known_as else self._dry.get(source, 0)
        self._steps[url] = min(self._steps.get(url, _MOST_STEPS), steps)
        expected = self._expected(url, prior, groups)
        priority = self._priority(expected, groups, work)
        if links is None:
            self.count("opera/links/followed")
            links = self._waiting[url] = {}
            is_other_page = url.partition("?")[0] != source.partition("?")[0]
            if is_other_page and expected >= _LIKELY and guess.page_type in ("production", "other"):
                self.productions_found += 1
                self._likely.add(url)
        elif (
            groups in links or len(links) >= _MOST_LINKS or priority < self._best(url, links, work)[0] + _CLEARLY_BETTER
        ):
            links.setdefault(groups, prior)
            return None
        links[groups] = prior
        return Candidate(guess.page_type, prior, groups, work, priority)

    def best_link(
        self, url: str, prior: float, groups: tuple[str, ...], work: str | None = None
    ) -> tuple[int, tuple[str, ...]] | None:
        """Return how soon an address is asked for now (higher is sooner), and the groups of its best link.

        None: not at all, as it was asked for, or pages like it bring nothing any more; until a better link is found.

        :param prior: with ``groups`` the link for which it waits, as its ``Candidate`` had them
        """
        if url in self._asked:
            return None
        links = self._waiting.setdefault(url, {groups: prior})
        priority, expected, best = self._best(url, links, work)
        is_refused = self.languages.is_refused(url)  # since it was found
        if expected >= self.yields.least and not is_refused:
            return priority, best
        del self._waiting[url]
        self.count("opera/links/other_language" if is_refused else "opera/links/unpromising")
        return None

    def _priority(self, expected: float, groups: Sequence[str], work: str | None) -> int:
        """Return how soon to ask: for what lists name before a sitemap's rest, for each work once first."""
        is_of_a_sitemap = groups[3].endswith(_NO_PLACE)
        return round(100 * expected) - _RATHER_LISTS * is_of_a_sitemap - _RATHER_OTHERS * (work in self._works)

    def ask(self, url: str, groups: Sequence[str], work: str | None = None) -> bool:
        """Note that an address is asked for; tell whether it may be: once, and within the quota of its pattern."""
        if not self.note(url):
            return False
        if work:
            self._works.add(work)
        kind: LinkType = groups[1]  # type: ignore[assignment]
        if self.traps.may_ask(url, kind):
            return True
        self.count("opera/links/quota")
        return False

    def lists_productions(self, links: Iterable[Link]) -> bool:
        """Tell whether these are links of a list of productions, known ones included."""
        return sum(link.url in self._likely for link in links) >= PRODUCTIONS_OF_A_LIST

    def read(self, url: str, *, has_news: bool) -> None:
        """Note whether a page brought anything new: what only pages without news lead to is worth less with each."""
        self._dry[url] = 0 if has_news else min(_MOST_STEPS, self._steps.get(url, 0) + 1)

    def learn(self, groups: Sequence[str], gain: float, *, is_dated: bool = True) -> None:
        """Note what the page of an address with these groups has brought, from 0 to 1.

        :param is_dated: False where days stand without a year: what no list names is then most likely an old season's
        """
        is_unsure = not is_dated and groups[3].endswith(_NO_PLACE)
        self.yields.learn(groups, gain * (_OF_ANY_YEAR if is_unsure else 1.0))

    def _best(
        self, url: str, links: dict[tuple[str, ...], float], work: str | None
    ) -> tuple[int, float, tuple[str, ...]]:
        """Return the best link's priority, what it is expected to bring, and its groups."""
        expected = ((self._expected(url, prior, groups), groups) for groups, prior in links.items())
        return max((self._priority(share, groups, work), share, groups) for share, groups in expected)

    def _expected(self, url: str, prior: float, groups: Sequence[str]) -> float:
        # Where words tell the links of one place apart, they are believed; where they do not, the place is.
        kind, own, place, wider, page, own_kind, place_kind, page_kind, spot = groups[1:]
        expected = _OF_A_DRY_PAGE ** self._steps.get(url, 0) * max(
            self.yields.expected(prior, (kind, own, place, wider, page)),
            self.yields.expected(prior, (kind, own_kind, place_kind, page_kind)),
            self.yields.expected(prior, (spot,)) if self._is_one_of_a_list(url, own, wider) else 0.0,
        )
        if not self.languages.is_other(groups[0].removeprefix(_TREE)):
            return expected
        return expected * self.yields.expected(_OTHER_LANGUAGE, groups[:1])

    def _groups(self, link: Link, guess: Guess, source: str, *, has_credits: bool) -> tuple[str, ...]:
        kind = f"{guess.page_type} {guess.expected:.2f}"
        own = pattern(link.url, source)
        tree = _TREE + self.languages.tree(link.url)
        place = f"{own} < {link.place or _NO_PLACE}"
        wider = f"{place} < {pattern(source) if source else ''}{_WITH_CREDITS if has_credits else ''}"
        page = f"{place} < {source}"
        words = (f"{kind} {own}", f"{kind} {place}", f"{kind} {page}")
        return (tree, guess.page_type, own, place, wider, page, *words, f"{link.place or _NO_PLACE} < {source}")

    def _is_one_of_a_list(self, url: str, own: str, wider: str) -> bool:
        """Tell whether an address unlike any that was read stands in a list, and so leads where its neighbours lead."""
        is_everywhere = self._seen_on.get(url, 0) > _PAGES_WITH_ANY_LINK
        return not (is_everywhere or wider.endswith(_WITH_CREDITS) or self.yields.knows(own))

    def _refusal(self, url: str, kind: LinkType) -> str | None:
        path = urlsplit(url).path.lower()
        if path.endswith(_NO_PAGE_ENDINGS) or (_is_pdf(url) and kind != "financial"):
            return "no_page"
        if kind == "noise":
            return "noise"
        if kind == "archive" and self.traps.window is not None:
            return "archive"
        if self.languages.is_refused(url):
            return "other_language"
        return self.traps.refusal(url, kind)


def _is_pdf(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(".pdf")
