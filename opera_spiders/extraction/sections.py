"""Splits a page into the sections of its productions: which blocks speak of which title.

A title is a heading or line that names a known work, or stands where such titles stand on this page (layout
consistency), or is the main heading of a page about one production. Its section is the largest box around it that
holds no other title; blocks of flat pages, where titles and details are siblings, go to the title before them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.dates import find_dates, find_month, find_seasons, find_times
from opera_spiders.extraction.lines import HEADINGS, boxes_around, is_inside, label_and_value, lines_of, pattern
from opera_spiders.extraction.names import is_person
from opera_spiders.extraction.page_words import Kind, after, between, contains, is_word
from opera_spiders.extraction.schema import Extent
from opera_spiders.extraction.vocabulary import (
    KnownWork,
    composer_named,
    credit_functions,
    genre_phrases,
    production_words,
    status_phrases,
    weekday_number,
    works_titled,
)
from opera_spiders.text import key

_TITLE_CHARACTERS = 120
SATELLITES = frozenset({"introduction", "open_rehearsal"})
"""Meanings of words that make an event about a production of an event that is one."""
_NO_TITLES: tuple[Kind, ...] = ("cast", "team", "related", "venue", "duration", "season")
_TITLE_END = re.compile(r"\s+[|–—·•»:-]\s+|\s*[|»]\s*")  # before the name of the site
_ANY_DAY = dt.date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Title:
    """A printed title: its works when known (several for a double bill), and what was printed around it."""

    text: str
    works: tuple[tuple[str, tuple[KnownWork, ...]], ...] = ()  # printed title of each, and what it may be
    composer: str | None = None
    production_title: str | None = None
    extent: Extent | None = None

    @property
    def is_known(self) -> bool:
        """Whether every part names a known work."""
        return bool(self.works)

    @property
    def identity(self) -> frozenset[str]:
        """What two printings of one title share."""
        return frozenset(key(title) for title, _ in self.works) or frozenset({key(self.text)})


@dataclass(slots=True)
class Section:
    """The blocks that speak of one title, in order; ``before`` are the date headers above its box."""

    title: Title
    block: Block
    blocks: list[Block] = field(default_factory=list)
    before: list[Block] = field(default_factory=list)
    is_main: bool = False
    has_own_date_above: bool = False  # ``before`` dates this section alone

    @property
    def first_block(self) -> Block:
        """The block that opens the section; on a page about one production the line above its title."""
        if self.is_main:
            position = self.blocks.index(self.block) if self.block in self.blocks else 0
            return self.blocks[max(0, position - 2)] if self.blocks else self.block
        if self.has_own_date_above and self.before:
            return self.before[0]
        return self.blocks[0] if self.blocks else self.block


# --- titles ---------------------------------------------------------------------------------------------------------

_QUOTES = '«»„“”"‹›‘’‚'
_JOINTS = re.compile(r"\s*/\s*|\s+[&+|]\s+|\s+[–—-]\s+|\s*;\s*")
_AND = re.compile(r"\s+(?:und|and|et|e|y|i|og|och|en|és|a|și|и|та|ja)\s+")
_AGE = re.compile(
    r"\s*(?:\(?\s*\d{1,2}\s*\+\s*\)?|"
    r"\(?(?:ab|from|à partir de|dès|od|dai|vanaf|a partir de|från|fra|от)\s+\d{1,2}[^()]*\)?)\s*$",
    re.I,
)


@lru_cache(maxsize=32_768)
def read_title(text: str, language: str | None) -> Title:
    """Return what a heading or line names. Nothing is known of a title that is none: ``works`` is empty.

    >>> [title for title, _ in read_title("Cavalleria rusticana / Pagliacci", "en").works]
    ['Cavalleria rusticana', 'Pagliacci']
    """
    bare = _without_tags(" ".join(text.split()), language)
    for candidate in dict.fromkeys((bare.strip(_QUOTES + " "), bare)):
        found = _known(candidate)
        if found:
            return Title(candidate, found)
    with_composer = _with_composer(bare)
    if with_composer is not None:
        return with_composer
    version = _version_of(bare, language)
    return version if version is not None else Title(bare.strip(_QUOTES + " ") or bare)


def _known(text: str) -> tuple[tuple[str, tuple[KnownWork, ...]], ...]:
    works = works_titled(text)
    if works:
        return ((text, works),)
    for joint in (_JOINTS, _AND):
        pieces = [piece.strip(_QUOTES + " ") for piece in joint.split(text) if piece.strip(_QUOTES + " ")]
        if 2 <= len(pieces) <= 4 and all(works_titled(piece) for piece in pieces):
            return tuple((piece, works_titled(piece)) for piece in pieces)
        # "Tosca / Tosca": the second half translates the first
    return ()


def _without_tags(text: str, language: str | None) -> str:
    """Return a title without age, premiere words and other tags in brackets or behind a separator."""
    text = _AGE.sub("", text)
    while True:
        shorter = text
        bracket = re.fullmatch(r"(.+?)\s*[(\[]([^()\[\]]*)[)\]]", text)
        if bracket and (_is_tag(bracket[2], language) or (_known(bracket[1]) and not _is_satellite(text, language))):
            shorter = bracket[1]
        match = re.search(r"^(.*\S)\s*(?:[–—|:•·-])\s+(\S.*)$|^(.*\S)\s*,\s*(\S.*)$", shorter)
        if match:
            head, tail = (match[1], match[2]) if match[1] else (match[3], match[4])
            if _is_tag(tail, language):
                shorter = head
            elif _is_tag(head, language):
                shorter = tail
        if not shorter or shorter == text:
            return text
        text = shorter


def _is_satellite(text: str, language: str | None) -> bool:
    return contains("for_schools", text, language) or any(
        word.meaning in SATELLITES for word in production_words(text, language)
    )


def _is_tag(text: str, language: str | None) -> bool:
    if contains("for_schools", text, language):
        return False
    words = [word for word in production_words(text, language) if word.meaning not in SATELLITES]
    covered = sum(word.end - word.start for word in words)
    if covered and covered >= 0.7 * len(text):
        return True
    genre = genre_phrases(language).get(text)
    return genre is not None


def _with_composer(text: str) -> Title | None:
    """*Verdi: Otello*, *Otello – Giuseppe Verdi*, *Otello (Verdi)*, *Otello by Giuseppe Verdi*."""
    for match in re.finditer(r"\s*(?::|\s[–—|/-]|,|\()\s*|\s+(?:by|von|di|de|van|af|av|d')\s+", text):
        left, right = text[: match.start()].strip(_QUOTES + " "), text[match.end() :].strip(_QUOTES + " )")
        for title, composer in ((left, right), (right, left)):
            if title and composer_named(composer) is not None:
                works = _known(title)
                if works:
                    return Title(title, works, composer=composer)
    return None


def _version_of(text: str, language: str | None) -> Title | None:
    """*The Magic Flute for Families*, *An abridged version of The Magic Flute*."""
    for word in production_words(text, language):
        if word.meaning == "children_version":
            rest = text[: word.start].strip(" –—-:,(") if word.start else text[word.end :].strip(" –—-:,)")
            works = _known(rest)
            if works:
                return Title(rest, works, production_title=text)
    return None


# --- candidates -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A place that may hold a title."""

    position: int
    block: Block
    text: str
    title: Title
    slot: tuple[str, str, int, int]
    is_heading: bool
    strong: bool  # the block or its neighbours say that it is a title


