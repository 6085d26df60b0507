"""When a sitemap is believed, and when no longer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from opera_spiders.discovery.lastmod import (
    MAX_AGE,
    MIN_ANNOUNCED,
    MIN_STILL,
    LastmodRecord,
    Lastmods,
    is_sampled,
)

TODAY = date(2026, 11, 24)
SEEN_AT = datetime(2026, 11, 20, tzinfo=UTC)
URLS = [f"https://x.example/shows/{number}" for number in range(400)]
ASKED = next(url for url in URLS if is_sampled(url, TODAY))
TRUSTED = next(url for url in URLS if not is_sampled(url, TODAY))


@pytest.mark.parametrize(
    ("announced", "still", "lies", "is_proved"),
    [
        (MIN_ANNOUNCED, MIN_STILL, 0, True),
        (MIN_ANNOUNCED - 1, 900, 0, False),  # it may never move
        (900, MIN_STILL - 1, 0, False),  # it may always move
        (MIN_ANNOUNCED, MIN_STILL, 1, False),
        (2 * MIN_ANNOUNCED, 2 * MIN_STILL, 1, True),
    ],
)
def test_trust_is_earned_by_changes_announced_and_pages_unchanged(announced, still, lies, is_proved):
    record = LastmodRecord()
    for has_moved, has_changed, count in ((False, True, lies), (True, True, announced), (False, False, still)):
        for _ in range(count):
            record.observe(has_moved=has_moved, has_changed=has_changed)
    assert record.is_proved is is_proved
    assert LastmodRecord.from_details(record.as_details()) == record


def test_one_change_that_was_hidden_ends_the_trust_and_a_move_for_nothing_does_not():
    record = LastmodRecord(announced=50, still=500)
    record.observe(has_moved=True, has_changed=False)
    assert record.is_proved
    record.observe(has_moved=False, has_changed=True)
    assert not record.is_proved


@pytest.mark.parametrize(
    ("url", "printed", "before", "seen_at", "is_unchanged"),
    [
        (TRUSTED, "2026-10-01", "2026-10-01", SEEN_AT, True),
        (TRUSTED, "2026-10-02", "2026-10-01", SEEN_AT, False),
        (TRUSTED, "2026-10-01", None, SEEN_AT, False),
        (TRUSTED, None, None, SEEN_AT, False),
        (TRUSTED, "2026-10-01", "2026-10-01", SEEN_AT - MAX_AGE, False),
        (ASKED, "2026-10-01", "2026-10-01", SEEN_AT, False),
    ],
)
def test_a_page_is_taken_for_unchanged_while_its_lastmod_stands(url, printed, before, seen_at, is_unchanged):
    lastmods = Lastmods(TODAY, records={"x.example": LastmodRecord(announced=MIN_ANNOUNCED, still=MIN_STILL)})
    if printed is not None:
        lastmods.printed[url] = printed
    assert lastmods.is_unchanged(url, before, seen_at) is is_unchanged


def test_each_page_is_sampled_sooner_or_later():
    days = [TODAY + timedelta(days=number) for number in range(120)]
    assert all(any(is_sampled(url, day) for day in days) for url in URLS[:50])
    assert 0.05 < sum(is_sampled(url, TODAY) for url in URLS) / len(URLS) < 0.2
