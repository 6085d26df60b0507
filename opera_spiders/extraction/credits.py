"""Reads who did what and who sings whom: label beside value in any markup, names with labels, roles with performers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.dates import find_times
from opera_spiders.extraction.lines import HEADINGS, Line, label_and_value, lines_of, pattern, two_sides
from opera_spiders.extraction.names import PrintedName, is_ensemble, is_person, is_placeholder, read_names
from opera_spiders.extraction.page_words import Kind, after, between, contains, is_word
from opera_spiders.extraction.schema import Function
from opera_spiders.extraction.sections import is_date_text
from opera_spiders.extraction.vocabulary import (
    composer_named,
    credit_functions,
    credit_phrases,
    genre_phrases,
    is_credit_label,
    is_role_name,
    production_words,
    status_phrases,
    voice_type,
)
from opera_spiders.text import key

_ROLE_CHARACTERS = 70
_FIELD_LABELS: tuple[Kind, ...] = ("venue", "duration", "season", "team", "related", "sung_in", "not_a_night")
_GROUPS: frozenset[Function] = frozenset(
    {"orchestra", "chorus", "chorus_master", "childrens_chorus", "childrens_chorus_master"}
)
_NAME_OF_GROUP = re.compile(r"[^\W\d_a-zà-ÿ][^\d|·•:;/()\n]+\s[^\W\d_a-zà-ÿ][^\d|·•:;/()\n]+")
_SOURCE_WORDS = r",?\s(?:nach|after|based|d['’]apr[eè]s|dal(?:la|l['’])?|basad[oa]|naar|podle|по|efter|według)\s"
_SOURCE = re.compile(_SOURCE_WORDS, re.IGNORECASE)
_AFTER_A_SOURCE = re.compile(rf",\s|[.;]\s|{_SOURCE_WORDS}", re.IGNORECASE)
LIFE_DATES = re.compile(r"\s*\(\s*\*?\s*\d{4}[^()]*\)$")
_LABEL_TRIM = " :–—-·|•*"


@dataclass(frozen=True, slots=True)
class Credited:
    """A name beside a label."""

    block: Block
    label: str
    functions: tuple[Function, ...]
    name: PrintedName


@dataclass(frozen=True, slots=True)
class Sung:
    """A performer beside a role. ``shared`` tells that the page sets several performers apart for this role."""

    block: Block
    role: str | None
    name: PrintedName
    shared: bool = False
    is_cover: bool = False


@dataclass(slots=True)
class Credits:
    """What a section credits, and the blocks that are read and so say nothing else."""

    credited: list[Credited] = field(default_factory=list)
    sung: list[Sung] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    lines: set[tuple[str, str]] = field(default_factory=set)  # (block, text) of the lines read

    def has_read(self, line: Line) -> bool:
        """Tell whether a line was read as a credit, so that it says nothing else."""
        return (line.block.id, line.text) in self.lines


@dataclass(slots=True)
class _Pair:
    """Two texts side by side that may be role and performer."""

    line: Line
    left: str
    right: str
    colon: bool
    group: str
    in_cast: bool


def read_credits(
    blocks: Sequence[Block], language: str | None, roles: Iterable[str] = (), title_row: Block | None = None
) -> Credits:
    """Return the credits and the cast of a section.

    :param roles: role names of the works played, which decide which side of a pair is the role
    :param title_row: the row that holds the title of the section, if it stands in one
    """
    return _CreditReader(blocks, language, frozenset(map(key, roles)), title_row).read()


class _CreditReader:
    def __init__(
        self, blocks: Sequence[Block], language: str | None, roles: frozenset[str], title_row: Block | None
    ) -> None:
        self.title_row = title_row
        self.blocks = blocks
        self.language = language
        self.roles = roles
        self.result = Credits()
        self.pairs: list[_Pair] = []
        self.label: tuple[str, tuple[Function, ...], Block] | None = None  # open label, its values follow
        self.last_row: tuple[str, tuple[Function, ...]] | None = None  # label of the row before, for unlabelled rows
        self.loose: list[Line] = []  # lines under a cast heading that have one side only
        self.cast_opened = False
        self.night_columns: tuple[str, tuple[str, ...]] = ("", ())  # table with a night above each column
        self.head: Block | None = None  # heading that may be one side of a pair with the line below it
        self.credit_groups: set[str] = set()
        self.positions = {block.id: position for position, block in enumerate(blocks)}

    def read(self) -> Credits:
        for block in self.blocks:
            if block.kind in HEADINGS:
                self._heading(block)
                continue
            if len(block.text) > 900 or (len(block.text) > 350 and "\n" not in block.text and not block.cells):
                self.label = None
                continue
            for line in lines_of(block):
                if block is self.title_row:
                    self._title_line(line)
                else:
                    self._line(line)
        self._resolve_loose()
        self._resolve_pairs()
        return self.result

    # --- labels

    def _functions(self, text: str) -> tuple[Function, ...]:
        text = text.strip(_LABEL_TRIM)
        if not text or len(text) > 90:
            return ()
        return credit_functions(text, self.language)

    def _heading(self, block: Block) -> None:
        self._resolve_loose()
        functions = self._functions(block.text)
        line = lines_of(block)[0]
        head, self.head = self.head, None if functions else block
        if head is not None and _is_near(head, block) and self._below_heading(head, line):
            self.head = None
            return
        if self.label is not None and self._value(line):  # <h4>Conductor</h4><h5>Name</h5>
            return
        self.label = (block.text, functions, block) if functions else None
        was_cast, self.cast_opened = self.cast_opened, is_word("cast", block.text.strip(_LABEL_TRIM))
        if was_cast and self._people(block.text):
            self.cast_opened = True  # a card within the cast list
        if functions or self.cast_opened:
            self._read_line(line)
        elif (sides := label_and_value(line)) is None or not self._labelled(line, *sides):
            self._byline(line)

    def _line(self, line: Line) -> None:
        """Ask each way to print a credit in turn, the surest first; the first that fits takes the line."""
        text = line.text.strip()
        head, self.head = self.head, None
        if head is not None and _is_near(head, line.block) and self._below_heading(head, line):
            return
        if self._opens_list(line, text) or after("co_production", text, self.language):
            return
        if (
            (line.is_row and (self._in_columns(line) or self._row(line)))
            or self._sings_as(line)
            or self._replacement(line, text)
        ):
            return
        if self._listed_cast(line) or self._colon(line) or self._pieces(line) or self._opens_label(line):
            return
        if self._name_first(line) or self._label_run_on(line) or self._byline(line) or self._value(line):
            return
        self.label = None
        if not (self._more_of_the_pair(line) or self._sides(line)):
            self._one_side(line)

    def _below_heading(self, head: Block, line: Line) -> bool:
        """A card of two lines: ``<h4>Name</h4><p>Role or function</p>``."""
        functions = self._functions(line.text)
        if head.kind == "h1" or any(composer_named(LIFE_DATES.sub("", text)) for text in (head.text, line.text)):
            return False
        if self._are_names(head.text):
            if functions:
                return self._credit(line, line.text, functions, [head.text])
            return len(line.pieces) == 1 and self._add_pair(line, head.text, line.text, colon=False, kind="card")
        if functions or len(line.pieces) > 1 or not self._knows_role(head.text):
            return False
        return self._add_pair(line, head.text, line.text, colon=False, kind="card")

    def _opens_list(self, line: Line, text: str) -> bool:
        bare = text.strip(_LABEL_TRIM)
        if is_word("cast", bare) and not self._functions(bare):
            self.cast_opened, self.label = True, None
            self._read_line(line)
            return True
        if is_word("team", bare):
            self.cast_opened, self.label = False, None
            return True
        return False

    def _colon(self, line: Line) -> bool:
        sides = label_and_value(line)
        if sides is None:
            return False
        return self._labelled(line, *sides) or (bool(sides[1]) and self._add_pair(line, *sides, colon=True))

    def _row(self, line: Line) -> bool:
        cells = [cell for cell in line.pieces if cell]
        if not line.pieces[0].strip(_LABEL_TRIM):
            return self.last_row is not None and bool(cells) and self._credit(line, *self.last_row, cells)
        if len(cells) < 2:
            return False
        first, last = self._functions(cells[0]), self._functions(cells[-1])
        self.last_row = (cells[0], first) if first else None
        if first and (len(cells) < 4 or len(cells) % 2 or not all(self._functions(cell) for cell in cells[::2])):
            return self._credit(line, cells[0], first, cells[1:])
        if first:  # label, name, label, name
            pairs = list(zip(cells[::2], cells[1::2], strict=True))
            return sum(self._credit(line, label, self._functions(label), [value]) for label, value in pairs) > 0
        if len(cells) == 2 and last and self._are_names(cells[0]):
            return self._credit(line, cells[1], last, cells[:1])
        is_voice = len(cells) == 2 and self._voice(line, cells[0], cells[1])
        return is_voice or self._add_pair(line, cells[0], "\n".join(cells[1:]), colon=cells[0].endswith(":"))

    def _in_columns(self, line: Line) -> bool:
        """A role with one performer in each column of a table whose head names the nights."""
        nights = self._nights_of_columns(line)
        if not nights or any(is_date_text(cell, self.language) for cell in line.pieces[1:]):
            return False
        sung = [f"{cell} ({night})" for cell, night in zip(line.pieces[1:], nights, strict=True) if cell]
        return bool(sung) and self._add_pair(line, line.pieces[0], "\n".join(sung), colon=False)

    def _nights_of_columns(self, line: Line) -> tuple[str, ...]:
        """Return the dates that head the columns of a row's table, one for each but the first; none else."""
        table = line.block.path.rpartition("/tr")[0]
        dates = line.pieces[1:]
        if len(dates) > 1 and all(is_date_text(cell, self.language) for cell in dates):
            self.night_columns = (table, dates)
        known = table and self.night_columns[0].rpartition("/t")[0] in (table.rpartition("/t")[0], table)
        return self.night_columns[1] if known and len(self.night_columns[1]) == len(dates) else ()

    def _voice(self, line: Line, label: str, value: str) -> bool:
        """*Soprano | Anna Muster*: a singer without a role."""
        if voice_type(label.strip(_LABEL_TRIM)) is None or not self._are_names(value):
            return False
        for name in _names(value, self.language):
            if name.kind == "person":
                noted = PrintedName(name.name, name.kind, name.marks, name.nights, label.strip(_LABEL_TRIM))
                self.result.sung.append(Sung(line.block, None, noted))
        self._read_line(line)
        return True

    def _labelled(self, line: Line, label: str, value: str) -> bool:
        functions = self._functions(label)
        if not functions:
            return bool(value) and self._voice(line, label, value)
        if value:
            value = re.split(r"\s{2,}|\s+[|•·]\s+", value)[0]
            return self._credit(line, label, functions, [value])
        self.label = (label, functions, line.block)
        self._read_line(line)
        return True

    def _opens_label(self, line: Line) -> bool:
        functions = self._functions(line.text)
        if not functions or is_person(line.text, self.language) or self._is_production_word(line.text):
            return False
        self.label = (line.text, functions, line.block)
        if genre_phrases(self.language).get(line.text.strip(_LABEL_TRIM)) is None:  # "Ballett" alone is a genre
            self._read_line(line)
        return True

    def _is_production_word(self, text: str) -> bool:
        """*Reprise*, *Nouvelle production*: labels elsewhere, but alone on a line they speak of the run."""
        return any(
            word.end - word.start >= len(text.strip(_LABEL_TRIM)) for word in production_words(text, self.language)
        )

    def _pieces(self, line: Line) -> bool:
        """A label set apart by markup from the name after or before it."""
        if line.is_row or len(line.pieces) < 2:
            return False
        first, last = self._functions(line.pieces[0]), self._functions(line.pieces[-1])
        if first:
            rest = line.text[line.text.find(line.pieces[0]) + len(line.pieces[0]) :].strip(_LABEL_TRIM + ",")
            return self._credit(line, line.pieces[0], first, [rest])
        if last:
            start = line.text.rfind(line.pieces[-1])
            return self._credit(line, line.pieces[-1], last, [line.text[:start].strip(_LABEL_TRIM + ",")])
        return False

    def _name_first(self, line: Line) -> bool:
        """*Robert Cooper, Chorus Director*; *Anna Muster (Regie)*; *Name – Label*."""
        match = re.fullmatch(
            r"(?P<name>[^,(]+?)\s*(?:\((?P<bracket>[^()]+)\)|,\s*(?P<comma>.+)|\s[–—-]\s(?P<dash>.+))", line.text
        )
        if not match:
            return False
        label = match["bracket"] or match["comma"] or match["dash"]
        functions = self._functions(label)
        return (
            bool(functions) and self._are_names(match["name"]) and self._credit(line, label, functions, [match["name"]])
        )

    def _label_run_on(self, line: Line) -> bool:
        """*Music by Giacomo Puccini*, *Musikalische Leitung Anna Muster*: a label and nothing but names after it."""
        words = line.text.split()
        if not 3 <= len(words) <= 14:
            return False
        for count in range(min(6, len(words) - 1), 0, -1):
            functions = self._functions(" ".join(words[:count]))
            rest = " ".join(words[count:])
            if functions and set(functions) <= _GROUPS and _NAME_OF_GROUP.fullmatch(line.text):
                return self._credit(line, line.text, functions, [line.text])  # "Orquesta Sinfónica de Valdearcos"
            if functions and not self._is_production_word(" ".join(words[:count])) and self._are_names(rest):
                return self._credit(line, " ".join(words[:count]), functions, [rest])
        return False

    def _byline(self, line: Line) -> bool:
        """*Melodramma in tre atti. Libretto di Antonio Somma, dal dramma di …*: who wrote, in a line about the work."""
        if len(line.text) > 300:
            return False
        found = False
        for sentence in re.split(r"(?<=[^\W\d_]{3}[.;])\s+|,\s+(?=[^\W\d_A-ZÀ-Ý])|\s+[|·•]\s+", line.text):
            words = sentence.split()
            for count in range(min(3, len(words) - 2), 0, -1):
                functions = self._functions(" ".join(words[:count]))
                if not functions or not set(functions) <= {"composer", "librettist"}:
                    continue
                names = _AFTER_A_SOURCE.split(" ".join(words[count:]))[0].strip(" .,;")
                if self._are_names(names):
                    found |= self._credit(Line(line.block, sentence, (sentence,)), sentence, functions, [names])
                    break
        return found

    def _value(self, line: Line) -> bool:
        if self.label is None:
            return False
        label, functions, opened_by = self.label
        if len(line.pieces) > 1 and _looks_like_pair(line, self.language):
            return False
        if not self._are_names(line.text) or not _is_near(opened_by, line.block):
            return False
        return self._credit(line, label, functions, [line.text], stays_open=True)

    def _are_names(self, text: str) -> bool:
        names = read_names(_without_preposition(text, self.language), self.language)
        if re.search(r"\d{2}|[€$£@]", text):
            return False
        return bool(names) and all(name.kind in {"person", "ensemble", "placeholder"} for name in names)

    def _credit(
        self,
        line: Line,
        label: str,
        functions: tuple[Function, ...],
        values: Sequence[str],
        *,
        stays_open: bool = False,
    ) -> bool:
        block = line.block
        is_genre = genre_phrases(self.language).get(label.strip(_LABEL_TRIM)) is not None
        found = False
        if "librettist" in functions:
            values = [_SOURCE.split(value)[0] for value in values]
        for value in values:
            for name in _names(_without_preposition(value, self.language), self.language):
                if is_genre and contains("venue_noun", name.name, None):
                    continue  # "Ballet | Main Stage" is a genre and a venue
                if name.kind in {"person", "ensemble"} or composer_named(name.name) is not None:
                    kept = functions if name.kind != "ensemble" else _of_an_ensemble(functions)
                    if name.kind == "person":
                        kept = tuple(_of_a_person(function) for function in kept)
                    self.result.credited.append(Credited(block, label, kept, name))
                    found = True
                elif name.kind == "placeholder" or (not name.name and name.replaces):
                    found = True
        if found:
            self._read_line(line)
            self.credit_groups.add(pattern(block.path))
            self.label = (label, functions, block) if stays_open else None
        return found

    def _read_line(self, line: Line) -> None:
        self.result.used.add(line.block.id)
        self.result.lines.add((line.block.id, line.text))

    # --- roles

    def _sides(self, line: Line) -> bool:
        sides = two_sides(line)
        if sides is None:
            return False
        left, right = sides
        functions = self._functions(right)
        if functions and self._are_names(left):
            return self._credit(line, right, functions, [left])
        functions = self._functions(left)
        if functions and self._are_names(right):
            return self._credit(line, left, functions, [right])
        return self._add_pair(line, left, right, colon=False)

    def _sings_as(self, line: Line) -> bool:
        """*Diana Rockwell as Amina*."""
        sides = between("as", self.language).split(line.text, maxsplit=1)
        if len(sides) != 2 or not self._people(sides[0]) or not self._may_be_role(sides[1]):
            return False
        self._sing(line, sides[1].strip(" .,;"), [sides[0]])
        return True

    def _listed_cast(self, line: Line) -> bool:
        """*Norma Ludmila Czerny, Pollione Ettore Vangelisti*: roles of the work and their performers in one line."""
        pairs: list[tuple[str, str]] = []
        pieces = re.split(r"\s*[,;]\s+|\s+[|·•]\s+", line.text)
        if line.is_row or not 2 <= len(pieces) <= 20:
            return False
        for piece in pieces:
            words = piece.split()
            splits = (
                (" ".join(words[:count]).strip(":"), " ".join(words[count:])) for count in range(1, len(words) - 1)
            )
            pair = next(
                (pair for pair in splits if key(pair[0]) in self.roles and is_person(pair[1], self.language)), None
            )
            pairs += [pair] if pair else []
        if len(pairs) < 2 or len(pairs) < 0.6 * len(pieces):
            return False
        for role, performer in pairs:
            self._sing(line, role, [performer])
        return True

    def _replacement(self, line: Line, text: str) -> bool:
        """*Umbesetzung am 28.3.: Ines Falkenrath (Floria Tosca) statt Helene Marburg*."""
        sides = between("instead_of", self.language).split(text, maxsplit=1)
        if len(sides) != 2 or len(text) > 200:
            return False
        head, colon, tail = sides[0].rpartition(":")
        singer = re.fullmatch(r"\s*([^()]+?)\s*\(([^()]+)\)\s*", tail if colon else sides[0])
        replaced = [name for name in read_names(sides[1], self.language) if name.kind == "person"]
        if not singer or not replaced or not is_person(singer[1], self.language) or not self._may_be_role(singer[2]):
            return False
        name = PrintedName(singer[1], "person", nights=head or None, replaces=replaced[0].name)
        self.result.sung.append(Sung(line.block, singer[2].strip(), name))
        self._read_line(line)
        return True

    def _title_line(self, line: Line) -> None:
        """A row that names the title says other things in its pieces; only what is labelled in them is a credit."""
        pieces = [Line(line.block, piece, (piece,)) for piece in line.block.parts or line.pieces]
        named = sum(bool((sides := label_and_value(own)) and self._people(sides[1])) for own in pieces)
        for own in pieces:
            piece = own.text
            sides = label_and_value(own)
            if (sides and sides[1] and self._labelled(own, *sides)) or self._replacement(own, piece):
                continue
            if sides and named > 1 and self._people(sides[1]) and self._add_pair(own, *sides, colon=True):
                continue
            self._label_run_on(own)
        self.result.used.discard(line.block.id)
        self.label = None

    def _more_of_the_pair(self, line: Line) -> bool:
        """A further performer on a line of their own, below the first of the same role."""
        if not self.pairs or self.pairs[-1].line.block is not line.block or not self._people(line.text):
            return False
        if any(name.note for name in read_names(line.text, self.language)):  # a role in a bracket
            return False
        self.pairs[-1].right += "\n" + line.text
        self._read_line(line)
        return True

    def _one_side(self, line: Line) -> None:
        bracket = re.fullmatch(r"([^()]+?)\s*\(([^()]+)\)\W*", line.text)
        if bracket and self._add_pair(line, bracket[1], bracket[2], colon=False, kind="bracket"):
            return
        comma = line.text.split(",")
        if len(comma) == 2 and self._add_pair(line, comma[0].strip(), comma[1].strip(), colon=False, kind="comma"):
            return
        if (self.cast_opened or self._cast_above(line.block)) and len(line.pieces) == 1:
            self.loose.append(line)

    def _cast_above(self, block: Block) -> bool:
        return bool(block.headings) and is_word("cast", block.headings[-1].strip(_LABEL_TRIM))

    def _add_pair(self, line: Line, left: str, right: str, *, colon: bool, kind: str = "") -> bool:
        left, right = left.strip(), right.strip()
        people = self._people(left), self._people(right)
        if is_placeholder(right.strip()) or is_placeholder(left.strip()):
            self._read_line(line)
            return True
        if not any(people) or not left or not right or any(_is_field_label(side) for side in (left, right)):
            return False
        if not (self._may_be_role(right) if people[0] and not people[1] else self._may_be_role(left)):
            return False
        group = f"{pattern(line.block.path)} {line.block.kind} {kind or len(line.pieces)} {colon}"
        in_cast = self.cast_opened or self._cast_above(line.block)
        self.pairs.append(_Pair(line, left, right, colon, group, in_cast))
        return True

    def _people(self, text: str) -> bool:
        names = [name for name in _names(text, self.language) if name.name]
        return (
            bool(names)
            and all(name.kind in {"person", "placeholder", "ensemble"} for name in names)
            and any(name.kind == "person" for name in names)
        )

    def _may_be_role(self, text: str) -> bool:
        text = text.strip(_LABEL_TRIM)
        if not 1 < len(text) <= _ROLE_CHARACTERS or not re.search(r"[^\W\d_]{2}", text):
            return False
        return key(text) in self.roles or is_role_name(text) or not self._is_something_else(text)

    def _is_something_else(self, text: str) -> bool:
        """Tell whether a text is a composer, a time, a number, a function, a status, a genre or a house."""
        if composer_named(text) or find_times(text, self.language) or re.search(r"\d{2}|[€$£@]|://", text):
            return True
        words = key(text).split()
        if next(iter(credit_phrases(self.language).find(words)), None) is not None:
            return True
        if self._functions(words[-1]) or is_credit_label(text) or is_word("cast", text):
            return True
        covered = [found.last - found.first for found in status_phrases(self.language).find(words)]
        covered += [found.last - found.first for found in genre_phrases(self.language).find(words)]
        if any(count >= len(words) - 1 for count in covered):
            return True
        return len(words) <= 3 and text[0].isupper() and is_ensemble(text) and contains("venue_noun", text, None)

    def _resolve_loose(self) -> None:
        """Lines under a cast heading that alternate between role and performer."""
        lines, self.loose = self.loose, []
        people = [self._people(line.text) for line in lines]
        if len(lines) < 2 or len(lines) % 2 or not any(people):
            return
        odd, even = people[1::2], people[0::2]
        if all(odd) and not all(even):
            pairs = zip(lines[0::2], lines[1::2], strict=True)
        elif all(even) and not all(odd):
            pairs = zip(lines[1::2], lines[0::2], strict=True)
        else:
            return
        for role, performer in pairs:
            if self._may_be_role(role.text):
                for one in self._roles_of_one(role.text.strip(_LABEL_TRIM)):
                    self._sing(performer, one, [performer.text])
                self._read_line(role)

    def _resolve_pairs(self) -> None:
        groups: dict[str, list[_Pair]] = {}
        for pair in self.pairs:
            groups.setdefault(pair.group, []).append(pair)
        for pairs in groups.values():
            order = self._role_side(pairs)
            if order is None:
                continue
            for pair in pairs:
                if self._stands_among_credits(pair):
                    continue
                role, performer = (pair.left, pair.right) if order == "left" else (pair.right, pair.left)
                if self._people(performer) and self._may_be_role(role):
                    for one in self._roles_of_one(role.strip(_LABEL_TRIM)):
                        self._sing(pair.line, one, performer.split("\n"))

    def _roles_of_one(self, role: str) -> list[str]:
        """*Turiddu / Canio*, *Benoît, Alcindoro*: roles that one performer doubles, where each is a known one."""
        parts = [part.strip() for part in re.split(r"\s*[/,;]\s+|\s+[/&+]\s+", role) if part.strip()]
        return parts if len(parts) > 1 and all(self._knows_role(part) for part in parts) else [role]

    def _stands_among_credits(self, pair: _Pair) -> bool:
        """An unknown label among known ones of the same list is another function, not a role.

        Where the roles of the list are known, all of them before or after its credits, whatever stands between the
        credits is none; else the rows right above and below decide.
        """
        if self._knows_role(pair.left) or self._knows_role(pair.right):
            return False
        mark = pattern(pair.line.block.path)
        position = self.positions[pair.line.block.id]
        credited = sorted(
            self.positions[credit.block.id]
            for credit in self.result.credited
            if pattern(credit.block.path) == mark and credit.block.id in self.positions
        )
        roles = [
            self.positions[other.line.block.id]
            for other in self.pairs
            if pattern(other.line.block.path) == mark
            and (self._knows_role(other.left) or self._knows_role(other.right))
        ]
        if len(credited) >= 2 and roles:
            inside = credited[0] < position < credited[-1]
            return inside and not any(credited[0] < role < credited[-1] for role in roles)
        beside = {index for index in (position - 1, position + 1) if 0 <= index < len(self.blocks)}
        alike = {index for index in beside if pattern(self.blocks[index].path) == mark}
        return bool(alike) and alike <= set(credited)

    def _role_side(self, pairs: Sequence[_Pair]) -> str | None:
        """Return the side of the roles in a list, decided by the whole list; None when it is no cast list."""
        left = right = 0.0
        known = 0
        for pair in pairs:
            role_left, role_right = self._knows_role(pair.left), self._knows_role(pair.right)
            known += role_left or role_right
            left += 2 * role_left + (not self._people(pair.left) and self._people(pair.right)) + 0.5 * pair.colon
            right += 2 * role_right + (not self._people(pair.right) and self._people(pair.left))
            voice = voice_type(pair.right.strip()) is not None
            right -= 3 * voice
        is_list = (
            any(pair.in_cast for pair in pairs)
            or known >= 1
            or pattern(pairs[0].line.block.path) in self.credit_groups
            or len({key(pair.left) for pair in pairs}) >= 3
        )
        if not is_list or left == right or max(left, right) <= 0:
            return None
        return "left" if left > right else "right"

    def _knows_role(self, text: str) -> bool:
        return names_role(text.strip(_LABEL_TRIM), self.roles) or is_role_name(text.strip(_LABEL_TRIM))

    def _sing(self, line: Line, role: str, values: Sequence[str]) -> None:
        block = line.block
        role, cover = _without_cover(role, self.language)
        found: list[PrintedName] = []
        for value in values:
            for name in _names(value, self.language):
                if not name.name and name.replaces and found:
                    found[-1] = PrintedName(
                        found[-1].name, found[-1].kind, found[-1].marks, found[-1].nights, found[-1].note, name.replaces
                    )
                elif name.name and name.kind in {"person", "ensemble"}:
                    found.append(name)
        several = len(values) > 1 or any(" / " in value or "/" in value for value in values)
        shared = len({name.name for name in found}) > 1 and (several or any(name.nights for name in found))
        for name in found:
            self.result.sung.append(Sung(block, role or None, name, shared, cover))
        if found:
            self._read_line(line)


