"""What decides how a crawl ended."""

from __future__ import annotations

from typing import Any

import pytest

from opera_spiders.outcomes import Outcome, decide


@pytest.mark.parametrize(
    ("reason", "stats", "outcome", "why"),
    [
        ("finished", {"fetched": 3}, Outcome.FINISHED, "3 pages read"),
        ("max_pages", {"fetched": 1, "failed": 1}, Outcome.FINISHED, "1 page read, 1 not extracted"),
        ("finished", {"unchanged": 3}, Outcome.FINISHED, "0 pages read"),
        ("finished", {}, Outcome.NO_PAGES, "0 pages read"),
        ("finished", {"lost": 2}, Outcome.FAILED, "0 pages read, 2 lost to errors of ours"),
        ("finished", {"fetched": 9, "lost": 1}, Outcome.FAILED, "9 pages read, 1 lost to errors of ours"),
        ("finished", {"fetched": 500, "lost": 1}, Outcome.FINISHED, "500 pages read, 1 lost to errors of ours"),
        ("shutdown", {"fetched": 3}, Outcome.INTERRUPTED, "3 pages read when it was stopped"),
        ("memusage_exceeded", {"fetched": 3}, Outcome.FAILED, "the crawl closed because of memusage_exceeded"),
        ("start_error", {}, Outcome.FAILED, "the crawl closed because of start_error"),
    ],
)
def test_pages_and_close_reason_decide(reason: str, stats: dict[str, int], outcome: Outcome, why: str):
    assert decide(reason, {f"opera/pages/{name}": count for name, count in stats.items()}) == (outcome, why)


@pytest.mark.parametrize(
    ("reason", "stats", "outcome"),
    [
        ("site_down", {"opera/outcome/site_down": "left", "opera/pages/fetched": 9}, Outcome.SITE_DOWN),
        ("finished", {"opera/outcome/blocked": "403", "opera/pages/fetched": 9}, Outcome.FINISHED),
        ("finished", {"opera/outcome/robots_denied": "a", "opera/outcome/blocked": "b"}, Outcome.ROBOTS_DENIED),
        ("shutdown", {"opera/outcome/failed": "the database is gone"}, Outcome.FAILED),
    ],
)
def test_what_was_noted_decides_when_it_ended_the_crawl_or_no_page_came(
    reason: str, stats: dict[str, Any], outcome: Outcome
):
    assert decide(reason, stats)[0] is outcome


def test_the_exit_status_tells_whose_side_it_was():
    by_status = {status: {o.value for o in Outcome if o.exit_status == status} for status in range(4)}
    assert by_status[0] == {"finished"}
    assert by_status[1] == {"interrupted", "failed"}
    assert by_status[2] == {"bad_input"}
    assert "moved" in by_status[3]
