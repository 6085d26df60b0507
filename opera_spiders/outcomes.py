"""How a crawl can end. Every crawl ends in exactly one of these; each has an exit status and an advice."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Value = ``staging.crawl_runs.outcome``."""

    FINISHED = "finished"
    NO_PAGES = "no_pages"
    MOVED = "moved"
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    SITE_DOWN = "site_down"
    BLOCKED = "blocked"
    CERTIFICATE = "certificate"
    NAME_NOT_FOUND = "name_not_found"
    FORBIDDEN_ADDRESS = "forbidden_address"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    BAD_INPUT = "bad_input"

    @property
    def exit_status(self) -> int:
        """0 finished, 1 our failure, 2 bad input, 3 the host's side."""
        if self is Outcome.FINISHED:
            return 0
        if self is Outcome.BAD_INPUT:
            return 2
        if self in (Outcome.INTERRUPTED, Outcome.FAILED):
            return 1
        return 3

    @property
    def meaning(self) -> str:
        """What happened, in one sentence."""
        return _MEANINGS[self]

    @property
    def advice(self) -> str:
        """What to do next, in one sentence; empty when there is nothing to do."""
        return _ADVICE[self]


_MEANINGS = {
    Outcome.FINISHED: "Everything within the crawl's bounds was fetched.",
    Outcome.NO_PAGES: "The host answered, but nothing it gave is a page of this company.",
    Outcome.MOVED: "The start page redirects to a host that is not the company's.",
    Outcome.ROBOTS_DENIED: "robots.txt does not let us fetch the start page.",
    Outcome.ROBOTS_UNREACHABLE: "robots.txt cannot be had, so nothing was fetched.",
    Outcome.SITE_DOWN: "The host does not answer, or keeps failing.",
    Outcome.BLOCKED: "The host refuses us.",
    Outcome.CERTIFICATE: "The host's certificate cannot be trusted.",
    Outcome.NAME_NOT_FOUND: "The domain has no address.",
    Outcome.FORBIDDEN_ADDRESS: "The domain leads to an address that is not on the public internet.",
    Outcome.INTERRUPTED: "The crawl was stopped before its end.",
    Outcome.FAILED: "Something of ours failed.",
    Outcome.BAD_INPUT: "An argument or setting cannot be used.",
}
_ADVICE = {
    Outcome.FINISHED: "",
    Outcome.NO_PAGES: "Look at the start page; give the company's row a better start_url, or try render=always.",
    Outcome.MOVED: "If the house has moved, add the new domain to the company's row and run again.",
    Outcome.ROBOTS_DENIED: "Ask the company for permission, or give its row a start_url that is allowed.",
    Outcome.ROBOTS_UNREACHABLE: "Crawl it again later.",
    Outcome.SITE_DOWN: "Crawl it again later.",
    Outcome.BLOCKED: "Ask the company to let our user agent in; set OPERA_CONTACT so that they know who asks.",
    Outcome.CERTIFICATE: "Tell the company; or, where it serves plain http, use seeds=http://…",
    Outcome.NAME_NOT_FOUND: "Check the spelling of the domain.",
    Outcome.FORBIDDEN_ADDRESS: "For a server of your own set OPERA_ALLOWED_NETWORKS, such as 127.0.0.1/32.",
    Outcome.INTERRUPTED: "Run it again: what was fetched is kept.",
    Outcome.FAILED: "The log says what failed; what was stored is kept, and the next run fetches the rest.",
    Outcome.BAD_INPUT: "Correct it and run again.",
}

_NOTED = "opera/outcome/"

#: A page in a hundred may break our code and the crawl still be called finished; the log has its traceback.
_TOLERABLE_LOST_SHARE = 0.01

#: Close reasons of Scrapy that mean an orderly end.
_ORDERLY = ("finished", "max_pages", "closespider_pagecount", "closespider_itemcount", "closespider_timeout")


def decide(closed_because: str, stats: Mapping[str, Any]) -> tuple[Outcome, str]:
    """Return how a crawl ended and why, from Scrapy's close reason and the crawl's stats.

    A component that learns how the crawl must end notes it as the stat ``opera/outcome/<outcome>``, whose value is
    the reason, and may close the crawl with the outcome as Scrapy's reason. What kept us from a start page counts only
    if no page was fetched at all.

    >>> decide("finished", {"opera/pages/fetched": 12, "opera/pages/seen": 9})
    (<Outcome.FINISHED: 'finished'>, '12 pages read, 9 unchanged')
    >>> decide("finished", {"opera/outcome/moved": "roh.example moved."})
    (<Outcome.MOVED: 'moved'>, 'roh.example moved.')
    """
    noted = {Outcome(stat.removeprefix(_NOTED)): str(why) for stat, why in stats.items() if stat.startswith(_NOTED)}
    fetched, unchanged, lost = (int(stats.get(f"opera/pages/{name}", 0)) for name in ("fetched", "unchanged", "lost"))
    if Outcome.FAILED in noted:
        ending = Outcome.FAILED, noted[Outcome.FAILED]
    elif closed_because in ("shutdown", "cancelled"):
        ending = Outcome.INTERRUPTED, f"{_summary(stats)} when it was stopped"
    elif closed_because in noted:
        ending = Outcome(closed_because), noted[Outcome(closed_because)]
    elif closed_because not in _ORDERLY:
        ending = Outcome.FAILED, f"the crawl closed because of {closed_because}"
    elif lost > _TOLERABLE_LOST_SHARE * (fetched + lost):
        ending = Outcome.FAILED, _summary(stats)
    elif fetched or unchanged:
        ending = Outcome.FINISHED, _summary(stats)
    elif noted:
        # The first that was noted: a later one is often its consequence.
        ending = next(iter(noted.items()))
    else:
        ending = Outcome.NO_PAGES, _summary(stats)
    return ending


def _summary(stats: Mapping[str, Any]) -> str:
    """Return what became of the pages, in one phrase."""
    fetched = int(stats.get("opera/pages/fetched", 0))
    parts = [f"{fetched} page{'' if fetched == 1 else 's'} read"]
    for name, words in (
        ("seen", "unchanged"),
        ("failed", "not extracted"),
        ("withheld", "with reserved rights"),
        ("left_pending", "left to extract_pending"),
        ("lost", "lost to errors of ours"),
    ):
        if count := int(stats.get(f"opera/pages/{name}", 0)):
            parts.append(f"{count} {words}")
    return ", ".join(parts)
