"""Evidence for people: a name with its function or role, and the nights the page prints for it."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from opera_spiders.extraction import page_words
from opera_spiders.extraction.dates import DateHit
from opera_spiders.extraction.evening_evidence import EveningEvidence
from opera_spiders.extraction.evidence import Found, Section, date_of
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.names import bare_days, is_ensemble
from opera_spiders.extraction.page_index import Place
from opera_spiders.extraction.pairs import Mark, Pairs, name_forms
from opera_spiders.extraction.schema import CastMember, Credit, Night, PageExtraction, Production
from opera_spiders.extraction.vocabulary import (
    composer_named,
    credit_functions,
    roles_of,
    voice_phrases,
    works_titled,
)
from opera_spiders.text import key

_VOCAL_LABELS = frozenset(
    {"narrator", "chorus", "childrens_chorus", "dancers", "extras", "instrumentalist", "puppetry", "presenter", "other"}
)
_SAME_FUNCTION: dict[str, frozenset[str]] = {
    "chorus": frozenset({"chorus_master", "childrens_chorus"}),
    "childrens_chorus": frozenset({"childrens_chorus_master", "chorus"}),
    "orchestra": frozenset({"instrumentalist", "repetiteur", "continuo"}),
    "dancers": frozenset({"choreographer"}),
}
"""Labels that credit a person, and the group where the name is a group's: *Chor: Chor der Oper*."""
_FOOTNOTE = re.compile(r"\s?(?:[*°†‡§]+|[¹²³⁴⁵])")
_REACH_FOOTNOTE = 40


