"""Joins blocks that stand in one box and read as one row, for pages that lay out their rows with ``<div>``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from opera_spiders.extraction.drafts import Draft, Element

_ROW_CELLS = 12
_MIXED_CELLS = 8
_ROW_CHARACTERS = 400
_LABEL_CHARACTERS = 60
_LOOSE_CHARACTERS = 40  # text beside boxes is part of a row when it is this short
_JOINABLE = frozenset({"p", "li", "time", "link", "caption"})
_LISTS = frozenset({"ul", "ol", "table"})
_NEVER_A_ROW = frozenset({"body", "main", "ul", "ol", "table", "tbody", "tr", "form", "html"})


def rows_of_boxes(drafts: list[Draft]) -> list[Draft]:
    """Join the blocks of a box that reads as one row: ``<div><div>Conductor</div><div>Name</div></div>``.

    A box is a row when a short label stands before a box of values, or when it holds a few short texts in
    differently marked elements, or two texts among boxes marked alike. A list of likewise marked texts stays a list,
    and a heading is never swallowed. The largest box that reads as a row wins.
    """
    holders: dict[Element, list[int]] = {}
    for position, draft in enumerate(drafts):
        element = draft.element
        while element is not None:
            held = holders.setdefault(element, [])
            if len(held) > _ROW_CELLS:
                break  # too many for a row here, and so in every box around it
            held.append(position)
            element = element.getparent()
    row_of: dict[int, tuple[Element, list[int]]] = {}
    for box, positions in sorted(holders.items(), key=lambda item: -len(item[1])):
        if not 2 <= len(positions) <= _ROW_CELLS or box.tag in _NEVER_A_ROW or positions[0] in row_of:
            continue
        if positions[-1] - positions[0] == len(positions) - 1 and _is_row(box, [drafts[index] for index in positions]):
            row_of.update(dict.fromkeys(positions, (box, positions)))
    result: list[Draft] = []
    previous: Element | None = None  # box of the row before
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


def _is_list(child: Element, texts: int) -> bool:
    return child.tag in {"li", "tr", "article"} or (child.tag in _LISTS and texts > 1)


def _joined(box: Element, members: list[Draft]) -> Draft:
    return replace(
        members[0],
        kind="row",
        text=" | ".join(member.text for member in members),
        element=box,
        cells=tuple(member.text for member in members),
        dates=[value for member in members for value in member.dates],
        links=[link for member in members for link in member.links],
        parts=finer_parts([member.text for member in members], [member.parts for member in members]),
        classes=tuple(dict.fromkeys(name for member in members for name in (*classes_of(box), *member.classes)))[:16],
    )


def finer_parts(cells: Sequence[str], parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the pieces that inline markup separates inside the cells of a row; none when no cell has several."""
    if not any(parts):
        return ()
    return tuple(part for cell, pieces in zip(cells, parts, strict=True) for part in (pieces or (cell,)) if part)


def _unlabelled_like(row: Element, draft: Draft) -> Element | None:
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


def classes_of(element: Element) -> tuple[str, ...]:
    """Return the class and itemprop words of an element."""
    return _distinct_words(element.get("class"), element.get("itemprop"))


@lru_cache(maxsize=8192)
def _distinct_words(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for text in texts for word in (text or "").split()))[:8]


def _mark(element: Element) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _is_row(box: Element, members: list[Draft]) -> bool:
    if any(member.kind not in _JOINABLE or member.cells or member.text.count("\n") > 2 for member in members):
        return False
    if sum(len(member.text) for member in members) > _ROW_CHARACTERS:
        return False
    groups: list[tuple[Element | None, int]] = []  # child of the box, number of texts in it
    for member in members:
        child = None if member.element is box else _child_towards(box, member.element)
        if groups and groups[-1][0] is child and child is not None:
            groups[-1] = (child, groups[-1][1] + 1)
        else:
            groups.append((child, 1))
    if len(groups) < 2 or any(_is_list(child, count) for child, count in groups if child is not None):
        return False
    longest = max(len(member.text) for member in members)
    if box.tag == "li" and len(members) <= 5 and longest <= _LABEL_CHARACTERS:
        return len(groups) == len(members)
    if len(groups) == 2 and groups[0][1] == 1 and len(members[0].text) <= _LABEL_CHARACTERS:
        return _is_label_and_values(box, groups[0][0], groups[1][0], members)
    return _are_differently_marked(groups, longest)


def _are_differently_marked(groups: list[tuple[Element | None, int]], longest: int) -> bool:
    if sum(count for _, count in groups) > _MIXED_CELLS or sum(count > 1 for _, count in groups) > 1:
        return False
    marks = [_mark(child) for child, _ in groups if child is not None]
    if len(marks) < len(groups) and longest > _LOOSE_CHARACTERS:
        return False  # prose with something floating in it
    return len(set(marks)) == len(marks)


def _is_label_and_values(box: Element, label: Element | None, values: Element | None, members: list[Draft]) -> bool:
    if values is not None and _holds_boxes(values, [member.element for member in members[1:]]):
        return False
    if label is None or values is None:
        return True
    return _mark(label) != _mark(values) or _stands_among_its_like(box, 2)


def _child_towards(box: Element, element: Element | None) -> Element | None:
    while element is not None and element.getparent() is not box:
        element = element.getparent()
    return element


def _holds_boxes(box: Element, elements: list[Element | None]) -> bool:
    """Tell whether ``box`` holds two boxes of several texts each: a list of rows, not a list of values."""
    while len({id(_child_towards(box, element)) for element in elements}) == 1:
        (inner,) = {_child_towards(box, element) for element in elements}
        if inner is None or any(element is inner for element in elements):
            return False
        box = inner
    children = [_child_towards(box, element) for element in elements]
    return sum(children.count(child) > 1 for child in set(children) if child is not None) > 1


def _stands_among_its_like(box: Element, children: int) -> bool:
    parent = box.getparent()
    return parent is not None and any(
        sibling is not box and _mark(sibling) == _mark(box) and len(sibling) == children
        for sibling in parent
        if isinstance(sibling.tag, str)
    )
