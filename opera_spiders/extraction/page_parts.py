"""Cuts a long page into parts a model can read and answer whole. Nothing is left out but structural chrome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from opera_spiders.extraction.blocks import Block, PageBlocks, block_line


@dataclass(frozen=True)
class PagePart:
    """Consecutive blocks of a page, ``blocks[start:stop]``. Where it begins inside a section, it knows the headings.

    Its text numbers the blocks anew, from b1 on: the same content is the same text wherever it stands.
    """

    blocks: tuple[Block, ...]
    start: int
    stop: int

    @property
    def context(self) -> tuple[Block, ...]:
        """Return the page's title and the headings above the first block that stand in earlier parts, in order."""
        if self.start == 0:
            return ()
        wanted = set(self.blocks[self.start].headings)
        found = []
        for block in reversed(self.blocks[: self.start]):
            if block.kind == "title" or (block.kind.startswith("h") and block.text in wanted):
                wanted.discard(block.text)
                found.append(block)
        return tuple(reversed(found))

    @property
    def name(self) -> str:
        """Name the part by its first and last block, for example ``b17 to b80``."""
        first, last = self.blocks[self.start].id, self.blocks[self.stop - 1].id
        return first if first == last else f"{first} to {last}"

    @cached_property
    def shown(self) -> tuple[Block, ...]:
        """Return the blocks of the text: the repeated headings, then the part's own."""
        return (*self.context, *self.blocks[self.start : self.stop])

    def as_text(self) -> str:
        """Return one line per block, ``b17 | h2 | text``."""
        return "\n".join(block_line(block._replace(id=f"b{n}")) for n, block in enumerate(self.shown, start=1))

    def page_ids(self) -> dict[str, str]:
        """Return for each id of the text the block's id in the page."""
        return {f"b{number}": block.id for number, block in enumerate(self.shown, start=1)}

    def halves(self) -> tuple[PagePart, PagePart] | None:
        """Return the part as two of about equal size, cut where a section begins; None for a single block."""
        if self.stop - self.start < 2:
            return None
        sizes = [_size(block) for block in self.blocks[self.start : self.stop]]
        middle = _reach(sizes, 0, sum(sizes) // 2)
        quarter = len(sizes) // 4
        cut = self.start + _best_cut(self.blocks[self.start : self.stop], middle - quarter, middle + quarter)
        return PagePart(self.blocks, self.start, cut), PagePart(self.blocks, cut, self.stop)


def page_parts(page: PageBlocks, limit_bytes: int) -> list[PagePart]:
    """Return the page outside structural chrome in parts of at most ``limit_bytes`` of UTF-8 each, in order.

    A single block above the limit is a part of its own; no parts for a page without text.
    """
    blocks = tuple(block for block in page.blocks if not block.chrome)
    sizes = [_size(block) for block in blocks]
    parts = []
    start = 0
    while start < len(blocks):
        stop = _reach(sizes, start, limit_bytes)
        if stop < len(blocks):
            stop = _best_cut(blocks, start + (stop - start) // 2, stop, start)
        parts.append(PagePart(blocks, start, stop))
        start = stop
    return parts


def _size(block: Block) -> int:
    return len(block_line(block).encode()) + 1


def _reach(sizes: Sequence[int], start: int, limit_bytes: int) -> int:
    """Return the end of the longest run from ``start`` within the limit, of one block at least."""
    total = sizes[start]
    stop = start + 1
    while stop < len(sizes) and total + sizes[stop] <= limit_bytes:
        total += sizes[stop]
        stop += 1
    return stop


def _best_cut(blocks: Sequence[Block], first: int, last: int, start: int = 0) -> int:
    """Return the index to cut before: the latest in ``[first, last]`` that has the fewest headings above it."""
    candidates = range(max(first, start + 1), min(last, len(blocks) - 1) + 1)
    return max(candidates, key=lambda index: (-len(blocks[index].headings), index))
