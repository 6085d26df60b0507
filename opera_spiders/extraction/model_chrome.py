"""What repeats on most pages of a site without saying anything of a performance: menus, slogans, consent texts.

It is left out of prompts. Evidence, checksums and whatever is stored know nothing of it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.dates import find_dates, find_times
from opera_spiders.extraction.prices import find_prices

Chrome = frozenset[tuple[str, str]]
"""Kind and text of each block that is chrome on its site."""

FEWEST_PAGES = 8  # of fewer, half may be one production's
SAMPLE_PAGES = 40
_SHARE = 0.6
_ANY_DAY = dt.date(2000, 1, 1)


class SiteChrome(Protocol):
    """Knows the chrome of companies' sites."""

    async def of(self, company_domain: str) -> Chrome:
        """Return what is chrome on the pages of a company; empty while too few are known."""
        ...


def learn(pages: Sequence[PageBlocks]) -> Chrome:
    """Return what stands on most of ``pages``, which are different pages of one site.

    Rows, labels with values, dates, times and prices are no chrome however often they repeat: a festival with one
    production prints its cast on every page.
    """
    if len(pages) < FEWEST_PAGES:
        return frozenset()
    counts = Counter(found for page in pages for found in {(block.kind, block.text) for block in page.blocks})
    common = {found for found, count in counts.items() if count >= _SHARE * len(pages)}
    blocks = {(block.kind, block.text): block for page in pages for block in page.blocks}
    language = next((page.locale or page.language for page in pages if page.language), None)
    return frozenset(found for found in common if not _may_state_facts(blocks[found], language))


def without_chrome(page: PageBlocks, chrome: Chrome) -> PageBlocks:
    """Return the page as a prompt shows it; whole, when there is nothing on it but chrome."""
    kept = tuple(block for block in page.blocks if (block.kind, block.text) not in chrome)
    return replace(page, blocks=kept) if any(not block.chrome for block in kept) else page


def _may_state_facts(block: Block, language: str | None) -> bool:
    return (
        block.kind in ("row", "dl", "json", "title", "pdf", "time")
        or ":" in block.text
        or bool(block.dates)
        or bool(find_dates(block.text, language, _ANY_DAY))
        or bool(find_times(block.text, language))
        or bool(find_prices(block.text, language))
    )
