"""Reads HTML: text runs become blocks at the borders of block-level elements, whatever the page is built of."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from opera_spiders.extraction.box_rows import classes_of, finer_parts, rows_of_boxes
from opera_spiders.extraction.drafts import Draft, Element
from opera_spiders.extraction.json_blocks import structured_drafts
from opera_spiders.text import clean, squeeze, visible

if TYPE_CHECKING:
    from opera_spiders.extraction.blocks import BlockKind


Attributes: TypeAlias = dict[str, str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INLINE = _words(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark meter nobr output q rp rt "
    "ruby s samp small span strike strong sub sup time tt u var picture"
)
_EMPTY = _words("br img wbr source")
_SILENT = _words(
    "script style svg canvas video audio object embed iframe map input textarea select datalist progress head math "
    "applet param track frame frameset noframes link meta base"
)
_ITEMS = _words("dt dd")  # one inside another: libxml2 nests those that are left open
_UNSEEN = _words("template noscript")
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_CAPTURED = _HEADINGS | _words("caption figcaption legend summary p pre")
_SECTIONING = _words("main article section")

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*(?:0[a-z%]*|0?\.\d+(?:px|pt|em|rem)|[12](?:px|pt))\s*(?:;|$|!)"
    r"|(?<!-)color\s*:\s*(?:transparent|rgba\([^)]*,\s*0\s*\))"
    r"|(?:left|top|right|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.IGNORECASE,
)
_FLAT_STYLE = re.compile(r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$|!)", re.IGNORECASE)
_CLIPPING_STYLE = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.IGNORECASE)
_TEXT_COLOUR = re.compile(r"(?<![\w-])color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND_COLOUR = re.compile(r"(?<![\w-])background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE_SELECTOR = re.compile(r"[.#][\w-]+")
_HIDING_CLASSES = _words(
    "sr-only visually-hidden visuallyhidden screen-reader-text screenreader-text screen-reader-only screen-reader "
    "show-for-sr element-invisible u-visually-hidden u-hidden-visually is-visually-hidden a11y-hidden sronly "
    "visually-hidden-focusable assistive-text offscreen off-screen u-sr-only hidden-visually accessibility-hidden "
    "elementor-screen-only d-none"
)
_CHROME_ROLES = _words("navigation banner contentinfo dialog alertdialog search menu menubar")
_CONSENT = re.compile(r"(?:^|[\s_-])(?:cookie|consent|onetrust|usercentrics|cookiebot|cybotcookie|gdpr|cmp)", re.I)
_NAMED_CHROME = _words(  # ids and classes of pages older than <nav> and <footer>
    "footer site-footer page-footer pagefooter colophon header site-header page-header masthead nav navbar navigation "
    "main-nav mainnav main-menu mainmenu topmenu breadcrumb breadcrumbs skip-link skiplink"
)
_DATE_ATTRIBUTE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d|"
    r"[0-3]?\d([-/.])(?:19|20)\d\d\3[0-3]?\d|((?:19|20)\d\d[01]\d[0-3]\d))(?:[T ]?\d.*)?$"
)
_MENU_ENTRIES = 4  # links in a row; fewer may be the parts of a page
_DATE_NAME = re.compile(r"date|datum|data-d(?:ay|t)|day|start|time|when", re.I)
_UNDATED_ATTRIBUTES = _words("href src srcset style class action poster alt title value")
_DATED_BLOCKS = 40  # an attribute on a box that holds more blocks dates the page, not an evening

_OPEN, _CLOSE = "\x1e", "\x1f"  # borders of inline elements inside a run of text
_ADJACENT = re.compile(f"(?<=[^\\s{_OPEN}{_CLOSE}])([{_CLOSE}]+[{_OPEN}]+)(?=[^\\s{_OPEN}{_CLOSE},.;:!?)\\]…])")
# "Fr<span>03</span>", "<b>19</b>lunedì": nobody prints a word and a number as one, whatever the stylesheet does
_DIGIT_BORDER = re.compile(
    f"(?<=[^\\W\\d_]{{2}})[{_OPEN}{_CLOSE}]+(?=\\d)|(?<=\\d)[{_OPEN}{_CLOSE}]+(?=[^\\W\\d_]{{3}})"
)
_LETTER_SPANS = re.compile(f"(?:{_OPEN}\\w{_CLOSE}){{3,}}")
_BORDERS = re.compile(f"[{_OPEN}{_CLOSE}]+")
_SPLIT = re.compile(f"[{_OPEN}{_CLOSE}\n]+")
_WORD = re.compile(r"\w")


_STYLE_CHARACTERS = 200_000


def _hides_for_good(style: str) -> bool:
    """Tell whether a style makes text unreadable where it stands: of no size, without colour, or beyond the page."""
    if _FLAT_STYLE.search(style) and _CLIPPING_STYLE.search(style):
        return True
    colour, ground = _TEXT_COLOUR.search(style), _GROUND_COLOUR.search(style)
    if colour and ground and _colour(colour[1]) == _colour(ground[1]):
        return True
    match = _HIDING_STYLE.search(style)
    return match is not None and not re.match(r"display|visibility|opacity", match.group(), re.IGNORECASE)


def _colour(printed: str) -> str:
    colour = printed.strip().lower().replace(" ", "")
    colour = {"white": "#fff", "black": "#000"}.get(colour, colour)
    short = re.fullmatch(r"#(\w)\1(\w)\2(\w)\3", colour)
    return f"#{short[1]}{short[2]}{short[3]}" if short else colour


class HtmlPage:
    """The drafts of one page in document order (structured data last), its hidden texts, language tag and title."""

    def __init__(self, text: str, url: str) -> None:
        self.drafts: list[Draft] = []
        self.hidden: list[Draft] = []
        self.locale: str | None = None
        self.title: str | None = None
        root = _parsed(text)
        if root is None:
            return
        tree = root.getroottree()
        self.locale = _locale(root)
        self.title = clean(root.findtext("head/title") or root.findtext(".//title") or "") or None
        if self.title:
            self.drafts.append(Draft("title", self.title, path="/html/head/title"))
        self.drafts += _meta_drafts(root)
        reader = _Reader(root, url)
        reader.read()
        for draft in reader.drafts:
            if draft.element is not None:
                draft.path = tree.getpath(draft.element)
        _mark_menu(reader.drafts)
        self.drafts += reader.drafts
        self.drafts += structured_drafts(root)
        self.hidden = reader.hidden


def _parsed(text: str) -> Element | None:
    # lxml.html's own parser chooses a class for each element, in Python.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(
            text.replace("\x00", "").encode("utf-8", errors="replace"), parser=parser, ensure_head_body=True
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):  # nothing in it, not even a tag
        return None
    return root


def _locale(root: Element) -> str | None:
    for path in (
        "/html/@lang",
        "/html/@*[name()='xml:lang']",
        "//meta[translate(@http-equiv,'CL','cl')='content-language']/@content",
        "//body/@lang",
        "//meta[@property='og:locale']/@content",
    ):
        for value in root.xpath(path):
            match = re.match(r"\s*([a-zA-Z]{2}(?:[-_][a-zA-Z]{2,4})?)(?:[-_]|\s|,|$)", str(value))
            if match:
                return match[1].replace("_", "-")
    return None


def _meta_drafts(root: Element) -> list[Draft]:
    drafts: dict[str, Draft] = {}
    for meta in root.xpath("//meta[@name='description' or @property='og:title' or @property='og:site_name']"):
        content = clean(meta.get("content") or "")
        name = meta.get("property") or meta.get("name")
        if content and content not in drafts:
            drafts[content] = Draft("meta", content, path=meta.getroottree().getpath(meta), classes=(name,))
    return list(drafts.values())


def _mark_menu(drafts: list[Draft]) -> None:
    """Mark as chrome what lists nothing but links before the first heading: the menu of a site without ``nav``.

    A list of which many entries have digits may be one of evenings.
    """
    first = next((place for place, draft in enumerate(drafts) if draft.kind in ("h1", "h2") and not draft.chrome), 0)
    for is_link, run in groupby(drafts[:first], key=lambda draft: draft.kind == "li" and _is_link(draft)):
        entries = list(run)
        digits = sum(re.search(r"\d", draft.text) is not None for draft in entries)
        if is_link and len(entries) >= _MENU_ENTRIES and digits <= len(entries) / 3:
            for draft in entries:
                draft.chrome = True


def _is_link(draft: Draft) -> bool:
    return not draft.dates and squeeze(" ".join(words for _, words in draft.links)) == squeeze(draft.text)


class _Run:
    """Inline content that belongs to one block."""

    __slots__ = ("dates", "links", "open_links", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.dates: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.open_links: list[tuple[str, int]] = []  # address, number of pieces before it

    def add(self, text: str) -> None:
        if "&" in text or not text.isascii():
            text = visible(text)
        core = " ".join(text.split())
        if core:
            self.pieces.append(f"{' ' * text[0].isspace()}{core}{' ' * text[-1].isspace()}")
        elif text and self.pieces:
            self.pieces.append(" ")

    def open_link(self, address: str | None) -> None:
        self.open_links.append((address or "", len(self.pieces)))

    def close_link(self) -> None:
        address, first = self.open_links.pop()
        if address:
            self.links.append((address, squeeze(_BORDERS.sub(" ", "".join(self.pieces[first:])))))

    def finish(self) -> tuple[str, tuple[str, ...]]:
        """Return the text with line breaks kept, and its parts when there are several."""
        raw = "".join(self.pieces)
        if not _WORD.search(raw):  # nothing, bullets, dashes, icons
            return "", ()
        if _OPEN in raw or _CLOSE in raw:
            raw = _LETTER_SPANS.sub(lambda match: _BORDERS.sub("", match[0]), raw)
            raw = _ADJACENT.sub(r"\1 ", raw)
            raw = _DIGIT_BORDER.sub(r"\g<0> ", raw)
            parts = [part for part in map(squeeze, _SPLIT.split(raw)) if part]
            raw = _BORDERS.sub("", raw)
        else:
            parts = [part for part in map(squeeze, raw.split("\n")) if part]
        text = "\n".join(line for line in map(squeeze, raw.split("\n")) if line)
        return text, tuple(parts) if len(parts) > 1 else ()


class _Reader:
    """One walk through the tree."""

    def __init__(self, root: Element, url: str) -> None:
        self.root = root
        self.drafts: list[Draft] = []
        self.hidden: list[Draft] = []
        base = root.find(".//base")
        self.base = (_joined(url, base.get("href") or "") if base is not None else None) or url
        self._headings: list[tuple[int, str]] = []
        self._controlled = self._controlled_ids()
        self._hiding = self._hiding_selectors()
        self._run = _Run()
        self._blocks: list[Element] = []  # open block-level elements
        self._around: list[str] = []  # addresses of the links that are open around blocks
        self._chrome: list[Element] = []
        self._dated: list[tuple[Element, int, list[str]]] = []  # open elements with dates, drafts before them
        self._sections = 0
        self._passed: Element | None = None  # the last element whose content is not walked through

    def _hiding_selectors(self) -> frozenset[str]:
        """Return the classes and ids that the page's own style puts out of sight for good: no script shows those.

        What is only not displayed may be a tab or a menu, and what a narrow screen hides another shows.
        """
        found: set[str] = set()
        for style in self.root.iter("style"):
            text = re.sub(r"/\*.*?\*/|@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style.text or "", flags=re.S)
            for match in _RULE.finditer(text[:_STYLE_CHARACTERS]):
                if _hides_for_good(match[2]):
                    found.update(s for part in match[1].split(",") if _SIMPLE_SELECTOR.fullmatch(s := part.strip()))
        return frozenset(found)

    def _controlled_ids(self) -> frozenset[str]:
        """Return the ids of what a visitor can open by a control: tabs and accordions are not hidden."""
        ids: set[str] = set()
        for path in ("//@aria-controls", "//@data-bs-target", "//@data-target"):
            for value in self.root.xpath(path):
                ids.update(part.lstrip("#") for part in str(value).split())
        ids.update(str(value)[1:] for value in self.root.xpath("//a/@href[starts-with(., '#')]"))
        return frozenset(ids - {""})

    def read(self) -> None:
        body = self.root.find("body")
        if body is None:
            return
        self._blocks = [body]
        if body.text:
            self._run.add(body.text)
        walk = etree.iterwalk(body, events=("start", "end", "comment"))
        for event, element in walk:
            if element is body:
                continue
            if event == "start":
                if not self._opened(element):
                    self._passed = element
                    walk.skip_subtree()
            elif event == "end":
                self._closed(element)
                if element.tail:
                    self._run.add(element.tail)
            else:
                self._comment(element)
        self._flush()
        self.drafts = rows_of_boxes(self.drafts)

    # --- events

    def _opened(self, element: Element) -> bool:
        """Take in the start of ``element``; False when its content is done with."""
        tag = element.tag
        if tag in _SILENT or tag in _EMPTY:
            self._without_text(element)
            return False
        attributes = dict(element.items())
        if self._is_hidden(tag, attributes):
            self._hide(_plain(element), element)
            if tag not in _INLINE:
                self._enter(element)
            return False
        if attributes:
            self._attributes(element, attributes)
        if tag not in _INLINE:
            if not self._entered(element, attributes):
                return False
        else:
            self._run.pieces.append(_OPEN)
            if tag == "a" and attributes.get("href"):
                address = _joined(self.base, attributes["href"]) or ""
                self._around.append(address)
                self._run.open_link(address)
        if element.text:
            self._run.add(element.text)
        return True

    def _without_text(self, element: Element) -> None:
        if element.tag == "select":
            self._flush()
            self._options(element)
        elif element.tag == "img" and len(element.get("alt") or "") > 3:
            self._hide(element.get("alt"), element)

    def _attributes(self, element: Element, attributes: Attributes) -> None:
        if attributes.get("aria-label"):
            self._hide(attributes["aria-label"], element)
        dates = _dates_in(attributes)
        if dates:
            self._dated.append((element, len(self.drafts), dates))

    def _entered(self, element: Element, attributes: Attributes) -> bool:
        """Open a block-level element; False when it was read as a whole."""
        tag = element.tag
        self._enter(element)
        if self._is_chrome(element, attributes):
            self._chrome.append(element)
        kind = _captured_kind(tag, attributes)
        if kind is not None:
            self._capture(element, kind)
            return False
        if (tag == "dl" and self._definitions(element)) or (tag == "tr" and self._row(element)):
            return False
        self._sections += tag in _SECTIONING
        return True

    def _closed(self, element: Element) -> None:
        tag = element.tag
        if tag == "br":
            self._run.pieces.append("\n")
        elif tag in _INLINE:
            if element is not self._passed:  # it was not hidden
                self._run.pieces.append(_CLOSE)
                if tag == "a" and element.get("href"):
                    self._around.pop()
                    if self._run.open_links:
                        self._run.close_link()
        elif self._blocks[-1] is element:
            self._flush()
            self._blocks.pop()
            if tag in _SECTIONING and element is not self._passed:
                self._sections -= 1
        if self._dated and self._dated[-1][0] is element:
            _, first, dates = self._dated.pop()
            if tag in _INLINE:
                self._run.dates += dates
            if len(self.drafts) - first <= _DATED_BLOCKS:
                for draft in self.drafts[first:]:
                    draft.dates += dates
        if self._chrome and self._chrome[-1] is element:
            self._chrome.pop()

    def _comment(self, comment: Element) -> None:
        text = comment.text or ""
        if len(text) > 20 and re.search(r"\w{3}", text):
            self._hide(text, comment)
        if comment.tail:
            self._run.add(comment.tail)

    def _enter(self, element: Element) -> None:
        self._flush()
        self._blocks.append(element)

    def _flush(self) -> None:
        run = self._run
        if not run.pieces:
            return
        self._run = _Run()
        while run.open_links:
            run.close_link()
        text, parts = run.finish()
        if text:
            element = self._blocks[-1]
            kind: BlockKind = "li" if element.tag == "li" else "dl" if element.tag in {"dt", "dd"} else "p"
            self._emit(kind, element, text, run, parts=parts)
        elif run.dates and self._dated:  # an empty <time datetime> dates what follows in its box
            self._dated[-1][2].extend(run.dates)

    # --- blocks

    def _emit(
        self,
        kind: BlockKind,
        element: Element,
        text: str,
        run: _Run,
        *,
        parts: tuple[str, ...] = (),
        cells: tuple[str, ...] = (),
    ) -> None:
        links = run.links
        if self._around:
            own = {address for address, _ in links}
            words = "" if links else text
            links = [*links, *((address, words) for address in self._around if address and address not in own)]
        if kind == "p" and len(links) == 1 and links[0][1] == squeeze(text):
            kind = "link"
        chrome = bool(self._chrome)
        headings: tuple[str, ...] = ()
        if not chrome:
            if kind in _HEADINGS:
                level = int(kind[1])
                while self._headings and self._headings[-1][0] >= level:
                    self._headings.pop()
            headings = tuple(heading for _, heading in self._headings)
            if kind in _HEADINGS:
                self._headings.append((level, text))
        parent = element.getparent()
        classes = classes_of(element) + (classes_of(parent) if parent is not None else ())
        self.drafts.append(
            Draft(
                kind=kind,
                text=text,
                element=element,
                headings=headings,
                cells=cells,
                dates=run.dates,
                links=links,
                chrome=chrome,
                parts=parts,
                classes=classes,
            )
        )

    def _hide(self, text: str, element: Element) -> None:
        text = clean(text)
        if _WORD.search(text):
            self.hidden.append(Draft("p", text[:2000], path=element.getroottree().getpath(element)))

    def _gathered(self, element: Element) -> _Run:
        """Return everything visible inside ``element``; inner block borders become line breaks."""
        run = _Run()
        skipped = _SILENT | _EMPTY | (_ITEMS if element.tag in _ITEMS else frozenset())
        if element.text:
            run.add(element.text)
        passed: Element | None = None
        walk = etree.iterwalk(element, events=("start", "end", "comment"))
        for event, child in walk:
            if child is element:
                continue
            if event == "start":
                if child.tag in skipped:
                    walk.skip_subtree()
                else:
                    attributes = dict(child.items())
                    if self._is_hidden(child.tag, attributes):
                        self._hide(_plain(child), child)
                        passed = child
                        walk.skip_subtree()
                    else:
                        self._gather_start(run, child, attributes)
                continue
            if event == "end" and child is not passed and (child.tag == "br" or child.tag not in skipped):
                self._gather_end(run, child)
            if child.tail:
                run.add(child.tail)
        return run

    def _gather_start(self, run: _Run, child: Element, attributes: Attributes) -> None:
        run.pieces.append(_OPEN if child.tag in _INLINE else "\n")
        if attributes:
            run.dates += _dates_in(attributes)
            if child.tag == "a" and attributes.get("href"):
                run.open_link(_joined(self.base, attributes["href"]))
        if child.text:
            run.add(child.text)

    def _gather_end(self, run: _Run, child: Element) -> None:
        tag = child.tag
        if tag == "br":
            run.pieces.append("\n")
        else:
            if tag == "a" and child.get("href"):
                run.close_link()
            run.pieces.append(_CLOSE if tag in _INLINE else "\n")

    def _capture(self, element: Element, kind: BlockKind) -> None:
        run = self._gathered(element)
        text, parts = run.finish()
        if text:
            self._emit(kind, element, text, run, parts=parts)

    def _row(self, row: Element) -> bool:
        """Emit ``row`` as one block, or return False when the table only lays out the page."""
        cells = [cell for cell in row if cell.tag in {"td", "th"} and not self._is_hidden(cell.tag, dict(cell.items()))]
        for cell in row:
            if isinstance(cell.tag, str) and cell not in cells:
                self._hide(_plain(cell), cell)
        if not cells or _has_stray_text(row) or row.find(".//table") is not None or (len(cells) == 1 and len(cells[0])):
            return False
        runs = [self._gathered(cell) for cell in cells]
        finished = [run.finish() for run in runs]
        texts = tuple(text for text, _ in finished)
        if max(map(len, texts)) > 500 and any(cell.find(".//p") is not None or len(cell) > 8 for cell in cells):
            return False
        whole = _Run()
        for cell, run in zip(cells, runs, strict=True):
            whole.dates += run.dates + _dates_of(cell)
            whole.links += run.links
        if any(texts):
            parts = finer_parts(texts, [parts for _, parts in finished])
            self._emit("row", row, " | ".join(filter(None, texts)), whole, cells=texts, parts=parts)
        return True

    def _definitions(self, listing: Element) -> bool:
        """Emit each term with its descriptions, or return False when a description holds more than values."""
        items = [item for item in listing.iter("dt", "dd") if _list_of(item) is listing]
        if not items or _has_stray_text(listing) or any(_is_more_than_a_value(item) for item in items):
            return False
        groups: list[tuple[list[Element], list[Element]]] = []
        for item in items:
            if not groups or (item.tag == "dt" and groups[-1][1]):
                groups.append(([], []))
            groups[-1][item.tag == "dd"].append(item)
        for terms, values in groups:
            whole = _Run()
            texts = []
            for item in (*terms, *values):
                run = self._gathered(item)
                texts.append(run.finish()[0])
                whole.dates += run.dates + _dates_of(item)
                whole.links += run.links
            label = "\n".join(filter(None, texts[: len(terms)]))
            found = [text for text in texts[len(terms) :] if text]
            if label or found:
                text = " | ".join([label, *found] if label else found)
                self._emit("dl", (terms or values)[0], text, whole, cells=(label, *found))
        return True

    def _options(self, select: Element) -> None:
        """Options with two numbers may be evenings to choose from; other options are controls, not content."""
        for option in select.iter("option"):
            text = clean("".join(option.itertext()))
            if len(re.findall(r"\d+", text)) >= 2:
                self._emit("li", option, text, _Run())

    # --- what an element is

    def _is_hidden(self, tag: str, attributes: Attributes) -> bool:
        if tag in _UNSEEN:
            return "shadowrootmode" not in attributes
        if not attributes:
            return tag == "dialog"
        hidden = attributes.get("hidden")
        style = attributes.get("style")
        if (
            (hidden is not None and hidden.lower() != "until-found")
            or (style is not None and (_HIDING_STYLE.search(style) is not None or _hides_for_good(style)))
            or (tag == "dialog" and "open" not in attributes)
        ):
            return not (attributes.get("role") == "tabpanel" or attributes.get("id") in self._controlled)
        names = attributes.get("class")
        if self._hiding and not self._hiding.isdisjoint(
            {f"#{attributes.get('id')}", *(f".{name}" for name in (names or "").split())}
        ):
            return True
        return names is not None and _hides(names)

    def _is_chrome(self, element: Element, attributes: Attributes) -> bool:
        tag = element.tag
        if tag in {"nav", "dialog"} or attributes.get("role") in _CHROME_ROLES:
            return True
        if tag in {"header", "footer", "aside"} and not self._sections:
            return tag != "header" or element.find(".//h1") is None
        if tag in {"main", "article"} or not attributes:
            return False
        names = f"{attributes.get('id', '')} {attributes.get('class', '')}"
        return _names_chrome(names) and element.find(".//h1") is None


@lru_cache(maxsize=8192)
def _names_chrome(names: str) -> bool:
    return _CONSENT.search(names) is not None or not _NAMED_CHROME.isdisjoint(names.lower().split())


@lru_cache(maxsize=8192)
def _hides(names: str) -> bool:
    words = set(names.lower().split())
    found = words & _HIDING_CLASSES
    if found == {"d-none"}:  # Bootstrap: shown again on wider screens by d-md-block and the like
        return not any(word.startswith("d-") and word != "d-none" for word in words)
    return bool(found)


@lru_cache(maxsize=8192)
def _joined(base: str, href: str) -> str | None:
    try:
        link = urljoin(base, href.strip())
        return link if urlsplit(link).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _dates_of(element: Element) -> list[str]:
    return _dates_in(dict(element.items()))


def _dates_in(attributes: Attributes) -> list[str]:
    """Return the values of date-bearing attributes, cut to the date, ``datetime`` first."""
    found: list[str] = []
    for name, value in attributes.items():
        if name == "datetime":
            found.insert(0, value.strip())
        elif 8 <= len(value) <= 40 and name not in _UNDATED_ATTRIBUTES and ("20" in value or "19" in value):
            match = _DATE_ATTRIBUTE.search(value.strip())
            if match and (match[4] is None or _DATE_NAME.search(name)):
                found.append(match[0])
    return [value for value in found if value]


def _has_stray_text(box: Element) -> bool:
    """Tell whether a row or definition list holds text outside its cells."""
    texts = (box.text, *(child.tail for child in box))
    return any(text and not text.isspace() for text in texts)


def _list_of(item: Element) -> Element | None:
    parent = item.getparent()
    while parent is not None and parent.tag != "dl":
        parent = parent.getparent()
    return parent


def _is_more_than_a_value(item: Element) -> bool:
    if any(item.find(f".//{tag}") is not None for tag in ("dl", "table", "h1", "h2", "h3", "h4")):
        return True
    return len(_plain(item)) > 1500


def _plain(element: Element) -> str:
    if element.find(".//script") is None and element.find(".//style") is None:
        return " ".join(text for text in element.itertext() if not text.isspace())
    return " ".join(map(str, element.xpath(".//text()[not(ancestor::script or ancestor::style)]")))


def _captured_kind(tag: str, attributes: Attributes) -> BlockKind | None:
    if tag in _HEADINGS:
        return cast("BlockKind", tag)
    if tag in _CAPTURED:
        return "caption" if tag in {"caption", "figcaption"} else "p"
    if attributes.get("role") == "heading":
        level = attributes.get("aria-level") or "2"
        return cast("BlockKind", f"h{level}" if f"h{level}" in _HEADINGS else "h2")
    return None
