"""How a crawl can end. Every crawl ends in exactly one of these; ``docs/outcomes.md`` is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self


class Outcome(StrEnum):
    """Value = ``staging.crawl_runs.outcome``.

    ``exit_status`` is 0 for a crawl that did what it was asked, 1 for our failure, 2 for bad input, 3 for the host's
    side. ``meaning`` says what happened, ``advice`` what to do next; it is empty when there is nothing to do.
    """

    exit_status: int
    meaning: str
    advice: str

    def __new__(cls, value: str, exit_status: int = 0, meaning: str = "", advice: str = "") -> Self:
        """Return the member; its text is its value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.exit_status, member.meaning, member.advice = exit_status, meaning, advice
        return member

    FINISHED = "finished", 0, "Everything within the crawl's bounds was fetched.", ""
    BUDGET = (
        "budget",
        0,
        "A limit that you set was reached: max_pages, CLOSESPIDER_… by -s, or OPERA_LLM_BUDGET_USD….",
        "To fetch more, raise the limit; scripts/extract_pending reads what was left.",
    )
    SHRUNK = (
        "shrunk",
        3,
        "Less than half the pages of the last good run with the same arguments came.",
        "Look at the site: something may hide its pages from us. If it really is smaller now, run once with "
        "-s OPERA_LEAST_SHARE=0, and later runs are measured by that one.",
    )
    NO_PAGES = (
        "no_pages",
        3,
        "The host answered, but nothing it gave is a page of this company.",
        "Look at the start page; give the company's row a better start_url, or try render=always.",
    )
    MOVED = (
        "moved",
        3,
        "The start page redirects to a host that the company's row does not list; it is not followed.",
        "If the house has moved, add the new domain to the company's row and run again.",
    )
    ROBOTS_DENIED = (
        "robots_denied",
        3,
        "robots.txt does not let us fetch the start page.",
        "Ask the company for permission, or give its row a start_url that is allowed.",
    )
    ROBOTS_UNREACHABLE = (
        "robots_unreachable",
        3,
        "robots.txt cannot be had, so nothing was fetched.",
        "Crawl it again later.",
    )
    SITE_DOWN = (
        "site_down",
        3,
        "The host does not answer, keeps failing, or failed for most pages.",
        "Crawl it again later.",
    )
    BLOCKED = (
        "blocked",
        3,
        "The host refuses us (HTTP 401, 403, 451), or answers with a test for bots. We do not try it.",
        "Ask the company to let our user agent in; set OPERA_CONTACT so that they know who asks.",
    )
    CERTIFICATE = (
        "certificate",
        3,
        "The host's certificate cannot be trusted; nothing was sent.",
        "Tell the company; or, where it serves plain http, use seeds=http://…",
    )
    NAME_NOT_FOUND = "name_not_found", 3, "The domain has no address.", "Check the spelling of the domain."
    FORBIDDEN_ADDRESS = (
        "forbidden_address",
        3,
        "The domain leads to an address that is not on the public internet.",
        "For a server of your own set OPERA_ALLOWED_NETWORKS, such as 127.0.0.1/32.",
    )
    INTERRUPTED = (
        "interrupted",
        1,
        "The crawl was stopped before its end, or its process died.",
        "Run it again: what was fetched is kept.",
    )
    FAILED = (
        "failed",
        1,
        "Something of ours failed: the database, the extractor, the feed, or our code.",
        "The log says what failed; what was stored is kept, and the next run fetches the rest.",
    )
    BAD_INPUT = (
        "bad_input",
        2,
        "An argument or setting cannot be used; nothing was started.",
        "Correct it and run again.",
    )


#: The stat of a run that went on with what an earlier one had left, and is no measure: its pages are only the rest.
RESUMED = "opera/requests/resumed"

#: How a run ended by which later ones may be measured.
GOOD = (Outcome.FINISHED, Outcome.BUDGET)

#: A run with a smaller share of the last good run's pages is ``shrunk`` (setting ``OPERA_LEAST_SHARE``).
LEAST_SHARE = 0.5

_NOTED = "opera/outcome/"

#: A page in a hundred may break our code and the crawl still be called finished; the log has its traceback.
_TOLERABLE_LOST_SHARE = 0.01

#: Close reasons that mean that a limit of the operator's was reached.
_LIMITS = {
    "max_pages": "as many as max_pages allows",
    "closespider_pagecount": "when CLOSESPIDER_PAGECOUNT was reached",
    "closespider_itemcount": "when CLOSESPIDER_ITEMCOUNT was reached",
    "closespider_timeout": "when CLOSESPIDER_TIMEOUT was reached",
}

