"""Turns a page into numbered blocks: the only text an extractor may read and evidence may quote."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html
from w3lib.encoding import html_to_unicode

from opera_spiders.text import clean, squeeze, visible

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


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or definition, or one JSON object.

    ``text`` keeps line breaks of the page (``<br>``) as ``\\n`` and joins the cells of a row with `` | ``. ``cells``
    holds a row's cells or a definition's (label, values); ``parts`` the pieces of any other block between line
    breaks and the borders of inline elements, when there are several. ``dates`` holds the values of ``datetime`` and
    date-bearing attributes of the block and of the box around it, nearest first; ``links`` the absolute http(s)
    links inside or around. ``classes`` are the class and itemprop words of the element and its box. ``path`` is an
    XPath, a JSON Pointer behind the XPath of its script (``/html/head/script[2]#/events/0``), or a PDF page
    (``page[3]``).
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
        return PageBlocks(url=url, blocks=_numbered(_pdf_drafts(body)))
    if media_type.endswith("json") or (media_type in {"", "text/plain"} and start[:1] in {b"{", b"["}):
        return PageBlocks(url=url, blocks=_numbered(_json_document(_decoded(body, content_type, encoding))))
    if "html" in media_type or (media_type in {"", "text/plain", "application/octet-stream"} and start[:1] == b"<"):
        return _html_blocks(_decoded(body, content_type, encoding), url)
    return PageBlocks(url=url, blocks=())


def _decoded(body: bytes, content_type: str | None, encoding: str | None) -> str:
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError:
            encoding = None
    if encoding:
        return body.decode(encoding, errors="replace")
    return html_to_unicode(content_type, body, default_encoding="utf-8")[1]


# --- drafts ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A block before numbering, with the element it came from."""

    kind: BlockKind
    text: str
    path: str = ""
    element: etree._Element | None = None
    headings: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    dates: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    chrome: bool = False
    parts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def _numbered(drafts: Iterable[_Draft], prefix: str = "b") -> tuple[Block, ...]:
    return tuple(
        Block(
            id=f"{prefix}{number}",
            kind=draft.kind,
            text=draft.text,
            path=draft.path,
            headings=draft.headings,
            cells=draft.cells,
            dates=tuple(dict.fromkeys(draft.dates)),
            links=tuple(dict.fromkeys(draft.links)),
            chrome=draft.chrome,
            parts=draft.parts,
            classes=draft.classes,
        )
        for number, draft in enumerate(drafts, start=1)
    )


