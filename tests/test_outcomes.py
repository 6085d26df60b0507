"""What decides how a crawl ended."""

from __future__ import annotations

from typing import Any

import pytest

from opera_spiders.outcomes import Outcome, decide


@pytest.mark.parametrize(
    ("reason", "stats", "outcome", "why"),
    [
        ("finished", {"fetched": 3}, Outcome.FINISHED, "3 pages read"),
        (
            "max_pages",
            {"fetched": 1, "failed": 1},
            Outcome.BUDGET,
            "1 page read, 1 not extracted, as many as max_pages allows",
        ),
        ("closespider_timeout", {"fetched": 2}, Outcome.BUDGET, "2 pages read, when CLOSESPIDER_TIMEOUT was reached"),
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
        ("budget", {"opera/outcome/budget": "10 USD are spent", "opera/pages/fetched": 9}, Outcome.BUDGET),
    ],
)
def test_what_was_noted_decides_when_it_ended_the_crawl_or_no_page_came(
    reason: str, stats: dict[str, Any], outcome: Outcome
):
    assert decide(reason, stats)[0] is outcome


@pytest.mark.parametrize(
    ("answered", "refused", "unanswered", "outcome"),
    [
        (10, 4, 6, Outcome.FINISHED),
        (10, 8, 3, Outcome.BLOCKED),
        (10, 3, 8, Outcome.SITE_DOWN),
        (0, 1, 0, Outcome.BLOCKED),
    ],
)
def test_a_crawl_most_of_whose_requests_failed_is_not_finished(
    answered: int, refused: int, unanswered: int, outcome: Outcome
):
    for answers in ({"pages/fetched": answered}, {"pages/fetched": answered // 2, "requests/missing": answered // 2}):
        counts = answers | {"requests/refused": refused, "requests/unanswered": unanswered}
        assert decide("finished", {f"opera/{name}": count for name, count in counts.items()})[0] is outcome


@pytest.mark.parametrize(
    ("reason", "pages", "before", "outcome"),
    [
        ("finished", 19, 40, Outcome.SHRUNK),
        ("finished", 20, 40, Outcome.FINISHED),
        ("max_pages", 19, 40, Outcome.BUDGET),
        ("finished", 0, 40, Outcome.NO_PAGES),
    ],
)
def test_less_than_half_of_the_last_good_run_is_shrunk(reason: str, pages: int, before: int, outcome: Outcome):
    assert decide(reason, {"opera/pages/fetched": pages}, before)[0] is outcome


def test_a_smaller_site_can_be_accepted():
    assert decide("finished", {"opera/pages/fetched": 1}, 40, least_share=0)[0] is Outcome.FINISHED


def test_the_exit_status_tells_whose_side_it_was():
    by_status = {status: {o.value for o in Outcome if o.exit_status == status} for status in range(4)}
    assert by_status[0] == {"finished", "budget"}
    assert by_status[1] == {"interrupted", "failed"}
    assert by_status[2] == {"bad_input"}
    assert "moved" in by_status[3]