class Splitter:
    """Splits the content of one page."""

    def __init__(self, page: PageBlocks, language: str | None) -> None:
        self.language = language
        self.page = page
        self.content = [
            block for block in page.blocks if not block.chrome and block.kind not in {"json", "meta", "title"}
        ]
        self.site_names = {
            key(block.text) for block in page.blocks if block.kind == "meta" and "og:site_name" in block.classes
        }

        self.foreign: set[str] = set()

    def split(self) -> list[Section]:
        """Return the sections in document order, the main section of a page about one production marked."""
        candidates = list(self._candidates())
        chosen = self._chosen(candidates)
        main = self._main_heading(chosen)
        if main is not None:
            chosen = sorted([main, *chosen], key=lambda candidate: candidate.position)
        sections = self._sections(chosen, main)
        if len(sections) == 1 and sections[0].title.is_known:
            sections[0].is_main = True  # the page is about it, though its title is no <h1>
        return sections

    def _candidates(self) -> Iterable[_Candidate]:
        for position, block in enumerate(self.content):
            if block.kind in HEADINGS:
                if len(block.text) <= _TITLE_CHARACTERS and not self._is_other_heading(block.text):
                    title = read_title(block.text, self.language)
                    slot = (pattern(block.path), block.kind, 0, 0)
                    yield _Candidate(position, block, block.text, title, slot, True, title.is_known)
                continue
            if block.kind == "dl" or len(block.text) > 500:
                continue
            yield from self._in_lines(position, block)

    def _in_lines(self, position: int, block: Block) -> Iterable[_Candidate]:
        for row, line in enumerate(lines_of(block)):
            texts = line.pieces if len(line.pieces) > 1 else (line.text,)
            if block.cells and block.parts:
                texts = block.parts
            if (
                block.cells
                and any(is_person(cell, self.language) and composer_named(cell) is None for cell in block.cells)
                and not self._dated(block)
            ):
                continue
            sides = label_and_value(line)
            if sides and is_person(sides[1], self.language) and composer_named(sides[1]) is None:
                continue  # a role: "Cendrillon: …" is no title
            for column, text in enumerate(texts):
                if not 2 < len(text) <= _TITLE_CHARACTERS or self._is_other_heading(text):
                    continue
                title = read_title(text, self.language)
                slot = (pattern(block.path), block.kind, len(texts), column if len(texts) > 1 else 100 + row)
                strong = title.is_known and (title.composer is not None or self._has_evidence(position, block, title))
                yield _Candidate(position, block, text, title, slot, False, strong)

    def _is_other_heading(self, text: str) -> bool:
        """Headings of casts, dates, composers, persons, months and genres name no production."""
        text = text.strip(" :")
        if key(text) in self.site_names or credit_functions(text, self.language):
            return True
        if any(is_word(kind, text) for kind in _NO_TITLES):
            return True
        if works_titled(text):
            return False
        return (
            composer_named(text) is not None
            or genre_phrases(self.language).get(text) not in {None, "education"}
            or status_phrases(self.language).get(text) is not None
            or find_month(text, self.language) is not None
            or is_date_text(text, self.language)
            or not re.search(r"[^\W\d_]{2}", text)
        )

    def _dated(self, block: Block) -> bool:
        return bool(block.dates) or bool(find_times(block.text, self.language)) or _has_date(block.text, self.language)

    def _has_evidence(self, position: int, block: Block, title: Title) -> bool:
        """A composer of the work, or a date, in the block or right beside it."""
        composers = {key(work.composer) for _, works in title.works for work in works}
        near = self.content[max(0, position - 2) : position + 3]
        for other in near:
            if other is not block and other.kind in HEADINGS and works_titled(other.text):
                continue
            for line in lines_of(other):
                for text in (line.text, *line.pieces):
                    known = composer_in(text, self.language)
                    if known is not None and key(known) in composers:
                        return True
        if block.kind == "link" and any(self._dated(other) for other in near if _share_a_box(block, other)):
            return True
        if block.kind == "li" and not block.links:
            return False
        return self._dated(block) and len(block.text) > len(title.text)

    def _chosen(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        """Return the candidates that are titles: strong ones, and whatever stands where several of them stand."""
        slots: dict[tuple[str, str, int, int], list[_Candidate]] = defaultdict(list)
        for candidate in candidates:
            slots[candidate.slot].append(candidate)
        title_slots = set()
        above = next(
            (candidate.title for candidate in candidates if candidate.block.kind == "h1" and candidate.strong), None
        )
        for slot, members in slots.items():
            known = {candidate.title.identity for candidate in members if candidate.strong}
            if members[0].is_heading:
                if above is not None and members[0].block.kind != "h1":
                    known = {identity for identity in known if not identity <= above.identity}
                share = sum(candidate.title.identity in known for candidate in members) / len(members)
                if len(members) >= 2 and (share >= 0.4 or self._mostly_dated(members)):
                    title_slots.add(slot)
            elif len(known) >= 2 and len(known) * 12 >= len({candidate.title.identity for candidate in members}):
                title_slots.add(slot)
        # Rows of one list differ in length, but the title keeps its place behind date and time.
        places = {(slot[0], slot[1], slot[3]) for slot in title_slots if slot[2] > 2}
        title_slots |= {slot for slot in slots if slot[2] > 2 and (slot[0], slot[1], slot[3]) in places}
        chosen: dict[int, _Candidate] = {}
        heads = {
            candidate.title.identity
            for candidate in candidates
            if candidate.is_heading and candidate.strong and candidate.slot in title_slots
        }
        for candidate in candidates:
            if len(heads) >= 2 and not candidate.is_heading:
                if candidate.strong and self._dated(candidate.block):
                    self.foreign.add(candidate.block.id)  # a list inside an event, of other titles with their dates
                continue
            in_slot = candidate.slot in title_slots and (candidate.is_heading or self._may_be_title(candidate))
            if candidate.strong or in_slot:
                present = chosen.get(candidate.position)
                if present is None or (candidate.strong and not present.strong):
                    chosen[candidate.position] = candidate
        return _without_parts([chosen[position] for position in sorted(chosen)])

    def _may_be_title(self, candidate: _Candidate) -> bool:
        text = candidate.text
        return not (
            is_person(text, self.language)
            or _has_date(text, self.language)
            or find_times(text, self.language)
            or after("co_production", text, self.language)
        )

    def _mostly_dated(self, members: Sequence[_Candidate]) -> bool:
        """Boxes of likewise placed headings that nearly all hold a date list events."""
        positions = [candidate.position for candidate in members]
        blocks = {id(candidate.block): candidate.block for candidate in members}
        held_by = Counter(box for block in blocks.values() for box in boxes_around(block.path))
        dated = 0
        for number, candidate in enumerate(members):
            end = positions[number + 1] if number + 1 < len(positions) else len(self.content)
            outer = _outer(candidate.block.path, held_by)
            around = self.content[max(0, candidate.position - 4) : min(end, candidate.position + 6)]
            dated += any(
                self._dated(block) for block in around if is_inside(block.path, outer) and block is not candidate.block
            )
        return dated >= max(2, 0.6 * len(members))

    def _main_heading(self, chosen: Sequence[_Candidate]) -> _Candidate | None:
        """Return the first ``h1`` of the content when it is not among the titles already.

        Where nothing is marked up as a heading, the line with which the page's ``title`` begins stands for one.
        """
        if not any(block.kind in HEADINGS for block in self.content):
            return self._titled_line(chosen)
        for position, block in enumerate(self.content):
            if block.kind == "h1" and len(block.text) <= _TITLE_CHARACTERS:
                if any(candidate.block is block for candidate in chosen):
                    return None
                if self._is_other_heading(block.text):
                    continue
                title = read_title(block.text, self.language)
                return _Candidate(position, block, block.text, title, (pattern(block.path), "h1", 0, 0), True, False)
        return None

    def _titled_line(self, chosen: Sequence[_Candidate]) -> _Candidate | None:
        name = key(_TITLE_END.split(self.page.title or "", maxsplit=1)[0])
        for position, block in enumerate(self.content):
            line = next((line.text for line in lines_of(block)), "")
            if name and key(line) == name and len(line) <= _TITLE_CHARACTERS and not self._is_other_heading(line):
                if any(candidate.block is block for candidate in chosen):
                    return None
                title = read_title(line, self.language)
                return _Candidate(position, block, line, title, (pattern(block.path), block.kind, 0, 0), False, False)
        return None

    # --- sections

    def _sections(self, chosen: Sequence[_Candidate], main: _Candidate | None) -> list[Section]:
        if not chosen:
            return []
        dated = {
            block.path
            for block in self.content
            if find_times(block.text, self.language) or _has_date(block.text, self.language)
        }
        chosen, boxes = _once_per_box(chosen, _boxes(chosen, self.content, dated))
        main_position = main.position if main is not None else self._main_position(chosen)
        sections = [
            Section(candidate.title, candidate.block, is_main=candidate.position == main_position)
            for candidate in chosen
        ]
        loose: dict[int, list[int]] = defaultdict(list)  # number of the title before → positions of blocks in no box
        current = -1
        starts = {candidate.position: number for number, candidate in enumerate(chosen)}
        for position, block in enumerate(self.content):
            current = starts.get(position, current)
            if block.id in self.foreign:
                continue
            owner = self._owner(position, block, boxes, chosen, current)
            if owner is None:
                loose[current].append(position)
            else:
                sections[owner].blocks.append(block)
        self._give_loose(sections, chosen, boxes, loose)
        return sections

    def _main_position(self, chosen: Sequence[_Candidate]) -> int | None:
        h1 = [candidate for candidate in chosen if candidate.block.kind == "h1"]
        return h1[0].position if len(h1) == 1 else None

    def _owner(
        self, position: int, block: Block, boxes: Sequence[str], chosen: Sequence[_Candidate], current: int
    ) -> int | None:
        """Return the number of the title whose box holds the block: the title before it when several are in one box."""
        if current >= 0 and is_inside(block.path, boxes[current]):
            return current
        for number in range(current + 1, min(current + 3, len(chosen))):
            if is_inside(block.path, boxes[number]):
                return number
        for number in range(current, max(-1, current - 3), -1):
            if is_inside(block.path, boxes[number]):
                return number
        return None

    def _give_loose(
        self,
        sections: list[Section],
        chosen: Sequence[_Candidate],
        boxes: Sequence[str],
        loose: dict[int, list[int]],
    ) -> None:
        """Give blocks in no box to the title before them on flat pages; date headers to the titles after them."""
        flat = [
            _is_flat(candidate, box) and not self._dated(candidate.block)
            for candidate, box in zip(chosen, boxes, strict=True)
        ]
        date_first = self._dates_stand_first(chosen, flat, loose)
        header: list[Block] = []
        for number in range(-1, len(chosen)):
            blocks = [self.content[position] for position in loose.get(number, [])]
            dates = [block for block in blocks if self._is_date_header(block)]
            for block in dates:
                header = self._updated_header(header, block)
            if number >= 0 and (flat[number] or sections[number].is_main):
                level = int(chosen[number].block.kind[1]) if chosen[number].is_heading else 7
                own = [block for block in blocks if not (date_first and block in dates)]
                sections[number].blocks += _until_heading(own, 0 if sections[number].is_main else level)
                if date_first and number + 1 < len(chosen):
                    sections[number + 1].blocks[:0] = dates
            until = next((later for later in range(number + 1, len(chosen)) if loose.get(later)), len(chosen) - 1)
            self._head(sections, chosen, range(number + 1, until + 1), header, blocks)

    def _head(
        self,
        sections: list[Section],
        chosen: Sequence[_Candidate],
        numbers: range,
        header: list[Block],
        blocks: Sequence[Block],
    ) -> None:
        """Set the date headers of the titles that follow blocks between boxes, up to the next such blocks.

        A column of dates beside a column of events has as many dates as events: the first belongs to the first.
        """
        groups = self._date_groups(blocks)
        alike = []
        for number in numbers:
            if chosen[number].slot != chosen[numbers[0]].slot:
                continue
            if any(self._is_date_header(block) for block in sections[number].blocks):
                break  # its date stands in its own box
            alike.append(number)
        for number in numbers:
            sections[number].before = list(header)
            if len(groups) == len(alike) and groups and number <= alike[-1]:
                sections[number].before = groups[sum(other <= number for other in alike) - 1]
                sections[number].has_own_date_above = number == numbers[0] and len(alike) == 1

    def _date_groups(self, blocks: Sequence[Block]) -> list[list[Block]]:
        """Return each date of the column of dates that ends ``blocks``, with the times below it."""
        groups: list[list[Block]] = []
        times: list[Block] = []
        for block in reversed(blocks):
            if self._is_date_header(block) and find_month(block.text, self.language) is None:
                groups.insert(0, [block, *times])
                times = []
            elif len(block.text) <= 40 and find_times(block.text, self.language):
                times.insert(0, block)
            elif weekday_number(block.text, self.language) is None:
                break
        return groups

    def _dates_stand_first(
        self, chosen: Sequence[_Candidate], flat: Sequence[bool], loose: dict[int, list[int]]
    ) -> bool:
        before = after_title = 0
        for number in range(len(chosen)):
            if not flat[number]:
                continue
            previous, following = loose.get(number - 1, []), loose.get(number, [])
            before += bool(previous) and self._is_date_header(self.content[previous[-1]])
            after_title += bool(following) and any(
                self._is_date_header(self.content[position]) for position in following[:2]
            )
        return (
            before > 0
            and (not loose.get(len(chosen) - 1) or before > after_title - 1)
            and bool(loose.get(-1) and any(self._is_date_header(self.content[position]) for position in loose[-1][-2:]))
        )

    def _updated_header(self, header: list[Block], block: Block) -> list[Block]:
        """Keep the newest date and the newest month above it."""
        if find_month(block.text, self.language) is not None:
            return [block]
        return [other for other in header if find_month(other.text, self.language) is not None] + [block]

    def _is_date_header(self, block: Block) -> bool:
        if len(block.text) > 60:
            return False
        return find_month(block.text, self.language) is not None or is_date_text(block.text, self.language)


def _until_heading(blocks: Sequence[Block], level: int) -> list[Block]:
    """Return the blocks up to a heading that opens something else; level 0: all of them."""
    kept = []
    for block in blocks:
        if level and block.kind in HEADINGS and int(block.kind[1]) <= level:
            break
        kept.append(block)
    return kept


def _outer(path: str, held_by: Mapping[str, int]) -> str:
    """Return the largest box around ``path`` that holds no other block.

    :param held_by: for each box the number of blocks in it, the one at ``path`` among them
    """
    best = path
    for box in boxes_around(path):
        if held_by[box] > 1:
            break
        best = box
    return best


def _without_parts(chosen: list[_Candidate]) -> list[_Candidate]:
    """Leave out headings that name one half of a double bill announced above them: they open its casts."""
    kept: list[_Candidate] = []
    bills: list[tuple[frozenset[str], tuple[str, str, int, int]]] = []
    for candidate in chosen:
        identity = candidate.title.identity
        if any(identity < whole and slot != candidate.slot for whole, slot in bills):
            continue
        kept.append(candidate)
        if len(identity) > 1:
            bills.append((identity, candidate.slot))
    return kept


def _boxes(chosen: Sequence[_Candidate], content: Sequence[Block], dated: set[str]) -> list[str]:
    """Return the largest box around each title that holds no other title and nothing marked like it.

    :param dated: paths of blocks with a date or time; the box of a row with its own date takes in no other
    """
    titles_in: dict[str, set[frozenset[str]]] = defaultdict(set)
    for candidate in chosen:
        for box in boxes_around(candidate.block.path):
            titles_in[box].add(candidate.title.identity)
    marks = {(pattern(candidate.block.path), candidate.block.kind) for candidate in chosen}
    alike_in: Counter[tuple[str, str, str]] = Counter()
    for block in content:
        mark = (pattern(block.path), block.kind)
        if mark in marks:
            alike_in.update((box, *mark) for box in boxes_around(block.path))
    dated_in = Counter(box for path in dated for box in boxes_around(path))
    boxes = []
    for candidate in chosen:
        identity = candidate.title.identity
        mark = (pattern(candidate.block.path), candidate.block.kind)
        best = candidate.block.path
        for box in boxes_around(candidate.block.path):
            if candidate.block.path in dated and dated_in[box] > 1:
                break
            if alike_in[box, *mark] > 1 or any(
                not (other <= identity or identity <= other) for other in titles_in[box]
            ):
                break
            best = box
        boxes.append(best)
    return boxes


def _once_per_box(chosen: Sequence[_Candidate], boxes: Sequence[str]) -> tuple[list[_Candidate], list[str]]:
    """A title printed again in its own box, as the heading of its cast, opens no section of its own."""
    kept: list[tuple[_Candidate, str]] = []
    for candidate, box in zip(chosen, boxes, strict=True):
        if kept and kept[-1][1] == box and candidate.title.identity <= kept[-1][0].title.identity:
            continue
        kept.append((candidate, box))
    return [candidate for candidate, _ in kept], [box for _, box in kept]


def _share_a_box(first: Block, second: Block) -> bool:
    boxes = list(boxes_around(first.path))[1:4]
    return any(is_inside(second.path, box) for box in boxes if box.count("/") > 3)


@lru_cache(maxsize=32_768)
def composer_in(text: str, language: str | None) -> str | None:
    """Return the name of the known composer a short text names alone or at its end: *Oper von Leoš Janáček*."""
    if len(text) > 90:
        return None
    known = composer_named(text)
    if known is None:
        sides = between("by", language).split(f" {text}")
        known = composer_named(sides[-1].strip(" .,")) if len(sides) > 1 else None
    return known.name if known is not None else None


def _is_flat(candidate: _Candidate, box: str) -> bool:
    return box == candidate.block.path or pattern(box) == pattern(candidate.block.path)


@lru_cache(maxsize=32_768)
def _has_date(text: str, language: str | None) -> bool:
    return bool(find_dates(text, language, _ANY_DAY))


@lru_cache(maxsize=32_768)
def is_date_text(text: str, language: str | None) -> bool:
    """Tell whether a short text is nothing but one day, with or without month, weekday and time.

    >>> is_date_text("Sa 04", "de"), is_date_text("27 | 28 | 29", "de"), is_date_text("10 € | 99+ Karten", "de")
    (True, False, False)
    """
    if len(text) > 60 or find_seasons(text):
        return False
    if is_loose_day(text, language):
        return True
    rest = text
    hits = [hit.printed for hit in find_dates(text, language, _ANY_DAY)]
    for printed in hits + [hit.printed for hit in find_times(text, language)]:
        rest = rest.replace(printed, " ")
    return rest != text and _has_date(text, language) and len(re.findall(r"[^\W_]", rest)) <= 3


@lru_cache(maxsize=32_768)
def is_loose_day(text: str, language: str | None) -> bool:
    """Tell whether a text is a day of some month: one number to 31, with or without a weekday."""
    words = re.findall(r"[^\W_]+", text)
    numbers = [word for word in words if word.isdigit()]
    if len(numbers) != 1 or not 1 <= int(numbers[0]) <= 31 or len(numbers[0]) > 2 or re.search(r"[€$£%+:]", text):
        return False
    return all(weekday_number(word, language) is not None for word in words if not word.isdigit())
