"""Webs without end have an end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opera_spiders.discovery.traps import QUOTA_OF_OTHERS, QUOTAS, TrapRules, Window, periods_named

WINDOW = Window.around(date(2026, 11, 24))


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 24), date(2025, 8, 1), date(2028, 7, 31)),
        (date(2026, 7, 31), date(2024, 8, 1), date(2027, 7, 31)),
        (date(2026, 8, 1), date(2025, 8, 1), date(2028, 7, 31)),
    ],
)
def test_the_window_is_this_season_and_one_on_either_side(today: date, first: date, last: date):
    assert Window.around(today) == Window(first, last)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://x.example/calendar/2031/04", "outside_window"),
        ("https://x.example/calendar?month=4&year=2031", "outside_window"),
        ("https://x.example/kalender/24.11.2019", "outside_window"),
        ("https://x.example/spielzeit-2019-20/fidelio", "outside_window"),
        ("https://x.example/2019/fidelio", "outside_window"),
        ("https://x.example/a/b/a/b", "repeated_segment"),
        ("https://x.example/en/en/en/tosca", "repeated_segment"),
        ("https://x.example/1/2/3/4/5/6/7/8/9", "too_deep"),
        ("https://x.example/list?a=1&b=2&c=3&d=4&e=5&f=6", "too_deep"),
        ("https://x.example/calendar/2026/12", None),
        ("https://x.example/season/2027-28", None),
        ("https://x.example/shows/don-carlos-1867", None),
        ("https://x.example/shows/boris-godunov-1869", None),
        ("https://x.example/season/2019", "outside_window"),
        ("https://x.example/season/200506", "outside_window"),
        ("https://x.example/season/202627", None),
        ("https://x.example/event/20451", None),
        ("https://x.example/event/2045", None),
        ("https://x.example/event/204501", None),
        ("https://x.example/event?id=1999", None),
    ],
)
def test_an_address_is_refused_for_what_it_says(url: str, reason: str | None):
    assert TrapRules(WINDOW).refusal(url, "other") == reason


def test_the_archive_has_no_window_but_every_other_bound():
    rules = TrapRules(window=None)
    assert rules.refusal("https://x.example/2019/fidelio", "production") is None
    assert rules.refusal("https://x.example/a/b/a/b", "other") == "repeated_segment"


@pytest.mark.parametrize("kind", ["other", "calendar"])
def test_one_pattern_of_addresses_has_a_quota(kind):
    quota = QUOTAS.get(kind, QUOTA_OF_OTHERS)
    rules = TrapRules(WINDOW)
    allowed = [rules.may_ask(f"https://x.example/page/{number}x", kind) for number in range(quota + 3)]
    assert allowed == [True] * quota + [False] * 3
    assert rules.may_ask("https://x.example/elsewhere/1x", kind)


def test_ten_times_as_many_may_wait():
    rules = TrapRules(WINDOW)
    refused = [
        rules.refusal(f"https://x.example/page/{number}x", "other") for number in range(10 * QUOTA_OF_OTHERS + 3)
    ]
    assert refused == [None] * 10 * QUOTA_OF_OTHERS + ["quota"] * 3


@given(st.dates(date(1901, 1, 1), date(2098, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d"]))
def test_a_day_is_found_however_it_is_written(day: date, form: str):
    found = periods_named(f"https://x.example/calendar/{day.strftime(form)}")
    assert any(first <= day <= last and last - first <= timedelta(days=30) for first, last in found)
