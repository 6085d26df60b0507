"""Evidence for financial figures: an amount with its line, the year of its column, and its unit.

A figure is ``verified`` or ``section`` where the page prints it in the line of this field, under this year and in this
unit; ``elsewhere`` where nobody knows what its line or its column means; ``absent`` where they say something else.
The quote is the whole row, since the number alone states nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property

from opera_spiders.extraction.evidence import Found, date_of
from opera_spiders.extraction.figures import Figure, read_figures
from opera_spiders.extraction.financial_words import COSTS, FIELDS, has_column_word, units_in, year_labels
from opera_spiders.extraction.price_evidence import PriceEvidence
from opera_spiders.extraction.schema import FinancialYear


class FinancialEvidence(PriceEvidence):
    """Grounds fiscal years."""

    @cached_property
    def _figures(self) -> tuple[Figure, ...]:
        return read_figures(self.page.blocks, self.index.language, self.index.currency)

    def _financials(self, pointer: str, year: FinancialYear) -> None:
        own = self._own(pointer, year.block)
        values = {
            name: Decimal(str(value))
            for name, value in year.model_dump().items()
            if name in FIELDS and value is not None
        }
        printed = [
            figure
            for figure in self._figures
            for name, value in values.items()
            if figure.field in (name, None) and _is_amount(figure, name, value) and _is_of_year(figure, year)
        ]
        for name, value in values.items():
            self._put(f"{pointer}/{name}", self._figure(name, value, year), own, self.whole)
        found: dict[str, Found | None] = {}
        if year.fiscal_year is not None:
            found["fiscal_year"] = self._fiscal_year(year, own)
        if year.currency is not None:
            found["currency"] = self._currency_of_figures(year.currency, printed, own)
        if year.unit_multiplier is not None:
            found["unit_multiplier"] = self._unit(year.unit_multiplier, list(values.values()), printed, own)
        if year.is_estimated is not None:
            found["is_estimated"] = self._estimated(year, own)
        for name in ("period_start", "period_end"):
            if getattr(year, name) is not None:
                found[name] = self._period(f"{pointer}/{name}", getattr(year, name), year)
        for name, evidence in found.items():
            self._put(f"{pointer}/{name}", evidence, own, self.whole)

    def _figure(self, name: str, value: Decimal, year: FinancialYear) -> Found | None:
        """The row that prints an amount as this line of this year, in this unit."""
        unknown = None
        for figure in self._figures:
            if not _is_amount(figure, name, value) or figure.unit.multiplier != (year.unit_multiplier or 1):
                continue
            if year.currency and figure.currency and year.currency != figure.currency:
                continue
            if figure.year is not None and not _is_of_year(figure, year):
                continue
            if figure.field == name and figure.year is not None:
                return Found(figure.number, figure.row)
            if figure.field == name or not figure.is_known:
                unknown = unknown or Found(figure.number, figure.row, "elsewhere")
        return unknown

    def _fiscal_year(self, year: FinancialYear, own: int | None) -> Found | None:
        for figure in self._figures:
            if _is_of_year(figure, year) and figure.year is not None and figure.year.printed:
                return Found(figure.year.number, figure.year.printed)
        return self._words(str(year.fiscal_year), own, self.whole)

    def _currency_of_figures(self, currency: str, printed: Sequence[Figure], own: int | None) -> Found | None:
        stated = {figure.currency: figure.currency_at for figure in printed if figure.currency}
        if stated:
            at = stated.get(currency)
            return Found(at.number, at.printed) if at else None
        return self._words(currency, own, self.whole) or self._currency(currency, own, self.whole)

    def _unit(
        self, multiplier: int, values: Sequence[Decimal], printed: Sequence[Figure], own: int | None
    ) -> Found | None:
        """What the figures are counted in, by the words nearest to them; for other numbers by any words of the page."""
        amounts = {abs(value) for value in values}
        figures = printed or [figure for figure in self._figures if abs(figure.amount) in amounts]
        for figure in figures:
            if figure.unit.multiplier == multiplier:
                return Found(figure.unit_at, figure.unit.printed, "inferred")
        if figures:
            return None
        if multiplier == 1:
            return Found(own, "", "inferred")
        rank = self._order(own, self.whole)
        for number in sorted(range(len(self.index.blocks)), key=rank):
            for unit in units_in(self.index.blocks[number].text, self.index.language, self.index.currency):
                if unit.multiplier == multiplier:
                    return Found(number, unit.printed, "inferred")
        return None

    def _estimated(self, year: FinancialYear, own: int | None) -> Found | None:
        """A budget or forecast says so in the head of its column, in a heading or in the block named."""
        of_year = [f.year for f in self._figures if f.year is not None and f.year.year in _years_of(year)]
        for head in of_year:
            if head.is_estimated == year.is_estimated:
                return Found(head.number, head.printed, "inferred")
        if of_year and not year.is_estimated:
            return None  # all figures of this year stand under a budget's head
        if not year.is_estimated:
            return Found(own, "", "inferred")
        for number in (own, *self.index.headings[own]) if own is not None else ():
            if number is not None and has_column_word("estimate", self.index.blocks[number].text, self.index.language):
                return Found(number, self.index.blocks[number].text, "inferred")
        return None

    def _period(self, pointer: str, value: str, year: FinancialYear) -> Found | None:
        """A printed date that lies in the fiscal year, or on the last day before or first day behind it."""
        day = date_of(value)
        if day is None:
            self._error(pointer, f"{value!r} is no date of the calendar (YYYY-MM-DD).")
            return None
        years = {
            calendar
            for first, is_double in _years_of(year, by_period=False)
            for calendar in _calendar(first, is_double)
        }
        if years and day.year not in years:
            return None
        numbers = self._dated.get(day, [])
        hit = next(
            (hit for n in numbers[:1] for hit in self.index.printed_dates(n) if day in (hit.date, hit.end_date)), None
        )
        return Found(numbers[0], hit.printed if hit else value) if numbers else None


def _calendar(first: int, is_double: bool) -> Iterator[int]:
    yield first
    if is_double:
        yield first + 1
    else:
        yield first - 1  # "the year ended 31 March 2025" began in 2024


def _years_of(year: FinancialYear, *, by_period: bool = True) -> frozenset[tuple[int, bool]]:
    """Return the fiscal years an answer means by its label, or without one by its period."""
    labels = year_labels(year.fiscal_year) if year.fiscal_year else ()
    if labels:
        return frozenset({labels[0].year})
    end = date_of(year.period_end) if year.period_end and by_period else None
    return frozenset({(end.year, False), (end.year - 1, True)}) if end else frozenset()


def _is_of_year(figure: Figure, year: FinancialYear) -> bool:
    return (
        figure.year is not None
        and figure.year.year in _years_of(year)
        and figure.year.is_estimated == bool(year.is_estimated)
    )


def _is_amount(figure: Figure, name: str, value: Decimal) -> bool:
    """Tell whether a figure prints a value. Costs are printed with a minus or in brackets where income is not."""
    return figure.amount == value or (name in COSTS and figure.amount == -value)
