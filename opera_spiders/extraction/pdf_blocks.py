"""Reads the lines of a PDF, lines of running prose joined to paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2

from opera_spiders.extraction.drafts import Draft
from opera_spiders.text import clean

_PROSE_LINE_SHARE = 0.75  # a line this full of the widest runs on into the next
_PROSE_LINE_CHARACTERS = 45


def pdf_drafts(body: bytes) -> Iterator[Draft]:
    """Yield one draft per line or paragraph, with the number of its page; nothing for a broken or locked file."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError:
        return
    try:
        for number in range(len(document)):
            for paragraph in _paragraphs(_page_text(document, number)):
                yield Draft("pdf", paragraph, path=f"page[{number + 1}]")
    finally:
        document.close()


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
        return str(page.get_textpage().get_text_range())
    except (pypdfium2.PdfiumError, UnicodeError):
        return ""


def _paragraphs(text: str) -> Iterator[str]:
    lines = [clean(line.replace("\ufffe", "").replace("\x02", "")) for line in re.split(r"\r\n|\r|\n", text)]
    full = max(_PROSE_LINE_SHARE * max(map(len, lines), default=0), _PROSE_LINE_CHARACTERS)
    held = ""
    previous = 0
    for line in lines:
        if held and previous > full and re.match(r"[(\w]", line) and line[0].islower() and not held[-1].isdigit():
            held = held[:-1] + line if held.endswith("-") else f"{held} {line}"
        else:
            if held:
                yield held
            held = line
        previous = len(line)
    if held:
        yield held