def names_role(text: str, roles: Iterable[str]) -> bool:
    """Tell whether a printed role is one of the (folded) roles of a work, more or less fully named: *Baron Scarpia*.

    >>> names_role("Baron Scarpia", {"scarpia"}), names_role("Mario", {"mario cavaradossi"})
    (True, False)
    """
    words = set(key(text).split())
    if len(words) > 6:
        return False
    for role in roles:
        named = role.split()
        if (len(role) > 3 and set(named) <= words) or (named and len(named[-1]) > 4 and named[-1] in words):
            return True
    return False


def _without_preposition(text: str, language: str | None) -> str:
    """Return names without the preposition a label leaves before them: *Livret d’Henri Meilhac*."""
    bare = re.sub(r"^\s*(?:d['’]\s*|(?:de|di|von|by|van|af|av|da|do)\s+)(?=[^\W\d_a-zà-ÿ])", "", text)
    return bare if bare != text and any(name.kind == "person" for name in read_names(bare, language)) else text


def _names(text: str, language: str | None) -> Iterator[PrintedName]:
    for line in text.split("\n"):
        if line.strip(" ,;*"):
            yield from read_names(line.strip(), language)


def _is_field_label(text: str) -> bool:
    text = text.strip(_LABEL_TRIM)
    return any(is_word(kind, text) for kind in _FIELD_LABELS)


