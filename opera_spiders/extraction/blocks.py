"""Turns a page into numbered blocks: the only text an extractor may read and evidence may quote."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from w3lib.encoding import html_to_unicode

from opera_spiders.extraction.drafts import Draft
from opera_spiders.extraction.html_blocks import HtmlPage
from opera_spiders.extraction.instructions import set_apart
from opera_spiders.extraction.json_pages import json_drafts
from opera_spiders.extraction.pdf_blocks import pdf_drafts

BlockKind = Literal[
    "title",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "li",
    "row",
    "dl",
    "time",
    "caption",
    "link",
    "meta",
    "json",
    "pdf",
]


class Block(NamedTuple):
    """One heading, paragraph, list item, table row or definition, or one JSON object.

    ``text`` keeps line breaks of the page (``<br>``) as ``\\n`` and joins the cells of a row with `` | ``. ``cells``
    holds a row's cells or a definition's (label, values); ``parts`` the pieces of a block between line breaks and
    the borders of inline elements, when there are several (of a row: finer than its cells). ``dates`` holds the
    values of ``datetime`` and date-bearing attributes of the block and of the box around it, nearest first;
    ``links`` the absolute http(s) links inside or around, ``link_texts`` what is printed on each. ``classes`` are
    the class and itemprop words of the element and its box. ``path`` is an XPath, a JSON Pointer behind the XPath
    of its script (``/html/head/script[2]#/events/0``), or a PDF page (``page[3]``).
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
    parts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    link_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """The blocks of one page in document order, structured data after visible text.

    ``hidden`` are texts a visitor does not see (display:none, comments, aria-only); they are never evidence.
    ``instructions`` are texts that tell a machine what to answer; no extractor reads them.
    ``language`` is the page's own statement (``html lang``, ``Content-Language``) as ISO 639-1, else None.
    """

    url: str
    blocks: tuple[Block, ...]
    hidden: tuple[Block, ...] = ()
    instructions: tuple[Block, ...] = ()
    language: str | None = None
    title: str | None = None
    locale: str | None = None  # the whole language tag, ``en-US``: it decides what 3/4/2026 means

    @property
    def checksum(self) -> str:
        """SHA-256 in hex over the text of the blocks outside structural chrome: ids and paths do not enter."""
        digest = hashlib.sha256()
        for block in self.blocks:
            if not block.chrome:
                digest.update("\x1f".join((block.kind, block.text, *block.dates)).encode() + b"\x1e")
        return digest.hexdigest()

    def as_text(self, *, chrome: bool = True, structured: bool = True) -> str:
        """Return one line per block, ``b17 | h2 | text``, as models and people read it.

        A line break inside a block shows as `` / ``; dates that stand only in attributes follow in brackets.

        :param chrome: include the blocks of structural chrome
        :param structured: include JSON objects
        """
        return "\n".join(
            block_line(block)
            for block in self.blocks
            if (chrome or not block.chrome) and (structured or block.kind != "json")
        )


def block_line(block: Block) -> str:
    """Return the line that shows ``block`` in a prompt."""
    text = block.text.replace("\n", " / ")
    missing = [value for value in block.dates if value not in text]
    return f"{block.id} | {block.kind} | {text}" + (f" [{' '.join(missing)}]" if missing else "")


def read_blocks(body: bytes, content_type: str | None, url: str, encoding: str | None = None) -> PageBlocks:
    """Return the blocks of an HTML page, a JSON document or a PDF; no blocks for anything else.

    Never raises for a broken page: what can be read is read.

    :param content_type: the ``Content-Type`` header; when absent the first bytes decide
    :param encoding: overrides what header and page say
    """
    media_type = (content_type or "").split(";")[0].strip().lower()
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if start.startswith(b"%PDF-"):
        return _page(url, pdf_drafts(body))
    if media_type.endswith("json") or (media_type in {"", "text/plain"} and start[:1] in {b"{", b"["}):
        return _page(url, json_drafts(_decoded(body, content_type, encoding), url))
    if "html" in media_type or (media_type in {"", "text/plain", "application/octet-stream"} and start[:1] == b"<"):
        page = HtmlPage(_decoded(body, content_type, encoding), url)
        return replace(
            _page(url, page.drafts),
            hidden=_numbered(page.hidden, prefix="x"),
            language=page.locale[:2].lower() if page.locale else None,
            locale=page.locale,
            title=page.title,
        )
    return PageBlocks(url=url, blocks=())


def _page(url: str, drafts: Iterable[Draft]) -> PageBlocks:
    kept, instructions = set_apart(drafts)
    return PageBlocks(url=url, blocks=_numbered(kept), instructions=_numbered(instructions, prefix="i"))


def _decoded(body: bytes, content_type: str | None, encoding: str | None) -> str:
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError:
            encoding = None
    if encoding:
        return body.decode(encoding, errors="replace")
    return html_to_unicode(content_type, body, default_encoding="utf-8")[1]


def _numbered(drafts: Iterable[Draft], prefix: str = "b") -> tuple[Block, ...]:
    return tuple(_block(f"{prefix}{number}", draft) for number, draft in enumerate(drafts, start=1))


def _block(name: str, draft: Draft) -> Block:
    links: dict[str, str] = {}
    for address, words in draft.links:
        links[address] = links.get(address) or words
    return Block(
        id=name,
        kind=draft.kind,
        text=draft.text,
        path=draft.path,
        headings=draft.headings,
        cells=draft.cells,
        dates=tuple(dict.fromkeys(draft.dates)),
        links=tuple(links),
        chrome=draft.chrome,
        parts=draft.parts,
        classes=draft.classes,
        link_texts=tuple(links.values()),
    )
