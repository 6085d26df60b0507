"""Reads facts from structured data: schema.org in JSON-LD and microdata, and embedded state by its general keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.schema import Company, Production
from opera_spiders.text import key


@dataclass(slots=True)
class StructuredFacts:
    """What the structured data of a page states."""

    productions: list[Production] = field(default_factory=list)
    company: Company | None = None
    cities: set[str] = field(default_factory=set)
    currency: str | None = None

    def names(self, title: str | None) -> bool:
        """Tell whether the structured data has an event of this title."""
        return any(key(production.opera_title or "") == key(title or "") for production in self.productions)

    def matching(self, visible: Sequence[Production]) -> list[Production]:
        """Return the productions to merge with the visible ones."""
        return self.productions


def read_structured(page: PageToExtract) -> StructuredFacts:
    """Return the facts of a page's structured data."""
    return StructuredFacts()
