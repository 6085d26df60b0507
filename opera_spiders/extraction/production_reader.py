"""Reads one section of a page into a production."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Literal
from urllib.parse import urlsplit

from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.credits import LIFE_DATES, Credited, Credits, names_role, read_credits
from opera_spiders.extraction.dates import find_dates, find_durations, find_intermissions, find_seasons, find_times
from opera_spiders.extraction.evenings import Calendar, Evening, Evenings, read_evenings
from opera_spiders.extraction.lines import Line, fragments, is_inside, label_and_value, lines_of, pattern
from opera_spiders.extraction.names import bare_days, is_ensemble, is_person
from opera_spiders.extraction.page_words import Kind, after, between, contains, is_word, language_code, phrases
from opera_spiders.extraction.prices import PriceHit, find_prices
from opera_spiders.extraction.schema import (
    CastKind,
    CastMember,
    Credit,
    Extent,
    Genre,
    Night,
    Performance,
    Presentation,
    Production,
    ProductionType,
    TicketPrice,
    Work,
)
from opera_spiders.extraction.sections import SATELLITES, Section, composer_in
from opera_spiders.extraction.vocabulary import (
    KnownWork,
    ProductionWord,
    composer_named,
    credit_functions,
    genre_phrases,
    is_role_name,
    production_words,
    roles_of,
    rows,
    says,
    voice_type,
)
from opera_spiders.text import key

_PREMIERE_WORDS = frozenset(
    {"premiere", "second_premiere", "world_premiere", "national_premiere", "new_production", "revival"}
)
_SHORT = 90
_COLUMNS: tuple[Kind, ...] = ("date", "time", "venue", "city")
_BOX_BLOCKS = 12  # a larger box around a date is more than its row
_EXTENTS: tuple[Literal["abridged", "adaptation", "excerpt"], ...] = ("abridged", "adaptation", "excerpt")
_KINDS_OF_OPERA: frozenset[str] = frozenset({"operetta", "zarzuela", "musical"})


@dataclass(frozen=True, slots=True)
class House:
    """What is known of the company whose page this is."""

    city: str | None = None
    currency: str | None = None
    venue: str | None = None
    cities: frozenset[str] = frozenset()  # folded names of cities this page may print


@dataclass(frozen=True, slots=True)
class Artist:
    """The person a page is about, whose engagements it lists."""

    name: str
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class PageContext:
    """What holds for every section of a page."""

    calendar: Calendar
    house: House
    season: str | None = None
    artist: Artist | None = None
    composer_places: frozenset[tuple[str, str, int]] = frozenset()  # where this page prints composers

    @property
    def language(self) -> str | None:
        """The page's language."""
        return self.calendar.language


@dataclass(slots=True)
class ReadProduction:
    """A production as read from a section, and what speaks for it being one."""

    production: Production
    is_known: bool  # its title is a known work by a composer the page does not contradict
    is_main: bool
    credit_count: int
    cast_count: int
    evening_count: int
    genre_printed: bool


