"""Reads the lines of a PDF: lines of running prose joined to paragraphs, lines with wide gaps as the cells of a row."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from opera_spiders.extraction.drafts import Draft
from opera_spiders.text import clean

_PROSE_LINE_SHARE = 0.75  # a line this full of the widest runs on into the next
_PROSE_LINE_CHARACTERS = 45
_MOST_CHARACTERS = 60_000  # of a page whose characters are placed one by one, at 2 µs each
_GAP_SHARE = 1.0  # of a line's height: a wider gap is the border of two cells
_SAME_LINE_SHARE = 0.3  # of a line's height between two baselines of one row
_LEAST_HEIGHT = 2.0  # points: nobody reads smaller print
_INVISIBLE = {pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP}
_LEADER = re.compile(r"\s*(?:\.\s?){4,}\s*|\s*…{2,}\s*")


@dataclass(slots=True)
class _Line:
    """A printed line: its cells from left to right, with its baseline, right end and height in points."""

    cells: list[str] = field(default_factory=list)
    base: float = 0.0
    left: float = 0.0
    right: float = 0.0
    height: float = 0.0


def pdf_drafts(body: bytes) -> Iterator[Draft]:
    """Yield one draft per line or paragraph, with the number of its page; nothing for a broken or locked file.

    Text that no reader sees is left out: drawn invisibly, in white on the bare page, or too small to read.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError:
        return
    try:
        for number in range(len(document)):
            for cells in _paragraphs(_page_lines(document, number)):
                text = " | ".join(cells)
                yield Draft("pdf", text, path=f"page[{number + 1}]", cells=tuple(cells) if len(cells) > 1 else ())
    finally:
        document.close()


def _page_lines(document: pypdfium2.PdfDocument, number: int) -> list[list[str]]:
    try:
        page = document[number]
        text = page.get_textpage()
        if text.count_chars() > _MOST_CHARACTERS:
            return [[line] for line in re.split(r"\r\n|\r|\n", str(text.get_text_range()))]
        lines = _rows(_placed_lines(text, _Visibility(page), page.get_cropbox()))
    except (pypdfium2.PdfiumError, UnicodeError):
        return []
    return [[piece for cell in line.cells for piece in _LEADER.split(cell) if piece.strip()] for line in lines]


class _Visibility:
    """Tells which text objects of a page a reader sees."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._known: dict[int, bool] = {}
        self._is_bare: bool | None = None

    def shows(self, textpage: pypdfium2.PdfTextPage, index: int) -> bool:
        """Tell whether a character is drawn so that it can be read."""
        drawn = pdfium.FPDFText_GetTextObject(textpage, index)
        address = ctypes.cast(drawn, ctypes.c_void_p).value
        if not address:
            return True  # a blank or line break that the reader of the PDF added
        if address not in self._known:
            self._known[address] = self._is_drawn(drawn)
        return self._known[address]

    def _is_drawn(self, drawn: object) -> bool:
        if pdfium.FPDFTextObj_GetTextRenderMode(drawn) in _INVISIBLE:
            return False
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not pdfium.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha):
            return True
        is_white = min(red.value, green.value, blue.value) >= 250
        return alpha.value > 12 and not (is_white and self._bare())

    def _bare(self) -> bool:
        """Tell whether nothing but text is drawn on the page, so that its ground is white."""
        if self._is_bare is None:
            self._is_bare = all(item.type == pdfium.FPDF_PAGEOBJ_TEXT for item in self._page.get_objects(max_depth=1))
        return self._is_bare


def _placed_lines(
    textpage: pypdfium2.PdfTextPage, visibility: _Visibility, crop: tuple[float, float, float, float]
) -> list[_Line]:
    """Return the lines of a page as the reader of the PDF orders them, cut into cells at wide gaps."""
    count = textpage.count_chars()
    shown = [visibility.shows(textpage, index) for index in range(count)]
    box = pdfium.FS_RECTF()
    characters: list[tuple[str, tuple[float, float, float, float] | None]] = []
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if letter in "\r\n" or letter.isspace():
            characters.append((letter or "", None))
            continue
        pdfium.FPDFText_GetLooseCharBox(textpage, index, box)
        characters.append((letter, (box.left, box.right, box.bottom, box.top)))
    sizes = [place[3] - place[2] for _, place in characters if place is not None]
    is_scan = bool(sizes) and not any(
        seen for seen, (_, place) in zip(shown, characters, strict=True) if place is not None
    )  # recognised text lies invisibly over the picture of the page
    lines = [_Line()]
    text = ""
    for seen, (letter, place) in zip(shown, characters, strict=True):
        line = lines[-1]
        if letter in ("\r", "\n"):
            line.cells.append(text)
            text = ""
            if line.height:
                lines.append(_Line())
            else:
                line.cells.clear()
            continue
        if place is None:
            text += letter
            continue
        left, right, bottom, top = place
        height = top - bottom
        is_outside = right < crop[0] or left > crop[2] or top < crop[1] or bottom > crop[3]
        if not (seen or is_scan) or is_outside or 0 < height < _LEAST_HEIGHT:
            continue
        if not line.height:
            line.base, line.left, line.height = bottom, left, height
        elif left - line.right > _GAP_SHARE * line.height:
            line.cells.append(text)
            text = ""
        text += letter
        line.right = max(right, left)
    lines[-1].cells.append(text)
    return lines


def _rows(lines: Sequence[_Line]) -> list[_Line]:
    """Join the columns of a table that is drawn column by column: figures on the baseline of an earlier label."""
    rows: list[_Line] = []
    by_base: dict[int, _Line] = {}
    for line in lines:
        base = round(line.base)
        row = next((by_base[near] for near in (base, base - 1, base + 1) if near in by_base), None)
        if (
            row is not None
            and abs(row.base - line.base) <= _SAME_LINE_SHARE * row.height
            and line.left > row.right
            and all(len(cell) <= 16 for cell in line.cells)
        ):
            row.cells += line.cells
            row.right = line.right
            continue
        rows.append(line)
        by_base[base] = line
    return rows


def _paragraphs(lines: Sequence[list[str]]) -> Iterator[list[str]]:
    cleaned = [
        [cell for cell in (clean(cell.replace("\ufffe", "").replace("\x02", "")) for cell in cells) if cell]
        for cells in lines
    ]
    full = max(
        _PROSE_LINE_SHARE * max((len(cells[0]) for cells in cleaned if len(cells) == 1), default=0),
        _PROSE_LINE_CHARACTERS,
    )
    held = ""
    previous = 0
    for cells in cleaned:
        line = cells[0] if len(cells) == 1 else ""
        if (
            held
            and line
            and previous > full
            and re.match(r"[(\w]", line)
            and line[0].islower()
            and not held[-1].isdigit()
        ):
            held = held[:-1] + line if held.endswith("-") else f"{held} {line}"
        else:
            if held:
                yield [held]
            held = line
            if len(cells) > 1:
                yield cells
        previous = len(line)
    if held:
        yield [held]
