"""A JSON document as a page: the HTML inside its texts becomes blocks like any page's, its objects follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from opera_spiders.extraction.drafts import Draft
from opera_spiders.extraction.html_blocks import HtmlPage
from opera_spiders.extraction.json_blocks import carriers, json_text, json_values, pointer_part
from opera_spiders.extraction.json_fields import OWN_FIELDS, is_title, unwrapped
from opera_spiders.text import clean, visible

_LAID_OUT = re.compile(r"<(?:li|tr|dt|br|h[1-6])[\s>/]|<p[\s>].*?<p[\s>]", re.I | re.S)


def json_drafts(text: str, url: str) -> list[Draft]:
    """Return the drafts of a JSON document, the texts laid out in HTML first; none for a broken one.

    The path of every draft is the JSON Pointer of the object or of the text it was read from.
    """
    printed: list[Draft] = []
    stated: list[Draft] = []
    for document in json_values(text):
        for value, place, too_large, dates in carriers(document, "#"):
            title = next((item for item in map(unwrapped, _titles(value)) if isinstance(item, str)), None)
            texts = dict(_laid_out(value, place)) if title else {}
            if texts:
                printed.append(Draft("h1" if place == "#" else "h2", clean(visible(title or "")), path=place))
                for pointer, html in texts.items():
                    printed += _printed(html, pointer, clean(visible(title or "")), url)
            stated.append(Draft("json", too_large or json_text(_without(value, texts, place)), path=place, dates=dates))
    return printed + stated


def _titles(value: dict[str, Any]) -> Iterator[Any]:
    return (item for name, item in value.items() if is_title(name))


def _laid_out(value: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """Yield pointer and text of the object's own HTML that has lines: an article, a cast list in a text field."""
    for name, item in value.items():
        pointer = f"{place}/{pointer_part(name)}"
        text = unwrapped(item)
        if isinstance(item, dict) and isinstance(text, str):
            pointer = f"{pointer}/{next(key for key, part in item.items() if part is text)}"
        elif isinstance(item, dict) and name in OWN_FIELDS:
            yield from _laid_out(item, pointer)
        if isinstance(text, str) and _LAID_OUT.search(text):
            yield pointer, text


def _without(value: dict[str, Any], texts: dict[str, str], place: str) -> dict[str, Any]:
    """Return the object without the texts that have blocks of their own."""
    kept: dict[str, Any] = {}
    for name, item in value.items():
        pointer = f"{place}/{pointer_part(name)}"
        if pointer in texts or any(other.startswith(f"{pointer}/") and name not in OWN_FIELDS for other in texts):
            continue
        kept[name] = _without(item, texts, pointer) if isinstance(item, dict) and name in OWN_FIELDS else item
    return kept


def _printed(html: str, pointer: str, title: str, url: str) -> Iterator[Draft]:
    """Yield the blocks of a text in HTML, below its title."""
    drafts = [draft for draft in HtmlPage(html, url).drafts if draft.kind not in ("title", "json", "meta")]
    levels = [int(draft.kind[1]) for draft in drafts if re.fullmatch(r"h[1-6]", draft.kind)]
    shift = max(0, 3 - min(levels, default=3))
    for draft in drafts:
        if re.fullmatch(r"h[1-6]", draft.kind):
            draft.kind = f"h{min(6, int(draft.kind[1]) + shift)}"  # type: ignore[assignment]
        draft.path = pointer
        draft.headings = (title, *draft.headings)
        yield draft
