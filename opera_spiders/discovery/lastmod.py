"""Whether a site's sitemap may be believed when it says that a page has not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from opera_spiders.urls import host_port

#: Key of ``staging.host_state.details``.
DETAILS_KEY = "lastmod"

MIN_ANNOUNCED = 3
MIN_STILL = 20
SAMPLED_SHARE = 10  # one page in so many is asked for all the same, others tomorrow
MAX_AGE = timedelta(days=30)


@dataclass(slots=True)
class LastmodRecord:
    """What was seen of a host's ``lastmod``: pages that the host itself told us about, beside their last sighting.

    ``announced``: changed, and so had the lastmod. ``still``: neither had. ``idle``: only the lastmod had, which costs
    a request and misleads nobody. ``hidden``: only the page had; then the host has to prove itself anew.
    """

    announced: int = 0
    still: int = 0
    idle: int = 0
    hidden: int = 0

    def observe(self, *, has_moved: bool, has_changed: bool) -> None:
        """Count one page.

        >>> record = LastmodRecord(announced=9, still=99)
        >>> record.observe(has_moved=False, has_changed=True)
        >>> record
        LastmodRecord(announced=0, still=0, idle=0, hidden=1)
        """
        if has_moved:
            self.announced += has_changed
            self.idle += not has_changed
        elif has_changed:
            self.announced = self.still = 0
            self.hidden += 1
        else:
            self.still += 1

    @property
    def is_proved(self) -> bool:
        """Tell whether an unmoved lastmod means an unchanged page here.

        Both are wanted: a site whose pages never change has proved nothing. Each lie makes the next proof longer.
        """
        lies = self.hidden + 1
        return self.announced >= MIN_ANNOUNCED * lies and self.still >= MIN_STILL * lies

    @classmethod
    def from_details(cls, details: Mapping[str, Any]) -> Self:
        """Return the record in a host's details, an empty one where there is none."""
        stored = details.get(DETAILS_KEY) or {}
        return cls(**{name: int(stored.get(name, 0)) for name in cls.__slots__})

    def as_details(self) -> dict[str, Any]:
        """Return the record for a host's details."""
        return {DETAILS_KEY: asdict(self)}


@dataclass(slots=True)
class Lastmods:
    """The lastmods of one crawl's sitemaps, as printed, and the records of their hosts."""

    today: date
    printed: dict[str, str] = field(default_factory=dict)
    records: dict[str, LastmodRecord] = field(default_factory=dict)

    def is_unchanged(self, url: str, printed_before: str | None, last_seen_at: datetime) -> bool:
        """Tell whether the sitemap says, and may be believed, that ``url`` has not changed since it was last seen.

        :param printed_before: the lastmod at that time
        """
        printed = self.printed.get(url)
        record = self.records.get(host_port(url))
        return (
            record is not None
            and record.is_proved
            and printed is not None
            and printed == printed_before
            and self.today - last_seen_at.date() <= MAX_AGE
            and not is_sampled(url, self.today)
        )

    def observe(self, url: str, printed_before: str | None, *, has_changed: bool) -> LastmodRecord | None:
        """Count a page that its host answered for; return the record when it counts."""
        printed = self.printed.get(url)
        record = self.records.get(host_port(url))
        if record is None or printed is None or printed_before is None:
            return None
        record.observe(has_moved=printed != printed_before, has_changed=has_changed)
        return record


def is_sampled(url: str, today: date) -> bool:
    """Tell whether ``url`` is of today's sample, which is asked for whatever the sitemap says."""
    digest = hashlib.sha256(f"{today.isoformat()} {url}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:4]) % SAMPLED_SHARE == 0
