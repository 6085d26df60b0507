"""Who does what on a page: which role or credit label governs a printed name.

A page prints *Mimì Anna Beispiel*, *Anna Beispiel (Mimì)*, a label in one cell and names in the next, or a label in
one line and names in the lines below. In a text, what stands first tells the order: where it is a label, the nearest
label before a name governs it; where it is a name, the nearest label behind.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from opera_spiders.extraction.page_index import PageIndex, Place
from opera_spiders.extraction.schema import Function
from opera_spiders.extraction.vocabulary import (
    Phrases,
    credit_functions,
    credit_phrases,
    rows,
)
from opera_spiders.text import key

_BREAK = re.compile(r"[\n|;•·{}\]]")
_COLON = re.compile(r"^\s*:|^[\"'”]?\s*:")
_SHORT_WORDS = 12
_REACH_BLOCKS = 60


@dataclass(frozen=True, slots=True)
class Mark:
    """A name, role or credit label in a block. ``value`` is the folded name or role; labels have ``functions``."""

    kind: Literal["name", "role", "label"]
    value: str
    functions: frozenset[str]
    place: Place
    segment: int


@cache
def _label_phrases(language: str | None, structured: bool) -> Phrases[tuple[Function, ...]]:
    """Labels to find in running text: the language's, and longer ones of others that all languages read alike.

    :param structured: the text is JSON, whose field names are English in every country
    """
    own = credit_phrases(language).values
    if structured:
        own = {**credit_phrases("en").values, **own}
    other = {label: found for label, found in credit_phrases(None).values.items() if len(label) > 5}
    return Phrases({**other, **own})


@cache
def _conjunctions() -> frozenset[str]:
    return frozenset(key(row["word"]) for row in rows("date_words") if row["kind"] == "and")


def is_conjunction(word: str) -> bool:
    """Tell whether a folded word is *and* in some language."""
    return word in _conjunctions()


def name_forms(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the orders in which a name may be printed: as given, and with words moved from end to front."""
    words = tuple(key(name).split())
    if not 2 <= len(words) <= 5:
        return (words,) if words else ()
    return tuple(dict.fromkeys(words[turn:] + words[:turn] for turn in range(len(words))))