class PeopleEvidence(EveningEvidence):
    """Grounds credits and casts."""

    def __init__(self, answer: PageExtraction, page: PageToExtract) -> None:
        super().__init__(answer, page)
        self.pairs = Pairs(self.index, self._names(), self._roles())

    def _names(self) -> Iterator[str]:
        for production in self.answer.productions:
            yield from (credit.name for credit in production.creative_team)
            for member in production.cast_members:
                yield member.performer
                if member.replaces:
                    yield member.replaces

    def _roles(self) -> Iterator[str]:
        for production in self.answer.productions:
            roles = [member.role for member in production.cast_members if member.role]
            yield from (role for role in roles if not self._is_credit_label(role))
            titles = [production.opera_title, *(work.title for work in production.works)]
            for title in titles:
                for work in works_titled(title or ""):
                    yield from (role for role, _ in roles_of(work.work_id))

    def _is_credit_label(self, role: str) -> bool:
        """Tell whether a role's name is the label of a function nobody sings, dances or speaks."""
        functions = set(credit_functions(role, self.index.language))
        return bool(functions) and not functions & _VOCAL_LABELS

    def _credit(
        self,
        pointer: str,
        credit: Credit,
        section: Section,
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> None:
        own = self._own(pointer, credit.block)
        places = self._name_places(credit.name, own, section)
        function_found: Found | None = None
        held: list[Place] = []
        for place in places:
            found = self._function_at(credit, place)
            if found is not None:
                function_found = function_found or found
                held.append(place)
        if function_found is None and places:
            function_found = self._function_without_label(credit, places)
            held = places if function_found else []
        name_found = Found(held[0].number, self.index.quote(held[0])) if held else None  # a name alone is no credit
        self._put(f"{pointer}/name", name_found, own, section)
        self._put(f"{pointer}/function", function_found, own, section)
        self._nights(pointer, credit.nights, held, own=own, section=section, evenings=evenings)

    def _name_places(self, name: str, own: int | None, section: Section) -> list[Place]:
        places = self.pairs.name_places.get(key(name)) or self._inflected(name)
        rank = self._order(own, section)
        own_places = (place for place in places if not section.is_foreign(place.number))
        return sorted(own_places, key=lambda place: (*rank(place.number), place.first))

    def _function_at(self, credit: Credit, place: Place) -> Found | None:
        """The label that gives a name this function at this place."""
        for mark in self.pairs.governing(place):
            functions = set(mark.functions)
            if mark.kind == "role":
                functions |= set(credit_functions(self.index.quote(mark.place), self.index.language))
            fits = credit.function in functions
            if not fits and is_ensemble(credit.name):
                fits = bool(functions & _SAME_FUNCTION.get(credit.function, frozenset()))
            if fits or (credit.function == "other" and not functions and mark.kind == "label"):
                return Found(place.number, self.index.quote(mark.place))
        return None

    def _function_without_label(self, credit: Credit, places: Sequence[Place]) -> Found | None:
        """Functions a name has by itself: a known composer's, a group's, or one no vocabulary knows."""
        governed = {f for place in places for mark in self.pairs.governing(place) for f in mark.functions}
        first = Found(places[0].number, self.index.quote(places[0]), "inferred")
        if credit.function == "composer" and composer_named(credit.name) is not None:
            return first
        if is_ensemble(credit.name) and credit.function in _group_functions(credit.name):
            return first
        return first if credit.function == "other" and not governed else None

    def _member(
        self,
        pointer: str,
        member: CastMember,
        production: Production,
        section: Section,
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> None:
        own = self._own(pointer, member.block)
        places = self._name_places(member.performer, own, section)
        sung = [
            place
            for place in places
            if not self._is_credit_only(place, member) and not self._is_exchanged(place, member, production)
        ]
        if member.role is not None and key(member.role) == key(member.performer) and not is_ensemble(member.performer):
            sung = []  # nobody sings a role of his own name
        held = sung
        role_found = None
        if member.role is not None:
            held = []
            for place in sung:
                mark = self._role_at(member.role, place)
                if mark is not None:
                    role_found = role_found or Found(mark.place.number, self.index.quote(mark.place))
                    held.append(place)
            if role_found is None:
                role_found, held = self._role_under_name(member.role, sung)
            if role_found is not None and role_found.number != own and any(place.number == own for place in held):
                role_found = Found(own, role_found.quote)  # label in the line or row beside the named block
            self._put(f"{pointer}/role", role_found, own, section)
        if self._is_doubted(member) and role_found is None:
            sung = [place for place in sung if self._is_labelled_vocal(place)]
        name_found = Found(sung[0].number, self.index.quote(sung[0])) if sung else None
        self._put(f"{pointer}/performer", name_found, own, section)
        if member.voice_type is not None:
            found = self._voice(member.voice_type, member.performer, held, own, section)
            self._put(f"{pointer}/voice_type", found, own, section)
        if member.replaces is not None:
            self._put(f"{pointer}/replaces", self._replaced(member.replaces, sung, own, section), own, section)
        if member.kind is not None:
            self._put(f"{pointer}/kind", self._cast_kind(member, production, held), own, section)
        self._nights(pointer, member.nights, held, own=own, section=section, evenings=evenings)

    def _is_credit_only(self, place: Place, member: CastMember) -> bool:
        """Tell whether the page credits this name, here, with nothing one could sing, dance or speak."""
        marks = self.pairs.governing(place)
        functions = {f for mark in marks for f in mark.functions}
        return bool(functions) and not functions & _VOCAL_LABELS and not any(mark.kind == "role" for mark in marks)

    def _is_doubted(self, member: CastMember) -> bool:
        """Tell whether the answer takes the performer's name for a role, a title or somebody else's function too."""
        against = self.claims.against(member.performer, "performer")
        if is_ensemble(member.performer):
            return "person" in against
        return bool(against - {"composer", "librettist", "place", "company"})

    def _is_labelled_vocal(self, place: Place) -> bool:
        functions = {f for mark in self.pairs.governing(place) for f in mark.functions}
        return bool(functions & _VOCAL_LABELS)

    def _replaced(self, name: str, sung: Sequence[Place], own: int | None, section: Section) -> Found | None:
        """A name beside the performer's, with a word that says who stands in for whom."""
        near = {number for place in sung for number in (place.number - 1, place.number, place.number + 1)}
        near |= {own} if own is not None else set()
        for place in self._name_places(name, own, section):
            if place.number in near and any(
                page_words.contains("instead_of", self.index.blocks[number].text, language)
                for number in (place.number, place.number - 1)
                if number >= 0
                for language in dict.fromkeys((self.index.language, None))
            ):
                return Found(place.number, self.index.quote(place))
        return None

    def _voice(
        self, value: str, performer: str, held: Sequence[Place], own: int | None, section: Section
    ) -> Found | None:
        """A voice type as printed; on an artist's own page also under the heading with the name, above the works.

        Where a voice stands in the performer's own line or row, no other voice is that performer's.
        """
        beside = [stretch for place in held if (stretch := self._stretch(place))]
        voices = [voice for stretch in beside for voice in voice_phrases().find(key(stretch).split())]
        if voices and not any(f" {key(value)} " in f" {key(stretch)} " for stretch in beside):
            return None
        found = self._words(value, own, section)
        if found is None or found.number is None or own is None or found.number == own or found.number in section:
            return found
        forms = {" ".join(form) for form in name_forms(performer)}
        named = {n for n in self.index.headings[own] if " ".join(self.index.texts[n].words) in forms}
        for place in self.index.places(value):
            if named & {place.number, *self.index.headings[place.number]}:
                return Found(place.number, self.index.quote(place), "section")
        return found

    def _stretch(self, place: Place) -> str:
        """The text that belongs to a name: up to the next name, or from the name before where voices stand first.

        Of structured data none.
        """
        if self.index.blocks[place.number].kind == "json":
            return ""
        text = self.index.texts[place.number]
        names = [mark.place for mark in self.pairs.marks(place.number) if mark.kind == "name"]
        before = max((name.last for name in names if name.last <= place.first), default=0)
        behind = min((name.first for name in names if name.first >= place.last), default=len(text.words))
        voice = next(voice_phrases().find(text.words), None)
        if voice is None or len(names) < 2:
            return text.quote(before, behind)
        return text.quote(place.first, behind) if names[0].first < voice.first else text.quote(before, place.last)

    def _is_exchanged(self, place: Place, member: CastMember, production: Production) -> bool:
        """Tell whether the answer takes a role for its performer: a known role, or one in the column of the roles."""
        known = self._known_roles(production)
        if key(member.performer) in known and not is_ensemble(member.performer):
            return True
        cells = self.index.blocks[place.number].cells
        if member.role is None or len(cells) < 2:
            return False
        folded = [f" {key(cell)} " for cell in cells]
        mine = next((n for n, cell in enumerate(folded) if f" {key(self.index.quote(place))} " in cell), None)
        other = next((n for n, cell in enumerate(folded) if f" {key(member.role)} " in cell), None)
        if mine is None or other is None or mine == other:
            return False
        turned = straight = 0
        for row in self._rows_around(place.number):
            kinds = {
                column: "role" if key(cell) in known else mark_kind
                for column, cell in enumerate(self.index.blocks[row].cells)
                if (mark_kind := self._cell_kinds.get(key(cell))) or key(cell) in known
            }
            turned += kinds.get(mine) == "role" or kinds.get(other) == "name"
            straight += kinds.get(mine) == "name" or kinds.get(other) == "role"
        return turned > straight

    def _known_roles(self, production: Production) -> frozenset[str]:
        titles = (production.opera_title, *(work.title for work in production.works))
        works = {work.work_id for title in titles for work in works_titled(title or "")}
        return frozenset(key(role) for work in works for role, _ in roles_of(work))

    @cached_property
    def _cell_kinds(self) -> dict[str, str]:
        """Whether the answer takes a text for a name or for a role; what it takes for both tells nothing."""
        members = [member for production in self.answer.productions for member in production.cast_members]
        names = {key(member.performer) for member in members}
        roles = {key(member.role) for member in members if member.role}
        return dict.fromkeys(names - roles, "name") | dict.fromkeys(roles - names, "role")

    def _rows_around(self, number: int) -> Iterator[int]:
        """The other rows of a table, above and below one of them."""
        width = len(self.index.blocks[number].cells)
        for step in (-1, 1):
            row = number + step
            while 0 <= row < len(self.index.blocks) and len(self.index.blocks[row].cells) == width:
                yield row
                row += step

    def _role_at(self, role: str, place: Place) -> Mark | None:
        if self._is_credit_label(role):
            return None
        wanted = key(role)
        for mark in self.pairs.governing(place):
            if mark.value == wanted or (mark.kind == "label" and wanted in mark.value):
                return mark
        return None

    def _role_under_name(self, role: str, sung: Sequence[Place]) -> tuple[Found | None, list[Place]]:
        """An artist's own page: the name is a heading, the roles stand below it."""
        headings = {place.number for place in sung if self.index.is_whole(place)}
        for place in self.pairs.role_places.get(key(role), ()):
            if headings & set(self.index.headings[place.number]):
                return Found(place.number, self.index.quote(place)), [place]
        return None, []

    def _cast_kind(self, member: CastMember, production: Production, held: Sequence[Place]) -> Found | None:
        if member.kind == "main":
            return Found(None, "", "inferred")
        if member.kind == "alternate":
            sharing = {key(m.performer) for m in production.cast_members if m.role and m.role == member.role}
            return Found(None, member.role or "", "inferred") if len(sharing) > 1 else None
        kinds: tuple[page_words.Kind, ...] = ("cover",) if member.kind == "cover" else ("instead_of",)
        for place in held:
            numbers = (place.number, *self.index.headings[place.number][-1:], place.number + 1)
            for number in numbers:
                if number >= len(self.index.blocks):
                    continue
                text = self.index.texts[number]
                for kind in kinds:
                    hit = next(page_words.phrases(kind, self.index.language).find(text.words), None)
                    if hit is not None:
                        return Found(number, text.quote(hit.first, hit.last), "inferred")
        return None

    def _nights(
        self,
        pointer: str,
        nights: Sequence[Night],
        held: Sequence[Place],
        *,
        own: int | None,
        section: Section,
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> None:
        """An evening of somebody: the page prints the date beside, above or in the column of the name."""
        if nights:
            days = [
                (date, time, Found(place.number, quote))
                for place in held
                for date, time, quote in self._days_of(place, section)
            ]
            first = Found(held[0].number, self.index.quote(held[0])) if held else None
            self._put_nights(pointer, nights, days, first, own=own, section=section, evenings=evenings)

    def _put_nights(
        self,
        pointer: str,
        nights: Sequence[Night],
        days: Sequence[tuple[dt.date, str | None, Found]],
        holder: Found | None,
        *,
        own: int | None,
        section: Section,
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> None:
        """Ground the nights of whoever or whatever ``holder`` is, by the days printed for it.

        Where it is printed without any day it holds for the whole run, which an answer may spell out.
        """
        printed: dict[dt.date, list[tuple[str | None, Found]]] = defaultdict(list)
        for date, clock, found_there in days:
            printed[date].append((clock, found_there))
        everything = {date for date, _ in evenings}
        named = {day for night in nights if (day := date_of(night.date))}
        for number, night in enumerate(nights):
            at = f"{pointer}/nights/{number}"
            day, time = self._valid_evening(at, night.date, night.time)
            found = time_found = None
            if day is not None and printed:
                if printed.get(day):
                    found = printed[day][0][1]
                    time_found = self._night_time(day, time, printed[day], evenings)
            elif day is not None and holder and everything and everything <= named and day in everything:
                found = Found(holder.number, holder.quote, "section")
                time_found = found if (day, time) in evenings else None
            self._put(f"{at}/date", found, own, section)
            if night.time is not None:
                self._put(f"{at}/time", time_found if found else None, own, section)

    def _night_time(
        self,
        day: dt.date,
        time: str | None,
        printed: Sequence[tuple[str | None, Found]],
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> Found | None:
        for clock, found in printed:
            if clock == time:
                return found
        if all(clock is None for clock, _ in printed) and (day, time) in evenings:
            return printed[0][1]
        return None

    def _days_of(self, place: Place, section: Section) -> Iterator[tuple[dt.date, str | None, str]]:
        """Yield the days the page prints for a name: beside it, in its column, in its footnote, or above it."""
        block = self.index.blocks[place.number]
        text = self.index.texts[place.number]
        found = False
        for hit in self._hits_beside(place):
            found = True
            yield hit.date, hit.time, hit.printed
        if found:
            return
        for hit in self._hits_in_column(place):
            found = True
            yield hit.date, hit.time, hit.printed
        bracket = re.match(r"\W{0,3}\(([^()]*)\)", text.printed[text.spans[place.last - 1][1] :])
        for day in bare_days(bracket[1]) if bracket and not found else ():
            dates = {date for date, numbers in self._dated.items() if date.day == day and section.evenings & {*numbers}}
            if len(dates) == 1:
                found = True
                yield dates.pop(), None, bracket[1] if bracket else ""
        mark = _FOOTNOTE.match(text.printed, text.spans[place.last - 1][1])
        if not found and mark:
            for number in range(place.number, min(place.number + _REACH_FOOTNOTE, len(self.index.blocks))):
                for line in self.index.blocks[number].text.split("\n"):
                    if line.strip().startswith(mark.group().strip()):
                        for hit in self.index.dates_in(line, number):
                            found = True
                            yield hit.date, hit.time, hit.printed
        if found or (block.kind != "json" and self.index.dates_in(block.text, place.number)):
            return
        for date, time, hit in self._readings(place.number):
            yield date, time, hit.printed

    def _hits_beside(self, place: Place) -> list[DateHit]:
        """The dates in the same stretch of text as a name: behind it up to the next name, or before it."""
        block = self.index.blocks[place.number]
        if block.kind == "json":
            return []
        hits = self.index.dates_in(block.text, place.number)
        if not hits:
            return []
        text = self.index.texts[place.number]
        names = [mark for mark in self.pairs.marks(place.number) if mark.kind == "name"]
        spans = sorted((text.spans[m.place.first][0], text.spans[m.place.last - 1][1]) for m in names)
        start, end = text.spans[place.first][0], text.spans[place.last - 1][1]
        if len(spans) <= 1:
            return list(hits)
        if hits[0].start < spans[0][0]:
            days_first = [hit for hit in hits if hit.end <= start]
            previous = max((stop for _, stop in spans if stop <= start), default=0)
            near = [hit for hit in days_first if hit.start >= previous]
            if near or not days_first:
                return near
            last = days_first[-1]
            return [hit for hit in days_first if not any(hit.end <= s <= last.start for s, _ in spans)]
        following = min((begin for begin, _ in spans if begin >= end), default=len(block.text))
        return [hit for hit in hits if end <= hit.start < following]

    def _hits_in_column(self, place: Place) -> tuple[DateHit, ...]:
        """A table with the days in its head: those of the name's column."""
        block = self.index.blocks[place.number]
        if len(block.cells) < 2:
            return ()
        forms = key(self.index.quote(place))
        before = self.index.texts[place.number].printed[: self.index.texts[place.number].spans[place.first][0]]
        behind = before.count(" | ")  # the same name may stand in several columns
        columns = [n for n, cell in enumerate(block.cells) if forms in key(cell)]
        column = behind if behind in columns else next(iter(columns), None)
        if not column:
            return ()
        for above in range(place.number - 1, max(place.number - 60, -1), -1):
            cells = self.index.blocks[above].cells
            if not cells:
                break
            if len(cells) > column and (hits := self.index.dates_in(cells[column], above)):
                return hits
        return ()


def _group_functions(name: str) -> frozenset[str]:
    """The functions a group's own name tells."""
    words = key(name)
    found = set()
    if re.search(r"or(?:[ck]h?|qu)est|orkest|zenekar|philharm|filharm|kapelle|symphon|sinfon|оркестр", words):
        found.add("orchestra")
    if re.search(r"ch(?:o|oe)[eu]?r|\bcoro\b|\bcor\b|\bkoor\b|\bsbor\b|\bkor|\bchor|kuoro|хор|maitrise|enekkar", words):
        found |= {"chorus", "childrens_chorus"}
    if re.search(r"bal+et|danc|tanz|danse|балет", words):
        found.add("dancers")
    if re.search(r"statist|figurant|extras|komparser|comparsa", words):
        found.add("extras")
    return frozenset(found)