class SectionReader:
    """Reads the fields of one section."""

    def __init__(self, section: Section, context: PageContext) -> None:
        self.section = section
        self.context = context
        self.language = context.language
        self.blocks = [block for block in section.blocks if not _is_related(block)]
        self.id = section.first_block.id

    # --- what the section is made of

    @cached_property
    def works(self) -> tuple[tuple[str, tuple[KnownWork, ...]], ...]:
        """The known works of the title, left out where the page prints another composer."""
        printed = {composer.composer_id for name in self._composers if (composer := composer_named(name)) is not None}
        kept = []
        for title, works in self.section.title.works:
            matching = tuple(work for work in works if work.composer_id in printed)
            if printed and not matching and not self._several_works:
                return ()
            kept.append((title, matching or works))
        return tuple(kept)

    @property
    def _several_works(self) -> bool:
        return len(self.section.title.works) > 1

    @cached_property
    def credits(self) -> Credits:
        """Credits and cast."""
        roles = [role for _, works in self.section.title.works for work in works for role, _ in roles_of(work.work_id)]
        title = self.section.block
        return read_credits(self.blocks, self.language, roles, title_row=title if title.cells else None)

    @cached_property
    def notes(self) -> list[tuple[Block, str]]:
        """Short texts that are no credits: the whole line, its pieces and what separators part."""
        found: list[tuple[Block, str]] = []
        for block in self.blocks:
            for line in lines_of(block):
                if self.credits.has_read(line):
                    continue
                texts = [line.text] if len(line.text) <= 300 else []
                texts += [
                    piece for piece in (*line.pieces, *(block.parts if line.is_row else ())) if len(piece) <= _SHORT
                ]
                for text in list(texts):
                    texts += fragments(text) if len(text) <= _SHORT else []
                found += [(block, text) for text in dict.fromkeys(texts)]
        return found

    @cached_property
    def evenings(self) -> Evenings:
        """Evenings and the run."""
        return read_evenings(self.section, self.blocks, self.context.calendar, self.credits.has_read)

    # --- fields

    @cached_property
    def _composers(self) -> list[str]:
        """Composers as printed: by label, beside the title, or in the title."""
        labelled = [credit.name.name for credit in self.credits.credited if _composed(credit)]
        if labelled:
            return labelled
        if self.section.title.composer:
            return [self.section.title.composer]
        found: list[str] = []
        for _, printed in self.notes:
            text = LIFE_DATES.sub("", printed)
            name = text if composer_named(text) is not None else self._composer_after(text)
            if name and len(name) < 60 and composer_named(name) is not None and key(name) not in map(key, found):
                found.append(name)
        if not found:
            found = [text for place, text in places_of(self.section) if place in self.context.composer_places]
            found = [text for text in found if is_person(text, self.language)]
            operatic = self._printed_genre in {None, "opera", "operetta", "zarzuela"}
            return found[:1] if operatic else []
        return found if len(found) == 1 or self._joined_composers(found) else found[:1]

    def _composer_after(self, text: str) -> str | None:
        """*von Giuseppe Verdi*, *An opera in three acts by Giuseppe Verdi*, *A version of Tosca by Giacomo Puccini*."""
        rest = after("by", text, self.language)
        if rest:
            return rest
        sides = between("by", self.language).split(text)
        if len(sides) < 2 or len(text) > 160:
            return None
        head = key(text[: len(text) - len(sides[-1])])
        speaks_of_work = genre_of(text, self.language) or any(
            key(title) in head for title, _ in self.section.title.works
        )
        return sides[-1].strip(" .,") if speaks_of_work else None

    def _joined_composers(self, found: Sequence[str]) -> bool:
        return len(found) == len(self.section.title.works)

    @cached_property
    def composer(self) -> str | None:
        """Composer as printed; for a double bill as printed together."""
        names = self._composers
        if len(names) < 2:
            return names[0] if names else None
        for _, text in self.notes:
            if all(name in text for name in names) and len(text) <= sum(map(len, names)) + 5 * len(names):
                return text
        return names[0]

    @cached_property
    def _words(self) -> list[tuple[Block, ProductionWord]]:
        """Premiere, revival and presentation words in short lines."""
        found = []
        for block in self.blocks:
            for line in lines_of(block):
                if self.credits.has_read(line) or _is_sentence(line.text):
                    continue
                if len(line.text) <= _SHORT or line.is_row or line.block.kind == "li":
                    for word in production_words(line.text, self.language):
                        found.append((block, word))
        return found

    @cached_property
    def genre(self) -> Genre | None:
        """Kind of event as printed near the title; else what the known work is."""
        printed = self._printed_genre
        if any(word.meaning == "children_version" for _, word in self._words) and printed in {None, "opera"}:
            return "children"
        if printed is not None:
            return printed
        if any(word.meaning in SATELLITES for _, word in self._words) and not self.works:
            return "education"
        known = [work for _, works in self.works for work in works]
        if self._composers and known and all(work.is_opera for work in known):
            return _genre_of(known[0])
        return None

    @cached_property
    def _printed_genre(self) -> Genre | None:
        """The first genre printed; *Musiktheater* above *Operette in drei Akten* gives way to it."""
        title = self.section.title.text
        found = [
            genre
            for _, text in self.notes
            if (genre := genre_of(text, self.language)) is not None
            and not (text in title and text != title and not self.section.title.is_known)
        ]
        if found and found[0] == "opera":
            return next((genre for genre in found if genre in _KINDS_OF_OPERA), found[0])
        return found[0] if found else self._title_genre()

    def _title_genre(self) -> Genre | None:
        """*Einführungsmatinee: Jenůfa*, *Theaterführung*: a title that says itself that it is no production."""
        if self.section.title.is_known:
            return None
        text = self.section.title.text
        if any(word.meaning in SATELLITES for word in production_words(text, self.language)):
            return "education"
        head = genre_phrases(self.language).get(self.section.block.text.partition(":")[0])
        if head is not None:  # "Kinderoper: Die kleine Zauberflöte"
            return head
        words = key(text).split()
        found = {hit.value for hit in genre_phrases(self.language).find(words)}
        named = {words[-1], key(text.partition(":")[0]).split()[-1]} if ":" in text else {words[-1]}
        endings = [
            genre
            for ending, genre in genre_phrases(self.language).values.items()
            if len(ending) > 5 and any(word.endswith(ending) for word in named)
        ]
        if "education" in found or "education" in endings:  # Theaterführung, Einführungsmatinee
            return "education"
        return "concert" if found == {"concert"} or "concert" in endings else None

    def _first(self, meanings: str) -> str | None:
        for _, word in self._words:
            value = says(word.meaning, meanings)
            if value is not None:
                return value
        return None

    @cached_property
    def _labelled_venue(self) -> tuple[str | None, str | None]:
        for block in self.blocks:
            if block.headings and is_word("venue", block.headings[-1]) and self._is_venue(block.text):
                return self._venue_and_city(block.text)
            for line in lines_of(block):
                sides = label_and_value(line) or ((line.pieces[0], line.pieces[1]) if len(line.pieces) == 2 else None)
                if self.credits.has_read(line) or not sides or credit_functions(sides[0], self.language):
                    continue
                if is_word("venue", sides[0]) and re.search(r"[a-zà-ÿа-я]", sides[1]) and "_" not in sides[1]:
                    return self._venue_and_city(sides[1].split("\n")[0])
        return None, None

    @cached_property
    def venue(self) -> tuple[str | None, str | None]:
        """Venue and city as printed for the run: a venue beside the time of an evening is that evening's."""
        if self._labelled_venue[0]:
            return self._labelled_venue
        evenings = self.evenings.evenings
        timed = {evening.block.id for evening in evenings if evening.time}
        in_rows = {
            block.id
            for evening in evenings
            for block in evening.box
            if len({other.date for other in evenings}) > 1 and len(evening.box) <= _BOX_BLOCKS
        }
        for block, text in self.notes:
            if after("co_production", text, self.language) or self._says_something_else(block, text):
                continue
            if block.id not in timed | in_rows and self._is_venue(text) and not self._has_venue_inside(block, text):
                return self._printed_place(block, text)
        return None, None

    def _says_something_else(self, block: Block, text: str) -> bool:
        """A price's category (*Amphitheatre | 48 €*), the head of a column, or the link to the house's start page."""
        if any(len(line.pieces) > 1 and self._price_hits(line) for line in lines_of(block)):
            return True
        if block.cells and sum(any(is_word(kind, cell) for kind in _COLUMNS) for cell in block.cells) > 1:
            return True
        if re.search(r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4,6}\s+[^\W\d_a-z]", block.text):
            return True  # a postal address
        if (further := re.search(rf"{re.escape(text)},\s+([^\W\d_])", block.text)) and further[1].islower():
            return True  # a sentence: "This theatre, its people and its evenings …"
        homes = zip(block.links, block.link_texts, strict=True)
        return any(words == text and not urlsplit(address).path.strip("/") for address, words in homes)

    def _has_venue_inside(self, block: Block, text: str) -> bool:
        """*Opera Main Stage* is two pieces of markup, one of which is the venue."""
        return any(piece != text and piece in text and self._is_venue(piece) for piece in block.parts)

    def _printed_place(self, block: Block, text: str) -> tuple[str, str | None]:
        printed = next(
            (piece for line in lines_of(block) for piece in (*line.pieces, line.text) if text in piece), text
        )
        return self._venue_and_city(self._place_in(printed, text))

    def _place_in(self, line: str, venue: str) -> str:
        """Return the venue with what follows a comma, where the line goes on: *Harbour Theatre, Carrowick*."""
        match = re.search(rf"{re.escape(venue)}(?:\s*,\s*[^,·|•\n–—]+)?", line)
        return match[0] if match else venue

    def _is_venue(self, text: str) -> bool:
        text = _bare_place(text)
        if not 3 < len(text) <= 70 or re.search(r"\d{3}|[:!?€$£|·•]|\.{2}|\s[–—-]\s", text) or not text[:1].isupper():
            return False
        title = key(self.section.title.text)
        if title in key(text) or f" {key(text)} " in f" {title} " or key(text) in _companies():
            return False
        words = text.split()
        long = [word for word in words if len(word) > 3]
        capitals = sum(word[:1].isupper() for word in long)
        is_room = len(words) == 2 and any(is_word("venue", word) for word in words)  # "Velká scéna", "Petite salle"
        return (
            (is_room or capitals >= max(1, 0.6 * len(long)))
            and _has_venue_noun(text)
            and not self._names_no_place(text)
        )

    def _names_no_place(self, text: str) -> bool:
        return bool(
            composer_named(re.sub(r"\s*\([^)]*\)$", "", text))
            or find_times(text, self.language)
            or genre_of(text, self.language) is not None
            or production_words(text, self.language)
            or any(language_code(word.strip(",")) for word in text.split())
            or contains("not_a_night", text, self.language)
        )

    def _venue_and_city(self, text: str) -> tuple[str, str | None]:
        text = _bare_place(text)
        venue, comma, city = text.rpartition(",")
        if comma and key(city) in self.context.house.cities:
            return venue.strip(), city.strip()
        return text, None

    @cached_property
    def season(self) -> str | None:
        """Season as printed in the section, else in the headings of the page."""
        for _, text in self.notes:
            for season in find_seasons(text):
                return season.printed
        return self.context.season

    @cached_property
    def sung_in(self) -> str | None:
        """ISO 639-1 code of the language sung, not that of surtitles."""
        for block in self.blocks:
            if len(block.text) > 400:
                continue
            for line in lines_of(block):
                for sentence in re.split(r"[.;•·|\n]|\s-\s", line.text):
                    code = self._language_in(sentence)
                    if code:
                        return code
        return None

    def _language_in(self, sentence: str) -> str | None:
        words = [word.strip(" :,()") for word in sentence.split()]
        folded = [key(word) for word in words]
        named = [(index, code) for index, word in enumerate(words) if (code := language_code(word, self.language))]
        if not named:
            return None
        surtitles = next((index for index, word in enumerate(folded) if _SURTITLES.search(word)), None)
        if self.language == "hu" and "nyelven" in folded[1:]:
            spoken = folded.index("nyelven") - 1
            return next((code for index, code in named if index == spoken), None)
        for found in phrases("sung_in", self.language).find(folded):
            for index, code in named:
                if not found.last <= index <= found.last + 2:
                    continue
                generic = len(found.phrase) <= 3  # "in", "en", "v": only in a line that is about the language
                if generic and not (len(words) <= 8 and (found.first == 0 or surtitles is not None)):
                    continue
                if not generic or surtitles is None or index != surtitles - 1:
                    return code
        if (
            surtitles is not None
            and len(words) <= 12
            and (len(named) > 1 or named[0][0] == 0)
            and named[0][0] < surtitles - 1
        ):
            return named[0][1]  # "Italian with English surtitles"
        return None

    @cached_property
    def duration(self) -> tuple[int | None, int | None]:
        """Length in minutes and number of intervals."""
        minutes: int | None = None
        intervals: int | None = None
        for block in self.blocks:
            for line in lines_of(block):
                if len(line.text) > 260 or (self.credits.has_read(line) and not line.is_row):
                    continue
                labelled = contains("duration", line.text, self.language)
                pauses = find_intermissions(line.text, self.language)
                lengths = find_durations(line.text, self.language)
                if minutes is None and lengths and (labelled or pauses or len(line.text) <= 30):
                    whole = lengths[0].minutes
                    if 20 <= whole <= 420:
                        minutes = whole
                if intervals is None and pauses and (labelled or lengths):
                    intervals = pauses[0].minutes
        return minutes, intervals

    def _co_producers(self) -> list[str]:
        for block in self.blocks:
            if len(block.text) > 400:
                continue
            for line in lines_of(block):
                text = line.text
                for word in production_words(text, self.language)[:1]:
                    text = text[word.end :] if word.start == 0 else text  # "New staging in co-production with …"
                rest = after("co_production", text, self.language)
                if rest and len(rest) > 3:
                    return [
                        name.strip(" .")
                        for name in re.split(
                            r"\s*[,;/]\s*|\s+(?:and|und|et|e|y|en|og|och|a|i|és|и)\s+", rest.strip(" .")
                        )
                        if name.strip(" .")
                    ]
        return []

    def _librettist(self) -> str | None:
        credits = [credit for credit in self.credits.credited if "librettist" in credit.functions]
        if not credits:
            return None
        block = credits[0].block
        names = [credit.name.name for credit in credits if credit.block is block]
        if len(names) == 1:
            return names[0]
        start, end = block.text.find(names[0]), block.text.find(names[-1]) + len(names[-1])
        return " ".join(block.text[start:end].split()) if 0 <= start < end else names[0]

    def _creative_team(self, nights: list[Night]) -> list[Credit]:
        team: dict[tuple[str, str], Credit] = {}
        for credit in self.credits.credited:
            own = self._nights(credit.name.nights) or self._night_above(credit.block) or nights
            for function in credit.functions:
                if function in {"composer", "librettist"} or _composed(credit):
                    continue
                name = credit.name.name
                known = team.get((key(name), function))
                if known is None:
                    team[key(name), function] = Credit(block=credit.block.id, name=name, function=function, nights=own)
                elif known.nights and own:
                    team[key(name), function] = known.model_copy(update={"nights": _union(known.nights, own)})
        if self.context.artist is not None and not team:
            for block, text in self._engagement:
                for function in credit_functions(text, self.language):
                    name = self.context.artist.name
                    team.setdefault(
                        (key(name), function), Credit(block=block.id, name=name, function=function, nights=[])
                    )
        return list(team.values())

    @property
    def _engagement(self) -> Iterator[tuple[Block, str]]:
        """The texts of a line in an artist's list besides the title: role or function among them."""
        for block in self.blocks:
            for line in lines_of(block):
                pieces = list(block.parts or line.pieces)
                if self.section.title.text in pieces:
                    pieces.remove(self.section.title.text)
                for piece in pieces:
                    yield from ((block, text) for text in dict.fromkeys([piece, *fragments(piece)]))

    def _roles_of_the_artist(self, artist: Artist) -> Iterator[CastMember]:
        known = {key(role) for _, works in self.works for work in works for role, _ in roles_of(work.work_id)}
        for block, text in self._engagement:
            if names_role(text, known) or (is_role_name(text) and not known):
                yield CastMember(
                    block=block.id,
                    performer=artist.name,
                    role=text,
                    voice_type=artist.voice,
                    kind=None,
                    replaces=None,
                    nights=[],
                )

    def _cast(self, nights: list[Night]) -> list[CastMember]:
        rows: dict[tuple[str, str], CastMember] = {}
        for sung in self.credits.sung:
            own = self._nights(sung.name.nights) or self._night_above(sung.block) or nights
            name = (key(sung.name.name), key(sung.role or ""))
            known = rows.get(name)
            if known is not None:
                if known.nights and own:
                    rows[name] = known.model_copy(update={"nights": _union(known.nights, own)})
                continue
            kind: CastKind = "main"
            if sung.is_cover:
                kind = "cover"
            elif sung.name.replaces:
                kind = "jump_in"
            elif sung.shared:
                kind = "alternate"
            rows[name] = CastMember(
                block=sung.block.id,
                performer=sung.name.name,
                role=sung.role,
                voice_type=sung.name.note if sung.name.note and voice_type(sung.name.note) else None,
                kind=kind,
                replaces=sung.name.replaces,
                nights=own,
            )
        if self.context.artist is not None and not rows:
            return list(self._roles_of_the_artist(self.context.artist))[:1]
        return list(rows.values())

    def _night_above(self, block: Block) -> list[Night]:
        """Return the evening that the heading above a cast names."""
        if block.headings:
            heading = block.headings[-1]
            found = [evening for evening in self.evenings.evenings if evening.block.text == heading]
            if len(found) == 1:
                return [_night(found[0])]
            days = self._nights_in(heading) if len(heading) <= _SHORT else []
            if days:
                return days
        if not self._casts_by_evening:
            return []
        return [_night(evening) for evening in self.evenings.evenings if block in evening.box]

    @cached_property
    def _casts_by_evening(self) -> bool:
        """Whether the boxes of several dates each hold a cast of their own."""
        sung = {entry.block.id for entry in self.credits.sung}
        boxes = {tuple(block.id for block in evening.box) for evening in self.evenings.evenings}
        return sum(bool(sung & set(box)) for box in boxes) > 1

    def _nights(self, printed: str | None) -> list[Night]:
        """Return the evenings a bracket names: dates, or days of the months in which the run plays."""
        return self._nights_in(printed) if printed else []

    def _nights_in(self, printed: str) -> list[Night]:
        evenings = sorted({evening.date for evening in self.evenings.evenings})
        if days := bare_days(printed):
            named = [[date for date in evenings if date.day == day] for day in days]
            return [Night(date=dates[0].isoformat(), time=None) for dates in named if len(dates) == 1]
        calendar = self.context.calendar
        reference = evenings[0] if evenings else calendar.reference
        hits = find_dates(printed, calendar.tag, reference, season=calendar.season, month_first=calendar.month_first)
        if any(hit.end_date is not None for hit in hits):
            return []
        dates = [hit.date for hit in hits]
        by_day = {(date.month, date.day): date for date in evenings}
        dates = [by_day.get((date.month, date.day), date) for date in dates]
        if len(evenings) > 1:
            dates = [date for date in dates if date in evenings]
        return [Night(date=date.isoformat(), time=None) for date in dict.fromkeys(dates)]

    def _prices(self, nights: list[Night]) -> list[TicketPrice]:
        found: dict[tuple[object, ...], TicketPrice] = {}
        for block in self.blocks:
            if len(block.text) > 400:
                continue
            for line in lines_of(block):
                if self.credits.has_read(line):
                    continue
                for hit in (hits := self._price_hits(line)):
                    price = self._price(block, line, hit, len(hits), nights)
                    if price is not None:
                        found.setdefault(
                            (key(price.category or ""), price.min, price.max, price.currency, price.kind), price
                        )
        return list(found.values())

    def _price_hits(self, line: Line) -> list[PriceHit]:
        currency, tag = self.context.house.currency, self.context.calendar.tag  # "en-US": it decides what $ is
        if not line.is_row:
            return list(find_prices(line.text, tag, currency))
        together = " ".join(line.pieces)
        if len(line.pieces) == 2 and not re.search(r"\d", line.pieces[0]):  # "From | 14 €"
            return list(find_prices(together, tag, currency))
        hits = [hit for text in line.pieces for hit in find_prices(text, tag, currency)]
        return hits or list(find_prices(together, tag, currency))

    def _price(self, block: Block, line: Line, hit: PriceHit, count: int, nights: list[Night]) -> TicketPrice | None:
        category = hit.category
        if (
            block.cells
            and count == 1
            and len(block.cells) == 2
            and hit.qualifier == "exact"
            and not re.search(r"\d[.,:]\d\d", block.cells[0])
            and hit.printed not in block.cells[0]
        ):
            category = " ".join(block.cells[0].split()).strip(" :")
        if category is not None and (
            find_times(category, self.language) or is_word("venue", category) or _is_price_word(category)
        ):
            category = None
        if hit.kind != "free" and (hit.currency is None or (hit.min in (None, 0) and hit.max in (None, 0))):
            return None
        if hit.kind == "free" and not category:
            return None  # the evening's availability says it
        return TicketPrice(
            block=block.id,
            category=category,
            nights=nights,
            min=float(hit.min) if hit.min is not None else None,
            max=float(hit.max) if hit.max is not None else None,
            currency=hit.currency,
            qualifier=hit.qualifier,
            kind=hit.kind,
        )

    def _performances(self) -> list[Performance]:
        evenings = self.evenings.evenings
        return [
            Performance(
                block=evening.block.id,
                date=evening.date.isoformat(),
                time=evening.time,
                year_inferred=evening.year_inferred,
                venue=place[0],
                city=place[1],
                status=evening.status,
                availability=evening.availability,
                type=evening.type,
                ticket_url=evening.ticket_url,
            )
            for evening in evenings
            for place in [self._place_of(evening)]
        ]

    @property
    def _is_one_evening(self) -> bool:
        """Whether the section is a box of a calendar: all it says holds for its evening."""
        evenings = self.evenings.evenings
        return len(evenings) == 1 and evenings[0].time is not None and not self.section.is_main

    def _place_of(self, evening: Evening) -> tuple[str | None, str | None]:
        """Return the venue and city printed beside the time of an evening, or in its box of a calendar."""
        if evening.time is None and not self._is_one_evening:
            return None, None
        if self._columns(evening.block):
            return self._place_in_columns(evening.block)
        beside = evening.box if len(evening.box) <= _BOX_BLOCKS else ()
        for block in dict.fromkeys((evening.block, *beside)):
            for line in lines_of(block):
                pieces = (*(block.parts if line.is_row else ()), *line.pieces)
                for text in dict.fromkeys(
                    [*pieces, *(part for piece in (line.text, *pieces) for part in fragments(piece))]
                ):
                    if self._is_venue(text) and not self._has_venue_inside(block, text):
                        return self._printed_place(block, text)
        return self.venue if self._is_one_evening else (None, None)

    def _columns(self, block: Block) -> dict[Kind, int]:
        """Return where the head of a row's table puts venue and city, where it names two columns at least."""
        if len(block.cells) < 3:
            return {}
        table = block.path.rpartition("/tr")[0].rpartition("/t")[0]
        for other in self.blocks if table else ():
            if is_inside(other.path, table) and len(other.cells) >= len(block.cells) - 1:
                fits = [[kind for kind in _COLUMNS if is_word(kind, cell)] for cell in other.cells]
                named = {only[0]: index for index, only in enumerate(fits) if len(only) == 1}
                for index, several in enumerate(fits):  # "Ort" is a town beside "Theater"
                    named |= {
                        kind: index for kind in several[:0:-1] if kind not in named and index not in named.values()
                    }
                return named if len(named) > 1 and {"venue", "city"} & set(named) else {}
        return {}

    def _place_in_columns(self, block: Block) -> tuple[str | None, str | None]:
        columns = self._columns(block)
        kinds: tuple[Kind, ...] = ("venue", "city")
        cells = [block.cells[columns[kind]] if columns.get(kind, 99) < len(block.cells) else "" for kind in kinds]
        return cells[0] or None, cells[1] or None

    def _works(self) -> list[Work]:
        extent = self._extent()
        if not self._several_works and extent is None:
            return []
        composers = self._composers
        works = []
        for number, (title, _) in enumerate(self.section.title.works):
            composer = composers[number] if len(composers) == len(self.section.title.works) else None
            works.append(Work(block=self.id, title=title, composer=composer, version=None, extent=extent))
        return works

    def _extent(self) -> Extent | None:
        for block in self.blocks:
            if len(block.text) > 300 or not self.section.title.works:
                continue
            for line in lines_of(block):
                if self.credits.has_read(line):
                    continue  # "Libretto by … after the play by …" speaks of its source
                for kind in _EXTENTS:
                    if contains(kind, line.text, self.language):
                        return kind
        return None

    # --- the production

    def read(self) -> ReadProduction:
        """Return the section as a production; the caller decides whether it is one."""
        evenings = self.evenings.evenings
        # Whoever a box of a calendar names is sure for its evenings only; the whole page speaks of the whole run.
        nights = [Night(date=evening.date.isoformat(), time=evening.time) for evening in evenings]
        own = nights if self._is_one_evening else []
        venue, city = (None, None) if self._is_one_evening else self.venue
        minutes, intervals = self.duration
        words = [word for _, word in self._words]
        premiere = [evening.date for evening in evenings if evening.type == "premiere" or evening.is_first]
        closing = [evening.date for evening in evenings if evening.type == "last_night"]
        last = self.evenings.run_last or (closing[-1] if closing else None)
        cast, team = self._cast(own), self._creative_team(own)
        production = Production(
            block=self.id,
            opera_title=self.section.title.text,
            composer=self.composer,
            librettist=self._librettist(),
            production_title=self.section.title.production_title,
            season=self.season,
            language=self.sung_in,
            genre=self.genre,
            venue=venue,
            city=city,
            production_type=self._production_type(),
            presentation=self._presentation(),
            is_family=True if any(word.meaning == "children_version" for word in words) else None,
            is_world_premiere=True if any(word.meaning == "world_premiere" for word in words) else None,
            premiere_date=premiere[0].isoformat() if premiere else None,
            closing_date=last.isoformat() if last else None,
            duration_minutes=minutes,
            intermissions=intervals,
            premiere_words=list(
                {
                    key(word.printed): word.printed for word in reversed(words) if word.meaning in _PREMIERE_WORDS
                }.values()
            )[::-1],
            co_producers=self._co_producers(),
            works=self._works(),
            creative_team=team,
            cast_members=cast,
            performances=self._performances(),
            ticket_prices=self._prices(own),
        )
        return ReadProduction(
            production,
            is_known=bool(self.works),
            is_main=self.section.is_main,
            credit_count=len(team),
            cast_count=len(cast),
            evening_count=len(evenings) + (self.evenings.run_last is not None),
            genre_printed=self._printed_genre is not None,
        )

    def _production_type(self) -> ProductionType | None:
        """A premiere alone does not say that the staging is new: it may be new to this stage."""
        words = {word.meaning for _, word in self._words} & {"new_production", "revival", "rental"}
        kinds = {says(word, "production_type") for word in words}
        return kinds.pop() if len(kinds) == 1 else None  # type: ignore[return-value]

    def _presentation(self) -> Presentation | None:
        return self._first("presentation")  # type: ignore[return-value]


