"""Printed lines of blocks, with the pieces that markup sets apart, and label beside value in every layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from opera_spiders.extraction.blocks import Block
from opera_spiders.text import squeeze

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block. ``pieces`` are the cells of a row, or what inline markup separates; at least one."""

    block: Block
    text: str
    pieces: tuple[str, ...]

    @property
    def is_row(self) -> bool:
        """Whether the pieces are cells, which always mean something side by side."""
        return bool(self.block.cells)


@lru_cache(maxsize=65_536)
def lines_of(block: Block) -> tuple[Line, ...]:
    """Return the lines of a block: a row or definition is one line with its cells as pieces."""
    if block.cells:
        return (Line(block, squeeze(block.text), block.cells),)
    return tuple(_printed_lines(block))


def _printed_lines(block: Block) -> Iterator[Line]:
    parts = list(block.parts)
    for text in block.text.split("\n"):
        pieces: list[str] = []
        position = 0
        while parts:
            found = text.find(parts[0], position)
            if found < 0:
                break
            position = found + len(parts[0])
            pieces.append(parts.pop(0))
        yield Line(block, text, tuple(pieces) or (text,))


_SEPARATOR = re.compile(r"\s+[–—|·•-]\s+|\s*\.{3,}\s*|\s*…+\s*|\t+|\s*[：]\s*|\s{0,1}\|\s{0,1}")
_COLON = re.compile(r"\s*[:：]\s*")
_LISTING = re.compile(r"\s+[–—|·•/-]\s+|\s*[|·•\n]\s*|,\s+|\s+/\s+")


def label_and_value(line: Line) -> tuple[str, str] | None:
    """Return the two sides of a line that a colon splits: *Conductor: Name*. A clock time is no label."""
    match = _COLON.search(line.text)
    if not match or not match.start() or re.search(r"\d$", line.text[: match.start()]):
        return None
    return line.text[: match.start()].strip(), line.text[match.end() :].strip()


def two_sides(line: Line) -> tuple[str, str] | None:
    """Return the sides of a line that has exactly two: cells, marked pieces, or a dash, bar or dotted leader."""
    if len(line.pieces) == 2:
        return line.pieces[0], line.pieces[1]
    if line.is_row or len(line.text) > 200:
        return None
    sides = [side.strip() for side in _SEPARATOR.split(line.text) if side.strip()]
    return (sides[0], sides[1]) if len(sides) == 2 else None


def fragments(text: str) -> list[str]:
    """Return the pieces of a line that lists things: *Opera · Season 2026/27 · Revival*."""
    return [piece.strip() for piece in _LISTING.split(text) if piece.strip()]


_STEPS = re.compile(r"\[\d+\]")


@lru_cache(maxsize=65_536)
def pattern(path: str) -> str:
    """Return a path without its positions: blocks that repeat share it."""
    return _STEPS.sub("", path)


def is_inside(path: str, box: str) -> bool:
    """Tell whether ``path`` is ``box`` or lies in it."""
    return path.startswith(box) and (len(path) == len(box) or path[len(box)] == "/")


def boxes_around(path: str) -> Iterator[str]:
    """Yield the boxes around a path from the inside out, itself first, up to ``/html``."""
    while path.startswith("/") and len(path) > 1:
        yield path
        path = path[: path.rfind("/")]