# --- HTML -----------------------------------------------------------------------------------------------------------

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "button",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "meter",
        "nobr",
        "output",
        "picture",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "svg",
        "canvas",
        "video",
        "audio",
        "object",
        "embed",
        "iframe",
        "map",
        "input",
        "textarea",
        "select",
        "datalist",
        "progress",
        "head",
        "math",
        "applet",
        "param",
        "track",
        "frame",
        "frameset",
        "noframes",
        "link",
        "meta",
        "base",
    ]
)
_UNSEEN = frozenset({"template", "noscript"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CAPTURED = _HEADINGS | {"caption", "figcaption", "legend", "summary", "p", "pre"}
_SECTIONING = frozenset({"main", "article", "section"})

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*0[a-z%]*\s*(?:;|$|!)|(?:left|top|right|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.I,
)
_HIDING_CLASSES = frozenset(
    [
        "sr-only",
        "visually-hidden",
        "visuallyhidden",
        "screen-reader-text",
        "screenreader-text",
        "screen-reader-only",
        "screen-reader",
        "show-for-sr",
        "element-invisible",
        "u-visually-hidden",
        "u-hidden-visually",
        "is-visually-hidden",
        "a11y-hidden",
        "sronly",
        "visually-hidden-focusable",
        "assistive-text",
        "vh",
        "offscreen",
        "off-screen",
        "u-sr-only",
        "hidden-visually",
        "accessibility-hidden",
        "elementor-screen-only",
        "d-none",
    ]
)
_CHROME_ROLES = frozenset({"navigation", "banner", "contentinfo", "dialog", "alertdialog", "search", "menu", "menubar"})
_CONSENT = re.compile(r"(?:^|[\s_-])(?:cookie|consent|onetrust|usercentrics|cookiebot|cybotcookie|gdpr|cmp)", re.I)
_DATE_ATTRIBUTE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d|"
    r"[0-3]?\d([-/.])(?:19|20)\d\d\3[0-3]?\d|((?:19|20)\d\d[01]\d[0-3]\d))(?:[T ]?\d.*)?$"
)
_DATE_NAME = re.compile(r"date|datum|data-d(?:ay|t)|day|start|time|when", re.I)
_SKIPPED_ATTRIBUTES = frozenset(
    {"href", "src", "srcset", "style", "class", "action", "poster", "alt", "title", "value"}
)

_OPEN, _CLOSE = "\x1e", "\x1f"  # borders of inline elements inside a run of text
_ADJACENT = re.compile(f"(?<=[^\\s{_OPEN}{_CLOSE}])([{_CLOSE}]+[{_OPEN}]+)(?=[^\\s{_OPEN}{_CLOSE},.;:!?)\\]…])")
# "Fr<span>03</span>", "<b>19</b>lunedì": nobody prints a word and a number as one, whatever the stylesheet does
_DIGIT_BORDER = re.compile(
    f"((?<=[^\\W\\d_]{{2}})[{_OPEN}{_CLOSE}]+)(?=\\d)|((?<=\\d)[{_OPEN}{_CLOSE}]+)(?=[^\\W\\d_]{{3}})"
)
_LETTER_SPANS = re.compile(f"(?:{_OPEN}\\w{_CLOSE}){{3,}}")
_BORDERS = re.compile(f"[{_OPEN}{_CLOSE}]+")
_SPLIT = re.compile(f"[{_OPEN}{_CLOSE}\n]+")


class _Run:
    """Inline content that belongs to one block."""

    __slots__ = ("dates", "links", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.dates: list[str] = []
        self.links: list[str] = []

    def add(self, text: str) -> None:
        self.pieces.append(" ".join(re.split(r"[ \t\r\n\f]+", visible(text))))

    def finish(self) -> tuple[str, tuple[str, ...]]:
        """Return the text with line breaks kept, and its parts when there are several."""
        raw = "".join(self.pieces)
        if not raw or raw.isspace():
            return "", ()
        if _OPEN in raw or _CLOSE in raw:
            raw = _LETTER_SPANS.sub(lambda match: _BORDERS.sub("", match[0]), raw)
            raw = _ADJACENT.sub(r"\1 ", raw)
            raw = _DIGIT_BORDER.sub(r"\g<0> ", raw)
            parts = tuple(part for part in map(squeeze, _SPLIT.split(raw)) if part)
            raw = _BORDERS.sub("", raw)
        else:
            parts = tuple(part for part in map(squeeze, raw.split("\n")) if part)
        text = "\n".join(line for line in map(squeeze, raw.split("\n")) if line)
        if not re.search(r"\w", text):  # bullets, dashes, icons
            return "", ()
        return text, parts if len(parts) > 1 else ()


def _html_blocks(text: str, url: str) -> PageBlocks:
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(
            text.replace("\x00", "").encode("utf-8", errors="replace"), parser=parser, ensure_head_body=True
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):  # nothing in it, not even a tag
        return PageBlocks(url=url, blocks=())
    reader = _HtmlReader(root, url)
    reader.read()
    title = root.findtext("head/title") or root.findtext(".//title") or ""
    drafts = [_Draft("title", clean(title), path="/html/head/title")] if clean(title) else []
    drafts += _meta_drafts(root)
    tree = root.getroottree()
    for draft in reader.drafts:
        if draft.element is not None:
            draft.path = tree.getpath(draft.element)
    drafts += reader.drafts
    drafts += _structured_drafts(root)
    return PageBlocks(
        url=url,
        blocks=_numbered(drafts),
        hidden=_numbered(reader.hidden, prefix="x"),
        language=_page_language(root),
        title=clean(title) or None,
    )


def _page_language(root: etree._Element) -> str | None:
    for value in (
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang"),
        next(iter(root.xpath("//meta[translate(@http-equiv,'CL','cl')='content-language']/@content")), None),
        next(iter(root.xpath("//body/@lang")), None),
        next(iter(root.xpath("//meta[@property='og:locale']/@content")), None),
    ):
        match = re.match(r"\s*([a-zA-Z]{2})(?:[-_]|\s|,|$)", value or "")
        if match:
            return match[1].lower()
    return None


def _meta_drafts(root: etree._Element) -> list[_Draft]:
    drafts = []
    seen = set()
    for meta in root.xpath("//meta[@name='description' or @property='og:title' or @property='og:site_name']"):
        content = clean(meta.get("content") or "")
        if content and content not in seen:
            seen.add(content)
            name = meta.get("property") or meta.get("name") or ""
            draft = _Draft("meta", content, path=meta.getroottree().getpath(meta), classes=(name,))
            drafts.append(draft)
    return drafts


def _classes(element: etree._Element) -> tuple[str, ...]:
    words = [*(element.get("class") or "").split(), *(element.get("itemprop") or "").split()]
    return tuple(dict.fromkeys(words))[:8]


def _dates_of(element: etree._Element) -> list[str]:
    """Return the values of date-bearing attributes, cut to the date, ``datetime`` first."""
    found = []
    for name, value in element.items():
        if name == "datetime":
            found.insert(0, value.strip())
        elif 8 <= len(value) <= 40 and name not in _SKIPPED_ATTRIBUTES:
            match = _DATE_ATTRIBUTE.search(value.strip())
            if match and (match[4] is None or _DATE_NAME.search(name)):
                found.append(match[0])
    return [value for value in found if value]


class _HtmlReader:
    """One walk through the tree: text runs become blocks at the borders of block-level elements."""

    def __init__(self, root: etree._Element, url: str) -> None:
        self.root = root
        self.base = url
        base = root.find(".//base")
        if base is not None and base.get("href"):
            self.base = self._joined(url, base.get("href") or "") or url
        self.drafts: list[_Draft] = []
        self.hidden: list[_Draft] = []
        self.headings: list[tuple[int, str]] = []
        self.controlled = self._controlled_ids()

    # what a visitor can open by a visible control is not hidden: tabs and accordions
    def _controlled_ids(self) -> frozenset[str]:
        ids: set[str] = set()
        for element in self.root.iter():
            if not isinstance(element.tag, str):
                continue
            for name in ("aria-controls", "data-bs-target", "data-target"):
                value = element.get(name)
                if value:
                    ids.update(part.lstrip("#") for part in value.split())
            if element.tag == "a" and (element.get("href") or "").startswith("#"):
                ids.add((element.get("href") or "")[1:])
        return frozenset(ids - {""})

    def _joined(self, base: str, href: str) -> str | None:
        try:
            link = urljoin(base, href.strip())
            return link if urlsplit(link).scheme in {"http", "https"} else None
        except ValueError:
            return None

    def _is_hidden(self, element: etree._Element) -> bool:
        tag = element.tag
        if tag in _UNSEEN:
            return element.get("shadowrootmode") is None
        if not element.attrib:
            return False
        hidden = element.get("hidden")
        style = element.get("style")
        unseen = (
            (hidden is not None and hidden.lower() != "until-found")
            or (style is not None and _HIDING_STYLE.search(style) is not None)
            or (tag == "dialog" and element.get("open") is None)
        )
        if unseen:
            return not (element.get("role") == "tabpanel" or element.get("id") in self.controlled)
        names = element.get("class")
        if not names:
            return False
        words = set(names.lower().split())
        found = words & _HIDING_CLASSES
        if found == {"d-none"}:  # Bootstrap: shown again on wider screens by d-md-block and the like
            return not any(word.startswith("d-") and word != "d-none" for word in words)
        return bool(found)

    def _is_chrome(self, element: etree._Element, sections: int) -> bool:
        tag = element.tag
        if tag in {"nav", "dialog"} or element.get("role") in _CHROME_ROLES:
            return True
        if tag in {"header", "footer", "aside"} and not sections:
            return tag != "header" or element.find(".//h1") is None
        if tag in {"body", "html", "main", "article"} or not element.attrib:
            return False
        names = f"{element.get('id') or ''} {element.get('class') or ''}"
        return bool(_CONSENT.search(names)) and element.find(".//h1") is None

    def read(self) -> None:
        body = self.root.find("body")
        if body is None:
            return
        run = _Run()
        blocks: list[etree._Element] = [body]  # open block-level elements
        links: list[str] = []
        boxes: list[tuple[etree._Element, int, list[str]]] = []  # open elements with dates, and blocks before them
        chrome: list[etree._Element] = []
        sections = 0
        walk = etree.iterwalk(body, events=("start", "end", "comment"))

        def flush() -> None:
            nonlocal run
            if run.pieces:
                text, parts = run.finish()
                if text:
                    run.links += links
                    self._emit(_leaf_kind(blocks[-1]), blocks[-1], text, run, parts=parts, chrome=bool(chrome))
                run = _Run()

        for event, element in walk:
            if event == "comment":
                if element.text and len(element.text) > 20 and re.search(r"\w{3}", element.text):
                    self._hide(element.text, element)
                if element.tail:
                    run.add(element.tail)
                continue
            tag = element.tag
            if event == "end":
                if tag in _SILENT or (tag in _INLINE and tag != "img"):
                    if tag not in _SILENT:
                        run.pieces.append(_CLOSE)
                    if tag == "a" and links and element.get("href"):
                        links.pop()
                elif tag == "br":
                    run.pieces.append("\n")
                elif tag != "img" and blocks and blocks[-1] is element and element is not body:
                    flush()
                    blocks.pop()
                    if tag in _SECTIONING:
                        sections -= 1
                if boxes and boxes[-1][0] is element:
                    _, first, dates = boxes.pop()
                    if tag in _INLINE:
                        run.dates += dates
                    if len(self.drafts) - first <= 40:
                        for draft in self.drafts[first:]:
                            draft.dates += dates
                if chrome and chrome[-1] is element:
                    flush()
                    chrome.pop()
                if element.tail and element is not body:
                    run.add(element.tail)
                continue

            if tag in _SILENT:
                if tag == "select":
                    flush()
                    self._options(element, bool(chrome))
                walk.skip_subtree()
                continue
            if element is not body and self._is_hidden(element):
                self._hide(_plain(element), element)
                if tag not in _INLINE:
                    flush()
                    blocks.append(element)
                    sections += tag in _SECTIONING
                walk.skip_subtree()
                continue
            if tag in {"br", "img", "wbr"}:
                label = element.get("alt") if tag == "img" else None
                if label and len(label) > 3:
                    self._hide(label, element)
                continue
            if element.attrib:
                label = element.get("aria-label")
                if label:
                    self._hide(label, element)
                dates = _dates_of(element)
                if dates and element is not body:
                    boxes.append((element, len(self.drafts), dates))
            if tag in _INLINE:
                run.pieces.append(_OPEN)
                if tag == "a" and element.get("href"):
                    links.append(self._joined(self.base, element.get("href") or "") or "")
                    if links[-1]:
                        run.links.append(links[-1])
                if element.text:
                    run.add(element.text)
                continue

            flush()
            if self._is_chrome(element, sections):
                chrome.append(element)
            kind = _captured_kind(element)
            if kind is not None:
                self._capture(element, kind, links, bool(chrome))
                blocks.append(element)
                walk.skip_subtree()
                continue
            if tag == "dl" and self._definitions(element, links, bool(chrome)):
                blocks.append(element)
                walk.skip_subtree()
                continue
            if tag == "tr" and self._row(element, links, bool(chrome)):
                blocks.append(element)
                walk.skip_subtree()
                continue
            blocks.append(element)
            sections += tag in _SECTIONING
            if element.text:
                run.add(element.text)
        flush()
        self.drafts = _rows_of_boxes(self.drafts)

    def _hide(self, text: str, element: etree._Element) -> None:
        text = clean(text)
        if text:
            self.hidden.append(_Draft("p", text[:2000], path=element.getroottree().getpath(element)))

    def _emit(
        self,
        kind: BlockKind,
        element: etree._Element,
        text: str,
        run: _Run,
        *,
        parts: tuple[str, ...] = (),
        cells: tuple[str, ...] = (),
        chrome: bool = False,
    ) -> None:
        if kind == "p" and run.links and len(_visible_links(element)) == 1:
            (link,) = _visible_links(element)
            if clean("".join(link.itertext())) == text:
                kind = "link"
        if kind in _HEADINGS and not chrome:
            level = int(kind[1])
            while self.headings and self.headings[-1][0] >= level:
                self.headings.pop()
        headings = () if chrome else tuple(text for _, text in self.headings)
        if kind in _HEADINGS and not chrome:
            self.headings.append((int(kind[1]), text))
        parent = element.getparent()
        classes = _classes(element) + (_classes(parent) if parent is not None else ())
        self.drafts.append(
            _Draft(
                kind=kind,
                text=text,
                element=element,
                headings=headings,
                cells=cells,
                dates=list(run.dates),
                links=[link for link in run.links if link],
                chrome=chrome,
                parts=parts,
                classes=classes,
            )
        )

    def _gather(self, element: etree._Element, run: _Run, *, skip: frozenset[str] = frozenset()) -> None:
        """Add everything visible inside ``element`` to ``run``; inner block borders become line breaks."""
        walk = etree.iterwalk(element, events=("start", "end", "comment"))
        for event, child in walk:
            tag = child.tag
            if event == "comment":
                run.add(child.tail or "")
                continue
            if event == "start":
                if child is not element and (tag in _SILENT or tag in skip or self._is_hidden(child)):
                    if tag not in _SILENT and tag not in skip:
                        self._hide(_plain(child), child)
                    walk.skip_subtree()
                    continue
                if child.attrib and child is not element:
                    run.dates += _dates_of(child)
                    if child.get("aria-label"):
                        self._hide(child.get("aria-label") or "", child)
                    if tag == "a" and child.get("href"):
                        run.links.append(self._joined(self.base, child.get("href") or "") or "")
                if child is not element:
                    run.pieces.append(_OPEN if tag in _INLINE else "\n")
                if child.text:
                    run.add(child.text)
            elif child is not element:
                if tag not in _SILENT:
                    run.pieces.append(_CLOSE if tag in _INLINE else "\n")
                if child.tail:
                    run.add(child.tail)

    def _capture(self, element: etree._Element, kind: BlockKind, links: list[str], chrome: bool) -> None:
        run = _Run()
        self._gather(element, run)
        run.links += links
        text, parts = run.finish()
        if text:
            if kind in _HEADINGS:
                text = text.replace("\n", " ") if len(text) < 60 else text
            self._emit(kind, element, text, run, parts=parts, chrome=chrome)

    def _row(self, row: etree._Element, links: list[str], chrome: bool) -> bool:
        """Emit ``row`` as one block unless the table only lays out the page."""
        if row.find(".//table") is not None:
            return False
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        if not cells or (len(cells) == 1 and len(cells[0])):
            return False
        run = _Run()
        run.links += links
        texts = []
        for cell in cells:
            part = _Run()
            part.dates += _dates_of(cell)
            self._gather(cell, part)
            texts.append(part.finish()[0])
            run.dates += part.dates
            run.links += part.links
        if max(map(len, texts)) > 500 and any(cell.find(".//p") is not None or len(cell) > 8 for cell in cells):
            return False
        run.dates += _dates_of(row)
        if any(texts):
            self._emit("row", row, " | ".join(filter(None, texts)), run, cells=tuple(texts), chrome=chrome)
        return True

    def _definitions(self, listing: etree._Element, links: list[str], chrome: bool) -> bool:
        """Emit each term with its descriptions; False when a description holds more than a value."""
        items = [item for item in listing.iter("dt", "dd") if not _inside(item, listing, {"dl"})]
        if not items or any(
            item.tag == "dd" and item.find([".//h2", ".//h3", ".//dl", ".//table"][0]) is not None for item in items
        ):
            return False
        if any(item.find(".//dl") is not None or item.find(".//table") is not None for item in items):
            return False
        if any(len(_plain(item)) > 1500 for item in items):
            return False
        groups: list[tuple[list[etree._Element], list[etree._Element]]] = []
        for item in items:
            if (item.tag == "dt" and (not groups or groups[-1][1])) or not groups:
                groups.append(([], []))
            groups[-1][item.tag == "dd"].append(item)
        for terms, values in groups:
            run = _Run()
            run.links += links
            cells = []
            for item in (*terms, *values):
                part = _Run()
                part.dates += _dates_of(item)
                self._gather(item, part)
                cells.append(part.finish()[0])
                run.dates += part.dates
                run.links += part.links
            if len(terms) > 1:
                cells = ["\n".join(cells[: len(terms)]), *cells[len(terms) :]]
            kept = tuple(cell for cell in cells if cell)
            if kept:
                shown = kept if terms and cells[0] else ("", *kept)
                self._emit("dl", (terms or values)[0], " | ".join(kept), run, cells=shown, chrome=chrome)
        return True

    def _options(self, select: etree._Element, chrome: bool) -> None:
        """Options that carry dates are evenings to choose from; other options are controls, not content."""
        for option in select.iter("option"):
            text = clean("".join(option.itertext()))
            if len(re.findall(r"\d+", text)) >= 2:
                self._emit("li", option, text, _Run(), chrome=chrome)


def _inside(element: etree._Element, root: etree._Element, tags: set[str]) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not root:
        if parent.tag in tags:
            return True
        parent = parent.getparent()
    return False


def _visible_links(element: etree._Element) -> list[etree._Element]:
    return [element] if element.tag == "a" else [link for link in element.iter("a") if link.get("href")]


def _plain(element: etree._Element) -> str:
    return (
        " ".join(text for text in element.itertext() if not text.isspace())
        if element.find(".//script") is None
        else " ".join(str(text) for text in element.xpath(".//text()[not(ancestor::script or ancestor::style)]"))
    )


def _captured_kind(element: etree._Element) -> BlockKind | None:
    tag = element.tag
    if tag in _CAPTURED:
        if tag in _HEADINGS:
            return tag  # type: ignore[no-any-return]
        return "caption" if tag in {"caption", "figcaption"} else "p"
    if element.get("role") == "heading":
        level = element.get("aria-level") or "2"
        return f"h{level}" if level in {"1", "2", "3", "4", "5", "6"} else "h2"  # type: ignore[return-value]
    return None


def _leaf_kind(element: etree._Element) -> BlockKind:
    if element.tag == "li":
        return "li"
    if element.tag == "dt" or element.tag == "dd":
        return "dl"
    return "p"


# --- rows made of boxes ---------------------------------------------------------------------------------------------

_ROW_CELLS = 12
_ROW_CHARACTERS = 400
_LABEL_CHARACTERS = 60
_JOINABLE = frozenset({"p", "li", "time", "link", "caption"})
_NEVER_A_ROW = frozenset({"body", "main", "ul", "ol", "table", "tbody", "tr", "form", "html"})


def _rows_of_boxes(drafts: list[_Draft]) -> list[_Draft]:
    """Join the blocks of a box that reads as one row: ``<div><div>Conductor</div><div>Name</div></div>``.

    A box is a row when a short label stands before a box of values, or when it holds a few short texts in
    differently marked elements, or two texts among boxes marked alike. A list of likewise marked texts stays a list,
    and a heading is never swallowed. The largest box that reads as a row wins.
    """
    holders: dict[etree._Element, list[int]] = {}
    for position, draft in enumerate(drafts):
        element = draft.element
        while element is not None:
            holders.setdefault(element, []).append(position)
            element = element.getparent()
    row_of: dict[int, tuple[etree._Element, list[int]]] = {}
    for box, positions in sorted(holders.items(), key=lambda item: -len(item[1])):
        if not 2 <= len(positions) <= _ROW_CELLS or box.tag in _NEVER_A_ROW or positions[0] in row_of:
            continue
        if positions[-1] - positions[0] == len(positions) - 1 and _is_row(box, [drafts[index] for index in positions]):
            row_of.update(dict.fromkeys(positions, (box, positions)))
    result: list[_Draft] = []
    previous: etree._Element | None = None  # box of the row before
    for position, draft in enumerate(drafts):
        box, positions = row_of.get(position, (None, []))
        if box is not None:
            if position == positions[0]:
                result.append(_joined(box, [drafts[index] for index in positions]))
                previous = box
        elif previous is not None and (unlabelled := _unlabelled_like(previous, draft)) is not None:
            result.append(replace(draft, kind="row", element=unlabelled, cells=("", draft.text), parts=()))
        else:
            result.append(draft)
    return result


def _joined(box: etree._Element, members: list[_Draft]) -> _Draft:
    return replace(
        members[0],
        kind="row",
        text=" | ".join(member.text for member in members),
        element=box,
        cells=tuple(member.text for member in members),
        dates=[value for member in members for value in member.dates],
        links=[link for member in members for link in member.links],
        parts=(),
        classes=tuple(dict.fromkeys(name for member in members for name in (*_classes(box), *member.classes)))[:16],
    )


def _unlabelled_like(row: etree._Element, draft: _Draft) -> etree._Element | None:
    """Return the box of ``draft`` when it is marked like the row before it, but its label is left empty."""
    box = draft.element
    if box is None or draft.cells or draft.kind not in _JOINABLE:
        return None
    while box is not None and box.getparent() is not row.getparent():
        box = box.getparent()
    if box is None or box is draft.element or _mark(box) != _mark(row):
        return None
    first = next((child for child in box if isinstance(child.tag, str)), None)
    return box if first is not None and not "".join(first.itertext()).strip() else None


def _mark(element: etree._Element) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _is_row(box: etree._Element, members: list[_Draft]) -> bool:
    if any(member.kind not in _JOINABLE or member.cells for member in members):
        return False
    if sum(len(member.text) for member in members) > _ROW_CHARACTERS:
        return False
    groups: list[tuple[etree._Element | None, int]] = []  # child of the box, number of texts in it
    for member in members:
        child = None if member.element is box else _child_towards(box, member.element)
        if groups and groups[-1][0] is child and child is not None:
            groups[-1] = (child, groups[-1][1] + 1)
        else:
            groups.append((child, 1))
    if len(groups) < 2 or any(child is not None and child.tag in {"li", "tr", "article"} for child, _ in groups):
        return False
    label_first = groups[0][1] == 1 and len(members[0].text) <= _LABEL_CHARACTERS
    if len(groups) == 2 and label_first and groups[1][1] <= _ROW_CELLS - 1:
        if groups[1][0] is not None and _holds_boxes(groups[1][0], [member.element for member in members[1:]]):
            return False
        marks = [None if child is None else _mark(child) for child, _ in groups]
        return marks[0] != marks[1] or _stands_among_its_like(box, 2)
    if len(members) > 6 or sum(count > 1 for _, count in groups) > 1:
        return False
    children = [_mark(child) for child, _ in groups if child is not None]
    return len(children) == len(groups) and len(set(children)) == len(children)


def _child_towards(box: etree._Element, element: etree._Element | None) -> etree._Element | None:
    while element is not None and element.getparent() is not box:
        element = element.getparent()
    return element


def _holds_boxes(box: etree._Element, elements: list[etree._Element | None]) -> bool:
    """Tell whether ``box`` holds two boxes of several texts each: a list of rows, not a list of values."""
    while len({id(_child_towards(box, element)) for element in elements}) == 1:
        (inner,) = {_child_towards(box, element) for element in elements}
        if inner is None or any(element is inner for element in elements):
            return False
        box = inner
    children = [_child_towards(box, element) for element in elements]
    return sum(children.count(child) > 1 for child in set(children) if child is not None) > 1


def _stands_among_its_like(box: etree._Element, children: int) -> bool:
    parent = box.getparent()
    return parent is not None and any(
        sibling is not box and _mark(sibling) == _mark(box) and len(sibling) == children
        for sibling in parent
        if isinstance(sibling.tag, str)
    )


# --- structured data ------------------------------------------------------------------------------------------------

_STATE = re.compile(r"(?:window(?:\.|\[[\"'])|self\.|var\s+|let\s+|const\s+)?([\w$]+)(?:[\"']\])?\s*=\s*(?=[{\[])")
_STATE_NAMES = re.compile(
    r"state|data|props|__|store|event|calendar|program|performance|production|show|apollo|config", re.I
)
_JSON_PARSE = re.compile(r"JSON\.parse\(\s*([\"'])(.*?)(?<!\\)\1\s*\)", re.S)
_NEXT_PUSH = re.compile(r"self\.__next_f\.push\(\[1,\s*(\"(?:[^\"\\]|\\.)*\")\]\)", re.S)
_DATA_KEYS = re.compile(
    r"^@type$|(?:^|_|[a-z])(?:name|title|titel|titre|titolo|titulo|headline|date|datum|data|start|begin|time|zeit|heure|"
    r"composer|komponist|compositeur|conductor|director|regie|role|rolle|character|personnage|ruolo|artist|performer|person|"
    r"cast|venue|location|spielort|lieu|price|preis|prix|prezzo|duration|season|genre)(?:s|$|_|[A-Z])",
    re.I,
)
_VOLATILE_KEYS = re.compile(
    r"token|nonce|csrf|buildid|requestid|session|hash|etag|__typename|generatedat|fetchedat|renderedat|^timestamp$|viewcount|"
    r"srcset|sizes|blurdata|tracking|analytics",
    re.I,
)
_JSON_BLOCK_CHARACTERS = 6000


def _structured_drafts(root: etree._Element) -> list[_Draft]:
    drafts: list[_Draft] = []
    tree = root.getroottree()
    for script in root.iter("script"):
        text = script.text or ""
        if not text.strip():
            continue
        kind = (script.get("type") or "").lower()
        path = tree.getpath(script)
        if "json" in kind:
            for value in _json_values(text):
                drafts += _objects(value, f"{path}#", schema_org="ld+json" in kind)
        elif not kind or "javascript" in kind or kind == "module":
            for value in _state_values(text):
                drafts += _objects(value, f"{path}#", schema_org=False)
    for scope in root.xpath("//*[@itemscope][not(@itemprop)]"):
        item = _microdata(scope)
        if len(item) > 1:
            drafts.append(_Draft("json", _dumped(item), path=f"{tree.getpath(scope)}#", dates=[]))
    return drafts


def _json_values(text: str) -> list[Any]:
    text = re.sub(r"^\s*(?://)?\s*<!(?:\[CDATA\[|--)|(?://)?\s*(?:\]\]>|-->)\s*$", "", text).strip().rstrip(";")
    try:
        return [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        pass
    try:  # comma before a closing bracket: the commonest fault of hand-made JSON-LD
        return [json.loads(re.sub(r",\s*(?=[}\]])", "", text), strict=False)]
    except (ValueError, RecursionError):
        return []


def _state_values(text: str) -> list[Any]:
    """Return the JSON literals a script assigns to a variable, in order."""
    values: list[Any] = []
    decoder = json.JSONDecoder(strict=False)
    position = 0
    while match := _STATE.search(text, position):
        position = match.end()
        if not _STATE_NAMES.search(match[1]):
            continue
        try:
            value, position = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        values.append(value)
    for match in _JSON_PARSE.finditer(text):
        try:
            values.append(
                json.loads(json.loads(f'"{match[2]}"') if match[1] == '"' else _unescaped(match[2]), strict=False)
            )
        except (ValueError, RecursionError):
            continue
    return values


def _unescaped(text: str) -> str:
    return re.sub(r"\\(['\"\\])", r"\1", text)


def _objects(value: Any, path: str, *, schema_org: bool) -> Iterator[_Draft]:
    """Yield one draft per JSON object that carries data, outermost that fits first."""
    stack: list[tuple[Any, str]] = [(value, path)]
    while stack:
        value, path = stack.pop()
        if isinstance(value, list):
            stack.extend((item, f"{path}/{index}") for index, item in reversed(list(enumerate(value))))
            continue
        if not isinstance(value, dict):
            continue
        scalars = {name: item for name, item in value.items() if isinstance(item, (str, int, float)) and item != ""}
        nested = [
            (item, f"{path}/{_pointer_part(name)}")
            for name, item in value.items()
            if isinstance(item, (dict, list)) and item and not _VOLATILE_KEYS.search(name)
        ]
        carries = [name for name, item in scalars.items() if isinstance(item, str) and _DATA_KEYS.search(name)]
        if len(carries) >= (1 if schema_org else 2) and "@graph" not in value:
            kept = _kept(value)
            text = _dumped(kept)
            if len(text) <= _JSON_BLOCK_CHARACTERS:
                yield _Draft("json", text, path=path)
                continue
            text = _dumped({name: item for name, item in kept.items() if not isinstance(item, (dict, list))})
            yield _Draft("json", text[: 4 * _JSON_BLOCK_CHARACTERS], path=path)
        stack.extend(reversed(nested))


def _kept(value: Any, depth: int = 0) -> Any:
    """Return ``value`` without what changes on every request or says nothing."""
    if depth > 40:
        return None
    if isinstance(value, dict):
        kept = {name: _kept(item, depth + 1) for name, item in value.items() if not _VOLATILE_KEYS.search(name)}
        return {
            name: item
            for name, item in kept.items()
            if item not in (None, "", [], {}, 0) and (not isinstance(item, (int, float)) or _DATA_KEYS.search(name))
        }
    if isinstance(value, list):
        return [item for item in (_kept(item, depth + 1) for item in value) if item not in (None, "", [], {})]
    if isinstance(value, str):
        return clean(re.sub(r"<[^<>]{1,300}>", " ", visible(value)) if "<" in value or "&" in value else value)
    return value


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _pointer_part(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _microdata(scope: etree._Element, depth: int = 0) -> dict[str, Any]:
    """Return a microdata item in the shape of JSON-LD."""
    item: dict[str, Any] = {}
    kind = (scope.get("itemtype") or "").rstrip("/").rsplit("/", 1)[-1]
    if kind:
        item["@type"] = kind
    stack = list(reversed(scope))
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        nested = element.get("itemscope") is not None
        for name in (element.get("itemprop") or "").split():
            value = _microdata(element, depth + 1) if nested and depth < 20 else _microdata_value(element)
            if value in ("", {}, None):
                continue
            if name in item:
                item[name] = [*(item[name] if isinstance(item[name], list) else [item[name]]), value]
            else:
                item[name] = value
        if not nested:
            stack.extend(reversed(element))
    return item


def _microdata_value(element: etree._Element) -> str:
    for name in ("content", "datetime", "href", "src"):
        value = element.get(name)
        if value is not None and (name in {"content", "datetime"} or element.tag in {"a", "link", "area"}):
            return clean(value)
    return clean("".join(element.itertext()))


def _json_document(text: str) -> Iterator[_Draft]:
    for value in _json_values(text):
        yield from _objects(value, "#", schema_org=False)


# --- PDF ------------------------------------------------------------------------------------------------------------


def _pdf_drafts(body: bytes) -> Iterator[_Draft]:
    """Yield the lines of each page, lines of running prose joined to paragraphs."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError:
        return
    try:
        for number in range(len(document)):
            try:
                page = document[number]
                text = page.get_textpage().get_text_range()
            except (pypdfium2.PdfiumError, UnicodeError):
                continue
            for paragraph in _paragraphs(text):
                yield _Draft("pdf", paragraph, path=f"page[{number + 1}]")
    finally:
        document.close()


def _paragraphs(text: str) -> Iterator[str]:
    lines = [clean(line.replace("\ufffe", "").replace("\x02", "")) for line in re.split(r"\r\n|\r|\n", text)]
    width = max(map(len, lines), default=0)
    held = ""
    for line in lines:
        runs_on = held and line and len(held.rsplit("\n", 1)[-1]) > 0.75 * width > 45 and not re.search(r"\d\s*$", held)
        if runs_on and re.match(r"[a-zà-ÿа-я(]", line):
            held = held[:-1] + line if held.endswith("-") else f"{held} {line}"
            continue
        if held:
            yield held
        held = line
    if held:
        yield held
