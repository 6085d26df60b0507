"""What the readers of HTML, JSON and PDF hand to :func:`opera_spiders.extraction.blocks.read_blocks` to be numbered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from opera_spiders.extraction.blocks import BlockKind


Element: TypeAlias = Any
"""An element of lxml, whose stubs give every text and attribute as ``str | bytes``; parsed HTML has only ``str``."""


@dataclass(slots=True)
class Draft:
    """A block before numbering; ``element`` is where it came from, while rows are being joined."""

    kind: BlockKind
    text: str
    path: str = ""
    element: Element | None = None
    headings: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    dates: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # address, words printed on it
    chrome: bool = False
    parts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
