"""Evidence for prices: amounts with their category, currency and nights."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, cached_property, lru_cache

from opera_spiders.extraction.dates import find_durations, find_times
from opera_spiders.extraction.evidence import Found, Section, json_objects
from opera_spiders.extraction.people_evidence import PeopleEvidence
from opera_spiders.extraction.prices import PriceHit, parse_amount
from opera_spiders.extraction.schema import TicketPrice
from opera_spiders.extraction.vocabulary import EVERY_LANGUAGE, Phrases, rows
from opera_spiders.text import key

PLAIN_AMOUNT = re.compile(
    r"(?<![\d.,:/-])(?:\d{1,3}(?:[  ’']\d{3})+|\d{1,3}(?:[.,]\d{3})+(?![\d])|\d+)(?:[.,]\d{1,2}(?!\d))?(?![\d:/])"
)
_AMBIGUOUS_SIGN = re.compile(r"\$|(?<![^\W\d_])kr\.?(?![^\W\d_])", re.IGNORECASE)
_SIGN_CURRENCIES = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "MXN", "ARS", "CLP", "COP", "HKD", "SGD", "TWD"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}


class PriceEvidence(PeopleEvidence):
    """Grounds ticket prices."""

    def _price(
        self,
        pointer: str,
        price: TicketPrice,
        section: Section,
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> None:
        own = self._own(pointer, price.block)
        if price.min is not None and price.max is not None and price.min > price.max:
            self._error(f"{pointer}/max", f"The highest price {price.max} is below the lowest {price.min}.")
        rank = self._order(own, section)
        candidates = [own] if own is not None and not section.is_foreign(own) else []
        if not candidates or not any(hit.min or hit.max for hit in self.index.prices_in(candidates[0])):
            priced = (n for n in self._priced if n != own and not section.is_foreign(n))
            candidates += sorted(priced, key=rank)
        found = next((hit for number in candidates if (hit := self._price_in(price, number)) is not None), None)
        found = self._said_of_all(found, section)
        for name in ("min", "max"):
            if getattr(price, name) is not None:
                self._put(f"{pointer}/{name}", found, own, section)
        category = None
        if price.category is not None and found is not None and found.number is not None:
            category = self._said_of_all(self._category_at(price.category, found.number), section)
        if price.category is not None:
            self._put(f"{pointer}/category", category, own, section)
        if price.currency is not None:
            if not re.fullmatch(r"[A-Z]{3}", price.currency):
                self._error(f"{pointer}/currency", f"{price.currency!r} is no ISO 4217 code.")
            number = found.number if found is not None else own
            currency = self._said_of_all(self._currency(price.currency, number, section), section)
            self._put(f"{pointer}/currency", currency, own, section)
        self._price_enums(pointer, price, found, own, section)
        same = {found.number} if found is not None and price.nights else set()
        if same:
            same |= {n for n in self._priced if n in section or self._below_evening(n, section)}
        days = [
            (date, time, Found(number, hit.printed))
            for number in sorted(n for n in same if n is not None)
            if self._price_in(price, number) is not None
            for date, time, hit in self._readings(number)
        ]
        self._put_nights(pointer, price.nights, days, found, own=own, section=section, evenings=evenings)

    def _said_of_all(self, found: Found | None, section: Section) -> Found | None:
        """Evidence in a list of prices under a heading of its own, which belongs to no single production."""
        if found is None or found.number is None or found.number in section or not section.owners:
            return found
        heads = self.index.headings[found.number][-1:]
        is_shared = not section.owners[found.number] and any(
            names_price(self.index.blocks[head].text, self.index.language) for head in heads
        )
        return replace(found, status=found.status or "section") if is_shared else found

    def _below_evening(self, number: int, section: Section) -> bool:
        """Tell whether a line belongs to the entry of one of the production's evenings."""
        return any(below == number for evening in section.evenings for below, _ in self._below(evening))

    @cached_property
    def _priced(self) -> list[int]:
        return [number for number in range(len(self.index.blocks)) if self.index.prices_in(number)]

    def _amounts(self, number: int) -> set[Decimal]:
        """The amounts a block prints: prices, and in structured data or table rows plain numbers too."""
        hits = self.index.prices_in(number)
        amounts = {amount for hit in hits for amount in (hit.min, hit.max) if amount is not None}
        block = self.index.blocks[number]
        if block.kind in ("json", "row") or not amounts:
            amounts |= self._plain(block.text, number)
        return amounts

    def _plain(self, text: str, number: int) -> set[Decimal]:
        """The numbers in a text of a block that may be prices without a currency beside them.

        Outside structured data the page must speak of prices there; a date, a time or a length of time is never one.
        """
        block = self.index.blocks[number]
        if block.kind != "json" and not self._speaks_of_prices(number):
            return set()
        taken = [(hit.start, hit.end) for hit in self.index.dates_in(text, number)]
        if block.kind != "json":
            taken += [(hit.start, hit.end) for hit in find_times(text, self.index.language) if ":" in hit.printed]
            for duration in find_durations(text, self.index.language):
                start = text.find(duration.printed)
                taken.append((start, start + len(duration.printed)))
        return {
            parse_amount(match.group())
            for match in PLAIN_AMOUNT.finditer(text)
            if not any(start <= match.start() < end for start, end in taken)
        }

    def _speaks_of_prices(self, number: int) -> bool:
        """Tell whether a currency or a word for prices stands in a block, its heading, its table or the line before."""
        if self.index.prices_in(number):
            return True
        numbers = {number, *self.index.headings[number][-1:], max(number - 1, 0)}
        if self.index.blocks[number].cells:
            numbers.update(self._rows_around(number))
        return any(names_price(self.index.blocks[n].text, self.index.language) for n in numbers)

    def _price_in(self, price: TicketPrice, number: int) -> Found | None:
        """The block prints both amounts, as one range, one price, or the ends of a list, and for this category."""
        wanted = [Decimal(str(value)) for value in (price.min, price.max) if value is not None]
        if not wanted:
            hits = self.index.prices_in(number)
            return Found(number, hits[0].printed) if hits and price.kind == "free" else None
        hits = self.index.prices_in(number)
        if price.category is not None:
            own = [hit for hit in hits if hit.category and key(hit.category) == key(price.category)]
            column = self._column_of(price.category, number)
            if column is not None:
                cell = self.index.blocks[number].cells[column]
                hits = tuple(hit for hit in hits if hit.printed in cell)
                allowed = self._plain(cell, number)
            elif own:
                hits, allowed = tuple(own), _amounts_of(own)
            else:
                if self._category_at(price.category, number) is None:
                    return None
                allowed = self._amounts_beside(price.category, number) or self._amounts(number)
        else:
            allowed = self._amounts(number)
        if not all(amount in allowed for amount in wanted):
            return None
        quote = next((hit.printed for hit in hits if {hit.min, hit.max} & set(wanted)), None)
        return Found(number, quote or _printed_amount(self.index.blocks[number].text, wanted[0]))

    def _column_of(self, category: str, number: int) -> int | None:
        """The column of a category that stands in the head of a table, above a row of amounts."""
        above = number - 1
        width = len(self.index.blocks[number].cells)
        while width > 2 and above >= 0 and len(self.index.blocks[above].cells) == width:
            folded = [key(cell) for cell in self.index.blocks[above].cells]
            if key(category) in folded and not self.index.prices_in(above):
                return folded.index(key(category))
            above -= 1
        return None

    def _category_at(self, category: str, number: int) -> Found | None:
        places = self.index.places(category)
        if self._column_of(category, number) is not None:
            head = next(p for p in reversed(places) if p.number < number and len(self.index.blocks[p.number].cells) > 2)
            return Found(number, self.index.quote(head))
        whole = [p for p in places if key(category) in map(key, self.index.blocks[p.number].cells)]
        for place in whole or places:
            if place.number == number or place.number in self.index.headings[number][-1:]:
                return Found(place.number, self.index.quote(place))
            if place.number == number - 1 and not self.index.prices_in(place.number):
                return Found(place.number, self.index.quote(place))
        return None

    def _amounts_beside(self, category: str, number: int) -> set[Decimal]:
        """Amounts in a category's own stretch of a block: its cells behind, or the text up to the next cell."""
        block = self.index.blocks[number]
        if block.kind == "json":
            return _amounts_in_object(block.text, category)
        equal = key(category) in map(key, block.cells)
        for at, cell in enumerate(block.cells):
            if key(category) == key(cell) or (not equal and key(category) in key(cell)):
                beside = " ".join(block.cells[at:])
                return self._plain(beside, number)
        for line in block.text.split("\n"):
            if key(category) in key(line) and len(block.text.split("\n")) > 1:
                return self._plain(line, number)
        return set()

    def _currency(self, currency: str, number: int | None, section: Section) -> Found | None:
        numbers = [number] if number is not None else []
        numbers += [n for n in self._priced if n in section and n != number]
        numbers += [n for n in self._priced if n not in section]
        for at in numbers:
            for hit in self.index.prices_in(at):
                if hit.currency == currency:
                    return Found(at, hit.printed)
                sign = _AMBIGUOUS_SIGN.search(hit.printed)
                if hit.currency is None and sign and currency in _SIGN_CURRENCIES[sign.group().lower().rstrip(".")]:
                    return Found(at, sign.group(), "inferred")
        for word in (currency, *_currency_words(currency)):
            for place in self.index.places(word):
                return Found(place.number, self.index.quote(place))
        return None

    def _price_enums(
        self, pointer: str, price: TicketPrice, found: Found | None, own: int | None, section: Section
    ) -> None:
        hits: Sequence[PriceHit] = self.index.prices_in(found.number) if found and found.number is not None else ()
        if price.qualifier is not None:
            evidence = found and Found(found.number, found.quote, "inferred")
            if price.qualifier != "exact" and not any(hit.qualifier == price.qualifier for hit in hits):
                evidence = None
            self._put(f"{pointer}/qualifier", evidence, own, section)
        if price.kind is not None:
            evidence = found and Found(found.number, found.quote, "inferred")
            if price.kind != "paid" and not any(hit.kind == price.kind for hit in hits):
                evidence = None
            self._put(f"{pointer}/kind", evidence, own, section)


