"""From a page's bytes to its blocks and links."""

from __future__ import annotations

from w3lib.encoding import html_to_unicode

from opera_spiders.discovery.links import PageLinks, read_links
from opera_spiders.extraction.blocks import PageBlocks, read_blocks


def read_bytes(
    body: bytes, content_type: str | None, url: str, encoding: str | None, *, is_html: bool
) -> tuple[PageBlocks, PageLinks]:
    """Return the blocks of a page, and its links where it is HTML."""
    blocks = read_blocks(body, content_type, url, encoding)
    if not is_html:
        return blocks, PageLinks()
    return blocks, read_links(html_to_unicode(f"charset={encoding}", body)[1], url)
