"""The cheapest source that carries a company's facts: its data, its pages, or its pages as a browser draws them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from opera_spiders.extraction.evaluated_facts import production_facts
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.rules import read_page
from opera_spiders.urls import canonical_url, path_segments

Source = Literal["pages", "data and pages", "data", "drawings"]
Fact = tuple[Any, ...]

#: How many drawn pages must say nothing that the data does not, before pages are left undrawn; in a crawl that follows
#: one in which they did, a single one.
CHECKS = 2
MAX_REMEMBERED = 20

# Of what both say, only the manner differs: a drawing has a closing date where data lists the nights.
_NOT_COMPARED = frozenset({"entries", "language", "genre", "season", "production_title"})


def facts_of(page: PageToExtract) -> frozenset[Fact]:
    """Return what the rules read from a page, in a form in which printings compare equal. Takes as long as reading."""
    return frozenset(
        (production.opera_title or "", name, *value)
        for production in read_page(page).productions
        for name, values in production_facts(production.model_dump(mode="json")).items()
        if name not in _NOT_COMPARED
        for value in values
    )


@dataclass(slots=True)
class SourceChoice:
    """Learns from what a crawl reads whether data answers for pages that a browser would have to draw.

    Data answers for a page that it names (by address, or by the last word of it) once ``CHECKS`` pages it names were
    drawn all the same and said nothing more. One drawing that does say more, or data that is not there any more, ends
    that for the crawl: pages are drawn again.
    """

    known: tuple[str, ...] = ()  # addresses whose data carried facts in the last crawl
    is_trusted: bool = False
    data: dict[str, int] = field(default_factory=dict)  # address → number of facts
    drawn_count: int = 0
    checked_count: int = 0
    answered_count: int = 0
    missed: str | None = None  # a page that said more
    _facts: set[Fact] = field(default_factory=set)
    _named: set[str] = field(default_factory=set)

    @classmethod
    def from_details(cls, details: Any) -> SourceChoice:
        """Return the choice as the last crawl of the company left it."""
        if not isinstance(details, Mapping):
            return cls()
        addresses = details.get("data")
        known = tuple(url for url in addresses if isinstance(url, str)) if isinstance(addresses, Mapping) else ()
        return cls(known=known[:MAX_REMEMBERED], is_trusted=details.get("chosen") == "data")

    def to_details(self) -> dict[str, Any]:
        """Return what the next crawl begins with, and an operator sees."""
        best = sorted(self.data.items(), key=lambda pair: -pair[1])[:MAX_REMEMBERED]
        details: dict[str, Any] = {"chosen": self.chosen, "data": dict(best), "pages_drawn": self.drawn_count}
        details |= {"pages_checked": self.checked_count, "pages_answered": self.answered_count}
        return details | ({"page_with_more": self.missed} if self.missed else {})

    @property
    def chosen(self) -> Source:
        """Return the source that this crawl found the cheapest to carry the facts."""
        if self.answered_count:
            return "data"
        if self.drawn_count:
            return "drawings"
        return "data and pages" if self.data else "pages"

    def data_read(self, url: str, facts: Iterable[Fact], named: Iterable[str]) -> None:
        """Note what an address of data carries, and the pages it names."""
        facts = set(facts)
        if facts:
            self.data[url] = len(facts)
            self._facts |= facts
            self._named.update(named)

    def page_drawn(self, url: str, facts: Iterable[Fact]) -> None:
        """Compare a drawn page with the data."""
        self.drawn_count += 1
        if self._is_named(url):
            self.checked_count += 1
            if not self._facts.issuperset(facts):
                self.missed = self.missed or url

    def answers_for(self, url: str) -> bool:
        """Tell whether the data says all that a page would, drawn."""
        enough = self.checked_count >= (1 if self.is_trusted else CHECKS)
        return enough and self.missed is None and self._is_named(url)

    def _is_named(self, url: str) -> bool:
        segments = path_segments(url)
        return canonical_url(url) in self._named or (bool(segments) and segments[-1] in self._named)
