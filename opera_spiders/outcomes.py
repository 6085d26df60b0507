"""How a crawl can end. Every crawl ends in exactly one of these; each has an exit status and an advice."""

from __future__ import annotations

from enum import StrEnum


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
