"""Which addresses are worth a request, and which comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.page_types import PRIORITY, Guess, LinkType, guess_link
from opera_spiders.discovery.traps import TrapRules
from opera_spiders.urls import is_same_company

# What an address's ending says never to be a page; what says nothing is asked for and judged by its content type.
_NO_PAGE_ENDINGS = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".ico", ".tif", ".tiff", ".eps"),
    *(".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".exe", ".dmg", ".apk"),
    *(".mp3", ".m4a", ".wav", ".ogg", ".mp4", ".mov", ".webm", ".zip", ".gz", ".rar", ".7z"),
    *(".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".epub", ".ics", ".vcf"),
    *(".rss", ".atom", ".xml", ".txt", ".csv"),
)


@dataclass(slots=True)
class Frontier:
    """Weighs every address of a crawl once.

    :param count: told what becomes of each new address (``opera/links/…``)
    """

    domains: Sequence[str]
    traps: TrapRules
    languages: LanguageChoice
    count: Callable[[str], None]
    _known: set[str] = field(default_factory=set)

    def note(self, url: str) -> bool:
        """Note that ``url`` is asked for; tell whether it was new."""
        is_new = url not in self._known
        self._known.add(url)
        return is_new

    def weigh(self, url: str, anchor: str = "", known_as: LinkType | None = None) -> Guess | None:
        """Return what a new address leads to, None when it is refused, known, or somebody else's.

        :param url: canonical
        :param known_as: what it is, where more than the address says so
        """
        if not is_same_company(url, self.domains) or not self.note(url):
            return None
        guess = Guess(known_as, PRIORITY[known_as]) if known_as else guess_link(url, anchor)
        refusal = self._refusal(url, guess.page_type)
        self.count(f"opera/links/{refusal or 'followed'}")
        return None if refusal else guess

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
