"""From a page's bytes to what a crawl wants to know of it: all that strangers' text alone decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from w3lib.encoding import html_to_unicode

from opera_spiders.discovery.links import PageLinks, read_links
from opera_spiders.discovery.novelty import Statements
from opera_spiders.discovery.page_types import guess_page
from opera_spiders.discovery.site_data import DataNames, data_links, json_links
from opera_spiders.extraction.blocks import PageBlocks, read_blocks
from opera_spiders.extraction.json_fields import states_dates
from opera_spiders.urls import canonical_url


@dataclass(frozen=True, slots=True)
class PageReading:
    """What the bytes of a page say.

    ``links`` and ``names`` (the data that it names) are those of HTML and JSON. ``statements`` are those of a page for
    people; of JSON ``states_dates`` tells whether it prints any. ``page_type`` is what ``guess_page`` has.
    """

    blocks: PageBlocks
    links: PageLinks
    names: DataNames
    page_type: str
    statements: Statements
    states_dates: bool = False


def read_bytes(
    body: bytes,
    content_type: str | None,
    url: str,
    encoding: str | None,
    *,
    today: date,
    is_html: bool,
    headers: Mapping[str, str],
) -> PageReading:
    """Return what a page says.

    :param today: resolves dates without a year
    :param headers: of the answer, names in lower case
    """
    blocks = read_blocks(body, content_type, url, encoding)
    page_type = guess_page(canonical_url(url), blocks)
    if (content_type or "").partition(";")[0].strip().lower().endswith("json"):
        links, names = json_links(body.decode("utf-8", "replace"), url, headers)
        has_dates = states_dates(block.text for block in blocks.blocks)
        return PageReading(blocks, links, names, page_type, Statements(), has_dates)
    statements = Statements.of(blocks, today)
    if not is_html:
        return PageReading(blocks, PageLinks(), DataNames(), page_type, statements)
    text = html_to_unicode(f"charset={encoding}", body)[1]
    return PageReading(blocks, read_links(text, url), DataNames(data_links(text, url)), page_type, statements)