def _without_cover(role: str, language: str | None) -> tuple[str, bool]:
    match = re.fullmatch(r"(.*?)\s*[(,–-]\s*([^()]+)\)?", role)
    if match and is_word("cover", match[2]):
        return match[1].strip(), True
    rest = after("cover", role, language)
    return (rest, True) if rest else (role, False)


def _of_an_ensemble(functions: tuple[Function, ...]) -> tuple[Function, ...]:
    """Trust the value: *Chor: Chor der Oper* names the chorus, though *Chor: Anna Muster* names its master."""
    swaps: dict[Function, Function] = {"chorus_master": "chorus", "childrens_chorus_master": "childrens_chorus"}
    return tuple(dict.fromkeys(swaps.get(function, function) for function in functions))


def _of_a_person(function: Function) -> Function:
    swaps: dict[Function, Function] = {"chorus": "chorus_master", "childrens_chorus": "childrens_chorus_master"}
    return swaps.get(function, function)


def _looks_like_pair(line: Line, language: str | None) -> bool:
    """Pieces that are not each a name: a role before its performer, not a list of names."""
    return not all(
        name.kind in {"person", "ensemble", "placeholder"} for piece in line.pieces for name in _names(piece, language)
    )


def _is_near(label: Block, value: Block) -> bool:
    """A value stands in its label's block, beside it, or in the box beside it."""
    if label.path == value.path:
        return True
    outer = label.path.rsplit("/", 1)[0]
    return value.path.startswith(outer + "/") or value.path.startswith(outer.rsplit("/", 1)[0] + "/")