@cache
def _currency_words(currency: str) -> tuple[str, ...]:
    """Return the words by which a currency is written, signs left out: *euro* for EUR."""
    named = (row["word"] for row in rows("price_words") if (row["kind"], row["value"]) == ("currency", currency))
    return tuple(word for word in named if len(key(word)) > 2)


@cache
def _price_words(language: str | None) -> tuple[Phrases[str], tuple[str, ...]]:
    """The words for prices and currencies of a language, of English and of all languages; and the currency signs."""
    words, signs = {}, []
    for row in rows("price_words"):
        folded = key(row["word"])
        if row["kind"] == "currency" and not folded:
            signs.append(row["word"])
        elif folded and row["kind"] in ("currency", "price") and row["language"] in (language, "en", EVERY_LANGUAGE):
            words[folded] = row["word"]
    return Phrases(words), tuple(signs)


@lru_cache(maxsize=4096)
def names_price(text: str, language: str | None) -> bool:
    """Tell whether a text holds a currency or a word for prices."""
    words, signs = _price_words(language)
    return any(sign in text for sign in signs) or next(iter(words.find(key(text).split())), None) is not None


def _printed_amount(text: str, amount: Decimal) -> str:
    return next((m.group() for m in PLAIN_AMOUNT.finditer(text) if parse_amount(m.group()) == amount), str(amount))


def _amounts_of(hits: Iterable[PriceHit]) -> set[Decimal]:
    return {amount for hit in hits for amount in (hit.min, hit.max) if amount is not None}


def _amounts_in_object(text: str, category: str) -> set[Decimal]:
    """The amounts of the object whose fields name a category."""
    for value in json_objects(text):
        if any(isinstance(item, str) and key(item) == key(category) for item in value.values()):
            fields = " ".join(str(item) for item in value.values() if not isinstance(item, (dict, list)))
            return {parse_amount(match.group()) for match in PLAIN_AMOUNT.finditer(fields)}
    return set()