def places_of(section: Section) -> Iterator[tuple[tuple[str, str, int], str]]:
    """Yield the short texts of a section with their place in the layout: likewise placed texts say likewise things.

    Only the row of the title and lines of one piece count: a row of label and value means what its label says.
    """
    title = section.title.text
    for block in section.blocks:
        for line in lines_of(block):
            if line.is_row and block is not section.block:
                continue
            pieces = (block.parts or line.pieces) if line.is_row else (line.text,)
            anchor = next((index for index, piece in enumerate(pieces) if title in piece), 0)
            for index, piece in enumerate(pieces):
                if len(piece) <= 60:
                    yield (pattern(block.path), block.kind, index - anchor), piece


@cache
def _companies() -> frozenset[str]:
    """Folded names of companies that are not also the name of their stage."""
    companies = rows("companies")
    venues = {key(row["main_venue"]) for row in companies}
    return frozenset(key(row[name]) for row in companies for name in ("name", "native_name")) - venues - {""}


@lru_cache(maxsize=32_768)
def _has_venue_noun(text: str) -> bool:
    """Tell whether a short text holds a word of venues' names, and no other word that makes a group or an event."""
    folded = key(text).split()
    found = list(phrases("venue_noun", None).find(folded))
    compound = any(word.endswith(_VENUE_ENDINGS) and len(word) > 7 for word in folded)
    if not (found or compound) or len(folded) > 8:
        return False
    if folded[0] in {"oper", "opera"} and folded[1:2] and folded[1] in _AFTER_OPERA:
        return False  # "Oper im Dialog", "Opera for all"
    nouns = {index for hit in found for index in range(hit.first, hit.last)}
    return not is_ensemble(" ".join(word for index, word in enumerate(folded) if index not in nouns))


