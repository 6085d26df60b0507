"""Puts the answers of one page together: the same production once, the same evening once, the union of the casts.

The parts of a long page, the boxes of a calendar and the structured data beside the text each tell a piece of the
same run. Everything here is decided by values and by order, so the same answers always merge to the same page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from opera_spiders.extraction.schema import (
    CastMember,
    Company,
    Credit,
    FinancialYear,
    Night,
    PageExtraction,
    Performance,
    Production,
    TicketPrice,
    Work,
)
from opera_spiders.text import key

RUN_GAP_DAYS = 120  # evenings further apart than this are two runs of a title, on pages that list several seasons

Item = TypeVar("Item", Work, Credit, CastMember, Performance, TicketPrice, Company, FinancialYear, Production)
Nightly = TypeVar("Nightly", Credit, CastMember, TicketPrice)


def merge(extractions: Sequence[PageExtraction]) -> PageExtraction:
    """Return one answer for a page from the answers for its parts, in the order of the page.

    :raises ValueError: there is no answer to merge
    """
    if not extractions:
        raise ValueError("There is no extraction to merge.")
    companies = [extraction.company for extraction in extractions if extraction.company is not None]
    types = [extraction.page_type for extraction in extractions]
    return PageExtraction(
        page_type=next((kind for kind in types if kind != "other"), "other"),
        language=next((extraction.language for extraction in extractions if extraction.language), None),
        company=_filled(companies) if companies else None,
        productions=merge_productions(
            [production for extraction in extractions for production in extraction.productions]
        ),
        financials=_grouped(
            [year for extraction in extractions for year in extraction.financials],
            lambda year: (year.fiscal_year, year.period_end, year.is_estimated),
            _filled,
        ),
    )


def merge_productions(productions: Sequence[Production]) -> list[Production]:
    """Return each run once, in the order in which the page first names it.

    Entries are one run when their titles and presentation agree and their evenings are not seasons apart. A
    presentation the page leaves out agrees with any.
    """
    runs: list[list[Production]] = []
    for production in productions:
        same = [run for run in runs if _same_run(run, production)]
        if not same:
            runs.append([production])
            continue
        same[0].append(production)
        for other in same[1:]:  # it stands between two pieces of one run
            if all(_same_run(same[0], member) for member in other):
                same[0].extend(other)
                runs.remove(other)
    return [_merged(run) if len(run) > 1 else tidied(run[0]) for run in runs]


def tidied(production: Production) -> Production:
    """Return ``production`` with its evenings in order, and singers who share a role night by night as alternates."""
    return production.model_copy(
        update={
            "performances": sorted(production.performances, key=lambda evening: (evening.date, evening.time or "")),
            "cast_members": _with_alternates(production.cast_members),
        }
    )


def _with_alternates(cast: Sequence[CastMember]) -> list[CastMember]:
    by_role: dict[str, list[CastMember]] = {}
    for member in cast:
        if member.role and member.nights and member.kind == "main":
            by_role.setdefault(key(member.role), []).append(member)
    alternates: set[int] = set()
    for members in by_role.values():
        nights = [night.date for member in members for night in member.nights]
        if len(members) > 1 and len(set(nights)) == len(nights):
            alternates.update(map(id, members))
    return [member.model_copy(update={"kind": "alternate"}) if id(member) in alternates else member for member in cast]


def _titles(production: Production) -> frozenset[str]:
    works = [key(work.title) for work in production.works if work.title]
    return (
        frozenset(works)
        if len(works) > 1
        else frozenset({key(production.opera_title or production.production_title or "")})
    )


def _same_run(run: Sequence[Production], production: Production) -> bool:
    if _titles(run[0]) != _titles(production) or not any(_titles(production)):
        return False
    for member in run:
        for name in ("presentation", "genre", "composer", "production_title", "season"):
            ours, theirs = getattr(member, name), getattr(production, name)
            if ours and theirs and (key(ours) != key(theirs)) and not _one_names_the_other(name, ours, theirs):
                return False
    ours_dates = [day for member in run for day in _days(member)]
    theirs_dates = _days(production)
    if not ours_dates or not theirs_dates:
        return True
    return min(abs((ours - theirs).days) for ours in ours_dates for theirs in theirs_dates) <= RUN_GAP_DAYS


def _one_names_the_other(name: str, first: str, second: str) -> bool:
    """Surname and full name of a composer agree; other fields must be equal."""
    if name not in {"composer", "production_title"}:
        return False
    ours, theirs = set(key(first).split()), set(key(second).split())
    return ours <= theirs or theirs <= ours


def _days(production: Production) -> list[date]:
    printed = [evening.date for evening in production.performances] + [
        day for day in (production.premiere_date, production.closing_date) if day
    ]
    days = []
    for value in printed:
        try:
            days.append(date.fromisoformat(value))
        except ValueError:  # a model's answer; grounding rejects it
            continue
    return days


def _merged(run: Sequence[Production]) -> Production:
    merged = _filled(run)
    evenings = _performances([evening for member in run for evening in member.performances])
    closings = [member.closing_date for member in run if member.closing_date]
    return tidied(
        merged.model_copy(
            update={
                "closing_date": max(closings, default=None),
                "premiere_words": _unique(word for member in run for word in member.premiere_words),
                "co_producers": _unique(name for member in run for name in member.co_producers),
                "works": _grouped(
                    [work for member in run for work in member.works], lambda work: key(work.title or ""), _filled
                ),
                "creative_team": _grouped(
                    [credit for member in run for credit in member.creative_team],
                    lambda credit: (key(credit.name), credit.function),
                    _all_nights,
                ),
                "cast_members": _grouped(
                    [singer for member in run for singer in member.cast_members],
                    lambda singer: (key(singer.performer), key(singer.role or ""), singer.kind == "cover"),
                    _all_nights,
                ),
                "performances": evenings,
                "ticket_prices": _grouped(
                    [price for member in run for price in member.ticket_prices],
                    lambda price: (
                        key(price.category or ""),
                        price.min,
                        price.max,
                        price.currency,
                        price.qualifier,
                        price.kind,
                    ),
                    _all_nights,
                ),
            }
        )
    )


def _performances(evenings: Sequence[Performance]) -> list[Performance]:
    """Return each evening once; one without a time is the only evening of its date that has one."""
    timed: dict[str, set[str]] = {}
    for evening in evenings:
        if evening.time:
            timed.setdefault(evening.date, set()).add(evening.time)

    def identity(evening: Performance) -> Hashable:
        times = timed.get(evening.date, set())
        return evening.date, evening.time or (next(iter(times)) if len(times) == 1 else None)

    return _grouped(evenings, identity, _filled)


def _unique(texts: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(key(text), text)
    return list(seen.values())


def _grouped(
    items: Sequence[Item], identity: Callable[[Item], Hashable], combine: Callable[[Sequence[Item]], Item]
) -> list[Item]:
    groups: dict[Hashable, list[Item]] = {}
    for item in items:
        groups.setdefault(identity(item), []).append(item)
    return [combine(group) if len(group) > 1 else group[0] for group in groups.values()]


def _filled(items: Sequence[Item]) -> Item:
    """Return the first item with its nulls filled from the later ones."""
    values = {}
    for name in type(items[0]).model_fields:
        found = [getattr(item, name) for item in items]
        values[name] = next((value for value in found if value is not None), None)
    printed = [item for item in items if isinstance(item, Performance) and not item.year_inferred]
    if isinstance(items[0], Performance) and printed:
        # A year the page prints anywhere beside the evening is printed.
        values["year_inferred"] = False
    return items[0].model_copy(update=values)


def _all_nights(items: Sequence[Nightly]) -> Nightly:
    """Return one entry for all nights of ``items``; an entry for the whole run covers the others."""
    filled = _filled(items)
    if any(not item.nights for item in items):
        return filled.model_copy(update={"nights": []})
    nights: dict[tuple[str, str | None], Night] = {}
    for item in items:
        for night in item.nights:
            nights.setdefault((night.date, night.time), night)
    return filled.model_copy(update={"nights": list(nights.values())})
