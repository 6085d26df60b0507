"""A season of one house as ten crawls saw it, one a day from 1 September: what changed, and what only seems to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.dbt.cases import credit, evenings, page, part, production
from tests.dbt.pages import Page

HOUSE = "season.example"
FIRST_CRAWL = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
CRAWLS = range(1, 11)
WINDOW = timedelta(days=35)  # what the calendar shows


def price(category: str, low: float, high: float) -> dict[str, Any]:
    """Return a ticket price in euros."""
    return {"category": category, "min": low, "max": high, "currency": "EUR", "qualifier": "exact", "kind": "paid"}


def tosca(day: int) -> dict[str, Any]:
    """A night is cancelled, then on again; one begins earlier; A grows dearer; somebody jumps in; the title gets words."""
    jump_in = [part("Uma Reed", "Tosca", "2026-10-01", kind="jump_in", replaces="Ida Lowe")] if day >= 6 else []
    return production(
        "Tosca (Premiere)" if day >= 7 else "Tosca",
        "Giacomo Puccini",
        creative_team=[credit("director", "Max Orme")],
        cast_members=[
            part("Ida Lowe" if day < 8 else "KS Ida Lowe*", "Tosca" if day < 9 else "Floria Tosca"),
            part("Leo Ashby", "Cavaradossi"),
            *jump_in,
        ],
        performances=[
            *evenings("2026-10-01 19:00", "2026-10-03 19:00"),
            *evenings("2026-10-05 19:00", status="cancelled" if 2 <= day < 9 else "scheduled"),
            *evenings("2026-10-08 18:00" if day >= 8 else "2026-10-08 19:00"),
        ],
        ticket_prices=[price("A", 80, 92 if day >= 4 else 80), price("B", 40, 40)],
    )


def carmen(day: int) -> dict[str, Any]:
    """A night moves; one is taken off; another is added; a tenor is replaced; somebody is named for a part of nobody."""
    return production(
        "Carmen",
        "Georges Bizet",
        cast_members=[
            part("Nell Ford", "Carmen"),
            part("Leo Ashby" if day < 7 else "Ben Holt", "Don José"),
            part("N.N." if day < 5 else "Cy Dale", "Escamillo"),
        ],
        performances=evenings(
            "2026-11-01 19:30",
            "2026-11-04 19:30" if day >= 3 else "2026-11-03 19:30",
            *(["2026-11-06 19:30"] if day < 7 else []),
            *(["2026-11-10 19:30"] if day >= 9 else []),
        ),
    )


def lulu(day: int) -> dict[str, Any]:
    """A page that shows the coming nights only. B grows cheaper."""
    coming = [night for night in ("2026-09-04 19:00", "2026-09-12 19:00", "2026-09-14 19:00") if night[:10] >= on(day)]
    return production(
        "Lulu",
        "Alban Berg",
        performances=evenings(*coming),
        ticket_prices=[price("B", 18 if day >= 9 else 20, 36 if day >= 9 else 40)],
    )


def fidelio() -> dict[str, Any]:
    """The page vanishes after the fourth crawl."""
    return production("Fidelio", "Ludwig van Beethoven", performances=evenings("2026-12-01 19:00", "2026-12-03 19:00"))


def calendar(day: int) -> list[dict[str, Any]]:
    """The next weeks, a day behind the productions' own pages."""
    seen = max(day - 1, 1)
    first, last = on(day), f"{FIRST_CRAWL + timedelta(days=day) + WINDOW:%Y-%m-%d}"
    shown = []
    for whole in (tosca(seen), carmen(seen), lulu(day)):
        nights = [night for night in whole["performances"] if first <= night["date"] <= last]
        if nights:
            shown.append(production(whole["opera_title"], performances=nights))
    return shown


def on(day: int) -> str:
    """Return the date of a crawl."""
    return f"{FIRST_CRAWL + timedelta(days=day - 1):%Y-%m-%d}"


def season() -> Iterator[Page]:
    """Yield a version for each crawl on which a page's answer changed, as staging keeps them."""
    seen: dict[str, Page] = {}
    for day in CRAWLS:
        answers = [
            ("tosca", "production", [tosca(day)]),
            ("carmen", "production", [carmen(day)]),
            ("lulu", "production", [lulu(day)]),
            ("calendar", "calendar", calendar(day)),
        ]
        if day <= 4:
            answers.append(("fidelio", "production", [fidelio()]))
        for minute, (path, page_type, productions) in enumerate(answers):
            scraped_at = FIRST_CRAWL + timedelta(days=day - 1, minutes=minute)
            version = page(f"{HOUSE}/{path}", *productions, page_type=page_type, scraped_at=scraped_at)
            if path not in seen or seen[path].answer != version.answer:
                seen[path] = version
                yield version
    # A better extractor reads the newest version of a page anew, and sees a singer the first did not.
    again = carmen(10)
    again["cast_members"].append(part("Kay Moss", "Micaëla"))
    yield page(
        f"{HOUSE}/carmen", again, scraped_at=seen["carmen"].scraped_at, llm_model="openai:some", extraction_version="m1"
    )


SEASON = list(season())