def _composed(credit: Credited) -> bool:
    """Whether somebody is credited with the music: *After Mozart* names a composer, *after Hugo* a writer."""
    return "composer" in credit.functions or (
        "source_author" in credit.functions and composer_named(credit.name.name) is not None
    )


def _is_sentence(text: str) -> bool:
    """*Tenor Jonah Castellaw returns after his success as Rodolfo.* speaks of somebody, not of the run."""
    return text.endswith(".") and len(text.split()) > 6


def _night(evening: Evening) -> Night:
    return Night(date=evening.date.isoformat(), time=evening.time)


def _union(first: list[Night], second: list[Night]) -> list[Night]:
    return list({(night.date, night.time): night for night in (*first, *second)}.values())


_AFTER_OPERA = frozenset(
    {"im", "in", "for", "fur", "pour", "per", "para", "am", "mit", "with", "zum", "zur", "to", "voor"}
)
_VENUE_ENDINGS = (
    "theater",
    "haus",
    "halle",
    "saal",
    "bühne",
    "buhne",
    "philharmonie",
    "foyer",
    "teatern",
    "operan",
    "huset",
    "salen",
    "szinhaz",
    "haz",
    "divadlo",
)


def _bare_place(text: str) -> str:
    """Return a place without the preposition before it: *at Jeanne Lamon Hall*, *im Großen Haus* stays as it is."""
    return re.sub(r"^(?:at|at the|in the|@|au|à|à l'|à la)\s+", "", text.strip(" ,.()"))


