"""From a page's bytes to its blocks and links."""

from __future__ import annotations

from collections.abc import Mapping

from w3lib.encoding import html_to_unicode

from opera_spiders.discovery.links import PageLinks, read_links
from opera_spiders.discovery.site_data import DataNames, data_links, json_links
from opera_spiders.extraction.blocks import PageBlocks, read_blocks


def read_bytes(
    body: bytes, content_type: str | None, url: str, encoding: str | None, *, is_html: bool, headers: Mapping[str, str]
) -> tuple[PageBlocks, PageLinks, DataNames]:
    """Return the blocks of a page, its links where it is HTML or JSON, and the data it names.

    :param headers: of the answer, names in lower case
    """
    blocks = read_blocks(body, content_type, url, encoding)
    if (content_type or "").partition(";")[0].strip().lower().endswith("json"):
        return blocks, *json_links(body.decode("utf-8", "replace"), url, headers)
    if not is_html:
        return blocks, PageLinks(), DataNames()
    text = html_to_unicode(f"charset={encoding}", body)[1]
    return blocks, read_links(text, url), DataNames(data_links(text, url))
