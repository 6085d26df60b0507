"""Reads the fiscal years of an annual report, for the extractor without a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from opera_spiders.extraction.blocks import PageBlocks
from opera_spiders.extraction.figures import Figure, read_figures
from opera_spiders.extraction.financial_words import COSTS, FIELDS
from opera_spiders.extraction.schema import FinancialYear
from opera_spiders.text import key

_LEAST_FIELDS = 2  # a single figure with a year is a sentence, no statement


def read_financials(page: PageBlocks, language: str | None, default_currency: str | None = None) -> list[FinancialYear]:
    """Return the fiscal years of which a page prints a statement, in its order.

    Of each field the table with most fields of the year speaks; where two lines of it claim a field, none does.
    """
    by_year: dict[tuple[tuple[int, bool], bool], list[Figure]] = defaultdict(list)
    for figure in read_figures(page, language, default_currency):
        if figure.year is not None and figure.field is not None:
            by_year[figure.year.year, figure.year.is_estimated].append(figure)
    years = [_financial_year(page, is_estimated, figures) for (_, is_estimated), figures in by_year.items()]
    return [year for year in years if year is not None]


def _financial_year(page: PageBlocks, is_estimated: bool, figures: Sequence[Figure]) -> FinancialYear | None:
    tables: dict[int, list[Figure]] = defaultdict(list)
    for figure in figures:
        tables[figure.table].append(figure)
    ordered = sorted(tables.values(), key=lambda table: -len({figure.field for figure in table}))
    first = ordered[0][0]
    unit = first.unit
    chosen: dict[str, Figure] = {}
    for table in ordered:
        for field in sorted({figure.field for figure in table if figure.field}):
            best = _figure_of(field, [figure for figure in table if figure.field == field])
            if best is not None and best.unit.multiplier == unit.multiplier:
                chosen.setdefault(field, best)
    if len(chosen) < _LEAST_FIELDS:
        return None
    costs = [figure.amount for field, figure in chosen.items() if field in COSTS]
    are_costs_negative = bool(costs) and all(amount <= 0 for amount in costs)
    amounts = {
        field: float(-figure.amount if field in COSTS and are_costs_negative else figure.amount)
        for field, figure in chosen.items()
    }
    label = next((f.year for f in chosen.values() if f.year is not None and f.year.printed), first.year)
    assert label is not None, "figures without a year belong to none"
    currencies = {figure.currency for figure in chosen.values() if figure.currency}
    return FinancialYear(
        block=page.blocks[label.number].id,
        fiscal_year=label.printed or _printed(label.year),
        period_start=None,
        period_end=None,
        currency=currencies.pop() if len(currencies) == 1 else None,
        unit_multiplier=unit.multiplier,
        is_estimated=is_estimated,
        **{field: amounts.get(field) for field in FIELDS},
    )


def _printed(year: tuple[int, bool]) -> str:
    first, is_double = year
    return f"{first}/{(first + 1) % 100:02}" if is_double else str(first)


def _figure_of(field: str, figures: Sequence[Figure]) -> Figure | None:
    """Return the figure of a field in one table: the only one, or the one that is the sum of the others."""
    best = [figure for figure in figures if figure.is_exact] or list(figures)
    if len({figure.amount for figure in best}) == 1:
        return best[0]
    total = _sum_line(best)
    if total is not None:
        return total
    same = {key(figure.label) for figure in best}
    return best[0] if len(same) == 1 and field.startswith("total") else None


def _sum_line(figures: Iterable[Figure]) -> Figure | None:
    figures = list(figures)
    for figure in figures:
        others = sum((other.amount for other in figures if other is not figure), Decimal(0))
        if figure.amount == others:
            return figure
    return None
