"""What ten crawls of a season tell: which changes, and what was known on each day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.dbt.conftest import Ask
from tests.dbt.season import CRAWLS, FIRST_CRAWL, on

CHANGES = {
    (2, "cancelled", "Tosca (Premiere), 5 Oct 2026: now cancelled"),
    (3, "date_moved", "Carmen, 3 Nov 2026: moved to 2026-11-04 19:30"),
    (4, "price_changed", "Tosca (Premiere): A now 80.00–92.00 EUR instead of 80.00 EUR (+15 %)"),
    (5, "cast_added", "Carmen: Escamillo: Cy Dale announced"),
    (6, "jump_in", "Tosca (Premiere), 1 Oct 2026: Floria Tosca: Ida Lowe replaced at short notice by Uma Reed"),
    (7, "cast_replaced", "Carmen: Don José: Leo Ashby replaced by Ben Holt"),
    (7, "withdrawn", "Carmen, 6 Nov 2026: no longer listed"),
    (8, "time_moved", "Tosca (Premiere), 8 Oct 2026: now at 18:00 instead of 19:00"),
    (9, "announced", "Carmen, 10 Nov 2026: announced"),
    (9, "price_changed", "Lulu: B now 18.00–36.00 EUR instead of 20.00–40.00 EUR (-10 %)"),
    (9, "reinstated", "Tosca (Premiere), 5 Oct 2026: no longer cancelled"),
}

# Evening → from which crawl on which start and status were known.
Known = list[tuple[int, str, str]]
EVENINGS: dict[str, Known] = {
    "2026-09-04": [(1, "19:00", "scheduled")],  # past when its page drops it
    "2026-09-12": [(1, "19:00", "scheduled")],
    "2026-09-14": [(1, "19:00", "scheduled")],
    "2026-10-01": [(1, "19:00", "scheduled")],
    "2026-10-03": [(1, "19:00", "scheduled")],
    # The calendar goes on for a day to say that it is cancelled, and the graver word stands.
    "2026-10-05": [(1, "19:00", "scheduled"), (2, "19:00", "cancelled"), (10, "19:00", "scheduled")],
    "2026-10-08": [(1, "19:00", "scheduled"), (8, "18:00", "scheduled")],
    "2026-11-01": [(1, "19:30", "scheduled")],
    "2026-11-03": [(1, "19:30", "scheduled"), (3, "19:30", "moved")],
    "2026-11-04": [(3, "19:30", "scheduled")],
    "2026-11-06": [(1, "19:30", "scheduled"), (7, "19:30", "withdrawn")],
    "2026-11-10": [(9, "19:30", "scheduled")],
    "2026-12-01": [(1, "19:00", "scheduled")],  # its page vanishes
    "2026-12-03": [(1, "19:00", "scheduled")],
}

# Part and evening → from which crawl on, until which, who was known to have it.
CASTS = {
    ("Floria Tosca", None, "Ida Lowe"): (1, 99),
    ("Floria Tosca", "2026-10-01", "Uma Reed"): (6, 99),
    ("Mario Cavaradossi", None, "Leo Ashby"): (1, 99),
    ("Carmen", None, "Nell Ford"): (1, 99),
    ("Don José", None, "Leo Ashby"): (1, 7),
    ("Don José", None, "Ben Holt"): (7, 99),
    ("Escamillo", None, "Cy Dale"): (5, 99),
    ("Micaëla", None, "Kay Moss"): (9, 99),  # read by the better extractor on the version of the ninth crawl
}

SEASON_OF = "production_id in (select p.id from core.productions as p inner join core.companies as c on p.company_id = c.id where c.domain = 'season.example')"


# Each crawl and its date, and a day long after.
DAYS = [(crawl, (FIRST_CRAWL + timedelta(days=crawl - 1)).date()) for crawl in (*CRAWLS, 90)]


def test_exactly_what_the_house_changed_is_told(ask: Ask) -> None:
    found = ask(f"select seen_at::date, kind, sentence from marts.mart_changes where {SEASON_OF}")
    assert sorted(found) == sorted((date.fromisoformat(on(crawl)), kind, told) for crawl, kind, told in CHANGES)


def test_a_change_shows_the_page_and_its_words(ask: Ask) -> None:
    columns = "old_value, new_value, change_share::text, evidence, source_url"
    found = ask(f"select {columns} from marts.mart_changes where {SEASON_OF} and kind in ('jump_in', 'price_changed')")
    assert sorted(found) == [
        ("20.00–40.00 EUR", "18.00–36.00 EUR", "-0.1000", "36.0", "https://season.example/lulu"),
        ("80.00 EUR", "80.00–92.00 EUR", "0.1500", "92.0", "https://season.example/tosca"),
        ("Ida Lowe", "Uma Reed", None, "Uma Reed", "https://season.example/tosca"),
    ]


@pytest.mark.parametrize(("crawl", "day"), DAYS)
def test_what_was_known_of_the_evenings_on_a_day(ask: Ask, crawl: int, day: date) -> None:
    found = ask(
        "select performance_date::text, to_char(performance_time, 'HH24:MI'), status"
        f" from marts.mart_performance_history where {SEASON_OF} and :day >= known_from and :day < known_until",
        day=day,
    )
    expected = [
        (evening, *[state for since, *state in known if since <= crawl][-1])
        for evening, known in EVENINGS.items()
        if known[0][0] <= crawl
    ]
    assert sorted(found) == expected


@pytest.mark.parametrize(("crawl", "day"), DAYS)
def test_what_was_known_of_the_casts_on_a_day(ask: Ask, crawl: int, day: date) -> None:
    found = ask(
        "select role_name, performance_date::text, performer_name"
        f" from marts.mart_cast_history where {SEASON_OF} and :day >= known_from and :day < known_until",
        day=day,
    )
    expected = [part for part, (since, until) in CASTS.items() if since <= crawl < until]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_the_newest_state_is_what_core_has(ask: Ask) -> None:
    differing = f"""
        select e.performance_date, e.status, h.status from core.performances as e
        left join core.performance_history as h on e.id = h.performance_id and h.is_current
        where e.{SEASON_OF} and (e.status, e.performance_time) is distinct from (h.status, h.performance_time)
    """
    assert ask(differing) == []