@lru_cache(maxsize=32_768)
def genre_of(text: str, language: str | None) -> Genre | None:
    """Return the genre a short text names: *Oper*, *Opera 2025/26*, *Opera in tre atti di …*; else None."""
    if len(text) > _SHORT:
        return None
    bare = re.sub(r"\d{2,4}(?:\s?[/–-]\s?\d{2,4})?|\([^)]*\)", " ", text).strip(" .,:–—-/")
    genre = genre_phrases(language).get(bare)
    if genre is not None:
        return genre
    words = bare.split()
    found = next(iter(genre_phrases(language).find([key(word).replace(" ", "") for word in words])), None)
    if found is None or found.first > 1 or found.last >= len(words):
        return None
    rest = words[found.last :]
    if not (found.first == 0 or words[0].islower() or len(words[0]) <= 3):
        return None
    by_somebody = composer_in(text, language) is not None or is_person(
        after("by", " ".join(rest), language) or "", language
    )
    return found.value if by_somebody or (rest[0][0].islower() and _ACTS.search(key(bare))) else None


_ACTS = re.compile(
    r"\b(?:akt|act|att[oi]\b|aufzug|aufzug|bild|jednan|felvonas|teil|tabl|quadr|scen|obraz|part)|действ|карт|πραξ"
)


def _genre_of(work: KnownWork) -> Genre:
    genre = key(work.genre)
    return "operetta" if "operett" in genre else "zarzuela" if "zarzuela" in genre else "opera"


def _is_related(block: Block) -> bool:
    return any(after("related", heading, None) is not None for heading in block.headings)


_SURTITLES = re.compile(
    r"surtit|subtit|obertit|ubertit|sottotit|sopratit|sobretit|boventit|supratit|overtext|textning|titulk|felirat|napis|"
    r"tekstit|субтит|титр|υποτιτλ|υπερτιτλ"
)


def _is_price_word(text: str) -> bool:
    return key(text) in {
        "preis",
        "preise",
        "tickets",
        "karten",
        "price",
        "prices",
        "prix",
        "tarif",
        "tarifs",
        "prezzo",
        "prezzi",
        "precio",
        "precios",
        "cena",
        "ceny",
        "from",
        "ab",
    }