class Pairs:
    """The names and roles of an answer as marks on the page, and the labels that govern them."""

    def __init__(self, index: PageIndex, names: Iterable[str], roles: Iterable[str]) -> None:
        self.index = index
        self._found: dict[int, list[tuple[str, str, int, int]]] = defaultdict(list)
        self.name_places: dict[str, list[Place]] = {}
        for name in dict.fromkeys(names):
            places = self._places(name_forms(name), name)
            self.name_places[key(name)] = places
            for place in places:
                self._found[place.number].append(("name", key(name), place.first, place.last))
        self.role_places: dict[str, list[Place]] = {}
        for role in dict.fromkeys(roles):
            places = index.places(role)
            self.role_places[key(role)] = places
            for place in places:
                self._found[place.number].append(("role", key(role), place.first, place.last))
        self._marks: dict[int, tuple[Mark, ...]] = {}

    def _places(self, forms: Sequence[tuple[str, ...]], name: str) -> list[Place]:
        if not forms:
            return []
        found = {place: None for form in forms for place in self.index.places(" ".join(form))}
        if not found:
            found = dict.fromkeys(self.index.places(name))
        return sorted(found, key=lambda place: (place.number, place.first))

    def marks(self, number: int) -> tuple[Mark, ...]:
        """Return the marks of a block, left to right; of overlapping ones the longest, a name before a role."""
        if number not in self._marks:
            self._marks[number] = tuple(self._read_marks(number))
        return self._marks[number]

    def _read_marks(self, number: int) -> Iterator[Mark]:
        text = self.index.texts[number]
        block = self.index.blocks[number]
        found: list[tuple[str, str, frozenset[str], int, int]] = [
            (kind, value, frozenset(), first, last) for kind, value, first, last in self._found.get(number, [])
        ]
        if len(text.words) < 400 or found:
            for label in _label_phrases(self.index.language, block.kind == "json").find(text.words):
                found.append(("label", label.phrase, frozenset(label.value), label.first, label.last))
        segments = _segments(text.printed, text.spans)
        if block.kind != "json":
            found.extend(_colon_labels(text.printed, text.spans, text.words, segments, self.index.language))
            found.extend(self._cell_labels(number, segments))
        order = {"name": 0, "role": 1, "label": 2}
        unknown = [f[0] == "label" and not f[2] for f in found]  # an unknown label gives way to everything known
        ranked = sorted(
            zip(unknown, found, strict=True), key=lambda f: (f[0], -(f[1][4] - f[1][3]), order[f[1][0]], f[1][3])
        )
        taken: set[int] = set()
        marks = []
        for _, (kind, value, functions, first, last) in ranked:
            if taken.isdisjoint(range(first, last)):
                taken.update(range(first, last))
                marks.append(Mark(kind, value, functions, Place(number, first, last), segments[first]))  # type: ignore[arg-type]
        yield from sorted(marks, key=lambda mark: mark.place.first)

    def _cell_labels(self, number: int, segments: Sequence[int]) -> Iterator[tuple[str, str, frozenset[str], int, int]]:
        """Yield the cells or lines that are a label and nothing else, in whatever language the label is."""
        text = self.index.texts[number]
        first = 0
        for at in range(1, len(segments) + 1):
            if at < len(segments) and segments[at] == segments[first]:
                continue
            if 0 < at - first <= 6:
                functions = credit_functions(text.quote(first, at), self.index.language)
                if functions:
                    yield "label", " ".join(text.words[first:at]), frozenset(functions), first, at
            first = at

    # -- which labels govern a name -------------------------------------------------------------------------------

    def governing(self, place: Place) -> tuple[Mark, ...]:
        """Return the roles and labels that govern the name printed at a place, nearest first; none if nothing does."""
        marks = self.marks(place.number)
        mine = next((m for m in marks if m.place.first <= place.first and place.last <= m.place.last), None)
        if mine is None or mine.kind != "name":
            return ()
        bracket = self._in_bracket(marks, mine)
        if bracket:
            return bracket
        segment = [mark for mark in marks if mark.segment == mine.segment]
        for sequence in (segment, list(marks)):
            if any(mark.kind != "name" for mark in sequence):
                return self._run(sequence, mine)
        return self._from_neighbours(place.number)

    def _in_bracket(self, marks: Sequence[Mark], mine: Mark) -> tuple[Mark, ...]:
        at = marks.index(mine)
        following = marks[at + 1] if at + 1 < len(marks) else None
        if following is None or following.kind == "name" or following.place.first != mine.place.last:
            return ()
        text = self.index.texts[mine.place.number]
        gap = text.printed[text.spans[mine.place.last - 1][1] : text.spans[following.place.first][0]]
        return self._forwards(marks, at) if gap.strip().startswith("(") else ()

    def _run(self, sequence: Sequence[Mark], mine: Mark) -> tuple[Mark, ...]:
        at = sequence.index(mine)
        if sequence[0].kind != "name":
            return self._backwards(sequence, at)
        return self._forwards(sequence, at)

    def _backwards(self, sequence: Sequence[Mark], at: int) -> tuple[Mark, ...]:
        while at >= 0 and sequence[at].kind == "name":
            at -= 1
        run: list[Mark] = []
        while at >= 0 and sequence[at].kind != "name" and (not run or self._joined(sequence[at], run[-1])):
            run.append(sequence[at])
            at -= 1
        return tuple(run)

    def _forwards(self, sequence: Sequence[Mark], at: int) -> tuple[Mark, ...]:
        while at < len(sequence) and sequence[at].kind == "name":
            at += 1
        run: list[Mark] = []
        while at < len(sequence) and sequence[at].kind != "name" and (not run or self._joined(run[-1], sequence[at])):
            run.append(sequence[at])
            at += 1
        return tuple(run)

    def _joined(self, first: Mark, second: Mark) -> bool:
        """Tell whether two labels stand side by side: nothing but a conjunction between them."""
        words = self.index.texts[first.place.number].words[first.place.last : second.place.first]
        return all(word in _conjunctions() for word in words) and len(words) <= 1

    def _from_neighbours(self, number: int) -> tuple[Mark, ...]:
        """A block with names alone: its label is in the row, heading or line before, or in the line behind."""
        block = self.index.blocks[number]
        if block.cells and not block.cells[0].strip():
            for before in range(number - 1, max(number - 20, -1), -1):
                cells = self.index.blocks[before].cells
                if not cells:
                    break
                if cells[0].strip():
                    labels = [mark for mark in self.marks(before) if mark.kind != "name"]
                    return tuple(reversed(labels))
        if self._shape(number - 1) != "labels":
            for heading in self.index.headings[number][-1:]:
                labels = [mark for mark in self.marks(heading) if mark.kind != "name"]
                covered = sum(mark.place.last - mark.place.first for mark in labels)
                if labels and covered * 2 > len(self.index.texts[heading].words):
                    return tuple(reversed(labels))
        start = number
        while number - start < _REACH_BLOCKS and self._shape(start - 1):
            start -= 1
        step = -1 if self._shape(start) == "labels" else 1
        at = number + step
        while self._shape(at) == "names":
            at += step
        if self._shape(at) == "labels":
            marks = self.marks(at)
            return tuple(reversed(marks)) if step < 0 else marks
        return ()

    def _shape(self, number: int) -> str | None:
        """``labels`` or ``names`` for a short block that holds nothing else of the two."""
        if not 0 <= number < len(self.index.blocks) or len(self.index.texts[number].words) > _SHORT_WORDS:
            return None
        kinds = {mark.kind for mark in self.marks(number)}
        if kinds == {"name"}:
            return "names"
        return "labels" if kinds and "name" not in kinds else None


def _segments(printed: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Number the stretches of a text between line breaks, cells and semicolons, for each word."""
    segments, current, end = [], 0, 0
    for start, stop in spans:
        if _BREAK.search(printed, end, start):
            current += 1
        segments.append(current)
        end = stop
    return segments


def _colon_labels(
    printed: str,
    spans: Sequence[tuple[int, int]],
    words: Sequence[str],
    segments: Sequence[int],
    language: str | None,
) -> Iterator[tuple[str, str, frozenset[str], int, int]]:
    """Yield what stands before a colon at the head of a segment: a label, whether we know it or not."""
    first = 0
    for at in range(len(spans)):
        if segments[at] != segments[first]:
            first = at
        following = spans[at + 1][0] if at + 1 < len(spans) else len(printed)
        gap = printed[spans[at][1] : following]
        if _COLON.match(gap) and at - first < 8 and not words[at].isdigit():
            label = printed[spans[first][0] : spans[at][1]]
            yield "label", " ".join(words[first : at + 1]), frozenset(credit_functions(label, language)), first, at + 1
            first = at + 1
        elif "," in gap:
            first = at + 1
        if first >= len(spans):
            return