#: What the host answered page requests with, other than refusals and failures (``opera/<noun>/<past participle>``).
_ANSWERED = (
    *("pages/fetched", "pages/unchanged", "pages/duplicate", "pages/no_page", "pages/other_language"),
    "requests/missing",
)


def decide(
    closed_because: str, stats: Mapping[str, Any], pages_before: int = 0, least_share: float = LEAST_SHARE
) -> tuple[Outcome, str]:
    """Return how a crawl ended and why, from Scrapy's close reason and the crawl's stats.

    A component that learns how the crawl must end notes it as the stat ``opera/outcome/<outcome>``, whose value is
    the reason, and may close the crawl with the outcome as Scrapy's reason: whoever spends a budget of another kind
    notes ``opera/outcome/budget`` and closes with ``budget``. What kept us from a start page counts only if no page
    was fetched at all.

    :param pages_before: what ``pages_of`` says of the last good run with the same arguments; 0: there is none

    >>> decide("finished", {"opera/pages/fetched": 12, "opera/pages/seen": 9})
    (<Outcome.FINISHED: 'finished'>, '12 pages read, 9 unchanged')
    >>> decide("finished", {"opera/outcome/moved": "roh.example moved."})
    (<Outcome.MOVED: 'moved'>, 'roh.example moved.')
    """
    noted = {Outcome(stat.removeprefix(_NOTED)): str(why) for stat, why in stats.items() if stat.startswith(_NOTED)}
    lost = _count(stats, "pages/lost")
    if Outcome.FAILED in noted:
        ending = Outcome.FAILED, noted[Outcome.FAILED]
    elif closed_because in ("shutdown", "cancelled"):
        ending = Outcome.INTERRUPTED, f"{_summary(stats)} when it was stopped"
    elif closed_because in noted:
        ending = Outcome(closed_because), noted[Outcome(closed_because)]
    elif closed_because not in ("finished", *_LIMITS):
        ending = Outcome.FAILED, f"the crawl closed because of {closed_because}"
    elif lost > _TOLERABLE_LOST_SHARE * (_count(stats, "pages/fetched") + lost):
        ending = Outcome.FAILED, _summary(stats)
    elif noted and not pages_of(stats):
        # The first that was noted: a later one is often its consequence.
        ending = next(iter(noted.items()))
    else:
        ending = _by_counts(closed_because, stats, pages_before, least_share)
    return ending


def pages_of(stats: Mapping[str, Any]) -> int:
    """Return how many pages a run found worth reading, whether or not they had changed."""
    return _count(stats, "pages/fetched", "pages/unchanged", "links/unchanged")


def _by_counts(
    closed_because: str, stats: Mapping[str, Any], pages_before: int, least_share: float
) -> tuple[Outcome, str]:
    """Return the ending of a crawl that nothing stopped."""
    refused, unanswered = _count(stats, "requests/refused"), _count(stats, "requests/unanswered")
    if refused + unanswered > _count(stats, *_ANSWERED):
        return Outcome.BLOCKED if refused > unanswered else Outcome.SITE_DOWN, _summary(stats)
    pages = pages_of(stats)
    if not pages:
        return Outcome.NO_PAGES, _summary(stats)
    if closed_because in _LIMITS:
        return Outcome.BUDGET, f"{_summary(stats)}, {_LIMITS[closed_because]}"
    if pages < least_share * pages_before:
        return Outcome.SHRUNK, f"{_summary(stats)}, {pages_before} in the last good run"
    return Outcome.FINISHED, _summary(stats)


def _count(stats: Mapping[str, Any], *names: str) -> int:
    return sum(int(stats.get(f"opera/{name}", 0)) for name in names)


def _summary(stats: Mapping[str, Any]) -> str:
    """Return what became of pages and requests, in one phrase."""
    fetched = _count(stats, "pages/fetched")
    parts = [f"{fetched} page{'' if fetched == 1 else 's'} read"]
    for name, words in (
        ("pages/seen", "unchanged"),
        ("pages/failed", "not extracted"),
        ("pages/withheld", "with reserved rights"),
        ("pages/left_pending", "left to extract_pending"),
        ("pages/lost", "lost to errors of ours"),
        ("requests/refused", "refused"),
        ("requests/unanswered", "failed"),
    ):
        if count := _count(stats, name):
            parts.append(f"{count} {words}")
    if saved := _count(stats, "saved/requests", "saved/transfers"):
        parts.append(f"{saved} transfers and {_count(stats, 'saved/bytes') / 1e6:.1f} MB saved")
    return ", ".join(parts)
