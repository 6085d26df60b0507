"""Which pages are only frames that a script fills."""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from opera_spiders.extraction.html_blocks import HtmlPage
from opera_spiders.extraction.json_fields import states_dates

LITTLE_TEXT_CHARACTERS = 250
_FRAME_TEXT_CHARACTERS = 2_000
_ROOTS = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, app-root, [ng-app], [data-reactroot], [data-v-app], [x-cloak]"
)
_ASKS_FOR_SCRIPT = re.compile(r"javascript", re.IGNORECASE)


def is_shell(html: str) -> bool:
    """Tell whether a page is a frame that a script fills: scripts, little or no text, and no data to read in it.

    >>> is_shell('<body><div id="root"></div><script src="/app.js"></script></body>')
    True
    """
    tree = LexborHTMLParser(html)
    scripts = tree.css("script")
    if not any(script.attributes.get("src") or script.text().strip() for script in scripts):
        return False
    asks_for_script = any(_ASKS_FOR_SCRIPT.search(element.html or "") for element in tree.css("noscript"))
    has_empty_root = any(len(_text(root)) < 50 for root in tree.css(_ROOTS))
    tree.strip_tags(["script", "style", "noscript", "template", "svg"])
    text_length = len(_text(tree.body)) if tree.body else 0
    is_empty = text_length < (_FRAME_TEXT_CHARACTERS if has_empty_root or asks_for_script else LITTLE_TEXT_CHARACTERS)
    return is_empty and not _holds_data(html)


def _holds_data(html: str) -> bool:
    """Tell whether a page embeds data that its extraction reads: objects that state a date."""
    return states_dates(block.text for block in HtmlPage(html, "").drafts if block.kind == "json")


def _text(node: Any) -> str:
    return " ".join(node.text(separator=" ").split())
