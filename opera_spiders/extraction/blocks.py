"""Turns a page into numbered blocks: the only text an extractor may read and evidence may quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal[
    "title", "h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "row", "dl", "time", "caption", "link", "meta", "json", "pdf"
]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or definition, or one JSON object.

    ``cells`` holds a row's cells or a definition's (label, value); ``dates`` the values of ``datetime`` and
    date-bearing attributes; ``links`` the absolute http(s) links inside. ``path`` is an XPath, a JSON Pointer
    behind the XPath of its script (``/html/head/script[2]#/events/0``), or a PDF page (``page[3]``).
    """

    id: str
    kind: BlockKind
    text: str
    path: str
    headings: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    chrome: bool = False  # inside nav, header, footer, dialog or aside: structural, so a function of this page alone


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """The blocks of one page in document order, structured data after visible text.

    ``hidden`` are texts a visitor does not see (display:none, comments, aria-only); they are never evidence.
    ``language`` is the page's own statement (``html lang``, ``Content-Language``) as ISO 639-1, else None.
    """

    url: str
    blocks: tuple[Block, ...]
    hidden: tuple[Block, ...] = ()
    language: str | None = None
    title: str | None = None

    @property
    def checksum(self) -> str:
        """SHA-256 in hex over the text of the blocks outside structural chrome: ids and paths do not enter."""
        raise NotImplementedError


def read_blocks(body: bytes, content_type: str | None, url: str, encoding: str | None = None) -> PageBlocks:
    """Return the blocks of an HTML page, a JSON document or a PDF; no blocks for anything else."""
    raise NotImplementedError
